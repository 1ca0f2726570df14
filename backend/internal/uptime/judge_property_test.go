package uptime_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// lives is how many random lives of a monitor are looked at, of lifeSteps each.
const (
	lives     = 120
	lifeSteps = 300
)

func randomPolicy(rnd *rand.Rand) uptime.Policy {
	p := uptime.Policy{Interval: time.Minute, Timeout: time.Second, FailuresToDown: 1 + rnd.IntN(4), SuccessesToUp: 1 + rnd.IntN(4)}
	if rnd.IntN(3) > 0 {
		p.FailuresToStop = p.FailuresToDown + 1 + rnd.IntN(3)
	}
	return p
}

// randomReason leans to one side for a while, so that runs get long enough.
func randomReason(rnd *rand.Rand, failing bool) uptime.Reason {
	all := uptime.Reasons()
	for {
		r := all[rnd.IntN(len(all))]
		if r.Status() == uptime.Unknown || r.Status().Failure() == failing || rnd.IntN(5) == 0 {
			return r
		}
	}
}

// life is one monitor with what was told of it.
type life struct {
	t        *testing.T
	policy   uptime.Policy
	standing uptime.Standing
	told     []uptime.AlertKind // since the last recovery or resume
	open     bool               // by the events alone
}

func TestRandomLivesKeepTheJudgesPromises(t *testing.T) {
	t.Parallel()
	kinds := map[uptime.AlertKind]int{}
	for seed := range uint64(lives) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		l := life{t: t, policy: randomPolicy(rnd), standing: uptime.NewStanding(midnight)}
		if err := l.policy.Validate(); err != nil {
			t.Fatal(err)
		}
		now, failing := midnight, false
		for range lifeSteps {
			now = now.Add(time.Duration(rnd.IntN(90)) * time.Second)
			if rnd.IntN(40) == 0 {
				now = now.Add(10 * time.Minute)
			}
			if rnd.IntN(8) == 0 {
				failing = !failing
			}
			for _, e := range l.step(rnd, now, randomReason(rnd, failing)) {
				kinds[e.Kind]++
			}
			if t.Failed() {
				t.Fatalf("seed %d, policy %+v, standing %+v", seed, l.policy, l.standing)
			}
		}
	}
	for _, k := range []uptime.AlertKind{uptime.Anomaly, uptime.Recovery, uptime.StoppedAlert} {
		if kinds[k] < lives {
			t.Errorf("only %d times %s: the lives are too dull to prove anything", kinds[k], k)
		}
	}
}

func (l *life) step(rnd *rand.Rand, now time.Time, reason uptime.Reason) []uptime.Event {
	switch {
	case l.standing.State != uptime.Active && rnd.IntN(3) == 0:
		l.standing, _ = l.standing.Resume(now)
		l.told = nil
		l.checkStanding()
		return nil
	case rnd.IntN(60) == 0:
		l.standing, _ = l.standing.Pause(now)
		l.checkStanding()
		return nil
	}
	before := l.standing
	kept := before
	kept.Run = slices.Clone(before.Run)
	r := uptime.Result{Sample: uptime.Sample{At: now, Reason: reason, Line: uptime.LineID(1 + rnd.IntN(3))}, Generation: before.Generation}
	after, events := uptime.Judge(l.policy, before, r)
	first := after
	first.Run = slices.Clone(after.Run)
	again, eventsAgain := uptime.Judge(l.policy, before, r)
	if !reflect.DeepEqual(after, again) || !reflect.DeepEqual(events, eventsAgain) {
		l.t.Errorf("the same result was judged otherwise: %+v, %+v", after, again)
	}
	other := r
	other.Line = 9
	uptime.Judge(l.policy, before, other) // what might have been changes nothing
	if !reflect.DeepEqual(before, kept) || !reflect.DeepEqual(after, first) {
		l.t.Errorf("a standing was changed afterwards: to %+v, %+v", before, after)
	}
	l.standing = after
	l.checkStep(before, r, events)
	l.checkStanding()
	return events
}

