//go:build !linux

package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"syscall"
	"time"

	probing "github.com/prometheus-community/pro-bing"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// Elsewhere than on Linux Hinomi can be tried out and developed: connects go by
// net.Dialer, pings by pro-bing, which has no NG; lines are told by their
// source address only.

// openFiles is what the Go runtime has made of the soft limit at the least.
const openFiles = 2048

// otherPings bounds pings under way: each is a socket and four goroutines.
const otherPings = 256

func raiseFileLimit() (int, error) { return openFiles, nil }

func lineDialer(_ uptime.Line, src netip.Addr, network string) net.Dialer {
	d := net.Dialer{KeepAlive: -1}
	if src.IsUnspecified() {
		return d
	}
	if network == "udp" {
		d.LocalAddr = net.UDPAddrFromAddrPort(netip.AddrPortFrom(src, 0))
	} else {
		d.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(src, 0))
	}
	return d
}

type route struct {
	gateway netip.Addr // never known here
	device  int
	source  netip.Addr
}

// lookUpRoute learns the source by a UDP connect, which sends nothing.
func lookUpRoute(line uptime.Line, src, dst netip.Addr) (route, bool) {
	dialer := lineDialer(line, src, "udp")
	conn, err := dialer.DialContext(context.Background(), "udp", net.JoinHostPort(dst.String(), "9"))
	if err != nil {
		return route{}, false
	}
	defer conn.Close()
	local, _ := conn.LocalAddr().(*net.UDPAddr)
	if local == nil {
		return route{}, true
	}
	return route{source: local.AddrPort().Addr().Unmap()}, true
}

func gatewayOf(uptime.Line, netip.Addr, netip.Addr) netip.Addr { return netip.Addr{} }

// flock is a bounded number of probes under way, each a goroutine.
type flock struct {
	ctx    context.Context
	cancel context.CancelFunc
	room   chan struct{}
	flying sync.WaitGroup
	done   chan struct{}
	once   sync.Once
}

func newFlock(room int) *flock {
	ctx, cancel := context.WithCancel(context.Background())
	return &flock{ctx: ctx, cancel: cancel, room: make(chan struct{}, room), done: make(chan struct{})}
}

func (f *flock) run() {
	<-f.ctx.Done()
	f.flying.Wait()
	close(f.done)
}

func (f *flock) stop() {
	f.once.Do(f.cancel)
	<-f.done
}

func (f *flock) start(ctx context.Context, done func(uptime.Finding), measure func(context.Context) uptime.Finding) {
	select {
	case f.room <- struct{}{}:
	case <-ctx.Done():
		done(uptime.Finding{})
		return
	case <-f.ctx.Done():
		done(uptime.Finding{})
		return
	}
	f.flying.Go(func() {
		found := measure(f.ctx)
		<-f.room
		if f.ctx.Err() != nil {
			found = uptime.Finding{}
		}
		done(found)
	})
}

type tcpEngine struct {
	*flock
	ways    *ways
	timeout time.Duration
	stats   *Stats
}

func newTCPEngine(w *ways, timeout time.Duration, room int, stats *Stats) (*tcpEngine, error) {
	for _, l := range w.lines {
		if l.Device != "" || l.Mark != 0 {
			return nil, fmt.Errorf("line %s: dev= and mark= need Linux", l.Name)
		}
	}
	return &tcpEngine{flock: newFlock(room), ways: w, timeout: timeout, stats: stats}, nil
}

func (e *tcpEngine) probe(ctx context.Context, a uptime.Attempt, done func(uptime.Finding)) {
	src, ok := e.ways.source(a.Line, a.Addr.Is6())
	if !ok {
		done(uptime.Finding{At: time.Now(), Reason: uptime.SourceUnavailable})
		return
	}
	e.start(ctx, done, func(ctx context.Context) uptime.Finding {
		defer e.stats.TCP.Add(1)
		dialer := lineDialer(uptime.Line{}, src, "tcp")
		dialer.Timeout = e.timeout
		at := time.Now()
		conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(a.Addr.String(), strconv.Itoa(int(a.Port))))
		if err == nil {
			defer conn.Close()
			return uptime.Finding{At: at, Reason: uptime.Connected, RTT: time.Since(at)}
		}
		return uptime.Finding{At: at, Reason: dialFault(err, src, a.Addr)}
	})
}

// dialFault names a failed connect. Unreachable is ours if a UDP connect, which
// sends nothing, fails too.
func dialFault(err error, src, dst netip.Addr) uptime.Reason {
	var netErr net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return uptime.Refused
	case errors.Is(err, syscall.ECONNRESET):
		return uptime.Connected
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		if _, ok := lookUpRoute(uptime.Line{}, src, dst); !ok {
			return uptime.NoRoute
		}
		if errors.Is(err, syscall.ENETUNREACH) {
			return uptime.NetUnreachable
		}
		return uptime.HostUnreachable
	case errors.As(err, &netErr) && netErr.Timeout():
		return uptime.Timeout
	}
	return ownFault(err)
}

type pingEngine struct {
	*flock
	src     netip.Addr
	raw     bool
	timeout time.Duration
	stats   *Stats
}

func newPingEngine(_ *ways, _ uptime.Line, src netip.Addr, cfg Config, stats *Stats) (*pingEngine, error) {
	return &pingEngine{flock: newFlock(otherPings), src: src, timeout: cfg.Timeout, stats: stats}, nil
}

func (e *pingEngine) probe(ctx context.Context, a uptime.Attempt, done func(uptime.Finding)) {
	e.start(ctx, done, func(ctx context.Context) uptime.Finding {
		defer e.stats.Pings.Add(1)
		at := time.Now()
		if _, ok := lookUpRoute(uptime.Line{}, e.src, a.Addr); !ok {
			return uptime.Finding{At: at, Reason: uptime.NoRoute}
		}
		ping := probing.New(a.Addr.String())
		ping.SetLogger(probing.NoopLogger{})
		ping.Count, ping.Timeout = 1, e.timeout
		if !e.src.IsUnspecified() {
			ping.Source = e.src.String()
		}
		if err := ping.RunWithContext(ctx); err != nil {
			return uptime.Finding{At: at, Reason: ownFault(err)}
		}
		s := ping.Statistics()
		e.stats.Sent.Add(int64(s.PacketsSent))
		e.stats.Received.Add(int64(s.PacketsRecv))
		if s.PacketsRecv == 0 {
			return uptime.Finding{At: at, Reason: uptime.Timeout}
		}
		return uptime.Finding{At: at, Reason: uptime.Reply, RTT: max(s.MinRtt, time.Nanosecond)}
	})
}
