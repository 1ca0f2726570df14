package postgres

import (
	"context"
	"time"
)

const (
	forgetTokensSQL   = `delete from tokens where expires_at < $1`
	forgetSessionsSQL = `delete from sessions where expires_at < $1 or ended_at < $1`
)

// sessionMemory is how long a session that is over is remembered.
const sessionMemory = 30 * 24 * time.Hour

// Upkeep deletes what nobody can use any more: expired tokens and, after 30
// days, sessions that are over; after a year entries of the audit log. Once an hour is often enough.
func (db *DB) Upkeep(ctx context.Context) error {
	if _, err := db.x.ExecContext(ctx, forgetTokensSQL, db.now()); err != nil {
		return fault("delete expired tokens", err)
	}
	if _, err := db.x.ExecContext(ctx, forgetSessionsSQL, db.now().Add(-sessionMemory)); err != nil {
		return fault("delete old sessions", err)
	}
	return db.forgetAudit(ctx)
}
