package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

const updateProfileSQL = `
update accounts
set locale = coalesce($2, locale), time_zone = coalesce($3, time_zone)
where id = $1 and disabled_at is null
returning ` + accountColumns

// UpdateProfile changes an account's language and zone.
func (db *DB) UpdateProfile(ctx context.Context, accountID int64, p account.ProfilePatch) (account.Account, error) {
	var row accountRow
	err := db.as(accountID).get(ctx, "update profile", &row, ask(updateProfileSQL, accountID, p.Locale, p.Zone))
	if err != nil {
		return account.Account{}, err
	}
	return row.account(), nil
}

const (
	// Of two changes at once the second finds another password than it checked.
	changePasswordSQL = `
update accounts
set password_hash = $3
where id = $1 and password_hash = $2 and disabled_at is null`

	endOtherSessionsSQL = `
update sessions
set ended_at = $3
where account_id = $1 and id <> $2 and ended_at is null`
)

// ChangePassword replaces the password, ends all sessions but one, and makes
// void what was mailed to replace password or address.
func (db *DB) ChangePassword(ctx context.Context, c account.PasswordChange) error {
	return db.as(c.AccountID).inTx(ctx, "change password", func(tx txn) error {
		res, err := tx.ExecContext(ctx, changePasswordSQL, c.AccountID, c.OldHash, c.NewHash)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			return uptime.ErrConflict
		}
		if _, err = tx.ExecContext(ctx, endOtherSessionsSQL, c.AccountID, c.KeepSession, tx.now); err != nil {
			return fmt.Errorf("end other sessions: %w", err)
		}
		return voidMailed(ctx, tx, c.AccountID, "reset", "address") // whoever asked for them
	})
}

type sessionListRow struct {
	ID        string    `db:"id"`
	UserAgent string    `db:"user_agent"`
	CreatedAt time.Time `db:"created_at"`
	UsedAt    time.Time `db:"used_at"`
	ExpiresAt time.Time `db:"expires_at"`
}

const sessionsSQL = `
select id, user_agent, created_at, used_at, expires_at
from sessions
where account_id = $1 and ended_at is null and expires_at > $2
order by used_at desc, id
limit 200`

// LivingSessions lists an account's sessions, the last used first.
func (db *DB) LivingSessions(ctx context.Context, accountID int64) ([]account.Session, error) {
	var rows []sessionListRow
	if err := db.as(accountID).list(ctx, "list sessions", &rows, ask(sessionsSQL, accountID, db.now())); err != nil {
		return nil, err
	}
	sessions := make([]account.Session, len(rows))
	for i, r := range rows {
		sessions[i] = account.Session{
			ID: r.ID, UserAgent: r.UserAgent, CreatedAt: r.CreatedAt.UTC(), UsedAt: r.UsedAt.UTC(), ExpiresAt: r.ExpiresAt.UTC(),
		}
	}
	return sessions, nil
}

const revokeSessionSQL = `
update sessions
set ended_at = $3
where id = $1 and account_id = $2 and ended_at is null and expires_at > $3
returning id`

// RevokeSession ends a living session of the account.
func (db *DB) RevokeSession(ctx context.Context, accountID int64, sessionID string) error {
	var id string
	err := db.as(accountID).get(ctx, "revoke session", &id, ask(revokeSessionSQL, sessionID, accountID, db.now()))
	return sessionFault(err)
}
