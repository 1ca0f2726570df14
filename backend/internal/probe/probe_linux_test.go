package probe

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// needRoot says loudly what is missing: raw sockets need it.
func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED: raw ICMP sockets need root")
	}
}

// onLoopback is a prober with two lines on 127.0.0.2 and 127.0.0.3.
func onLoopback(t *testing.T, change func(*Config)) *Prober {
	t.Helper()
	needRoot(t)
	cfg := Config{
		Lines: []uptime.Line{
			{ID: 1, Name: "a", Source4: netip.MustParseAddr("127.0.0.2")},
			{ID: 2, Name: "b", Source4: netip.MustParseAddr("127.0.0.3")},
		},
		Timeout: time.Second, Policy: AnyPolicy(), Log: slog.New(slog.DiscardHandler), MaxTCP: 2000,
	}
	if change != nil {
		change(&cfg)
	}
	p, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return p
}

// ask makes one probe and waits for its finding.
func ask(t *testing.T, p *Prober, a uptime.Attempt) uptime.Finding {
	t.Helper()
	found := make(chan uptime.Finding, 1)
	p.Probe(t.Context(), a, func(f uptime.Finding) { found <- f })
	return <-found
}

func TestPingAndConnectOverEachLine(t *testing.T) {
	t.Parallel()
	p := onLoopback(t, nil)
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	from := make(chan string, 4)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			host, _, _ := net.SplitHostPort(c.RemoteAddr().String())
			from <- host
			_ = c.Close()
		}
	}()
	port := uint16(l.Addr().(*net.TCPAddr).Port)
	for line, src := range map[uptime.LineID]string{1: "127.0.0.2", 2: "127.0.0.3"} {
		f := ask(t, p, uptime.Attempt{Line: line, Addr: netip.MustParseAddr("127.0.0.9"), Service: uptime.Ping})
		if f.Reason != uptime.Reply || f.RTT <= 0 || f.RTT > time.Second || time.Since(f.At) > time.Minute {
			t.Errorf("ping over line %d: %+v", line, f)
		}
		f = ask(t, p, uptime.Attempt{Line: line, Addr: netip.MustParseAddr("127.0.0.1"), Service: uptime.HTTP, Port: port})
		if f.Reason != uptime.Connected || f.RTT <= 0 {
			t.Errorf("connect over line %d: %+v", line, f)
		}
		if got := <-from; got != src {
			t.Errorf("line %d connected from %s, want %s", line, got, src)
		}
	}
}

func TestAClosedPortIsRefused(t *testing.T) {
	t.Parallel()
	p := onLoopback(t, nil)
	f := ask(t, p, uptime.Attempt{Line: 1, Addr: netip.MustParseAddr("127.0.0.1"), Service: uptime.HTTP, Port: 1})
	if f.Reason != uptime.Refused {
		t.Errorf("got %s", f.Reason)
	}
}

func TestALineWithoutItsAddressCannotSend(t *testing.T) {
	t.Parallel()
	p := onLoopback(t, func(c *Config) {
		c.Lines = append(c.Lines, uptime.Line{ID: 3, Name: "c", Source4: netip.MustParseAddr("198.51.100.77")})
	})
	if p.Usable(3, false) || !p.Usable(1, false) || p.Usable(1, true) {
		t.Error("usable lines are wrong")
	}
	for _, s := range []uptime.Service{uptime.Ping, uptime.HTTP} {
		if f := ask(t, p, uptime.Attempt{Line: 3, Addr: netip.MustParseAddr("127.0.0.1"), Service: s, Port: s.Port()}); f.Reason != uptime.SourceUnavailable {
			t.Errorf("%s: %s", s, f.Reason)
		}
	}
	if lines := p.Lines(); len(lines[2].Warnings) == 0 || lines[2].Warnings[0] != uptime.WarnNoAddress {
		t.Errorf("line status %+v", lines[2])
	}
}

