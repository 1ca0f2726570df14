//go:build lab

package lab

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// reference judges recorded results again, written from the description alone
// and sharing no code with the server, so that what was mailed and what the
// monitor shows can be compared with what the results demand.
type reference struct {
	interval       time.Duration
	failuresToStop int // 0 means never

	verdict   string
	told      string
	bad, good int
	counted   time.Time
	stopped   bool
	events    []event
}

// replay judges all results of a monitor. A result after a stop means that
// somebody resumed it.
func replay(m monitor, interval time.Duration, failuresToStop int, results []result) *reference {
	j := &reference{interval: interval, failuresToStop: failuresToStop, verdict: "pending", told: "well"}
	for _, r := range results {
		if j.stopped {
			j.stopped, j.verdict, j.bad, j.good, j.counted = false, "pending", 0, 0, time.Time{}
		}
		j.judge(m, r)
	}
	return j
}

func (j *reference) judge(m monitor, r result) {
	if r.Status == "unknown" {
		return
	}
	if !j.counted.IsZero() && r.CheckedAt.Sub(j.counted) > 3*j.interval {
		j.bad, j.good = 0, 0
	}
	j.counted = r.CheckedAt
	mail := func(kind string) {
		j.events = append(j.events, event{Kind: kind, Host: m.Host, Service: m.Service, At: r.CheckedAt.Truncate(time.Second)})
	}
	if r.failed() {
		j.bad, j.good = j.bad+1, 0
		if j.bad >= 2 && j.verdict != "down" {
			j.verdict, j.told = "down", "trouble"
			mail("anomaly")
		}
		if j.failuresToStop > 0 && j.bad >= j.failuresToStop {
			j.stopped = true
			mail("stopped")
		}
		return
	}
	j.bad, j.good = 0, j.good+1
	if j.good >= 2 && j.verdict != "up" {
		if j.told == "trouble" {
			mail("recovery")
		}
		j.verdict, j.told = "up", "well"
	}
}

// checkStory compares a monitor with its own recorded results, and gives the
// alerts that they demand.
func checkStory(t testing.TB, m monitor, interval time.Duration, failuresToStop int, results []result) []event {
	t.Helper()
	for i := 1; i < len(results); i++ {
		before, r := results[i-1], results[i]
		if !r.CheckedAt.After(before.CheckedAt) {
			t.Errorf("%s %s: %v is not after %v", m.Host, m.Service, r, before)
		}
		if r.Line == before.Line {
			t.Errorf("%s %s: the line did not take turns: %v, then %v", m.Host, m.Service, before, r)
		}
	}
	j := replay(m, interval, failuresToStop, results)
	state := "active"
	if j.stopped {
		state = "stopped"
	}
	if m.BadStreak != j.bad || m.GoodStreak != j.good || m.Verdict != j.verdict || m.Told != j.told || m.State != state {
		t.Errorf("%v, told %s; its %d results say %s/%s bad %d good %d, told %s", m, m.Told, len(results), state, j.verdict, j.bad, j.good, j.told)
	}
	return j.events
}

// checkMails compares the mails that arrived with the alerts that are owed:
// each once; a mail may come again, but only as the same one.
func checkMails(t testing.TB, mails []letter, owed []event) (repeats int) {
	t.Helper()
	byID := map[string]letter{}
	var got []string
	for _, l := range mails {
		if first, ok := byID[l.messageID]; ok {
			repeats++
			if fmt.Sprint(first.events) != fmt.Sprint(l.events) {
				t.Errorf("%s came twice with different alerts: %v and %v", l.messageID, first.events, l.events)
			}
			continue
		}
		byID[l.messageID] = l
		for _, e := range l.events {
			e.At = e.At.Truncate(time.Second)
			got = append(got, key(e))
		}
	}
	var want []string
	for _, e := range owed {
		want = append(want, key(e))
	}
	slices.Sort(got)
	slices.Sort(want)
	for _, k := range minus(want, got) {
		t.Errorf("lost: %s", k)
	}
	for _, k := range minus(got, want) {
		t.Errorf("not owed, or doubled: %s", k)
	}
	return repeats
}

func key(e event) string {
	return fmt.Sprintf("%s %s %s at %s", e.Host, e.Service, e.Kind, e.At.UTC().Format(time.RFC3339))
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
	m := monitor{Host: "h", Service: "http", State: "active", Verdict: "up", Told: "well", GoodStreak: 2}
	var results []result
	for i, status := range []string{"ok", "ok", "ng", "ng", "ok", "ok"} {
		results = append(results, result{CheckedAt: at.Add(time.Duration(i) * time.Second), Status: status, Line: string(rune('a' + i%2))})
	}
	owed := checkStory(t, m, time.Second, 4, results)
	if len(owed) != 2 || owed[0].Kind != "anomaly" || owed[1].Kind != "recovery" {
		t.Fatalf("owed %v", owed)
	}
	mails := []letter{{messageID: "1", events: owed[:1]}, {messageID: "2", events: owed[1:]}}
	checkMails(t, append(mails, mails[1]), owed)
	for name, wrong := range map[string]func(testing.TB){
		"lost mail":    func(t testing.TB) { checkMails(t, mails[:1], owed) },
		"doubled mail": func(t testing.TB) { checkMails(t, append(mails, letter{messageID: "3", events: owed[:1]}), owed) },
		"lost result":  func(t testing.TB) { checkStory(t, m, time.Second, 4, slices.Delete(slices.Clone(results), 2, 3)) },
		"wrong streak": func(t testing.TB) {
			m := m
			m.GoodStreak = 3
			checkStory(t, m, time.Second, 4, results)
		},
	} {
		spy := &spyTB{TB: t}
		wrong(spy)
		if !spy.failed {
			t.Errorf("%s: not noticed", name)
		}
	}
}

// spyTB notes failures instead of reporting them.
type spyTB struct {
	testing.TB
	failed bool
}

func (s *spyTB) Errorf(string, ...any) { s.failed = true }
func (s *spyTB) Helper()               {}
