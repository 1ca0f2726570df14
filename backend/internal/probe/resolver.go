package probe

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/dns/dnsmessage"
	"golang.org/x/sync/singleflight"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// Bounds of the resolver.
const (
	resolveBudget = 5 * time.Second
	askTimeout    = 2 * time.Second // of one question to one server
	maxTTL        = 60 * time.Second
	maxCached     = 200_000
	maxAnswers    = 64
	maxCNAMEs     = 16
	maxAddrs      = 8               // of a name that anybody is told; all are judged
	rootAge       = 3 * time.Second // that our resolver works is asked at most so often
)

// resolver looks names up over a line. Only successes are remembered: a failure
// that will count is a fresh question.
type resolver struct {
	ways    *ways
	servers []netip.AddrPort
	allows  func(netip.Addr) bool

	flights singleflight.Group
	mu      sync.Mutex
	cache   map[resolveKey]cachedName
	root    map[uptime.LineID]cachedRoot
}

type resolveKey struct {
	line uptime.LineID
	name string
}

type cachedName struct {
	addrs []netip.Addr
	until time.Time
}

type cachedRoot struct {
	works bool
	asked time.Time
}

func newResolver(w *ways, servers []netip.AddrPort, allows func(netip.Addr) bool) *resolver {
	if len(servers) == 0 {
		servers = systemResolvers()
	}
	return &resolver{ways: w, servers: servers, allows: allows, cache: map[resolveKey]cachedName{}, root: map[uptime.LineID]cachedRoot{}}
}

func systemResolvers() (servers []netip.AddrPort) {
	f, err := os.Open("/etc/resolv.conf")
	if err == nil {
		defer func() { _ = f.Close() }()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			w := strings.Fields(lines.Text())
			if len(w) >= 2 && w[0] == "nameserver" {
				if a, err := netip.ParseAddr(w[1]); err == nil {
					servers = append(servers, netip.AddrPortFrom(a, 53))
				}
			}
		}
	}
	if len(servers) == 0 {
		servers = []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:53")}
	}
	return servers
}

// resolve gives a name's addresses over a line, from memory unless fresh.
func (r *resolver) resolve(ctx context.Context, line uptime.LineID, host string, fresh bool) uptime.Resolution {
	if a, err := netip.ParseAddr(host); err == nil {
		return r.judge([]netip.Addr{a})
	}
	key := resolveKey{line, host}
	if !fresh {
		r.mu.Lock()
		c, ok := r.cache[key]
		r.mu.Unlock()
		if ok && time.Now().Before(c.until) {
			return r.judge(c.addrs)
		}
	}
	shared := context.WithoutCancel(ctx) // whoever asked first may leave before the others
	found := r.flights.DoChan(fmt.Sprintf("%d/%s", line, host), func() (any, error) {
		ctx, cancel := context.WithTimeout(shared, resolveBudget)
		defer cancel()
		return r.lookUp(ctx, key), nil
	})
	select {
	case res := <-found:
		return res.Val.(uptime.Resolution)
	case <-ctx.Done():
		return uptime.Resolution{Reason: uptime.DNSUnavailable}
	}
}

// judge applies the address policy to all addresses of a name: one forbidden
// address forbids the name. It gives the lowest eight.
func (r *resolver) judge(addrs []netip.Addr) uptime.Resolution {
	for _, a := range addrs {
		if !r.allows(a) {
			return uptime.Resolution{Reason: uptime.ForbiddenAddress}
		}
	}
	return uptime.Resolution{Addrs: slices.Clip(addrs[:min(len(addrs), maxAddrs)])}
}

// errName are the answers that are about the name itself.
var (
	errNoSuchName = errors.New("the name does not exist")
	errServers    = errors.New("the name servers fail")
)

func (r *resolver) lookUp(ctx context.Context, key resolveKey) uptime.Resolution {
	root := make(chan bool, 1)
	go func() { root <- r.works(ctx, key.line) }()
	type answer struct {
		addrs []netip.Addr
		ttl   time.Duration
		err   error
	}
	kinds := r.kinds()
	answers := make(chan answer, len(kinds))
	for _, kind := range kinds {
		go func() {
			addrs, ttl, err := r.ask(ctx, key.line, key.name, kind)
			answers <- answer{addrs, ttl, err}
		}()
	}
	var all []netip.Addr
	var failed error
	ttl := maxTTL
	for range kinds {
		a := <-answers
		all, failed = append(all, a.addrs...), errors.Join(failed, a.err)
		if a.err == nil && len(a.addrs) > 0 {
			ttl = min(ttl, a.ttl)
		}
	}
	switch {
	case len(all) > 0:
		return r.remember(key, all, ttl)
	case errors.Is(failed, errNoSuchName):
		return uptime.Resolution{Reason: uptime.DNSNotFound}
	case failed == nil:
		return uptime.Resolution{Reason: uptime.DNSNoAddress}
	case <-root:
		return uptime.Resolution{Reason: uptime.DNSFailed}
	}
	return uptime.Resolution{Reason: uptime.DNSUnavailable}
}

