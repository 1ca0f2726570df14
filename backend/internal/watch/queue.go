package watch

import (
	"sync"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// queue holds results until they are recorded. It is bounded: while the
// database is away for long the oldest are dropped and counted.
type queue struct {
	mu      sync.Mutex
	results []uptime.Result
	head    int // results before it were taken out
	limit   int
	dropped int64
	ready   chan struct{}      // holds one token while there are results
	seen    map[int64]struct{} // of the last batch, and
	again   []uptime.Result    // what it left behind; kept for their memory
}

func newQueue(limit int) *queue {
	return &queue{limit: limit, ready: make(chan struct{}, 1), seen: map[int64]struct{}{}}
}

func (q *queue) add(r uptime.Result) {
	q.mu.Lock()
	if len(q.results)-q.head >= q.limit {
		cut := max(q.limit/16, 1)
		q.head += cut
		q.dropped += int64(cut)
	}
	if q.head > len(q.results)/2 { // no more is moved than was taken
		q.results = append(q.results[:0], q.results[q.head:]...)
		q.head = 0
	}
	q.results = append(q.results, r)
	q.mu.Unlock()
	q.signal()
}

func (q *queue) signal() {
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.results) - q.head
}

// batch takes out up to size results, at most one of a monitor and each
// monitor's in their order; the rest stays.
func (q *queue) batch(size int) []uptime.Result {
	q.mu.Lock()
	defer q.mu.Unlock()
	waiting := q.results[q.head:]
	taken := make([]uptime.Result, 0, min(size, len(waiting)))
	clear(q.seen)
	q.again = q.again[:0]
	scanned := 0
	for ; scanned < len(waiting) && len(taken) < size; scanned++ {
		r := waiting[scanned]
		if _, twice := q.seen[r.MonitorID]; twice {
			q.again = append(q.again, r)
			continue
		}
		q.seen[r.MonitorID] = struct{}{}
		taken = append(taken, r)
	}
	// What was left behind moves up to the rest.
	q.head += scanned - len(q.again)
	copy(q.results[q.head:], q.again)
	if q.head < len(q.results) {
		q.signal()
	}
	return taken
}
