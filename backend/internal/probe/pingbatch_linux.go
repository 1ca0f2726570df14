package probe

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
	"golang.org/x/sys/unix"
)

// A write holds few echo requests, because the time before it counts as the
// start of each; a read holds more.
const (
	writeBatch = 16
	readBatch  = 64
	readBuffer = 192 // bytes of a packet: an error's headers and the request that it quotes
	oobBuffer  = 64  // room for the time stamp
)

// batches reads and writes many packets with one system call.
type batches struct {
	conn net.PacketConn // holds a duplicate of the file
	pc   interface {
		ReadBatch(ms []ipv4.Message, flags int) (int, error)
		WriteBatch(ms []ipv4.Message, flags int) (int, error)
	}
	in, out []ipv4.Message
}

// newBatches is for an ICMP socket of a family, raw or a ping socket.
func newBatches(fd int, v6, raw bool) (*batches, error) {
	dup, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("duplicate the ICMP socket: %w", err)
	}
	file := os.NewFile(uintptr(dup), "icmp")
	conn, err := net.FilePacketConn(file) // duplicates it once more
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("wrap the ICMP socket: %w", err)
	}
	b := &batches{conn: conn, in: make([]ipv4.Message, readBatch), out: make([]ipv4.Message, writeBatch)}
	size := net.IPv4len
	if v6 {
		b.pc, size = ipv6.NewPacketConn(conn), net.IPv6len
	} else {
		b.pc = ipv4.NewPacketConn(conn)
	}
	for i := range b.in {
		b.in[i].Buffers, b.in[i].OOB = [][]byte{make([]byte, readBuffer)}, make([]byte, oobBuffer)
	}
	for i := range b.out {
		b.out[i].Buffers = [][]byte{make([]byte, pingPacket)}
		if ip := make(net.IP, size); raw {
			b.out[i].Addr = &net.IPAddr{IP: ip}
		} else {
			b.out[i].Addr = &net.UDPAddr{IP: ip}
		}
	}
	return b, nil
}

func (b *batches) close() { _ = b.conn.Close() }

// read gives the packets that are there; fewer than readBatch are all.
func (b *batches) read() ([]ipv4.Message, error) {
	n, err := b.pc.ReadBatch(b.in, unix.MSG_DONTWAIT)
	return b.in[:max(n, 0)], err
}

// put makes the i-th packet of the next write.
func (b *batches) put(i int, packet [pingPacket]byte, dst netip.Addr) {
	copy(b.out[i].Buffers[0], packet[:])
	switch a := b.out[i].Addr.(type) {
	case *net.IPAddr:
		copy(a.IP, dst.AsSlice())
	case *net.UDPAddr:
		copy(a.IP, dst.AsSlice())
	}
}

// write sends n packets and says how many were taken. An error is that of the
// first one that was not.
func (b *batches) write(n int) (int, error) {
	sent, err := b.pc.WriteBatch(b.out[:n], unix.MSG_DONTWAIT)
	return max(sent, 0), err
}

// senderOf is who sent a packet.
func senderOf(m *ipv4.Message) netip.Addr {
	var ip net.IP
	switch a := m.Addr.(type) {
	case *net.IPAddr:
		ip = a.IP
	case *net.UDPAddr:
		ip = a.IP
	}
	addr, _ := netip.AddrFromSlice(ip)
	return addr.Unmap()
}

// arrival is when the kernel took a packet in (SO_TIMESTAMPNS).
func arrival(oob []byte) time.Time {
	for len(oob) > 0 {
		header, data, rest, err := unix.ParseOneSocketControlMessage(oob)
		if err != nil {
			break
		}
		if header.Level == unix.SOL_SOCKET && header.Type == unix.SCM_TIMESTAMPNS && len(data) >= 16 {
			return time.Unix(int64(binary.NativeEndian.Uint64(data)), int64(binary.NativeEndian.Uint64(data[8:])))
		}
		oob = rest
	}
	return time.Now()
}
