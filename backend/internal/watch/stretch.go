package watch

import "time"

// stretch decides by how much the interval is lengthened for everybody when
// starting probes lags. It is pure: the watchman counts, and asks once a second.
type stretch struct {
	interval time.Duration
	window   int // seconds that are looked at
	level    int

	starts, late []int // per second, newest last
	last         int   // direction of the last step
	calm         int   // seconds since the last step
	young        int   // seconds that are not looked at: what waited through the start is late
	patience     int   // calm seconds before a step back is tried
}

// stretchSteps are the factors; stretchLate is the lag, as a share of the
// interval, that counts as late, and stretchShare the share of late starts
// above which the interval is stretched: so p95 over 10 % of the interval.
var stretchSteps = [...]float64{1, 1.25, 1.5, 2, 3, 4}

const (
	stretchLate  = 0.10
	stretchShare = 0.05

	minStarts  = 20      // in the window: fewer say nothing about a share of 5 %
	maxWindow  = 60      // seconds
	maxPatient = 16 * 60 // seconds
	startUp    = 3       // seconds
)

func newStretch(interval time.Duration) *stretch {
	window := min(max(int(interval.Seconds())/5, 3), maxWindow)
	return &stretch{interval: interval, window: window, patience: 3 * window, young: startUp}
}

// factor is at least 1.
func (s *stretch) factor() float64 { return stretchSteps[s.level] }

// isLate tells whether a start that lagged so much counts as late.
func (s *stretch) isLate(lag time.Duration) bool {
	return lag.Seconds() > stretchLate*s.interval.Seconds()
}

// second takes in what was started in the last second and tells whether the
// factor changed.
func (s *stretch) second(starts, late int) bool {
	if s.young > 0 {
		s.young--
		return false
	}
	s.starts, s.late = append(s.starts, starts), append(s.late, late)
	if len(s.starts) > s.window {
		s.starts, s.late = s.starts[1:], s.late[1:]
	}
	s.calm++
	if len(s.starts) < s.window {
		return false
	}
	all, behind := sum(s.starts), sum(s.late)
	switch {
	case all >= minStarts && float64(behind) > stretchShare*float64(all) && s.level < len(stretchSteps)-1:
		if s.last < 0 && s.calm <= 2*s.window { // the step back came too early
			s.patience = min(2*s.patience, maxPatient)
		}
		s.step(+1)
	case behind == 0 && s.level > 0 && s.calm >= s.patience:
		s.step(-1)
	default:
		return false
	}
	return true
}

// forget drops what was counted and looks away for a while: after a standstill
// everything is late, which says nothing about room.
func (s *stretch) forget() {
	s.starts, s.late, s.young = nil, nil, startUp
}

func (s *stretch) step(by int) {
	s.level += by
	s.starts, s.late, s.calm, s.last = nil, nil, 0, by
}

func sum(xs []int) (n int) {
	for _, x := range xs {
		n += x
	}
	return n
}
