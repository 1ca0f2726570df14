//go:build lab

package lab

import (
	"strings"
	"testing"
	"time"
)

// TestDigest: a host whose six services fail together is one mail, not six.
func TestDigest(t *testing.T) {
	t.Parallel()
	const host = "219.101.16.20"
	silence(t, host)
	defer mend(t, host)
	s := newServer(t, "digest", map[string]string{"HINOMI_DIGEST_WINDOW": "3s", "HINOMI_FAILURES_TO_STOP": "0"})
	s.start()
	c := s.setUp()
	services := []string{"ping", "http", "ftp", "pop3", "smtp", "dns"}
	monitors := c.watch(host, services...)
	for _, m := range monitors {
		c.untilMonitor(m.id(), 20*time.Second, m.Service+" to be down", func(m monitor) bool { return m.Verdict == "down" })
	}
	s.until(10*time.Second, "the mail", func() (bool, string) {
		got := s.kinds(host)
		return strings.Count(got, "anomaly") == len(services), got
	})
	mails := letters(t, s.contact)
	if len(mails) != 1 || len(mails[0].events) != len(services) {
		t.Fatalf("%d mails, the first with %d events; want one with %d", len(mails), len(mails[0].events), len(services))
	}
	if !strings.Contains(mails[0].subject, "DOWN ×6") {
		t.Errorf("subject %q", mails[0].subject)
	}
	last := time.Time{}
	for _, e := range mails[0].events {
		if e.At.After(last) {
			last = e.At
		}
	}
	if early := mails[0].arrived.Sub(last); early < 0 {
		t.Errorf("the mail came %v before its last event", -early)
	}
}

// A router reports the first packet that waited for a dead host; those of others
// behind it are dropped without a word if one more comes while it does so
// (neigh_invalidate of Linux). So who wants the answer has a dead host to itself.
var slowExpectations = []expectation{
	{host: deadRouted, services: "ping", overA: "ng/host_unreachable"},
	{host: deadRouted2, services: "http", overA: "ng/host_unreachable"},
	{host: deadOnLink3, services: "ping http", overA: "wr/timeout"},
}

// TestSlowAnswers: with 5 s to wait, the last router's "nobody there" after
// 3 s is an answer; a neighbour's silence stays silence.
func TestSlowAnswers(t *testing.T) {
	t.Parallel()
	s := newServer(t, "slow", map[string]string{
		"HINOMI_INTERVAL": "8s", "HINOMI_PROBE_TIMEOUT": "5s", "HINOMI_FAILURES_TO_STOP": "0",
	})
	s.start()
	c := s.setUp()
	all := watchAll(c, slowExpectations)
	const checks = 4
	untilRounds(c, all, checks)
	for _, w := range all {
		results := c.results(w.id())
		checkTurn(t, results)
		for _, r := range results {
			if got := r.Status + "/" + r.Reason; got != w.overA && !late(r) {
				t.Errorf("%s %s: %v, want %s", w.host, w.Service, r, w.overA)
			}
		}
		s.untilKindsContain(w.host, "anomaly", len(strings.Fields(w.services)))
	}
}

func (s *server) untilKindsContain(host, kind string, n int) {
	s.t.Helper()
	s.until(10*time.Second, "mails about "+host, func() (bool, string) {
		got := s.kinds(host)
		return strings.Count(got, kind) == n, got
	})
}