func TestAForbiddenAddressIsNeverSentTo(t *testing.T) {
	t.Parallel()
	p := onLoopback(t, func(c *Config) { c.Policy = PublicPolicy(nil) })
	f := ask(t, p, uptime.Attempt{Line: 1, Addr: netip.MustParseAddr("127.0.0.1"), Service: uptime.Ping})
	if f.Reason != uptime.ForbiddenAddress || p.Stats().Sent.Load() != 0 {
		t.Errorf("%s, %d sent", f.Reason, p.Stats().Sent.Load())
	}
	if res := p.Resolve(t.Context(), 1, "10.0.0.1", false); res.Reason != uptime.ForbiddenAddress {
		t.Errorf("resolved to %+v", res)
	}
}

func TestSixtyThousandPingsOnLoopbackAreAllAnswered(t *testing.T) {
	t.Parallel()
	p := onLoopback(t, func(c *Config) { c.Timeout = 5 * time.Second })
	var answered atomic.Int64
	var waiting sync.WaitGroup
	for i := range 60_000 {
		waiting.Add(1)
		a := uptime.Attempt{Line: uptime.LineID(1 + i%2), Service: uptime.Ping, Addr: netip.AddrFrom4([4]byte{127, 1, byte(i >> 8), byte(i)})}
		p.Probe(t.Context(), a, func(f uptime.Finding) {
			if f.Reason == uptime.Reply {
				answered.Add(1)
			}
			waiting.Done()
		})
	}
	waiting.Wait()
	if n := answered.Load(); n != 60_000 {
		t.Errorf("%d of 60,000 answered", n)
	}
}

