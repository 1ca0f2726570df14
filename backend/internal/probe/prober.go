package probe

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// Config says how to probe.
type Config struct {
	Lines      []uptime.Line
	Timeout    time.Duration // of one probe
	Policy     AddressPolicy
	Resolvers  []netip.AddrPort // none: /etc/resolv.conf
	Log        *slog.Logger
	MaxTCP     int // connections under way; 0: what the file limit allows
	RecvBuffer int // of ICMP sockets, bytes; 0: 4 MiB
}

// Prober measures over the configured lines.
type Prober struct {
	cfg      Config
	ways     *ways
	resolver *resolver
	tcp      *tcpEngine
	stats    Stats
	diagnose chan struct{}

	mu      sync.Mutex
	pings   map[pingKey]*pingEngine
	stopped bool
}

type pingKey struct {
	line uptime.LineID
	src  netip.Addr
}

// maxDiagnoses bounds "probe now" at once: pro-bing costs four goroutines and a
// socket each.
const maxDiagnoses = 50

// New opens what is needed for probing. It fails with the line to type when
// ICMP is forbidden, and when no line has an address.
func New(cfg Config) (*Prober, error) {
	p := &Prober{cfg: cfg, ways: newWays(cfg.Lines), pings: map[pingKey]*pingEngine{}, diagnose: make(chan struct{}, maxDiagnoses)}
	files, err := raiseFileLimit()
	if err != nil {
		return nil, err
	}
	room := cfg.MaxTCP
	if room == 0 {
		room = max(files-1024, 256)
	}
	p.resolver = newResolver(p.ways, cfg)
	usable := false
	for _, l := range cfg.Lines {
		for _, v6 := range []bool{false, true} {
			src, ok := p.ways.source(l.ID, v6)
			if !ok {
				continue
			}
			if _, err := p.pinger(l.ID, src); err != nil {
				if v6 && src.IsUnspecified() { // a machine without IPv6
					continue
				}
				p.Stop()
				return nil, err
			}
			usable = true
		}
	}
	if !usable {
		return nil, fmt.Errorf("no line has a source address on this machine: look at HINOMI_LINES and `ip address`")
	}
	if p.tcp, err = newTCPEngine(p.ways, cfg.Timeout, room, &p.stats); err != nil {
		p.Stop()
		return nil, err
	}
	go p.tcp.run()
	return p, nil
}

// pinger is the engine of a source address; made when a line gets a new one.
func (p *Prober) pinger(line uptime.LineID, src netip.Addr) (*pingEngine, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := pingKey{line, src}
	if e := p.pings[key]; e != nil {
		return e, nil
	}
	if p.stopped {
		return nil, context.Canceled
	}
	l, _ := p.ways.line(line)
	e, err := newPingEngine(p.ways, l, src, p.cfg, &p.stats)
	if err != nil {
		return nil, err
	}
	p.pings[key] = e
	go e.run()
	return e, nil
}

// Probe starts an attempt and returns; it blocks only while there is no room.
// done is called exactly once, must not block, and gets a finding without a
// reason if the prober was stopped first.
func (p *Prober) Probe(ctx context.Context, a uptime.Attempt, done func(uptime.Finding)) {
	if !p.cfg.Policy.Allows(a.Addr) {
		done(uptime.Finding{At: time.Now(), Reason: uptime.ForbiddenAddress})
		return
	}
	if a.Service != uptime.Ping {
		p.tcp.probe(ctx, a, done)
		return
	}
	src, ok := p.ways.source(a.Line, a.Addr.Is6())
	if !ok {
		done(uptime.Finding{At: time.Now(), Reason: uptime.SourceUnavailable})
		return
	}
	e, err := p.pinger(a.Line, src)
	if err != nil {
		done(uptime.Finding{At: time.Now(), Reason: uptime.Internal})
		return
	}
	e.probe(ctx, a, done)
}

// Resolve gives the addresses of a host over a line, checked by the address
// policy; fresh asks even if the answer is known.
func (p *Prober) Resolve(ctx context.Context, line uptime.LineID, host string, fresh bool) uptime.Resolution {
	return p.resolver.resolve(ctx, line, host, fresh)
}

// Usable tells whether a line has a source address of a family now.
func (p *Prober) Usable(line uptime.LineID, v6 bool) bool {
	_, ok := p.ways.source(line, v6)
	return ok
}

// Stats of this prober.
func (p *Prober) Stats() *Stats { return &p.stats }

// Stop ends probing; what is under way is given up. Safe twice.
func (p *Prober) Stop() {
	p.mu.Lock()
	again := p.stopped
	p.stopped = true
	engines := p.pings
	p.mu.Unlock()
	if again {
		return
	}
	for _, e := range engines {
		e.stop()
	}
	if p.tcp != nil {
		p.tcp.stop()
	}
}
