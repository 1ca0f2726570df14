package watch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// town is a fake prober and recorder: every probe takes a time and finds what
// find says; a recorder judges like the real one, in memory.
type town struct {
	mu        sync.Mutex
	monitors  map[int64]*uptime.Assignment
	standings map[int64]uptime.Standing
	results   []uptime.Result

	room   chan struct{} // one token for each probe under way
	takes  time.Duration
	find   func(uptime.Attempt) uptime.Reason
	away   bool          // the database
	writes time.Duration // what a batch takes
	addrs  []netip.Addr
	broken map[uptime.LineID]bool
}

func newTown(monitors int) *town {
	tw := &town{
		monitors: map[int64]*uptime.Assignment{}, standings: map[int64]uptime.Standing{},
		room: make(chan struct{}, 1_000_000), takes: 10 * time.Millisecond, broken: map[uptime.LineID]bool{},
		find: func(uptime.Attempt) uptime.Reason { return uptime.Reply },
	}
	for id := int64(1); id <= int64(monitors); id++ {
		tw.monitors[id] = &uptime.Assignment{
			MonitorID: id, TargetID: id, Host: fmt.Sprintf("127.0.%d.%d", id/250, id%250+1), Service: uptime.Ping,
			State: uptime.Active, Generation: 1,
		}
		tw.standings[id] = uptime.NewStanding(time.Now())
	}
	return tw
}

func (tw *town) Probe(ctx context.Context, a uptime.Attempt, done func(uptime.Finding)) {
	select {
	case tw.room <- struct{}{}:
	case <-ctx.Done():
		done(uptime.Finding{})
		return
	}
	at := time.Now()
	time.AfterFunc(tw.takes, func() {
		<-tw.room
		done(uptime.Finding{At: at, Reason: tw.find(a), RTT: tw.takes})
	})
}

func (tw *town) Resolve(context.Context, uptime.LineID, string, bool) uptime.Resolution {
	tw.mu.Lock()
	defer tw.mu.Unlock()
	if len(tw.addrs) == 0 {
		return uptime.Resolution{Reason: uptime.DNSNotFound}
	}
	return uptime.Resolution{Addrs: slices.Clone(tw.addrs)}
}

func (tw *town) Usable(line uptime.LineID, _ bool) bool {
	tw.mu.Lock()
	defer tw.mu.Unlock()
	return !tw.broken[line]
}

func (tw *town) Load(_ context.Context, after int64, limit int) (page []uptime.Assignment, err error) {
	tw.mu.Lock()
	defer tw.mu.Unlock()
	for id := after + 1; len(page) < limit && id <= int64(len(tw.monitors)); id++ {
		if a := tw.monitors[id]; a.State == uptime.Active {
			page = append(page, *a)
		}
	}
	return page, nil
}

func (tw *town) Reload(_ context.Context, ids []int64) (found []uptime.Assignment, err error) {
	tw.mu.Lock()
	defer tw.mu.Unlock()
	for _, id := range ids {
		if a := tw.monitors[id]; a != nil {
			found = append(found, *a)
		}
	}
	return found, nil
}

func (tw *town) ActiveBlocks(context.Context) (map[int64]uptime.ActiveBlock, error) {
	tw.mu.Lock()
	defer tw.mu.Unlock()
	blocks := map[int64]uptime.ActiveBlock{}
	for id, a := range tw.monitors {
		if a.State == uptime.Active {
			block := blocks[id/uptime.ActiveBlockIDs]
			block.Add(id, a.Generation, 1)
			blocks[id/uptime.ActiveBlockIDs] = block
		}
	}
	return blocks, nil
}

func (tw *town) Active(_ context.Context, block int64) (active []uptime.ActiveMonitor, err error) {
	tw.mu.Lock()
	defer tw.mu.Unlock()
	for id, a := range tw.monitors {
		if a.State == uptime.Active && id/uptime.ActiveBlockIDs == block {
			active = append(active, uptime.ActiveMonitor{ID: id, Generation: a.Generation})
		}
	}
	return active, nil
}

func (tw *town) Record(_ context.Context, p uptime.Policy, results []uptime.Result) (rec uptime.Recorded, err error) {
	tw.mu.Lock()
	takes := tw.writes
	tw.mu.Unlock()
	time.Sleep(takes)
	tw.mu.Lock()
	defer tw.mu.Unlock()
	if tw.away {
		return rec, errors.New("the database is away")
	}
	for _, r := range results {
		a := tw.monitors[r.MonitorID]
		if a == nil || a.Generation != r.Generation || a.State != uptime.Active {
			rec.Gone = append(rec.Gone, r.MonitorID)
			continue
		}
		next, events := uptime.Judge(p, tw.standings[r.MonitorID], r)
		tw.standings[r.MonitorID] = next
		rec.Alerts += len(events)
		a.State, a.Generation, a.LastLine, a.LastAt = next.State, next.Generation, r.Line, r.At
		if next.State == uptime.Stopped {
			rec.Stopped = append(rec.Stopped, r.MonitorID)
		}
		tw.results = append(tw.results, r)
	}
	return rec, nil
}

