package uptime_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

var midnight = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)

// reasonsOf are the letters of a timeline that are results.
var reasonsOf = map[rune]uptime.Reason{
	'o': uptime.Connected, 'n': uptime.Refused, 'u': uptime.HostUnreachable, 'w': uptime.Timeout, 'e': uptime.DNSNotFound, '?': uptime.LineDown,
}

// turn is the time of a timeline's letter: one an interval.
func turn(i int) time.Time { return midnight.Add(time.Duration(i) * 5 * time.Minute) }

// live lives through a timeline: results (reasonsOf), P pause, R resume, and
// _ for a turn without a result. Results use lines 1 and 2 in turn. It gives
// the events, each with the letter at which it happened: "anomaly@1".
func live(p uptime.Policy, timeline string) (uptime.Standing, []uptime.Event, string) {
	s := uptime.NewStanding(midnight)
	var all []uptime.Event
	var told []string
	line := uptime.LineID(2)
	for i, letter := range timeline {
		switch letter {
		case 'P':
			s, _ = s.Pause(turn(i))
		case 'R':
			s, _ = s.Resume(turn(i))
		case '_':
		default:
			line = 3 - line
			var events []uptime.Event
			r := uptime.Result{Sample: uptime.Sample{At: turn(i), Reason: reasonsOf[letter], Line: line}, Generation: s.Generation}
			s, events = uptime.Judge(p, s, r)
			for _, e := range events {
				told = append(told, fmt.Sprintf("%s@%d", e.Kind, i))
			}
			all = append(all, events...)
		}
	}
	return s, all, strings.Join(told, " ")
}

