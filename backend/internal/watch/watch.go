package watch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-co-op/gocron/v2"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// Prober measures once. Probe and Resolve may be called by many at a time.
type Prober interface {
	// Probe starts an attempt and returns; it blocks only while there is no
	// room. done is called exactly once, must not block, and gets a finding
	// without a reason if the prober was stopped first.
	Probe(ctx context.Context, a uptime.Attempt, done func(uptime.Finding))
	// Resolve gives the addresses of a name over a line.
	Resolve(ctx context.Context, line uptime.LineID, host string, fresh bool) uptime.Resolution
	// Usable tells whether the line has a source address of the family now.
	Usable(line uptime.LineID, v6 bool) bool
}

// Recorder judges and stores results, and knows what there is to watch.
type Recorder interface {
	Load(ctx context.Context, after int64, limit int) ([]uptime.Assignment, error)
	Reload(ctx context.Context, ids []int64) ([]uptime.Assignment, error)
	ActiveBlocks(ctx context.Context) (map[int64]uptime.ActiveBlock, error)
	Active(ctx context.Context, block int64) ([]uptime.ActiveMonitor, error)
	Record(ctx context.Context, p uptime.Policy, results []uptime.Result) (uptime.Recorded, error)
}

// Places decides whether a name may be watched where it has come to point.
type Places interface {
	// MayStand is asked when a target's address changes, seldom. If it says no,
	// the target's monitors were stopped and their owner is told; after an error
	// nothing is known.
	MayStand(ctx context.Context, m uptime.Move) (bool, error)
}

// Guard decides what becomes of a result before it is judged: it passes it on,
// at once or later, as it is or as unknown (DESIGN §6). Until the line guard
// exists PassAll stands here.
type Guard func(r uptime.Result, pass func(uptime.Result))

// PassAll lets every result through.
func PassAll(r uptime.Result, pass func(uptime.Result)) { pass(r) }

// Job is a task that runs by the clock beside watching, one run at a time.
type Job struct {
	Name  string
	Every time.Duration
	Run   func(ctx context.Context) error
}

// Config says how to watch.
type Config struct {
	Policy    uptime.Policy   // its interval is the unstretched one
	Lines     []uptime.LineID // in the order in which they take turns
	Prober    Prober
	Recorder  Recorder
	Guard     Guard
	Places    Places               // nil: everywhere
	Changes   <-chan uptime.Change // what users changed
	Jobs      []Job
	Alerted   func()      // called after alerts were recorded; may be nil
	Halted    func() bool // nothing is to be sent now; nil: never
	StopAfter func() int  // failures that stop a monitor, now; nil: as Policy says
	Now       func() time.Time
	Log       *slog.Logger

	Gather     time.Duration // how long results wait for others of their batch; 0 means 500 ms
	BatchSize  int           // results in one transaction; 0 means 4096
	QueueLimit int           // results that wait while the database is away; 0 means 500,000
	Resolvers  int           // names resolved at a time; 0 means 256
}

// Watch is the watchman.
type Watch struct {
	cfg     Config
	queue   *queue
	lanes   map[bool]*lane // by "is ping"
	names   chan job
	enqueue func(uptime.Result) // queue.add, made a function once

	mu              sync.Mutex
	wheel           *wheel
	monitors        map[int64]*entry
	blocks          map[int64]uptime.ActiveBlock // the monitors, summed up
	targets         map[int64]*target
	stretch         *stretch
	pings, connects []job // of the last tick, for their memory

	starts, late atomic.Int64 // since the last second
	away         atomic.Bool  // the database
	counters     Counters
	tally        *tally

	scheduler gocron.Scheduler
	stopOnce  sync.Once
	cancel    context.CancelFunc // ends planning and starting
	hardStop  context.CancelFunc // ends recording
	planners  sync.WaitGroup
	recorder  sync.WaitGroup
}

// Counters count since the start of the process.
type Counters struct {
	Started   atomic.Int64 // probes handed to the prober
	Finished  atomic.Int64 // results, whatever their status
	Skipped   atomic.Int64 // checks that fell out because the one before was still under way
	Abandoned atomic.Int64 // probes still waiting when we stopped
	Jumps     atomic.Int64 // times the clock jumped or we stood still
}

// New prepares a watchman; Start begins to watch.
func New(cfg Config) (*Watch, error) {
	if err := cfg.Policy.Validate(); err != nil {
		return nil, fmt.Errorf("watch: %w", err)
	}
	if len(cfg.Lines) == 0 {
		return nil, errors.New("watch: there is no line to watch over")
	}
	cfg = cfg.withDefaults()
	w := &Watch{
		cfg: cfg, queue: newQueue(cfg.QueueLimit), names: make(chan job, 1<<16),
		wheel:    newWheel(cfg.Policy.Interval, nameLead(cfg.Policy.Interval)),
		monitors: map[int64]*entry{}, blocks: map[int64]uptime.ActiveBlock{}, targets: map[int64]*target{}, stretch: newStretch(cfg.Policy.Interval),
		tally: newTally(),
	}
	w.enqueue = w.queue.add
	w.lanes = map[bool]*lane{true: newLane(cfg.Now, w.probe), false: newLane(cfg.Now, w.probe)}
	return w, nil
}

func (c Config) withDefaults() Config {
	if c.Halted == nil {
		c.Halted = func() bool { return false }
	}
	if c.Guard == nil {
		c.Guard = PassAll
	}
	if c.Gather == 0 {
		c.Gather = 500 * time.Millisecond
	}
	if c.BatchSize == 0 {
		c.BatchSize = 4096
	}
	if c.QueueLimit == 0 {
		c.QueueLimit = 500_000
	}
	if c.Resolvers == 0 {
		c.Resolvers = 256
	}
	return c
}

