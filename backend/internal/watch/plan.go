package watch

import (
	"context"
	"net/netip"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// Planning runs one second ahead. A tick that comes up to catchUp late plans
// what it missed; later than that the clock jumped or we stood still, and
// everything is planned anew so that nothing bursts.
const (
	ahead   = 1 // seconds
	catchUp = 3 // seconds
)

// tick plans the seconds up to one from now.
func (w *Watch) tick() {
	now := w.cfg.Now()
	second := now.Unix() + ahead
	w.mu.Lock()
	defer w.mu.Unlock()
	starts, late := int(w.starts.Swap(0)), int(w.late.Swap(0))
	if gap := second - w.wheel.planned; gap > catchUp+ahead || gap < -1 {
		w.counters.Jumps.Add(1)
		w.cfg.Log.Warn("the clock jumped or we stood still; planning anew", "seconds", gap)
		w.replan(now)
		w.stretch.forget()
	} else {
		w.adapt(starts, late)
	}
	pings, connects := w.pings[:0], w.connects[:0]
	for s := w.wheel.planned + 1; s <= second; s++ {
		for _, e := range w.wheel.take(s) {
			if w.wheel.second(e) > s {
				continue // filed twice, planned already
			}
			switch j, where := w.plan(e, now); where {
			case toPing:
				pings = append(pings, j)
			case toConnect:
				connects = append(connects, j)
			case nowhere:
			}
		}
	}
	w.lanes[true].add(pings...)
	w.lanes[false].add(connects...)
	clear(pings)
	clear(connects)
	w.pings, w.connects = pings, connects
}

// adapt lengthens or shortens the interval by what the last second was like.
func (w *Watch) adapt(starts, late int) {
	// What is probed and cannot be recorded was not in time either; while the
	// database is away results wait, and no less is probed.
	if !w.away.Load() && w.queue.len() > behindBatches*w.cfg.BatchSize+starts {
		late = starts
	}
	if w.stretch.second(starts, late) {
		w.cfg.Log.Warn("the interval changes for everybody", "effective",
			time.Duration(float64(w.cfg.Policy.Interval)*w.stretch.factor()).String(), "configured", w.cfg.Policy.Interval.String())
	}
}

type destination int

const (
	nowhere destination = iota
	toPing
	toConnect
)

// plan takes one entry that is due, files it for its next turn and says where
// its probe goes. Names go to the resolvers here.
func (w *Watch) plan(e *entry, now time.Time) (job, destination) {
	if e.waiting && w.wheel.second(e) == w.wheel.planned {
		w.wheel.put(e) // planned ahead: the answer may come before the turn does
		return job{}, nowhere
	}
	j := job{entry: e, generation: e.generation, due: e.due, before: e.lastLine}
	e.due = w.wheel.next(e.target, e.due, w.stretch.factor())
	w.wheel.put(e)
	if e.waiting {
		w.counters.Skipped.Add(1)
		return j, nowhere
	}
	if w.cfg.Halted() {
		return j, nowhere // it keeps its phase, so that everybody's load is as flat afterwards
	}
	e.waiting = true
	line, ok := w.turn(e.lastLine, w.sends(e.target.literal))
	e.lastLine = line
	j.attempt = uptime.Attempt{Line: line, Addr: e.target.literal, Service: e.service, Port: e.port}
	if !ok {
		go w.finish(j, uptime.Finding{At: now, Reason: uptime.SourceUnavailable})
		return j, nowhere
	}
	if e.target.literal.IsValid() {
		if e.service == uptime.Ping {
			return j, toPing
		}
		return j, toConnect
	}
	select {
	case w.names <- j:
	default:
		go w.finish(j, uptime.Finding{At: now, Reason: uptime.Overload})
	}
	return j, nowhere
}

// replan files every entry anew. What was missed for less than a quarter of the
// interval comes as much later as it was missed, in the same order and spread;
// what was missed for longer, or lies too far ahead, comes at its next phase.
func (w *Watch) replan(now time.Time) {
	ms := now.UnixMilli()
	late := now.Unix() - w.wheel.planned
	back := late < 0
	w.wheel.clear(now.Unix())
	for _, e := range w.monitors {
		if back || e.due < ms {
			if shift := late * 1000; !back && shift <= w.wheel.interval/4 {
				e.due = max(e.due+shift, ms)
			} else {
				e.due = w.wheel.onPhase(e.target, ms)
			}
		}
		w.wheel.put(e)
	}
}

// resolveNames looks names up and hands their probes to the lanes.
func (w *Watch) resolveNames(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case j := <-w.names:
			w.resolve(ctx, j)
		}
	}
}

