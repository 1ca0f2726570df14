package postgres

import (
	"errors"
	"math/rand/v2"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// Connections are cut while monitors are paused and resumed. Whatever was
// answered, each change is there whole or not at all, and once.
func TestChangesAreWholeThoughConnectionsAreCut(t *testing.T) {
	t.Parallel()
	direct, clock := newDB(t)
	owner := seedAccount(t, direct, "a@example.jp", 0)
	id := seedMonitor(t, direct, owner, "a.example.jp")
	address, err := url.Parse(direct.url)
	must(t, err)
	proxy, through := proxyTo(t, address)
	db, err := Open(through, Options{Now: clock.now, MaxConns: 2})
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })

	var apart atomic.Int64 // the longest time between two cuts, ns: longer where nothing gets through
	apart.Store(int64(30 * time.Millisecond))
	inRow := 0
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(rand.N(time.Duration(apart.Load()))):
				proxy.cut()
			}
		}
	})
	answered, cut := 0, 0
	for i := range 300 {
		clock.pass(time.Second)
		act := db.PauseMonitor
		if i%2 == 1 {
			act = db.ResumeMonitor
		}
		switch _, err := act(t.Context(), owner, id); {
		case err == nil:
			answered++
			inRow = 0
		case errors.Is(err, uptime.ErrUnavailable):
			cut++
			if inRow++; inRow == 10 {
				apart.Store(2 * apart.Load())
				inRow = 0
			}
		default:
			t.Errorf("%d: %v", i, err)
		}
	}
	close(stop)
	wg.Wait()
	if answered == 0 || cut == 0 {
		t.Errorf("%d answered, %d cut: the test shows nothing", answered, cut)
	}
	s, version := standingOf(t, direct, id)
	changes := int64(s.Generation) - 1
	if version != changes+1 {
		t.Errorf("version %d after %d changes", version, changes)
	}
	var gaps struct{ All, Open int64 }
	must(t, direct.x.GetContext(t.Context(), &gaps, `select count(*) as all, count(*) filter (where to_at is null) as open from watch_gaps`))
	paused := int64(0)
	if s.State == uptime.Paused {
		paused = 1
	}
	if gaps.All != (changes+1)/2 || gaps.Open != paused {
		t.Errorf("%d gaps, %d open, after %d changes to %v", gaps.All, gaps.Open, changes, s.State)
	}
	t.Logf("%d answered, %d cut, %d changes", answered, cut, changes)
}
