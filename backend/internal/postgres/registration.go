package postgres

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

// registrationParams is the registration that a mailed token confirms. It
// stands with the token, because somebody else may register the same address
// before its owner has opened the mail: the link in a mail must not confirm a
// password that came with another one.
type registrationParams struct {
	PasswordHash string `json:"password_hash"`
	Locale       string `json:"locale"`
	Zone         string `json:"time_zone"`
	TermsVersion string `json:"terms_version"`
}

// livingRegistrations is how many registrations of an address may wait for
// confirmation: a guessed code is held against all of them.
const livingRegistrations = 3

const (
	// A verified or disabled account is written too, as it is, and takes as long.
	putUnverifiedSQL = `
insert into accounts (email, password_hash, locale, time_zone, terms_version, created_at)
values ($1, $2, $3, $4, $5, $6)
on conflict (lower(email)) do update
set password_hash = case when accounts.verified_at is null and accounts.disabled_at is null then excluded.password_hash else accounts.password_hash end,
	locale = case when accounts.verified_at is null and accounts.disabled_at is null then excluded.locale else accounts.locale end,
	time_zone = case when accounts.verified_at is null and accounts.disabled_at is null then excluded.time_zone else accounts.time_zone end,
	terms_version = case when accounts.verified_at is null and accounts.disabled_at is null then excluded.terms_version else accounts.terms_version end
returning ` + accountColumns

	keepTokensSQL = `
delete from tokens
where account_id = $1 and purpose = 'account' and hash not in (
	select hash from tokens
	where account_id = $1 and purpose = 'account' and expires_at > $2
	order by created_at desc, hash
	limit $3)`
)

// Register makes an unverified account, or adds a registration to one, and owes
// its address a mail with the token, five a day; a registration beyond lets none
// that waits bring a password. The owner of a verified account is told that there
// is one already. It is account.ErrInvite if the invitation is not good.
func (db *DB) Register(ctx context.Context, r account.Registration, token account.Token) error {
	return db.inTx(ctx, "register", func(tx txn) error {
		if err := useInvite(ctx, tx, r); err != nil {
			return err
		}
		var row accountRow
		err := tx.GetContext(ctx, &row, putUnverifiedSQL, r.Email, r.PasswordHash, r.Locale, r.Zone, r.TermsVersion, tx.now)
		if err != nil {
			return err
		}
		if err := tx.as(ctx, row.ID); err != nil {
			return err
		}
		switch {
		case row.DisabledAt.Valid:
			return nil
		case row.VerifiedAt.Valid:
			return oweExists(ctx, tx, row)
		}
		ok, err := signingUp.allows(ctx, tx, row.Email)
		if err != nil {
			return err
		}
		if !ok {
			return losePasswords(ctx, tx, row.ID)
		}
		if _, err := tx.ExecContext(ctx, keepTokensSQL, row.ID, tx.now, livingRegistrations-1); err != nil {
			return fmt.Errorf("void the oldest: %w", err)
		}
		return oweToken(ctx, tx, row.registration(), token)
	})
}

// registration asks the account's address to confirm what stands in the row.
func (r accountRow) registration() verification {
	return verification{
		purpose: "account", account: r.ID, email: r.Email, locale: r.Locale,
		params: registrationParams{PasswordHash: r.PasswordHash, Locale: r.Locale, Zone: r.Zone, TermsVersion: r.TermsVersion},
	}
}

const insertExistsSQL = `
insert into mails (kind, account_id, email, locale, created_at, next_try_at)
select 'exists', $1, $2, $3, $4, $4
where not exists (select from mails where account_id = $1 and kind = 'exists' and created_at > $4::timestamptz - interval '1 day')`

// oweExists tells the owner of an account, at most once a day, that somebody
// wanted to register its address.
func oweExists(ctx context.Context, tx txn, a accountRow) error {
	_, err := tx.ExecContext(ctx, insertExistsSQL, a.ID, a.Email, a.Locale, tx.now)
	return wrap("insert mail", err)
}

// A verified account keeps its password, whatever the token brings.
const confirmSQL = `
update accounts
set password_hash = coalesce(new.password_hash, accounts.password_hash), locale = coalesce(new.locale, accounts.locale),
	time_zone = coalesce(new.time_zone, accounts.time_zone), terms_version = coalesce(new.terms_version, accounts.terms_version),
	verified_at = coalesce(accounts.verified_at, $2)
from accounts old
left join jsonb_to_record($3::jsonb) as new (password_hash text, locale text, time_zone text, terms_version text) on old.verified_at is null
where accounts.id = $1 and old.id = accounts.id and accounts.disabled_at is null
returning ` + accountColumns

// confirmRegistration verifies an account with the password of the registration
// that the token belongs to; all other registrations are void.
func confirmRegistration(ctx context.Context, tx txn, token spentToken) (row accountRow, err error) {
	var params registrationParams
	if err := json.Unmarshal(token.Params, &params); err != nil {
		return row, fmt.Errorf("read token's parameters: %w", err)
	}
	if err := tx.GetContext(ctx, &row, confirmSQL, token.AccountID, tx.now, string(token.Params)); err != nil {
		return row, err
	}
	if err := putVerifiedContact(ctx, tx, row.ID); err != nil {
		return row, err
	}
	return row, voidTokens(ctx, tx, verification{purpose: "account", account: row.ID})
}

// VerifyAccount spends a token: the account is verified and its address becomes
// a verified contact.
func (db *DB) VerifyAccount(ctx context.Context, tokenHash []byte) (account.Account, error) {
	var row accountRow
	err := db.inTx(ctx, "verify account", func(tx txn) error {
		token, err := spendToken(ctx, tx, "account", tokenHash)
		if err != nil {
			return err
		}
		row, err = confirmRegistration(ctx, tx, token)
		return err
	})
	return row.account(), err
}

// VerifyAccountByCode is VerifyAccount by the code that stood in the mail.
func (db *DB) VerifyAccountByCode(ctx context.Context, email string, try account.CodeTry) (account.Account, error) {
	var row accountRow
	err := db.useCode(ctx, "verify account by code", codeUse{
		purpose: "account", try: try,
		use: func(tx txn, token spentToken) (err error) {
			row, err = confirmRegistration(ctx, tx, token)
			return err
		},
	}.byEmail(email))
	return row.account(), err
}

const (
	unverifiedSQL = accountByEmailSQL + ` and verified_at is null and disabled_at is null for update`

	countRegistrationsSQL = `select count(*) from tokens where account_id = $1 and purpose = 'account' and expires_at > $2`
)

// ResendVerification owes a new mail to an account that is not verified. If
// several registrations of it wait, nobody knows whose turn it is: then the mail
// lets its reader choose a password, as after a forgotten one.
func (db *DB) ResendVerification(ctx context.Context, email string, token account.Token) error {
	return db.inTx(ctx, "resend verification", func(tx txn) error {
		var row accountRow
		err := tx.GetContext(ctx, &row, unverifiedSQL, email)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		var waiting int
		if err := tx.GetContext(ctx, &waiting, countRegistrationsSQL, row.ID, tx.now); err != nil {
			return err
		}
		if waiting > 1 {
			return oweReset(ctx, tx, row, token)
		}
		return oweWithin(ctx, tx, signingUp, row.registration(), token)
	})
}
