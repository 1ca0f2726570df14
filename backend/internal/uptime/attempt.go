package uptime

import (
	"net/netip"
	"time"
)

// Attempt is one probe to be made.
type Attempt struct {
	Line    LineID
	Addr    netip.Addr // never a v4-mapped form
	Service Service
	Port    uint16 // 0 for Ping
}

// Finding is what an attempt found: a fact, never a verdict.
type Finding struct {
	At     time.Time // when the first packet was handed to the kernel
	Reason Reason
	RTT    time.Duration // until the answer; 0 if there was none
}

// Resolution is what a name stands for, over one line.
type Resolution struct {
	Addrs  []netip.Addr // all usable addresses, IPv4 before IPv6, ascending; empty if Reason is set
	Reason Reason       // 0, or why there is no usable address: dns_*, forbidden_address, source_unavailable
}

// Pin picks the one address that is watched: the pinned one while the name
// still has it, else the first. addrs must not be empty.
func Pin(pinned netip.Addr, addrs []netip.Addr) netip.Addr {
	for _, a := range addrs {
		if a == pinned {
			return a
		}
	}
	return addrs[0]
}
