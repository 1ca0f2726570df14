package postgres

import (
	"context"
	"database/sql"
	"strconv"
	"time"

	"github.com/lib/pq"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// What operators see and change of accounts. It needs RoleWatch.

const (
	overviewColumns = accountColumns + `,
	(select count(*) from targets where account_id = accounts.id) as targets,
	(select count(*) from monitors where account_id = accounts.id) as monitors,
	(select count(*) from contacts where account_id = accounts.id) as contacts,
	greatest(
		(select max(used_at) from sessions where account_id = accounts.id),
		(select max(last_used_at) from api_tokens where account_id = accounts.id)) as last_seen_at`

	overviewsSQL = `
select ` + overviewColumns + `
from accounts
where id > $1 and ($2 = '' or strpos(lower(email), lower($2)) > 0 or id = $3) and ($4 = '' or role = $4)
	and ($5::boolean is null or (disabled_at is not null) = $5)
order by id
limit $6`

	overviewSQL = `select ` + overviewColumns + ` from accounts where id = $1`
)

type overviewRow struct {
	accountRow
	Targets    int          `db:"targets"`
	Monitors   int          `db:"monitors"`
	Contacts   int          `db:"contacts"`
	LastSeenAt sql.NullTime `db:"last_seen_at"`
}

func (r overviewRow) overview() account.Overview {
	return account.Overview{
		Account: r.account(), LastSeenAt: timeOf(r.LastSeenAt),
		Used: account.Used{Targets: r.Targets, Monitors: r.Monitors, Contacts: r.Contacts},
	}
}

// Overviews lists accounts.
func (db *DB) Overviews(ctx context.Context, f account.OverviewFilter) ([]account.Overview, error) {
	id, err := strconv.ParseInt(f.Text, 10, 64)
	if err != nil {
		id = 0
	}
	var rows []overviewRow
	if err := db.x.SelectContext(ctx, &rows, overviewsSQL, f.After, f.Text, id, f.Role, f.Disabled, f.Limit); err != nil {
		return nil, fault("list accounts", err)
	}
	all := make([]account.Overview, len(rows))
	for i, r := range rows {
		all[i] = r.overview()
	}
	return all, nil
}

// Overview reads one account; uptime.ErrNotFound if there is none.
func (db *DB) Overview(ctx context.Context, accountID int64) (account.Overview, error) {
	var row overviewRow
	err := db.x.GetContext(ctx, &row, overviewSQL, accountID)
	return row.overview(), fault("read account", err)
}

// ChangeAccount shuts an account out or lets it in, and gives it a role. It is
// account.ErrLastOperator if nobody would be left to operate. Whatever is the
// case already is no change.
func (db *DB) ChangeAccount(ctx context.Context, accountID int64, p account.OverviewPatch) (account.Overview, error) {
	var row overviewRow
	err := db.inTx(ctx, "change account", func(tx txn) error {
		if err := changeAccount(ctx, tx, accountID, p); err != nil {
			return err
		}
		return tx.GetContext(ctx, &row, overviewSQL, accountID)
	})
	return row.overview(), err
}

const (
	lockWholeAccountSQL = `select ` + accountColumns + ` from accounts where id = $1 for update`

	onlyOperatorSQL = `select not exists (select from accounts where role = 'operator' and id <> $1 and disabled_at is null)`

	setRoleSQL = `update accounts set role = $2 where id = $1`
)

func changeAccount(ctx context.Context, tx txn, accountID int64, p account.OverviewPatch) error {
	if _, err := tx.ExecContext(ctx, lockSQL, setupLock); err != nil { // operators change one after the other
		return err
	}
	var row accountRow
	if err := tx.GetContext(ctx, &row, lockWholeAccountSQL, accountID); err != nil {
		return err
	}
	before := row.account()
	leaves := p.Disabled != nil && *p.Disabled || p.Role != nil && *p.Role != account.Operator
	if before.Operates() && leaves {
		var last bool
		if err := tx.GetContext(ctx, &last, onlyOperatorSQL, accountID); err != nil {
			return err
		}
		if last {
			return account.ErrLastOperator
		}
	}
	if p.Role != nil && *p.Role != before.Role {
		if _, err := tx.ExecContext(ctx, setRoleSQL, accountID, *p.Role); err != nil {
			return err
		}
	}
	switch shut := !before.DisabledAt.IsZero(); {
	case p.Disabled == nil || *p.Disabled == shut:
		return nil
	case *p.Disabled:
		return shutOut(ctx, tx, accountID)
	default:
		return letIn(ctx, tx, accountID)
	}
}

const (
	disableSQL = `update accounts set disabled_at = $2 where id = $1`

	endSessionsOfSQL = `update sessions set ended_at = $2 where account_id = $1 and ended_at is null`

	activeOfSQL = `
select m.id
from monitors m
join monitor_states s on s.monitor_id = m.id
where m.account_id = $1 and s.state = $2
order by m.id`

	suspendSQL = `insert into suspended_monitors (monitor_id, account_id) select id, $2 from unnest($1::bigint[]) as u (id)`

	// What is said of an outage when the account comes back would be old.
	dropOwedSQL = `delete from deliveries where account_id = $1 and mail_id is null`

	giveUpMailsSQL = `
update mails
set failed_at = $2, lease_until = null, token = '', last_error = 'the account was disabled'
where account_id = $1 and sent_at is null and failed_at is null`

	suspendedSQL = `delete from suspended_monitors where account_id = $1 returning monitor_id`
)

// shutOut ends an account's sessions, watching and mails.
func shutOut(ctx context.Context, tx txn, accountID int64) error {
	for _, statement := range []string{disableSQL, endSessionsOfSQL} {
		if _, err := tx.ExecContext(ctx, statement, accountID, tx.now); err != nil {
			return err
		}
	}
	var active []int64
	if err := tx.SelectContext(ctx, &active, activeOfSQL, accountID, uptime.Active); err != nil {
		return err
	}
	paused, err := changeStandings(ctx, tx, accountID, active, uptime.Standing.Pause)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, suspendSQL, pq.Array(paused), accountID); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, dropOwedSQL, accountID); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, giveUpMailsSQL, accountID, tx.now)
	return err
}

// letIn lets an account sign in again; what was watched when it was shut out is
// watched again.
func letIn(ctx context.Context, tx txn, accountID int64) error {
	if _, err := tx.ExecContext(ctx, disableSQL, accountID, sql.NullTime{}); err != nil {
		return err
	}
	var suspended []int64
	if err := tx.SelectContext(ctx, &suspended, suspendedSQL, accountID); err != nil {
		return err
	}
	_, err := changeStandings(ctx, tx, accountID, suspended, resumePaused)
	return err
}

// resumePaused leaves alone what was stopped meanwhile.
func resumePaused(s uptime.Standing, now time.Time) (uptime.Standing, bool) {
	if s.State != uptime.Paused {
		return s, false
	}
	return s.Resume(now)
}
