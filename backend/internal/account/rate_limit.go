package account

import (
	"sync"
	"time"
)

// RateLimit counts uses of keys in windows of time: a key's window begins with
// its first use. It takes some 100 bytes a key however many the uses are, where
// Throttle takes 24 a use. It is kept in memory: a restart forgives. Safe for
// many at once.
type RateLimit struct {
	limit  int
	window time.Duration
	keys   int

	mu      sync.Mutex
	windows map[string]rateWindow
}

type rateWindow struct {
	began time.Time
	used  int
}

// RateUse is how a use left its key.
type RateUse struct {
	OK    bool          // it was within the limit
	Left  int           // more uses in this window
	Reset time.Duration // until the window is over; above 0
}

// NewRateLimit allows limit uses of a key in a window, at least one, and
// remembers at most keys of them; beyond, those go that map order gives first.
func NewRateLimit(limit int, window time.Duration, keys int) *RateLimit {
	return &RateLimit{limit: limit, window: window, keys: keys, windows: map[string]rateWindow{}}
}

// Limit is how many uses a window allows.
func (l *RateLimit) Limit() int { return l.limit }

// Window is how long a window is.
func (l *RateLimit) Window() time.Duration { return l.window }

// Take counts a use of the key, unless it has none left.
func (l *RateLimit) Take(key string, now time.Time) RateUse {
	l.mu.Lock()
	defer l.mu.Unlock()
	w, known := l.windows[key]
	if !known && len(l.windows) >= l.keys {
		l.makeRoom(now)
	}
	if !known || l.over(w, now) {
		w = rateWindow{began: now}
	}
	use := RateUse{OK: w.used < l.limit, Reset: w.began.Add(l.window).Sub(now)}
	if use.OK {
		w.used++
		l.windows[key] = w
	}
	use.Left = l.limit - w.used
	return use
}

// over is also true when the clock was set back before the window.
func (l *RateLimit) over(w rateWindow, now time.Time) bool {
	age := now.Sub(w.began)
	return age < 0 || age >= l.window
}

// makeRoom drops what is over and, if that is nothing, a sixteenth of the rest.
func (l *RateLimit) makeRoom(now time.Time) {
	for key, w := range l.windows {
		if l.over(w, now) {
			delete(l.windows, key)
		}
	}
	if len(l.windows) < l.keys {
		return
	}
	drop := max(l.keys/16, 1)
	for key := range l.windows {
		delete(l.windows, key)
		if drop--; drop == 0 {
			return
		}
	}
}
