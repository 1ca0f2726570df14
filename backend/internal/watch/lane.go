package watch

import (
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

// A lane's ring has a slot for each place in the interval, 10 ms wide, and
// reaches further ahead than jobs are planned: names come up to 10 s early.
const (
	place     = 10 // ms
	laneSlots = 2048
)

// lane starts jobs when they are due: all of a place together, so that there is
// one wake-up for them, and in the order of the places. It waits when the
// prober has no room. Ping and TCP have a lane each, so that one engine's queue
// does not hold up the other.
type lane struct {
	now   func() time.Time
	start func(context.Context, job)
	more  chan struct{}

	mu    sync.Mutex
	slots [laneSlots][]job
	taken int64 // place up to which everything was taken out
	n     int   // jobs in slots
}

func newLane(now func() time.Time, start func(context.Context, job)) *lane {
	return &lane{more: make(chan struct{}, 1), now: now, start: start}
}

// add files jobs; what is overdue comes next, what is too far ahead (the clock
// was set back) as late as there is room.
func (l *lane) add(jobs ...job) {
	if len(jobs) == 0 {
		return
	}
	l.mu.Lock()
	if l.n == 0 {
		l.taken = l.now().UnixMilli()/place - 1
	}
	for i := range jobs {
		at := min(max(jobs[i].due/place, l.taken+1), l.taken+laneSlots)
		slot := &l.slots[at%laneSlots]
		*slot = append(*slot, jobs[i])
	}
	l.n += len(jobs)
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
	var due []job
	for ctx.Err() == nil {
		var wait time.Duration
		due, wait = l.take(due[:0])
		for i := range due {
			if ctx.Err() != nil {
				return
			}
			l.start(ctx, due[i])
		}
		clear(due)
		if len(due) > 0 {
			continue
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
		case <-l.more:
		case <-timer.C:
		}
	}
}

// take moves the jobs of the next place that has any to due, if its time has
// come; else it says how long until the next one may.
func (l *lane) take(due []job) (_ []job, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.n == 0 {
		return due, time.Hour
	}
	now := l.now()
	present := now.UnixMilli() / place
	if present < l.taken { // the clock was set back
		l.taken = present
	}
	for l.taken < present && len(due) == 0 {
		l.taken++
		slot := &l.slots[l.taken%laneSlots]
		due = append(due, *slot...)
		clear(*slot)
		*slot = (*slot)[:0]
	}
	if l.n -= len(due); len(due) > 0 {
		return due, 0
	}
	next := l.taken + 1
	for len(l.slots[next%laneSlots]) == 0 {
		next++
	}
	// Never longer than a second: the clock may be set meanwhile.
	return due, min(time.UnixMilli(next*place).Sub(now), time.Second)
}
