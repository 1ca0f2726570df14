package watch

import (
	"sync"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// HealthSpan is how far back LineHealth counts, at least; at most twice as far.
const HealthSpan = 10 * time.Minute

// tally counts results by line in two spans of time, of which the older falls
// out when the newer is full.
type tally struct {
	mu    sync.Mutex
	since time.Time // when the newer span began
	newer map[uptime.LineID]uptime.LineHealth
	older map[uptime.LineID]uptime.LineHealth
	last  map[uptime.LineID]time.Time
}

func newTally() *tally { return &tally{last: map[uptime.LineID]time.Time{}} }

// turn begins a new span when it is time. Its caller holds the lock.
func (t *tally) turn(now time.Time) {
	age := now.Sub(t.since)
	if age >= 0 && age < HealthSpan && t.newer != nil {
		return
	}
	t.older = nil
	if age >= HealthSpan && age < 2*HealthSpan {
		t.older = t.newer
	}
	t.newer, t.since = map[uptime.LineID]uptime.LineHealth{}, now
}

func (t *tally) count(line uptime.LineID, reason uptime.Reason, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turn(now)
	h := t.newer[line]
	switch reason.Status() {
	case uptime.OK, uptime.NG:
		h.Replies++
		t.last[line] = now
	case uptime.WR:
		h.Failures++
	case uptime.Unknown:
		h.Unmeasured++
	case uptime.ERR: // of the name, whatever the line
	}
	t.newer[line] = h
}

// LineHealth tells of each of the lines what came of its probes in the last ten
// to twenty minutes.
func (w *Watch) LineHealth() map[uptime.LineID]uptime.LineHealth {
	t := w.tally
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turn(w.cfg.Now())
	all := make(map[uptime.LineID]uptime.LineHealth, len(w.cfg.Lines))
	for _, line := range w.cfg.Lines {
		a, b := t.older[line], t.newer[line]
		all[line] = uptime.LineHealth{
			Replies: a.Replies + b.Replies, Failures: a.Failures + b.Failures, Unmeasured: a.Unmeasured + b.Unmeasured, LastReply: t.last[line],
		}
	}
	return all
}
