package uptime

import (
	"fmt"
	"time"
)

// State says whether a monitor is being probed, and who ended it if not.
type State uint8

// The states. Their numbers are stored.
const (
	Active  State = iota + 1
	Paused        // by the user
	Stopped       // by us, after consecutive failures
)

var stateNames = [...]string{Active: "active", Paused: "paused", Stopped: "stopped"}

func (s State) String() string {
	if s == 0 || int(s) >= len(stateNames) {
		return fmt.Sprintf("state(%d)", uint8(s))
	}
	return stateNames[s]
}

// MarshalText gives the wire word.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// ParseState reads the wire word.
func ParseState(s string) (State, error) {
	for v := Active; v <= Stopped; v++ {
		if stateNames[v] == s {
			return v, nil
		}
	}
	return 0, fmt.Errorf("unknown state %q", s)
}

// Verdict is what is confirmed about the service.
type Verdict uint8

// The verdicts. Their numbers are stored.
const (
	Pending Verdict = iota + 1 // new or resumed: nothing confirmed yet
	Up
	Down
)

var verdictNames = [...]string{Pending: "pending", Up: "up", Down: "down"}

func (v Verdict) String() string {
	if v == 0 || int(v) >= len(verdictNames) {
		return fmt.Sprintf("verdict(%d)", uint8(v))
	}
	return verdictNames[v]
}

// MarshalText gives the wire word.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// ParseVerdict reads the wire word.
func ParseVerdict(s string) (Verdict, error) {
	for v := Pending; v <= Down; v++ {
		if verdictNames[v] == s {
			return v, nil
		}
	}
	return 0, fmt.Errorf("unknown verdict %q", s)
}

// Told is what the owner was last told. Trouble holds exactly while an
// incident is open.
type Told uint8

// The words. Their numbers are stored.
const (
	Well    Told = iota + 1 // also at creation
	Trouble                 // after an anomaly or a stop
)

func (t Told) String() string {
	if t == Trouble {
		return "trouble"
	}
	return "well"
}

// MarshalText gives the wire word.
func (t Told) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// Standing is all that the judge remembers of one monitor.
type Standing struct {
	Generation int32 // raised whenever results under way must no longer count
	State      State
	Verdict    Verdict
	Told       Told
	EverUp     bool // was ever confirmed up

	BadStreak   int32     // consecutive failures
	GoodStreak  int32     // consecutive successes; one of the two is 0
	Run         []Sample  // the first samples of the current run, as many as confirm it
	LastCounted time.Time // last result that was not unknown

	Last          Sample    // last result of any status; zero before the first
	StatusSince   time.Time // since when results have the status of Last
	VerdictSince  time.Time // first result of the run that confirmed the verdict, or when it became pending
	StoppedAt     time.Time // when the state became stopped or paused; zero while active
	ResumedAt     time.Time // last resume; zero if never
	IncidentStart time.Time // first failure of the open incident; zero if none
	ObservedUntil time.Time // the open incident was seen failing until then, then not watched; zero while it is watched
}

// NewStanding is the standing of a monitor created at now.
func NewStanding(now time.Time) Standing {
	return Standing{Generation: 1, State: Active, Verdict: Pending, Told: Well, VerdictSince: now}
}

// Resume makes a stopped or paused monitor active; an active one is returned
// unchanged (changed is false). Runs are cleared, what the owner was told is kept.
func (s Standing) Resume(now time.Time) (next Standing, changed bool) {
	if s.State == Active {
		return s, false
	}
	s.Generation++
	s.State = Active
	s.Verdict, s.VerdictSince = Pending, now
	s.ResumedAt, s.StoppedAt = now, time.Time{}
	return s.startRun(), true
}

// Pause ends probing by the user's wish; only an active monitor changes. An
// open incident stays open, its gap unmeasured.
func (s Standing) Pause(now time.Time) (next Standing, changed bool) {
	if s.State != Active {
		return s, false
	}
	s.Generation++
	s.State, s.StoppedAt = Paused, now
	if !s.IncidentStart.IsZero() && s.ObservedUntil.IsZero() {
		s.ObservedUntil = now
	}
	return s, true
}

// Stop ends probing by us for another reason than failures; only an active
// monitor changes. It is as with Pause, but for the state.
func (s Standing) Stop(now time.Time) (next Standing, changed bool) {
	if next, changed = s.Pause(now); changed {
		next.State = Stopped
	}
	return next, changed
}

func (s Standing) startRun() Standing {
	s.BadStreak, s.GoodStreak, s.Run = 0, 0, nil
	s.LastCounted = time.Time{}
	return s
}
