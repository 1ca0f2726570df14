package api_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/api"
)

// Who may call what, and with whose ids. The matrix is held against the
// router's own list: a new route without a row fails, and so does a row without
// a route.

// things are the ids that a request can name.
type things struct{ target, monitor, contact, apiToken int64 }

// strange ids are nobody's.
var strange = things{target: 999_999_901, monitor: 999_999_902, contact: 999_999_903, apiToken: 999_999_904}

// call is a request that names things.
type call struct {
	path string // below /api/v1
	body any
}

// rule says of one route who may call it.
type rule struct {
	open     bool              // needs no account
	operator bool              // an ordinary account is refused whatever it names
	names    func(things) call // nil if it names nothing
	plain    call              // if it names nothing; open routes are only counted
	ok       int               // with one's own things
}

func target(format string) func(things) call {
	return func(t things) call { return call{path: fmt.Sprintf(format, t.target)} }
}

func monitor(format string) func(things) call {
	return func(t things) call { return call{path: fmt.Sprintf(format, t.monitor)} }
}

func contact(format string) func(things) call {
	return func(t things) call { return call{path: fmt.Sprintf(format, t.contact)} }
}

func apiToken(format string) func(things) call {
	return func(t things) call { return call{path: fmt.Sprintf(format, t.apiToken)} }
}

func with(f func(things) call, body object) func(things) call {
	return func(t things) call {
		c := f(t)
		c.body = body
		return c
	}
}

