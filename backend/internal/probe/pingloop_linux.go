package probe

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// run serves pings until stop.
func (e *pingEngine) run() {
	defer close(e.done)
	stall := newStallClock()
	for {
		e.bell.wait(e.untilNext())
		stood := stall.tick(time.Now())
		e.drain()
		e.expire(time.Now(), stood)
		if !e.sendFresh() {
			e.giveUp()
			return
		}
		e.sendAgain(time.Now())
	}
}

// untilNext is how long there is nothing to do.
func (e *pingEngine) untilNext() time.Duration {
	e.mu.Lock()
	fresh := e.fresh.len()
	e.pace.look()
	busy := e.pace.busy
	e.mu.Unlock()
	switch {
	case fresh > sendGroup: // a backlog; else what came meanwhile
		return sendPause
	case fresh > 0 || busy || e.used > 0:
		return untilPulse(time.Now())
	default:
		return maxWait
	}
}

// sendFresh takes a group of new pings; false once the engine is closed.
func (e *pingEngine) sendFresh() bool {
	var group [sendGroup]*ping
	n := 0
	e.mu.Lock()
	closed := e.closed
	for n < sendGroup && !closed {
		p, ok := e.fresh.first()
		if !ok {
			break
		}
		e.fresh.pop()
		group[n] = p
		n++
	}
	e.mu.Unlock()
	for _, p := range group[:n] {
		e.enter(p)
	}
	e.send(group[:n])
	return !closed
}

// enter gives a ping a slot and its places in the queues.
func (e *pingEngine) enter(p *ping) {
	if e.used*2 >= len(e.slots) && len(e.slots) < maxSlots {
		e.slots = append(e.slots, make([]*ping, slotsStep)...)
	}
	for e.slots[e.next] != nil {
		e.next = (e.next + 1) % uint32(len(e.slots))
	}
	p.slot, e.next = e.next, (e.next+1)%uint32(len(e.slots))
	e.slots[p.slot] = p
	e.used++
	e.gen++
	p.gen = e.gen
	now := time.Now()
	for i := range e.resend {
		if at := time.Duration(i+1) * pingEvery; at <= e.timeout-e.timeout/10 {
			e.resend[i].push(resendAt{p, now.Add(at)})
		}
	}
	e.waiting.push(resendAt{p, now.Add(e.timeout)})
}

func (e *pingEngine) sendAgain(now time.Time) {
	var group [sendGroup]*ping
	for i := range e.resend {
		n := 0
		for n < sendGroup {
			r, ok := e.resend[i].first()
			if !ok || r.at.After(now) {
				break
			}
			e.resend[i].pop()
			if !r.p.settled {
				group[n] = r.p
				n++
			}
		}
		e.send(group[:n])
	}
}

// send hands echo requests to the kernel, some at a time.
func (e *pingEngine) send(pings []*ping) {
	for again := 0; len(pings) > 0; {
		some := pings[:min(writeBatch, len(pings))]
		now := time.Now()
		for i, p := range some {
			e.batches.put(i, e.packet(p), p.dst)
			p.sent[p.tries] = now
		}
		n, err := e.batches.write(len(some))
		for _, p := range some[:n] {
			p.tries++
		}
		e.stats.Sent.Add(int64(n))
		pings = pings[n:]
		if err == nil || len(pings) == 0 || n > 0 {
			again = 0
			continue
		}
		// On a ping socket a queued error of somebody else's packet is told to
		// whoever sends next.
		if again++; !e.raw && again < 64 && e.drainErrors() {
			continue
		}
		e.unsent(pings[0], err)
		pings, again = pings[1:], 0
	}
}

// unsent is a packet that the kernel refused. That ends the ping at the first
// try; later a try more or less does not matter.
func (e *pingEngine) unsent(p *ping, err error) {
	if p.tries++; p.tries == 1 {
		e.settle(p, ownFault(err), 0)
	}
}

func (e *pingEngine) packet(p *ping) (b [pingPacket]byte) {
	b[0] = icmp4Echo
	if e.v6 {
		b[0] = icmp6Echo
	}
	binary.BigEndian.PutUint16(b[4:], e.idBase|uint16(p.slot>>16))
	binary.BigEndian.PutUint16(b[6:], uint16(p.slot))
	copy(b[8:], e.nonce[:])
	binary.BigEndian.PutUint32(b[16:], p.slot)
	binary.BigEndian.PutUint32(b[20:], p.gen<<2|uint32(p.tries&3))
	if !e.v6 {
		binary.BigEndian.PutUint16(b[2:], checksum(b[:]))
	}
	return b
}

