package probe

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// nameServer is a resolver on loopback, over UDP and TCP, whose answers are told
// by the names.
type nameServer struct {
	t      *testing.T
	addr   netip.AddrPort
	broken bool // answers nothing but SERVFAIL, not even for the root

	mu    sync.Mutex
	asked map[string][]string // who asked, by name and type, as "A a.test."
}

func newNameServer(t *testing.T, broken bool) *nameServer {
	t.Helper()
	s := &nameServer{t: t, broken: broken, asked: map[string][]string{}}
	udp, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	s.addr = udp.LocalAddr().(*net.UDPAddr).AddrPort()
	tcp, err := net.Listen("tcp4", s.addr.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = udp.Close(); _ = tcp.Close() })
	go func() {
		buf := make([]byte, 2048)
		for {
			n, from, err := udp.ReadFromUDP(buf)
			if err != nil {
				return
			}
			for _, a := range s.answer(buf[:n], from.IP.String(), false) {
				_, _ = udp.WriteToUDP(a, from)
			}
		}
	}()
	go func() {
		for {
			c, err := tcp.Accept()
			if err != nil {
				return
			}
			go s.serveTCP(c)
		}
	}()
	return s
}

func (s *nameServer) serveTCP(c net.Conn) {
	defer c.Close()
	var size [2]byte
	if _, err := io.ReadFull(c, size[:]); err != nil {
		return
	}
	q := make([]byte, binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(c, q); err != nil {
		return
	}
	host, _, _ := net.SplitHostPort(c.RemoteAddr().String())
	for _, a := range s.answer(q, host, true) {
		_, _ = c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(a))), a...))
	}
}

func (s *nameServer) count(question string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.asked[question])
}

func (s *nameServer) answer(packet []byte, from string, tcp bool) [][]byte {
	var m dnsmessage.Message
	if m.Unpack(packet) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	name := strings.ToLower(q.Name.String())
	s.mu.Lock()
	key := strings.TrimPrefix(q.Type.String(), "Type") + " " + name
	s.asked[key] = append(s.asked[key], from)
	s.mu.Unlock()
	m.Response, m.RecursionAvailable = true, true
	a := func(owner string, addrs ...string) {
		for _, text := range addrs {
			h := dnsmessage.ResourceHeader{Name: dnsmessage.MustNewName(owner), Class: dnsmessage.ClassINET, TTL: 30}
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AResource{A: netip.MustParseAddr(text).As4()}})
		}
	}
	cname := func(owner, to string) {
		h := dnsmessage.ResourceHeader{Name: dnsmessage.MustNewName(owner), Class: dnsmessage.ClassINET, TTL: 30}
		m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.CNAMEResource{CNAME: dnsmessage.MustNewName(to)}})
	}
	if s.broken {
		m.RCode = dnsmessage.RCodeServerFailure
		return s.pack(m)
	}
	switch name {
	case ".", "nodata.test.":
	case "a.test.":
		a(name, "203.0.113.9", "203.0.113.5", "203.0.113.9")
	case "slow.test.":
		<-time.After(300 * time.Millisecond) // long enough for all askers to join
		a(name, "203.0.113.5")
	case "alias.test.":
		cname(name, "Alias2.test.")
		cname("alias2.test.", "end.test.")
		a("end.test.", "203.0.113.7")
		a("stranger.test.", "203.0.113.8")
	case "loop.test.":
		cname(name, "loop2.test.")
		cname("loop2.test.", name)
	case "big.test.":
		if m.Truncated = !tcp; tcp {
			a(name, "203.0.113.10")
		}
	case "many.test.":
		for range maxAnswers + 1 {
			a(name, "203.0.113.5")
		}
	case "full.test.", "fullbut.test.":
		for i := range maxAnswers - 1 {
			a(name, netip.AddrFrom4([4]byte{203, 0, 113, byte(200 - i)}).String())
		}
		a(name, map[string]string{"full.test.": "203.0.113.201", "fullbut.test.": "10.0.0.1"}[name])
	case "endless.test.":
		m.Truncated = true
	case "chain.test.", "longchain.test.":
		links := map[string]int{"chain.test.": maxCNAMEs - 1, "longchain.test.": maxCNAMEs}[name]
		for i := range links {
			owner := fmt.Sprintf("c%d.test.", i)
			if i == 0 {
				owner = name
			}
			cname(owner, fmt.Sprintf("c%d.test.", i+1))
		}
		a(fmt.Sprintf("c%d.test.", links), "203.0.113.11")
	case "inward.test.":
		cname(name, "metadata.test.")
		a("metadata.test.", "10.169.254.169")
	case "mixed.test.":
		a(name, "203.0.113.5", "10.0.0.1")
	case "wrongid.test.":
		a(name, "203.0.113.66")
		forged := m
		forged.ID++
		m.Answers = nil
		a(name, "203.0.113.5")
		return append(s.pack(forged), s.pack(m)...)
	case "another.test.":
		m.Questions[0].Name = dnsmessage.MustNewName("a.test.")
		a("a.test.", "203.0.113.5")
	case "silent.test.":
		return nil
	case "refused.test.":
		m.RCode = dnsmessage.RCodeRefused
	case "servfail.test.":
		m.RCode = dnsmessage.RCodeServerFailure
	default:
		m.RCode = dnsmessage.RCodeNameError
	}
	return s.pack(m)
}

func (s *nameServer) pack(m dnsmessage.Message) [][]byte {
	b, err := m.Pack()
	if err != nil {
		s.t.Error(err)
	}
	return [][]byte{b}
}

