package account_test

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

func TestAWindowAllowsItsUsesAndNoMore(t *testing.T) {
	t.Parallel()
	l, at := account.NewRateLimit(3, time.Minute, 10), time.Unix(1000, 0)
	for left := 2; left >= 0; left-- {
		if use := l.Take("a", at); !use.OK || use.Left != left || use.Reset != time.Minute {
			t.Errorf("with %d left: %+v", left, use)
		}
	}
	if use := l.Take("a", at.Add(59*time.Second)); use.OK || use.Left != 0 || use.Reset != time.Second {
		t.Errorf("beyond: %+v", use)
	}
	if use := l.Take("b", at); !use.OK {
		t.Error("another key is held for the first one's uses")
	}
	if use := l.Take("a", at.Add(time.Minute)); !use.OK || use.Left != 2 {
		t.Errorf("in the next window: %+v", use)
	}
	if use := l.Take("a", at.Add(-time.Hour)); !use.OK || use.Reset != time.Minute {
		t.Errorf("after the clock was set back: %+v", use)
	}
}

func TestManyAtOnceNeverExceedAWindow(t *testing.T) {
	t.Parallel()
	l, at := account.NewRateLimit(100, time.Minute, 10), time.Unix(1000, 0)
	var taken atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				if l.Take("a", at).OK {
					taken.Add(1)
				}
			}
		})
	}
	all.Wait()
	if taken.Load() != 100 {
		t.Errorf("%d uses of 100", taken.Load())
	}
}

func TestAFloodOfKeysTakesNoMoreThanItsRoom(t *testing.T) {
	t.Parallel()
	l, at := account.NewRateLimit(1, time.Minute, 32), time.Unix(1000, 0)
	held := 0
	for i := range 1000 {
		l.Take(strconv.Itoa(i), at)
	}
	for i := 999; i >= 0; i-- {
		if !l.Take(strconv.Itoa(i), at).OK {
			held++
		}
	}
	if held > 32 || held == 0 {
		t.Errorf("%d keys are remembered, want 1 to 32", held)
	}
}
