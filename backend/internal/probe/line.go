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

	mu    sync.RWMutex
	read  time.Time
	local map[netip.Addr]bool
	now   map[uptime.LineID][2]netip.Addr // v4, v6; zero if there is none
}

func newWays(lines []uptime.Line) *ways { return &ways{lines: lines} }

// source is the line's address of a family now. bound is false for a line that
// leaves the choice to the kernel; ok is false if it cannot send.
func (w *ways) source(id uptime.LineID, v6 bool) (addr netip.Addr, ok bool) {
	w.refresh()
	w.mu.RLock()
	defer w.mu.RUnlock()
	sources, known := w.now[id]
	if !known {
		return netip.Addr{}, false
	}
	if v6 {
		return sources[1], sources[1].IsValid()
	}
	return sources[0], sources[0].IsValid()
}

// isLocal tells whether an address is this machine's own.
func (w *ways) isLocal(a netip.Addr) bool {
	w.refresh()
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.local[a]
}

func (w *ways) line(id uptime.LineID) (uptime.Line, bool) {
	i := slices.IndexFunc(w.lines, func(l uptime.Line) bool { return l.ID == id })
	if i < 0 {
		return uptime.Line{}, false
	}
	return w.lines[i], true
}

func (w *ways) refresh() {
	w.mu.RLock()
	fresh := time.Since(w.read) < rereadDevices
	w.mu.RUnlock()
	if fresh {
		return
	}
	local, byDevice := localAddrs()
	now := map[uptime.LineID][2]netip.Addr{}
	for _, l := range w.lines {
		now[l.ID] = sourcesOf(l, local, byDevice)
	}
	w.mu.Lock()
	w.local, w.now, w.read = local, now, time.Now()
	w.mu.Unlock()
}

// sourcesOf finds a line's present addresses: its configured ones while the
// machine has them (any of 127/8 is always there), else those of its device. A
// line that names neither sends from wherever routing says.
func sourcesOf(l uptime.Line, local map[netip.Addr]bool, byDevice map[string][]netip.Addr) (s [2]netip.Addr) {
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
	for _, a := range byDevice[l.Device] {
		switch {
		case a.Is4() && !s[0].IsValid():
			s[0] = a
		case a.Is6() && !a.IsLinkLocalUnicast() && !s[1].IsValid():
			s[1] = a
		}
	}
	return s
}

func localAddrs() (all map[netip.Addr]bool, byDevice map[string][]netip.Addr) {
	all, byDevice = map[netip.Addr]bool{}, map[string][]netip.Addr{}
	devices, err := net.Interfaces()
	if err != nil {
		return all, byDevice
	}
	for _, d := range devices {
		if d.Flags&net.FlagUp == 0 {
			continue
		}
		addrs, err := d.Addrs()
		if err != nil {
			continue
		}
		for _, a := range addrs {
			ipnet, ok := a.(*net.IPNet)
			if !ok {
				continue
			}
			if ip, ok := netip.AddrFromSlice(ipnet.IP); ok {
				ip = ip.Unmap()
				all[ip] = true
				byDevice[d.Name] = append(byDevice[d.Name], ip)
			}
		}
	}
	return all, byDevice
}