// checksum of RFC 1071.
func checksum(b []byte) uint16 {
	var sum uint32
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}

// drain reads all that has come.
func (e *pingEngine) drain() {
	for {
		packets, err := e.batches.read()
		for i := range packets {
			m := &packets[i]
			e.stats.Received.Add(1)
			e.came = arrival(m.OOB[:m.NN])
			if !e.receive(m.Buffers[0][:m.N], senderOf(m)) {
				e.stats.Foreign.Add(1)
			}
		}
		switch {
		case errors.Is(err, unix.EINTR), len(packets) == readBatch:
			continue
		case err != nil && !e.raw && !errors.Is(err, unix.EAGAIN) && e.drainErrors():
			continue
		}
		break
	}
	if !e.raw {
		e.drainErrors()
	}
	e.countDrops()
}

// sinceSent is the round trip of a packet that is being read. Both times are
// the wall clock's; when it was set meanwhile, our own monotonic one decides.
func (e *pingEngine) sinceSent(sent time.Time) time.Duration {
	if rtt := e.came.Sub(sent.Round(0)); rtt > 0 && rtt <= time.Since(sent) {
		return rtt
	}
	return time.Since(sent)
}

// countDrops asks the kernel how many packets it dropped because our buffer was
// full (SK_MEMINFO_DROPS). Replies may be among them.
func (e *pingEngine) countDrops() {
	const meminfoDrops, meminfoVars = 8, 9 // linux/sock_diag.h
	var info [meminfoVars]uint32
	size := uint32(unsafe.Sizeof(info))
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(e.fd), unix.SOL_SOCKET, unix.SO_MEMINFO,
		uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
	if drops := info[meminfoDrops]; errno == 0 && drops != e.drops {
		e.stats.Drops.Add(int64(drops - e.drops))
		e.drops, e.dropped = drops, time.Now()
	}
}

// receive takes one packet; false if it is none of ours.
func (e *pingEngine) receive(b []byte, from netip.Addr) bool {
	if e.raw && !e.v6 {
		if len(b) < 20 {
			return false
		}
		head := int(b[0]&15) * 4
		if head < 20 || head > len(b) {
			return false
		}
		b = b[head:]
	}
	if len(b) < 8 {
		return false
	}
	reply := uint8(icmp4EchoReply)
	if e.v6 {
		reply = icmp6EchoReply
	}
	if b[0] == reply {
		return e.reply(b, from)
	}
	return e.raw && e.refusal(b, from)
}

// reply matches an echo reply.
func (e *pingEngine) reply(b []byte, from netip.Addr) bool {
	if len(b) != pingPacket || [8]byte(b[8:16]) != e.nonce {
		return false
	}
	slot, tag := binary.BigEndian.Uint32(b[16:]), binary.BigEndian.Uint32(b[20:])
	if e.raw && binary.BigEndian.Uint16(b[4:]) != e.idBase|uint16(slot>>16) || binary.BigEndian.Uint16(b[6:]) != uint16(slot) {
		return false
	}
	p := e.at(slot)
	try := int(tag & 3)
	if p == nil || p.gen&(1<<30-1) != tag>>2 || p.dst != from || try >= p.tries {
		return false
	}
	if rtt := e.sinceSent(p.sent[try]); rtt <= e.timeout { // else we stood still, and it came too late
		e.settle(p, uptime.Reply, rtt)
	}
	return true
}

func (e *pingEngine) at(slot uint32) *ping {
	if int(slot) >= len(e.slots) {
		return nil
	}
	return e.slots[slot]
}

// refusal matches an ICMP error by the packet that it quotes.
func (e *pingEngine) refusal(b []byte, from netip.Addr) bool {
	quoted, dst := quotedEcho(b[8:], e.v6)
	if quoted == nil {
		return false
	}
	id, seq := binary.BigEndian.Uint16(quoted[4:]), binary.BigEndian.Uint16(quoted[6:])
	if id&^15 != e.idBase {
		return false
	}
	p := e.at(uint32(id&15)<<16 | uint32(seq))
	if p == nil || p.dst != dst || len(quoted) >= pingPacket && !e.carries(quoted, p) {
		return false
	}
	e.refused(p, icmpError{offender: from, v6: e.v6, kind: b[0], code: b[1]})
	return true
}

