package postgres

import (
	"sync"
	"testing"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// A reader never sees a sample twice or misses one while the recorder and the
// nightly job move it: what it reads is always what was written up to then.
func TestReadersSeeEverySampleOnceWhileItIsMoved(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 0)
	id := seedMonitor(t, db, owner, "a.example.jp")
	rec := newTestRecorder(t, db, clock)
	const results, rounds = 900, 30 // three days and more

	var written []uptime.Sample
	var mu sync.Mutex
	count := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(written)
	}
	type reading struct {
		atLeast int
		samples []uptime.Sample
	}
	var readings []reading
	done := make(chan struct{})
	var wg sync.WaitGroup
	read := func(f func() []uptime.Sample) {
		wg.Go(func() {
			for open := true; open; {
				select {
				case <-done:
					open = false
				default:
				}
				r := reading{atLeast: count(), samples: f()}
				mu.Lock()
				readings = append(readings, r)
				mu.Unlock()
			}
		})
	}
	whole := uptime.Span{From: noon}
	read(func() (all []uptime.Sample) {
		err := db.EachResult(t.Context(), owner, id, whole, func(r uptime.Result) error { all = append(all, r.Sample); return nil })
		if err != nil {
			t.Error(err)
		}
		return all
	})
	read(func() []uptime.Sample {
		page, err := db.Results(t.Context(), owner, id, uptime.ResultQuery{Span: whole, Limit: results})
		if err != nil {
			t.Error(err)
		}
		return samplesOf(page)
	})
	for range rounds {
		for range results / rounds {
			s := rec.record(uptime.Connected, id)
			mu.Lock()
			written = append(written, s)
			mu.Unlock()
		}
		if err := rec.Nightly(t.Context(), nil); err != nil {
			t.Error(err)
		}
	}
	close(done)
	wg.Wait()
	if n := one[int](t, db, `select count(*) from packed_days`); n != 3 {
		t.Errorf("%d packed days, want 3", n)
	}
	for _, r := range readings {
		if n := len(r.samples); n < r.atLeast {
			t.Fatalf("a reader saw %d samples when at least %d were written", n, r.atLeast)
		}
		for i, s := range r.samples {
			if i >= results || s != written[i] {
				t.Fatalf("a reader saw %d samples when at least %d were written; number %d is %+v, want %+v",
					len(r.samples), r.atLeast, i, s, written[min(i, results-1)])
			}
		}
	}
	t.Logf("%d readings", len(readings))
}
