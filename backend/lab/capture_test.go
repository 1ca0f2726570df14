//go:build lab

package lab

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// request is one first packet of a probe as the targets' side saw it: a SYN or
// an echo request.
type request struct {
	at       time.Time
	point    string // "edge/core0"
	src, dst netip.Addr
	port     uint16 // 0 for ping
	seq      uint32 // TCP: the initial sequence number, so that a repeat is known
}

// capture records requests at the given points until the test ends.
type capture struct {
	mu     sync.Mutex
	seen   []request
	closed bool
}

func startCapture(t testing.TB, points ...string) *capture {
	t.Helper()
	c := &capture{}
	var wg sync.WaitGroup
	var fds []int
	for _, point := range points {
		space, dev, _ := strings.Cut(point, "/")
		for _, ethertype := range []uint16{unix.ETH_P_IP, unix.ETH_P_IPV6} {
			fd := packetSocket(t, space, dev, ethertype)
			fds = append(fds, fd)
			wg.Go(func() { c.read(fd, point) })
		}
	}
	t.Cleanup(func() {
		c.mu.Lock()
		c.closed = true
		c.mu.Unlock()
		wg.Wait()
		for _, fd := range fds {
			unix.Close(fd)
		}
	})
	return c
}

// packetSocket takes incoming packets of one ethertype, without link header,
// with the kernel's time stamps. Reading times out after 200 ms.
func packetSocket(t testing.TB, space, dev string, ethertype uint16) int {
	t.Helper()
	fd := -1
	err := inSpace(t, space, func() error {
		var err error
		if fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0); err != nil {
			return err
		}
		ifi, err := net.InterfaceByName(dev)
		if err != nil {
			return err
		}
		return errors.Join(
			unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 32<<20),
			unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1),
			unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Usec: 200_000}),
			unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: ethertype<<8 | ethertype>>8, Ifindex: ifi.Index}),
		)
	})
	if err != nil {
		t.Fatalf("capture at %s/%s: %v", space, dev, err)
	}
	return fd
}

func (c *capture) read(fd int, point string) {
	buf, oob := make([]byte, 256), make([]byte, 128)
	for {
		n, oobn, _, _, err := unix.Recvmsg(fd, buf, oob, 0)
		if c.stopped() {
			return
		}
		if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return
		}
		if r, ok := parseRequest(buf[:n]); ok {
			r.at, r.point = stamp(oob[:oobn]), point
			c.mu.Lock()
			c.seen = append(c.seen, r)
			c.mu.Unlock()
		}
	}
}

func (c *capture) stopped() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

func stamp(oob []byte) time.Time {
	msgs, err := unix.ParseSocketControlMessage(oob)
	if err == nil {
		for _, m := range msgs {
			if m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SO_TIMESTAMPNS && len(m.Data) >= 16 {
				sec := int64(binary.NativeEndian.Uint64(m.Data))
				return time.Unix(sec, int64(binary.NativeEndian.Uint64(m.Data[8:]))).UTC()
			}
		}
	}
	return time.Now().UTC()
}

func parseRequest(p []byte) (request, bool) {
	var r request
	var proto byte
	switch {
	case len(p) >= 20 && p[0]>>4 == 4:
		proto = p[9]
		r.src, r.dst = netip.AddrFrom4([4]byte(p[12:16])), netip.AddrFrom4([4]byte(p[16:20]))
		p = p[min(int(p[0]&15)*4, len(p)):]
	case len(p) >= 40 && p[0]>>4 == 6:
		proto = p[6]
		r.src, r.dst = netip.AddrFrom16([16]byte(p[8:24])), netip.AddrFrom16([16]byte(p[24:40]))
		p = p[40:]
	default:
		return r, false
	}
	switch {
	case proto == unix.IPPROTO_TCP && len(p) >= 14:
		const synAck = 0x12
		r.port, r.seq = binary.BigEndian.Uint16(p[2:]), binary.BigEndian.Uint32(p[4:])
		return r, p[13]&synAck == 0x02
	case proto == unix.IPPROTO_ICMP && len(p) >= 8:
		return r, p[0] == 8
	case proto == unix.IPPROTO_ICMPV6 && len(p) >= 8:
		return r, p[0] == 128
	}
	return r, false
}

// probes gives the probes of one service of a host, oldest first. Repeats that
// belong to one probe are folded: a SYN sent again, echo requests of one
// source less than within apart.
func (c *capture) probes(dst netip.Addr, port uint16, within time.Duration) []request {
	points, ok := vantage(dst)
	if !ok {
		return nil
	}
	c.mu.Lock()
	var all []request
	for _, r := range c.seen {
		if r.dst == dst && r.port == port && slices.Contains(points, r.point) {
			all = append(all, r)
		}
	}
	c.mu.Unlock()
	slices.SortFunc(all, func(a, b request) int { return a.at.Compare(b.at) })
	var out []request
	last := map[netip.Addr]request{}
	for _, r := range all {
		before, seen := last[r.src]
		repeat := seen && r.seq == before.seq && r.at.Sub(before.at) < within
		if !repeat {
			out = append(out, r)
			last[r.src] = r
		}
	}
	return out
}
