package probe

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// Collectors export the counts of this prober.
func (p *Prober) Collectors() []prometheus.Collector {
	s := &p.stats
	return []prometheus.Collector{
		count("tcp_probes_total", "Connects that ended.", &s.TCP),
		count("ping_probes_total", "Pings that ended.", &s.Pings),
		count("icmp_sent_total", "Echo requests sent.", &s.Sent),
		count("icmp_received_total", "ICMP packets read.", &s.Received),
		count("icmp_foreign_total", "ICMP packets that answered no probe under way: of others, late or repeated.", &s.Foreign),
		count("icmp_dropped_total", "ICMP packets that the kernel dropped because our receive buffer was full.", &s.Drops),
		count("probe_overloads_total", "Probes not measured because we stood still or lost packets.", &s.Overloads),
	}
}

func count(name, help string, value *atomic.Int64) prometheus.Collector {
	return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "hinomi_" + name, Help: help}, func() float64 { return float64(value.Load()) })
}
