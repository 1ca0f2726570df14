package api

import (
	"context"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// ClaimDesk is the operator's: who has which host and address.
type ClaimDesk interface {
	// SharedNetworks lists all, ascending. SetSharedNetworks replaces the list.
	SharedNetworks(ctx context.Context) ([]uptime.SharedNetwork, error)
	SetSharedNetworks(ctx context.Context, networks []uptime.SharedNetwork) error

	// ClaimedTargets lists who watches a host, ascending by id, at most p.Limit.
	ClaimedTargets(ctx context.Context, host string, p uptime.Page) ([]uptime.ClaimedTarget, error)

	// Collisions lists the newest first, at most limit.
	Collisions(ctx context.Context, limit int) ([]uptime.Collision, error)
}
