package probe

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// tcpEngine connects without blocking, in one goroutine around epoll. Nothing
// is written; a connection that was made is closed with FIN.
type tcpEngine struct {
	ways    *ways
	timeout time.Duration
	room    chan struct{} // a token for each connection under way
	stats   *Stats

	bell  bell
	epoll int

	mu      sync.Mutex
	pace    pace
	conns   map[int32]*tcpProbe
	waiting fifo[*tcpProbe] // in the order of their deadlines
	closed  bool
	done    chan struct{}
}

type tcpProbe struct {
	fd      int
	line    uptime.Line
	src     netip.Addr
	dst     netip.Addr
	started time.Time
	settled bool
	done    func(uptime.Finding)
}

func newTCPEngine(w *ways, timeout time.Duration, room int, stats *Stats) (*tcpEngine, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("make epoll: %w", err)
	}
	return &tcpEngine{
		ways: w, timeout: timeout, room: make(chan struct{}, room), stats: stats, epoll: epoll, bell: newBell(),
		conns: map[int32]*tcpProbe{}, done: make(chan struct{}),
	}, nil
}

// probe starts one connect. It blocks while there is no room.
func (e *tcpEngine) probe(ctx context.Context, a uptime.Attempt, done func(uptime.Finding)) {
	select {
	case e.room <- struct{}{}:
	case <-ctx.Done():
		done(uptime.Finding{})
		return
	}
	p := &tcpProbe{fd: -1, dst: a.Addr, done: done}
	if reason := e.start(p, a); reason != 0 {
		e.settle(p, reason, time.Since(p.started))
	}
}

// start returns the reason if the probe is over at once.
func (e *tcpEngine) start(p *tcpProbe, a uptime.Attempt) uptime.Reason {
	p.started = time.Now()
	var ok bool
	if p.line, ok = e.ways.line(a.Line); !ok {
		return uptime.Internal
	}
	if p.src, ok = e.ways.source(a.Line, a.Addr.Is6()); !ok {
		return uptime.SourceUnavailable
	}
	fd, err := tcpSocket(p.line, p.src)
	if err != nil {
		return ownFault(err)
	}
	p.fd = fd
	p.started = time.Now()
	err = unix.Connect(fd, sockaddr(a.Addr, a.Port))
	switch {
	case err == nil:
		return uptime.Connected
	case errors.Is(err, unix.ECONNREFUSED): // by a host on this machine, at once
		return uptime.Refused
	case !errors.Is(err, unix.EINPROGRESS):
		return ownFault(err)
	}
	return e.await(p)
}

// await hands a connect under way to the loop. From then on the file is the
// loop's, which may close it at once.
func (e *tcpEngine) await(p *tcpProbe) uptime.Reason {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return abandoned
	}
	event := unix.EpollEvent{Events: unix.EPOLLOUT | unix.EPOLLIN | unix.EPOLLET, Fd: int32(p.fd)}
	if err := unix.EpollCtl(e.epoll, unix.EPOLL_CTL_ADD, p.fd, &event); err != nil {
		return uptime.Internal
	}
	e.conns[int32(p.fd)] = p
	e.waiting.push(p)
	if e.pace.begin() {
		e.bell.ring()
	}
	return 0
}

// tcpSocket makes a socket that leaves over the line.
func tcpSocket(line uptime.Line, src netip.Addr) (fd int, err error) {
	family := unix.AF_INET
	if src.Is6() {
		family = unix.AF_INET6
	}
	fd, err = unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, unix.IPPROTO_TCP)
	if err != nil {
		return -1, err
	}
	defer func() {
		if err != nil {
			_ = unix.Close(fd)
		}
	}()
	if err := errors.Join(bindLine(fd, line), hearErrors(fd, src.Is6())); err != nil {
		return -1, err
	}
	// Without it 28,000 local ports a minute and source are the end.
	if err := unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1); err != nil {
		return -1, err
	}
	if src.IsUnspecified() {
		return fd, nil
	}
	return fd, unix.Bind(fd, sockaddr(src, 0))
}

// bindLine makes a socket leave by the line's device or mark.
func bindLine(fd int, line uptime.Line) error {
	if line.Device != "" {
		if err := unix.BindToDevice(fd, line.Device); err != nil {
			return err
		}
	}
	if line.Mark == 0 {
		return nil
	}
	return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_MARK, int(line.Mark))
}

// hearErrors queues ICMP errors with who sent them.
func hearErrors(fd int, v6 bool) error {
	if v6 {
		return unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_RECVERR, 1)
	}
	return unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_RECVERR, 1)
}

func sockaddr(a netip.Addr, port uint16) unix.Sockaddr {
	if a.Is4() {
		return &unix.SockaddrInet4{Port: int(port), Addr: a.As4()}
	}
	return &unix.SockaddrInet6{Port: int(port), Addr: a.As16()}
}

// run serves connections until stop.
func (e *tcpEngine) run() {
	defer close(e.done)
	events := make([]unix.EpollEvent, 1024)
	stall := newStallClock()
	for {
		e.bell.wait(e.untilNext())
		stood := stall.tick(time.Now())
		e.drain(events)
		if !e.expire(time.Now(), stood) {
			return
		}
	}
}

// drain handles whatever has come, before anything is called a timeout.
func (e *tcpEngine) drain(events []unix.EpollEvent) {
	for {
		n, err := unix.EpollWait(e.epoll, events, 0)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if n <= 0 {
			return
		}
		e.handle(events[:n])
	}
}

