//go:build lab

package lab

import (
	"encoding/csv"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

const rounds = 20

// A target and what each of its services must say over line a and over line b.
type expectation struct {
	host     string
	services string // "ping http"
	overA    string // "ok/reply"; for several services "ok" stands for the service's own word
	overB    string // "" means the same as over a
}

// expectations has every status and reason of a target that does not change.
var expectations = []expectation{
	{host: allServices, services: "ping http ftp pop3 smtp dns", overA: "ok"},
	{host: allServices6, services: "ping http dns", overA: "ok"},
	{host: onLink, services: "ping http", overA: "ok"},
	{host: shut, services: "ping", overA: "ok"},
	{host: shut6, services: "ping", overA: "ok"},
	{host: "219.101.9.10", services: "ping http", overA: "ng/net_unreachable"},
	{host: "219.101.9.11", services: "ping http", overA: "ng/host_unreachable"},
	{host: "219.101.9.12", services: "ping http", overA: "ng/port_unreachable"},
	{host: "219.101.9.13", services: "ping smtp", overA: "ng/admin_prohibited"},
	{host: "219.101.9.14", services: "ping http", overA: "ng/admin_prohibited"},
	{host: "219.101.9.15", services: "ping http", overA: "ng/admin_prohibited"},
	{host: "219.101.9.16", services: "ping http", overA: "ng/icmp_other"},
	{host: "219.101.9.20", services: "ping http ftp pop3 smtp dns", overA: "wr/timeout"},
	{host: "219.101.10.5", services: "ping http", overA: "ng/ttl_exceeded"},
	{host: deadOnLink, services: "ping http", overA: "wr/timeout"},
	{host: "2400:9::10", services: "ping http", overA: "ng/net_unreachable"},
	{host: "2400:9::11", services: "ping http", overA: "ng/host_unreachable"},
	{host: "2400:9::12", services: "ping http", overA: "ng/port_unreachable"},
	{host: "2400:9::13", services: "ping http", overA: "ng/admin_prohibited"},
	{host: "2400:9::20", services: "ping http", overA: "wr/timeout"},
	{host: "2400:10::5", services: "ping http", overA: "ng/ttl_exceeded"},
	// Our own gateway says it cannot: our side. One carrier sees what the other does not.
	{host: "219.101.17.10", services: "ping http", overA: "unknown/line_down"},
	{host: "219.101.17.11", services: "ping http", overA: "unknown/line_down", overB: "ok"},
	{host: "219.101.17.12", services: "ping http", overA: "wr/timeout", overB: "ok"},
	{host: "219.101.17.13", services: "ping http", overA: "ok", overB: "ng/admin_prohibited"},
	// The prober has unreachable, prohibit and blackhole routes for these.
	{host: "219.101.17.20", services: "ping http", overA: "unknown/no_route"},
	{host: "219.101.17.21", services: "ping http", overA: "unknown/no_route"},
	{host: "219.101.17.22", services: "ping http", overA: "unknown/no_route"},
	{host: "web." + zone, services: "ping http", overA: "ok"},
	{host: "six." + zone, services: "ping http", overA: "ok"},
	{host: "火の見." + zone, services: "ping http", overA: "ok"},
	{host: "nothere." + zone, services: "ping http", overA: "err/dns_not_found"},
	{host: "noaddr." + zone, services: "ping http", overA: "err/dns_no_address"},
	{host: "broken-hinomi.jp", services: "ping http", overA: "err/dns_failed"},
}

// refused is kept apart: the same host as above with other services.
var refused = []expectation{
	{host: shut, services: "http ftp pop3 smtp dns", overA: "ng/refused"},
	{host: shut6, services: "http", overA: "ng/refused"},
}

func (e expectation) want(service, line string) string {
	w := e.overA
	if line == "b" && e.overB != "" {
		w = e.overB
	}
	switch {
	case w != "ok":
		return w
	case service == "ping":
		return "ok/reply"
	default:
		return "ok/connected"
	}
}

type watched struct {
	expectation
	monitor
}

// TestRounds watches everything for 20 rounds, restarts in between, and
// compares what is recorded, downloaded and seen on the targets' side.
func TestRounds(t *testing.T) {
	t.Parallel()
	seen := startCapture(t, "edge/core0", "lan/lan0", "cara/up0", "carb/up0")
	s := newServer(t, "rounds", map[string]string{"HINOMI_FAILURES_TO_STOP": "0"})
	s.start()
	c := s.setUp()
	all := watchAll(c, expectations, refused)

	untilRounds(c, all, rounds)
	s.stop()
	s.start()
	c.login()
	untilRounds(c, all, rounds+3)
	for _, w := range all {
		c.want(200, "POST", "/monitors/"+w.id()+"/pause", nil, nil)
	}
	quiet(c, all)

	downloaded := map[string][]result{}
	for _, m := range c.download().Monitors {
		downloaded[m.Monitor.id()] = m.Results
	}
	for _, w := range all {
		results := c.results(w.id())
		t.Run(strings.ReplaceAll(w.host+" "+w.Service, ":", "_"), func(t *testing.T) {
			checkRounds(t, w, results)
			checkTurn(t, results)
			checkWire(t, seen, w, results)
			checkCSV(t, c, w, results)
			if got, want := fmt.Sprint(downloaded[w.id()]), fmt.Sprint(results); got != want {
				t.Errorf("the JSON download of all monitors has\n%s\nand not\n%s", got, want)
			}
		})
	}
}

func watchAll(c *client, tables ...[]expectation) []watched {
	c.t.Helper()
	hosts := map[string][]expectation{}
	var order []string
	for _, e := range slices.Concat(tables...) {
		if hosts[e.host] == nil {
			order = append(order, e.host)
		}
		hosts[e.host] = append(hosts[e.host], e)
	}
	var all []watched
	for _, host := range order {
		var services []string
		for _, e := range hosts[host] {
			services = append(services, strings.Fields(e.services)...)
		}
		monitors := c.watch(host, services...)
		for _, e := range hosts[host] {
			for _, service := range strings.Fields(e.services) {
				all = append(all, watched{e, monitors[service]})
			}
		}
	}
	return all
}

// untilRounds waits until the last of the monitors has n results.
func untilRounds(c *client, all []watched, n int) {
	c.t.Helper()
	for _, w := range all {
		until(c.t, time.Duration(n)*4*time.Second+20*time.Second, fmt.Sprintf("%d results of %s %s", n, w.host, w.Service), func() (bool, string) {
			got := len(slices.DeleteFunc(c.results(w.id()), late))
			return got >= n, fmt.Sprint(got)
		})
	}
}

// late: we stood still while we waited, so silence proves nothing. That may
// happen on a busy machine, and is our own fault.
func late(r result) bool { return r.Status == "unknown" && r.Reason == "overload" }

// quiet waits until nothing is under way any more: no monitor has a newer
// result than two timeouts ago.
func quiet(c *client, all []watched) {
	c.t.Helper()
	paused := time.Now()
	until(c.t, 20*time.Second, "the last probes to be settled", func() (bool, string) {
		return time.Since(paused) > 2500*time.Millisecond, "waiting"
	})
	for _, w := range all {
		if m := c.monitor(w.id()); m.State != "paused" {
			c.t.Errorf("paused monitor is %v", m)
		}
	}
}

// checkRounds: at least 20 rounds, each with the right status and reason. Only
// where silence is expected may a few be "we were late".
func checkRounds(t *testing.T, w watched, results []result) {
	t.Helper()
	if got := len(slices.DeleteFunc(slices.Clone(results), late)); got < rounds {
		t.Fatalf("%d results, want at least %d", got, rounds)
	}
	wrong, lates := 0, 0
	for _, r := range results {
		want := w.want(w.Service, r.Line)
		if late(r) && want == "wr/timeout" {
			if lates++; lates > rounds/5 {
				t.Errorf("%v: for the %d. time", r, lates)
			}
			continue
		}
		if got := r.Status + "/" + r.Reason; got != want {
			wrong++
			t.Errorf("%v, want %s", r, want)
		}
		if (r.RTT != nil) != (r.Status == "ok") && r.Status != "ng" {
			t.Errorf("%v: rtt_us %v", r, r.RTT)
		}
	}
	if wrong > 0 {
		t.Errorf("%d of %d results are wrong", wrong, len(results))
	}
}

// checkTurn: the lines take strictly turns, also across the restart.
func checkTurn(t *testing.T, results []result) {
	t.Helper()
	for i, r := range results {
		if r.Line != "a" && r.Line != "b" {
			t.Fatalf("%v: no such line", r)
		}
		if i > 0 && r.Line == results[i-1].Line {
			t.Errorf("line %s twice in a row: %v, then %v", r.Line, results[i-1], r)
		}
		if i > 0 && !r.CheckedAt.After(results[i-1].CheckedAt) {
			t.Errorf("out of order: %v after %v", r, results[i-1])
		}
	}
}

var ports = map[string]uint16{"ping": 0, "http": 80, "ftp": 21, "pop3": 110, "smtp": 25, "dns": 53}

// checkWire: the results are the probes that the targets' side saw, one each,
// over the same line at the same time. Only a probe that waited for its answer
// while the server was stopped or the monitor paused may be missing.
func checkWire(t *testing.T, seen *capture, w watched, results []result) {
	t.Helper()
	if w.overA == "unknown/no_route" || strings.HasPrefix(w.overA, "err/") {
		return // nothing leaves
	}
	dst, err := netip.ParseAddr(w.host)
	if err != nil {
		dst, err = netip.ParseAddr(results[0].Address)
	}
	if err != nil {
		t.Fatalf("%v has no address: %q", results[0], results[0].Address)
	}
	if _, ok := vantage(dst); !ok {
		return
	}
	probes := seen.probes(dst, ports[w.Service], 1200*time.Millisecond)
	recorded := func(p request) bool {
		return slices.ContainsFunc(results, func(r result) bool { return sameProbe(p, r) })
	}
	for i, p := range probes {
		// What was still waiting when the server was stopped is asked again.
		if i > 0 && p.src == probes[i-1].src && recorded(probes[i-1]) {
			t.Errorf("on the wire: %s twice in a row, at %s and %s", p.src,
				probes[i-1].at.Format("15:04:05.000"), p.at.Format("15:04:05.000"))
		}
	}
	const unsettled = 2 // at the restart and at the pause
	if extra := len(probes) - len(results); extra < 0 || extra > unsettled {
		t.Errorf("%d probes on the wire, %d results", len(probes), len(results))
	}
	for _, r := range results {
		if !slices.ContainsFunc(probes, func(p request) bool { return sameProbe(p, r) }) {
			t.Errorf("%v is recorded, but was not on the wire", r)
		}
	}
}

func sameProbe(p request, r result) bool {
	line := map[string]string{lineA: "a", lineB: "b", "2400:a::2": "a", "2400:b::2": "b"}[p.src.String()]
	off := p.at.Sub(r.CheckedAt)
	return line == r.Line && off > -100*time.Millisecond && off < 500*time.Millisecond
}

// checkCSV: the download holds exactly the results.
func checkCSV(t *testing.T, c *client, w watched, results []result) {
	t.Helper()
	status, content, err := c.do("GET", "/monitors/"+w.id()+"/report/download?format=csv&part=results", nil)
	if err != nil || status != 200 {
		t.Fatalf("download: %d %v %.200s", status, err, content)
	}
	rows, err := csv.NewReader(strings.NewReader(string(content))).ReadAll()
	if err != nil {
		t.Fatalf("download is no CSV: %v", err)
	}
	const header = "checked_at,host,label,service,port,status,reason,reason_text,line,rtt_ms,address,monitor_id"
	if got := strings.Join(rows[0], ","); got != header {
		t.Fatalf("columns %s", got)
	}
	if len(rows)-1 != len(results) {
		t.Fatalf("%d rows, %d results", len(rows)-1, len(results))
	}
	for i, row := range rows[1:] {
		r := results[i]
		at, err := time.Parse(time.RFC3339Nano, row[0])
		if err != nil || !at.Equal(r.CheckedAt) || row[3] != w.Service || row[5] != r.Status || row[6] != r.Reason ||
			row[8] != r.Line || row[11] != w.id() {
			t.Errorf("row %v, result %v (%v)", row, r, err)
		}
	}
}
