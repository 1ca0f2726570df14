package probe

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// zone is a name server whose records tests set: texts by name, and addresses
// that are given one set an answer, the last for ever.
type zone struct {
	addr netip.AddrPort

	mu     sync.Mutex
	texts  map[string][]string
	addrs  map[string][][]string
	broken bool // SERVFAIL to everything but the root
	dead   bool // and to the root
}

func newZone(t *testing.T) *zone {
	t.Helper()
	z := &zone{texts: map[string][]string{}, addrs: map[string][][]string{}}
	udp, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	z.addr = udp.LocalAddr().(*net.UDPAddr).AddrPort()
	var ended sync.WaitGroup
	ended.Go(func() {
		buf := make([]byte, 2048)
		for {
			n, from, err := udp.ReadFromUDP(buf)
			if err != nil {
				return
			}
			if a := z.answer(buf[:n]); a != nil {
				_, _ = udp.WriteToUDP(a, from)
			}
		}
	})
	t.Cleanup(func() { _ = udp.Close(); ended.Wait() })
	return z
}

// set changes what the zone says.
func (z *zone) set(change func()) {
	z.mu.Lock()
	defer z.mu.Unlock()
	change()
}

func (z *zone) answer(packet []byte) []byte {
	z.mu.Lock()
	defer z.mu.Unlock()
	var m dnsmessage.Message
	if m.Unpack(packet) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	name := strings.TrimSuffix(strings.ToLower(q.Name.String()), ".")
	h := dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET, TTL: 30}
	m.Response = true
	texts, addrs := z.texts[name], z.addrs[name]
	switch {
	case z.dead || z.broken && name != "":
		m.RCode = dnsmessage.RCodeServerFailure
	case name == "":
	case texts == nil && addrs == nil:
		m.RCode = dnsmessage.RCodeNameError
	case q.Type == dnsmessage.TypeTXT:
		for _, text := range texts {
			if to, ok := strings.CutPrefix(text, "CNAME "); ok {
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.CNAMEResource{CNAME: dnsmessage.MustNewName(to + ".")}})
				h.Name = dnsmessage.MustNewName(to + ".")
				continue
			}
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.TXTResource{TXT: strings.Split(text, "|")}})
		}
	case q.Type == dnsmessage.TypeA && len(addrs) > 0:
		for _, a := range addrs[0] {
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AResource{A: netip.MustParseAddr(a).As4()}})
		}
		if len(addrs) > 1 {
			z.addrs[name] = addrs[1:]
		}
	}
	b, err := m.Pack()
	if err != nil {
		return nil
	}
	return b
}

// ownerProber looks names up in a zone, over a line of loopback on which
// 127.66/16 is forbidden.
func ownerProber(t *testing.T, z *zone) *Prober {
	t.Helper()
	w := newWays([]uptime.Line{{ID: 1, Name: "a", Source4: netip.MustParseAddr("127.0.0.2")}})
	allows := func(a netip.Addr) bool { return !netip.MustParsePrefix("127.66.0.0/16").Contains(a) }
	return &Prober{ways: w, resolver: newResolver(w, []netip.AddrPort{z.addr}, allows)}
}

// webServers serves on one port of several addresses of loopback.
func webServers(t *testing.T, h http.Handler, addrs ...string) (port uint16) {
	t.Helper()
	for i, a := range addrs {
		var l net.Listener
		var err error
		if i == 0 {
			l, err = net.Listen("tcp4", a+":0")
		} else {
			l, err = net.Listen("tcp4", fmt.Sprintf("%s:%d", a, port))
		}
		if err != nil {
			t.Fatal(err)
		}
		port = l.Addr().(*net.TCPAddr).AddrPort().Port()
		server := httptest.NewUnstartedServer(h)
		_ = server.Listener.Close()
		server.Listener = l
		server.Start()
		t.Cleanup(server.Close)
	}
	return port
}

func proofOf(host string) uptime.Challenge { return uptime.NewChallenge([]byte("a key"), host) }

