//go:build lab

package lab

import (
	"fmt"
	"net/netip"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// TestFreeze stops the server's process for a while under load, as a laptop's
// sleep does. No healthy target is blamed, nothing is made up for in a burst.
func TestFreeze(t *testing.T) {
	t.Parallel()
	frozen := time.Duration(number(t, "HINOMI_LAB_FREEZE_SECONDS", 6)) * time.Second
	hosts := hostList("219.101.24.", 150)
	seen := startCapture(t, "edge/core0")
	s := newServer(t, "freeze", map[string]string{"HINOMI_INTERVAL": "2s", "HINOMI_PROBE_TIMEOUT": "1s"})
	s.start()
	c := s.setUp()
	watchHosts(c, hosts)
	untilResults(c, 4)
	if err := s.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	until(t, frozen+5*time.Second, "the freeze to pass", func() (bool, string) { return time.Since(began) >= frozen, "frozen" })
	thawed := time.Now()
	if err := s.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	untilFresh(c, thawed.Add(5*time.Second))
	for _, m := range c.download().Monitors {
		for _, r := range m.Results {
			if r.failed() {
				t.Errorf("%s %s: %v, but the host was well", m.Monitor.Host, m.Monitor.Service, r)
			}
		}
	}
	if got := len(letters(t, s.contact)); got != 0 {
		t.Errorf("%d mails", got)
	}
	// In the first two intervals each monitor is due twice, three times with a
	// probe begun before the freeze.
	for _, h := range hosts {
		for _, service := range []string{"ping", "http"} {
			n := 0
			for _, p := range seen.probes(netip.MustParseAddr(h), ports[service], 0) {
				if p.at.After(thawed) && p.at.Before(thawed.Add(4*time.Second)) {
					n++
				}
			}
			if n > 3 {
				t.Errorf("%s %s: %d probes in the 4 s after the freeze", h, service, n)
			}
		}
	}
}

// untilFresh waits until every monitor was measured after the given time.
func untilFresh(c *client, after time.Time) {
	c.t.Helper()
	until(c.t, 60*time.Second, "results after "+after.Format("15:04:05"), func() (bool, string) {
		stale := 0
		for _, m := range c.monitors() {
			if m.CheckedAt == nil || m.CheckedAt.Before(after) {
				stale++
			}
		}
		return stale == 0, strconv.Itoa(stale) + fmt.Sprintf(" of %d not measured", 2*150)
	})
}
