package probe

import (
	"encoding/binary"
	"net/netip"

	"golang.org/x/sys/unix"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// silence names a probe that nobody answered. A next hop that does not answer
// ARP or ND is reported by the kernel only after 3 s, and not at all to a socket
// that is bound to a device, so the kernel is asked: a dead gateway is our line,
// a dead neighbour is a silent target.
func silence(line uptime.Line, src, dst netip.Addr) uptime.Reason {
	r, ok := lookUpRoute(line, src, dst)
	if ok && r.gateway.IsValid() && neighbourDead(r.gateway, r.device) {
		return uptime.LineDown
	}
	return uptime.Timeout
}

// neighbourDead asks the kernel's neighbour table (rtnetlink RTM_GETNEIGH of
// one address, Linux 5.0) whether it looks for the address in vain.
func neighbourDead(a netip.Addr, device int) bool {
	family := byte(unix.AF_INET)
	if a.Is6() {
		family = unix.AF_INET6
	}
	msg := make([]byte, unix.NLMSG_HDRLEN+unix.SizeofNdMsg, 64)
	binary.NativeEndian.PutUint16(msg[4:], unix.RTM_GETNEIGH)
	binary.NativeEndian.PutUint16(msg[6:], unix.NLM_F_REQUEST)
	msg[unix.NLMSG_HDRLEN] = family
	binary.NativeEndian.PutUint32(msg[unix.NLMSG_HDRLEN+4:], uint32(device))
	msg = attribute(msg, unix.NDA_DST, a.AsSlice())
	answer, ok := askKernel(msg, unix.RTM_NEWNEIGH)
	if !ok || len(answer) < unix.SizeofNdMsg {
		return false
	}
	state := binary.NativeEndian.Uint16(answer[8:])
	return state&(unix.NUD_INCOMPLETE|unix.NUD_FAILED) != 0
}