func (tw *town) change(id int64, f func(*uptime.Assignment)) {
	tw.mu.Lock()
	defer tw.mu.Unlock()
	f(tw.monitors[id])
}

func (tw *town) of(id int64) (rs []uptime.Result) {
	tw.mu.Lock()
	defer tw.mu.Unlock()
	for _, r := range tw.results {
		if r.MonitorID == id {
			rs = append(rs, r)
		}
	}
	return rs
}

// watched runs a watchman over the town inside a bubble of fake time.
func watched(t *testing.T, tw *town, change func(*Config), f func(*Watch, chan uptime.Change)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		changes := make(chan uptime.Change)
		p := uptime.DefaultPolicy()
		cfg := Config{
			Policy: p, Lines: []uptime.LineID{1, 2}, Prober: tw, Recorder: tw, Changes: changes,
			Now: time.Now, Log: slog.New(slog.DiscardHandler), Resolvers: 4,
		}
		if change != nil {
			change(&cfg)
		}
		w, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		f(w, changes)
		w.StopPlanning()
		synctest.Wait()
		w.Stop(time.Second)
		time.Sleep(time.Minute) // what is under way ends
	})
}

func TestEveryMonitorIsProbedOnceAnIntervalOverTheLinesInTurn(t *testing.T) {
	tw := newTown(50)
	watched(t, tw, nil, func(*Watch, chan uptime.Change) { time.Sleep(51 * time.Minute) })
	for id := range tw.monitors {
		rs := tw.of(id)
		if len(rs) < 10 || len(rs) > 12 {
			t.Fatalf("monitor %d was probed %d times in 51 minutes", id, len(rs))
		}
		for i := 1; i < len(rs); i++ {
			if rs[i].Line == rs[i-1].Line {
				t.Fatalf("monitor %d: checks %d and %d over line %d", id, i-1, i, rs[i].Line)
			}
			if gap := rs[i].At.Sub(rs[i-1].At); i > 1 && gap != 5*time.Minute {
				t.Fatalf("monitor %d: gap %d is %s", id, i, gap)
			}
		}
	}
}

func TestTheLoadOfAnIntervalIsFlat(t *testing.T) {
	const interval = 300_000
	perSecond := map[int64]int{}
	for id := range int64(300_000) {
		perSecond[phase(id, interval)/1000]++
	}
	for second := range int64(300) {
		if n := perSecond[second]; n < 850 || n > 1150 { // 1,000 ± 4.7 σ
			t.Errorf("second %d has %d of 300,000 monitors, mean 1,000", second, n)
		}
	}
}

func TestWhatWasNotHeardOfIsFoundWithinAMinute(t *testing.T) {
	tw := newTown(20)
	watched(t, tw, nil, func(w *Watch, _ chan uptime.Change) {
		time.Sleep(time.Hour)
		tw.mu.Lock()
		tw.monitors[5000] = &uptime.Assignment{MonitorID: 5000, TargetID: 5000, Host: "127.0.9.9", Service: uptime.Ping, State: uptime.Active, Generation: 1}
		tw.standings[5000] = uptime.NewStanding(time.Now())
		tw.monitors[7].State = uptime.Paused
		again := tw.standings[8]
		again.Generation += 2
		tw.standings[8], tw.monitors[8].Generation = again, again.Generation
		delete(tw.monitors, 9)
		tw.mu.Unlock()
		time.Sleep(61 * time.Second)
		for id, want := range map[int64]bool{5000: true, 7: false, 8: true, 9: false, 10: true} {
			if _, ok := w.NextCheck(id); ok != want {
				t.Errorf("monitor %d is watched: %v, want %v", id, ok, want)
			}
		}
		if w.monitors[8].generation != 3 {
			t.Errorf("monitor 8 is watched as generation %d, want 3", w.monitors[8].generation)
		}
	})
}

