//go:build lab

package lab

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// setMoving gives moving.lab-hinomi.jp new addresses, by rewriting the zone
// and telling the authority.
func setMoving(t testing.TB, addrs ...string) {
	t.Helper()
	template, err := os.ReadFile("conf/lab.zone")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(template), "@SERIAL@", strconv.FormatInt(time.Now().Unix(), 10))
	line := "moving   IN A @MOVING@\n"
	if !strings.Contains(text, line) {
		t.Fatalf("conf/lab.zone has no line %q", line)
	}
	var records strings.Builder
	for _, a := range addrs {
		fmt.Fprintf(&records, "moving IN A %s\n", a)
	}
	text = strings.ReplaceAll(text, line, records.String())
	file := runFile(t, "zones/lab.zone")
	if err := os.WriteFile(file+".new", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		t.Fatal(err)
	}
	pid, err := os.ReadFile(runFile(t, "nsd.pid"))
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(pid)))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(n, syscall.SIGHUP); err != nil {
		t.Fatalf("reload the name server: %v", err)
	}
}

// TestNames follows a name that moves: to other addresses, where the pin stays
// as long as it may, and to a private address, which is forbidden.
func TestNames(t *testing.T) {
	t.Parallel()
	const first, second, host = "219.101.16.50", "219.101.16.51", "moving." + zone
	setMoving(t, first)
	s := newServer(t, "names", map[string]string{"HINOMI_FAILURES_TO_STOP": "0"})
	s.start()
	c := s.setUp()
	for _, host := range []string{"private." + zone, "mixed." + zone, "loopback." + zone} {
		refusedTarget(t, c, host)
	}
	m := c.watch(host, "http")["http"]
	atAddress := func(addr string) func(monitor) bool {
		return func(m monitor) bool { return m.Status == "ok" && m.Address == addr }
	}
	c.untilMonitor(m.id(), 20*time.Second, "watched at its address", atAddress(first))

	// One more, lower address: the pin stays.
	setMoving(t, "219.101.16.49", first)
	n := len(c.results(m.id()))
	c.untilMonitor(m.id(), 20*time.Second, "watched three times more", func(monitor) bool { return len(c.results(m.id())) >= n+3 })
	if got := c.monitor(m.id()).Address; got != first {
		t.Errorf("the pin left %s, which the name still has, for %s", first, got)
	}
	setMoving(t, second)
	c.untilMonitor(m.id(), 20*time.Second, "watched at its new address", atAddress(second))
	s.untilKinds(host, "")

	// One private address makes the whole name forbidden.
	setMoving(t, second, "192.168.7.7")
	c.untilMonitor(m.id(), 20*time.Second, "forbidden", func(m monitor) bool {
		return m.Status == "err" && m.Reason == "forbidden_address" && m.Verdict == "down"
	})
	s.untilKinds(host, "anomaly")
	setMoving(t, second)
	c.untilMonitor(m.id(), 20*time.Second, "well again", atAddress(second))
	s.untilKinds(host, "anomaly recovery")

	multi := c.watch("multi."+zone, "http")["http"]
	c.untilMonitor(multi.id(), 20*time.Second, "watched at its lowest address", atAddress("219.101.16.40"))
}

func refusedTarget(t *testing.T, c *client, host string) {
	t.Helper()
	before := len(c.monitors())
	status, content, err := c.do("POST", "/targets", map[string]any{"host": host, "services": []string{"http"}, "owned": true})
	if err != nil || status != 422 {
		t.Errorf("POST /targets %s: %d %v %.300s, want 422", host, status, err, content)
	}
	if after := len(c.monitors()); after != before {
		t.Errorf("POST /targets %s was refused, but there are %d monitors instead of %d", host, after, before)
	}
}

// TestResolverAway: our own resolver's silence is nobody's failure but ours.
func TestResolverAway(t *testing.T) {
	t.Parallel()
	s := newServer(t, "resolver", map[string]string{"HINOMI_RESOLVERS": deadResolver})
	s.start()
	c := s.setUp()
	m := c.watch("web."+zone, "http")["http"]
	c.untilMonitor(m.id(), 60*time.Second, "measured four times", func(monitor) bool { return len(c.results(m.id())) >= 4 })
	for _, r := range c.results(m.id()) {
		if r.Status != "unknown" || r.Reason != "dns_unavailable" {
			t.Errorf("%v, want unknown/dns_unavailable", r)
		}
	}
	if m := c.monitor(m.id()); m.Verdict != "pending" || m.BadStreak != 0 {
		t.Errorf("our resolver is away: %v", m)
	}
}

// TestSourceGone: a line whose address leaves the machine is out; nothing is
// blamed, the other line goes on, and it comes back by itself.
func TestSourceGone(t *testing.T) {
	t.Parallel()
	const third, host = "202.216.2.77", "219.101.16.70"
	addThird := func() { sh(t, "prober", "ip", "addr", "replace", third+"/24", "dev", "carb0") }
	dropThird := func() { sh(t, "prober", "ip", "addr", "del", third+"/24", "dev", "carb0") }
	addThird()
	if !strings.Contains(sh(t, "prober", "ip", "rule"), third) {
		sh(t, "prober", "ip", "rule", "add", "from", third, "lookup", "102")
	}
	s := newServer(t, "source", map[string]string{"HINOMI_LINES": "a=" + lineA + "; c=" + third})
	s.start()
	c := s.setUp()
	m := c.watch(host, "http", "ping")["http"]
	overC := func(after int) func() (bool, string) {
		return func() (bool, string) {
			results := c.results(m.id())
			for _, r := range results[min(after, len(results)):] {
				if r.Line == "c" && r.Status == "ok" {
					return true, ""
				}
			}
			return false, fmt.Sprint(results)
		}
	}
	s.until(20*time.Second, "checked over line c", overC(0))
	dropThird()
	n := len(c.results(m.id()))
	s.until(30*time.Second, "three good checks without line c", func() (bool, string) {
		good := 0
		results := c.results(m.id())
		for _, r := range results[n:] {
			if r.Status == "ok" && r.Line == "a" {
				good++
			}
		}
		return good >= 3, fmt.Sprint(results[n:])
	})
	addThird()
	n = len(c.results(m.id()))
	s.until(90*time.Second, "checked over line c again", overC(n))
	for _, r := range c.results(m.id()) {
		if r.Status != "ok" && (r.Status != "unknown" || r.Reason != "source_unavailable") {
			t.Errorf("%v: only our own line c was out", r)
		}
	}
	if got := s.kinds(host); got != "" {
		t.Errorf("mailed %q", got)
	}
	dropThird()
}
