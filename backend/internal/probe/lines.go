package probe

import (
	"net"
	"net/netip"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// elsewhere are addresses whose routes show by which way a line leaves for the
// internet; nothing is sent to them (they are root name servers).
//
//nolint:gochecknoglobals // a table that nobody changes
var elsewhere = [2]netip.Addr{netip.MustParseAddr("198.41.0.4"), netip.MustParseAddr("2001:503:ba3e::2:30")}

// Lines gives the configured lines as they are now, in their order.
func (p *Prober) Lines() []uptime.LineStatus {
	all := make([]uptime.LineStatus, len(p.cfg.Lines))
	for i, l := range p.cfg.Lines {
		all[i] = p.lineStatus(l)
	}
	for i := range all {
		for k := range all {
			if i != k && sameWayOut(all[i], all[k]) {
				all[i].Warnings = append(all[i].Warnings, uptime.WarnSameWayOut)
				break
			}
		}
	}
	return all
}

func (p *Prober) lineStatus(l uptime.Line) uptime.LineStatus {
	s := uptime.LineStatus{Line: l, Shown: l.Shown, Device: l.Device}
	var present, private bool
	for i, v6 := range []bool{false, true} {
		src, ok := p.ways.source(l.ID, v6)
		if !ok {
			continue
		}
		r, routed := lookUpRoute(l, src, elsewhere[i])
		if !routed {
			present = present || !src.IsUnspecified()
			continue
		}
		present = true
		if r.gateway.IsValid() {
			s.Gateways = append(s.Gateways, r.gateway)
		}
		if dev, err := net.InterfaceByIndex(r.device); err == nil && s.Device == "" {
			s.Device = dev.Name
		}
		if src.IsUnspecified() {
			src = r.source
		}
		if !src.IsValid() {
			continue
		}
		private = private || !Global(src)
		if len(l.Shown) == 0 {
			s.Shown = append(s.Shown, src)
		}
	}
	switch {
	case !present:
		s.Warnings = append(s.Warnings, uptime.WarnNoAddress)
	case private && len(l.Shown) == 0:
		s.Warnings = append(s.Warnings, uptime.WarnBehindNAT)
	}
	return s
}

func sameWayOut(a, b uptime.LineStatus) bool {
	if a.Device == "" || a.Device != b.Device || len(a.Gateways) == 0 || len(b.Gateways) == 0 {
		return false
	}
	return a.Gateways[0] == b.Gateways[0]
}