func TestStopGivesUpWhatWaits(t *testing.T) {
	t.Parallel()
	p := onLoopback(t, func(c *Config) { c.Timeout = time.Hour; c.MaxTCP = 1 })
	e, err := p.pinger(1, netip.MustParseAddr("127.0.0.2"))
	if err != nil {
		t.Fatal(err)
	}
	found := make(chan uptime.Finding, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range cap(p.tcp.room) {
		p.tcp.room <- struct{}{}
	}
	p.Probe(ctx, uptime.Attempt{Line: 1, Addr: netip.MustParseAddr("127.0.0.1"), Service: uptime.HTTP, Port: 1}, func(f uptime.Finding) { found <- f })
	if f := <-found; f.Reason != 0 {
		t.Errorf("without room, at the end: %+v", f)
	}
	p.Stop()
	e.probe(t.Context(), uptime.Attempt{Addr: netip.MustParseAddr("127.0.0.1")}, func(f uptime.Finding) { found <- f })
	if f := <-found; f.Reason != 0 {
		t.Errorf("after the end: %+v", f)
	}
}

func TestAReplyCountsOnlyIfEverythingOfItIsOurs(t *testing.T) {
	t.Parallel()
	e := &pingEngine{raw: true, timeout: time.Minute, idBase: 0x1230, nonce: [8]byte{1, 2, 3}, room: make(chan struct{}, 8), stats: &Stats{}}
	dst := netip.MustParseAddr("203.0.113.5")
	newPing := func() (*ping, []byte, *uptime.Reason) {
		var got uptime.Reason
		p := &ping{dst: dst, tries: 1, gen: 7, done: func(f uptime.Finding) { got = f.Reason }}
		p.sent[0] = time.Now()
		e.slots, e.used = []*ping{p}, 1
		e.room <- struct{}{}
		p.tries = 0
		b := e.packet(p)
		p.tries = 1
		b[0] = icmp4EchoReply
		return p, b[:], &got
	}
	withIP := func(b []byte) []byte { return append(append([]byte{0x45}, make([]byte, 19)...), b...) }
	for name, spoil := range map[string]func(b []byte) netip.Addr{
		"another source":     func([]byte) netip.Addr { return netip.MustParseAddr("203.0.113.6") },
		"another identifier": func(b []byte) netip.Addr { b[4]++; return dst },
		"another sequence":   func(b []byte) netip.Addr { b[7]++; return dst },
		"another process":    func(b []byte) netip.Addr { b[8]++; return dst },
		"another slot":       func(b []byte) netip.Addr { b[19]++; return dst },
		"an earlier ping":    func(b []byte) netip.Addr { b[23] -= 4; return dst },
		"a try not made yet": func(b []byte) netip.Addr { b[23] |= 2; return dst },
	} {
		_, b, got := newPing()
		from := spoil(b)
		if e.receive(withIP(b), from) || *got != 0 {
			t.Errorf("%s was taken for a reply", name)
		}
		<-e.room
	}
	_, b, got := newPing()
	if !e.receive(withIP(b), dst) || *got != uptime.Reply {
		t.Error("the right reply was not taken")
	}
	if e.receive(withIP(b), dst) {
		t.Error("a duplicate was taken")
	}
}

func TestALateErrorIsNotTakenForTheNextPing(t *testing.T) {
	t.Parallel()
	e := &pingEngine{ways: newWays(nil), raw: true, timeout: time.Minute, room: make(chan struct{}, 8), stats: &Stats{}, slots: make([]*ping, 4)}
	dst := netip.MustParseAddr("203.0.113.5")
	start := func() (packet []byte, reason *uptime.Reason) {
		reason = new(uptime.Reason)
		p := &ping{dst: dst, done: func(f uptime.Finding) { *reason = f.Reason }}
		e.room <- struct{}{}
		e.enter(p)
		b := e.packet(p)
		p.tries, p.sent[0] = 1, time.Now()
		return b[:], reason
	}
	unreachable := func(echo []byte) []byte {
		ip := append([]byte{0x45, 0, 0, 44, 0, 0, 0, 0, 64, 1, 0, 0, 198, 51, 100, 1, 203, 0, 113, 5}, echo...)
		return append([]byte{icmp4Unreachable, 1, 0, 0, 0, 0, 0, 0}, ip...)
	}
	router := netip.MustParseAddr("203.0.113.254")
	first, _ := start()
	e.settle(e.slots[0], uptime.Timeout, 0)
	if start(); e.slots[0] != nil || e.slots[1] == nil {
		t.Error("the slot was given again at once")
	}
	e.next = 0
	second, reason := start()
	if e.refusal(unreachable(first), router) || *reason != 0 {
		t.Error("the error about the first ping was taken for one about the second")
	}
	if !e.refusal(unreachable(second), router) || *reason != uptime.HostUnreachable {
		t.Errorf("the right error was not taken: %s", *reason)
	}
}

func TestOurOwnMachineIsForbiddenWhereOnlyTheInternetMayBeWatched(t *testing.T) {
	t.Parallel()
	own, gate := netip.MustParseAddr("203.0.114.9"), netip.MustParseAddr("203.0.114.1")
	p := &Prober{cfg: Config{Policy: PublicPolicy(nil)}, ways: newWays(nil)}
	p.ways.read, p.ways.local, p.ways.gates = time.Now().Add(time.Hour), map[netip.Addr]bool{own: true}, map[netip.Addr]bool{gate: true}
	if p.allows(own) || p.allows(gate) || !p.allows(own.Next()) || !p.allows(gate.Next()) {
		t.Error("our own address or gateway is allowed, or its neighbour is not")
	}
	p.cfg.Policy = AnyPolicy()
	if !p.allows(own) || !p.allows(gate) {
		t.Error("where anything may be watched, our own network may not")
	}
}

func FuzzReceiveNeverPanics(f *testing.F) {
	f.Add([]byte{0x45, 0, 0, 0}, false)
	f.Add(append([]byte{0x45}, make([]byte, 60)...), true)
	f.Fuzz(func(t *testing.T, b []byte, v6 bool) {
		e := &pingEngine{raw: true, v6: v6, room: make(chan struct{}, 1), stats: &Stats{}}
		e.receive(b, netip.MustParseAddr("203.0.113.5"))
		_, _ = parseExtendedErr(b)
		_ = parseRoute(b)
		_, _, _, _ = readAnswer(b, "a.example", 1)
	})
}

func TestDiagnoseMeasuresOverEveryLine(t *testing.T) {
	t.Parallel()
	p := onLoopback(t, nil)
	for i, d := range p.Diagnose(t.Context(), "127.0.0.1", uptime.Ping, 0) {
		if d.Finding.Reason != uptime.Reply || d.Sent != 5 || d.Received != 5 || d.Avg <= 0 {
			t.Errorf("line %d: %+v", i, d)
		}
	}
}

func TestSourceOfANameIsWrittenOnce(t *testing.T) {
	t.Parallel()
	for host, code := range map[string]string{
		"127.1": "host_not_canonical", "0x7f000001": "host_not_public", "1.2.3.04": "host_not_canonical", "::ffff:10.0.0.1": "host_not_canonical",
		"localhost": "host_not_public", "a.localhost": "host_not_public", "http://a.example": "host_syntax", "a.example:80": "host_syntax",
		"": "host_syntax", "a..example": "host_syntax", "-a.example": "host_syntax", "a_b.example": "host_syntax", "a b.example": "host_syntax",
		"2130706433": "host_not_public", "fe80::1%eth0": "host_not_canonical", "1.2.3": "host_not_canonical", "printer.local": "host_not_public",
		"0x7f.1": "host_not_canonical", "a.0x10": "host_not_canonical", "2001:DB8::1": "host_not_canonical", "[::1]": "host_syntax",
		"0177.0.0.1": "host_not_canonical", "1.2.3.4.": "host_not_canonical", "1.2.3.4.5": "host_not_canonical", "256.1.1.1": "host_not_canonical",
		"::ffff:a00:1": "host_not_canonical", "0:0:0:0:0:0:0:1": "host_not_canonical", "2001:db8:0::1": "host_not_canonical", "1.2.3.4/32": "host_syntax",
		"a.example/": "host_syntax", "a.example?x": "host_syntax", "a.example#x": "host_syntax", "me@a.example": "host_syntax", "a.example\\": "host_syntax",
		"*.example.jp": "host_syntax", "a-.example": "host_syntax", ".example.jp": "host_syntax", "a.example..": "host_syntax", ".": "host_syntax",
		"a\tb.example": "host_syntax", "a%2eexample": "host_syntax", "a.example,b.example": "host_syntax", "xn--a.example": "host_syntax",
		"\xe6.A": "host_syntax", "xn--.example": "host_syntax", "www": "host_not_public", "LOCALHOST.": "host_not_public", "db.internal": "host_not_public",
		"a.onion": "host_not_public", "a.invalid": "host_not_public", "5.0.113.203.in-addr.arpa": "host_not_public",
		strings.Repeat("a", 64) + ".example": "host_syntax", strings.Repeat("abcdefghi.", 26) + "jp": "host_syntax",
		"①②⑦.0.0.1": "host_not_canonical", "１２７.０.０.１": "host_not_canonical", "ｌｏｃａｌｈｏｓｔ": "host_not_public", "a\u200d.example": "host_syntax",
	} {
		_, err := ParseHost(host)
		var e *HostError
		if !errors.As(err, &e) || e.Code() != code {
			t.Errorf("%q: %v, want %s", host, err, code)
		}
	}
	for host, want := range map[string][2]string{
		"www.example.jp": {"www.example.jp", "www.example.jp"}, "WWW.Example.JP.": {"www.example.jp", "www.example.jp"},
		"日本語.jp": {"xn--wgv71a119e.jp", "日本語.jp"}, "203.0.113.5": {"203.0.113.5", "203.0.113.5"}, "2001:db8::1": {"2001:db8::1", "2001:db8::1"},
		" a.example ": {"a.example", "a.example"}, "a.b.c.d.e.example": {"a.b.c.d.e.example", "a.b.c.d.e.example"}, "1.example": {"1.example", "1.example"},
		"ＷＷＷ.example。jp": {"www.example.jp", "www.example.jp"}, "Straße.example": {"xn--strae-oqa.example", "straße.example"},
		"xn--wgv71a119e.jp": {"xn--wgv71a119e.jp", "日本語.jp"}, "日本語.日本": {"xn--wgv71a119e.xn--wgv71a", "日本語.日本"},
		strings.Repeat("a", 63) + ".jp": {strings.Repeat("a", 63) + ".jp", strings.Repeat("a", 63) + ".jp"}, "::1": {"::1", "::1"}, "a.example。": {"a.example", "a.example"}, "0.0.0.0": {"0.0.0.0", "0.0.0.0"},
	} {
		h, err := ParseHost(host)
		if err != nil || h.ASCII != want[0] || h.Unicode != want[1] {
			t.Errorf("%q: %+v, %v", host, h, err)
		}
	}
}

func TestGlobalFollowsTheRegistries(t *testing.T) {
	t.Parallel()
	for want, texts := range map[bool][]string{
		true: {"1.1.1.1", "192.0.0.9", "192.0.0.10", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.15.0.1", "172.32.0.1", "198.17.255.255",
			"223.255.255.255", "2001:4860::1", "2001:1::1", "2001:20::1", "2400::1", "192.31.196.1", "192.52.193.1",
			"192.175.48.1", "2001:3::1", "2001:4:112::1", "2620:4f:8000::1"},
		false: {"0.0.0.0", "0.1.2.3", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1",
			"192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1",
			"255.255.255.255", "::", "::1", "::7f00:1", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:2::1", "2001:db8::1",
			"2002:7f00:1::", "3fff::1", "5f00::1", "fc00::1", "fd00::1", "fe80::1", "fec0::1", "ff02::1", "4000::1", "::ffff:1.1.1.1",
			"::ffff:0:127.0.0.1", "64:ff9b::169.254.169.254", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2002:a9fe:a9fe::1", "fd00:ec2::254"},
	} {
		for _, text := range texts {
			if got := PublicPolicy(nil).Allows(netip.MustParseAddr(text)); got != want {
				t.Errorf("%s: allowed %t", text, got)
			}
		}
	}
	own := netip.MustParseAddr("1.2.3.4")
	if PublicPolicy([]netip.Addr{own}).Allows(own) {
		t.Error("our own address is allowed")
	}
}

func FuzzParseHostGivesOnlyWhatItTakesBack(f *testing.F) {
	for _, s := range []string{"www.example.jp", "日本語.jp", "127.1", "::ffff:10.0.0.1", "xn--a.example", "a..b", "1.2.3.4"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		h, err := ParseHost(s)
		if err != nil {
			return
		}
		again, err := ParseHost(h.ASCII)
		if err != nil || again.ASCII != h.ASCII || again.Unicode != h.Unicode || again.Addr != h.Addr {
			t.Errorf("%q became %+v, which becomes %+v, %v", s, h, again, err)
		}
		if len(h.ASCII) > maxName || strings.Trim(h.ASCII, "abcdefghijklmnopqrstuvwxyz0123456789.-:") != "" {
			t.Errorf("%q became %q", s, h.ASCII)
		}
	})
}

func BenchmarkPing(b *testing.B)    { benchmark(b, uptime.Ping, 0) }
func BenchmarkRefused(b *testing.B) { benchmark(b, uptime.HTTP, 1) }

func benchmark(b *testing.B, s uptime.Service, port uint16) {
	if os.Geteuid() != 0 {
		b.Skip("SKIPPED: raw ICMP sockets need root")
	}
	p, err := New(Config{
		Lines: []uptime.Line{{ID: 1, Name: "a", Source4: netip.MustParseAddr("127.0.0.2")}}, Timeout: 5 * time.Second, Policy: AnyPolicy(),
	})
	if err != nil {
		b.Fatal(err)
	}
	defer p.Stop()
	var waiting sync.WaitGroup
	var wrong atomic.Int64
	for i := range b.N {
		waiting.Add(1)
		addr := netip.AddrFrom4([4]byte{127, 1, byte(i >> 8), byte(i)})
		p.Probe(b.Context(), uptime.Attempt{Line: 1, Addr: addr, Service: s, Port: port}, func(f uptime.Finding) {
			if f.Reason != uptime.Reply && f.Reason != uptime.Refused {
				wrong.Add(1)
			}
			waiting.Done()
		})
	}
	waiting.Wait()
	if n := wrong.Load(); n > 0 {
		b.Error(fmt.Sprint(n, " wrong"))
	}
}
