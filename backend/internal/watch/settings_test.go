package watch

import (
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func TestHowManyFailuresStopAMonitorMayChangeWhileItFails(t *testing.T) {
	t.Parallel()
	tw := newTown(1)
	tw.find = func(uptime.Attempt) uptime.Reason { return uptime.Timeout }
	var after atomic.Int64 // 0: never
	watched(t, tw, func(c *Config) { c.StopAfter = func() int { return int(after.Load()) } }, func(w *Watch, _ chan uptime.Change) {
		time.Sleep(time.Hour)
		if n := len(tw.of(1)); n < 11 || w.Watched() != 1 {
			t.Errorf("%d results, %d watched; want it to go on", n, w.Watched())
		}
		before := len(tw.of(1))
		after.Store(5)
		time.Sleep(time.Hour)
		if n := len(tw.of(1)) - before; n != 1 || w.Watched() != 0 {
			t.Errorf("%d results more, %d watched; want the next failure to stop it", n, w.Watched())
		}
	})
}

func TestNothingIsSentWhileEverybodyIsStoppedAndNothingBurstsAfterwards(t *testing.T) {
	t.Parallel()
	tw := newTown(60)
	tw.change(60, func(a *uptime.Assignment) { a.Host = "www.example.jp" })
	tw.addrs = []netip.Addr{netip.MustParseAddr("192.0.2.60")}
	var halted atomic.Bool
	watched(t, tw, func(c *Config) { c.Halted = halted.Load }, func(w *Watch, _ chan uptime.Change) {
		time.Sleep(10 * time.Minute)
		halted.Store(true)
		time.Sleep(tw.takes + time.Millisecond) // what is under way ends
		before := w.Counters().Started.Load()
		if before < 60 {
			t.Errorf("%d probes at first", before)
		}
		time.Sleep(time.Hour)
		if n := w.Counters().Started.Load() - before; n != 0 || w.Watched() != 60 {
			t.Errorf("%d probes while everybody is stopped, %d watched", n, w.Watched())
		}
		if _, planned := w.NextCheck(1); planned {
			t.Error("a check is announced")
		}
		halted.Store(false)
		most := int64(0)
		for range 302 { // the second that was planned already is left out once
			was := w.Counters().Started.Load()
			time.Sleep(time.Second)
			most = max(most, w.Counters().Started.Load()-was)
		}
		if n := w.Counters().Started.Load() - before; n < 60 || n > 80 || most > 8 {
			t.Errorf("%d probes in the interval after it, %d in a second", n, most)
		}
		for id := range int64(60) {
			if len(tw.of(id+1)) < 2 {
				t.Errorf("monitor %d is not watched any more", id+1)
			}
		}
	})
}
