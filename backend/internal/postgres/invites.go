package postgres

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

type inviteRow struct {
	ID        int64          `db:"id"`
	Email     sql.NullString `db:"email"`
	CreatedAt time.Time      `db:"created_at"`
	ExpiresAt time.Time      `db:"expires_at"`
	UsedAt    sql.NullTime   `db:"used_at"`
}

func (r inviteRow) invite() account.Invite {
	return account.Invite{
		ID: r.ID, Email: r.Email.String, CreatedAt: r.CreatedAt.UTC(), ExpiresAt: r.ExpiresAt.UTC(), UsedAt: timeOf(r.UsedAt),
	}
}

const (
	inviteColumns = `id, email, created_at, expires_at, used_at`

	insertInviteSQL = `
insert into invites (account_id, code_hash, email, created_at, expires_at)
values ($1, $2, nullif($3, ''), $4, $5)
returning ` + inviteColumns

	invitesSQL = `select ` + inviteColumns + ` from invites where $1 = 0 or id < $1 order by id desc limit $2`

	deleteInviteSQL = `delete from invites where id = $1`

	// The same address may try again; whether it has an account plays no part, so
	// that nobody learns of it.
	useInviteSQL = `
update invites
set used_by = sha256(convert_to(lower($2), 'UTF8')), used_at = coalesce(used_at, $3)
where code_hash = $1 and expires_at > $3 and (email is null or lower(email) = lower($2))
	and (used_by is null or used_by = sha256(convert_to(lower($2), 'UTF8')))`
)

// CreateInvite makes an invitation.
func (db *DB) CreateInvite(ctx context.Context, n account.NewInvite) (account.Invite, error) {
	var row inviteRow
	err := db.as(n.AccountID).get(ctx, "create invite", &row,
		ask(insertInviteSQL, n.AccountID, n.CodeHash, n.Email, db.now(), wholeMillis(n.ExpiresAt)))
	return row.invite(), err
}

// Invites lists at most limit invitations of all operators with an id below
// before (0: all), the newest first.
func (db *DB) Invites(ctx context.Context, before int64, limit int) ([]account.Invite, error) {
	var rows []inviteRow
	if err := db.x.SelectContext(ctx, &rows, invitesSQL, before, limit); err != nil {
		return nil, fault("list invites", err)
	}
	invites := make([]account.Invite, len(rows))
	for i, r := range rows {
		invites[i] = r.invite()
	}
	return invites, nil
}

// DeleteInvite makes an invitation void, whoever made it.
func (db *DB) DeleteInvite(ctx context.Context, id int64) error {
	return db.inTx(ctx, "delete invite", func(tx txn) error {
		return mustHit(tx.ExecContext(ctx, deleteInviteSQL, id))
	})
}

// useInvite marks the invitation of a registration as used; without one nothing
// happens.
func useInvite(ctx context.Context, tx txn, r account.Registration) error {
	if r.InviteHash == nil {
		return nil
	}
	err := mustHit(tx.ExecContext(ctx, useInviteSQL, r.InviteHash, r.Email, tx.now))
	if errors.Is(err, sql.ErrNoRows) {
		return account.ErrInvite
	}
	return wrap("use invite", err)
}