// discard is a port at which nothing is served.
const discard = 9

func TestAHostIsProvenByItsDNS(t *testing.T) {
	t.Parallel()
	c := proofOf("www.test")
	half := len(c.Text()) / 2
	for name, texts := range map[string][]string{
		"alone": {c.Text()}, "among others": {"v=spf1 -all", c.Text(), "else"}, "of two strings": {c.Text()[:half] + "|" + c.Text()[half:]},
		"by an alias": {"CNAME elsewhere.test", c.Text()},
	} {
		z := newZone(t)
		z.set(func() { z.texts["_hinomi.www.test"] = texts })
		if e := ownerProber(t, z).owner(t.Context(), 1, c, discard); !e.DNS || e.Denied || e.Unknown || e.Method() != uptime.ProvenByDNS {
			t.Errorf("%s: %+v", name, e)
		}
	}
	for name, texts := range map[string][]string{
		"nothing": nil, "of another account": {uptime.NewChallenge([]byte("another"), "www.test").Text()}, "with more": {c.Text() + "x"},
		"in part": {c.Text()[:half]}, "empty": {""},
	} {
		z := newZone(t)
		z.set(func() { z.texts["_hinomi.www.test"] = texts })
		if e := ownerProber(t, z).owner(t.Context(), 1, c, discard); e.Method() != "" || e.Unknown {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

func TestDNSThatFailsIsNoProofAndOurOwnFaultIsUnknown(t *testing.T) {
	t.Parallel()
	c := proofOf("www.test")
	z := newZone(t)
	z.set(func() { z.texts["_hinomi.www.test"] = []string{c.Text()} })
	z.set(func() { z.broken = true })
	if e := ownerProber(t, z).owner(t.Context(), 1, c, discard); e.Method() != "" || e.Unknown {
		t.Errorf("the name's servers fail: %+v", e)
	}
	if denied, known := ownerProber(t, z).Denied(t.Context(), 1, "www.test"); denied || known {
		t.Errorf("denied %v, known %v", denied, known)
	}
	z.set(func() { z.dead = true })
	if e := ownerProber(t, z).owner(t.Context(), 1, c, discard); e.Method() != "" || !e.Unknown {
		t.Errorf("our resolver is away: %+v", e)
	}
}

func TestTheOwnerOfANameMayRefuseToBeWatched(t *testing.T) {
	t.Parallel()
	c := proofOf("www.test")
	for _, texts := range [][]string{{"deny"}, {" DENY "}, {c.Text(), "deny"}} {
		z := newZone(t)
		z.set(func() { z.texts["_hinomi.www.test"], z.addrs["www.test"] = texts, [][]string{{"127.0.0.1"}} })
		p := ownerProber(t, z)
		if e := p.owner(t.Context(), 1, c, discard); !e.Denied || e.Method() != "" || e.Addrs != nil {
			t.Errorf("%q: %+v", texts, e)
		}
		if denied, known := p.Denied(t.Context(), 1, "www.test"); !denied || !known {
			t.Errorf("%q: denied %v, known %v", texts, denied, known)
		}
	}
	z := newZone(t)
	z.set(func() { z.texts["_hinomi.www.test"] = []string{"denying", "do not deny"} })
	for _, host := range []string{"www.test", "other.test", "192.0.2.1", strings.Repeat("a.", 125) + "jp"} {
		if denied, known := ownerProber(t, z).Denied(t.Context(), 1, host); denied || !known {
			t.Errorf("%s: denied %v, known %v", host, denied, known)
		}
	}
}

func TestAHostIsProvenByAFileOfEachAddressThatServesIt(t *testing.T) {
	t.Parallel()
	c := proofOf("www.test")
	var asked atomic.Int64
	port := webServers(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
		asked.Add(1)
		if r.Host != "www.test" || r.URL.Path != c.Path() || strings.HasPrefix(local.String(), "127.0.7.3") {
			http.NotFound(w, r)
			return
		}
		_, _ = fmt.Fprintln(w, c.Text())
	}), "127.0.7.1", "127.0.7.2", "127.0.7.3")
	z := newZone(t)
	z.set(func() { z.addrs["www.test"] = [][]string{{"127.0.7.3", "127.0.7.2", "127.0.7.1"}} })
	e := ownerProber(t, z).owner(t.Context(), 1, c, port)
	if e.Method() != uptime.ProvenByHTTP || e.Unknown || len(e.Addrs) != 3 || asked.Load() != 3 ||
		!slices.Equal(e.Files, []netip.Addr{netip.MustParseAddr("127.0.7.1"), netip.MustParseAddr("127.0.7.2")}) {
		t.Errorf("%d requests, %+v", asked.Load(), e)
	}
}

func TestWhatIsNotExactlyTheFileProvesNothing(t *testing.T) {
	t.Parallel()
	c := proofOf("127.0.8.1")
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, c.Text()) }))
	t.Cleanup(elsewhere.Close)
	for name, h := range map[string]http.HandlerFunc{
		"a redirection": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, http.StatusFound) },
		"an error": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNotFound)
			_, _ = fmt.Fprint(w, c.Text())
		},
		"something about it": func(w http.ResponseWriter, r *http.Request) { _, _ = fmt.Fprintf(w, "no %s: %s", r.URL, c.Text()) },
		"too much": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = fmt.Fprint(w, c.Text()+strings.Repeat(" ", maxFile))
		},
		"broken off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "500")
			_, _ = fmt.Fprint(w, c.Text())
		},
		"a flood of headers": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X", strings.Repeat("x", 2*maxFileHead))
			_, _ = fmt.Fprint(w, c.Text())
		},
		"nothing": func(http.ResponseWriter, *http.Request) {},
	} {
		port := webServers(t, h, "127.0.8.1")
		if e := ownerProber(t, newZone(t)).owner(t.Context(), 1, c, port); e.Method() != "" || e.Unknown {
			t.Errorf("%s: %+v", name, e)
		}
	}
	port := webServers(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "\r\n"+c.Text()+"\r\n") }), "127.0.8.1")
	if e := ownerProber(t, newZone(t)).owner(t.Context(), 1, c, port); e.Method() != uptime.ProvenByHTTP {
		t.Errorf("the file itself, of an address: %+v", e)
	}
}