// kinds are the record types of the families that the lines can send from.
func (r *resolver) kinds() (kinds []dnsmessage.Type) {
	var v4, v6 bool
	for _, l := range r.ways.lines {
		_, ok4 := r.ways.source(l.ID, false)
		_, ok6 := r.ways.source(l.ID, true)
		v4, v6 = v4 || ok4, v6 || ok6
	}
	if v4 || !v6 {
		kinds = append(kinds, dnsmessage.TypeA)
	}
	if v6 {
		kinds = append(kinds, dnsmessage.TypeAAAA)
	}
	return kinds
}

func (r *resolver) remember(key resolveKey, addrs []netip.Addr, ttl time.Duration) uptime.Resolution {
	slices.SortFunc(addrs, netip.Addr.Compare) // IPv4 before IPv6, ascending
	addrs = slices.Compact(addrs)
	r.mu.Lock()
	if len(r.cache) >= maxCached {
		clear(r.cache)
	}
	r.cache[key] = cachedName{addrs, time.Now().Add(ttl)}
	r.mu.Unlock()
	return r.judge(addrs)
}

// works asks our resolver for the root's name servers: who answers that works.
func (r *resolver) works(ctx context.Context, line uptime.LineID) bool {
	r.mu.Lock()
	c := r.root[line]
	r.mu.Unlock()
	if c.works && time.Since(c.asked) < rootAge {
		return true
	}
	_, _, err := r.ask(ctx, line, ".", dnsmessage.TypeNS)
	r.mu.Lock()
	r.root[line] = cachedRoot{err == nil, time.Now()}
	r.mu.Unlock()
	return err == nil
}

// ask asks for addresses, or for name servers, of which it gives none.
func (r *resolver) ask(ctx context.Context, line uptime.LineID, name string, kind dnsmessage.Type) (addrs []netip.Addr, ttl time.Duration, err error) {
	err = r.askAll(ctx, line, inquiry{name, kind, func(b []byte) (truncated bool, err error) {
		addrs, ttl, truncated, err = readAnswer(b, name, kind)
		return truncated, err
	}})
	return addrs, ttl, err
}

// inquiry is a question with what reads its answer.
type inquiry struct {
	name string
	kind dnsmessage.Type
	read func(answer []byte) (truncated bool, err error)
}

// askAll puts one question to the servers, one after the other, twice around.
func (r *resolver) askAll(ctx context.Context, line uptime.LineID, i inquiry) error {
	for range 2 {
		for _, server := range r.servers {
			if ctx.Err() != nil {
				return errServers
			}
			if err := r.askServer(ctx, line, server, i); err == nil || errors.Is(err, errNoSuchName) {
				return err
			}
		}
	}
	return errServers
}

func (r *resolver) askServer(ctx context.Context, line uptime.LineID, server netip.AddrPort, i inquiry) error {
	q, err := question(i.name, i.kind)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	for _, network := range []string{"udp", "tcp"} {
		answer, err := r.exchange(ctx, way{network, line, server}, q)
		if err != nil {
			return err
		}
		if truncated, err := i.read(answer); !truncated || network == "tcp" {
			return err
		}
	}
	return errServers
}

// question is a packed query with a random identifier.
func question(name string, kind dnsmessage.Type) ([]byte, error) {
	var random [2]byte
	if _, err := rand.Read(random[:]); err != nil {
		return nil, err
	}
	n, err := dnsmessage.NewName(strings.TrimSuffix(name, ".") + ".")
	if err != nil {
		return nil, err
	}
	m := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: binary.BigEndian.Uint16(random[:]), RecursionDesired: true},
		Questions: []dnsmessage.Question{{Name: n, Type: kind, Class: dnsmessage.ClassINET}},
	}
	return m.Pack()
}

