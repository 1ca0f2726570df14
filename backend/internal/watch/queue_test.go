package watch

import (
	"math/rand/v2"
	"testing"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// numbered is a monitor's nth result.
func numbered(monitor int64, n int32) uptime.Result {
	return uptime.Result{MonitorID: monitor, Generation: n}
}

func TestBatchesHoldEachMonitorOnceAndLoseNothing(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 11))
	q := newQueue(1_000_000)
	added, got := map[int64]int32{}, map[int64]int32{}
	take := func(size int) int {
		batch, seen := q.batch(size), map[int64]bool{}
		for _, r := range batch {
			if seen[r.MonitorID] {
				t.Fatalf("monitor %d twice in a batch", r.MonitorID)
			}
			seen[r.MonitorID] = true
			if got[r.MonitorID]++; r.Generation != got[r.MonitorID] {
				t.Fatalf("monitor %d: result %d came as number %d", r.MonitorID, r.Generation, got[r.MonitorID])
			}
		}
		return len(batch)
	}
	for range 2000 {
		for range rng.IntN(40) {
			monitor := rng.Int64N(30)
			added[monitor]++
			q.add(numbered(monitor, added[monitor]))
		}
		take(1 + rng.IntN(25))
	}
	for q.len() > 0 {
		if take(25) == 0 {
			t.Fatal("an empty batch of a queue that is not empty")
		}
	}
	for monitor, n := range added {
		if got[monitor] != n {
			t.Errorf("monitor %d: %d of %d results came out", monitor, got[monitor], n)
		}
	}
}

func TestAFullQueueDropsTheOldestAndCounts(t *testing.T) {
	t.Parallel()
	q := newQueue(160)
	for i := range int64(1000) {
		q.add(numbered(i, 1))
	}
	left := q.len()
	batch := q.batch(1000)
	if left > 160 || left < 150 || int64(left)+q.dropped != 1000 || batch[0].MonitorID != q.dropped || batch[left-1].MonitorID != 999 {
		t.Errorf("%d left from %d to %d, %d dropped", left, batch[0].MonitorID, batch[left-1].MonitorID, q.dropped)
	}
}
