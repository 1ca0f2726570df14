package account

import (
	"sync"
	"time"
)

// Throttle bounds how often something may happen for one key in a window of
// time. It is kept in memory: a restart forgives. Safe for many at once.
type Throttle struct {
	limit  int
	window time.Duration
	keys   int

	mu   sync.Mutex
	uses map[string][]time.Time // oldest first, none older than the window when looked at
}

// NewThrottle allows limit uses of a key in a window and remembers at most keys
// of them; beyond, those are forgotten that map order happens to give first, so
// that a flood of keys cannot take memory and seldom frees the one it wants.
func NewThrottle(limit int, window time.Duration, keys int) *Throttle {
	return &Throttle{limit: limit, window: window, keys: keys, uses: map[string][]time.Time{}}
}

// Take counts a use, before its outcome is known, so that many at once are
// counted too. If the key has none left it says how long until it has one.
func (t *Throttle) Take(key string, now time.Time) (wait time.Duration, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	uses := t.recent(key, now)
	if len(uses) >= t.limit {
		return uses[len(uses)-t.limit].Add(t.window).Sub(now), false
	}
	if _, known := t.uses[key]; !known && len(t.uses) >= t.keys {
		t.makeRoom(now)
	}
	t.uses[key] = append(uses, now)
	return 0, true
}

// GiveBack takes a use back that turned out to be none, such as a sign-in that
// succeeded.
func (t *Throttle) GiveBack(key string, at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	uses := t.uses[key]
	for i := len(uses) - 1; i >= 0; i-- {
		if uses[i].Equal(at) {
			uses = append(uses[:i], uses[i+1:]...)
			break
		}
	}
	if t.uses[key] = uses; len(uses) == 0 {
		delete(t.uses, key)
	}
}

func (t *Throttle) recent(key string, now time.Time) []time.Time {
	uses := t.uses[key]
	for len(uses) > 0 && now.Sub(uses[0]) >= t.window {
		uses = uses[1:]
	}
	return uses
}

// makeRoom drops what is over and, if that is nothing, a sixteenth of the rest.
func (t *Throttle) makeRoom(now time.Time) {
	for key := range t.uses {
		if len(t.recent(key, now)) == 0 {
			delete(t.uses, key)
		}
	}
	if len(t.uses) < t.keys {
		return
	}
	drop := max(t.keys/16, 1)
	for key := range t.uses {
		delete(t.uses, key)
		if drop--; drop == 0 {
			return
		}
	}
}
