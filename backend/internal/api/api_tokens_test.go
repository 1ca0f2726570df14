package api

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// apiToken makes an API token of an account and gives it as scripts send it.
func (a *app) apiToken(accountID int64, scopes ...account.Scope) string {
	a.t.Helper()
	secret := account.NewAPISecret()
	_, err := a.f.CreateAPIToken(a.t.Context(), account.NewAPIToken{AccountID: accountID, Name: "script", Hash: secret.Hash, Scopes: scopes})
	if err != nil {
		a.t.Fatal(err)
	}
	return secret.Raw
}

func makeToken(body string) request { return request{method: "POST", path: "/me/tokens", body: body} }

func TestAnAPITokenIsShownOnceAndSignsIn(t *testing.T) {
	a := newApp(t)
	var made NewAPITokenResponse
	w := a.ok(201, makeToken(`{"name":" deploy ","scopes":["targets:read","contacts:read"],"expires_at":"2026-11-23T00:00:00+09:00"}`), &made)
	if w.Header().Get("Cache-Control") != "no-store" || !strings.HasPrefix(made.Token, made.Prefix) || made.Name != "deploy" || made.LastUsedAt != nil ||
		made.ExpiresAt == nil || !made.ExpiresAt.Equal(time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v, %q", made, w.Header())
	}
	list := a.ok(200, request{method: "GET", path: "/me/tokens"}, nil).Body.String()
	if strings.Contains(list, made.Token) || strings.Contains(list, made.Token[9:]) || !strings.Contains(list, `"prefix":"`+made.Prefix+`"`) {
		t.Errorf("listed %s", list)
	}
	for path, status := range map[string]int{"/targets": 200, "/contacts": 200, "/status": 403, "/me": 403} {
		if w := a.do(request{method: "GET", path: path, bearer: made.Token}); w.Code != status {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	a.refused(404, "not_found", request{method: "DELETE", path: fmt.Sprintf("/me/tokens/%d", made.ID), bearer: a.other})
	a.ok(204, request{method: "DELETE", path: fmt.Sprintf("/me/tokens/%d", made.ID)}, nil)
	a.refused(401, "unauthenticated", request{method: "GET", path: "/targets", bearer: made.Token}) // at once, though it was cached
}

func TestBadRequestsForAPITokensAreRefused(t *testing.T) {
	a := newApp(t)
	for body, fault := range map[string][2]string{
		`{"scopes":["read"]}`:                                           {"name", "required"},
		`{"name":"  ","scopes":["read"]}`:                               {"name", "required"},
		`{"name":"a\u0007","scopes":["read"]}`:                          {"name", "malformed"},
		`{"name":"` + strings.Repeat("あ", 101) + `","scopes":["read"]}`: {"name", "too_long"},
		`{"name":"n"}`:                                                                 {"scopes", "required"},
		`{"name":"n","scopes":[]}`:                                                     {"scopes", "required"},
		`{"name":"n","scopes":["admin"]}`:                                              {"scopes", "not_one_of"},
		`{"name":"n","scopes":[""]}`:                                                   {"scopes", "not_one_of"},
		`{"name":"n","scopes":["open"]}`:                                               {"scopes", "not_one_of"},
		`{"name":"n","scopes":["read","read"]}`:                                        {"scopes", "repeated"},
		`{"name":"n","scopes":"read"}`:                                                 {"scopes", "wrong_type"},
		`{"name":"n","scopes":["read"],"expires_at":"tomorrow"}`:                       {"expires_at", "malformed"},
		`{"name":"n","scopes":["read"],"expires_at":"2026-11-22T12:00:00Z"}`:           {"expires_at", "out_of_range"},
		`{"name":"n","scopes":["read"],"expires_at":"9999-12-31T23:59:59-01:00"}`:      {"expires_at", "malformed"},
		`{"name":"n","scopes":["read"],"account_id":2}`:                                {"account_id", "unknown_field"},
		`{"name":"n","scopes":["read"],"token":"hnm_` + strings.Repeat("A", 43) + `"}`: {"token", "unknown_field"},
	} {
		if p := a.refused(422, "invalid_input", makeToken(body)); !p.has(fault[0], fault[1]) {
			t.Errorf("%s: %+v", body, p.Errors)
		}
	}
	a.ok(201, makeToken(`{"name":"`+strings.Repeat("あ", 100)+`","scopes":["read"],"expires_at":null}`), nil)
}

func TestAnAPITokenIsAskedAboutOncePerSecondAndExpiresToTheMoment(t *testing.T) {
	a := newApp(t)
	secret := account.NewAPISecret()
	_, err := a.f.CreateAPIToken(t.Context(), account.NewAPIToken{
		AccountID: 2, Hash: secret.Hash, Scopes: []account.Scope{account.ScopeRead}, ExpiresAt: a.f.now.Add(time.Millisecond),
	})
	if err != nil {
		t.Fatal(err)
	}
	get := request{method: "GET", path: "/me", bearer: secret.Raw}
	for range 5 {
		a.ok(200, get, nil)
	}
	if a.f.asked != 1 {
		t.Errorf("asked %d times", a.f.asked)
	}
	a.f.now = a.f.now.Add(time.Millisecond)
	a.refused(401, "unauthenticated", get)
}

func TestAnAPITokenOfADisabledAccountIsGoodForASecondAtMost(t *testing.T) {
	a := newApp(t)
	get := request{method: "GET", path: "/me", bearer: a.apiToken(2, account.ScopeRead)}
	a.ok(200, get, nil)
	a.f.accounts[1].DisabledAt = a.f.now
	a.f.now = a.f.now.Add(believeSession)
	a.refused(401, "unauthenticated", get)
}

func TestAnOperatorsAPITokenOperatesNothing(t *testing.T) {
	a := newApp(t)
	raw := a.apiToken(1, account.Scopes()...)
	a.refused(403, "scope_missing", request{method: "GET", path: "/operator/mails", bearer: raw})
	lines := a.ok(200, request{method: "GET", path: "/lines", bearer: raw}, nil).Body.String()
	if strings.Contains(lines, "ppp0") || !strings.Contains(a.ok(200, request{method: "GET", path: "/lines"}, nil).Body.String(), "ppp0") {
		t.Errorf("lines as an operator's script sees them: %s", lines)
	}
}

func TestAllBadAPITokensLookTheSame(t *testing.T) {
	a := newApp(t)
	good := a.apiToken(1, account.Scopes()...)
	var answers []string
	for _, raw := range []string{account.NewAPISecret().Raw, "hnm_", "hnm_x", good + "A", good[:46], "hnm_" + strings.Repeat("-", 43), "hnm_" + strings.Repeat("a", 9000)} {
		a.refused(401, "unauthenticated", request{method: "GET", path: "/me", bearer: raw})
		answers = append(answers, a.do(request{method: "GET", path: "/me", bearer: raw}).Body.String())
	}
	for _, answer := range answers {
		if answer != answers[0] {
			t.Errorf("they differ: %q", answers)
		}
	}
	a.refused(401, "unauthenticated", request{method: "GET", path: "/me", bearer: strings.ToUpper(good[:4]) + good[4:]})
	a.refused(401, "unauthenticated", request{method: "POST", path: "/auth/refresh", bearer: good})
}

func TestAPITokensAreInNoLogAndNoError(t *testing.T) {
	a := newApp(t)
	var log bytes.Buffer
	a.server.log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	raw := a.apiToken(1, account.ScopeContactsRead)
	answers := ""
	ask := func(r request) {
		r.bearer = raw
		answers += a.do(r).Body.String()
	}
	ask(request{method: "GET", path: "/targets"})
	ask(request{method: "GET", path: "/contacts?token=" + raw})
	ask(request{method: "GET", path: "/monitors/" + raw})
	for _, err := range []error{errors.New("pq: broken"), fmt.Errorf("use: %w", uptime.ErrUnavailable)} {
		a.f.now = a.f.now.Add(time.Minute)
		a.f.err = err
		ask(request{method: "GET", path: "/contacts"})
	}
	if !strings.Contains(log.String(), "pq: broken") {
		t.Fatalf("nothing was logged: %s", log.String())
	}
	for _, text := range []string{log.String(), answers} {
		if strings.Contains(text, raw) || strings.Contains(text, raw[8:]) {
			t.Errorf("the token is in %s", text)
		}
	}
}