// carries tells whether an echo request that is quoted whole is of this very
// ping, not of an earlier one on its slot.
func (e *pingEngine) carries(echo []byte, p *ping) bool {
	return [8]byte(echo[8:16]) == e.nonce && binary.BigEndian.Uint32(echo[16:]) == p.slot &&
		binary.BigEndian.Uint32(echo[20:])>>2 == p.gen&(1<<30-1)
}

func (e *pingEngine) refused(p *ping, said icmpError) {
	if !said.answer() {
		return
	}
	e.settle(p, e.ways.judgeOffender(said, e.src, p.dst, e.line), e.sinceSent(p.sent[max(p.tries-1, 0)]))
}

// quotedEcho finds the echo request inside an ICMP error, and where it went.
func quotedEcho(b []byte, v6 bool) (echo []byte, dst netip.Addr) {
	if v6 {
		if len(b) < 48 || b[0]>>4 != 6 || b[6] != unix.IPPROTO_ICMPV6 || b[40] != icmp6Echo {
			return nil, dst
		}
		return b[40:], netip.AddrFrom16([16]byte(b[24:40]))
	}
	if len(b) < 20 || b[0]>>4 != 4 {
		return nil, dst
	}
	head := int(b[0]&15) * 4
	if head < 20 || len(b) < head+8 || b[9] != unix.IPPROTO_ICMP || b[head] != icmp4Echo {
		return nil, dst
	}
	return b[head:], netip.AddrFrom4([4]byte(b[16:20]))
}

// drainErrors reads a ping socket's error queue; false if it was empty.
func (e *pingEngine) drainErrors() (found bool) {
	var quoted [64]byte
	for {
		said, n, came, ok := readError(e.fd, quoted[:])
		if !ok {
			return found
		}
		found, e.came = true, came
		if p := e.quotedPing(quoted[:n]); p != nil {
			e.refused(p, said)
		}
	}
}

// quotedPing finds the ping of an echo request in the error queue. Quoted short
// it has only its sequence, which is enough while one identifier is in use.
func (e *pingEngine) quotedPing(echo []byte) *ping {
	if len(echo) < 8 {
		return nil
	}
	if len(echo) < pingPacket {
		if len(e.slots) > slotsStep {
			return nil
		}
		return e.at(uint32(binary.BigEndian.Uint16(echo[6:])))
	}
	p := e.at(binary.BigEndian.Uint32(echo[16:]))
	if p == nil || !e.carries(echo, p) {
		return nil
	}
	return p
}

// expire declares timeouts, after everything that came was read.
func (e *pingEngine) expire(now, stood time.Time) {
	for {
		r, ok := e.waiting.first()
		if !ok || (!r.p.settled && r.at.After(now)) {
			return
		}
		e.waiting.pop()
		if r.p.settled {
			continue
		}
		if r.p.sent[0].Before(stood) || r.p.sent[0].Before(e.dropped) {
			e.stats.Overloads.Add(1)
			e.settle(r.p, uptime.Overload, 0)
			continue
		}
		e.settle(r.p, silence(e.line, e.src, r.p.dst), 0)
	}
}

// settle ends a ping exactly once and tells its finding.
func (e *pingEngine) settle(p *ping, reason uptime.Reason, rtt time.Duration) {
	if p.settled {
		return
	}
	p.settled = true
	if e.at(p.slot) == p {
		e.slots[p.slot] = nil
		e.used--
	}
	<-e.room
	e.stats.Pings.Add(1)
	if reason == abandoned {
		p.done(uptime.Finding{})
		return
	}
	if reason.Status() != uptime.OK && reason.Status() != uptime.NG {
		rtt = 0
	}
	p.done(uptime.Finding{At: p.sent[0], Reason: reason, RTT: max(rtt, 0)})
}

// giveUp ends what is left at the end.
func (e *pingEngine) giveUp() {
	e.mu.Lock()
	rest := e.fresh.items[e.fresh.head:]
	e.fresh = fifo[*ping]{}
	e.mu.Unlock()
	for _, p := range rest {
		e.settle(p, abandoned, 0)
	}
	for _, p := range e.slots {
		if p != nil {
			e.settle(p, abandoned, 0)
		}
	}
}
