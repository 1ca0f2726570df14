//go:build lab

package lab

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestIncidents breaks and mends hosts and compares what is judged and mailed.
// Everything runs beside each other on one server.
func TestIncidents(t *testing.T) {
	t.Parallel()
	s := newServer(t, "incidents", nil)
	s.start()
	c := s.setUp()
	// Subtests run in parallel inside this group, which waits for them.
	t.Run("cases", func(t *testing.T) {
		for name, f := range map[string]func(*testing.T, *incident){
			"one failure mails nothing":                          oneFailure,
			"two failures mail once, naming both lines":          twoFailures,
			"three failures do not stop":                         threeFailures,
			"the fourth failure stops, resume probes at once":    fourthFailure,
			"still failing after resume mails again":             failingAfterResume,
			"resume of a healthy paused monitor mails nothing":   healthyResume,
			"a dead host on-link mails":                          deadNeighbour,
			"one line out: the other confirms alone":             oneLineOnly,
			"a host that one carrier cannot reach mails nothing": halfReachable,
			"our own gateway's fault mails nothing":              ownGateway,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				f(t, &incident{t: t, s: s.in(t), c: c.in(t)})
			})
		}
	})
	fence(t, s, c)
	for _, host := range []string{"219.101.16.1", "219.101.16.6", "219.101.17.15", "219.101.17.16"} {
		if got := s.kinds(host); got != "" {
			t.Errorf("%s: mailed %q, want nothing", host, got)
		}
	}
	for host, want := range map[string]string{
		"219.101.16.2": "anomaly recovery", "219.101.16.3": "anomaly recovery",
		"219.101.16.4": "anomaly stopped recovery", "219.101.16.5": "anomaly stopped anomaly stopped",
	} {
		if got := s.kinds(host); got != want {
			t.Errorf("%s: mailed %q, want %q", host, got, want)
		}
	}
	for _, l := range letters(t, s.contact) {
		checkForm(t, l)
	}
}

// in gives the same server with failures reported to a subtest.
func (s *server) in(t testing.TB) *server {
	copied := *s
	copied.t = t
	return &copied
}

func (c *client) in(t testing.TB) *client {
	copied := *c
	copied.t = t
	return &copied
}

// fence makes one more alert and waits for its mail. A contact's mails keep
// their order, so whatever was owed before has arrived then.
func fence(t *testing.T, s *server, c *client) {
	t.Helper()
	const host = "219.101.16.9"
	silence(t, host)
	defer mend(t, host)
	c.watch(host, "http")
	s.until(20*time.Second, "the last mail", func() (bool, string) {
		got := s.kinds(host)
		return strings.HasPrefix(got, "anomaly"), got
	})
}

// incident is one host's story.
type incident struct {
	t *testing.T
	s *server
	c *client
	m monitor
}

// healthy registers http of a host that answers and waits until it is up.
func (i *incident) healthy(host string) {
	i.t.Helper()
	i.m = i.c.watch(host, "http")["http"]
	i.until("up", func(m monitor) bool { return m.Verdict == "up" })
}

func (i *incident) until(what string, ok func(monitor) bool) monitor {
	i.t.Helper()
	return i.c.untilMonitor(i.m.id(), 25*time.Second, i.m.Host+" to be "+what, ok)
}

// failures gives the lengths of the runs of failed results, and the lines over
// which the last of them was seen.
func (i *incident) failures() (runs []int, lines string) {
	i.t.Helper()
	run := 0
	for _, r := range i.c.results(i.m.id()) {
		switch {
		case r.failed():
			if run++; run == 1 {
				lines = ""
			}
			lines += r.Line
		case r.Status == "ok" && run > 0:
			runs, run = append(runs, run), 0
		}
	}
	if run > 0 {
		runs = append(runs, run)
	}
	return runs, lines
}

func (i *incident) wantFailures(want ...int) {
	i.t.Helper()
	if got, _ := i.failures(); fmt.Sprint(got) != fmt.Sprint(want) {
		i.t.Fatalf("%s: runs of failures %v, want %v", i.m.Host, got, want)
	}
}

func oneFailure(t *testing.T, i *incident) {
	const host = "219.101.16.1"
	i.healthy(host)
	refuse(t, host)
	m := i.until("failing", func(m monitor) bool { return m.BadStreak == 1 })
	accept(t, host)
	if m.Verdict != "up" || m.Told != "well" {
		t.Errorf("after one failure: %v, told %s", m, m.Told)
	}
	i.until("good again", func(m monitor) bool { return m.GoodStreak >= 2 })
	i.wantFailures(1)
}

