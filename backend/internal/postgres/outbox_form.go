package postgres

import (
	"context"
	"time"
)

const (
	// formLock lets one process form mails at a time; the others skip the turn.
	formLock = 7_246_003

	tryFormSQL = `select pg_try_advisory_xact_lock($1)`

	// Everything that a contact is owed becomes one mail, as soon as the oldest
	// of it has waited for the window and the mail before it is finished. The
	// partial unique index mails_one_unfinished holds the second condition.
	formMailsSQL = `
with due as (
    select d.contact_id
    from deliveries d
    join contacts c on c.id = d.contact_id and ` + reachedSQL + `
    where d.mail_id is null
        and not exists (
            select from mails m
            where m.contact_id = d.contact_id and m.kind = 'alert' and m.sent_at is null and m.failed_at is null)
    group by d.contact_id
    having min(d.created_at) <= $1
    order by min(d.created_at), d.contact_id
    limit $3),
formed as (
    insert into mails (kind, account_id, contact_id, email, locale, created_at, next_try_at)
    select 'alert', c.account_id, c.id, c.email, c.locale, $2, $2
    from due
    join contacts c on c.id = due.contact_id and ` + reachedSQL + `
    for share of c -- who just unsubscribes is waited for, and gets none
    returning id, contact_id)
update deliveries d
set mail_id = f.id
from formed f
where d.contact_id = f.contact_id and d.mail_id is null`
)

// maxFormed bounds the mails of one transaction.
const maxFormed = 500

// FormMails makes mails of the deliveries that are due at now, and returns how
// many deliveries were put into mails. A delivery is due when the window after
// its contact's first unsent one is over.
func (db *DB) FormMails(ctx context.Context, now time.Time, window time.Duration) (int, error) {
	var formed int64
	err := db.inTx(ctx, "form mails", func(tx txn) error {
		var mine bool
		if err := tx.GetContext(ctx, &mine, tryFormSQL, formLock); err != nil || !mine {
			return wrap("lock", err)
		}
		now := wholeMillis(now)
		res, err := tx.ExecContext(ctx, formMailsSQL, now.Add(-window), now, maxFormed)
		if err != nil {
			return err
		}
		formed, err = res.RowsAffected()
		return wrap("count", err)
	})
	return int(formed), err
}
