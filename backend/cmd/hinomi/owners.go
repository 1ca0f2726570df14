package main

import (
	"context"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
	"github.com/hinomi-watch/hinomi/backend/internal/watch"
)

// owners asks hosts over one line after the other, until one has learnt
// something.
type owners struct {
	prober ownerProber
	lines  []uptime.Line
}

// ownerProber is a *probe.Prober.
type ownerProber interface {
	Owner(ctx context.Context, line uptime.LineID, c uptime.Challenge) uptime.Evidence
	Denied(ctx context.Context, line uptime.LineID, host string) (denied, known bool)
	Resolve(ctx context.Context, line uptime.LineID, host string, fresh bool) uptime.Resolution
}

func (s *service) owners() owners { return owners{s.prober, s.cfg.Lines} }

// Owner implements api.Owners and watch.OwnerProber.
func (o owners) Owner(ctx context.Context, c uptime.Challenge) (e uptime.Evidence) {
	for _, l := range o.lines {
		if e = o.prober.Owner(ctx, l.ID, c); e.Denied || e.Method() != "" || !e.Unknown {
			return e
		}
	}
	return e
}

// Allows implements watch.OwnerProber.
func (o owners) Allows(ctx context.Context, host string) (f uptime.OwnerFound) {
	for _, l := range o.lines {
		if f.Denied, f.Known = o.prober.Denied(ctx, l.ID, host); f.Known {
			f.Addrs = o.prober.Resolve(ctx, l.ID, host, false).Addrs
			return f
		}
	}
	return f
}

// ownerJobs look at proofs again, and at who opts out.
func (s *service) ownerJobs() []watch.Job {
	if !s.claims() {
		return nil
	}
	looks := watch.Owners{Book: s.work, Prober: s.owners(), Mailed: s.sender.Wake, Log: s.log}
	return []watch.Job{{Name: "owners", Every: time.Minute, Run: looks.Run}}
}
