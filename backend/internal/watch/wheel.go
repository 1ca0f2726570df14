package watch

import (
	"math/bits"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// entry is one active monitor as the watchman knows it.
type entry struct {
	id         int64
	target     *target
	due        int64 // Unix ms of the next probe; 0 once the entry is removed
	generation int32
	service    uptime.Service
	port       uint16
	lastLine   uptime.LineID
	waiting    bool // planned or being probed: one probe per monitor at a time
}

// wheel keeps entries by the second in which they must be looked at. The
// watchman's lock guards it.
type wheel struct {
	interval int64 // ms
	lead     int64 // ms by which entries with a name come before they are due
	slots    [][]*entry
	planned  int64 // the last Unix second that was taken
}

// wheelIntervals is how far ahead an entry can be due: the longest stretch and
// room for a shift.
const wheelIntervals = 6

func newWheel(interval, lead time.Duration) *wheel {
	seconds := int(wheelIntervals*interval/time.Second) + 60
	return &wheel{interval: interval.Milliseconds(), lead: lead.Milliseconds(), slots: make([][]*entry, seconds)}
}

// second is when e must be looked at.
func (w *wheel) second(e *entry) int64 {
	if e.target.literal.IsValid() {
		return e.due / 1000
	}
	return (e.due - w.lead) / 1000
}

// put files e under its due time; what should have been looked at already
// comes with the next second.
func (w *wheel) put(e *entry) {
	at := max(w.second(e), w.planned+1)
	i := at % int64(len(w.slots))
	w.slots[i] = append(w.slots[i], e)
}

// take gives the entries of one second and calls them planned. An entry that
// was removed or filed anew meanwhile is left out: its due time tells.
func (w *wheel) take(second int64) []*entry {
	i := second % int64(len(w.slots))
	found := w.slots[i]
	w.slots[i] = nil
	w.planned = second
	due := found[:0]
	for _, e := range found {
		if e.due != 0 && w.second(e) <= second {
			due = append(due, e)
		}
	}
	return due
}

// clear empties the wheel; planning goes on behind the given second.
func (w *wheel) clear(planned int64) {
	for i := range w.slots {
		w.slots[i] = nil
	}
	w.planned = planned
}

// neighbours is how many targets with ids in a row stand side by side in the
// interval. Their results come in one batch and their rows lie on one page of
// the database, which is then touched once for all of them.
const neighbours = 8

// phase is the fixed place of a target in the interval, in ms with a resolution
// of 10 ms: a hash of its id, so that load is flat and a restart changes
// nothing. Groups of neighbours are spread by the golden ratio (Fibonacci
// hashing), which for ids in a row is flatter than chance.
func phase(targetID, interval int64) int64 {
	const golden = 0x9e3779b97f4a7c15 // 2^64 / φ
	places := uint64(interval / 10)
	group, k := uint64(targetID)/neighbours, uint64(targetID)%neighbours
	place, _ := bits.Mul64(group*golden, places)
	return int64((place+k)%places) * 10
}

// onPhase is the first time at or after from that has the target's phase.
func (w *wheel) onPhase(t *target, from int64) int64 { return w.onStretched(t, from, 1) }

// onStretched is the same in a longer interval, over which the phases are drawn
// out, so that load stays flat.
func (w *wheel) onStretched(t *target, from int64, stretch float64) int64 {
	interval := int64(float64(w.interval) * stretch)
	start := from - from%interval + int64(float64(t.phase)*stretch)
	if start < from {
		start += interval
	}
	return start
}

// next is when a monitor that was due at a time is due again: at its phase,
// between half and one and a half intervals later when it had been probed out
// of turn or the stretch has changed.
func (w *wheel) next(t *target, due int64, stretch float64) int64 {
	return w.onStretched(t, due+int64(float64(w.interval)*stretch)/2, stretch)
}
