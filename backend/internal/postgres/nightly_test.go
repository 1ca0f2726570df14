package postgres

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// twoDays records 13 hours and more of one monitor, and pauses another whose
// samples are all in its buffer, so that days of both end in every place.
func twoDays(t *testing.T) (db *DB, clock *clock, rec *testRecorder, account int64, ids []int64) {
	t.Helper()
	db, clock = newDB(t)
	account = seedAccount(t, db, "a@example.jp", 0)
	_, ids = seedTarget(t, db, account, "a.example.jp", uptime.Ping, uptime.HTTP)
	rec = newTestRecorder(t, db, clock)
	rec.record(uptime.Reply, ids...)
	apply(t, db, account, uptime.Standing.Pause, ids[1])
	if _, err := rec.Reload(t.Context(), ids); err != nil {
		t.Fatal(err)
	}
	rec.succeed(ids[0], 165)
	return db, clock, rec, account, ids
}

var errKilled = errors.New("killed")

// nightlyUntil runs the job and kills it after a step.
func nightlyUntil(rec *testRecorder, last NightlyStep) (err error) {
	defer func() {
		if recover() != nil {
			err = errKilled
		}
	}()
	return rec.Nightly(rec.t.Context(), func(s NightlyStep) {
		if s == last {
			panic(errKilled)
		}
	})
}

func TestKilledAfterAnyStepTheNightlyJobLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	for step := FlushedSlice; step <= DroppedOldDays; step++ {
		db, clock, rec, account, ids := twoDays(t)
		want := stored(t, db, account, ids[0])
		stop, watching := readAlways(t, db, account, ids[0], want)
		if err := nightlyUntil(rec, step); !errors.Is(err, errKilled) {
			t.Fatalf("step %d: %v", step, err)
		}
		again := newTestRecorder(t, db, clock) // a new process
		if err := again.Nightly(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		stop()
		if err := watching(); err != nil {
			t.Errorf("step %d: %v", step, err)
		}
		if n := len(stored(t, db, account, ids[1])); n != 1 {
			t.Errorf("step %d: the paused monitor has %d samples", step, n)
		}
		if n := one[int](t, db, `select count(*) from packed_days`); n != 1 {
			t.Errorf("step %d: %d packed days", step, n)
		}
		if n := one[int](t, db, `select count(*) from sample_days`); n != 2 {
			t.Errorf("step %d: %d day rows", step, n)
		}
	}
}

// readAlways reads a monitor's samples in a loop until stop; the error tells of
// a read that did not show them all exactly once.
func readAlways(t *testing.T, db *DB, account, monitor int64, want []uptime.Sample) (stop func(), result func() error) {
	ctx, cancel := context.WithCancel(t.Context())
	var err error
	var reading sync.WaitGroup
	reading.Go(func() {
		for ctx.Err() == nil && err == nil {
			var got []uptime.Sample
			if got, err = readAll(t, db, account, monitor); err == nil && !slices.Equal(got, want) {
				err = errors.New("a reader saw samples missing or twice")
			}
		}
	})
	return cancel, func() error { reading.Wait(); return err }
}

func TestAPackedDayTakesALateChunkIntoItsRow(t *testing.T) {
	t.Parallel()
	db, clock, rec, account, ids := twoDays(t)
	if err := rec.Nightly(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	want := stored(t, db, account, ids[0])
	late := uptime.Sample{At: noon.Add(11*time.Hour + 59*time.Minute), Reason: uptime.Timeout, Line: 1}
	for _, s := range []uptime.Sample{late, {At: clock.now().Add(time.Minute), Reason: uptime.Connected, Line: 2}} {
		r := uptime.Result{Sample: s, MonitorID: ids[0], Generation: 1}
		if _, err := rec.Record(t.Context(), uptime.DefaultPolicy(), []uptime.Result{r}); err != nil {
			t.Fatal(err)
		}
		want = append(want, s)
	}
	slices.SortStableFunc(want, func(a, b uptime.Sample) int { return a.At.Compare(b.At) })
	if got := stored(t, db, account, ids[0]); !slices.Equal(got, want) {
		t.Errorf("%d samples, want %d", len(got), len(want))
	}
	if n := one[int](t, db, `select count(*) from sample_chunks where day = $1`, noon); n != 0 {
		t.Errorf("%d chunks of the packed day", n)
	}
}

func TestWhatIsBeyondRetentionIsDroppedAndLateChunksOfItAreCounted(t *testing.T) {
	t.Parallel()
	db, clock, rec, account, ids := twoDays(t)
	if err := rec.Nightly(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	clock.pass(10 * 24 * time.Hour) // noon's day is the eleventh before today
	if err := rec.Nightly(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	for _, s := range stored(t, db, account, ids[0]) {
		if s.At.Before(noon.AddDate(0, 0, 1).Truncate(24 * time.Hour)) {
			t.Fatalf("a sample of %s is still there", s.At)
		}
	}
	old := uptime.Sample{At: noon, Reason: uptime.Timeout, Line: 1}
	rec.mu.Lock()
	tx, err := db.x.BeginTxx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	frame, err := uptime.PackSamples([]uptime.Sample{old, old})
	if err != nil {
		t.Fatal(err)
	}
	b := batch{chunks: []chunk{{day: dayOf(noon), monitorID: ids[0], seq: 999, frame: frame}}}
	if err := rec.writeChunks(t.Context(), tx, &b); err != nil || b.tooOld != 2 {
		t.Errorf("%d samples discarded, %v", b.tooOld, err)
	}
	rec.mu.Unlock()
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
}

func TestARecorderThatWasAwayForDaysFindsADayToWriteTo(t *testing.T) {
	t.Parallel()
	db, clock, rec, account, ids := twoDays(t)
	clock.pass(5 * 24 * time.Hour) // no nightly job ran
	rec.succeed(ids[0], 13)
	if n := len(stored(t, db, account, ids[0])); n != 166+13 {
		t.Errorf("%d samples", n)
	}
	if err := rec.Nightly(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if n := len(stored(t, db, account, ids[0])); n != 166+13 {
		t.Errorf("%d samples after the nightly job", n)
	}
}

func TestADayOfRegularChecksFitsAnInlineRow(t *testing.T) {
	t.Parallel()
	var samples []uptime.Sample
	for i := range 288 {
		samples = append(samples, uptime.Sample{
			At:     noon.Add(time.Duration(i)*5*time.Minute + time.Duration(i%17)*time.Millisecond),
			Reason: uptime.Connected, Line: uptime.LineID(1 + i%2), RTT: time.Duration(11_000+i*97%9000) * time.Microsecond,
		})
	}
	frame, err := uptime.PackSamples(samples)
	if err != nil || len(frame) > 2000 {
		t.Errorf("%d bytes, %v", len(frame), err)
	}
}
