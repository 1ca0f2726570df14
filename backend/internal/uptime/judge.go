package uptime

import (
	"fmt"
	"time"
)

// AlertKind says what an alert tells. Its numbers are stored.
type AlertKind uint8

// The kinds of alerts.
const (
	Anomaly AlertKind = iota + 1
	Recovery
	StoppedAlert
)

var alertKindNames = [...]string{Anomaly: "anomaly", Recovery: "recovery", StoppedAlert: "stopped"}

func (k AlertKind) String() string {
	if k == 0 || int(k) >= len(alertKindNames) {
		return fmt.Sprintf("alert(%d)", uint8(k))
	}
	return alertKindNames[k]
}

// MarshalText gives the wire word.
func (k AlertKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Event is a change that the owner must be told, with its proof.
type Event struct {
	Kind     AlertKind
	At       time.Time // start of the probe that decided it
	Since    time.Time // first failure of the incident
	Evidence []Sample  // the first samples of the deciding run, in order
	Streak   int32     // results in a row that decided it
	NeverUp  bool      // the monitor was never up before
	Again    bool      // an anomaly of an incident that was open before a resume

	// A recovery whose incident was not watched from GapFrom to GapTo, so that
	// its end was not observed. Zero otherwise.
	GapFrom, GapTo time.Time
}

// ConfirmedBy lists the lines of the evidence, each once, in order.
func (e Event) ConfirmedBy() []LineID {
	var lines []LineID
	seen := map[LineID]bool{}
	for _, s := range e.Evidence {
		if !seen[s.Line] {
			seen[s.Line] = true
			lines = append(lines, s.Line)
		}
	}
	return lines
}

// Judge turns one result into the next standing and what it gives rise to. It
// does not look at r.Generation: the caller drops results of another one.
// A monitor that is not active is left as it is.
func Judge(p Policy, s Standing, r Result) (Standing, []Event) {
	if s.State != Active {
		return s, nil
	}
	if s.Last.At.IsZero() || s.Last.Status() != r.Status() {
		s.StatusSince = r.At
	}
	s.Last = r.Sample
	if r.Status() == Unknown {
		return s, nil
	}
	if !s.LastCounted.IsZero() && r.At.Sub(s.LastCounted) > staleAfter*p.Interval {
		s = s.startRun()
	}
	s.LastCounted = r.At
	if r.Status().Failure() {
		return judgeFailure(p, s, r.Sample)
	}
	return judgeSuccess(p, s, r.Sample)
}

func judgeFailure(p Policy, s Standing, last Sample) (Standing, []Event) {
	if s.GoodStreak > 0 {
		s.GoodStreak, s.Run = 0, nil
	}
	s.BadStreak++
	s.Run = remember(s.Run, last, p.FailuresToDown)
	var events []Event
	if s.Verdict != Down && int(s.BadStreak) >= p.FailuresToDown {
		again := !s.IncidentStart.IsZero()
		if !again {
			s.IncidentStart = s.Run[0].At
		}
		s.Verdict, s.VerdictSince = Down, s.Run[0].At
		s.Told, s.ObservedUntil = Trouble, time.Time{}
		events = append(events, s.event(Anomaly, last.At))
		events[0].Again, events[0].NeverUp = again, !s.EverUp
	}
	if p.FailuresToStop > 0 && int(s.BadStreak) >= p.FailuresToStop {
		s.State, s.StoppedAt, s.ObservedUntil = Stopped, last.At, last.At
		s.Generation++
		stop := s.event(StoppedAlert, last.At)
		stop.NeverUp = !s.EverUp
		events = append(events, stop)
	}
	return s, events
}

func judgeSuccess(p Policy, s Standing, last Sample) (Standing, []Event) {
	if s.BadStreak > 0 {
		s.BadStreak, s.Run = 0, nil
	}
	s.GoodStreak++
	s.Run = remember(s.Run, last, p.SuccessesToUp)
	if s.Verdict == Up || int(s.GoodStreak) < p.SuccessesToUp {
		return s, nil
	}
	var events []Event
	s.Verdict, s.VerdictSince, s.EverUp = Up, s.Run[0].At, true
	if s.Told == Trouble {
		e := s.event(Recovery, last.At)
		if !s.ObservedUntil.IsZero() {
			e.GapFrom, e.GapTo = s.ObservedUntil, s.ResumedAt
		}
		events = append(events, e)
		s.Told, s.IncidentStart, s.ObservedUntil = Well, time.Time{}, time.Time{}
	}
	return s, events
}

func (s Standing) event(kind AlertKind, at time.Time) Event {
	return Event{Kind: kind, At: at, Since: s.IncidentStart, Evidence: s.Run, Streak: max(s.BadStreak, s.GoodStreak)}
}

// remember keeps the first n samples of a run. It never writes into the array
// of run, which the standing before it still shows.
func remember(run []Sample, last Sample, n int) []Sample {
	if len(run) >= n {
		return run
	}
	return append(run[:len(run):len(run)], last)
}
