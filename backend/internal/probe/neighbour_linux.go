package probe

import (
	"bufio"
	"net/netip"
	"os"
	"strings"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// silence names a probe that nobody answered. The kernel tells a socket that is
// bound to a device nothing of a next hop that does not answer ARP, so it is
// asked: a dead gateway is our line, a dead neighbour is a silent target.
func silence(line uptime.Line, src, dst netip.Addr) uptime.Reason {
	if line.Device == "" || dst.Is6() {
		return uptime.Timeout
	}
	if gw := gatewayOf(line, src, dst); gw.IsValid() && neighbourDead(gw, line.Device) {
		return uptime.LineDown
	}
	return uptime.Timeout
}

// neighbourDead tells whether the kernel's neighbour table has the address
// without a hardware address (flags 0x0).
func neighbourDead(a netip.Addr, device string) bool {
	f, err := os.Open("/proc/net/arp")
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		w := strings.Fields(lines.Text())
		if len(w) == 6 && w[0] == a.String() && w[5] == device {
			return w[2] == "0x0"
		}
	}
	return false
}