func twoFailures(t *testing.T, i *incident) {
	const host = "219.101.16.2"
	i.healthy(host)
	silence(t, host)
	m := i.until("down", func(m monitor) bool { return m.Verdict == "down" })
	mend(t, host)
	if m.BadStreak != 2 || m.Told != "trouble" || m.Status != "wr" {
		t.Errorf("when down: %v, told %s", m, m.Told)
	}
	i.s.untilKinds(host, "anomaly")
	m = i.until("good once", func(m monitor) bool { return m.GoodStreak == 1 })
	if m.Verdict != "down" {
		t.Errorf("one success already made it %v", m)
	}
	m = i.until("up", func(m monitor) bool { return m.Verdict == "up" })
	if m.GoodStreak != 2 || m.Told != "well" {
		t.Errorf("when up: %v, told %s", m, m.Told)
	}
	i.s.untilKinds(host, "anomaly recovery")
	i.wantFailures(2)

	results := i.c.results(i.m.id())
	first := 0
	for !results[first].failed() {
		first++
	}
	wantAt(t, i.s.events(host)[0], results[first+1])
	wantAt(t, i.s.events(host)[1], results[first+3])
	letter := i.s.letterOf("anomaly", host)
	for _, word := range []string{"LineA", "LineB", host, "no answer in 1 s"} {
		if !strings.Contains(letter.body, word) {
			t.Errorf("the anomaly mail does not say %q:\n%s", word, letter.body)
		}
	}
	recovery := i.s.letterOf("recovery", host)
	if !shareThread(letter, recovery) {
		t.Errorf("anomaly and recovery are no thread: References %q and %q", letter.header.Get("References"), recovery.header.Get("References"))
	}
}

// shareThread tells whether two mails name an incident in common.
func shareThread(a, b letter) bool {
	ids := strings.Fields(a.header.Get("References"))
	return slices.ContainsFunc(strings.Fields(b.header.Get("References")), func(id string) bool { return slices.Contains(ids, id) })
}

// wantAt: the alert carries the time of the result that decided it.
func wantAt(t *testing.T, e event, r result) {
	t.Helper()
	if off := e.At.Sub(r.CheckedAt); off > time.Second || off < -time.Second {
		t.Errorf("%v, but the result that decided it is %v", e, r)
	}
}

func threeFailures(t *testing.T, i *incident) {
	const host = "219.101.16.3"
	i.healthy(host)
	refuse(t, host)
	i.until("failing three times", func(m monitor) bool { return m.BadStreak == 3 })
	accept(t, host)
	m := i.until("up", func(m monitor) bool { return m.Verdict == "up" })
	if m.State != "active" {
		t.Errorf("after three failures and two successes: %v", m)
	}
	i.s.untilKinds(host, "anomaly recovery")
	i.wantFailures(3)
}

func fourthFailure(t *testing.T, i *incident) {
	const host = "219.101.16.4"
	i.healthy(host)
	silence(t, host)
	m := i.until("stopped", func(m monitor) bool { return m.State == "stopped" })
	mend(t, host)
	if m.BadStreak != 4 || m.StoppedAt == nil {
		t.Errorf("when stopped: %v at %v", m, m.StoppedAt)
	}
	i.s.untilKinds(host, "anomaly stopped")
	i.wantFailures(4)
	before := len(i.c.results(i.m.id()))

	resumed := time.Now()
	i.c.want(200, "POST", "/monitors/"+i.m.id()+"/resume", nil, nil)
	i.until("probed after resume", func(monitor) bool { return len(i.c.results(i.m.id())) > before })
	if took := time.Since(resumed); took > 5*time.Second {
		t.Errorf("the first check came %v after resume", took)
	}
	i.until("up", func(m monitor) bool { return m.Verdict == "up" && m.State == "active" })
	i.s.untilKinds(host, "anomaly stopped recovery")
	if body := i.s.letterOf("recovery", host).body; !strings.Contains(body, "not known") {
		t.Errorf("the recovery after a stop does not say that its end is not known:\n%s", body)
	}
}