func TestTheJudgeTellsWhatIsConfirmedAndNothingElse(t *testing.T) {
	t.Parallel()
	never := uptime.DefaultPolicy()
	never.FailuresToStop = 0
	patient := uptime.Policy{Interval: 5 * time.Minute, Timeout: time.Second, FailuresToDown: 3, SuccessesToUp: 1, FailuresToStop: 5}
	hasty := uptime.Policy{Interval: 5 * time.Minute, Timeout: time.Second, FailuresToDown: 1, SuccessesToUp: 1, FailuresToStop: 2}
	for _, c := range []struct {
		name     string
		policy   uptime.Policy
		timeline string
		events   string
		state    uptime.State
		verdict  uptime.Verdict
		told     uptime.Told
	}{
		{"one success confirms nothing", uptime.DefaultPolicy(), "o", "", uptime.Active, uptime.Pending, uptime.Well},
		{"a new monitor becomes up silently", uptime.DefaultPolicy(), "oo", "", uptime.Active, uptime.Up, uptime.Well},
		{"one failure mails nothing", uptime.DefaultPolicy(), "oowoo", "", uptime.Active, uptime.Up, uptime.Well},
		{"two failures mail once", uptime.DefaultPolicy(), "ooww", "anomaly@3", uptime.Active, uptime.Down, uptime.Trouble},
		{"a third failure adds nothing", uptime.DefaultPolicy(), "oowww", "anomaly@3", uptime.Active, uptime.Down, uptime.Trouble},
		{"no answer after a refusal is still in a row", uptime.DefaultPolicy(), "oonw", "anomaly@3", uptime.Active, uptime.Down, uptime.Trouble},
		{"a name that is gone counts like the others", uptime.DefaultPolicy(), "ooen", "anomaly@3", uptime.Active, uptime.Down, uptime.Trouble},
		{"alternation is never two in a row", uptime.DefaultPolicy(), "oowowowowowo", "", uptime.Active, uptime.Up, uptime.Well},
		{"one success is no recovery", uptime.DefaultPolicy(), "wwo", "anomaly@1", uptime.Active, uptime.Down, uptime.Trouble},
		{"two successes recover", uptime.DefaultPolicy(), "wwoo", "anomaly@1 recovery@3", uptime.Active, uptime.Up, uptime.Well},
		{"alternation while down neither recovers nor stops", uptime.DefaultPolicy(), "wwowowowowow", "anomaly@1", uptime.Active, uptime.Down, uptime.Trouble},
		{"unknown does not break a run of failures", uptime.DefaultPolicy(), "oow?w", "anomaly@4", uptime.Active, uptime.Down, uptime.Trouble},
		{"unknown does not break a run of successes", uptime.DefaultPolicy(), "wwo?o", "anomaly@1 recovery@4", uptime.Active, uptime.Up, uptime.Well},
		{"unknown counts for nothing", uptime.DefaultPolicy(), "oow????", "", uptime.Active, uptime.Up, uptime.Well},
		{"three intervals apart are in a row", uptime.DefaultPolicy(), "oow__w", "anomaly@5", uptime.Active, uptime.Down, uptime.Trouble},
		{"four intervals apart are not", uptime.DefaultPolicy(), "oow___w", "", uptime.Active, uptime.Up, uptime.Well},
		{"unknown keeps no run fresh", uptime.DefaultPolicy(), "oow???w", "", uptime.Active, uptime.Up, uptime.Well},
		{"the verdict outlives a stale run", uptime.DefaultPolicy(), "ww_____w", "anomaly@1", uptime.Active, uptime.Down, uptime.Trouble},
		{"the fourth failure stops", uptime.DefaultPolicy(), "oowwww", "anomaly@3 stopped@5", uptime.Stopped, uptime.Down, uptime.Trouble},
		{"after the stop nothing counts", uptime.DefaultPolicy(), "wwwwoooo", "anomaly@1 stopped@3", uptime.Stopped, uptime.Down, uptime.Trouble},
		{"a stop has to be in a row", uptime.DefaultPolicy(), "wwwowwww", "anomaly@1 stopped@7", uptime.Stopped, uptime.Down, uptime.Trouble},
		{"a stale run delays the stop", uptime.DefaultPolicy(), "www____wwww", "anomaly@1 stopped@10", uptime.Stopped, uptime.Down, uptime.Trouble},
		{"resumed and well again: recovery", uptime.DefaultPolicy(), "wwwwRoo", "anomaly@1 stopped@3 recovery@6", uptime.Active, uptime.Up, uptime.Well},
		{"resumed and still failing: told again, stopped again", uptime.DefaultPolicy(), "wwwwRwwww", "anomaly@1 stopped@3 anomaly@6 stopped@8", uptime.Stopped, uptime.Down, uptime.Trouble},
		{"a resume clears the run", uptime.DefaultPolicy(), "oowPRw", "", uptime.Active, uptime.Pending, uptime.Well},
		{"a healthy monitor that was paused mails nothing", uptime.DefaultPolicy(), "ooPRoo", "", uptime.Active, uptime.Up, uptime.Well},
		{"results of a paused monitor are not judged", uptime.DefaultPolicy(), "ooPwwww", "", uptime.Paused, uptime.Up, uptime.Well},
		{"paused while down, well after: recovery", uptime.DefaultPolicy(), "wwP_Roo", "anomaly@1 recovery@6", uptime.Active, uptime.Up, uptime.Well},
		{"paused while down, one success: not yet", uptime.DefaultPolicy(), "wwPRo", "anomaly@1", uptime.Active, uptime.Pending, uptime.Trouble},
		{"a second anomaly after a recovery", uptime.DefaultPolicy(), "wwoonn", "anomaly@1 recovery@3 anomaly@5", uptime.Active, uptime.Down, uptime.Trouble},
		{"0 failures to stop: never", never, "oo" + strings.Repeat("w", 50), "anomaly@3", uptime.Active, uptime.Down, uptime.Trouble},
		{"three to tell, one to recover, five to stop", patient, "owwwwowwwww", "anomaly@3 recovery@5 anomaly@8 stopped@10", uptime.Stopped, uptime.Down, uptime.Trouble},
		{"one to tell, two to stop", hasty, "owow", "anomaly@1 recovery@2 anomaly@3", uptime.Active, uptime.Down, uptime.Trouble},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, _, told := live(c.policy, c.timeline)
			if told != c.events {
				t.Errorf("%s told %q, want %q", c.timeline, told, c.events)
			}
			if s.State != c.state || s.Verdict != c.verdict || s.Told != c.told {
				t.Errorf("%s ends %s, %s, %s", c.timeline, s.State, s.Verdict, s.Told)
			}
		})
	}
}

func TestAnAnomalyIsDatedBackAndProven(t *testing.T) {
	t.Parallel()
	s, events, _ := live(uptime.DefaultPolicy(), "oow?nw")
	e := events[0]
	if !e.Since.Equal(turn(2)) || !e.At.Equal(turn(4)) || e.Streak != 2 || e.NeverUp || e.Again {
		t.Errorf("got %+v", e)
	}
	if len(e.Evidence) != 2 || e.Evidence[0].Reason != uptime.Timeout || e.Evidence[1].Reason != uptime.Refused {
		t.Errorf("evidence %+v", e.Evidence)
	}
	if !s.VerdictSince.Equal(turn(2)) || !s.IncidentStart.Equal(turn(2)) || s.BadStreak != 3 {
		t.Errorf("standing %+v", s)
	}
}

func TestConfirmedByNamesEachLineOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ lines, want []uptime.LineID }{
		{[]uptime.LineID{2, 1}, []uptime.LineID{2, 1}},
		{[]uptime.LineID{1, 1}, []uptime.LineID{1}},
		{[]uptime.LineID{3, 1, 3, 2, 1}, []uptime.LineID{3, 1, 2}},
		{nil, nil},
	} {
		var e uptime.Event
		for _, l := range c.lines {
			e.Evidence = append(e.Evidence, uptime.Sample{Line: l})
		}
		if got := e.ConfirmedBy(); !slices.Equal(got, c.want) {
			t.Errorf("%v: got %v, want %v", c.lines, got, c.want)
		}
	}
}