// way is how a question goes to a server.
type way struct {
	network string // udp or tcp
	line    uptime.LineID
	server  netip.AddrPort
}

// answers tells whether b is an answer to the query q, by its identifier.
func answers(b, q []byte) bool { return len(b) >= 12 && [2]byte(b) == [2]byte(q) }

// exchange sends a question over the line; a resolver on this machine or on our
// own link is asked plainly.
func (r *resolver) exchange(ctx context.Context, w way, q []byte) ([]byte, error) {
	line, _ := r.ways.line(w.line)
	src, ok := r.ways.source(w.line, w.server.Addr().Is6())
	dialer := net.Dialer{}
	if ok && !r.plainly(src, w.server.Addr()) {
		dialer = lineDialer(line, src, w.network)
	}
	conn, err := dialer.DialContext(ctx, w.network, w.server.String())
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		return nil, err
	}
	if w.network == "tcp" {
		return exchangeTCP(conn, q)
	}
	if _, err := conn.Write(q); err != nil {
		return nil, err
	}
	buf := make([]byte, 4096)
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return nil, err
		}
		if answers(buf[:n], q) {
			return buf[:n], nil
		}
	}
}

func exchangeTCP(conn net.Conn, q []byte) ([]byte, error) {
	if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(q))), q...)); err != nil {
		return nil, err
	}
	var size [2]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return nil, err
	}
	answer := make([]byte, binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(conn, answer); err != nil {
		return nil, err
	}
	if !answers(answer, q) {
		return nil, errServers
	}
	return answer, nil
}

// plainly tells whether a server is on this machine or on our own link, where
// no carrier's address leads.
func (r *resolver) plainly(src, server netip.Addr) bool {
	if server.IsLoopback() {
		return !src.IsLoopback()
	}
	return r.ways.onLink(server)
}

// readAnswer follows the CNAMEs of an answer and gives the addresses at their
// end. No addresses and no error: the name exists without them.
func readAnswer(b []byte, name string, kind dnsmessage.Type) (addrs []netip.Addr, ttl time.Duration, truncated bool, err error) {
	owner, records, truncated, err := readRecords(b, name, kind)
	if err != nil {
		return nil, 0, truncated, err
	}
	addrs, ttl, err = follow(records, owner)
	return addrs, ttl, false, err
}

// readRecords gives the records of an answer to the question of that name.
func readRecords(b []byte, name string, kind dnsmessage.Type) (owner dnsmessage.Name, records []dnsmessage.Resource, truncated bool, err error) {
	var p dnsmessage.Parser
	h, err := p.Start(b)
	if err != nil || !h.Response {
		return owner, nil, false, errServers
	}
	q, err := p.Question()
	if err != nil || q.Type != kind || !strings.EqualFold(strings.TrimSuffix(q.Name.String(), "."), strings.TrimSuffix(name, ".")) {
		return owner, nil, false, errServers
	}
	switch {
	case h.Truncated:
		return owner, nil, true, errServers
	case h.RCode == dnsmessage.RCodeNameError:
		return owner, nil, false, errNoSuchName
	case h.RCode != dnsmessage.RCodeSuccess:
		return owner, nil, false, errServers
	}
	if err := p.SkipAllQuestions(); err != nil {
		return owner, nil, false, errServers
	}
	records, err = p.AllAnswers()
	if err != nil || len(records) > maxAnswers {
		return owner, nil, false, errServers
	}
	return q.Name, records, false, nil
}

func follow(records []dnsmessage.Resource, name dnsmessage.Name) (addrs []netip.Addr, ttl time.Duration, err error) {
	ttl = maxTTL
	for range maxCNAMEs {
		var next *dnsmessage.Name
		for _, rr := range records {
			if !strings.EqualFold(rr.Header.Name.String(), name.String()) {
				continue
			}
			switch body := rr.Body.(type) {
			case *dnsmessage.AResource:
				addrs = append(addrs, netip.AddrFrom4(body.A))
			case *dnsmessage.AAAAResource:
				addrs = append(addrs, netip.AddrFrom16(body.AAAA))
			case *dnsmessage.CNAMEResource:
				next = &body.CNAME
			default:
				continue
			}
			ttl = min(ttl, time.Duration(rr.Header.TTL)*time.Second)
		}
		if len(addrs) > 0 || next == nil {
			return addrs, ttl, nil
		}
		name = *next
	}
	return nil, 0, errServers // a loop
}
