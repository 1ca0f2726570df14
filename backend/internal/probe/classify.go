package probe

import (
	"net/netip"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// ICMP types and codes that speak of a packet of ours (RFC 792, RFC 1812, RFC
// 4443, IANA ICMP parameters).
const (
	icmp4EchoReply    = 0
	icmp4Unreachable  = 3
	icmp4SourceQuench = 4
	icmp4Redirect     = 5
	icmp4Echo         = 8
	icmp4TimeExceeded = 11
	icmp4ParamProblem = 12

	icmp6Unreachable  = 1
	icmp6TooBig       = 2
	icmp6TimeExceeded = 3
	icmp6ParamProblem = 4
	icmp6Echo         = 128
	icmp6EchoReply    = 129
)

// icmpError is what a router, or our own kernel, said of a packet of ours.
type icmpError struct {
	offender   netip.Addr
	v6         bool
	kind, code uint8
}

// reason names an ICMP error that came from the path.
func (e icmpError) reason() uptime.Reason {
	if e.v6 {
		return reason6(e.kind, e.code)
	}
	switch {
	case e.kind == icmp4TimeExceeded:
		return uptime.TTLExceeded
	case e.kind != icmp4Unreachable:
		return uptime.ICMPOther
	}
	switch e.code {
	case 0, 6, 11: // net unreachable, unknown, for type of service
		return uptime.NetUnreachable
	case 1, 7, 8, 12: // host unreachable, unknown, isolated, for type of service
		return uptime.HostUnreachable
	case 3:
		return uptime.PortUnreachable
	case 9, 10, 13: // net, host, communication administratively prohibited
		return uptime.AdminProhibited
	}
	return uptime.ICMPOther
}

func reason6(kind, code uint8) uptime.Reason {
	switch {
	case kind == icmp6TimeExceeded:
		return uptime.TTLExceeded
	case kind != icmp6Unreachable:
		return uptime.ICMPOther
	}
	switch code {
	case 0: // no route to destination
		return uptime.NetUnreachable
	case 1, 5, 6: // administratively prohibited, source policy, reject route
		return uptime.AdminProhibited
	case 3: // address unreachable
		return uptime.HostUnreachable
	case 4:
		return uptime.PortUnreachable
	}
	return uptime.ICMPOther
}

// answer tells whether the error answers a probe: a redirect and source quench
// do not, and what is too big is not our few bytes.
func (e icmpError) answer() bool {
	if e.v6 {
		return e.kind != icmp6TooBig
	}
	return e.kind != icmp4Redirect && e.kind != icmp4SourceQuench
}

// unreachableNet tells whether the error says that there is no way to the
// network at all.
func (e icmpError) unreachableNet() bool { return e.reason() == uptime.NetUnreachable }

// judgeOffender applies "who said it decides" (DESIGN §3). An error of our own
// kernel means that the next hop did not answer: the gateway if there is one,
// else the target itself, which is silence. Our own gateway that knows no way
// is our line. Everything from further away is an answer.
func (w *ways) judgeOffender(e icmpError, src, dst netip.Addr, line uptime.Line) uptime.Reason {
	if e.offender == src || w.isLocal(e.offender) && e.offender != dst {
		if gatewayOf(line, src, dst).IsValid() {
			return uptime.LineDown
		}
		return uptime.Timeout
	}
	if e.unreachableNet() && e.offender == gatewayOf(line, src, dst) {
		return uptime.LineDown
	}
	return e.reason()
}
