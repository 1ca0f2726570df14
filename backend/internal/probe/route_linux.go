package probe

import (
	"encoding/binary"
	"net"
	"net/netip"

	"golang.org/x/sys/unix"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// route is the way of a packet out of this machine.
type route struct {
	gateway netip.Addr // zero: the target is on our own link
	device  int        // index
	source  netip.Addr // that the kernel would send from
}

func gatewayOf(line uptime.Line, src, dst netip.Addr) netip.Addr {
	r, _ := lookUpRoute(line, src, dst)
	return r.gateway
}

// lookUpRoute asks the kernel (rtnetlink RTM_GETROUTE) how it would send.
func lookUpRoute(line uptime.Line, src, dst netip.Addr) (route, bool) {
	answer, ok := askKernel(routeRequest(line, src, dst), unix.RTM_NEWROUTE)
	if !ok || len(answer) < unix.SizeofRtMsg {
		return route{}, false
	}
	return parseRoute(answer[unix.SizeofRtMsg:]), true
}

// askKernel sends a request and gives what follows the header of its one
// answer; false if that is not of the kind wanted.
func askKernel(request []byte, want uint16) ([]byte, bool) {
	binary.NativeEndian.PutUint32(request, uint32(len(request)))
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, false
	}
	defer func() { _ = unix.Close(fd) }()
	if err := unix.Sendto(fd, request, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return nil, false
	}
	// The kernel answers within sendto.
	answer := make([]byte, 4096)
	n, _, err := unix.Recvfrom(fd, answer, unix.MSG_DONTWAIT)
	if err != nil || n < unix.NLMSG_HDRLEN || binary.NativeEndian.Uint16(answer[4:]) != want {
		return nil, false
	}
	return answer[unix.NLMSG_HDRLEN:n], true
}

func routeRequest(line uptime.Line, src, dst netip.Addr) []byte {
	family, bits := byte(unix.AF_INET), byte(32)
	if dst.Is6() {
		family, bits = unix.AF_INET6, 128
	}
	msg := make([]byte, unix.NLMSG_HDRLEN, 128)
	binary.NativeEndian.PutUint16(msg[4:], unix.RTM_GETROUTE)
	binary.NativeEndian.PutUint16(msg[6:], unix.NLM_F_REQUEST)
	msg = append(msg, family, bits, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) // struct rtmsg
	msg = attribute(msg, unix.RTA_DST, dst.AsSlice())
	if src.IsValid() && !src.IsUnspecified() {
		msg = attribute(msg, unix.RTA_SRC, src.AsSlice())
	}
	if line.Device != "" {
		if dev, err := net.InterfaceByName(line.Device); err == nil {
			msg = attribute(msg, unix.RTA_OIF, binary.NativeEndian.AppendUint32(nil, uint32(dev.Index)))
		}
	}
	if line.Mark != 0 {
		msg = attribute(msg, unix.RTA_MARK, binary.NativeEndian.AppendUint32(nil, line.Mark))
	}
	return msg
}

func attribute(msg []byte, kind uint16, value []byte) []byte {
	msg = binary.NativeEndian.AppendUint16(msg, uint16(4+len(value)))
	msg = binary.NativeEndian.AppendUint16(msg, kind)
	return append(msg, value...) // all our values are multiples of four bytes
}

func parseRoute(b []byte) (r route) {
	for len(b) >= 4 {
		size, kind := int(binary.NativeEndian.Uint16(b)), binary.NativeEndian.Uint16(b[2:])
		if size < 4 || size > len(b) {
			return r
		}
		value := b[4:size]
		switch kind {
		case unix.RTA_GATEWAY:
			if a, ok := netip.AddrFromSlice(value); ok {
				r.gateway = a
			}
		case unix.RTA_PREFSRC:
			if a, ok := netip.AddrFromSlice(value); ok {
				r.source = a
			}
		case unix.RTA_OIF:
			if len(value) == 4 {
				r.device = int(binary.NativeEndian.Uint32(value))
			}
		}
		b = b[min((size+3)&^3, len(b)):]
	}
	return r
}
