package probe

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"time"

	probing "github.com/prometheus-community/pro-bing"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// Echoes of "probe now".
const (
	diagnoseEchoes = 5
	diagnoseEvery  = 200 * time.Millisecond
)

// Diagnose measures a host over every line at once, for the asker alone. It
// returns within ctx; one entry a line, in their order.
func (p *Prober) Diagnose(ctx context.Context, host string, s uptime.Service, port uint16) []uptime.Diagnosis {
	all := make([]uptime.Diagnosis, len(p.cfg.Lines))
	var asking sync.WaitGroup
	for i, l := range p.cfg.Lines {
		asking.Go(func() { all[i] = p.diagnoseLine(ctx, l, host, uptime.Attempt{Line: l.ID, Service: s, Port: port}) })
	}
	asking.Wait()
	return all
}

func (p *Prober) diagnoseLine(ctx context.Context, l uptime.Line, host string, a uptime.Attempt) uptime.Diagnosis {
	d := uptime.Diagnosis{Line: l.ID}
	res := p.Resolve(ctx, l.ID, host, true)
	if res.Reason != 0 {
		d.Finding = uptime.Finding{At: time.Now(), Reason: res.Reason}
		return d
	}
	a.Addr = res.Addrs[0]
	d.Addr = a.Addr
	found := make(chan uptime.Finding, 1)
	p.Probe(ctx, a, func(f uptime.Finding) { found <- f })
	if a.Service == uptime.Ping {
		p.echoes(ctx, l, &d)
	}
	d.Finding = <-found
	if d.Finding.Reason == 0 {
		d.Finding = uptime.Finding{At: time.Now(), Reason: uptime.Internal}
	}
	return d
}

// echoes lets pro-bing send several, for loss and spread. It loops for ever on
// a route that prohibits (EACCES), so a UDP connect, which sends nothing, is
// tried first.
func (p *Prober) echoes(ctx context.Context, l uptime.Line, d *uptime.Diagnosis) {
	select {
	case p.diagnose <- struct{}{}:
		defer func() { <-p.diagnose }()
	case <-ctx.Done():
		return
	}
	src, ok := p.ways.source(l.ID, d.Addr.Is6())
	if !ok || !p.reachable(ctx, l, src, d.Addr) {
		return
	}
	ping := probing.New(d.Addr.String())
	if err := ping.Resolve(); err != nil {
		return
	}
	ping.SetPrivileged(p.rawPing(l.ID, src))
	ping.SetLogger(probing.NoopLogger{})
	ping.Count, ping.Interval = diagnoseEchoes, diagnoseEvery
	ping.Timeout = (diagnoseEchoes-1)*diagnoseEvery + p.cfg.Timeout // of the whole run
	if !src.IsUnspecified() {
		ping.Source = src.String()
	}
	if l.Device != "" {
		ping.InterfaceName = l.Device
	}
	if l.Mark != 0 {
		ping.SetMark(uint(l.Mark))
	}
	if ping.RunWithContext(ctx) != nil {
		return
	}
	s := ping.Statistics()
	d.Sent, d.Received = s.PacketsSent, s.PacketsRecv
	d.Min, d.Avg, d.Max, d.StdDev = s.MinRtt, s.AvgRtt, s.MaxRtt, s.StdDevRtt
}

func (p *Prober) reachable(ctx context.Context, l uptime.Line, src, dst netip.Addr) bool {
	dialer := lineDialer(l, src, "udp")
	conn, err := dialer.DialContext(ctx, "udp", net.JoinHostPort(dst.String(), "9"))
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

// rawPing tells whether the engine of a source has a raw socket.
func (p *Prober) rawPing(line uptime.LineID, src netip.Addr) bool {
	e, err := p.pinger(line, src)
	return err == nil && e.raw
}
