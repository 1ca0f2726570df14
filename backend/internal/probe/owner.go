package probe

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// Bounds of a look for the file of a proof.
const (
	fileWithin   = 5 * time.Second // of one address
	maxFile      = 1024            // bytes of its content
	maxFileHead  = 16 * 1024       // bytes of the answer's header
	webPort      = 80
	ownersWithin = 20 * time.Second // of a whole look over one line
)

// Denied tells whether a host's DNS says that nobody may watch it. known is
// false if our own way to DNS was at fault, or the name's servers fail.
func (p *Prober) Denied(ctx context.Context, line uptime.LineID, host string) (denied, known bool) {
	if _, err := netip.ParseAddr(host); err == nil {
		return false, true
	}
	texts, err := p.resolver.texts(ctx, line, uptime.ChallengeName(host))
	return denies(texts), err == nil
}

func denies(texts []string) bool {
	return slices.ContainsFunc(texts, func(t string) bool { return strings.EqualFold(strings.TrimSpace(t), uptime.DenyText) })
}

// Owner looks over a line whether what a challenge asks for is in the host's
// DNS, or served from its addresses. Forbidden addresses are sent nothing, and
// each is connected to as it was checked: no name is looked up again.
func (p *Prober) Owner(ctx context.Context, line uptime.LineID, c uptime.Challenge) uptime.Evidence {
	return p.owner(ctx, line, c, webPort)
}

func (p *Prober) owner(ctx context.Context, line uptime.LineID, c uptime.Challenge, port uint16) uptime.Evidence {
	ctx, cancel := context.WithTimeout(ctx, ownersWithin)
	defer cancel()
	var e uptime.Evidence
	if name := c.Name(); name != "" {
		texts, err := p.resolver.texts(ctx, line, name)
		if err != nil {
			e.Unknown = !p.resolver.works(ctx, line)
		}
		if e.Denied = denies(texts); e.Denied {
			return e
		}
		e.DNS = slices.Contains(texts, c.Text())
	}
	res := p.Resolve(ctx, line, c.Host, true)
	e.Unknown = e.Unknown || res.Reason == uptime.DNSUnavailable
	e.Addrs = res.Addrs
	files, tried := p.files(ctx, line, c, addrPorts(res.Addrs, port))
	e.Files = files
	e.Unknown = e.Unknown || len(res.Addrs) > 0 && !tried
	return e
}

func addrPorts(addrs []netip.Addr, port uint16) (all []netip.AddrPort) {
	for _, a := range addrs {
		all = append(all, netip.AddrPortFrom(a, port))
	}
	return all
}

// files asks all servers at once, and gives the addresses of those that serve
// the file, in their order. tried is false if the line reaches none of them.
func (p *Prober) files(ctx context.Context, line uptime.LineID, c uptime.Challenge, servers []netip.AddrPort) (found []netip.Addr, tried bool) {
	served, reached := make([]bool, len(servers)), make([]bool, len(servers))
	var all sync.WaitGroup
	for i, server := range servers {
		all.Go(func() { served[i], reached[i] = p.serves(ctx, way{"tcp", line, server}, c) })
	}
	all.Wait()
	for i, server := range servers {
		if served[i] {
			found = append(found, server.Addr())
		}
	}
	return found, slices.Contains(reached, true)
}

// serves tells whether an address serves the file of a challenge. reached is
// false if the fault was ours: the line has no source for the address.
func (p *Prober) serves(ctx context.Context, w way, c uptime.Challenge) (served, reached bool) {
	src, ok := p.ways.source(w.line, w.server.Addr().Is6())
	line, known := p.ways.line(w.line)
	if !ok || !known || !p.resolver.allows(w.server.Addr()) {
		return false, ok && known
	}
	ctx, cancel := context.WithTimeout(ctx, fileWithin)
	defer cancel()
	dialer := lineDialer(line, src, w.network)
	transport := &http.Transport{
		DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: maxFileHead,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, w.network, w.server.String())
		},
	}
	return fetches(ctx, transport, c), true
}

// fetches asks for the file, follows nothing, and compares all of its content.
func fetches(ctx context.Context, transport http.RoundTripper, c uptime.Challenge) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL(), nil)
	if err != nil {
		return false
	}
	req.Header.Set("User-Agent", "Hinomi (proof of ownership)")
	res, err := transport.RoundTrip(req)
	if err != nil {
		return false
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return false
	}
	content, err := io.ReadAll(io.LimitReader(res.Body, maxFile+1))
	if err != nil || len(content) > maxFile {
		return false
	}
	return strings.TrimSpace(string(content)) == c.Text()
}
