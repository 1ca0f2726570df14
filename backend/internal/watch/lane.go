package watch

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// job is one probe on its way to the prober.
type job struct {
	entry      *entry
	generation int32
	due        int64 // Unix ms
	attempt    uptime.Attempt
	before     uptime.LineID // the line of the monitor's result before this one
	addrSince  time.Time
}

// lane starts jobs when they are due, one after the other: it paces them, and
// waits when the prober has no room. Ping and TCP have a lane each, so that one
// engine's queue does not hold up the other.
type lane struct {
	mu    sync.Mutex
	jobs  jobHeap
	more  chan struct{}
	now   func() time.Time
	start func(context.Context, job)
}

func newLane(now func() time.Time, start func(context.Context, job)) *lane {
	return &lane{more: make(chan struct{}, 1), now: now, start: start}
}

func (l *lane) add(jobs ...job) {
	if len(jobs) == 0 {
		return
	}
	l.mu.Lock()
	for _, j := range jobs {
		heap.Push(&l.jobs, j)
	}
	l.mu.Unlock()
	select {
	case l.more <- struct{}{}:
	default:
	}
}

// run starts jobs until the context ends.
func (l *lane) run(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		j, wait, ok := l.next()
		if ok && wait <= 0 {
			if ctx.Err() != nil {
				return
			}
			l.start(ctx, j)
			continue
		}
		if ok {
			timer.Reset(wait)
		} else {
			timer.Reset(time.Hour)
		}
		select {
		case <-ctx.Done():
			return
		case <-l.more:
		case <-timer.C:
		}
	}
}

// next takes the first job out if it is due, else says how long until it is.
func (l *lane) next() (j job, wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.jobs) == 0 {
		return job{}, 0, false
	}
	if wait = time.UnixMilli(l.jobs[0].due).Sub(l.now()); wait > 0 {
		// Never longer than a second: the wall clock may be set meanwhile.
		return job{}, min(wait, time.Second), true
	}
	return heap.Pop(&l.jobs).(job), 0, true
}

type jobHeap []job

func (h jobHeap) Len() int           { return len(h) }
func (h jobHeap) Less(i, k int) bool { return h[i].due < h[k].due }
func (h jobHeap) Swap(i, k int)      { h[i], h[k] = h[k], h[i] }

// Push and Pop are for container/heap.
func (h *jobHeap) Push(x any) { *h = append(*h, x.(job)) }

// Pop takes the last one out.
func (h *jobHeap) Pop() any {
	old := *h
	j := old[len(old)-1]
	old[len(old)-1] = job{}
	*h = old[:len(old)-1]
	return j
}
