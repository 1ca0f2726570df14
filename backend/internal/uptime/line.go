package uptime

import "net/netip"

// LineID is the number under which a line is stored. It is given once per name
// and never reused; 0 means no line.
type LineID uint8

// Line is a named way out: a source address of one carrier.
type Line struct {
	ID    LineID
	Name  string // [a-z0-9-]{1,16}
	Label string // as people see it; the name if not set

	Source4 netip.Addr // zero: not bound by an IPv4 address
	Source6 netip.Addr // zero: not bound by an IPv6 address
	Device  string     // SO_BINDTODEVICE; empty: routing decides
	Mark    uint32     // SO_MARK for `ip rule`; 0: none

	Shown []netip.Addr // what the internet sees; empty: the sources themselves
}

// Bound tells whether the line names a source of its own, unlike the single
// line "default" of an installation that was told nothing.
func (l Line) Bound() bool {
	return l.Source4.IsValid() || l.Source6.IsValid() || l.Device != ""
}

// DisplayName is the label, else the name.
func (l Line) DisplayName() string {
	if l.Label != "" {
		return l.Label
	}
	return l.Name
}
