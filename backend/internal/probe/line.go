package probe

import (
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// rereadDevices is how often the addresses of this machine are looked at.
const rereadDevices = 3 * time.Second

// ways knows from which address each line can send at the moment.
type ways struct {
	lines []uptime.Line

	reading sync.Mutex
	mu      sync.RWMutex
	read    time.Time
	local   map[netip.Addr]bool
	gates   map[netip.Addr]bool // the lines' gateways to the internet
	links   []netip.Prefix      // networks that we are on, loopback not among them
	now     map[uptime.LineID]wayOut
}

// wayOut is how a line leaves at the moment.
type wayOut struct {
	sources [2]netip.Addr // v4, v6; zero if there is none
	device  int           // index of the line's device, which changes when it is made anew; 0 if it names none
}

func newWays(lines []uptime.Line) *ways { return &ways{lines: lines} }

// source is the line's address of a family now, unspecified for a line that
// leaves the choice to the kernel; ok is false if it cannot send.
func (w *ways) source(id uptime.LineID, v6 bool) (addr netip.Addr, ok bool) {
	way := w.wayOut(id)
	if v6 {
		return way.sources[1], way.sources[1].IsValid()
	}
	return way.sources[0], way.sources[0].IsValid()
}

func (w *ways) wayOut(id uptime.LineID) wayOut {
	w.refresh()
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.now[id]
}

// isLocal tells whether an address is this machine's own.
func (w *ways) isLocal(a netip.Addr) bool {
	w.refresh()
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.local[a]
}

// isOurs tells whether an address is this machine's own or a gateway of a line.
func (w *ways) isOurs(a netip.Addr) bool {
	w.refresh()
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.local[a] || w.gates[a]
}

// onLink tells whether an address is on a network that we are on ourselves.
func (w *ways) onLink(a netip.Addr) bool {
	w.refresh()
	w.mu.RLock()
	defer w.mu.RUnlock()
	return slices.ContainsFunc(w.links, func(p netip.Prefix) bool { return p.Contains(a) })
}

func (w *ways) line(id uptime.LineID) (uptime.Line, bool) {
	i := slices.IndexFunc(w.lines, func(l uptime.Line) bool { return l.ID == id })
	if i < 0 {
		return uptime.Line{}, false
	}
	return w.lines[i], true
}

func (w *ways) refresh() {
	if w.fresh() {
		return
	}
	w.reading.Lock()
	defer w.reading.Unlock()
	if w.fresh() {
		return
	}
	devices, err := localDevices()
	local, links := map[netip.Addr]bool{}, []netip.Prefix{}
	for _, d := range devices {
		for _, p := range d.addrs {
			local[p.Addr()] = true
			if !p.Addr().IsLoopback() {
				links = append(links, p.Masked())
			}
		}
	}
	now, gates := map[uptime.LineID]wayOut{}, map[netip.Addr]bool{}
	for _, l := range w.lines {
		way := wayOut{sources: sourcesOf(l, local, devices[l.Device].addrs), device: devices[l.Device].index}
		now[l.ID] = way
		for _, gate := range gatesOf(l, way) {
			gates[gate] = true
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.read = time.Now(); err == nil { // else what was read last is still the best we know
		w.local, w.gates, w.links, w.now = local, gates, links, now
	}
}

// gatesOf are the gateways by which a line reaches the internet.
func gatesOf(l uptime.Line, way wayOut) (gates []netip.Addr) {
	for i, src := range way.sources {
		if !src.IsValid() {
			continue
		}
		if gate := gatewayOf(l, src, elsewhere[i]); gate.IsValid() {
			gates = append(gates, gate)
		}
	}
	return gates
}

func (w *ways) fresh() bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return time.Since(w.read) < rereadDevices
}

// sourcesOf finds a line's present addresses: its configured ones while the
// machine has them (any of 127/8 is always there), else those of its device. A
// line that names neither sends from wherever routing says.
func sourcesOf(l uptime.Line, local map[netip.Addr]bool, ofDevice []netip.Prefix) (s [2]netip.Addr) {
	for i, a := range []netip.Addr{l.Source4, l.Source6} {
		if a.IsValid() && (local[a] || a.IsLoopback()) {
			s[i] = a
		}
	}
	if l.Source4.IsValid() || l.Source6.IsValid() {
		return s
	}
	if l.Device == "" {
		return [2]netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()}
	}
	for _, p := range ofDevice {
		switch a := p.Addr(); {
		case a.Is4() && !s[0].IsValid():
			s[0] = a
		case a.Is6() && !a.IsLinkLocalUnicast() && !s[1].IsValid():
			s[1] = a
		}
	}
	return s
}

// device is a network device of this machine that is up.
type device struct {
	index int
	addrs []netip.Prefix
}

func localDevices() (map[string]device, error) {
	byName := map[string]device{}
	devices, err := net.Interfaces()
	if err != nil {
		return byName, err
	}
	for _, d := range devices {
		if d.Flags&net.FlagUp == 0 {
			continue
		}
		addrs, err := d.Addrs()
		if err != nil {
			continue // it went away meanwhile
		}
		found := device{index: d.Index}
		for _, a := range addrs {
			ipnet, ok := a.(*net.IPNet)
			if !ok {
				continue
			}
			ones, _ := ipnet.Mask.Size()
			if ip, ok := netip.AddrFromSlice(ipnet.IP); ok {
				found.addrs = append(found.addrs, netip.PrefixFrom(ip.Unmap(), ones))
			}
		}
		byName[d.Name] = found
	}
	return byName, nil
}
