//go:build lab

package lab

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// rules are those by which the results of a run were judged.
type rules struct {
	interval       time.Duration
	longest        time.Duration // longest effective interval that was shown during the run
	failuresToStop int           // 0 means never
}

// reference judges recorded results again, written from the description alone
// and sharing no code with the server, so that what was mailed and what the
// monitor shows can be compared with what the results demand.
type reference struct {
	verdict, told string
	bad, good     int
	counted       time.Time
	stopped       bool
	events        []string // as key gives them
}

// replay judges all results of a monitor. A result after a stop means that
// somebody resumed it. Where the interval was stretched on the way, a run may
// or may not have been older than three intervals: then there is more than one
// possible outcome.
func (ru rules) replay(m monitor, results []result) []reference {
	outcomes := []reference{{verdict: "pending", told: "well"}}
	for _, r := range results {
		var next []reference
		for _, o := range outcomes {
			if o.stopped {
				o = reference{verdict: "pending", told: o.told, events: o.events}
			}
			gap := r.CheckedAt.Sub(o.counted)
			stale := !o.counted.IsZero() && r.Status != "unknown" && gap > 3*ru.interval
			if !stale || gap <= 3*ru.longest {
				next = append(next, ru.judge(o, m, r))
			}
			if stale {
				o.bad, o.good = 0, 0
				next = append(next, ru.judge(o, m, r))
			}
		}
		outcomes = slices.CompactFunc(next, func(a, b reference) bool { return fmt.Sprint(a) == fmt.Sprint(b) })
	}
	return outcomes
}

func (ru rules) judge(o reference, m monitor, r result) reference {
	if r.Status == "unknown" {
		return o
	}
	o.counted = r.CheckedAt
	mail := func(kind string) {
		o.events = append(slices.Clip(o.events), key(event{kind, m.Host, m.Service, r.CheckedAt}))
	}
	if r.failed() {
		o.bad, o.good = o.bad+1, 0
		if o.bad >= 2 && o.verdict != "down" {
			o.verdict, o.told = "down", "trouble"
			mail("anomaly")
		}
		if ru.failuresToStop > 0 && o.bad >= ru.failuresToStop {
			o.stopped = true
			mail("stopped")
		}
		return o
	}
	o.bad, o.good = 0, o.good+1
	if o.good >= 2 && o.verdict != "up" {
		if o.told == "trouble" {
			mail("recovery")
		}
		o.verdict, o.told = "up", "well"
	}
	return o
}

// shows tells whether the monitor stands as the reference does.
func (o reference) shows(m monitor) bool {
	state := "active"
	if o.stopped {
		state = "stopped"
	}
	return m.BadStreak == o.bad && m.GoodStreak == o.good && m.Verdict == o.verdict && m.Told == o.told && m.State == state
}

func (o reference) String() string {
	return fmt.Sprintf("%s told %s bad %d good %d stopped %v, mailed %q", o.verdict, o.told, o.bad, o.good, o.stopped, o.events)
}

// story is a monitor, all its recorded results, and the alerts that were mailed
// about it.
type story struct {
	monitor monitor
	results []result
	mailed  []string
}

// fault says what is wrong with a story; "" is well.
func (ru rules) fault(s story) string {
	m := s.monitor
	for i := 1; i < len(s.results); i++ {
		before, r := s.results[i-1], s.results[i]
		if !r.CheckedAt.After(before.CheckedAt) {
			return fmt.Sprintf("%s %s: %v is not after %v", m.Host, m.Service, r, before)
		}
		if r.Line == before.Line {
			return fmt.Sprintf("%s %s: the lines did not take turns: %v, then %v", m.Host, m.Service, before, r)
		}
	}
	outcomes := ru.replay(m, s.results)
	for _, o := range outcomes {
		if o.shows(m) && len(minus(o.events, s.mailed)) == 0 && len(minus(s.mailed, o.events)) == 0 {
			return ""
		}
	}
	return fmt.Sprintf("%v, told %s, mailed %q\nby its %d results: %v\n%v", m, m.Told, s.mailed, len(s.results), outcomes, s.results)
}

// mailedAbout sorts the alerts of mails by host and service. A mail may have
// come more than once, but only as the same one.
func mailedAbout(t testing.TB, mails []letter) (about map[string][]string, repeats int) {
	t.Helper()
	first := map[string]letter{}
	about = map[string][]string{}
	for _, l := range mails {
		if before, ok := first[l.messageID]; ok {
			repeats++
			if fmt.Sprint(before.events) != fmt.Sprint(l.events) {
				t.Errorf("%s came twice with different alerts: %v and %v", l.messageID, before.events, l.events)
			}
			continue
		}
		first[l.messageID] = l
		for _, e := range l.events {
			about[e.Host+" "+e.Service] = append(about[e.Host+" "+e.Service], key(e))
		}
	}
	return about, repeats
}

func key(e event) string {
	return e.Kind + " at " + e.At.UTC().Truncate(time.Second).Format(time.RFC3339)
}

// minus gives what a holds more often than b.
func minus(a, b []string) []string {
	n := map[string]int{}
	for _, k := range b {
		n[k]++
	}
	var out []string
	for _, k := range a {
		if n[k]--; n[k] < 0 {
			out = append(out, k)
		}
	}
	return out
}

// TestReference: the reference itself sees a lost mail, a doubled mail, a lost
// result and a wrong streak.
func TestReference(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	ru := rules{interval: time.Second, longest: time.Second, failuresToStop: 4}
	well := story{monitor: monitor{Host: "h", Service: "http", State: "active", Verdict: "up", Told: "well", GoodStreak: 2}}
	for i, status := range []string{"ok", "ok", "ng", "ng", "ok", "ok"} {
		well.results = append(well.results, result{CheckedAt: at.Add(time.Duration(i) * time.Second), Status: status, Line: string(rune('a' + i%2))})
	}
	anomaly, recovery := event{"anomaly", "h", "http", at.Add(3 * time.Second)}, event{"recovery", "h", "http", at.Add(5 * time.Second)}
	mails := []letter{{messageID: "1", events: []event{anomaly}}, {messageID: "2", events: []event{recovery}}}
	tell := func(s story, mails ...letter) string {
		about, _ := mailedAbout(t, mails)
		s.mailed = about["h http"]
		return ru.fault(s)
	}
	if fault := tell(well, mails[0], mails[1], mails[1]); fault != "" {
		t.Errorf("all is well, but: %s", fault)
	}
	lost, streak := well, well
	lost.results = slices.Delete(slices.Clone(well.results), 2, 4)
	streak.monitor.GoodStreak = 3
	for name, fault := range map[string]string{
		"lost mail":    tell(well, mails[0]),
		"doubled mail": tell(well, mails[0], mails[1], letter{messageID: "3", events: []event{anomaly}}),
		"lost results": tell(lost, mails...),
		"wrong streak": tell(streak, mails...),
	} {
		if fault == "" {
			t.Errorf("%s: not noticed", name)
		}
	}
}
