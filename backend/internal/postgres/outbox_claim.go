package postgres

import (
	"context"
	"time"
)

// mailRow is a mail that was claimed, with what its words depend on.
type mailRow struct {
	ID        int64     `db:"id"`
	Kind      string    `db:"kind"`
	AccountID int64     `db:"account_id"`
	Email     string    `db:"email"`
	Locale    string    `db:"locale"`
	Zone      string    `db:"time_zone"`
	ShortForm bool      `db:"short_form"`
	Token     string    `db:"token"`
	Attempt   int       `db:"attempts"`
	CreatedAt time.Time `db:"created_at"`
}

// A claim is a lease and an attempt: what is reported later names the attempt,
// so that a sender whose lease ran out cannot put off what another one does.
// Mails of one contact keep their order: only one of them is unfinished.
const claimMailsSQL = `
with due as (
	select id
	from mails
	where sent_at is null and failed_at is null and next_try_at <= $1 and (lease_until is null or lease_until <= $1)
	order by next_try_at, id
	limit $3
	for update skip locked)
update mails m
set lease_until = $2, attempts = m.attempts + 1
from due, accounts a
where m.id = due.id and a.id = m.account_id
returning m.id, m.kind, m.account_id, m.email, m.locale, a.time_zone, m.token, m.attempts, m.created_at,
	coalesce((select c.short_form from contacts c where c.id = m.contact_id), false) as short_form`

// claimMails takes due mails for a lease.
func (db *DB) claimMails(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]mailRow, error) {
	var rows []mailRow
	// In a transaction, because database/sql may repeat a lone statement when a
	// connection breaks: the first claim would then wait for its lease.
	err := db.inTx(ctx, "claim mails", func(tx txn) error {
		return tx.SelectContext(ctx, &rows, claimMailsSQL, wholeMillis(now), wholeMillis(now.Add(lease)), limit)
	})
	return rows, err
}

const (
	// Accepted is accepted, whoever's attempt it was.
	mailSentSQL = `
update mails
set sent_at = $2, failed_at = null, lease_until = null, token = '', last_error = ''
where id = $1 and sent_at is null`

	retryMailSQL = `
update mails
set next_try_at = $3, lease_until = null, last_error = $4
where id = $1 and attempts = $2 and sent_at is null and failed_at is null`

	failMailSQL = `
update mails
set failed_at = $3, lease_until = null, token = '', last_error = $4
where id = $1 and attempts = $2 and sent_at is null and failed_at is null`
)
