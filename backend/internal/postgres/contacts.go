package postgres

import (
	"context"
	"database/sql"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// contactRow is a row of contacts.
type contactRow struct {
	ID         int64        `db:"id"`
	AccountID  int64        `db:"account_id"`
	Email      string       `db:"email"`
	Locale     string       `db:"locale"`
	ShortForm  bool         `db:"short_form"`
	VerifiedAt sql.NullTime `db:"verified_at"`
	CreatedAt  time.Time    `db:"created_at"`

	UnsubscribedAt sql.NullTime `db:"unsubscribed_at"`
	BouncedAt      sql.NullTime `db:"bounced_at"`
	Bounce         string       `db:"bounce"`
}

const contactColumns = `id, account_id, email, locale, short_form, verified_at, created_at, unsubscribed_at, bounced_at, bounce`

// reachedSQL says of the contact c what account.Contact.Reached does.
const reachedSQL = `(c.verified_at is not null and c.unsubscribed_at is null and c.bounced_at is null)`

func (r contactRow) contact() account.Contact {
	return account.Contact{
		ID: r.ID, AccountID: r.AccountID, Email: r.Email, Locale: account.Locale(r.Locale), ShortForm: r.ShortForm,
		VerifiedAt: timeOf(r.VerifiedAt), CreatedAt: r.CreatedAt.UTC(),
		UnsubscribedAt: timeOf(r.UnsubscribedAt), BouncedAt: timeOf(r.BouncedAt), Bounce: r.Bounce,
	}
}

func (r contactRow) verification() verification {
	return verification{
		purpose: "contact", account: r.AccountID, contact: sql.NullInt64{Int64: r.ID, Valid: true},
		email: r.Email, locale: r.Locale,
	}
}

const contactsSQL = `
select ` + contactColumns + `
from contacts
where account_id = $1
order by id
limit $2`

// Contacts lists at most account.MaxContacts, ascending by id.
func (db *DB) Contacts(ctx context.Context, accountID int64) ([]account.Contact, error) {
	var rows []contactRow
	if err := db.as(accountID).list(ctx, "list contacts", &rows, ask(contactsSQL, accountID, account.MaxContacts)); err != nil {
		return nil, err
	}
	contacts := make([]account.Contact, len(rows))
	for i, r := range rows {
		contacts[i] = r.contact()
	}
	return contacts, nil
}

const (
	insertContactSQL = `
insert into contacts (account_id, email, locale, short_form, created_at)
values ($1, $2, $3, $4, $5)
returning ` + contactColumns
)

// AddContact makes an unverified contact and owes it a mail with the token,
// unless its address was mailed for another contact within a day.
func (db *DB) AddContact(ctx context.Context, c account.NewContact, token account.Token) (account.Contact, error) {
	var row contactRow
	err := db.as(c.AccountID).inTx(ctx, "add contact", func(tx txn) error {
		if err := tx.GetContext(ctx, &row, insertContactSQL, c.AccountID, c.Email, c.Locale, c.ShortForm, tx.now); violates(err, "contacts_email") {
			return uptime.ErrConflict
		} else if err != nil {
			return err
		}
		if err := db.allow(ctx, tx, c.AccountID, account.Used{Contacts: 1}); err != nil {
			return err
		}
		return oweWithin(ctx, tx, addedContact, row.verification(), token)
	})
	return row.contact(), err
}

const deleteContactSQL = `delete from contacts where account_id = $1 and id = $2`

// DeleteContact takes a contact away, with all mails to it.
func (db *DB) DeleteContact(ctx context.Context, accountID, id int64) error {
	return db.as(accountID).inTx(ctx, "delete contact", func(tx txn) error {
		return mustHit(tx.ExecContext(ctx, deleteContactSQL, accountID, id))
	})
}

// mustHit turns a statement that found no row into sql.ErrNoRows.
func mustHit(res sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		err = sql.ErrNoRows
	}
	return err
}

const verifyContactSQL = `
update contacts
set verified_at = coalesce(verified_at, $2), unsubscribed_at = null, bounced_at = null, bounces = 0, bounce = ''
where id = $1
returning ` + contactColumns

// VerifyContact spends a token: the contact gets alerts from now on.
func (db *DB) VerifyContact(ctx context.Context, tokenHash []byte) (account.Contact, error) {
	var row contactRow
	err := db.inTx(ctx, "verify contact", func(tx txn) error {
		token, err := spendToken(ctx, tx, "contact", tokenHash)
		if err != nil {
			return err
		}
		return confirmContact(ctx, tx, token, &row)
	})
	return row.contact(), err
}

func confirmContact(ctx context.Context, tx txn, token spentToken, row *contactRow) error {
	if err := tx.as(ctx, token.AccountID); err != nil {
		return err
	}
	if err := tx.GetContext(ctx, row, lockContactSQL, token.AccountID, token.ContactID); err != nil {
		return err
	}
	if row.UnsubscribedAt.Valid || row.BouncedAt.Valid { // what it missed meanwhile is old
		if err := forgetOwed(ctx, tx, row.ID); err != nil {
			return err
		}
	}
	if err := tx.GetContext(ctx, row, verifyContactSQL, token.ContactID, tx.now); err != nil {
		return err
	}
	return forgetMailed(ctx, tx, row.Email)
}

// VerifyContactByCode is VerifyContact by the code that stood in the mail to a
// contact of the account.
func (db *DB) VerifyContactByCode(ctx context.Context, accountID, id int64, try account.CodeTry) (account.Contact, error) {
	var row contactRow
	err := db.useCode(ctx, "verify contact by code", codeUse{
		account: accountID, purpose: "contact", try: try, find: codesOfContactSQL, args: []any{accountID, id},
		use: func(tx txn, token spentToken) error { return confirmContact(ctx, tx, token, &row) },
	})
	return row.contact(), err
}

const lockContactSQL = `
select ` + contactColumns + `
from contacts
where account_id = $1 and id = $2
for update`

// ResendContact makes earlier tokens void and owes a new mail. Nothing happens
// if the address was mailed too often within a day.
func (db *DB) ResendContact(ctx context.Context, accountID, id int64, token account.Token) error {
	return db.as(accountID).inTx(ctx, "resend contact", func(tx txn) error {
		var row contactRow
		if err := tx.GetContext(ctx, &row, lockContactSQL, accountID, id); err != nil {
			return err
		}
		if row.VerifiedAt.Valid {
			return uptime.ErrConflict
		}
		return oweWithin(ctx, tx, askedAgain, row.verification(), token)
	})
}
