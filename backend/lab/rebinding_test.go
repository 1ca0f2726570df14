//go:build lab

package lab

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/probe"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// rebindings are names that turn to where nobody may look, by what they become.
// "public" stands for the name's public address.
var rebindings = map[string]turning{
	"loopback":   {then: []string{"127.0.0.1"}},
	"loopback2":  {then: []string{"127.66.0.1"}},
	"here":       {then: []string{"0.0.0.0"}},
	"ten":        {then: []string{"10.66.0.9"}},
	"twelve":     {then: []string{"172.31.0.9"}},
	"sixteen":    {then: []string{"192.168.66.9"}},
	"shared":     {then: []string{"100.64.0.9"}},
	"metadata":   {then: []string{"169.254.169.254"}},
	"multicast":  {then: []string{"224.0.0.9"}},
	"broadcast":  {then: []string{"255.255.255.255"}},
	"mixed":      {then: []string{"public", "10.66.0.9"}},
	"mixed6":     {then: []string{"public", "fd00:ec2::254"}},
	"many":       {then: []string{"public", "219.101.19.251", "219.101.19.252", "192.168.66.9"}},
	"alias":      {then: []string{"10.66.0.9"}, alias: true},
	"aliasmeta":  {then: []string{"169.254.169.254"}, alias: true},
	"mapped":     {then: []string{"::ffff:10.66.0.9"}},
	"mappedmeta": {then: []string{"::ffff:169.254.169.254"}},
	"compatible": {then: []string{"::10.66.0.9"}},
	"nat64":      {then: []string{"64:ff9b::169.254.169.254"}},
	"nat64local": {then: []string{"64:ff9b:1::10.66.0.9"}},
	"sixtofour":  {then: []string{"2002:a9fe:a9fe::1"}},
	"teredo":     {then: []string{"2001:0:4136:e378:8000:63bf:3fff:fdd2"}},
	"loopback6":  {then: []string{"::1"}},
	"unique":     {then: []string{"fd00:ec2::254"}},
	"link6":      {then: []string{"fe80::1"}},
	"line":       {then: []string{lineB}},
	"gateway":    {then: []string{"210.130.1.1"}},
	"relay":      {then: []string{"211.9.3.1"}},
	"flicker":    {then: []string{"127.0.0.1"}, flickers: true},
	"flicker10":  {then: []string{"10.66.0.9"}, flickers: true},
}

// forbiddenCounters count probes on their way out of the prober to where none
// may go: one counter an address family and kind of probe.
const forbiddenCounters = `
table inet rebinding {
  counter tcp4 {}
  counter ping4 {}
  counter tcp6 {}
  counter ping6 {}
  set forbidden4 { type ipv4_addr; flags interval; elements = { 0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16,
    172.16.0.0/12, 192.168.0.0/16, 224.0.0.0/4, 255.255.255.255, 210.130.1.1, 210.130.1.2, 202.216.2.1, 202.216.2.2, 211.9.3.1 } }
  set forbidden6 { type ipv6_addr; flags interval; elements = { ::/96, ::ffff:0:0/96, 64:ff9b::/96, 64:ff9b:1::/48, 2001::/32, 2002::/16,
    fc00::/7, fe80::/10 } }
  chain output {
    type filter hook output priority 0;
    ip daddr @forbidden4 tcp dport 80 counter name tcp4
    ip daddr @forbidden4 icmp type echo-request counter name ping4
    ip6 daddr @forbidden6 tcp dport 80 counter name tcp6
    ip6 daddr @forbidden6 icmpv6 type echo-request counter name ping6
  }
}
`

// countForbidden counts anew whatever the prober sends to forbidden addresses.
func countForbidden(t *testing.T) {
	t.Helper()
	drop := func() {
		_ = exec.Command("ip", "netns", "exec", env(t, "HINOMI_LAB_PREFIX")+"prober", "nft", "delete", "table", "inet", "rebinding").Run() // it may not be there
	}
	drop()
	t.Cleanup(drop)
	file := t.TempDir() + "/rules"
	if err := os.WriteFile(file, []byte(forbiddenCounters), 0o644); err != nil {
		t.Fatal(err)
	}
	sh(t, "prober", "nft", "-f", file)
}

// sentToForbidden gives the counters by name.
func sentToForbidden(t *testing.T) map[string]int {
	t.Helper()
	var out struct {
		Nftables []struct {
			Counter *struct {
				Name    string `json:"name"`
				Packets int    `json:"packets"`
			} `json:"counter"`
		} `json:"nftables"`
	}
	text := sh(t, "prober", "nft", "-j", "list", "counters", "table", "inet", "rebinding")
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	sent := map[string]int{}
	for _, o := range out.Nftables {
		if o.Counter != nil {
			sent[o.Counter.Name] = o.Counter.Packets
		}
	}
	if len(sent) != 4 {
		t.Fatalf("no counters in %s", text)
	}
	return sent
}