func TestAMonitorThatNeverAnsweredIsSaidToBeSo(t *testing.T) {
	t.Parallel()
	for timeline, want := range map[string]string{"wwww": "true true", "owwww": "true true", "oowwww": "false false"} {
		_, events, _ := live(uptime.DefaultPolicy(), timeline)
		if got := fmt.Sprint(events[0].NeverUp, events[1].NeverUp); got != want {
			t.Errorf("%s: never up %s, want %s", timeline, got, want)
		}
	}
}

func TestAStopKeepsItsIncidentOpen(t *testing.T) {
	t.Parallel()
	s, events, _ := live(uptime.DefaultPolicy(), "oowwww")
	stop := events[1]
	if !stop.Since.Equal(turn(2)) || !stop.At.Equal(turn(5)) || stop.Streak != 4 {
		t.Errorf("got %+v", stop)
	}
	if !s.IncidentStart.Equal(turn(2)) || !s.ObservedUntil.Equal(turn(5)) || !s.StoppedAt.Equal(turn(5)) || s.Generation != 2 {
		t.Errorf("standing %+v", s)
	}
}

func TestARecoveryTellsWhetherItsEndWasObserved(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		timeline string
		from, to time.Time
		since    time.Time
	}{
		{"oowwoo", time.Time{}, time.Time{}, turn(2)},
		{"oowwww_Roo", turn(5), turn(7), turn(2)},
		{"oowwP__Roo", turn(4), turn(7), turn(2)},
		{"oowwww_Rwwoo", time.Time{}, time.Time{}, turn(2)}, // seen failing after the gap, and then its end
		{"oowwww_RPRoo", turn(5), turn(9), turn(2)},         // paused before anything was seen: one gap
	} {
		_, events, _ := live(uptime.DefaultPolicy(), c.timeline)
		e := events[len(events)-1]
		if e.Kind != uptime.Recovery || !e.GapFrom.Equal(c.from) || !e.GapTo.Equal(c.to) || !e.Since.Equal(c.since) {
			t.Errorf("%s: %s since %s, gap %s to %s", c.timeline, e.Kind, e.Since, e.GapFrom, e.GapTo)
		}
	}
}

func TestStillFailingAfterAResumeIsTheSameIncident(t *testing.T) {
	t.Parallel()
	s, events, _ := live(uptime.DefaultPolicy(), "oowwwwRww")
	again := events[2]
	if again.Kind != uptime.Anomaly || !again.Again || !again.Since.Equal(turn(2)) || !again.Evidence[0].At.Equal(turn(7)) {
		t.Errorf("got %+v", again)
	}
	if !s.IncidentStart.Equal(turn(2)) || !s.ObservedUntil.IsZero() || !s.VerdictSince.Equal(turn(7)) {
		t.Errorf("standing %+v", s)
	}
}

func TestStatusSinceFollowsWhatPeopleSee(t *testing.T) {
	t.Parallel()
	for timeline, want := range map[string]int{"ooo": 0, "oow": 2, "oown": 3, "oonn": 2, "oonu": 2, "oo?": 2, "oo?o": 3, "ww_w": 0} {
		if s, _, _ := live(uptime.DefaultPolicy(), timeline); !s.StatusSince.Equal(turn(want)) {
			t.Errorf("%s: since %s, want turn %d", timeline, s.StatusSince, want)
		}
	}
}

func TestPauseAndResumeAreIdempotent(t *testing.T) {
	t.Parallel()
	s := uptime.NewStanding(midnight)
	if _, changed := s.Resume(turn(1)); changed {
		t.Error("an active monitor was resumed")
	}
	paused, changed := s.Pause(turn(1))
	if !changed || paused.State != uptime.Paused || paused.Generation != 2 || !paused.StoppedAt.Equal(turn(1)) || !paused.ObservedUntil.IsZero() {
		t.Errorf("paused %+v", paused)
	}
	if _, changed = paused.Pause(turn(2)); changed {
		t.Error("a paused monitor was paused")
	}
	active, changed := paused.Resume(turn(3))
	if !changed || active.State != uptime.Active || active.Generation != 3 || !active.ResumedAt.Equal(turn(3)) || !active.StoppedAt.IsZero() {
		t.Errorf("resumed %+v", active)
	}
	stopped, _, _ := live(uptime.DefaultPolicy(), "wwww")
	if _, changed = stopped.Pause(turn(9)); changed {
		t.Error("a stopped monitor was paused")
	}
}
