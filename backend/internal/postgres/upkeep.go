package postgres

import (
	"context"
	"time"
)

const (
	forgetTokensSQL   = `delete from tokens where expires_at < $1`
	forgetMailedSQL   = `delete from mailed_addresses where mailed[cardinality(mailed)] <= $1`
	forgetSessionsSQL = `delete from sessions where expires_at < $1 or ended_at < $1`
)

// sessionMemory is how long a session that is over is remembered.
const sessionMemory = 30 * 24 * time.Hour

// Upkeep deletes what nobody can use any more: expired tokens, whom we mailed a
// day ago, after 30 days sessions that are over, and after a year entries of the
// audit log. Once an hour is often enough.
func (db *DB) Upkeep(ctx context.Context) error {
	now := db.now()
	if _, err := db.x.ExecContext(ctx, forgetTokensSQL, now); err != nil {
		return fault("delete expired tokens", err)
	}
	if _, err := db.x.ExecContext(ctx, forgetMailedSQL, now.Add(-24*time.Hour)); err != nil {
		return fault("forget mailed addresses", err)
	}
	if _, err := db.x.ExecContext(ctx, forgetSessionsSQL, now.Add(-sessionMemory)); err != nil {
		return fault("delete old sessions", err)
	}
	return db.forgetAudit(ctx)
}