func TestTheFileIsNeverAskedOfAForbiddenAddress(t *testing.T) {
	t.Parallel()
	c := proofOf("www.test")
	var inside, outside atomic.Int64
	port := webServers(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
		if strings.HasPrefix(local.String(), "127.66.") {
			inside.Add(1)
		} else {
			outside.Add(1)
		}
		_, _ = fmt.Fprint(w, c.Text())
	}), "127.0.9.1", "127.66.0.1")
	for name, answers := range map[string][][]string{
		"inward":                {{"127.66.0.1"}},
		"mixed":                 {{"127.0.9.1", "127.66.0.1"}},
		"outward, then inwards": {{"127.0.9.1"}, {"127.66.0.1"}},
	} {
		z := newZone(t)
		z.set(func() { z.addrs["www.test"] = answers })
		p := ownerProber(t, z)
		for range 3 {
			if e := p.owner(t.Context(), 1, c, port); len(answers) == 1 && e.Method() != "" {
				t.Errorf("%s: %+v", name, e)
			}
		}
	}
	if inside.Load() != 0 || outside.Load() != 1 {
		t.Errorf("%d requests to a forbidden address, %d to the other", inside.Load(), outside.Load())
	}
}

func TestALookForProofEndsWithItsContext(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	asked := make(chan struct{}, 1)
	port := webServers(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked <- struct{}{}; <-hold }), "127.0.10.1")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan uptime.Evidence, 1)
	p := ownerProber(t, newZone(t))
	go func() { ended <- p.owner(ctx, 1, proofOf("127.0.10.1"), port) }()
	<-asked
	cancel()
	if e := <-ended; e.Method() != "" {
		t.Errorf("%+v", e)
	}
	close(hold)
}