// nameLead is how long before its probe a name is looked up: at most 10 s, and
// a quarter of a short interval, in whole seconds.
func nameLead(interval time.Duration) time.Duration {
	return min(10*time.Second, (interval / 4).Truncate(time.Second))
}

// Start loads what is to be watched and begins. It returns when loading is
// done; the work goes on until Stop.
func (w *Watch) Start(ctx context.Context) error {
	if err := w.loadAll(ctx); err != nil {
		return err
	}
	var planning, recording context.Context
	planning, w.cancel = context.WithCancel(context.WithoutCancel(ctx))
	recording, w.hardStop = context.WithCancel(context.WithoutCancel(ctx))
	if err := w.schedule(planning); err != nil {
		w.cancel()
		w.hardStop()
		return err
	}
	w.planners.Go(func() { w.lanes[true].run(planning) })
	w.planners.Go(func() { w.lanes[false].run(planning) })
	w.planners.Go(func() { w.follow(planning) })
	for range w.cfg.Resolvers {
		w.planners.Go(func() { w.resolveNames(planning) })
	}
	w.recorder.Go(func() { w.record(planning, recording) })
	w.scheduler.Start()
	return nil
}

// schedule names the jobs that gocron runs.
func (w *Watch) schedule(ctx context.Context) error {
	scheduler, err := gocron.NewScheduler(gocron.WithLocation(time.UTC))
	if err != nil {
		return fmt.Errorf("make scheduler: %w", err)
	}
	w.scheduler = scheduler
	jobs := append([]Job{
		{Name: "tick", Every: time.Second, Run: func(context.Context) error { w.tick(); return nil }},
		{Name: "compare", Every: time.Minute, Run: w.compare},
	}, w.cfg.Jobs...)
	for _, j := range jobs {
		_, err := scheduler.NewJob(gocron.DurationJob(j.Every), gocron.NewTask(w.runJob, ctx, j),
			gocron.WithName(j.Name), gocron.WithSingletonMode(gocron.LimitModeReschedule))
		if err != nil {
			return fmt.Errorf("schedule %s: %w", j.Name, err)
		}
	}
	return nil
}

func (w *Watch) runJob(ctx context.Context, j Job) {
	if ctx.Err() != nil {
		return
	}
	if err := j.Run(ctx); err != nil && ctx.Err() == nil {
		w.cfg.Log.Warn("a job failed and will be tried again", "job", j.Name, "error", err)
	}
}

// StopPlanning ends planning and starting of probes. Stop the prober after it,
// so that no result comes any more, then call Stop.
func (w *Watch) StopPlanning() {
	w.stopOnce.Do(func() {
		if w.cancel == nil {
			return
		}
		if err := w.scheduler.Shutdown(); err != nil {
			w.cfg.Log.Warn("the scheduler did not stop in time", "error", err)
		}
		w.cancel()
		w.planners.Wait()
	})
}

// Stop writes the results that are left, for at most the given time.
func (w *Watch) Stop(grace time.Duration) {
	w.StopPlanning()
	if w.hardStop == nil {
		return
	}
	timer := time.AfterFunc(grace, w.hardStop)
	defer timer.Stop()
	w.recorder.Wait()
	w.hardStop()
	if n := w.queue.len(); n > 0 {
		w.cfg.Log.Error("results could not be written before the end", "results", n)
	}
}

// Counters of this watchman.
func (w *Watch) Counters() *Counters { return &w.counters }

// Waiting is the number of results that are not recorded yet, and Dropped how
// many had to be given up while the database was away.
func (w *Watch) Waiting() int { return w.queue.len() }

// Dropped results since the start.
func (w *Watch) Dropped() int64 {
	w.queue.mu.Lock()
	defer w.queue.mu.Unlock()
	return w.queue.dropped
}

// Watched is the number of monitors that are watched.
func (w *Watch) Watched() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.monitors)
}

// EffectiveInterval is the interval with its present stretch.
func (w *Watch) EffectiveInterval() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Duration(float64(w.cfg.Policy.Interval) * w.stretch.factor())
}

// NextCheck is when a monitor is due; ok is false if it is not watched.
func (w *Watch) NextCheck(monitorID int64) (at time.Time, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := w.monitors[monitorID]
	if e == nil || w.cfg.Halted() {
		return time.Time{}, false
	}
	return time.UnixMilli(e.due).UTC(), true
}

// policy is the judge's, with the effective interval.
func (w *Watch) policy() uptime.Policy {
	p := w.cfg.Policy
	if w.cfg.StopAfter != nil {
		p.FailuresToStop = w.cfg.StopAfter()
	}
	p.Interval = w.EffectiveInterval()
	return p
}

// turn is the line after last; the first one at the beginning. Lines that
// cannot send in the family now are skipped; none is the line in turn and false.
func (w *Watch) turn(last uptime.LineID, usable func(uptime.LineID) bool) (uptime.LineID, bool) {
	return nextLine(w.cfg.Lines, last, usable)
}

func nextLine(lines []uptime.LineID, last uptime.LineID, usable func(uptime.LineID) bool) (uptime.LineID, bool) {
	at := slices.Index(lines, last)
	for k := range lines {
		if id := lines[(at+1+k)%len(lines)]; usable(id) {
			return id, true
		}
	}
	return lines[(at+1)%len(lines)], false
}

// sends tells whether a line can reach an address, any at all if addr is zero.
func (w *Watch) sends(addr netip.Addr) func(uptime.LineID) bool {
	return func(id uptime.LineID) bool {
		if addr.IsValid() {
			return w.cfg.Prober.Usable(id, addr.Is6())
		}
		return w.cfg.Prober.Usable(id, false) || w.cfg.Prober.Usable(id, true)
	}
}
