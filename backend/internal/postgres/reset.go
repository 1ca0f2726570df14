package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

const (
	enabledSQL = accountByEmailSQL + ` and disabled_at is null for update`

	countResetsSQL = `select count(*) from mails where account_id = $1 and kind = 'reset' and created_at > $2`
)

// Mails for forgotten passwords, of one account: whoever knows an address may
// ask for them.
const (
	resetsAtMost = 10
	resetsWithin = 24 * time.Hour
)

// ForgotPassword owes an account a mail with a token that lets its reader choose
// another password; for unknown addresses and those of disabled accounts nothing
// happens.
func (db *DB) ForgotPassword(ctx context.Context, email string, token account.Token) error {
	return db.inTx(ctx, "forgot password", func(tx txn) error {
		var row accountRow
		err := tx.GetContext(ctx, &row, enabledSQL, email)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		return oweReset(ctx, tx, row, token)
	})
}

// oweReset makes earlier tokens void. The token is good for account.ResetLife at
// most, whatever else it was made for.
func oweReset(ctx context.Context, tx txn, a accountRow, token account.Token) error {
	if err := tx.as(ctx, a.ID); err != nil {
		return err
	}
	var mailed int
	if err := tx.GetContext(ctx, &mailed, countResetsSQL, a.ID, tx.now.Add(-resetsWithin)); err != nil {
		return err
	}
	if mailed >= resetsAtMost {
		return nil
	}
	v := verification{purpose: "reset", account: a.ID, email: a.Email, locale: a.Locale}
	if latest := tx.now.Add(account.ResetLife); token.ExpiresAt.After(latest) {
		token.ExpiresAt = latest
	}
	if !a.VerifiedAt.Valid {
		return oweWithin(ctx, tx, signingUp, v, token)
	}
	return oweVerification(ctx, tx, v, token)
}

const accountOfTokenSQL = `
select ` + accountColumns + `
from accounts
join tokens t on t.account_id = accounts.id
where t.hash = $1 and t.purpose = $2 and t.expires_at > $3 and accounts.disabled_at is null`

// ResetAccount tells whose password a token may replace, and spends nothing.
func (db *DB) ResetAccount(ctx context.Context, tokenHash []byte) (account.Account, error) {
	var row accountRow
	err := db.x.GetContext(ctx, &row, accountOfTokenSQL, tokenHash, "reset", db.now())
	return row.account(), fault("find account of a token", err)
}

// ResetPassword spends a token: the account has the new password, is verified,
// and nobody is signed in to it any more.
func (db *DB) ResetPassword(ctx context.Context, tokenHash []byte, newHash string) (account.Account, error) {
	var row accountRow
	err := db.inTx(ctx, "reset password", func(tx txn) error {
		token, err := spendToken(ctx, tx, "reset", tokenHash)
		if err != nil {
			return err
		}
		row, err = resetPassword(ctx, tx, token.AccountID, newHash)
		return err
	})
	return row.account(), err
}

// ResetPasswordByCode is ResetPassword by the code that stood in the mail.
func (db *DB) ResetPasswordByCode(ctx context.Context, email string, try account.CodeTry, newHash string) (account.Account, error) {
	var row accountRow
	err := db.useCode(ctx, "reset password by code", codeUse{
		purpose: "reset", try: try,
		use: func(tx txn, token spentToken) (err error) {
			row, err = resetPassword(ctx, tx, token.AccountID, newHash)
			return err
		},
	}.byEmail(email))
	return row.account(), err
}

const (
	resetPasswordSQL = `
update accounts
set password_hash = $2
where id = $1 and disabled_at is null
returning ` + accountColumns

	verifiedSQL = `update accounts set verified_at = $2 where id = $1`

	endSessionsSQL = `update sessions set ended_at = $2 where account_id = $1 and ended_at is null`
)

func resetPassword(ctx context.Context, tx txn, id int64, newHash string) (row accountRow, err error) {
	if err := tx.GetContext(ctx, &row, resetPasswordSQL, id, newHash); err != nil {
		return row, err
	}
	if err := tx.as(ctx, id); err != nil {
		return row, err
	}
	if !row.VerifiedAt.Valid {
		if _, err := tx.ExecContext(ctx, verifiedSQL, id, tx.now); err != nil {
			return row, fmt.Errorf("verify: %w", err)
		}
		row.VerifiedAt = sql.NullTime{Time: tx.now, Valid: true}
		if err := putVerifiedContact(ctx, tx, id); err != nil {
			return row, err
		}
	}
	if _, err := tx.ExecContext(ctx, endSessionsSQL, id, tx.now); err != nil {
		return row, fmt.Errorf("end sessions: %w", err)
	}
	return row, voidMailed(ctx, tx, id, "account", "reset", "address")
}

// voidMailed takes away the tokens and unsent mails of purposes.
func voidMailed(ctx context.Context, tx txn, id int64, purposes ...string) error {
	for _, p := range purposes {
		if err := voidTokens(ctx, tx, verification{purpose: p, account: id}); err != nil {
			return err
		}
	}
	return nil
}