func matrix() map[string]rule {
	words := object{"label": "mine", "notes": "n"}
	return map[string]rule{
		"POST /auth/register": {open: true}, "POST /auth/verify": {open: true}, "POST /auth/resend": {open: true},
		"POST /auth/login": {open: true}, "POST /auth/refresh": {open: true}, "POST /auth/logout": {open: true},
		"POST /auth/password/forgot": {open: true}, "POST /auth/password/reset": {open: true},
		"POST /contacts/verify": {open: true}, "GET /unsubscribe/:token": {open: true}, "POST /unsubscribe/:token": {open: true}, "GET /terms": {open: true}, "GET /service": {open: true},
		"GET /report/links/:token": {open: true},

		"GET /me":                        {plain: call{path: "/me"}, ok: 200},
		"PATCH /me":                      {plain: call{"/me", object{"time_zone": "Asia/Tokyo"}}, ok: 200},
		"POST /me/password":              {plain: call{"/me/password", object{"current_password": "another", "new_password": "a b c d e f g"}}, ok: 422},
		"POST /me/email":                 {plain: call{"/me/email", object{"new_email": "new@example.jp", "password": "another"}}, ok: 422},
		"POST /me/email/confirm":         {open: true},
		"POST /me/email/code":            {plain: call{"/me/email/code", object{"code": "x"}}, ok: 422},
		"DELETE /me":                     {plain: call{"/me", object{"password": "another"}}, ok: 422},
		"GET /me/export":                 {plain: call{path: "/me/export"}, ok: 200},
		"GET /me/sessions":               {plain: call{path: "/me/sessions"}, ok: 200},
		"DELETE /me/sessions/:id":        {plain: call{path: "/me/sessions/00000000-0000-4000-8000-000000000000"}, ok: 404}, // others': profile_test.go
		"GET /me/totp":                   {plain: call{path: "/me/totp"}, ok: 200},
		"POST /me/totp":                  {plain: call{"/me/totp", object{"password": password}}, ok: 200},
		"POST /me/totp/enable":           {plain: call{"/me/totp/enable", object{"code": "no code"}}, ok: 422},
		"POST /me/totp/disable":          {plain: call{"/me/totp/disable", object{"password": password, "code": "no code"}}, ok: 422},
		"POST /me/totp/recovery":         {plain: call{"/me/totp/recovery", object{"password": password, "code": "no code"}}, ok: 422},
		"GET /me/tokens":                 {plain: call{path: "/me/tokens"}, ok: 200},
		"POST /me/tokens":                {plain: call{"/me/tokens", object{"name": "n", "scopes": []string{"read"}}}, ok: 201},
		"DELETE /me/tokens/:id":          {names: apiToken("/me/tokens/%d"), ok: 204},
		"GET /contacts":                  {plain: call{path: "/contacts"}, ok: 200},
		"POST /contacts":                 {plain: call{"/contacts", object{"email": "new@example.jp"}}, ok: 201},
		"DELETE /contacts/:id":           {names: contact("/contacts/%d"), ok: 204},
		"POST /contacts/:id/verify":      {names: with(contact("/contacts/%d/verify"), object{"code": "x"}), ok: 422},
		"POST /contacts/:id/resend":      {names: contact("/contacts/%d/resend"), ok: 204},
		"PATCH /contacts/:id":            {names: with(contact("/contacts/%d"), object{"locale": "en"}), ok: 200},
		"POST /contacts/:id/test":        {names: contact("/contacts/%d/test"), ok: 409}, // one that was never confirmed
		"GET /contacts/:id/mails":        {names: contact("/contacts/%d/mails"), ok: 200},
		"POST /contacts/:id/resubscribe": {names: contact("/contacts/%d/resubscribe"), ok: 409}, // one that was never confirmed

		"GET /targets":              {plain: call{path: "/targets"}, ok: 200},
		"POST /targets":             {plain: call{"/targets", object{"host": "new.example.jp", "services": []string{"dns"}, "owned": true}}, ok: 201},
		"GET /targets/:id":          {names: target("/targets/%d"), ok: 200},
		"PATCH /targets/:id":        {names: with(target("/targets/%d"), words), ok: 200},
		"DELETE /targets/:id":       {names: target("/targets/%d"), ok: 204},
		"POST /targets/:id/resume":  {names: target("/targets/%d/resume"), ok: 200},
		"GET /monitors":             {plain: call{path: "/monitors"}, ok: 200},
		"POST /monitors":            {names: func(t things) call { return call{"/monitors", object{"target_id": t.target, "service": "dns"}} }, ok: 201},
		"POST /monitors/resume":     {names: func(t things) call { return call{"/monitors/resume", object{"ids": []int64{t.monitor}}} }, ok: 200},
		"GET /monitors/:id":         {names: monitor("/monitors/%d"), ok: 200},
		"PATCH /monitors/:id":       {names: with(monitor("/monitors/%d"), words), ok: 200},
		"DELETE /monitors/:id":      {names: monitor("/monitors/%d"), ok: 204},
		"POST /monitors/:id/pause":  {names: monitor("/monitors/%d/pause"), ok: 200},
		"POST /monitors/:id/resume": {names: monitor("/monitors/%d/resume"), ok: 200},
		"POST /monitors/:id/probe":  {names: monitor("/monitors/%d/probe"), ok: 200},

		"POST /targets/ask":                  {plain: call{"/targets/ask", object{"host": "abroad.example.com", "note": "n"}}, ok: 202},
		"GET /operator/targets/allow":        {operator: true, plain: call{path: "/operator/targets/allow"}},
		"POST /operator/targets/allow":       {operator: true, plain: call{"/operator/targets/allow", object{"host": "abroad.example.com"}}},
		"DELETE /operator/targets/allow/:id": {operator: true, plain: call{path: "/operator/targets/allow/1"}},
		"POST /operator/invites":             {operator: true, plain: call{"/operator/invites", object{}}},
		"GET /operator/invites":              {operator: true, plain: call{path: "/operator/invites"}},
		"DELETE /operator/invites/:id":       {operator: true, plain: call{path: "/operator/invites/1"}},
		"GET /operator/requests":             {operator: true, plain: call{path: "/operator/requests"}},
		"DELETE /operator/requests/:id":      {operator: true, plain: call{path: "/operator/requests/1"}},

		"GET /operator/shared-networks":      {operator: true, plain: call{path: "/operator/shared-networks"}},
		"PUT /operator/shared-networks":      {operator: true, plain: call{"/operator/shared-networks", object{"items": []object{}}}},
		"GET /operator/targets":              {operator: true, plain: call{path: "/operator/targets?host=www.example.jp"}},
		"POST /operator/targets/:id/release": {operator: true, plain: call{path: "/operator/targets/1/release"}},
		"POST /targets/:id/proof":            {names: target("/targets/%d/proof"), ok: 200},
		"GET /operator/collisions":           {operator: true, plain: call{path: "/operator/collisions"}},

		"GET /status":                       {plain: call{path: "/status"}, ok: 200},
		"GET /monitors/:id/results":         {names: monitor("/monitors/%d/results"), ok: 200},
		"GET /monitors/:id/report":          {names: monitor("/monitors/%d/report"), ok: 200},
		"GET /monitors/:id/report/download": {names: monitor("/monitors/%d/report/download"), ok: 200},
		"GET /report/download":              {plain: call{path: "/report/download?format=json"}, ok: 200},
		"POST /report/links":                {names: func(t things) call { return call{"/report/links", object{"monitor_id": t.monitor}} }, ok: 201},
		"GET /incidents":                    {names: func(t things) call { return call{path: fmt.Sprintf("/incidents?monitor_id=%d", t.monitor)} }, ok: 200},
		"GET /lines":                        {plain: call{path: "/lines"}, ok: 200},
		"GET /operator/accounts":            {operator: true, plain: call{path: "/operator/accounts"}},
		"GET /operator/accounts/:id":        {operator: true, plain: call{path: "/operator/accounts/1"}},
		"PATCH /operator/accounts/:id":      {operator: true, plain: call{"/operator/accounts/1", object{"role": "operator"}}},
		"POST /operator/accounts/:id/open":  {operator: true, plain: call{"/operator/accounts/1/open", object{"reason": "asked to"}}},
		"GET /operator/accounts/:id/quotas": {operator: true, plain: call{path: "/operator/accounts/1/quotas"}},
		"PUT /operator/accounts/:id/quotas": {operator: true, plain: call{"/operator/accounts/1/quotas", object{"targets": 9}}},
		"GET /operator/mails":               {operator: true, plain: call{path: "/operator/mails"}},
		"POST /operator/mails/:id/retry":    {operator: true, plain: call{path: "/operator/mails/1/retry"}},
		"POST /operator/terms":              {operator: true, plain: call{"/operator/terms", object{}}},
		"POST /operator/stop":               {operator: true, plain: call{path: "/operator/stop"}},
		"POST /operator/resume":             {operator: true, plain: call{path: "/operator/resume"}},
		"GET /operator/lines":               {operator: true, plain: call{path: "/operator/lines"}},
		"GET /operator/settings":            {operator: true, plain: call{path: "/operator/settings"}},
		"PATCH /operator/settings":          {operator: true, plain: call{"/operator/settings", object{"stop_after": 5}}},
		"GET /me/audit":                     {plain: call{path: "/me/audit"}, ok: 200},
		"GET /operator/audit":               {operator: true, plain: call{path: "/operator/audit"}},
	}
}

