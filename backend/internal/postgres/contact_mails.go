package postgres

import (
	"context"
	"database/sql"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

const updateContactSQL = `
update contacts
set locale = coalesce($3, locale), short_form = coalesce($4, short_form)
where account_id = $1 and id = $2
returning ` + contactColumns

// UpdateContact changes what the patch names: how mails to the contact are
// written. Mails that wait are written so, too.
func (db *DB) UpdateContact(ctx context.Context, accountID, id int64, p account.ContactPatch) (account.Contact, error) {
	var row contactRow
	err := db.as(accountID).inTx(ctx, "update contact", func(tx txn) error {
		if err := tx.GetContext(ctx, &row, updateContactSQL, accountID, id, p.Locale, p.ShortForm); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, translateMailsSQL, id, row.Locale)
		return wrap("write waiting mails so", err)
	})
	return row.contact(), err
}

const (
	translateMailsSQL = `update mails set locale = $2 where contact_id = $1 and sent_at is null and failed_at is null`

	insertTestSQL = `
insert into mails (kind, account_id, contact_id, email, locale, created_at, next_try_at)
values ('test', $1, $2, $3, $4, $5, $5)`
)

// OweTest owes a contact a test alarm. It is uptime.ErrConflict for one that gets
// no mails.
func (db *DB) OweTest(ctx context.Context, accountID, id int64) error {
	return db.as(accountID).inTx(ctx, "owe test", func(tx txn) error {
		var row contactRow
		if err := tx.GetContext(ctx, &row, lockContactSQL, accountID, id); err != nil {
			return err
		}
		if !row.contact().Reached() {
			return uptime.ErrConflict
		}
		_, err := tx.ExecContext(ctx, insertTestSQL, accountID, id, row.Email, row.Locale, tx.now)
		return wrap("insert mail", err)
	})
}

type contactMailRow struct {
	ID        int64        `db:"id"`
	Kind      string       `db:"kind"`
	CreatedAt time.Time    `db:"created_at"`
	SentAt    sql.NullTime `db:"sent_at"`
	FailedAt  sql.NullTime `db:"failed_at"`
	Error     string       `db:"error"`
}

const (
	contactSQL = `select id from contacts where account_id = $1 and id = $2`

	// What the contact's server said is for its owner; what our own mail server
	// and network did is not.
	contactMailsSQL = `
select id, kind, created_at, sent_at, failed_at, case when last_error ~ '^5[0-9][0-9] ' then last_error else '' end as error
from mails
where account_id = $1 and contact_id = $2
order by id desc
limit $3`
)

// ContactMails gives at most limit mails to a contact, newest first.
func (db *DB) ContactMails(ctx context.Context, accountID, id int64, limit int) ([]account.ContactMail, error) {
	var mails []account.ContactMail
	err := db.as(accountID).inTx(ctx, "list mails of a contact", func(tx txn) error {
		var known int64
		if err := tx.GetContext(ctx, &known, contactSQL, accountID, id); err != nil {
			return err
		}
		var rows []contactMailRow
		if err := tx.SelectContext(ctx, &rows, contactMailsSQL, accountID, id, limit); err != nil {
			return err
		}
		mails = make([]account.ContactMail, len(rows))
		for i, r := range rows {
			mails[i] = account.ContactMail{
				ID: r.ID, Kind: r.Kind, CreatedAt: r.CreatedAt.UTC(), SentAt: timeOf(r.SentAt), FailedAt: timeOf(r.FailedAt), Refusal: r.Error,
			}
		}
		return nil
	})
	return mails, err
}
