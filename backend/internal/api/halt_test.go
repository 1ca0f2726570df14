package api_test

import (
	"testing"

	"github.com/hinomi-watch/hinomi/backend/internal/api"
)

func TestOperatorsStopAndResumeEverybody(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	operator, me := s.operator(), s.user("me@example.jp")
	made := me.watch("h.example.jp", "http")
	probe := path("/monitors/%d/probe", made.Monitors[0].ID)
	if at := want[api.ServiceResponse](me, 200, "GET", "/service", nil).HaltedAt; at != nil {
		t.Errorf("halted at first: %v", at)
	}
	first := want[api.SettingsResponse](operator, 200, "POST", "/operator/stop", nil)
	again := want[api.SettingsResponse](operator, 200, "POST", "/operator/stop", nil)
	if first.HaltedAt == nil || again.HaltedAt == nil || !first.HaltedAt.Equal(*again.HaltedAt) {
		t.Fatalf("stopped %v, again %v", first.HaltedAt, again.HaltedAt)
	}
	if at := want[api.ServiceResponse](me, 200, "GET", "/service", nil).HaltedAt; at == nil || !at.Equal(*first.HaltedAt) {
		t.Errorf("the service says %v", at)
	}
	for _, asks := range []string{probe, path("/targets/%d/proof", made.ID)} {
		if p := want[api.Problem](me, 409, "POST", asks, nil); p.Code != "halted" {
			t.Errorf("%s: %+v", asks, p)
		}
	}
	// The rest of the settings is not touched, nor does a change of it resume.
	if got := want[api.SettingsResponse](operator, 200, "PATCH", "/operator/settings", object{"stop_after": 9}); got.HaltedAt == nil {
		t.Error("resumed by another setting")
	}
	if got := want[api.SettingsResponse](operator, 200, "POST", "/operator/resume", nil); got.HaltedAt != nil || *got.StopAfter != 9 {
		t.Errorf("resumed %+v", got)
	}
	want[object](operator, 200, "POST", "/operator/resume", nil)
	want[api.ProbeResponse](me, 200, "POST", probe, nil)
	if n := one[int](s, `select count(*) from audit_log where action in ('stopEverybody', 'resumeEverybody')`); n != 2 {
		t.Errorf("%d entries of two changes", n)
	}
}
