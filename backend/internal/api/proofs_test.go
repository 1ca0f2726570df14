package api_test

import (
	"context"
	"testing"

	"github.com/hinomi-watch/hinomi/backend/internal/api"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// proven is whose targets are proven, by id.
type proven map[int64]bool

func (p proven) Proven(_ context.Context, _, target int64) (bool, error) { return p[target], nil }

func provingSystem(t *testing.T) (*system, proven) {
	t.Helper()
	known := proven{}
	return newSystem(t, func(_ *api.Config, d *api.Deps) { d.Proofs = known }), known
}

func (c *client) code(status int, method, path string, body any) string {
	c.s.t.Helper()
	p := want[api.Problem](c, status, method, path, body)
	if p.Code == "invalid_input" && len(p.Errors) == 1 {
		return p.Errors[0].Field + " " + p.Errors[0].Code
	}
	return p.Code
}

func TestAnyPortIsForProvenHosts(t *testing.T) {
	t.Parallel()
	s, known := provingSystem(t)
	c := s.operator()
	with := func(services ...string) object {
		return object{"host": "www.example.jp", "services": services, "owned": true}
	}
	if code := c.code(403, "POST", "/targets", with("ping", "tcp:8443")); code != "proof_required" {
		t.Errorf("a new host with tcp: %s", code)
	}
	made := c.watch("www.example.jp", "http")
	port := func(p any) object { return object{"target_id": made.ID, "service": "tcp", "port": p} }
	if code := c.code(403, "POST", "/monitors", port(8443)); code != "proof_required" {
		t.Errorf("before the proof: %s", code)
	}
	known[made.ID] = true
	m := want[api.MonitorResponse](c, 201, "POST", "/monitors", port(8443))
	if m.Service != "tcp" || *m.Port != 8443 {
		t.Errorf("made %+v", m)
	}
	if code := c.code(409, "POST", "/monitors", port(8443)); code != "monitor_exists" {
		t.Errorf("again: %s", code)
	}
	want[api.MonitorResponse](c, 201, "POST", "/monitors", port(80)) // beside http
	for _, bad := range []object{port(0), port(65536), port(-1)} {
		if code := c.code(422, "POST", "/monitors", bad); code != "port out_of_range" {
			t.Errorf("%v: %s", bad, code)
		}
	}
	for body, want := range map[*object]string{
		{"target_id": made.ID, "service": "tcp"}:               "port required",
		{"target_id": made.ID, "service": "dns", "port": 54}:   "port not_for_service",
		{"target_id": made.ID, "service": "udp", "port": 54}:   "service not_one_of",
		{"target_id": made.ID, "service": "tcp", "port": "80"}: "port wrong_type",
	} {
		if code := c.code(422, "POST", "/monitors", *body); code != want {
			t.Errorf("%v: %s, want %s", *body, code, want)
		}
	}
	want[api.MonitorResponse](c, 201, "POST", "/monitors", object{"target_id": made.ID, "service": "dns", "port": 53})
	if list := want[api.MonitorList](c, 200, "GET", "/monitors?service=tcp", nil); len(list.Items) != 2 {
		t.Errorf("%d of tcp", len(list.Items))
	}
	stranger := s.user("other@example.jp")
	if code := stranger.code(404, "POST", "/monitors", port(22)); code != "not_found" {
		t.Errorf("another's target: %s", code)
	}
}

func TestServicesOfANewHostAreReadStrictly(t *testing.T) {
	t.Parallel()
	c := newSystem(t).operator()
	for _, bad := range []struct {
		services []string
		code     string
	}{
		{nil, "services required"}, {[]string{"tcp"}, "services port"}, {[]string{"tcp:0"}, "services port"},
		{[]string{"tcp:65536"}, "services port"}, {[]string{"http:80"}, "services not_one_of"}, {[]string{"HTTP"}, "services not_one_of"},
		{[]string{"http", "http"}, "services repeated"}, {[]string{"tcp:80", "tcp:80"}, "services repeated"}, {make([]string, 17), "services too_many"},
	} {
		if code := c.code(422, "POST", "/targets", object{"host": "www.example.jp", "services": bad.services, "owned": true}); code != bad.code {
			t.Errorf("%v: %s, want %s", bad.services, code, bad.code)
		}
	}
}

func TestAMonitorIsKeptGoingByItsProvenOwner(t *testing.T) {
	t.Parallel()
	s, known := provingSystem(t)
	c := s.operator()
	made := c.watch("www.example.jp", "http")
	m := made.Monitors[0]
	one := path("/monitors/%d", m.ID)
	if usual := uptime.DefaultPolicy().FailuresToStop; m.StopAfter != usual {
		t.Errorf("a new one stops after %d", m.StopAfter)
	}
	if code := c.code(403, "PATCH", one, object{"stop_after": 0, "label": "not yet"}); code != "proof_required" {
		t.Errorf("before the proof: %s", code)
	}
	if got := want[api.MonitorResponse](c, 200, "GET", one, nil); got.StopAfter == 0 || got.Label != "" {
		t.Errorf("a refused change was made: %+v", got)
	}
	known[made.ID] = true
	if got := want[api.MonitorResponse](c, 200, "PATCH", one, object{"stop_after": 0, "label": "kept"}); got.StopAfter != 0 || got.Label != "kept" {
		t.Errorf("kept going: %+v", got)
	}
	if got := want[api.MonitorResponse](c, 200, "PATCH", one, object{"notes": "n"}); got.StopAfter != 0 {
		t.Errorf("left out: %+v", got)
	}
	for range 6 {
		s.record(uptime.Timeout, m.ID)
	}
	known[made.ID] = false
	if got := want[api.MonitorResponse](c, 200, "PATCH", one, object{"stop_after": nil}); got.StopAfter == 0 || got.State != "active" || got.BadStreak != 6 {
		t.Errorf("given up without a proof: %+v", got)
	}
	for _, bad := range []any{1, 4, -1, "0", 0.0001, true, object{}} {
		if code := c.code(422, "PATCH", one, object{"stop_after": bad}); code != "stop_after not_one_of" {
			t.Errorf("%v: %s", bad, code)
		}
	}
}

func TestWhereEverybodyIsTrustedNothingMustBeProven(t *testing.T) {
	t.Parallel()
	c := newSystem(t, func(c *api.Config, _ *api.Deps) { c.TargetPolicy = "any" }).operator()
	made := want[api.TargetResponse](c, 201, "POST", "/targets", object{"host": "www.example.jp", "services": []string{"tcp:8443", "ping", "tcp:22"}, "owned": true})
	if len(made.Monitors) != 3 || made.Monitors[0].Service != "ping" || *made.Monitors[1].Port != 22 || *made.Monitors[2].Port != 8443 {
		t.Errorf("made %+v", made.Monitors)
	}
	want[api.MonitorResponse](c, 201, "POST", "/monitors", object{"target_id": made.ID, "service": "tcp", "port": 1})
	if got := want[api.MonitorResponse](c, 200, "PATCH", path("/monitors/%d", made.Monitors[0].ID), object{"stop_after": 0}); got.StopAfter != 0 {
		t.Errorf("kept going: %+v", got)
	}
}
