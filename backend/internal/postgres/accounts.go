package postgres

import (
	"context"
	"database/sql"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// accountRow is a row of accounts.
type accountRow struct {
	ID           int64        `db:"id"`
	Email        string       `db:"email"`
	PasswordHash string       `db:"password_hash"`
	Role         string       `db:"role"`
	Locale       string       `db:"locale"`
	Zone         string       `db:"time_zone"`
	TermsVersion string       `db:"terms_version"`
	VerifiedAt   sql.NullTime `db:"verified_at"`
	DisabledAt   sql.NullTime `db:"disabled_at"`
	CreatedAt    time.Time    `db:"created_at"`

	SecondFactorAt sql.NullTime `db:"second_factor_at"`
}

// accountColumns are the columns of accountRow, of the table or alias accounts.
const accountColumns = `accounts.id, accounts.email, accounts.password_hash, accounts.role, accounts.locale,
	accounts.time_zone, accounts.terms_version, accounts.verified_at, accounts.disabled_at, accounts.created_at,
	accounts.second_factor_at`

func (r accountRow) account() account.Account {
	return account.Account{
		ID: r.ID, Email: r.Email, Role: account.Role(r.Role), Locale: account.Locale(r.Locale), Zone: r.Zone,
		TermsVersion: r.TermsVersion, VerifiedAt: timeOf(r.VerifiedAt), DisabledAt: timeOf(r.DisabledAt),
		CreatedAt: r.CreatedAt.UTC(), SecondFactorAt: timeOf(r.SecondFactorAt),
	}
}

const hasOperatorSQL = `select exists (select from accounts where role = 'operator')`

// HasOperator tells whether the service was set up.
func (db *DB) HasOperator(ctx context.Context) (bool, error) {
	var yes bool
	err := db.x.GetContext(ctx, &yes, hasOperatorSQL)
	return yes, fault("look for an operator", err)
}

const (
	// setupLock lets one set-up at a time look whether there was one before.
	setupLock = 7_246_004

	lockSQL = `select pg_advisory_xact_lock($1)`

	putOperatorSQL = `
insert into accounts (email, password_hash, role, locale, time_zone, terms_version, verified_at, created_at)
values ($1, $2, 'operator', $3, $4, $5, $6, $6)
on conflict (lower(email)) do update
set password_hash = excluded.password_hash, role = 'operator', locale = excluded.locale,
	time_zone = excluded.time_zone, terms_version = excluded.terms_version, verified_at = excluded.verified_at,
	disabled_at = null
returning ` + accountColumns
)

// RegisterOperator makes the first account, verified, its address a verified
// contact. It is uptime.ErrConflict once there is an operator.
func (db *DB) RegisterOperator(ctx context.Context, r account.Registration) (account.Account, error) {
	var row accountRow
	err := db.inTx(ctx, "register operator", func(tx txn) error {
		if _, err := tx.ExecContext(ctx, lockSQL, setupLock); err != nil {
			return err
		}
		var done bool
		if err := tx.GetContext(ctx, &done, hasOperatorSQL); err != nil {
			return err
		}
		if done {
			return uptime.ErrConflict
		}
		err := tx.GetContext(ctx, &row, putOperatorSQL, r.Email, r.PasswordHash, r.Locale, r.Zone, r.TermsVersion, tx.now)
		if err != nil {
			return err
		}
		return putVerifiedContact(ctx, tx, row.ID)
	})
	return row.account(), err
}

const accountByEmailSQL = `
select ` + accountColumns + `
from accounts
where lower(email) = lower($1)`

// CredentialsByEmail finds an account whatever the case of its address,
// unverified and disabled ones too.
func (db *DB) CredentialsByEmail(ctx context.Context, email string) (account.Credentials, error) {
	var row accountRow
	if err := db.x.GetContext(ctx, &row, accountByEmailSQL, email); err != nil {
		return account.Credentials{}, fault("find account", err)
	}
	return account.Credentials{Account: row.account(), PasswordHash: row.PasswordHash}, nil
}