func TestAStoppedMonitorIsNotProbedUntilItIsResumedAndThenWithinSeconds(t *testing.T) {
	tw := newTown(1)
	tw.find = func(uptime.Attempt) uptime.Reason { return uptime.Refused }
	watched(t, tw, nil, func(w *Watch, changes chan uptime.Change) {
		time.Sleep(2 * time.Hour)
		if n := len(tw.of(1)); n != 4 {
			t.Errorf("%d results before the stop, want 4", n)
		}
		if _, ok := w.NextCheck(1); ok {
			t.Error("a stopped monitor has a next check")
		}
		tw.change(1, func(a *uptime.Assignment) { a.State = uptime.Active; a.Generation++ })
		tw.mu.Lock()
		tw.standings[1], _ = tw.standings[1].Resume(time.Now())
		tw.mu.Unlock()
		resumed := time.Now()
		changes <- uptime.Change{MonitorIDs: []int64{1}}
		time.Sleep(5 * time.Second)
		rs := tw.of(1)
		if len(rs) != 5 || rs[4].At.Sub(resumed) > 3*time.Second || rs[4].Line == rs[3].Line {
			t.Errorf("after the resume: %v", rs)
		}
	})
}

func TestResultsWaitWhileTheDatabaseIsAwayAndNoneIsLost(t *testing.T) {
	tw := newTown(3)
	short := func(c *Config) { c.Policy.Interval, c.Policy.Timeout = 4*time.Second, time.Second }
	watched(t, tw, short, func(w *Watch, _ chan uptime.Change) {
		time.Sleep(10 * time.Second)
		tw.mu.Lock()
		tw.away = true
		tw.mu.Unlock()
		time.Sleep(24 * time.Second)
		if w.Waiting() < 12 {
			t.Errorf("%d results wait", w.Waiting())
		}
		tw.mu.Lock()
		tw.away = false
		tw.mu.Unlock()
		time.Sleep(10 * time.Second)
	})
	for id := range tw.monitors {
		rs := tw.of(id)
		if len(rs) < 10 {
			t.Errorf("monitor %d has %d results of 44 s at 4 s", id, len(rs))
		}
		for i := 2; i < len(rs); i++ {
			if rs[i].At.Sub(rs[i-1].At) != 4*time.Second || rs[i].Line == rs[i-1].Line {
				t.Fatalf("monitor %d: result %d is out of turn: %v", id, i, rs)
			}
		}
	}
}

func TestALineWithoutAddressIsSkippedAndAllWithoutAreUnknown(t *testing.T) {
	tw := newTown(1)
	watched(t, tw, nil, func(*Watch, chan uptime.Change) {
		tw.mu.Lock()
		tw.broken[1] = true
		tw.mu.Unlock()
		time.Sleep(20 * time.Minute)
		tw.mu.Lock()
		tw.broken[2] = true
		tw.mu.Unlock()
		time.Sleep(20 * time.Minute)
	})
	rs := tw.of(1)
	for _, r := range rs[:3] {
		if r.Line != 2 || r.Status() != uptime.OK {
			t.Errorf("with line 1 out: %+v", r.Sample)
		}
	}
	if last := rs[len(rs)-1]; last.Reason != uptime.SourceUnavailable {
		t.Errorf("with both out: %s", last.Reason)
	}
	if s := tw.standings[1]; s.Verdict != uptime.Up || s.BadStreak != 0 {
		t.Errorf("our own outage counted: %+v", s)
	}
}

func TestANameKeepsItsPinnedAddressAndAChangeIsNewsOnce(t *testing.T) {
	tw := newTown(1)
	one, two := netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("203.0.113.2")
	tw.monitors[1].Host = "www.example.jp"
	tw.addrs = []netip.Addr{two}
	watched(t, tw, nil, func(*Watch, chan uptime.Change) {
		time.Sleep(11 * time.Minute)
		tw.mu.Lock()
		tw.addrs = []netip.Addr{one, two}
		tw.mu.Unlock()
		time.Sleep(10 * time.Minute)
		tw.mu.Lock()
		tw.addrs = []netip.Addr{one}
		tw.mu.Unlock()
		time.Sleep(10 * time.Minute)
		tw.mu.Lock()
		tw.addrs = nil
		tw.mu.Unlock()
		time.Sleep(6 * time.Minute)
	})
	var news []netip.Addr
	for _, r := range tw.of(1) {
		if !r.AddrSince.IsZero() {
			news = append(news, r.Addr)
		}
	}
	if !slices.Equal(news, []netip.Addr{two, one}) {
		t.Errorf("address changes: %v", news)
	}
	if rs := tw.of(1); rs[len(rs)-1].Reason != uptime.DNSNotFound || rs[len(rs)-1].Addr.IsValid() {
		t.Errorf("without the name: %+v", rs[len(rs)-1])
	}
}

