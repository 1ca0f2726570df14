package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// The floor is what the same probes cost the kernel on this machine at this
// moment: a bare loop that pings and connects as often, paced by the same 10 ms,
// and remembers nothing. Machines are shared; a figure next to its floor can be
// compared with another day's.
const (
	floorPulse = 10 * time.Millisecond
	floorTime  = 10 * time.Second
	floorGrace = 100 * time.Millisecond // for the last answers
	floorRate  = 5000                   // a second at the most: it waits for nobody
)

// floor runs the bare loop at a rate, in probes a second, and prints its CPU
// seconds per 1,000 probes.
func floor(args []string) error {
	if len(args) != 1 {
		return errors.New("floor needs a rate")
	}
	rate, err := strconv.ParseFloat(args[0], 64)
	if err != nil {
		return err
	}
	b, err := newBare()
	if err != nil {
		return err
	}
	began, used := time.Now(), selfCPU()
	sent := 0
	for {
		now := time.Now()
		passed := now.Sub(began)
		if passed > floorTime {
			break
		}
		for ; float64(sent) < rate*passed.Seconds(); sent++ {
			if err := b.probe(sent); err != nil {
				return err
			}
		}
		b.gather()
		time.Sleep(floorPulse - time.Duration(now.UnixNano())%floorPulse)
	}
	time.Sleep(floorGrace)
	b.gather()
	cpu := selfCPU() - used
	if b.answers < sent*99/100 {
		return fmt.Errorf("of %d bare probes only %d were answered", sent, b.answers)
	}
	_, err = fmt.Println(cpu / float64(sent) * 1000)
	return err
}

type bare struct {
	icmp, epoll int
	events      []unix.EpollEvent
	answers     int
}

func newBare() (*bare, error) {
	icmp, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, unix.IPPROTO_ICMP)
	if err != nil {
		return nil, fmt.Errorf("the floor needs a raw socket: %w", err)
	}
	const onlyReplies = ^(1 << 0)
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	return &bare{icmp: icmp, epoll: epoll, events: make([]unix.EpollEvent, 1024)}, errors.Join(err,
		unix.SetsockoptInt(icmp, unix.SOL_RAW, 1, onlyReplies), unix.SetsockoptInt(icmp, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 4<<20),
		unix.Bind(icmp, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 4}}))
}

// probe pings or connects, in turn, to addresses one after the other.
func (b *bare) probe(n int) error {
	to := netip.AddrFrom4([4]byte{127, 1, byte(n >> 8), byte(n)}).As4()
	if n%2 == 0 {
		packet := make([]byte, 24)
		packet[0] = 8
		binary.BigEndian.PutUint16(packet[6:], uint16(n))
		binary.BigEndian.PutUint16(packet[2:], ^(8<<8 + uint16(n)))
		return unix.Sendto(b.icmp, packet, 0, &unix.SockaddrInet4{Addr: to})
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1),
		unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 4}})); err != nil {
		return err
	}
	if err := unix.Connect(fd, &unix.SockaddrInet4{Addr: to, Port: peerPort}); err != nil && !errors.Is(err, unix.EINPROGRESS) {
		return err
	}
	return unix.EpollCtl(b.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLOUT, Fd: int32(fd)})
}

// gather counts what has been answered.
func (b *bare) gather() {
	var packet [64]byte
	for {
		n, _, err := unix.Recvfrom(b.icmp, packet[:], 0)
		if err != nil || n < 28 {
			break
		}
		b.answers++
	}
	for {
		n, _ := unix.EpollWait(b.epoll, b.events, 0)
		if n <= 0 {
			return
		}
		for _, e := range b.events[:n] {
			_ = unix.Close(int(e.Fd))
			b.answers++
		}
	}
}

func selfCPU() float64 {
	var used unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &used) != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano()).Seconds()
}

// measureFloor runs the bare loop in a process of its own.
func measureFloor(ctx context.Context, rate float64) (float64, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, self, "floor", strconv.FormatFloat(rate, 'f', -1, 64))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("measure the floor: %w", err)
	}
	var cpu float64
	_, err = fmt.Sscan(string(out), &cpu)
	return cpu, err
}
