package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

const (
	unsubscribeSQL = `
update contacts
set unsubscribed_at = $3
where account_id = $1 and id = $2 and unsubscribed_at is null`

	forgetDeliveriesSQL = `delete from deliveries where contact_id = $1 and mail_id is null`

	// Mails that ask to confirm the address are not owed to anybody but its reader.
	forgetWaitingSQL = `
delete from mails
where contact_id = $1 and kind <> 'contact' and sent_at is null and failed_at is null`
)

// Unsubscribe stops the mails to a contact; what waits is owed no more. It
// changes nothing if the contact is unsubscribed already, or gone.
func (db *DB) Unsubscribe(ctx context.Context, accountID, id int64) (changed bool, err error) {
	err = db.as(accountID).inTx(ctx, "unsubscribe", func(tx txn) error {
		res, err := tx.ExecContext(ctx, unsubscribeSQL, accountID, id, tx.now)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if changed = n > 0; err != nil || !changed {
			return err
		}
		return forgetOwed(ctx, tx, id)
	})
	return changed, err
}

// forgetOwed takes away what a contact is owed and was not sent.
func forgetOwed(ctx context.Context, tx txn, contact int64) error {
	for _, query := range []string{forgetDeliveriesSQL, forgetWaitingSQL} {
		if _, err := tx.ExecContext(ctx, query, contact); err != nil {
			return fmt.Errorf("forget what is owed: %w", err)
		}
	}
	return nil
}

// ResubscribeContact owes a mail with a new token to a contact that was
// unsubscribed or has bounced: it gets alerts again when it confirms. Whoever
// unsubscribed is asked once a day at most. It is uptime.ErrConflict for all
// other contacts.
func (db *DB) ResubscribeContact(ctx context.Context, accountID, id int64, token account.Token) error {
	return db.as(accountID).inTx(ctx, "resubscribe contact", func(tx txn) error {
		var row contactRow
		if err := tx.GetContext(ctx, &row, lockContactSQL, accountID, id); err != nil {
			return err
		}
		budget := askedAgain
		switch {
		case row.UnsubscribedAt.Valid:
			budget = addedContact
		case !row.BouncedAt.Valid:
			return uptime.ErrConflict
		}
		return oweWithin(ctx, tx, budget, row.verification(), token)
	})
}

const (
	bounceMailSQL = failMailSQL + ` returning contact_id`

	bounceContactSQL = `
update contacts
set bounces = least(bounces + 1, 1000), bounce = $3,
    bounced_at = case when bounces + 1 >= $4 then coalesce(bounced_at, $2) else bounced_at end
where id = $1
returning bounced_at is not null`
)

// BounceMail is FailMail of a mail whose address was refused by its server for
// good. After account.MaxBounces of them in a row the contact gets no more.
func (db *DB) BounceMail(ctx context.Context, id int64, attempt int, at time.Time, answer string) error {
	at, answer = wholeMillis(at), shortCause(answer)
	return db.inTx(ctx, "give refused mail up", func(tx txn) error {
		var contact sql.NullInt64
		err := tx.GetContext(ctx, &contact, bounceMailSQL, id, attempt, at, answer)
		if errors.Is(err, sql.ErrNoRows) || err == nil && !contact.Valid {
			return nil // claimed anew, or the account's own address
		}
		if err != nil {
			return err
		}
		var stopped bool
		if err := tx.GetContext(ctx, &stopped, bounceContactSQL, contact, at, answer, account.MaxBounces); err != nil || !stopped {
			return err
		}
		return forgetOwed(ctx, tx, contact.Int64)
	})
}
