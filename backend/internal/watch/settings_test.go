package watch

import (
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