// finePulse is for when there is little to do: how long a refusal took is not
// told by the kernel, only that it is there.
const finePulse = time.Millisecond

func (e *tcpEngine) untilNext() time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.pace.look()
	switch {
	case e.pace.busy || len(e.conns) > few:
		return untilPulse(time.Now())
	case len(e.conns) > 0:
		return finePulse
	default:
		return maxWait
	}
}

func (e *tcpEngine) handle(events []unix.EpollEvent) {
	for _, ev := range events {
		e.mu.Lock()
		p := e.conns[ev.Fd]
		e.mu.Unlock()
		if p == nil {
			continue
		}
		reason, rtt := e.outcome(p)
		if reason == uptime.Connected && ev.Events&unix.EPOLLIN != 0 {
			readGreeting(p.fd)
		}
		if reason != 0 {
			e.settle(p, reason, rtt)
		}
	}
}

// readGreeting takes in what the server said first: a connection that is closed
// with data unread ends with RST instead of FIN (RFC 2525 §2.17).
func readGreeting(fd int) {
	var some [2048]byte
	for range 8 { // a greeting is a line or two; who says more gets the RST
		if n, _, err := unix.Recvfrom(fd, some[:], unix.MSG_DONTWAIT); err != nil || n < len(some) {
			return
		}
	}
}

// outcome reads what became of a connect; no reason if it is not over.
func (e *tcpEngine) outcome(p *tcpProbe) (uptime.Reason, time.Duration) {
	taken := time.Since(p.started)
	info := tcpInfo(p.fd)
	if info.State != 0 && info.State != unix.BPF_TCP_SYN_SENT && info.State != unix.BPF_TCP_CLOSE {
		return uptime.Connected, handshake(info, taken)
	}
	errno, err := unix.GetsockoptInt(p.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err != nil {
		return uptime.Internal, 0
	}
	fault := unix.Errno(errno)
	if fault == unix.ECONNRESET { // accepted, then reset at once
		return uptime.Connected, handshake(info, taken)
	}
	// A message in the error queue alone also wakes us.
	if said, ok := readErrorQueue(p.fd); ok {
		return e.ways.judgeOffender(said, p.src, p.dst, p.line), taken
	}
	if fault == 0 || fault == unix.EINPROGRESS {
		return 0, 0
	}
	return faultOfPath(fault), taken
}

// tcpInfo is what the kernel tells of a connection (TCP_INFO), zero if nothing.
// Unlike unix.GetsockoptTCPInfo it leaves no garbage.
func tcpInfo(fd int) (info unix.TCPInfo) {
	size := uint32(unsafe.Sizeof(info))
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.IPPROTO_TCP, unix.TCP_INFO,
		uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
	if errno != 0 {
		return unix.TCPInfo{}
	}
	return info
}

// handshake is its round trip as the kernel measured it, which our own delays
// do not lengthen; the time taken if the kernel does not know.
func handshake(info unix.TCPInfo, taken time.Duration) time.Duration {
	if info.Rtt == 0 {
		return max(taken, time.Microsecond)
	}
	return time.Duration(info.Rtt) * time.Microsecond
}

// faultOfPath names an error of a connect that was under way and of which
// nobody knows who said it.
func faultOfPath(fault unix.Errno) uptime.Reason {
	switch fault {
	case unix.ECONNREFUSED:
		return uptime.Refused
	case unix.EHOSTUNREACH:
		return uptime.HostUnreachable
	case unix.ENETUNREACH:
		return uptime.NetUnreachable
	case unix.ETIMEDOUT:
		return uptime.Timeout
	case unix.EACCES, unix.EPERM, unix.EADDRNOTAVAIL, unix.ENETDOWN:
		return ownFault(fault)
	default:
		return uptime.ICMPOther
	}
}

// expire declares timeouts. A probe that waited while we stood still is not
// measured. It is false once the engine is closed.
func (e *tcpEngine) expire(now time.Time, stood time.Time) bool {
	e.mu.Lock()
	var over []*tcpProbe
	for {
		p, ok := e.waiting.first()
		if !ok || (!e.closed && !p.settled && now.Sub(p.started) < e.timeout) {
			break
		}
		e.waiting.pop()
		if !p.settled {
			over = append(over, p)
		}
	}
	closed := e.closed
	e.mu.Unlock()
	for _, p := range over {
		switch {
		case closed:
			e.settle(p, abandoned, 0)
		case p.started.Before(stood):
			e.stats.Overloads.Add(1)
			e.settle(p, uptime.Overload, 0)
		default:
			e.settle(p, silence(p.line, p.src, p.dst), 0)
		}
	}
	return !closed
}

// settle ends a probe exactly once and tells its finding.
func (e *tcpEngine) settle(p *tcpProbe, reason uptime.Reason, rtt time.Duration) {
	e.mu.Lock()
	if p.settled {
		e.mu.Unlock()
		return
	}
	p.settled = true
	delete(e.conns, int32(p.fd))
	e.mu.Unlock()
	if p.fd >= 0 {
		_ = unix.Close(p.fd)
	}
	<-e.room
	e.stats.TCP.Add(1)
	if reason == abandoned {
		p.done(uptime.Finding{})
		return
	}
	if reason.Status() != uptime.OK && reason.Status() != uptime.NG {
		rtt = 0
	}
	p.done(uptime.Finding{At: p.started, Reason: reason, RTT: max(rtt, 0)})
}

func (e *tcpEngine) stop() {
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	e.bell.ring()
	<-e.done
	_ = unix.Close(e.epoll)
}
