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
	limit   int
	dropped int64
	ready   chan struct{}      // holds one token while there are results
	seen    map[int64]struct{} // of the last batch, for its memory
}

func newQueue(limit int) *queue {
	return &queue{limit: limit, ready: make(chan struct{}, 1), seen: map[int64]struct{}{}}
}

func (q *queue) add(r uptime.Result) {
	q.mu.Lock()
	if len(q.results) >= q.limit {
		cut := max(q.limit/16, 1)
		q.results = append(q.results[:0], q.results[cut:]...)
		q.dropped += int64(cut)
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
	return len(q.results)
}

// batch takes out up to size results, at most one of a monitor and each
// monitor's in their order; the rest stays.
func (q *queue) batch(size int) []uptime.Result {
	q.mu.Lock()
	defer q.mu.Unlock()
	taken := make([]uptime.Result, 0, min(size, len(q.results)))
	clear(q.seen)
	rest := q.results[:0]
	for i, r := range q.results {
		if len(taken) == size {
			rest = append(rest, q.results[i:]...)
			break
		}
		if _, twice := q.seen[r.MonitorID]; twice {
			rest = append(rest, r)
			continue
		}
		q.seen[r.MonitorID] = struct{}{}
		taken = append(taken, r)
	}
	clear(q.results[len(rest):])
	q.results = rest
	if len(rest) > 0 {
		q.signal()
	}
	return taken
}