// TestRebinding watches names that are public when they are registered and turn
// to loopback, private networks, metadata services, ourselves, in every form
// that carries an address. Nothing is ever sent there. Not beside other tests:
// all packets of the prober are counted.
func TestRebinding(t *testing.T) {
	countForbidden(t)
	probeUnguarded(t)
	for name, n := range sentToForbidden(t) {
		if n == 0 {
			t.Fatalf("the counter %s does not see what is sent without the address policy", name)
		}
	}
	countForbidden(t)

	names := newTurner(t)
	s := newServer(t, "rebinding", map[string]string{"HINOMI_RESOLVERS": names.addr, "HINOMI_FAILURES_TO_STOP": "0"})
	s.start()
	c := s.setUp()
	watched := map[string][]monitor{}
	for name, to := range rebindings {
		to.public = fmt.Sprintf("219.101.19.%d", len(watched)+1)
		to.then = strings.Fields(strings.ReplaceAll(strings.Join(to.then, " "), "public", to.public))
		host := name + ".turning." + zone
		names.add(host, to)
		names.add("late-"+host, to)
		for _, m := range c.watch(host, "http", "ping") {
			watched[name] = append(watched[name], m)
		}
	}
	for _, monitors := range watched {
		for _, m := range monitors {
			c.untilMonitor(m.id(), 30*time.Second, "watched in public", func(m monitor) bool { return m.Status == "ok" && m.Verdict == "up" })
		}
	}
	names.turn()
	turned := time.Now()
	for name, monitors := range watched {
		for _, m := range monitors {
			if rebindings[name].flickers {
				untilFlickered(t, c, m, turned)
			} else {
				c.untilMonitor(m.id(), 30*time.Second, "forbidden", func(m monitor) bool {
					return m.Status == "err" && m.Reason == "forbidden_address" && m.Verdict == "down"
				})
			}
		}
	}
	for name, monitors := range watched {
		if rebindings[name].flickers {
			continue
		}
		probeForbidden(t, c, monitors[0])
		refusedTarget(t, c, "late-"+monitors[0].Host)
	}
	if sent := sentToForbidden(t); sent["tcp4"]+sent["ping4"]+sent["tcp6"]+sent["ping6"] != 0 {
		t.Errorf("packets to forbidden addresses: %v", sent)
	}
}

// probeUnguarded probes forbidden addresses by our own engines without the
// address policy, as a hole in it would.
func probeUnguarded(t *testing.T) {
	t.Helper()
	line := uptime.Line{ID: 1, Name: "a", Source4: netip.MustParseAddr(lineA), Source6: netip.MustParseAddr("2400:a::2")}
	p, err := probe.New(probe.Config{Lines: []uptime.Line{line}, Timeout: 200 * time.Millisecond, Policy: probe.AnyPolicy()})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	var asking sync.WaitGroup
	for _, addr := range []string{"10.66.0.9", "169.254.169.254", "fd00:ec2::254", "64:ff9b::a9fe:a9fe"} {
		for _, service := range []uptime.Service{uptime.Ping, uptime.HTTP} {
			asking.Add(1)
			a := uptime.Attempt{Line: line.ID, Addr: netip.MustParseAddr(addr), Service: service, Port: service.Port()}
			p.Probe(context.Background(), a, func(uptime.Finding) { asking.Done() })
		}
	}
	asking.Wait()
}

// untilFlickered waits until a name that goes to and fro was found in both
// places: each check believes what it was told itself.
func untilFlickered(t *testing.T, c *client, m monitor, since time.Time) {
	t.Helper()
	until(t, 40*time.Second, m.Host+" "+m.Service+" found in both places", func() (bool, string) {
		found := map[string]int{}
		for _, r := range c.results(m.id()) {
			if r.CheckedAt.After(since) {
				found[r.Status+"/"+r.Reason]++
			}
		}
		well := found["ok/connected"] + found["ok/reply"]
		return well >= 2 && found["err/forbidden_address"] >= 2, fmt.Sprint(found)
	})
}

// probeForbidden asks for a probe at once, which has the same guard.
func probeForbidden(t *testing.T, c *client, m monitor) {
	t.Helper()
	var out struct {
		Lines []result `json:"lines"`
	}
	c.want(200, "POST", "/monitors/"+m.id()+"/probe", nil, &out)
	if len(out.Lines) != 2 {
		t.Errorf("%s: probed over %d lines", m.Host, len(out.Lines))
	}
	for _, r := range out.Lines {
		if r.Status != "err" || r.Reason != "forbidden_address" || r.Address != "" {
			t.Errorf("%s: probed at once: %v at %q", m.Host, r, r.Address)
		}
	}
}
