package probe

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// Config says how to probe.
type Config struct {
	Lines      []uptime.Line
	Timeout    time.Duration // of one probe
	Policy     AddressPolicy
	OwnHosts   []string         // names or addresses of services that we use ourselves: relay, database
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
	own      *ownHosts
	tcp      *tcpEngine
	stats    Stats
	diagnose chan struct{}

	mu      sync.Mutex
	pings   map[pingKey]*pingEngine
	retired map[*pingEngine]bool // of an address or device that a line no longer has
	stopped bool
}

// pingKey is what a ping engine's socket is bound to. The device counts by its
// index: a socket stays with the old one when a device is made anew (PPPoE).
type pingKey struct {
	line   uptime.LineID
	src    netip.Addr
	device int
}

// maxDiagnoses bounds "probe now" at once: pro-bing costs four goroutines and a
// socket each.
const maxDiagnoses = 50

// New opens what is needed for probing. It fails with the line to type when
// ICMP is forbidden, and when no line has an address.
func New(cfg Config) (*Prober, error) {
	p := &Prober{
		cfg: cfg, ways: newWays(cfg.Lines), pings: map[pingKey]*pingEngine{}, retired: map[*pingEngine]bool{},
		diagnose: make(chan struct{}, maxDiagnoses),
	}
	files, err := raiseFileLimit()
	if err != nil {
		return nil, err
	}
	room := cfg.MaxTCP
	if room == 0 {
		room = max(files-1024, 256)
	}
	p.resolver = newResolver(p.ways, cfg.Resolvers, p.allows)
	if !cfg.Policy.any && len(cfg.OwnHosts) > 0 {
		p.own = watchOwnHosts(cfg.OwnHosts, cfg.Log)
	}
	if err := p.openPingers(); err != nil {
		p.Stop()
		return nil, err
	}
	tcp, err := newTCPEngine(p.ways, cfg.Timeout, room, &p.stats)
	if err != nil {
		p.Stop()
		return nil, err
	}
	p.tcp = tcp
	go p.tcp.run()
	return p, nil
}

// openPingers makes the engines of all present sources, so that what forbids
// them shows at once.
func (p *Prober) openPingers() error {
	usable := false
	for _, l := range p.cfg.Lines {
		for _, v6 := range []bool{false, true} {
			src, ok := p.ways.source(l.ID, v6)
			if !ok {
				continue
			}
			if _, err := p.pinger(l.ID, src); err != nil {
				if v6 && src.IsUnspecified() { // a machine without IPv6
					continue
				}
				return err
			}
			usable = true
		}
	}
	if !usable {
		return fmt.Errorf("no line has a source address on this machine: look at HINOMI_LINES and `ip address`")
	}
	return nil
}

// pinger is the engine of a source address; made when a line gets a new one.
func (p *Prober) pinger(line uptime.LineID, src netip.Addr) (*pingEngine, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := pingKey{line, src, p.ways.wayOut(line).device}
	if e := p.pings[key]; e != nil {
		return e, nil
	}
	if p.stopped {
		return nil, errStopped
	}
	l, _ := p.ways.line(line)
	e, err := newPingEngine(p.ways, l, src, p.cfg, &p.stats)
	if err != nil {
		return nil, err
	}
	for old, engine := range p.pings {
		if old.line == key.line && old.src.Is4() == key.src.Is4() {
			delete(p.pings, old)
			p.retire(engine)
		}
	}
	p.pings[key] = e
	go e.run()
	return e, nil
}

var errStopped = errors.New("the prober is stopped")

// retire ends an engine when all that it was given is over. Holds mu.
func (p *Prober) retire(e *pingEngine) {
	p.retired[e] = true
	time.AfterFunc(2*p.cfg.Timeout+time.Second, func() {
		e.stop()
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.retired, e)
	})
}

// Probe starts an attempt and returns; it blocks only while there is no room.
// done is called exactly once, must not block, and gets a finding without a
// reason if the prober was stopped first.
func (p *Prober) Probe(ctx context.Context, a uptime.Attempt, done func(uptime.Finding)) {
	if !p.allows(a.Addr) {
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
	switch {
	case errors.Is(err, errStopped):
		done(uptime.Finding{})
	case err != nil:
		done(uptime.Finding{At: time.Now(), Reason: ownFault(err)})
	default:
		e.probe(ctx, a, done)
	}
}

// allows applies the address policy; where only the internet may be watched,
// this machine itself may not, under whichever address, nor its gateways and
// the services that it uses.
func (p *Prober) allows(a netip.Addr) bool {
	return p.cfg.Policy.Allows(a) && (p.cfg.Policy.any || !p.ways.isOurs(a) && !p.own.have(a))
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
	engines := slices.Collect(maps.Keys(p.retired))
	engines = slices.AppendSeq(engines, maps.Values(p.pings))
	p.mu.Unlock()
	if again {
		return
	}
	p.own.stop()
	for _, e := range engines {
		e.stop()
	}
	if p.tcp != nil {
		p.tcp.stop()
	}
}
