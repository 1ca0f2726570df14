package watch

import (
	"context"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

const (
	recordTimeout = 30 * time.Second       // of one try to write a batch
	retryFirst    = 200 * time.Millisecond // before a batch is tried again
	retryLast     = 2 * time.Second

	// behindBatches and a second's results may wait before the recorder counts as
	// behind.
	behindBatches = 2
)

// record writes batches until there is nothing left after planning ended, or
// until the hard end.
func (w *Watch) record(planning, hard context.Context) {
	for {
		select {
		case <-w.queue.ready:
			if w.queue.len() < w.cfg.BatchSize {
				gather(planning, w.cfg.Gather)
			}
		case <-planning.Done():
			if w.queue.len() == 0 {
				return
			}
		}
		batch := w.queue.batch(w.cfg.BatchSize)
		if len(batch) > 0 && !w.write(hard, batch) {
			return
		}
	}
}

// gather gives a batch time to grow, but not at the end.
func gather(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// write tries a batch until it is written; false means the hard end came first.
func (w *Watch) write(ctx context.Context, batch []uptime.Result) bool {
	for wait := retryFirst; ; wait = min(2*wait, retryLast) {
		try, cancel := context.WithTimeout(ctx, recordTimeout)
		rec, err := w.cfg.Recorder.Record(try, w.policy(), batch)
		cancel()
		w.away.Store(err != nil)
		if err == nil {
			w.recorded(ctx, batch, rec)
			return true
		}
		if ctx.Err() != nil {
			w.cfg.Log.Error("a batch could not be written before the end", "results", len(batch), "error", err)
			return false
		}
		w.cfg.Log.Warn("results wait for the database", "waiting", len(batch)+w.queue.len(), "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// recorded follows up a committed batch.
func (w *Watch) recorded(ctx context.Context, batch []uptime.Result, rec uptime.Recorded) {
	w.mu.Lock()
	for _, id := range rec.Stopped {
		w.remove(id)
	}
	for _, r := range batch {
		if r.AddrSince.IsZero() {
			continue
		}
		if e := w.monitors[r.MonitorID]; e != nil && e.target.pinnedSince.Equal(r.AddrSince) {
			e.target.pinNew = false
		}
	}
	w.mu.Unlock()
	if rec.Alerts > 0 && w.cfg.Alerted != nil {
		w.cfg.Alerted()
	}
	if len(rec.Gone) > 0 {
		if err := w.reload(ctx, rec.Gone); err != nil {
			w.cfg.Log.Warn("monitors could not be read anew; the next comparison will", "error", err)
		}
	}
}

// loadPage bounds one read of monitors.
const loadPage = 10_000

// loadAll reads everything that is active at the start.
func (w *Watch) loadAll(ctx context.Context) error {
	w.mu.Lock()
	w.wheel.clear(w.cfg.Now().Unix())
	w.mu.Unlock()
	for after := int64(0); ; {
		page, err := w.cfg.Recorder.Load(ctx, after, loadPage)
		if err != nil {
			return err
		}
		w.mu.Lock()
		for i, a := range page {
			w.add(a, w.firstDue(a, i))
		}
		w.mu.Unlock()
		if len(page) < loadPage {
			return nil
		}
		after = page[len(page)-1].MonitorID
	}
}

// freshPace spreads monitors that wait for their first probe at the start.
const freshPace = 2 // ms

// firstDue is when a monitor is due after a restart: at its phase, if it fell
// into the time we were away as much later as that is past, spread like the
// phases. Who has waited since it was made or resumed comes first.
func (w *Watch) firstDue(a uptime.Assignment, i int) func(*target) int64 {
	return func(t *target) int64 {
		now := w.cfg.Now().UnixMilli()
		latest := w.wheel.onPhase(t, now)
		if a.LastAt.IsZero() || a.ResumedAt.After(a.LastAt) {
			return min(latest, now+1000+int64(i)*freshPace)
		}
		due := w.wheel.onPhase(t, a.LastAt.UnixMilli()+w.wheel.interval/2)
		if due >= now {
			return min(due, latest)
		}
		if missed := now - due; missed <= w.wheel.interval/4 {
			return min(latest, now+missed)
		}
		return latest
	}
}

// soon is when a monitor that was just made or resumed is due: in the first
// second that is not planned yet.
func (w *Watch) soon(*target) int64 {
	return max(w.cfg.Now().UnixMilli(), (w.wheel.planned+1)*1000)
}

// follow takes in what users change.
func (w *Watch) follow(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case c := <-w.cfg.Changes:
			var err error
			if c.All {
				err = w.compare(ctx)
			} else {
				err = w.reload(ctx, c.MonitorIDs)
			}
			if err != nil && ctx.Err() == nil {
				w.cfg.Log.Warn("a change could not be read; the next comparison will", "error", err)
			}
		}
	}
}

// compare finds what changed without our hearing of it, block by block.
func (w *Watch) compare(ctx context.Context) error {
	theirs, err := w.cfg.Recorder.ActiveBlocks(ctx)
	if err != nil {
		return err
	}
	var different []int64
	w.mu.Lock()
	for block, sums := range theirs {
		if w.blocks[block] != sums {
			different = append(different, block)
		}
	}
	for block := range w.blocks {
		if _, ok := theirs[block]; !ok {
			different = append(different, block)
		}
	}
	w.mu.Unlock()
	for _, block := range different {
		if err := w.compareBlock(ctx, block); err != nil {
			return err
		}
	}
	return nil
}

func (w *Watch) compareBlock(ctx context.Context, block int64) error {
	active, err := w.cfg.Recorder.Active(ctx, block)
	if err != nil {
		return err
	}
	theirs := make(map[int64]bool, len(active))
	var changed []int64
	w.mu.Lock()
	for _, m := range active {
		theirs[m.ID] = true
		if e := w.monitors[m.ID]; e == nil || e.generation != m.Generation {
			changed = append(changed, m.ID)
		}
	}
	for id := block * uptime.ActiveBlockIDs; id < (block+1)*uptime.ActiveBlockIDs; id++ {
		if w.monitors[id] != nil && !theirs[id] {
			changed = append(changed, id)
		}
	}
	w.mu.Unlock()
	if len(changed) == 0 {
		return nil
	}
	return w.reload(ctx, changed)
}

// count keeps the sums of the blocks. The lock is held.
func (w *Watch) count(e *entry, by int64) {
	block := e.id / uptime.ActiveBlockIDs
	sums := w.blocks[block]
	sums.Add(e.id, e.generation, by)
	if w.blocks[block] = sums; sums.Monitors == 0 {
		delete(w.blocks, block)
	}
}

// reload reads monitors anew: they are added, changed or removed.
func (w *Watch) reload(ctx context.Context, ids []int64) error {
	found, err := w.cfg.Recorder.Reload(ctx, ids)
	if err != nil {
		return err
	}
	gone := map[int64]bool{}
	for _, id := range ids {
		gone[id] = true
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range found {
		if a.State != uptime.Active {
			continue
		}
		delete(gone, a.MonitorID)
		if e := w.monitors[a.MonitorID]; e == nil || e.generation != a.Generation {
			w.remove(a.MonitorID)
			w.add(a, w.soon)
		}
	}
	for id := range gone {
		w.remove(id)
	}
	return nil
}

// add takes a monitor in. The lock is held.
func (w *Watch) add(a uptime.Assignment, due func(*target) int64) {
	t := w.targets[a.TargetID]
	if t == nil {
		t = newTarget(a, w.wheel.interval)
		w.targets[a.TargetID] = t
	}
	t.monitors++
	e := &entry{
		id: a.MonitorID, target: t, generation: a.Generation, service: a.Service, port: a.Port,
		lastLine: a.LastLine, due: due(t),
	}
	w.monitors[a.MonitorID] = e
	w.count(e, 1)
	w.wheel.put(e)
}

// remove forgets a monitor; what is under way for it will be dropped by its
// generation. The lock is held.
func (w *Watch) remove(id int64) {
	e := w.monitors[id]
	if e == nil {
		return
	}
	e.due = 0
	delete(w.monitors, id)
	w.count(e, -1)
	if e.target.monitors--; e.target.monitors == 0 {
		delete(w.targets, e.target.id)
	}
}
