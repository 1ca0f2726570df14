package watch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// StopBook knows what is stopped and keeps what looks at it found.
type StopBook interface {
	// ClaimLooks takes at most limit looks that are due; each is due again after
	// every.
	ClaimLooks(ctx context.Context, every time.Duration, limit int) ([]uptime.Look, error)
	// RecordLooks writes what they found and owes the mails about those that
	// answer again, and tells how many do.
	RecordLooks(ctx context.Context, found []uptime.Looked) (again int, err error)
}

const (
	// looksAtOnce bounds a round: it ends within the time of one look, far below
	// the minute after which the next begins.
	looksAtOnce = 100

	recordLooksIn = 10 * time.Second
)

// Recheck looks at stopped monitors whether they answer again. It never resumes
// one, and what it finds is no result.
type Recheck struct {
	cfg   RecheckConfig
	ended chan struct{} // closed at the end
	close func()
}

// RecheckConfig says how to look.
type RecheckConfig struct {
	Book   StopBook
	Prober Prober
	Places Places          // nil: everywhere
	Lines  []uptime.LineID // in the order in which they take turns
	Every  time.Duration   // between two looks at a monitor
	Mailed func()          // called after mails were owed; may be nil
	Log    *slog.Logger
}

// NewRecheck prepares it; each Run is one round.
func NewRecheck(cfg RecheckConfig) (*Recheck, error) {
	if len(cfg.Lines) == 0 || cfg.Every <= 0 {
		return nil, errors.New("recheck: there must be a line and a time between looks")
	}
	r := &Recheck{cfg: cfg, ended: make(chan struct{})}
	r.close = sync.OnceFunc(func() { close(r.ended) })
	return r, nil
}

// Close breaks a round off: what it has found until then is not kept.
func (r *Recheck) Close() { r.close() }

// Run makes the looks that are due, at most 100 at once, and records them
// together, so that what answers again together is one mail. Once a minute.
func (r *Recheck) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-r.ended:
			cancel()
		case <-ctx.Done():
		}
	}()
	looks, err := r.cfg.Book.ClaimLooks(ctx, r.cfg.Every, looksAtOnce)
	if err != nil || len(looks) == 0 {
		return err
	}
	found := make([]uptime.Looked, len(looks))
	var all sync.WaitGroup
	for i, l := range looks {
		all.Go(func() { found[i] = r.look(ctx, l) })
	}
	all.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	writing, done := context.WithTimeout(ctx, recordLooksIn)
	defer done()
	again, err := r.cfg.Book.RecordLooks(writing, found)
	if err != nil {
		return fmt.Errorf("record %d looks: %w", len(found), err)
	}
	if again > 0 && r.cfg.Mailed != nil {
		r.cfg.Mailed()
	}
	return nil
}

// look probes once over the line after the one of the look before.
func (r *Recheck) look(ctx context.Context, l uptime.Look) uptime.Looked {
	out := uptime.Looked{Look: l, Line: l.LastLine, Status: uptime.Unknown}
	line, ok := nextLine(r.cfg.Lines, l.LastLine, func(id uptime.LineID) bool {
		return r.cfg.Prober.Usable(id, false) || r.cfg.Prober.Usable(id, true)
	})
	if !ok {
		return out
	}
	res := r.cfg.Prober.Resolve(ctx, line, l.Host, true)
	if res.Reason != 0 || len(res.Addrs) == 0 {
		out.Line, out.Status = line, res.Reason.Status()
		return out
	}
	addr := uptime.Pin(l.Pinned, res.Addrs)
	if !r.mayStand(ctx, l, addr) {
		return out
	}
	if line, ok = nextLine(r.cfg.Lines, l.LastLine, func(id uptime.LineID) bool { return r.cfg.Prober.Usable(id, addr.Is6()) }); !ok {
		return out
	}
	out.Line, out.Status = line, r.probe(ctx, uptime.Attempt{Line: line, Addr: addr, Service: l.Service, Port: l.Port})
	return out
}

// mayStand asks about an address that is not the one that was watched.
func (r *Recheck) mayStand(ctx context.Context, l uptime.Look, addr netip.Addr) bool {
	if r.cfg.Places == nil || addr == l.Pinned || addr.String() == l.Host {
		return true
	}
	ok, err := r.cfg.Places.MayStand(ctx, uptime.Move{TargetID: l.TargetID, Host: l.Host, Addr: addr})
	if err != nil && ctx.Err() == nil {
		r.cfg.Log.Warn("a stopped monitor could not be looked at", "host", l.Host, "error", err)
	}
	return ok && err == nil
}

func (r *Recheck) probe(ctx context.Context, a uptime.Attempt) uptime.Status {
	finding := make(chan uptime.Finding, 1)
	r.cfg.Prober.Probe(ctx, a, func(f uptime.Finding) { finding <- f })
	select {
	case f := <-finding:
		return f.Reason.Status()
	case <-ctx.Done():
		return uptime.Unknown
	}
}
