//go:build lab

package lab

import (
	"context"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	probing "github.com/prometheus-community/pro-bing"

	"github.com/hinomi-watch/hinomi/backend/internal/probe"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// TestProbes asks the engines themselves, without a server around them, and
// compares ping's with pro-bing: they agree on who answers. Not beside other
// tests: those count what is on the wire.
func TestProbes(t *testing.T) {
	p, lines := newProber(t, time.Second)
	var wg sync.WaitGroup
	for _, e := range append(expectations, refused...) {
		for _, l := range lines {
			for _, word := range strings.Fields(e.services) {
				wg.Go(func() {
					askOnce(t, p, l, e, word)
				})
			}
		}
	}
	wg.Wait()
}

// TestProbesSlow: the same with 5 s to wait, for what answers only after 3 s.
func TestProbesSlow(t *testing.T) {
	p, lines := newProber(t, 5*time.Second)
	var wg sync.WaitGroup
	for _, e := range slowExpectations {
		for i, l := range lines {
			if i == 1 { // another dead host beside it: see slowExpectations
				e.host = netip.MustParseAddr(e.host).Next().Next().String()
			}
			for _, word := range strings.Fields(e.services) {
				wg.Go(func() { askOnce(t, p, l, e, word) })
			}
		}
	}
	wg.Wait()
}

func newProber(t *testing.T, timeout time.Duration) (*probe.Prober, []uptime.Line) {
	t.Helper()
	lines := []uptime.Line{
		{ID: 1, Name: "a", Source4: netip.MustParseAddr(lineA), Source6: netip.MustParseAddr("2400:a::2")},
		{ID: 2, Name: "b", Source4: netip.MustParseAddr(lineB), Source6: netip.MustParseAddr("2400:b::2")},
	}
	p, err := probe.New(probe.Config{
		Lines: lines, Timeout: timeout, Policy: probe.PublicPolicy(nil),
		Resolvers: []netip.AddrPort{netip.AddrPortFrom(netip.MustParseAddr(resolver), 53)},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return p, lines
}

func askOnce(t *testing.T, p *probe.Prober, l uptime.Line, e expectation, word string) {
	service, err := uptime.ParseService(word)
	if err != nil {
		t.Error(err)
		return
	}
	want := e.want(word, l.Name)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	addr, err := netip.ParseAddr(e.host)
	if err != nil {
		host, err := probe.ParseHost(e.host)
		if err != nil {
			t.Errorf("%s: %v", e.host, err)
			return
		}
		res := p.Resolve(ctx, l.ID, host.ASCII, true)
		if res.Reason != 0 {
			if got := res.Reason.Status().String() + "/" + res.Reason.String(); got != want {
				t.Errorf("%s over %s: %s, want %s", e.host, l.Name, got, want)
			}
			return
		}
		addr = res.Addrs[0]
	}
	found := make(chan uptime.Finding, 1)
	p.Probe(ctx, uptime.Attempt{Line: l.ID, Addr: addr, Service: service, Port: ports[word]}, func(f uptime.Finding) { found <- f })
	select {
	case <-ctx.Done():
		t.Errorf("%s %s over %s: no finding in 10 s", e.host, word, l.Name)
	case f := <-found:
		if got := f.Reason.Status().String() + "/" + f.Reason.String(); got != want {
			t.Errorf("%s %s over %s: %s, want %s", e.host, word, l.Name, got, want)
		}
	}
	if word == "ping" && want != "unknown/no_route" { // pro-bing never ends there
		if got := answers(t, addr, l); got != (want == "ok/reply") {
			t.Errorf("%s over %s: pro-bing says answering: %v, we say %s", e.host, l.Name, got, want)
		}
	}
}

// answers asks pro-bing.
func answers(t *testing.T, addr netip.Addr, l uptime.Line) bool {
	pinger := probing.New(addr.String())
	pinger.SetPrivileged(true)
	pinger.SetLogger(probing.NoopLogger{})
	pinger.Count, pinger.Timeout = 1, time.Second
	pinger.Source = l.Source4.String()
	if addr.Is6() {
		pinger.Source = l.Source6.String()
	}
	if err := pinger.Run(); err != nil {
		t.Errorf("pro-bing %s over %s: %v", addr, l.Name, err)
	}
	return pinger.Statistics().PacketsRecv > 0
}