func (l *life) checkStep(before uptime.Standing, r uptime.Result, events []uptime.Event) {
	after := l.standing
	if before.State != uptime.Active && (!reflect.DeepEqual(before, after) || events != nil) {
		l.t.Errorf("a %s monitor was judged", before.State)
	}
	if r.Status() == uptime.Unknown {
		before.Last, before.StatusSince = after.Last, after.StatusSince
		if !reflect.DeepEqual(before, after) || events != nil {
			l.t.Error("an unknown result was seen by the judge")
		}
	}
	stops := 0
	for _, e := range events {
		l.checkEvent(before, r, e)
		if e.Kind == uptime.StoppedAlert {
			stops++
		}
	}
	if stopped := before.State == uptime.Active && after.State == uptime.Stopped; stopped != (stops == 1) || stops > 1 {
		l.t.Errorf("%s became %s with %d stops told", before.State, after.State, stops)
	}
	if (after.Generation != before.Generation) != (stops == 1) {
		l.t.Errorf("generation %d became %d with %d stops", before.Generation, after.Generation, stops)
	}
}

func (l *life) checkEvent(before uptime.Standing, r uptime.Result, e uptime.Event) {
	if !e.At.Equal(r.At) || e.Since.IsZero() || e.Since.After(e.At) || len(e.Evidence) == 0 || e.Evidence[len(e.Evidence)-1].At.After(e.At) {
		l.t.Errorf("event %+v of %+v", e, r)
	}
	switch e.Kind {
	case uptime.Anomaly:
		if slices.Contains(l.told, uptime.Anomaly) {
			l.t.Error("a second anomaly without a recovery or resume between")
		}
		if e.Again != l.open || e.NeverUp == before.EverUp || len(e.Evidence) != l.policy.FailuresToDown {
			l.t.Errorf("anomaly %+v, open before: %t", e, l.open)
		}
		l.told, l.open = append(l.told, e.Kind), true
	case uptime.Recovery:
		if !l.open || len(e.Evidence) != l.policy.SuccessesToUp || !e.Since.Equal(before.IncidentStart) {
			l.t.Errorf("recovery %+v, open before: %t", e, l.open)
		}
		if e.GapFrom.IsZero() != e.GapTo.IsZero() || e.GapTo.Before(e.GapFrom) {
			l.t.Errorf("gap %s to %s", e.GapFrom, e.GapTo)
		}
		l.told, l.open = nil, false
	case uptime.StoppedAlert:
		if !l.open || int(e.Streak) != l.policy.FailuresToStop {
			l.t.Errorf("stop %+v, open: %t", e, l.open)
		}
		l.told = append(l.told, e.Kind)
	default:
		l.t.Errorf("unknown kind %d", e.Kind)
	}
}

func (l *life) checkStanding() {
	s := l.standing
	for what, holds := range map[string]bool{
		"trouble is told exactly while an incident is open":     (s.Told == uptime.Trouble) == !s.IncidentStart.IsZero(),
		"the events tell the same":                              l.open == (s.Told == uptime.Trouble),
		"one of the streaks is 0":                               s.BadStreak == 0 || s.GoodStreak == 0,
		"down is told":                                          s.Verdict != uptime.Down || s.Told == uptime.Trouble,
		"up is well":                                            s.Verdict != uptime.Up || (s.Told == uptime.Well && s.EverUp),
		"who is stopped is down":                                s.State != uptime.Stopped || s.Verdict == uptime.Down,
		"stopped and paused have a time":                        (s.State == uptime.Active) == s.StoppedAt.IsZero(),
		"a gap is of an open incident":                          s.ObservedUntil.IsZero() || !s.IncidentStart.IsZero(),
		"an active one that is down is watched":                 s.State != uptime.Active || s.Verdict != uptime.Down || s.ObservedUntil.IsZero(),
		"never: no stop":                                        l.policy.FailuresToStop > 0 || s.State != uptime.Stopped,
		"the run is as long as its streak, up to what confirms": len(s.Run) == l.runLength(),
	} {
		if !holds {
			l.t.Errorf("does not hold: %s", what)
		}
	}
}

func (l *life) runLength() int {
	return max(min(int(l.standing.BadStreak), l.policy.FailuresToDown), min(int(l.standing.GoodStreak), l.policy.SuccessesToUp))
}