// outside are the routes below no version of the API: they show nobody's data.
var outside = []string{"/healthz", "/readyz", "/openapi.json", "/docs", "/docs/*file"}

func TestEveryRouteHasItsRowInTheMatrix(t *testing.T) {
	t.Parallel()
	rules := matrix()
	for _, r := range newSystem(t).server.Routes() {
		name, inside := strings.CutPrefix(r.Path, "/api/v1")
		if !inside {
			if !slices.Contains(outside, r.Path) {
				t.Errorf("%s %s is outside the API and not known to be harmless", r.Method, r.Path)
			}
			continue
		}
		if _, ok := rules[r.Method+" "+name]; !ok {
			t.Errorf("%s %s has no row", r.Method, name)
		}
		delete(rules, r.Method+" "+name)
	}
	for name := range rules {
		t.Errorf("%s is in the matrix and not in the router", name)
	}
}

// own makes a target, its monitor, a contact and an API token of an account,
// each new.
func (c *client) own(n int) things {
	c.s.t.Helper()
	made := c.watch(fmt.Sprintf("h%d.example.jp", n), "http")
	person := want[api.ContactResponse](c, 201, "POST", "/contacts", object{"email": fmt.Sprintf("c%d@example.jp", n)})
	token := c.token(n, "read")
	return things{target: made.ID, monitor: made.Monitors[0].ID, contact: person.ID, apiToken: token.ID}
}

