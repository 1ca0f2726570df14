package account

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestAThrottleAllowsSoManyInAWindow(t *testing.T) {
	t.Parallel()
	th := NewThrottle(3, time.Minute, 100)
	start := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	for i := range 3 {
		if _, ok := th.Take("a", start.Add(time.Duration(i)*10*time.Second)); !ok {
			t.Fatalf("use %d was refused", i)
		}
	}
	if wait, ok := th.Take("a", start.Add(30*time.Second)); ok || wait != 30*time.Second {
		t.Errorf("the fourth: %v, wait %s, want 30 s", ok, wait)
	}
	if _, ok := th.Take("b", start.Add(30*time.Second)); !ok {
		t.Error("another key was refused")
	}
	if _, ok := th.Take("a", start.Add(60*time.Second)); !ok {
		t.Error("refused although the first use is a window old")
	}
	if _, ok := th.Take("a", start.Add(61*time.Second)); ok {
		t.Error("allowed although three uses are newer than a window")
	}
	th.GiveBack("a", start.Add(60*time.Second))
	if _, ok := th.Take("a", start.Add(61*time.Second)); !ok {
		t.Error("refused although one use was given back")
	}
}

func TestAThrottleCountsManyAtOnceAndStaysSmall(t *testing.T) {
	t.Parallel()
	th := NewThrottle(5, time.Minute, 64)
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	var allowed atomic.Int32
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() {
			if _, ok := th.Take("a", now); ok {
				allowed.Add(1)
			}
		})
	}
	all.Wait()
	if allowed.Load() != 5 {
		t.Errorf("%d of 200 at once were allowed, want 5", allowed.Load())
	}
	for i := range 10_000 {
		th.Take(fmt.Sprint("flood", i), now)
	}
	if len(th.uses) > 64 {
		t.Errorf("%d keys are remembered, want at most 64", len(th.uses))
	}
}