func failingAfterResume(t *testing.T, i *incident) {
	const host = "219.101.16.5"
	i.healthy(host)
	refuse(t, host)
	defer accept(t, host)
	i.until("stopped", func(m monitor) bool { return m.State == "stopped" })
	i.c.want(200, "POST", "/monitors/"+i.m.id()+"/resume", nil, nil)
	i.until("stopped again", func(m monitor) bool {
		return m.State == "stopped" && len(i.c.results(i.m.id())) >= 10
	})
	i.s.untilKinds(host, "anomaly stopped anomaly stopped")
}

func healthyResume(t *testing.T, i *incident) {
	const host = "219.101.16.6"
	i.healthy(host)
	path := "/monitors/" + i.m.id()
	i.c.want(200, "POST", path+"/pause", nil, nil)
	i.c.want(200, "POST", path+"/pause", nil, nil) // idempotent
	paused := i.c.monitor(i.m.id())
	if paused.State != "paused" {
		t.Fatalf("after pause: %v", paused)
	}
	i.c.want(200, "POST", path+"/resume", nil, nil)
	i.c.want(200, "POST", path+"/resume", nil, nil)
	if m := i.c.monitor(i.m.id()); m.State != "active" || m.Verdict == "down" {
		t.Errorf("after resume: %v", m)
	}
	i.until("up again", func(m monitor) bool { return m.Verdict == "up" && m.GoodStreak >= 2 })
}

func deadNeighbour(t *testing.T, i *incident) {
	i.m = i.c.watch(deadOnLink2, "http")["http"]
	i.until("stopped", func(m monitor) bool { return m.State == "stopped" })
	i.s.untilKinds(deadOnLink2, "anomaly stopped")
	if body := i.s.letterOf("anomaly", deadOnLink2).subject; !strings.Contains(body, "since it was added") {
		t.Errorf("the host never answered, but the subject is %q", body)
	}
}

func oneLineOnly(t *testing.T, i *incident) {
	const host = "219.101.17.14" // carrier A's own gateway cannot reach it
	i.m = i.c.watch(host, "http")["http"]
	i.until("up over line b alone", func(m monitor) bool { return m.Verdict == "up" })
	silence(t, host)
	i.until("down", func(m monitor) bool { return m.Verdict == "down" })
	mend(t, host)
	i.until("up again", func(m monitor) bool { return m.Verdict == "up" })
	i.s.untilKinds(host, "anomaly recovery")
	if _, lines := i.failures(); strings.Trim(lines, "b") != "" {
		t.Errorf("failures over lines %q, want line b only", lines)
	}
	if body := i.s.letterOf("anomaly", host).body; !strings.Contains(body, "alone") {
		t.Errorf("line A could not measure, but the mail does not say so:\n%s", body)
	}
}

func halfReachable(t *testing.T, i *incident) {
	i.m = i.c.watch("219.101.17.15", "http")["http"]
	i.until("checked eight times", func(monitor) bool { return len(i.c.results(i.m.id())) >= 8 })
	if m := i.c.monitor(i.m.id()); m.State != "active" || m.Verdict != "pending" {
		t.Errorf("reachable by turns: %v", m)
	}
}

func ownGateway(t *testing.T, i *incident) {
	i.m = i.c.watch("219.101.17.16", "ping")["ping"]
	i.until("checked eight times", func(monitor) bool { return len(i.c.results(i.m.id())) >= 8 })
	if m := i.c.monitor(i.m.id()); m.State != "active" || m.Verdict != "pending" || m.BadStreak != 0 {
		t.Errorf("nothing but our own side's fault: %v", m)
	}
}

// checkForm: what every alert mail must look like.
func checkForm(t *testing.T, l letter) {
	t.Helper()
	if got := l.header.Get("Auto-Submitted"); got != "auto-generated" {
		t.Errorf("%s: Auto-Submitted %q", l.subject, got)
	}
	if got := strings.ToLower(l.header.Get("Content-Type")); !strings.HasPrefix(got, "text/plain") || !strings.Contains(got, "utf-8") {
		t.Errorf("%s: Content-Type %q", l.subject, got)
	}
	if n := len([]rune(l.subject)); n > 60 {
		t.Errorf("%s: the subject has %d characters", l.subject, n)
	}
	if l.messageID == "" || len(l.events) == 0 {
		t.Errorf("%s: Message-ID %q, %d events", l.subject, l.messageID, len(l.events))
	}
}
