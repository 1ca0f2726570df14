package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/api"
)

func TestSettingsHoldAtOnceAndGoBackToWhatIsConfigured(t *testing.T) {
	t.Parallel()
	s := newSystem(t, func(c *api.Config, _ *api.Deps) { c.Registration = account.RegistrationClosed })
	operator := s.operator()
	monitor := operator.watch("h.example.jp", "http").Monitors[0]
	before := want[api.SettingsResponse](operator, 200, "GET", "/operator/settings", nil)
	if before.Registration != nil || before.StopAfter != nil || before.Announcement != nil || *before.Configured != (api.ConfiguredSettings{Registration: "closed", StopAfter: 4}) {
		t.Errorf("at first %+v", before)
	}
	want[object](s.client(), 403, "POST", "/auth/register", signUp("a@example.jp", ""))

	after := want[api.SettingsResponse](operator, 200, "PATCH", "/operator/settings",
		object{"registration": "open", "stop_after": 0, "announcement": object{"ja": " 今夜\n保守 ", "en": ""}})
	if *after.Registration != "open" || *after.StopAfter != 0 || *after.Announcement != (api.AnnouncementWords{Ja: "今夜\n保守"}) {
		t.Errorf("changed %+v", after)
	}
	want[object](s.client(), 201, "POST", "/auth/register", signUp("a@example.jp", ""))
	service := want[api.ServiceResponse](s.client(), 200, "GET", "/service", nil)
	if service.Registration != "open" || service.FailuresToStop != 0 || service.Announcement == nil || service.Announcement.Ja != "今夜\n保守" {
		t.Errorf("service %+v", service)
	}
	if got := want[api.MonitorResponse](operator, 200, "GET", path("/monitors/%d", monitor.ID), nil).StopAfter; got != 0 {
		t.Errorf("the monitor stops after %d", got)
	}

	want[object](operator, 200, "PATCH", "/operator/settings", object{"stop_after": 7})
	want[object](operator, 200, "PATCH", "/operator/settings", object{"registration": nil, "announcement": object{"ja": "", "en": " "}})
	service = want[api.ServiceResponse](s.client(), 200, "GET", "/service", nil)
	if service.Registration != "closed" || service.FailuresToStop != 7 || service.Announcement != nil {
		t.Errorf("partly given back: %+v", service)
	}
	want[object](s.client(), 403, "POST", "/auth/register", signUp("b@example.jp", ""))
}

func TestBadSettingsAreRefusedTogetherAndNothingChanges(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	operator := s.operator()
	p := want[api.Problem](operator, http.StatusUnprocessableEntity, "PATCH", "/operator/settings", object{
		"registration": "friends", "stop_after": 2, "announcement": object{"ja": strings.Repeat("あ", 1001), "en": "\x1b[2J"},
	})
	var got []string
	for _, f := range p.Errors {
		got = append(got, f.Field+" "+f.Code)
	}
	if text := strings.Join(got, ", "); text != "registration not_one_of, stop_after out_of_range, announcement.ja too_long, announcement.en malformed" {
		t.Error(text)
	}
	for _, body := range []object{
		{"stop_after": -1}, {"stop_after": 1001}, {"stop_after": "5"}, {"stop_after": 5.5}, {"registration": 1}, {"registration": ""},
		{"announcement": object{"fr": "x"}}, {"announcement": "x"}, {"interval": 1},
	} {
		want[api.Problem](operator, http.StatusUnprocessableEntity, "PATCH", "/operator/settings", body)
	}
	if after := want[api.SettingsResponse](operator, 200, "GET", "/operator/settings", nil); after.Registration != nil || after.StopAfter != nil || after.Announcement != nil {
		t.Errorf("%+v", after)
	}
}
