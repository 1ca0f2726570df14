package uptime

import (
	"slices"
	"time"
)

// coverFactor bounds how long a result speaks for its service: 1.5 intervals,
// so that one late probe leaves no gap and a missing one does.
const coverFactor = 3 // halves

// Span is a half-open stretch of time [From, To). A zero To means "until now".
type Span struct{ From, To time.Time }

// Period is what an account is made up for.
type Period struct {
	Span
	Interval time.Duration // effective
}

// History is all that happened to a monitor around a period, oldest first. The
// samples should include the last one before the period: it covers its start.
type History struct {
	Samples    []Sample
	Incidents  []Span // from first failure to first success; open ones have a zero To
	NotWatched []Span // paused, stopped, not yet created
}

// Account says how a monitor's time was spent (DESIGN §4, Uptime). The four
// durations add up to the period.
type Account struct {
	Up, Down, Unknown, NotWatched time.Duration
	UnconfirmedFailures           int
}

// Uptime is up/(up+down) in 0..1; ok is false when nothing was measured.
func (a Account) Uptime() (ratio float64, ok bool) { return share(a.Up, a.Up+a.Down) }

// Coverage is (up+down)/(period − not watched) in 0..1; ok is false when
// nothing was to be watched.
func (a Account) Coverage() (ratio float64, ok bool) {
	return share(a.Up+a.Down, a.Up+a.Down+a.Unknown)
}

func share(part, whole time.Duration) (float64, bool) {
	if whole <= 0 {
		return 0, false
	}
	return float64(part) / float64(whole), true
}

// MakeAccount makes up the account of one monitor for a period.
func MakeAccount(p Period, h History) Account {
	var a Account
	notWatched := clip(h.NotWatched, p.Span)
	for _, s := range notWatched {
		a.NotWatched += s.To.Sub(s.From)
	}
	incidents := clip(h.Incidents, Span{From: time.Time{}, To: p.To})
	samples := slices.Clone(h.Samples)
	slices.SortStableFunc(samples, func(x, y Sample) int { return x.At.Compare(y.At) })
	for i, s := range samples {
		covered := Span{From: s.At, To: s.At.Add(p.Interval * coverFactor / 2)}
		if i+1 < len(samples) && samples[i+1].At.Before(covered.To) {
			covered.To = samples[i+1].At
		}
		a.add(s, within(covered, p.Span, notWatched), inside(incidents, s.At), !s.At.Before(p.From) && s.At.Before(p.To))
	}
	a.Unknown = p.To.Sub(p.From) - a.NotWatched - a.Up - a.Down
	return a
}

func (a *Account) add(s Sample, covered time.Duration, inIncident, inPeriod bool) {
	switch {
	case s.Status() == Unknown:
	case inIncident:
		a.Down += covered
	default:
		a.Up += covered
		if s.Status().Failure() && inPeriod {
			a.UnconfirmedFailures++
		}
	}
}

// clip cuts spans to the period, sorts them and joins those that overlap.
func clip(spans []Span, p Span) []Span {
	var cut []Span
	for _, s := range spans {
		if s.To.IsZero() || s.To.After(p.To) {
			s.To = p.To
		}
		if s.From.Before(p.From) {
			s.From = p.From
		}
		if s.From.Before(s.To) {
			cut = append(cut, s)
		}
	}
	slices.SortFunc(cut, func(x, y Span) int { return x.From.Compare(y.From) })
	joined := cut[:0]
	for _, s := range cut {
		if n := len(joined); n > 0 && !s.From.After(joined[n-1].To) {
			if s.To.After(joined[n-1].To) {
				joined[n-1].To = s.To
			}
			continue
		}
		joined = append(joined, s)
	}
	return joined
}

// within is how much of covered lies in the period and was watched.
func within(covered, p Span, notWatched []Span) time.Duration {
	parts := clip([]Span{covered}, p)
	if len(parts) == 0 {
		return 0
	}
	d := parts[0].To.Sub(parts[0].From)
	from, _ := slices.BinarySearchFunc(notWatched, parts[0].From, func(s Span, t time.Time) int { return s.To.Compare(t) })
	for _, s := range notWatched[from:] {
		if !s.From.Before(parts[0].To) {
			break
		}
		lost := clip([]Span{s}, parts[0])
		for _, l := range lost {
			d -= l.To.Sub(l.From)
		}
	}
	return d
}

func inside(incidents []Span, at time.Time) bool {
	i, found := slices.BinarySearchFunc(incidents, at, func(s Span, t time.Time) int { return s.From.Compare(t) })
	if found {
		return true
	}
	return i > 0 && at.Before(incidents[i-1].To)
}
