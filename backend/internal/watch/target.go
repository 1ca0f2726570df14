package watch

import (
	"net/netip"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// target is what the monitors of one host share.
type target struct {
	id       int64
	host     string
	literal  netip.Addr // the host itself if it is an address
	phase    int64      // ms
	monitors int

	pinned      netip.Addr
	pinnedSince time.Time
	pinNew      bool // not yet recorded
}

func newTarget(a uptime.Assignment, interval int64) *target {
	t := &target{id: a.TargetID, host: a.Host, phase: phase(a.TargetID, interval), pinned: a.Pinned, pinnedSince: a.PinnedSince}
	if addr, err := netip.ParseAddr(a.Host); err == nil {
		t.literal, t.pinned = addr, addr
	}
	return t
}

// choose picks the address to probe, and tells whether that is another one than
// was watched until now.
func (t *target) choose(addrs []netip.Addr) (addr netip.Addr, moved bool) {
	if t.literal.IsValid() {
		return t.literal, false
	}
	addr = uptime.Pin(t.pinned, addrs)
	return addr, addr != t.pinned
}

// pin watches the chosen address from now on. since is zero unless the choice
// is news that must be recorded.
func (t *target) pin(addr netip.Addr, now time.Time) (_ netip.Addr, since time.Time) {
	if t.literal.IsValid() {
		return t.literal, time.Time{}
	}
	if addr != t.pinned {
		t.pinned, t.pinnedSince, t.pinNew = addr, now.UTC().Truncate(time.Millisecond), true
	}
	if t.pinNew {
		since = t.pinnedSince
	}
	return addr, since
}