// onLoopbackNames looks names up over two lines of loopback, where 10/8 is
// forbidden.
func onLoopbackNames(servers ...netip.AddrPort) *resolver {
	w := newWays([]uptime.Line{
		{ID: 1, Name: "a", Source4: netip.MustParseAddr("127.0.0.2")}, {ID: 2, Name: "b", Source4: netip.MustParseAddr("127.0.0.3")},
	})
	return newResolver(w, servers, func(a netip.Addr) bool { return a.As4()[0] != 10 })
}

func TestWhatANameServerSaysHasItsReason(t *testing.T) {
	t.Parallel()
	s := newNameServer(t, false)
	r := onLoopbackNames(s.addr)
	for name, want := range map[string]string{
		"a.test": "203.0.113.5 203.0.113.9", "A.Test.": "203.0.113.5 203.0.113.9", "alias.test": "203.0.113.7", "big.test": "203.0.113.10",
		"wrongid.test": "203.0.113.5", "nothere.test": "dns_not_found", "nodata.test": "dns_no_address", "servfail.test": "dns_failed",
		"refused.test": "dns_failed", "loop.test": "dns_failed", "many.test": "dns_failed", "another.test": "dns_failed",
		"chain.test": "203.0.113.11", "longchain.test": "dns_failed", "endless.test": "dns_failed", "inward.test": "forbidden_address",
		"full.test":    "203.0.113.138 203.0.113.139 203.0.113.140 203.0.113.141 203.0.113.142 203.0.113.143 203.0.113.144 203.0.113.145",
		"fullbut.test": "forbidden_address",
		"silent.test":  "dns_failed", "mixed.test": "forbidden_address", "203.0.113.1": "203.0.113.1", "10.1.2.3": "forbidden_address",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res := r.resolve(t.Context(), 1, name, false)
			var got []string
			for _, a := range res.Addrs {
				got = append(got, a.String())
			}
			if res.Reason != 0 {
				got = append(got, res.Reason.String())
			}
			if strings.Join(got, " ") != want {
				t.Errorf("%v, want %s", got, want)
			}
		})
	}
}

func TestOurOwnResolversFailureIsOurs(t *testing.T) {
	t.Parallel()
	closed, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	refusing := closed.LocalAddr().(*net.UDPAddr).AddrPort()
	_ = closed.Close()
	for name, server := range map[string]netip.AddrPort{"servfail": newNameServer(t, true).addr, "refusing": refusing} {
		if res := onLoopbackNames(server).resolve(t.Context(), 1, "a.test", true); res.Reason != uptime.DNSUnavailable {
			t.Errorf("%s: %+v", name, res)
		}
	}
	both := onLoopbackNames(newNameServer(t, true).addr, newNameServer(t, false).addr)
	if res := both.resolve(t.Context(), 1, "a.test", true); len(res.Addrs) != 2 {
		t.Errorf("the second resolver was not asked: %+v", res)
	}
}

func TestAnswersAreRememberedByLine(t *testing.T) {
	t.Parallel()
	s := newNameServer(t, false)
	r := onLoopbackNames(s.addr)
	ask := func(line uptime.LineID, name string, fresh bool) { r.resolve(t.Context(), line, name, fresh) }
	ask(1, "a.test", false)
	ask(1, "a.test", false)
	if n := s.count("A a.test."); n != 1 {
		t.Errorf("asked %d times", n)
	}
	ask(1, "a.test", true)
	ask(2, "a.test", false)
	s.mu.Lock()
	if got := s.asked["A a.test."]; !slices.Equal(got, []string{"127.0.0.2", "127.0.0.2", "127.0.0.3"}) {
		t.Errorf("asked from %v", got)
	}
	s.mu.Unlock()
	ask(1, "nothere.test", false)
	ask(1, "nothere.test", false)
	if n := s.count("A nothere.test."); n != 2 {
		t.Errorf("a failure was remembered: asked %d times", n)
	}
	var asking sync.WaitGroup
	for range 50 {
		asking.Go(func() { ask(1, "slow.test", true) })
	}
	asking.Wait()
	if n := s.count("A slow.test."); n > 2 { // a late asker may come after the first flight
		t.Errorf("50 askers at once asked %d times", n)
	}
}

func TestOnlyAResolverNearbyIsAskedPlainly(t *testing.T) {
	t.Parallel()
	r := onLoopbackNames()
	r.ways.read, r.ways.links = time.Now().Add(time.Hour), []netip.Prefix{netip.MustParsePrefix("192.168.1.0/24"), netip.MustParsePrefix("203.0.113.7/32")}
	for _, c := range []struct {
		src, server string
		want        bool
	}{
		{"203.0.113.7", "127.0.0.53", true}, {"127.0.0.2", "127.0.0.1", false}, {"203.0.113.7", "192.168.1.1", true},
		{"203.0.113.7", "203.0.113.8", false}, {"0.0.0.0", "203.0.113.8", false},
	} {
		if got := r.plainly(netip.MustParseAddr(c.src), netip.MustParseAddr(c.server)); got != c.want {
			t.Errorf("from %s, %s: %t", c.src, c.server, got)
		}
	}
}

func TestTheMemoryOfNamesIsBounded(t *testing.T) {
	t.Parallel()
	r := onLoopbackNames()
	addr := []netip.Addr{netip.MustParseAddr("203.0.113.5")}
	for i := range maxCached {
		r.cache[resolveKey{1, string(binary.BigEndian.AppendUint32(nil, uint32(i)))}] = cachedName{addrs: addr}
	}
	r.remember(resolveKey{1, "a.test"}, addr, time.Minute)
	if len(r.cache) > maxCached {
		t.Errorf("%d names", len(r.cache))
	}
}
