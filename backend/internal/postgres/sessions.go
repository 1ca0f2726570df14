package postgres

import (
	"bytes"
	"context"
	"database/sql"
	"errors"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// A repeat (lib/pq#939) finds its own row. The lock makes a change of the
// password or of the second factor, which ends all sessions, come wholly before
// or after.
const insertSessionSQL = `
with living as (
    select id from accounts where id = $2 and password_hash = $7 and disabled_at is null and ($8 or second_factor_at is null) for share
)
insert into sessions (id, account_id, refresh_hash, user_agent, created_at, used_at, expires_at)
select $1, living.id, $3, $4, $5, $5, $6 from living
on conflict (id) do update set used_at = sessions.used_at
returning id`

// CreateSession keeps a sign-in. It is uptime.ErrNotFound if the password was
// changed, a second factor turned on, or the account shut out, since it was
// checked.
func (db *DB) CreateSession(ctx context.Context, s account.NewSession) error {
	var id string
	err := db.as(s.AccountID).get(ctx, "create session", &id, ask(insertSessionSQL, s.ID, s.AccountID, s.RefreshHash, s.UserAgent,
		db.now(), wholeMillis(s.ExpiresAt), s.PasswordHash, s.SecondFactor))
	return err
}

const (
	// A living session of an account that is not shut out.
	livingSQL = `
from sessions s
join accounts on accounts.id = s.account_id
where s.id = $1 and s.ended_at is null and s.expires_at > $2 and accounts.disabled_at is null`

	lockSessionSQL = `
select s.refresh_hash, s.previous_hash, s.rotated_at, ` + accountColumns + livingSQL + `
for update of s`

	rotateSQL = `
update sessions
set previous_hash = refresh_hash, refresh_hash = $2, rotated_at = $3, used_at = $3, expires_at = $4
where id = $1`

	endSessionSQL = `update sessions set ended_at = $2 where id = $1 and ended_at is null`
)

type sessionRow struct {
	accountRow
	RefreshHash  []byte       `db:"refresh_hash"`
	PreviousHash []byte       `db:"previous_hash"`
	RotatedAt    sql.NullTime `db:"rotated_at"`
}

// RotateSession exchanges the refresh token. The token before the newest is
// taken for account.RefreshGrace, for the same successor; any other ends the
// session, because somebody else may have it too.
func (db *DB) RotateSession(ctx context.Context, r account.Rotation) (a account.Account, err error) {
	stolen := false
	err = db.inTx(ctx, "rotate session", func(tx txn) error {
		var row sessionRow
		if err := tx.GetContext(ctx, &row, lockSessionSQL, r.SessionID, tx.now); err != nil {
			return sessionFault(err)
		}
		a = row.account()
		recent := row.RotatedAt.Valid && tx.now.Sub(row.RotatedAt.Time) <= account.RefreshGrace
		switch {
		case bytes.Equal(row.RefreshHash, r.OldHash):
			_, err := tx.ExecContext(ctx, rotateSQL, r.SessionID, r.NewHash, tx.now, wholeMillis(r.ExpiresAt))
			return err
		case recent && bytes.Equal(row.PreviousHash, r.OldHash) && bytes.Equal(row.RefreshHash, r.NewHash):
			return nil
		}
		stolen = true
		_, err := tx.ExecContext(ctx, endSessionSQL, r.SessionID, tx.now)
		return err
	})
	if err == nil && stolen {
		err = fault("rotate session", uptime.ErrNotFound)
	}
	if err != nil {
		return account.Account{}, err
	}
	return a, nil
}

const sessionAccountSQL = `select ` + accountColumns + livingSQL

// SessionAccount gives the account of a living session.
func (db *DB) SessionAccount(ctx context.Context, sessionID string) (account.Account, error) {
	var row accountRow
	err := db.x.GetContext(ctx, &row, sessionAccountSQL, sessionID, db.now())
	return row.account(), fault("read session", sessionFault(err))
}

// EndSession ends a session; one that is over or unknown is no error.
func (db *DB) EndSession(ctx context.Context, sessionID string) error {
	_, err := db.x.ExecContext(ctx, endSessionSQL, sessionID, db.now())
	if err = sessionFault(err); errors.Is(err, uptime.ErrNotFound) {
		return nil
	}
	return fault("end session", err)
}

// sessionFault takes an id that is no UUID for that of an unknown session.
func sessionFault(err error) error {
	if pq.As(err, pqerror.InvalidTextRepresentation) != nil {
		return uptime.ErrNotFound
	}
	return err
}
