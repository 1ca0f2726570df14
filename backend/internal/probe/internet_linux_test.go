package probe

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// fakeInternet answers echo requests and SYNs to any address after a delay.
type fakeInternet struct {
	t     *testing.T
	ns    string
	tun   *os.File
	delay time.Duration

	script func(packet []byte) (answers [][]byte, known bool) // asked first; nil for none
}

// internets numbers the namespaces of this process.
var internets atomic.Int32

func newFakeInternet(t *testing.T, delay time.Duration) *fakeInternet {
	t.Helper()
	f := &fakeInternet{t: t, delay: delay}
	f.open()
	return f
}

// open makes the namespace and serves it until the test's end.
func (f *fakeInternet) open() {
	t := f.t
	t.Helper()
	f.ns = fmt.Sprintf("hp-%d-%d", os.Getpid(), internets.Add(1))
	f.ip("netns", "add", f.ns)
	t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", f.ns).Run() })
	f.openTUN()
	t.Cleanup(func() { _ = f.tun.Close() })
	for _, words := range []string{"link set lo up", "addr add " + tunSource + "/32 dev hp0", "link set hp0 up", "link set hp0 txqueuelen 20000", "route add default dev hp0"} {
		f.ip(append([]string{"-n", f.ns}, strings.Fields(words)...)...)
	}
	go f.serve()
}

func (f *fakeInternet) ip(args ...string) {
	f.t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		f.t.Fatalf("ip %v: %v: %s (the test needs iproute2 and network namespaces)", args, err, out)
	}
}

// openTUN makes the device from a thread that has moved into the namespace and
// ends there.
func (f *fakeInternet) openTUN() {
	f.t.Helper()
	result := make(chan error)
	go func() {
		runtime.LockOSThread()
		result <- func() error {
			ns, err := os.Open("/run/netns/" + f.ns)
			if err != nil {
				return err
			}
			defer func() { _ = ns.Close() }()
			if err := unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET); err != nil {
				return err
			}
			fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
			if err != nil {
				return err
			}
			var req [40]byte // struct ifreq
			copy(req[:], "hp0")
			binary.NativeEndian.PutUint16(req[16:], unix.IFF_TUN|unix.IFF_NO_PI)
			if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.TUNSETIFF, uintptr(unsafe.Pointer(&req))); errno != 0 {
				return errno
			}
			f.tun = os.NewFile(uintptr(fd), "tun")
			return nil
		}()
	}()
	if err := <-result; err != nil {
		f.t.Fatalf("open a TUN device: %v", err)
	}
}

func (f *fakeInternet) serve() {
	buf := make([]byte, 2048)
	for {
		n, err := f.tun.Read(buf)
		if err != nil {
			return
		}
		if f.script != nil {
			if answers, known := f.script(append([]byte(nil), buf[:n]...)); known {
				for _, a := range answers {
					_, _ = f.tun.Write(a)
				}
				continue
			}
		}
		if n < 28 || buf[0]>>4 != 4 {
			continue
		}
		switch packet := append([]byte(nil), buf[:n]...); packet[9] {
		case unix.IPPROTO_ICMP:
			if packet[20] == icmp4Echo {
				f.later(echoReply(packet))
			}
		case unix.IPPROTO_TCP:
			if flags := packet[33]; flags&2 != 0 { // SYN
				f.later(segment(packet, 0x12)) // SYN, ACK
			} else if flags&1 != 0 { // FIN
				_, _ = f.tun.Write(segment(packet, 0x14)) // RST, ACK
			}
		}
	}
}

func (f *fakeInternet) later(packet []byte) {
	time.AfterFunc(f.delay, func() { _, _ = f.tun.Write(packet) })
}

// flood sends echo replies that nobody asked for.
func (f *fakeInternet) flood(n int) {
	src, dst := netip.MustParseAddr(tunSource).As4(), [4]byte{211, 1, 2, 3}
	packet := make([]byte, 20+64)
	packet[0], packet[8], packet[9] = 0x45, 64, unix.IPPROTO_ICMP
	binary.BigEndian.PutUint16(packet[2:], uint16(len(packet)))
	copy(packet[12:], src[:])
	copy(packet[16:], dst[:])
	packet[20] = icmp4Echo
	reply := echoReply(packet)
	for range n {
		_, _ = f.tun.Write(reply)
	}
}

// turn gives the IP header of the answer: source and destination change places.
func turn(request []byte, size int) []byte {
	b := make([]byte, size)
	copy(b, request[:20])
	copy(b[12:16], request[16:20])
	copy(b[16:20], request[12:16])
	binary.BigEndian.PutUint16(b[2:], uint16(size))
	b[8], b[10], b[11] = 60, 0, 0
	binary.BigEndian.PutUint16(b[10:], checksum(b[:20]))
	return b
}

func echoReply(request []byte) []byte {
	b := turn(request, len(request))
	copy(b[20:], request[20:])
	b[20], b[22], b[23] = icmp4EchoReply, 0, 0
	binary.BigEndian.PutUint16(b[22:], checksum(b[20:]))
	return b
}

// segment answers a TCP segment that has no data (RFC 9293).
func segment(request []byte, flags byte) []byte {
	b := turn(request, 40)
	tcp := b[20:]
	copy(tcp[0:2], request[22:24])
	copy(tcp[2:4], request[20:22])
	copy(tcp[4:8], request[28:32]) // their acknowledgement is our next number
	binary.BigEndian.PutUint32(tcp[8:], binary.BigEndian.Uint32(request[24:])+1)
	tcp[12], tcp[13] = 5<<4, flags
	binary.BigEndian.PutUint16(tcp[14:], 65535)
	pseudo := append([]byte(nil), b[12:20]...)
	pseudo = append(pseudo, 0, unix.IPPROTO_TCP, 0, 20)
	binary.BigEndian.PutUint16(tcp[16:], checksum(append(pseudo, tcp...)))
	return b
}