func TestAtThreeTimesTheCapacityTheIntervalStretchesAndComesBack(t *testing.T) {
	tw := newTown(300)
	tw.takes = time.Second
	short := func(c *Config) {
		c.Policy.Interval, c.Policy.Timeout = 10*time.Second, 5*time.Second
		tw.room = make(chan struct{}, 10) // 10 probes a second; 300 at 10 s want 30
	}
	watched(t, tw, short, func(w *Watch, changes chan uptime.Change) {
		time.Sleep(3 * time.Minute)
		if got := w.EffectiveInterval(); got < 30*time.Second {
			t.Errorf("effective interval at 3× capacity is %s", got)
		}
		tw.mu.Lock()
		for _, a := range tw.monitors {
			if a.MonitorID > 30 {
				a.State = uptime.Paused
				a.Generation++
			}
		}
		tw.mu.Unlock()
		changes <- uptime.Change{All: true}
		time.Sleep(20 * time.Minute)
		if got := w.EffectiveInterval(); got != 10*time.Second {
			t.Errorf("effective interval with room is %s", got)
		}
	})
	for id, s := range tw.standings {
		if s.Verdict == uptime.Down {
			t.Errorf("monitor %d was judged down by our own lack of room", id)
		}
	}
}

// stoppedClock is a wall clock that can jump against the bubble's time.
type stoppedClock struct {
	mu    sync.Mutex
	shift time.Duration
}

func (c *stoppedClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.shift)
}

func (c *stoppedClock) jump(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shift += d
}

func TestWhatCannotBeRecordedInTimeIsNotProbedSoOften(t *testing.T) {
	tw := newTown(300)
	tw.writes = time.Second
	short := func(c *Config) {
		c.Policy.Interval, c.Policy.Timeout = 10*time.Second, 5*time.Second
		c.BatchSize = 10 // 10 results a second; 300 at 10 s want 30
	}
	watched(t, tw, short, func(w *Watch, _ chan uptime.Change) {
		time.Sleep(5 * time.Minute)
		if got := w.EffectiveInterval(); got < 30*time.Second {
			t.Errorf("effective interval at 3× what can be recorded is %s", got)
		}
		if n := w.Waiting(); n > 600 {
			t.Errorf("%d results wait", n)
		}
		tw.mu.Lock()
		tw.writes = 0
		tw.mu.Unlock()
		time.Sleep(20 * time.Minute)
		if got := w.EffectiveInterval(); got != 10*time.Second {
			t.Errorf("effective interval with room is %s", got)
		}
		if w.Dropped() != 0 {
			t.Errorf("%d results were dropped", w.Dropped())
		}
	})
}

func TestAStandstillIsNoLackOfRoom(t *testing.T) {
	tw := newTown(300)
	clock := &stoppedClock{}
	short := func(c *Config) {
		c.Policy.Interval, c.Policy.Timeout, c.Now = 2*time.Second, time.Second, clock.now
	}
	watched(t, tw, short, func(w *Watch, _ chan uptime.Change) {
		time.Sleep(time.Minute)
		clock.jump(6 * time.Second)
		for range 20 {
			time.Sleep(time.Second)
			if got := w.EffectiveInterval(); got != 2*time.Second {
				t.Errorf("the interval is %s after a standstill", got)
				return
			}
		}
	})
}

func TestAJumpOfTheClockNeitherBurstsNorSilences(t *testing.T) {
	for _, jump := range []time.Duration{20 * time.Second, 3 * time.Hour, -3 * time.Hour} {
		t.Run(jump.String(), func(t *testing.T) {
			tw := newTown(3000) // 10 a second
			clock := &stoppedClock{}
			var before int
			var busiest, quiet int
			withClock := func(c *Config) { c.Now = clock.now }
			watched(t, tw, withClock, func(w *Watch, _ chan uptime.Change) {
				time.Sleep(11 * time.Minute)
				clock.jump(jump)
				before = int(w.counters.Started.Load())
				for range 300 {
					last := w.counters.Started.Load()
					time.Sleep(time.Second)
					n := int(w.counters.Started.Load() - last)
					busiest = max(busiest, n)
					if n == 0 {
						quiet++
					}
				}
				if n := int(w.counters.Started.Load()) - before; n < 2700 || n > 3300 {
					t.Errorf("%d probes in the interval after the jump, want about 3000", n)
				}
			})
			if busiest > 60 || quiet > 5 {
				t.Errorf("busiest second %d probes, %d seconds without any; mean 10", busiest, quiet)
			}
		})
	}
}
