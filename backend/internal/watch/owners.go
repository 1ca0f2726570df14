package watch

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// OwnerBook knows which hosts are due for a look at what their owners publish,
// and keeps what was found.
type OwnerBook interface {
	// ClaimProofs and ClaimOwners take at most limit looks that are due. One that is
	// never recorded is due again, later.
	ClaimProofs(ctx context.Context, limit int) ([]uptime.OwnerLook, error)
	ClaimOwners(ctx context.Context, limit int) ([]uptime.OwnerLook, error)
	RecordProof(ctx context.Context, l uptime.OwnerLook, e uptime.Evidence) error
	RecordOwner(ctx context.Context, l uptime.OwnerLook, f uptime.OwnerFound) error
}

// OwnerProber asks hosts.
type OwnerProber interface {
	// Owner looks for all that proves a host.
	Owner(ctx context.Context, c uptime.Challenge) uptime.Evidence
	// Allows looks whether a name may be watched, and where it points.
	Allows(ctx context.Context, host string) uptime.OwnerFound
}

const (
	// proofsAtOnce and namesAtOnce bound a round, which is made once a minute: a
	// hundred thousand names are looked at within the day, a thousand proofs within
	// twenty minutes.
	proofsAtOnce = 50
	namesAtOnce  = 100

	// ownersIn bounds a round; what it did not come to is due again.
	ownersIn      = 45 * time.Second
	recordOwnerIn = 10 * time.Second
)

// Owners looks again at proofs, and whether the owners of names opt out.
type Owners struct {
	Book   OwnerBook
	Prober OwnerProber
	Mailed func() // called after what was found may have owed mails
	Log    *slog.Logger
}

// Run makes the looks that are due. Once a minute.
func (o Owners) Run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, ownersIn)
	defer cancel()
	proofs, err := o.Book.ClaimProofs(ctx, proofsAtOnce)
	if err != nil {
		return err
	}
	names, err := o.Book.ClaimOwners(ctx, namesAtOnce)
	if err != nil {
		return err
	}
	kept := make(chan func())
	go func() {
		var all sync.WaitGroup
		for _, l := range proofs {
			all.Go(func() {
				e := o.Prober.Owner(ctx, l.Challenge)
				kept <- func() { o.keep(ctx, l, func(ctx context.Context) error { return o.Book.RecordProof(ctx, l, e) }) }
			})
		}
		for _, l := range names {
			all.Go(func() {
				f := o.Prober.Allows(ctx, l.Challenge.Host)
				kept <- func() { o.keep(ctx, l, func(ctx context.Context) error { return o.Book.RecordOwner(ctx, l, f) }) }
			})
		}
		all.Wait()
		close(kept)
	}()
	for keep := range kept { // one after the other: results are written over the same connections
		keep()
	}
	if len(proofs)+len(names) > 0 {
		o.Mailed()
	}
	return nil
}

// keep records what a look found, unless it was broken off.
func (o Owners) keep(ctx context.Context, l uptime.OwnerLook, record func(context.Context) error) {
	if ctx.Err() != nil {
		return
	}
	writing, cancel := context.WithTimeout(ctx, recordOwnerIn)
	defer cancel()
	if err := record(writing); err != nil && ctx.Err() == nil {
		o.Log.Warn("what the owner of a host publishes could not be kept", "host", l.Challenge.Host, "error", err)
	}
}
