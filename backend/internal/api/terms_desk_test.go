package api_test

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/api"
)

// calendar is a clock of which tests choose the day.
type calendar struct{ ahead atomic.Int64 }

func (c *calendar) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// turnTo goes to noon of a day.
func (c *calendar) turnTo(t *testing.T, day string) {
	t.Helper()
	d, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	c.ahead.Store(int64(time.Until(d.Add(12 * time.Hour))))
}

func TestPublishedTermsAreAskedAboutFromTheirDayOn(t *testing.T) {
	t.Parallel()
	days := &calendar{}
	s := newSystem(t, func(c *api.Config, _ *api.Deps) { c.Now = days.now })
	days.turnTo(t, "2027-03-30")
	operator := s.operator()
	s.user("me@example.jp")
	terms := object{"version": "2027-04-01", "ja": "## 規約\r\n\r\n本文", "en": "## Terms\n\ntext"}
	made := want[api.TermsResponse](operator, 201, "POST", "/operator/terms", terms)
	if made.Version != "2027-04-01" || made.Ja != "## 規約\n\n本文\n" || made.Current != account.TermsVersion || !slices.Equal(made.Versions, []string{"2027-04-01", account.TermsVersion}) {
		t.Errorf("published %+v", made)
	}
	login := func(accept string) object {
		return object{"email": "me@example.jp", "password": password, "accept_terms": accept}
	}
	want[object](s.client(), 200, "POST", "/auth/login", login("")) // not yet
	if now := want[api.TermsResponse](s.client(), 200, "GET", "/terms", nil); now.Version != account.TermsVersion || now.Ja == made.Ja {
		t.Errorf("before its day %.80s", now.Version)
	}
	if coming := want[api.TermsResponse](s.client(), 200, "GET", "/terms?version=2027-04-01", nil); coming.En != "## Terms\n\ntext\n" {
		t.Errorf("coming %+v", coming)
	}

	days.turnTo(t, "2027-04-01")
	for _, accept := range []string{"", account.TermsVersion} {
		if p := want[api.Problem](s.client(), 403, "POST", "/auth/login", login(accept)); p.Code != "terms_changed" || p.TermsVersion != "2027-04-01" {
			t.Errorf("accepting %q: %+v", accept, p)
		}
	}
	if p := want[api.Problem](s.client(), 422, "POST", "/auth/register", signUp("new@example.jp", "")); p.Errors[0].Field != "accept_terms" {
		t.Errorf("registering with the old ones: %+v", p)
	}
	want[object](s.client(), 200, "POST", "/auth/login", login("2027-04-01"))
	want[object](s.client(), 200, "POST", "/auth/login", login(""))
	if got := one[string](s, `select terms_version from accounts where email = 'me@example.jp'`); got != "2027-04-01" {
		t.Errorf("accepted %s", got)
	}
	if got := want[api.ServiceResponse](s.client(), 200, "GET", "/service", nil).TermsVersion; got != "2027-04-01" {
		t.Errorf("the service says %s", got)
	}
	if old := want[api.TermsResponse](s.client(), 200, "GET", "/terms?version="+account.TermsVersion, nil); old.Current != "2027-04-01" || !strings.Contains(old.Ja, "##") {
		t.Errorf("the old ones %.80v", old)
	}
	want[api.Problem](s.client(), 404, "GET", "/terms?version=2027-04-02", nil)
}

func TestTermsThatCannotBePublishedAreRefused(t *testing.T) {
	t.Parallel()
	days := &calendar{}
	s := newSystem(t, func(c *api.Config, _ *api.Deps) { c.Now = days.now })
	days.turnTo(t, "2027-03-30")
	operator := s.operator()
	want[object](operator, 201, "POST", "/operator/terms", object{"version": "2027-04-02", "ja": "あ", "en": "a"})
	for what, c := range map[string]struct {
		body  object
		fault string
	}{
		"no day":      {object{"version": "soon", "ja": "あ", "en": "a"}, "version malformed"},
		"no such day": {object{"version": "2027-02-30", "ja": "あ", "en": "a"}, "version malformed"},
		"past":        {object{"version": "2027-03-29", "ja": "あ", "en": "a"}, "version out_of_range"},
		"far away":    {object{"version": "2028-04-10", "ja": "あ", "en": "a"}, "version out_of_range"},
		"the same":    {object{"version": "2027-04-02", "ja": "い", "en": "a"}, "version not_newer"},
		"before it":   {object{"version": "2027-04-01", "ja": "い", "en": "a"}, "version not_newer"},
		"half":        {object{"version": "2027-04-03", "ja": " \n", "en": "a"}, "ja required"},
		"too long":    {object{"version": "2027-04-03", "ja": "あ", "en": strings.Repeat("a", 15_001)}, "en too_long"},
		"control":     {object{"version": "2027-04-03", "ja": "あ", "en": "a\u0007"}, "en malformed"},
	} {
		p := want[api.Problem](operator, 422, "POST", "/operator/terms", c.body)
		if len(p.Errors) != 1 || p.Errors[0].Field+" "+p.Errors[0].Code != c.fault {
			t.Errorf("%s: %+v", what, p.Errors)
		}
	}
	if got := want[api.TermsResponse](s.client(), 200, "GET", "/terms", nil).Versions; len(got) != 2 {
		t.Errorf("versions %v", got)
	}
}
