package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hinomi-watch/hinomi/backend/internal/api"
)

func (s *system) idOf(email string) int64 {
	s.t.Helper()
	return one[int64](s, `select id from accounts where email = $1`, email)
}

func TestOperatorsFindAndShutOutAccounts(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	operator := s.operator()
	me := s.user("taro@example.jp")
	mine := me.own(1)
	token := want[api.NewAPITokenResponse](me, 201, "POST", "/me/tokens", object{"name": "script", "scopes": []string{"read"}})
	script := s.client()
	script.bearer = token.Token
	want[object](script, 200, "GET", "/me", nil)

	list := want[api.AccountList](operator, 200, "GET", "/operator/accounts?q=TARO&role=user&disabled=0", nil)
	if len(list.Items) != 1 || list.Items[0].Targets != 1 || list.Items[0].LastSeenAt == nil || list.Items[0].DisabledAt != nil {
		t.Fatalf("%+v", list)
	}
	id := list.Items[0].ID
	shut := want[api.AccountResponse](operator, 200, "PATCH", path("/operator/accounts/%d", id), object{"disabled": true})
	if shut.DisabledAt == nil || shut.Email != "taro@example.jp" {
		t.Errorf("%+v", shut)
	}
	// At once: nobody waits for the second in which a session is believed.
	want[api.Problem](me, 401, "GET", "/targets", nil)
	want[api.Problem](script, 401, "GET", "/targets", nil)
	if p := want[api.Problem](s.client(), 403, "POST", "/auth/login", object{"email": "taro@example.jp", "password": password}); p.Code != "account_disabled" {
		t.Errorf("%+v", p)
	}
	want[api.AccountResponse](operator, 200, "PATCH", path("/operator/accounts/%d", id), object{"disabled": false})
	me.login("taro@example.jp")
	if m := want[api.MonitorResponse](me, 200, "GET", path("/monitors/%d", mine.monitor), nil); m.State != "active" {
		t.Errorf("%+v", m)
	}
	want[object](script, 200, "GET", "/me", nil)

	log := want[api.AuditList](me, 200, "GET", "/me/audit", nil)
	var told []string
	for _, e := range log.Items {
		if e.Actor == "operator" {
			told = append(told, e.Action+" "+*e.Detail)
		}
	}
	if got := strings.Join(told, "; "); got != "updateAccount enabled; updateAccount disabled" {
		t.Errorf("the account is told %q", got)
	}
}

func TestOperatorsGiveTheRoleAndOneStays(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	operator := s.operator()
	me := s.user("taro@example.jp")
	first, second := path("/operator/accounts/%d", s.idOf("operator@example.jp")), path("/operator/accounts/%d", s.idOf("taro@example.jp"))
	for _, body := range []object{{"role": "user"}, {"disabled": true}} {
		if p := want[api.Problem](operator, 409, "PATCH", first, body); p.Code != "last_operator" {
			t.Errorf("%v: %+v", body, p)
		}
	}
	want[api.Problem](me, 403, "GET", "/operator/accounts", nil)
	want[api.AccountResponse](operator, 200, "PATCH", second, object{"role": "operator"})
	want[api.AccountList](me, 200, "GET", "/operator/accounts", nil)
	want[api.AccountResponse](me, 200, "PATCH", first, object{"role": "user"})
	want[api.Problem](operator, 403, "GET", "/operator/accounts", nil)
	for _, body := range []object{{"role": ""}, {"role": "admin"}, {"disabled": "yes"}, {"email": "x@example.jp"}, {"verified_at": nil}} {
		want[api.Problem](me, 422, "PATCH", first, body)
	}
	want[api.Problem](me, 404, "PATCH", "/operator/accounts/999999", object{"disabled": true})
	want[api.Problem](me, 404, "GET", "/operator/accounts/x", nil)
	want[api.Problem](me, 422, "GET", "/operator/accounts?role=admin", nil)
}

func TestWhoLooksAtAnAccountReadsAndChangesNothing(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	operator := s.operator()
	me := s.user("taro@example.jp")
	mine := me.own(1)
	id := s.idOf("taro@example.jp")
	for _, body := range []object{{"reason": " "}, {}, {"reason": strings.Repeat("x", 301)}} {
		want[api.Problem](operator, 422, "POST", path("/operator/accounts/%d/open", id), body)
	}
	want[api.Problem](operator, 404, "POST", "/operator/accounts/999999/open", object{"reason": "asked by phone"})
	want[api.Problem](me, 403, "POST", path("/operator/accounts/%d/open", id), object{"reason": "asked by phone"})
	want[api.Problem](operator, 404, "GET", path("/monitors/%d", mine.monitor), nil) // without it nothing is seen

	look := s.client()
	look.bearer = want[api.OpenAccountResponse](operator, 201, "POST", path("/operator/accounts/%d/open", id), object{"reason": "asked by phone"}).AccessToken
	if m := want[api.MonitorResponse](look, 200, "GET", path("/monitors/%d", mine.monitor), nil); m.ID != mine.monitor {
		t.Errorf("%+v", m)
	}
	if got := want[api.MeResponse](look, 200, "GET", "/me", nil); got.Email != "taro@example.jp" || got.Role != "user" {
		t.Errorf("%+v", got)
	}
	before := me.all()
	for _, r := range s.server.Routes() {
		name, inside := strings.CutPrefix(r.Path, "/api/v1")
		route := r.Method + " " + name
		m := matrix()[route]
		if !inside || m.open || r.Method == http.MethodGet && !strings.HasPrefix(name, "/operator") && !personal(route) {
			continue
		}
		c := m.plain
		if m.names != nil {
			c = m.names(mine)
		}
		if status, body := look.do(r.Method, "/api/v1"+c.path, c.body); status != 403 || !strings.Contains(string(body), "read_only") {
			t.Errorf("%s: %d %s", route, status, body)
		}
	}
	if after := me.all(); after != before {
		t.Errorf("before\n%s\nafter\n%s", before, after)
	}
	log := want[api.AuditList](me, 200, "GET", "/me/audit", nil)
	if e := log.Items[0]; e.Actor != "operator" || e.Action != "openAccount" || *e.Detail != "asked by phone" || e.Address != nil {
		t.Errorf("the account is told %+v", e)
	}
	want[object](look, 204, "POST", "/auth/logout", nil)
	want[object](operator, 200, "GET", "/operator/accounts", nil) // his own session goes on
	want[object](operator, 204, "POST", "/auth/logout", nil)
	want[api.Problem](look, 401, "GET", "/monitors", nil)
}

// personal are the routes that only the account itself reads.
func personal(route string) bool {
	switch route {
	case "GET /me/export", "GET /me/sessions", "GET /me/tokens", "GET /me/totp", "GET /me/audit":
		return true
	}
	return false
}