func (w *Watch) resolve(ctx context.Context, j job) {
	if w.cfg.Halted() {
		w.finish(j, uptime.Finding{})
		return
	}
	res := w.cfg.Prober.Resolve(ctx, j.attempt.Line, j.entry.target.host, false)
	if ctx.Err() != nil {
		w.finish(j, uptime.Finding{})
		return
	}
	now := w.cfg.Now()
	if res.Reason != 0 || len(res.Addrs) == 0 {
		reason := res.Reason
		if reason == 0 {
			reason = uptime.DNSNoAddress
		}
		w.finish(j, uptime.Finding{At: now, Reason: reason})
		return
	}
	chosen, ok := w.choose(ctx, j.entry.target, res.Addrs)
	if !ok {
		w.finish(j, uptime.Finding{}) // not ours to look at, and no result
		return
	}
	w.mu.Lock()
	j.attempt.Addr, j.addrSince = j.entry.target.pin(chosen, now)
	line, usable := w.turn(j.before, w.sends(j.attempt.Addr))
	j.attempt.Line = line
	if j.entry.generation == j.generation {
		j.entry.lastLine = line
	}
	w.mu.Unlock()
	if !usable {
		w.finish(j, uptime.Finding{At: now, Reason: uptime.SourceUnavailable})
		return
	}
	w.lanes[j.attempt.Service == uptime.Ping].add(j)
}

// choose picks the address of a target that is watched; false if it may not be
// watched there. While that cannot be asked, a new address is not probed.
func (w *Watch) choose(ctx context.Context, t *target, addrs []netip.Addr) (netip.Addr, bool) {
	w.mu.Lock()
	addr, moved := t.choose(addrs)
	w.mu.Unlock()
	if !moved || w.cfg.Places == nil {
		return addr, true
	}
	ok, err := w.cfg.Places.MayStand(ctx, uptime.Move{TargetID: t.id, Host: t.host, Addr: addr})
	if err != nil && ctx.Err() == nil {
		w.cfg.Log.Warn("a name points to another address, and whether that may be watched is not known yet",
			"host", t.host, "address", addr.String(), "error", err)
	}
	return addr, ok && err == nil
}

// probe starts a job that is due.
func (w *Watch) probe(ctx context.Context, j job) {
	if w.cfg.Halted() { // planned before
		w.finish(j, uptime.Finding{})
		return
	}
	w.cfg.Prober.Probe(ctx, j.attempt, func(f uptime.Finding) { w.finish(j, f) })
	lag := w.cfg.Now().Sub(time.UnixMilli(j.due))
	w.starts.Add(1)
	w.counters.Started.Add(1)
	if w.stretch.isLate(lag) {
		w.late.Add(1)
	}
}

// finish turns a finding into a result and passes it to the guard. A finding
// without a reason is a probe that was given up: its line keeps its turn.
func (w *Watch) finish(j job, f uptime.Finding) {
	w.mu.Lock()
	e := j.entry
	if e.generation == j.generation {
		e.waiting = false
		if f.Reason == 0 {
			e.lastLine = j.before
		}
	}
	w.mu.Unlock()
	if f.Reason == 0 {
		w.counters.Abandoned.Add(1)
		return
	}
	w.counters.Finished.Add(1)
	w.tally.count(j.attempt.Line, f.Reason, w.cfg.Now())
	w.cfg.Guard(uptime.Result{
		Sample: uptime.Sample{
			At: f.At.UTC().Truncate(time.Millisecond), Reason: f.Reason, Line: j.attempt.Line,
			RTT: f.RTT.Truncate(time.Microsecond),
		},
		MonitorID: e.id, Generation: j.generation, Addr: j.attempt.Addr, AddrSince: j.addrSince,
	}, w.enqueue)
}
