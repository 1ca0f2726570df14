package postgres

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

const (
	// Whoever makes something for an account waits here for the others who do.
	// Rows that only refer to the account do not.
	lockAccountSQL = `select id from accounts where id = $1 and disabled_at is null for no key update`

	allowanceSQL = `
select role, max_targets, max_monitors, max_contacts,
	(select count(*) from targets where account_id = accounts.id) as targets,
	(select count(*) from monitors where account_id = accounts.id) as monitors,
	(select count(*) from contacts where account_id = accounts.id) as contacts
from accounts
where id = $1`

	setQuotasSQL = `update accounts set max_targets = $2, max_monitors = $3, max_contacts = $4 where id = $1`
)

type allowanceRow struct {
	Role        string        `db:"role"`
	MaxTargets  sql.NullInt32 `db:"max_targets"`
	MaxMonitors sql.NullInt32 `db:"max_monitors"`
	MaxContacts sql.NullInt32 `db:"max_contacts"`
	Targets     int           `db:"targets"`
	Monitors    int           `db:"monitors"`
	Contacts    int           `db:"contacts"`
}

func (r allowanceRow) allowance(service account.Quotas) account.Allowance {
	own := account.OwnQuotas{Targets: quotaOf(r.MaxTargets), Monitors: quotaOf(r.MaxMonitors), Contacts: quotaOf(r.MaxContacts)}
	return account.Allowance{
		Quotas: own.Over(service, account.Role(r.Role)), Own: own,
		Used: account.Used{Targets: r.Targets, Monitors: r.Monitors, Contacts: r.Contacts},
	}
}

func quotaOf(n sql.NullInt32) *int {
	if !n.Valid {
		return nil
	}
	value := int(n.Int32)
	return &value
}

// Allowance tells what an account may have and has.
func (db *DB) Allowance(ctx context.Context, accountID int64) (account.Allowance, error) {
	var row allowanceRow
	err := db.as(accountID).get(ctx, "read quotas", &row, ask(allowanceSQL, accountID))
	return row.allowance(db.opts.Quotas), err
}

// SetQuotas replaces the account's own quotas.
func (db *DB) SetQuotas(ctx context.Context, accountID int64, own account.OwnQuotas) (account.Allowance, error) {
	var row allowanceRow
	err := db.as(accountID).inTx(ctx, "set quotas", func(tx txn) error {
		if err := mustHit(tx.ExecContext(ctx, setQuotasSQL, accountID, own.Targets, own.Monitors, own.Contacts)); err != nil {
			return err
		}
		return tx.GetContext(ctx, &row, allowanceSQL, accountID)
	})
	return row.allowance(db.opts.Quotas), err
}

// allow is a *account.QuotaError if the account may not have what the
// transaction just made for it. Until the transaction ends nobody else makes
// anything for the account.
func (db *DB) allow(ctx context.Context, tx txn, accountID int64, made account.Used) error {
	if err := lockAccount(ctx, tx, accountID); err != nil {
		return err
	}
	var row allowanceRow
	if err := tx.GetContext(ctx, &row, allowanceSQL, accountID); err != nil {
		return fmt.Errorf("read quotas: %w", err)
	}
	allowed := row.allowance(db.opts.Quotas)
	allowed.Used.Targets -= made.Targets
	allowed.Used.Monitors -= made.Monitors
	allowed.Used.Contacts -= made.Contacts
	return allowed.More(made)
}

// lockAccount waits for others who make something for the account.
func lockAccount(ctx context.Context, tx txn, accountID int64) error {
	var id int64
	return wrap("lock account", tx.GetContext(ctx, &id, lockAccountSQL, accountID))
}
