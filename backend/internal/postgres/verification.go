package postgres

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

// verification says whose address is to be proven.
type verification struct {
	purpose string // of the token and of the mail
	account int64
	contact sql.NullInt64
	email   string
	locale  string
	params  any // kept with the token, as JSON; nil is nothing
}

const (
	voidTokensSQL = `
delete from tokens
where account_id = $1 and purpose = $2 and contact_id is not distinct from $3`

	// A mail that still waits holds a token that is void now.
	voidMailsSQL = `
delete from mails
where account_id = $1 and kind = $2 and contact_id is not distinct from $3 and sent_at is null and failed_at is null`

	insertTokenSQL = `
insert into tokens (hash, purpose, account_id, contact_id, created_at, expires_at, code_hash, params)
values ($1, $2, $3, $4, $5, $6, $7, $8)`

	insertMailSQL = `
insert into mails (kind, account_id, contact_id, email, locale, token, created_at, next_try_at)
values ($1, $2, $3, $4, $5, $6, $7, $7)`
)

// oweVerification makes earlier tokens void and owes a mail with the new one.
func oweVerification(ctx context.Context, tx txn, v verification, token account.Token) error {
	if err := tx.as(ctx, v.account); err != nil {
		return err
	}
	if err := voidTokens(ctx, tx, v); err != nil {
		return err
	}
	return oweToken(ctx, tx, v, token)
}

// oweWithin is oweVerification as far as the budget of the address allows: else
// nothing changes.
func oweWithin(ctx context.Context, tx txn, budget mailBudget, v verification, token account.Token) error {
	ok, err := budget.allows(ctx, tx, v.email)
	if err != nil || !ok {
		return err
	}
	return oweVerification(ctx, tx, v, token)
}

// voidTokens takes away what was mailed before for the same purpose.
func voidTokens(ctx context.Context, tx txn, v verification) error {
	for _, query := range []string{voidTokensSQL, voidMailsSQL} {
		if _, err := tx.ExecContext(ctx, query, v.account, v.purpose, v.contact); err != nil {
			return fmt.Errorf("void tokens: %w", err)
		}
	}
	return nil
}

// oweToken owes a mail with one more token.
func oweToken(ctx context.Context, tx txn, v verification, token account.Token) error {
	params := []byte("{}")
	if v.params != nil {
		var err error
		if params, err = json.Marshal(v.params); err != nil {
			return fmt.Errorf("write token's parameters: %w", err)
		}
	}
	_, err := tx.ExecContext(ctx, insertTokenSQL, token.Hash, v.purpose, v.account, v.contact, tx.now, wholeMillis(token.ExpiresAt),
		token.CodeHash, string(params))
	if err != nil {
		return fmt.Errorf("insert token: %w", err)
	}
	_, err = tx.ExecContext(ctx, insertMailSQL, v.purpose, v.account, v.contact, v.email, v.locale, token.Raw, tx.now)
	return wrap("insert mail", err)
}

// spentToken is a token that was just taken out of the table.
type spentToken struct {
	AccountID int64         `db:"account_id"`
	ContactID sql.NullInt64 `db:"contact_id"`
	Params    []byte        `db:"params"`
}

const spendTokenSQL = `
delete from tokens
where hash = $1 and purpose = $2 and expires_at > $3
returning account_id, contact_id, params`

// spendToken takes a token out; sql.ErrNoRows if it is unknown, spent or expired.
func spendToken(ctx context.Context, tx txn, purpose string, hash []byte) (spentToken, error) {
	var t spentToken
	err := tx.GetContext(ctx, &t, spendTokenSQL, hash, purpose, tx.now)
	return t, err
}

// putVerifiedContact makes the account's own address a verified contact.
func putVerifiedContact(ctx context.Context, tx txn, id int64) error {
	if err := tx.as(ctx, id); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, putVerifiedContactSQL, id, tx.now)
	return wrap("make contact", err)
}

const putVerifiedContactSQL = `
insert into contacts (account_id, email, locale, verified_at, created_at)
select id, email, locale, $2, $2 from accounts where id = $1
on conflict (account_id, lower(email)) do update set verified_at = coalesce(contacts.verified_at, excluded.verified_at)`