// leave deletes the contacts and API tokens that own made: an account has few.
func (c *client) leave() {
	c.s.t.Helper()
	for _, made := range want[api.ContactList](c, 200, "GET", "/contacts", nil).Items {
		if made.VerifiedAt == nil {
			want[object](c, 204, "DELETE", path("/contacts/%d", made.ID), nil)
		}
	}
	for _, made := range want[api.APITokenList](c, 200, "GET", "/me/tokens", nil).Items {
		want[object](c, 204, "DELETE", path("/me/tokens/%d", made.ID), nil)
	}
}

// all is what an account has, as it sees it.
func (c *client) all() (lists string) {
	c.s.t.Helper()
	for _, list := range []string{"/me", "/me/tokens", "/contacts", "/targets", "/monitors", "/incidents", "/status"} {
		_, body := c.do("GET", "/api/v1"+list, nil)
		lists += string(body) + "\n"
	}
	return lists
}

// strangers are callers whom nobody may let in, by what is wrong with them.
func strangers(s *system) map[string]*client {
	s.t.Helper()
	out := s.client()
	gone, late := s.user("gone@example.jp"), s.user("late@example.jp")
	tokens := s.badTokens(late)
	tokens["an API token of a disabled account"] = gone.token(3, account.Scopes()...).Token
	if _, err := s.db.SQL().ExecContext(s.t.Context(), `update accounts set disabled_at = now() where email = 'gone@example.jp'`); err != nil {
		s.t.Fatal(err)
	}
	session := one[string](s, `select s.id from sessions s join accounts a on a.id = s.account_id where a.email = 'late@example.jp'`)
	id := one[int64](s, `select id from accounts where email = 'late@example.jp'`)
	var err error
	if late.bearer, err = s.server.TokenOf(id, session, time.Now().Add(-16*time.Minute)); err != nil {
		s.t.Fatal(err)
	}
	callers := map[string]*client{"no token": out, "a disabled account": gone, "an expired token": late}
	for what, raw := range tokens {
		callers[what] = &client{s: s, web: http.DefaultClient, bearer: raw}
	}
	s.server.ForgetCallers()
	return callers
}

// answer is all that a caller can learn from an answer but the date.
func (s *system) answer(method string, c call, bearer string) string {
	s.t.Helper()
	who := &client{s: s, web: http.DefaultClient, bearer: bearer}
	req, err := who.request(method, "/api/v1"+c.path, c.body)
	if err != nil {
		s.t.Fatal(err)
	}
	w := httptest.NewRecorder()
	s.server.ServeHTTP(w, req)
	w.Header().Del("Date")
	var b strings.Builder
	_ = w.Header().Write(&b)
	return fmt.Sprintf("%d\n%s\n%s", w.Code, b.String(), w.Body)
}

func TestNobodyReachesWhatIsAnothers(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.operator()
	me, other := s.user("me@example.jp"), s.user("other@example.jp")
	theirs := other.own(1)
	before := other.all()
	outsiders := strangers(s)
	n := 1
	for name, r := range matrix() {
		if r.open {
			continue
		}
		method, _, _ := strings.Cut(name, " ")
		c := r.plain
		if r.names != nil {
			n++
			own := me.own(n)
			c = r.names(own)
			foreign, nobodys := s.answer(method, r.names(theirs), me.bearer), s.answer(method, r.names(strange), me.bearer)
			if foreign != nobodys || !strings.HasPrefix(foreign, "404\n") {
				t.Errorf("%s: another's:\n%s\nnobody's:\n%s", name, foreign, nobodys)
			}
		}
		for what, who := range outsiders {
			if got := s.answer(method, c, who.bearer); !strings.HasPrefix(got, "401\n") {
				t.Errorf("%s with %s: %s", name, what, got)
			}
		}
		wanted := fmt.Sprintf("%d\n", r.ok)
		if r.operator {
			wanted = "403\n"
		}
		if got := s.answer(method, c, me.bearer); !strings.HasPrefix(got, wanted) {
			t.Errorf("%s with one's own: %s", name, got)
		}
		me.leave()
	}
	if after := other.all(); after != before {
		t.Errorf("the other account had %s\nand has %s", before, after)
	}
}
