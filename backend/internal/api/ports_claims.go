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

	// ReleaseTarget takes a target's host and addresses from its account, stops its
	// monitors and owes the mails about it. It gives the account.
	ReleaseTarget(ctx context.Context, id int64) (account int64, err error)
}

// Owners asks hosts what their owners publish.
type Owners interface {
	// Owner returns within ctx.
	Owner(ctx context.Context, c uptime.Challenge) uptime.Evidence
}

// ProofDesk keeps proofs, and takes hosts from those who have none. Those it
// takes a host from are owed a mail.
type ProofDesk interface {
	Challenge(ctx context.Context, accountID int64, host string) (uptime.Challenge, error)

	// Prove keeps what was found of a target. uptime.ErrHostTaken, and nothing
	// changes, if the host is proven to be another account's.
	Prove(ctx context.Context, accountID, targetID int64, e uptime.Evidence) (uptime.Target, error)

	// CreateProven is CreateTarget of a host that another account has and that is
	// proven to be the asker's. uptime.ErrHostTaken if the other one has proven it
	// too, or if an address that does not serve the proof is another account's.
	CreateProven(ctx context.Context, t uptime.NewTarget, e uptime.Evidence) (uptime.Target, error)
}
