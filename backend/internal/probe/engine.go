package probe

import (
	"sync/atomic"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// Stats count since the start.
type Stats struct {
	TCP       atomic.Int64 // connects that ended
	Pings     atomic.Int64 // pings that ended
	Sent      atomic.Int64 // echo requests
	Received  atomic.Int64 // ICMP packets read
	Foreign   atomic.Int64 // of them, none of ours
	Drops     atomic.Int64 // packets that the kernel dropped before we read them
	Overloads atomic.Int64 // probes not measured because we stood still or lost packets
}

// abandoned is a finding's reason that means: given up because we stop.
const abandoned uptime.Reason = 255

// maxWait bounds a wait, so that a standstill shows as one.
const maxWait = 100 * time.Millisecond

// pulse is how often an engine looks at what has come while something is under
// way. A wake-up costs more than what it does, and a system call that waits
// costs the scheduler a thread, so loops sleep by the runtime's timers. Round
// trips are told by the kernel's clock.
const pulse = 10 * time.Millisecond

// bell wakes a loop: after a time, or at once when it is rung.
type bell struct {
	rung  chan struct{}
	timer *time.Timer
}

func newBell() bell { return bell{rung: make(chan struct{}, 1), timer: time.NewTimer(maxWait)} }

func (b *bell) ring() {
	select {
	case b.rung <- struct{}{}:
	default:
	}
}

func (b *bell) wait(d time.Duration) {
	b.timer.Reset(d)
	select {
	case <-b.rung:
	case <-b.timer.C:
	}
}

// pace tells whether an engine has much to do. Then what is new waits for the
// next pulse; else it wakes the loop, which looks more often. The engine's lock
// guards it.
type pace struct {
	begun int // probes since the last look
	busy  bool
}

// few is how many new probes at a look are not much.
const few = 8

// begin counts a new probe and tells whether the loop is to be woken for it.
func (p *pace) begin() (wake bool) {
	p.begun++
	return !p.busy && p.begun == 1
}

// look is called at each turn of the loop.
func (p *pace) look() {
	p.busy = p.begun > few
	p.begun = 0
}

// untilPulse is the time to the next pulse; all loops have theirs together, and
// with the places in the interval at which probes are due.
func untilPulse(now time.Time) time.Duration {
	return pulse - time.Duration(now.UnixNano())%pulse
}

// standstill is how long a loop may take before what waited meanwhile is not
// measured.
const standstill = 500 * time.Millisecond

// stallClock notices that its loop stood still.
type stallClock struct{ last, stood time.Time }

func newStallClock() *stallClock { return &stallClock{last: time.Now()} }

// tick is called once a turn and returns the end of the last standstill. The
// monotonic clock stops in a machine's sleep, so the wall clock is asked too.
func (c *stallClock) tick(now time.Time) (stood time.Time) {
	if now.Sub(c.last) > maxWait+standstill || now.Round(0).Sub(c.last.Round(0)) > maxWait+standstill {
		c.stood = now
	}
	c.last = now
	return c.stood
}

// fifo is a queue that gives its memory back.
type fifo[T any] struct {
	items []T
	head  int
}

func (q *fifo[T]) push(x T) { q.items = append(q.items, x) }

func (q *fifo[T]) len() int { return len(q.items) - q.head }

func (q *fifo[T]) first() (x T, ok bool) {
	if q.head == len(q.items) {
		return x, false
	}
	return q.items[q.head], true
}

func (q *fifo[T]) pop() {
	var zero T
	q.items[q.head] = zero
	if q.head++; q.head == len(q.items) {
		q.items, q.head = q.items[:0], 0
	} else if q.head > 4096 && q.head*2 > len(q.items) {
		q.items = append(q.items[:0], q.items[q.head:]...)
		q.head = 0
	}
}
