package api_test

import (
	"context"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/api"
	"github.com/hinomi-watch/hinomi/backend/internal/postgres"
	"github.com/hinomi-watch/hinomi/backend/internal/postgres/pgtest"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// world is what the owners of hosts publish: texts by host, in DNS and as a
// file of all of its addresses.
type world struct {
	mu    sync.Mutex
	dns   map[string]string
	files map[string]string
	asked int
}

func (w *world) Owner(_ context.Context, c uptime.Challenge) uptime.Evidence {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked++
	e := uptime.Evidence{DNS: w.dns[c.Host] == c.Text(), Denied: w.dns[c.Host] == "deny"}
	if c.Host == "www.example.jp" {
		e.Addrs = []netip.Addr{netip.MustParseAddr("93.184.216.34")}
	}
	if w.files[c.Host] == c.Text() {
		e.Files = e.Addrs
	}
	return e
}

// provable is a system in which hosts are claimed and proven. pass moves its
// clock.
func provable(t *testing.T, change ...func(*api.Config, *postgres.Options)) (s *system, w *world, pass func(time.Duration)) {
	t.Helper()
	w = &world{dns: map[string]string{}, files: map[string]string{}}
	address := pgtest.URL(t)
	owner := pool(t, address, postgres.Owner)
	if _, err := owner.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	cfg, opts := api.Config{}, postgres.Options{Claims: true}
	for _, f := range change {
		f(&cfg, &opts)
	}
	open := func(role postgres.Role) *postgres.DB {
		o := opts
		o.Role = role
		db, err := postgres.Open(address, o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		return db
	}
	people, desk := open(postgres.RoleAPI), open(postgres.RoleWatch)
	var mu sync.Mutex
	var late time.Duration
	s = serve(t, people, func(c *api.Config, d *api.Deps) {
		c.RequireProof = cfg.RequireProof
		c.Now = func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			return time.Now().Add(late)
		}
		d.ClaimDesk, d.Hosts, d.Proofs, d.Owners, d.ProofDesk = desk, hosts{desk}, people, w, desk
	})
	s.db = owner
	return s, w, func(d time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		late += d
	}
}

func (w *world) publish(where map[string]string, host, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	where[host] = text
}

func TestAHostIsProvenWhenItsOwnerAsks(t *testing.T) {
	t.Parallel()
	s, w, pass := provable(t)
	s.operator()
	me := s.user("me@example.jp")
	made := me.watch("www.example.jp", "ping")
	p := made.Proof
	if p.State != "none" || p.Method != nil || *p.DNSName != "_hinomi.www.example.jp" || *p.DNSValue != p.HTTPContent ||
		!strings.HasPrefix(p.HTTPURL, "http://www.example.jp/.well-known/hinomi-") {
		t.Errorf("new: %+v", p)
	}
	again := path("/targets/%d/proof", made.ID)
	if got := want[api.TargetResponse](me, 200, "POST", again, nil).Proof; got.State != "pending" || got.CheckedAt == nil {
		t.Errorf("in vain: %+v", got)
	}
	if code := me.code(429, "POST", again, nil); code != "too_many_requests" {
		t.Errorf("at once again: %s", code)
	}
	w.publish(w.dns, "www.example.jp", *p.DNSValue)
	pass(time.Minute)
	got := want[api.TargetResponse](me, 200, "POST", again, nil)
	if got.Proof.State != "proven" || *got.Proof.Method != "dns" || got.Proof.ProvenAt == nil || *got.Proof.DNSValue != *p.DNSValue {
		t.Errorf("proven: %+v", got.Proof)
	}
	tcp := want[api.MonitorResponse](me, 201, "POST", "/monitors", object{"target_id": made.ID, "service": "tcp", "port": 8443})
	if m := want[api.MonitorResponse](me, 200, "PATCH", path("/monitors/%d", tcp.ID), object{"stop_after": 0}); m.StopAfter != 0 {
		t.Errorf("kept going: %+v", m)
	}
	w.publish(w.dns, "www.example.jp", "deny")
	pass(time.Minute)
	if code := me.code(422, "POST", again, nil); code != "host_denied" {
		t.Errorf("denied: %s", code)
	}
	for route, body := range map[string]any{
		path("/monitors/%d/resume", tcp.ID): nil, path("/targets/%d/resume", made.ID): nil, path("/monitors/%d/probe", tcp.ID): nil,
		"/monitors/resume": object{"ids": []int64{tcp.ID}}, "/monitors": object{"target_id": made.ID, "service": "dns"},
	} {
		if code := me.code(422, "POST", route, body); code != "host_denied" {
			t.Errorf("%s: %s", route, code)
		}
	}
}

func TestAHostThatIsTakenIsGivenToWhoProvesIt(t *testing.T) {
	t.Parallel()
	s, w, pass := provable(t)
	operator := s.operator()
	squatter, owner := s.user("squatter@example.jp"), s.user("owner@example.jp")
	squat := squatter.watch("www.example.jp", "ping")
	squatter.watch("93.184.216.34", "ping") // where the name points
	p := want[api.Problem](owner, 409, "POST", "/targets", newHost("www.example.jp"))
	if p.Code != "host_taken" || p.Proof == nil || *p.Proof.DNSName != "_hinomi.www.example.jp" {
		t.Fatalf("taken: %+v", p)
	}
	w.publish(w.dns, "www.example.jp", *p.Proof.DNSValue)
	if p := want[api.Problem](owner, 409, "POST", "/targets", newHost("www.example.jp")); p.Proof == nil {
		t.Errorf("by DNS alone, at an address of another: %+v", p)
	}
	w.publish(w.files, "www.example.jp", p.Proof.HTTPContent)
	made := want[api.TargetResponse](owner, 201, "POST", "/targets", newHost("www.example.jp"))
	if made.Proof.State != "proven" || !made.Held || made.Monitors[0].State != "active" {
		t.Errorf("made %+v", made)
	}
	lost := want[api.TargetResponse](squatter, 200, "GET", path("/targets/%d", squat.ID), nil)
	if lost.Held || lost.Monitors[0].State != "stopped" {
		t.Errorf("the other one %+v", lost)
	}
	for _, route := range []string{path("/targets/%d/resume", squat.ID), path("/monitors/%d/resume", squat.Monitors[0].ID), path("/monitors/%d/probe", squat.Monitors[0].ID)} {
		if code := squatter.code(409, "POST", route, nil); code != "host_taken" {
			t.Errorf("%s: %s", route, code)
		}
	}
	if n := one[int](s, `select count(*) from mails where kind = 'claim_lost' and email = 'squatter@example.jp'`); n != 2 {
		t.Errorf("%d mails", n)
	}
	found := want[api.ClaimedTargetList](operator, 200, "GET", "/operator/targets?host=www.example.jp", nil).Items
	if len(found) != 2 || found[0].Held || found[0].ProofState != "none" || !found[1].Held || found[1].ProofState != "proven" {
		t.Errorf("found %+v", found)
	}

	want[object](operator, 204, "POST", path("/operator/targets/%d/release", made.ID), nil)
	if got := want[api.TargetResponse](owner, 200, "GET", path("/targets/%d", made.ID), nil); got.Held || got.Monitors[0].State != "stopped" {
		t.Errorf("released %+v", got)
	}
	pass(time.Minute)
	want[api.TargetResponse](owner, 200, "POST", path("/targets/%d/proof", made.ID), nil)
	want[api.TargetResponse](owner, 200, "POST", path("/targets/%d/resume", made.ID), nil)
	want[api.Problem](operator, 404, "POST", "/operator/targets/424242/release", nil)
}

func TestHostsOfOthersAreAskedSeldomInTheNameOfOneAccount(t *testing.T) {
	t.Parallel()
	s, w, pass := provable(t)
	s.operator()
	s.user("holder@example.jp").watch("www.example.jp", "ping")
	me := s.user("me@example.jp")
	for range 8 {
		want[api.Problem](me, 409, "POST", "/targets", newHost("www.example.jp"))
	}
	if w.asked != 5 {
		t.Errorf("asked %d times", w.asked)
	}
	pass(5 * time.Minute)
	want[api.Problem](me, 409, "POST", "/targets", newHost("www.example.jp"))
	if w.asked != 6 {
		t.Errorf("asked %d times, later", w.asked)
	}
}

func TestAHostThatOptsOutIsNotRegistered(t *testing.T) {
	t.Parallel()
	s, _, _ := provable(t)
	s.operator()
	me := s.user("me@example.jp")
	p := want[api.Problem](me, 422, "POST", "/targets", newHost("denies.example.jp"))
	if p.Code != "host_denied" || len(p.Errors) != 1 || p.Errors[0].Field != "host" {
		t.Errorf("%+v", p)
	}
}

func TestWhereProofIsRequiredMonitorsWaitForIt(t *testing.T) {
	t.Parallel()
	s, w, _ := provable(t, func(c *api.Config, o *postgres.Options) { c.RequireProof, o.RequireProof = true, true })
	s.operator()
	if got := want[api.ServiceResponse](s.client(), 200, "GET", "/service", nil); !got.RequireProof {
		t.Errorf("service %+v", got)
	}
	me := s.user("me@example.jp")
	made := me.watch("www.example.jp", "ping")
	if made.Monitors[0].State != "paused" {
		t.Errorf("made %+v", made.Monitors[0])
	}
	for _, route := range []string{path("/targets/%d/resume", made.ID), path("/monitors/%d/resume", made.Monitors[0].ID), path("/monitors/%d/probe", made.Monitors[0].ID)} {
		if code := me.code(403, "POST", route, nil); code != "proof_required" {
			t.Errorf("%s: %s", route, code)
		}
	}
	w.publish(w.dns, "www.example.jp", *made.Proof.DNSValue)
	if got := want[api.TargetResponse](me, 200, "POST", path("/targets/%d/proof", made.ID), nil); got.Monitors[0].State != "active" {
		t.Errorf("proven %+v", got)
	}
}

func TestWhereEverybodyIsTrustedNothingIsProven(t *testing.T) {
	t.Parallel()
	s := newSystem(t, func(c *api.Config, d *api.Deps) { c.TargetPolicy, d.Owners = "any", &world{} })
	c := s.operator()
	made := c.watch("93.184.216.34", "ping")
	if made.Proof.DNSName != nil || made.Proof.DNSValue != nil || !strings.HasPrefix(made.Proof.HTTPURL, "http://93.184.216.34/") {
		t.Errorf("proof of an address %+v", made.Proof)
	}
	if code := c.code(409, "POST", path("/targets/%d/proof", made.ID), nil); code != "not_needed" {
		t.Errorf("%s", code)
	}
}
