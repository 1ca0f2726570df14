package watch

import (
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func TestLinesAreJudgedByWhatCameOfTheirProbesLately(t *testing.T) {
	t.Parallel()
	tw := newTown(20)
	broken := uptime.LineID(2)
	tw.find = func(a uptime.Attempt) uptime.Reason {
		if a.Line == broken {
			return uptime.Timeout
		}
		return uptime.Reply
	}
	watched(t, tw, nil, func(w *Watch, _ chan uptime.Change) {
		time.Sleep(30 * time.Minute)
		h := w.LineHealth()
		if a := h[1]; a.Replies < 20 || a.Replies > 45 || a.Failures+a.Unmeasured != 0 || time.Since(a.LastReply) > 5*time.Minute {
			t.Errorf("the good line %+v", a)
		}
		if b := h[2]; b.Failures < 20 || b.Failures > 45 || b.Replies+b.Unmeasured != 0 || !b.LastReply.IsZero() {
			t.Errorf("the bad line %+v", b)
		}
		tw.mu.Lock()
		tw.broken[1], tw.broken[2] = true, true
		tw.mu.Unlock()
		time.Sleep(30 * time.Minute)
		for line, l := range w.LineHealth() {
			if l.Replies+l.Failures != 0 || l.Unmeasured < 20 {
				t.Errorf("line %d without address: %+v", line, l)
			}
		}
	})
}

func TestWhatCameOfProbesIsForgottenWhenTheyEnd(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	w := &Watch{tally: newTally(), cfg: Config{Lines: []uptime.LineID{1}, Now: func() time.Time { return at }}}
	began := at
	for range 3 {
		w.tally.count(1, uptime.Reply, at)
	}
	for _, c := range []struct {
		after   time.Duration
		replies int
	}{{HealthSpan - 1, 3}, {HealthSpan, 3}, {2*HealthSpan - 1, 3}, {2 * HealthSpan, 0}, {time.Hour, 0}} {
		at = began.Add(c.after)
		if got := w.LineHealth()[1]; got.Replies != c.replies || !got.LastReply.Equal(began) {
			t.Errorf("after %s: %+v, want %d replies", c.after, got, c.replies)
		}
	}
	at = began.Add(-time.Hour) // the clock was set back
	w.tally.count(1, uptime.Reply, at)
	if got := w.LineHealth()[1].Replies; got != 1 {
		t.Errorf("%d replies after the clock was set back", got)
	}
}
