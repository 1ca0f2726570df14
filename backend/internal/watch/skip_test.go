package watch

import (
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func TestASlowAnswerThatComesBeforeTheNextTurnSkipsNoTurn(t *testing.T) {
	tw := newTown(60) // of every phase
	tw.takes = 990 * time.Millisecond
	tw.find = func(uptime.Attempt) uptime.Reason { return uptime.Timeout }
	short := func(c *Config) {
		c.Policy.Interval, c.Policy.Timeout, c.Policy.FailuresToStop = 2*time.Second, time.Second, 0
	}
	watched(t, tw, short, func(*Watch, chan uptime.Change) { time.Sleep(time.Minute) })
	for id := range tw.monitors {
		rs := tw.of(id)
		rs = rs[len(rs)-13:] // the interval is stretched for a moment at the start
		for i := 1; i < len(rs); i++ {
			if gap := rs[i].At.Sub(rs[i-1].At); gap != 2*time.Second {
				t.Fatalf("monitor %d: gap %d is %s", id, i, gap)
			}
		}
	}
}
