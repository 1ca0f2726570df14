package probe

import (
	"encoding/binary"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// Origins of an extended error (linux/errqueue.h).
const (
	originICMP  = 2
	originICMP6 = 3
)

// extendedErr is the size of struct sock_extended_err; the offender's address
// follows it.
const extendedErr = 16

// readErrorQueue takes the ICMP error out of a socket's error queue.
func readErrorQueue(fd int) (icmpError, bool) {
	e, _, _, ok := readError(fd, nil)
	return e, ok
}

// readError also gives the payload of the packet that the error is about, and
// when the error came.
func readError(fd int, payload []byte) (e icmpError, n int, came time.Time, ok bool) {
	var oob [256]byte
	for {
		n, oobn, _, _, err := unix.Recvmsg(fd, payload, oob[:], unix.MSG_ERRQUEUE|unix.MSG_DONTWAIT)
		if err != nil {
			return icmpError{}, 0, came, false
		}
		messages, err := unix.ParseSocketControlMessage(oob[:oobn])
		if err != nil {
			continue
		}
		for _, m := range messages {
			v4 := m.Header.Level == unix.SOL_IP && m.Header.Type == unix.IP_RECVERR
			v6 := m.Header.Level == unix.SOL_IPV6 && m.Header.Type == unix.IPV6_RECVERR
			if !v4 && !v6 {
				continue
			}
			if e, ok := parseExtendedErr(m.Data); ok {
				return e, n, arrival(oob[:oobn]), true
			}
		}
	}
}

func parseExtendedErr(b []byte) (icmpError, bool) {
	if len(b) < extendedErr || (b[4] != originICMP && b[4] != originICMP6) {
		return icmpError{}, false
	}
	e := icmpError{v6: b[4] == originICMP6, kind: b[5], code: b[6]}
	sa := b[extendedErr:]
	switch {
	case len(sa) >= 8 && binary.NativeEndian.Uint16(sa) == unix.AF_INET:
		e.offender = netip.AddrFrom4([4]byte(sa[4:8]))
	case len(sa) >= 24 && binary.NativeEndian.Uint16(sa) == unix.AF_INET6:
		e.offender = netip.AddrFrom16([16]byte(sa[8:24])).Unmap()
	default:
		return icmpError{}, false
	}
	return e, true
}
