package api

import (
	"context"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

// AccountDesk is the operator's view of accounts.
type AccountDesk interface {
	// Overviews lists accounts, ascending by id.
	Overviews(ctx context.Context, f account.OverviewFilter) ([]account.Overview, error)

	// Overview is uptime.ErrNotFound for an unknown account.
	Overview(ctx context.Context, accountID int64) (account.Overview, error)

	// ChangeAccount shuts an account out, which ends its sessions, watching and
	// mails at once, or lets it in, and gives it a role. It is
	// account.ErrLastOperator if nobody would be left to operate.
	ChangeAccount(ctx context.Context, accountID int64, p account.OverviewPatch) (account.Overview, error)
}
