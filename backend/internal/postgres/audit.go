package postgres

import (
	"context"
	"database/sql"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

const insertAuditSQL = `
insert into audit_log (at, account_id, actor, actor_id, session_id, api_token_id, action, object, address, user_agent, detail)
values ($1, nullif($2::bigint, 0), $3, nullif($4::bigint, 0), nullif($5, '')::uuid, nullif($6::bigint, 0), $7, $8, $9, $10, $11)`

func insertAudit(ctx context.Context, tx txn, e account.AuditEntry) error {
	_, err := tx.ExecContext(ctx, insertAuditSQL, tx.now, e.AccountID, e.Actor, e.ActorID, e.SessionID, e.APITokenID,
		e.Action, e.Object, e.Address, e.UserAgent, e.Detail)
	return err
}

// WriteAudit adds an entry to the log of its account. What deleted the account
// leaves a line that names nobody.
func (db *DB) WriteAudit(ctx context.Context, e account.AuditEntry) error {
	err := db.writeAudit(ctx, e)
	if pq.As(err, pqerror.ForeignKeyViolation) == nil {
		return err
	}
	return db.writeAudit(ctx, account.AuditEntry{Actor: account.ByNobody, Action: e.Action})
}

func (db *DB) writeAudit(ctx context.Context, e account.AuditEntry) error {
	return db.inTx(ctx, "write audit log", func(tx txn) error {
		if e.AccountID != 0 {
			if err := tx.as(ctx, e.AccountID); err != nil {
				return err
			}
		}
		return insertAudit(ctx, tx, e)
	})
}

type auditRow struct {
	ID         int64          `db:"id"`
	At         time.Time      `db:"at"`
	AccountID  sql.NullInt64  `db:"account_id"`
	Actor      string         `db:"actor"`
	ActorID    sql.NullInt64  `db:"actor_id"`
	SessionID  sql.NullString `db:"session_id"`
	APITokenID sql.NullInt64  `db:"api_token_id"`
	Action     string         `db:"action"`
	Object     string         `db:"object"`
	Address    string         `db:"address"`
	UserAgent  string         `db:"user_agent"`
	Detail     string         `db:"detail"`
}

const (
	auditColumns = `id, at, account_id, actor, actor_id, session_id, api_token_id, action, object, address, user_agent, detail`

	accountAuditSQL = `
select ` + auditColumns + `
from audit_log
where account_id = $1 and ($2::bigint = 0 or id < $2)
order by id desc
limit $3`

	allAuditSQL = `
select ` + auditColumns + `
from audit_log
where ($1::bigint = 0 or account_id = $1) and ($2::bigint = 0 or id < $2)
order by id desc
limit $3`
)

// Audit reads an account's own log.
func (db *DB) Audit(ctx context.Context, p account.AuditPage) ([]account.AuditEntry, error) {
	var rows []auditRow
	err := db.as(p.AccountID).list(ctx, "read audit log", &rows, ask(accountAuditSQL, p.AccountID, p.Before, p.Limit))
	return auditEntries(rows), err
}

// AllAudit reads everybody's log, or one account's. It is the operator's and
// needs RoleWatch.
func (db *DB) AllAudit(ctx context.Context, p account.AuditPage) ([]account.AuditEntry, error) {
	var rows []auditRow
	err := db.x.SelectContext(ctx, &rows, allAuditSQL, p.AccountID, p.Before, p.Limit)
	return auditEntries(rows), fault("read everybody's audit log", err)
}

func auditEntries(rows []auditRow) []account.AuditEntry {
	entries := make([]account.AuditEntry, len(rows))
	for i, r := range rows {
		entries[i] = account.AuditEntry{
			ID: r.ID, At: r.At.UTC(), AccountID: r.AccountID.Int64, Actor: account.Actor(r.Actor), ActorID: r.ActorID.Int64,
			SessionID: r.SessionID.String, APITokenID: r.APITokenID.Int64, Action: r.Action, Object: r.Object,
			Address: r.Address, UserAgent: r.UserAgent, Detail: r.Detail,
		}
	}
	return entries
}

// auditSlice bounds the entries that one statement forgets.
const auditSlice = 10_000

// forgetAudit deletes entries that are more than a year old.
func (db *DB) forgetAudit(ctx context.Context) error {
	for {
		var n int
		if err := db.x.GetContext(ctx, &n, `select hinomi_forget_audit($1)`, auditSlice); err != nil {
			return fault("forget old audit entries", err)
		}
		if n < auditSlice {
			return nil
		}
	}
}
