package probe

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// How often the names of our own services are looked up, and how long an
// address counts after a name had it last: a relay of many addresses shows some
// of them at a time.
const (
	ownEvery  = time.Minute
	ownWithin = 5 * time.Second
	ownMemory = 24 * time.Hour
)

// lookUpHost is net.Resolver.LookupNetIP: our own services are found as the
// rest of this machine finds them.
type lookUpHost func(ctx context.Context, network, host string) ([]netip.Addr, error)

// ownHosts knows the addresses of the services that we use ourselves, the mail
// relay and the database, which nobody else may watch.
type ownHosts struct {
	names  []string
	lookUp lookUpHost
	now    func() time.Time
	log    *slog.Logger

	seen  map[netip.Addr]time.Time // when a name had it last; of refresh alone
	addrs atomic.Pointer[map[netip.Addr]bool]

	end    context.CancelFunc
	ending sync.WaitGroup
}

// watchOwnHosts looks the names up, then once a minute until it is stopped.
func watchOwnHosts(names []string, log *slog.Logger) *ownHosts {
	o := &ownHosts{names: names, lookUp: net.DefaultResolver.LookupNetIP, now: time.Now, log: log, seen: map[netip.Addr]time.Time{}}
	ctx, end := context.WithCancel(context.Background())
	o.end = end
	o.refresh(ctx)
	o.ending.Go(func() { o.run(ctx) })
	return o
}

func (o *ownHosts) run(ctx context.Context) {
	tick := time.NewTicker(ownEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			o.refresh(ctx)
		}
	}
}

// stop ends the looking up. Safe twice.
func (o *ownHosts) stop() {
	if o == nil {
		return
	}
	o.end()
	o.ending.Wait()
}

// refresh looks all names up. While one of them cannot be, nothing is forgotten.
func (o *ownHosts) refresh(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, ownWithin)
	defer cancel()
	now, complete := o.now(), true
	for _, name := range o.names {
		found, err := o.find(ctx, name)
		if err != nil && ctx.Err() == nil {
			o.log.Warn("a service of our own is not found by its name; only its addresses known before are kept from being watched", "host", name, "error", err)
		}
		complete = complete && err == nil
		for _, a := range found {
			o.seen[a.Unmap().WithZone("")] = now
		}
	}
	addrs := make(map[netip.Addr]bool, len(o.seen))
	for a, at := range o.seen {
		if complete && now.Sub(at) > ownMemory {
			delete(o.seen, a)
			continue
		}
		addrs[a] = true
	}
	o.addrs.Store(&addrs)
}

func (o *ownHosts) find(ctx context.Context, name string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(name); err == nil {
		return []netip.Addr{a}, nil
	}
	return o.lookUp(ctx, "ip", name)
}

// have tells whether one of our services is at an address.
func (o *ownHosts) have(a netip.Addr) bool {
	if o == nil {
		return false
	}
	addrs := o.addrs.Load()
	return addrs != nil && (*addrs)[a]
}
