package probe

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// A ping of ours is told by everything it carries: identifier and sequence hold
// its token, the payload the token again with its generation, and a nonce of
// this process. Late and duplicate replies, and those of others, do not match.
//
//	token 24 bits = slot; id = idBase + slot>>16, seq = slot & 0xffff
//	payload: nonce 8 | slot 4 | generation 4
const (
	pingPayload = 16
	pingPacket  = 8 + pingPayload
	maxSlots    = 1 << 20 // 16 identifiers
	slotsStep   = 1 << 16 // an identifier's
)

// Echo requests of one ping: up to three, a second apart; when the timeout is
// short, as many as fit with a tenth of it to spare.
const (
	pingTries = 3
	pingEvery = time.Second
)

// Sends are paced in small groups, so that replies do not come in one burst.
const (
	sendGroup = 64
	sendPause = 2 * time.Millisecond
)

// pingEngine pings from one source address, in one goroutine around one socket.
type pingEngine struct {
	ways    *ways
	line    uptime.Line
	src     netip.Addr
	v6      bool
	raw     bool // else a ping socket, whose identifier the kernel chooses
	timeout time.Duration
	stats   *Stats

	bell    bell
	fd      int
	batches *batches
	idBase  uint16
	nonce   [8]byte

	mu      sync.Mutex
	pace    pace
	fresh   fifo[*ping] // not sent yet
	closed  bool
	ended   sync.Once
	done    chan struct{}
	room    chan struct{}
	slots   []*ping // by slot, half of them empty; only the loop touches it and what follows
	used    int     // slots
	next    uint32  // slot to be given: in turn, so that a late error meets no newer ping
	gen     uint32
	resend  [pingTries - 1]fifo[resendAt]
	waiting fifo[resendAt]
	drops   uint32    // the kernel's count
	dropped time.Time // when it was last seen to grow
	came    time.Time // when the packet that is being read came, by the kernel's clock
}

type ping struct {
	dst     netip.Addr
	slot    uint32
	gen     uint32
	sent    [pingTries]time.Time // by try
	tries   int
	settled bool
	done    func(uptime.Finding)
}

// resendAt is a ping's place in a queue; gen tells whether it is still that one.
type resendAt struct {
	p  *ping
	at time.Time
}

func newPingEngine(w *ways, line uptime.Line, src netip.Addr, cfg Config, stats *Stats) (*pingEngine, error) {
	e := &pingEngine{
		ways: w, line: line, src: src, v6: src.Is6(), timeout: cfg.Timeout, stats: stats,
		done: make(chan struct{}), room: make(chan struct{}, maxSlots/2),
		slots: make([]*ping, slotsStep), bell: newBell(),
	}
	var random [10]byte
	if _, err := rand.Read(random[:]); err != nil {
		return nil, fmt.Errorf("read random bytes: %w", err)
	}
	copy(e.nonce[:], random[:8])
	e.idBase = binary.BigEndian.Uint16(random[8:]) &^ 15
	if err := e.open(cfg.RecvBuffer); err != nil {
		return nil, err
	}
	return e, nil
}

// open makes the raw socket, or without CAP_NET_RAW a ping socket.
func (e *pingEngine) open(buffer int) error {
	family, proto := unix.AF_INET, unix.IPPROTO_ICMP
	if e.v6 {
		family, proto = unix.AF_INET6, unix.IPPROTO_ICMPV6
	}
	var err error
	e.raw = true
	e.fd, err = unix.Socket(family, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, proto)
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) {
		e.raw = false
		e.fd, err = unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, proto)
	}
	if err != nil {
		return icmpForbidden(err)
	}
	if err = e.prepare(buffer); err == nil {
		e.batches, err = newBatches(e.fd, e.v6, e.raw)
	}
	if err != nil {
		_ = unix.Close(e.fd)
		return fmt.Errorf("prepare the ICMP socket of %s: %w", e.src, err)
	}
	return nil
}

func (e *pingEngine) prepare(buffer int) error {
	if err := bindLine(e.fd, e.line); err != nil {
		return err
	}
	if !e.raw { // a raw socket reads errors as packets
		if err := hearErrors(e.fd, e.v6); err != nil {
			return err
		}
	}
	if buffer == 0 {
		buffer = 4 << 20
	}
	// The first may be forbidden, the second is cut to net.core.rmem_max.
	if unix.SetsockoptInt(e.fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, buffer) != nil {
		if err := unix.SetsockoptInt(e.fd, unix.SOL_SOCKET, unix.SO_RCVBUF, buffer); err != nil {
			return err
		}
	}
	// The kernel says when a packet came, so that a delay of ours is no round trip.
	if err := unix.SetsockoptInt(e.fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1); err != nil {
		return err
	}
	if e.raw {
		if err := e.filter(); err != nil {
			return err
		}
	}
	if e.src.IsUnspecified() {
		return nil
	}
	return unix.Bind(e.fd, sockaddr(e.src, 0))
}

// filter lets only answers through: everybody's ICMP passes a raw socket.
func (e *pingEngine) filter() error {
	if e.v6 {
		var f unix.ICMPv6Filter
		for i := range f.Data {
			f.Data[i] = ^uint32(0)
		}
		for _, kind := range []uint{icmp6Unreachable, icmp6TooBig, icmp6TimeExceeded, icmp6ParamProblem, icmp6EchoReply} {
			f.Data[kind>>5] &^= 1 << (kind & 31)
		}
		return unix.SetsockoptICMPv6Filter(e.fd, unix.IPPROTO_ICMPV6, unix.ICMPV6_FILTER, &f)
	}
	pass := uint32(1<<icmp4EchoReply | 1<<icmp4Unreachable | 1<<icmp4TimeExceeded | 1<<icmp4ParamProblem)
	const icmpFilter = 1 // linux/icmp.h, level SOL_RAW
	return unix.SetsockoptInt(e.fd, unix.SOL_RAW, icmpFilter, int(int32(^pass)))
}

func icmpForbidden(err error) error {
	return fmt.Errorf("ICMP sockets are forbidden (%w): run `sysctl -w net.ipv4.ping_group_range=\"0 2147483647\"` "+
		"or `setcap cap_net_raw+ep` on the hinomi program", err)
}

// probe hands one ping to the loop. It blocks while there is no room.
func (e *pingEngine) probe(ctx context.Context, a uptime.Attempt, done func(uptime.Finding)) {
	select {
	case e.room <- struct{}{}:
	case <-ctx.Done():
		done(uptime.Finding{})
		return
	}
	p := &ping{dst: a.Addr, done: done}
	e.mu.Lock()
	closed, wake := e.closed, false
	if !closed {
		e.fresh.push(p)
		wake = e.pace.begin()
	}
	e.mu.Unlock()
	if closed {
		<-e.room
		done(uptime.Finding{})
		return
	}
	if wake {
		e.bell.ring()
	}
}

// stop gives up what is under way. Safe twice.
func (e *pingEngine) stop() {
	e.ended.Do(func() {
		e.mu.Lock()
		e.closed = true
		e.mu.Unlock()
		e.bell.ring()
		<-e.done
		e.batches.close()
		_ = unix.Close(e.fd)
	})
}
