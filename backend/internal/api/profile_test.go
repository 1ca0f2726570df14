package api

import (
	"fmt"
	"testing"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

func passwordBody(current, next string) string {
	return fmt.Sprintf(`{"current_password":%q,"new_password":%q}`, current, next)
}

func TestAChangedPasswordEndsAllOtherSessionsAtOnce(t *testing.T) {
	a := newApp(t)
	const next = "another horse, another battery"
	login := func(password string) request {
		return request{method: "POST", path: "/auth/login", bearer: "-", body: loginBody("operator@example.jp", password)}
	}
	var elsewhere TokenResponse
	cookie := refreshOf(t, a.ok(200, login(testPassword), &elsewhere))
	a.ok(200, request{method: "GET", path: "/me", bearer: elsewhere.AccessToken}, nil) // is cached
	a.ok(204, request{method: "POST", path: "/me/password", body: passwordBody(testPassword, next)}, nil)

	a.refused(401, "unauthenticated", request{method: "GET", path: "/me", bearer: elsewhere.AccessToken})
	a.refused(401, "unauthenticated", request{method: "POST", path: "/auth/refresh", bearer: "-", cookie: cookie})
	a.ok(200, request{method: "GET", path: "/me"}, nil)                  // the one that changed it
	a.ok(200, request{method: "GET", path: "/me", bearer: a.other}, nil) // another account's
	a.refused(401, "invalid_credentials", login(testPassword))
	a.ok(200, login(next), nil)
}

func TestThePasswordChangesOnlyForWhoKnowsIt(t *testing.T) {
	a := newApp(t)
	change := func(current, next string) request {
		return request{method: "POST", path: "/me/password", body: passwordBody(current, next)}
	}
	for next, code := range map[string]string{"short": "too_short", "password1": "too_weak", "operator@example.jp": "too_weak"} {
		if p := a.refused(422, "invalid_input", change(testPassword, next)); !p.has("new_password", code) {
			t.Errorf("%q: %+v", next, p.Errors)
		}
	}
	for range 5 {
		a.refused(422, "password_wrong", change("a guess", "another horse, another battery"))
	}
	p := change(testPassword, "another horse, another battery")
	a.refused(429, "too_many_requests", p)
	p.bearer = a.other // is not kept from its own
	a.ok(204, p, nil)
}

func TestAProfileTakesLanguageAndZoneOnly(t *testing.T) {
	a := newApp(t)
	var me MeResponse
	a.ok(200, request{method: "PATCH", path: "/me", body: `{"locale":"en","time_zone":"Europe/London"}`}, &me)
	if me.Locale != "en" || me.TimeZone != "Europe/London" {
		t.Errorf("answered %+v", me)
	}
	a.ok(200, request{method: "GET", path: "/me"}, &me)
	if me.Locale != "en" || me.TimeZone != "Europe/London" {
		t.Errorf("kept %+v", me)
	}
	p := a.refused(422, "invalid_input", request{method: "PATCH", path: "/me", body: `{"locale":"fr","time_zone":"Mars/Base"}`})
	if !p.has("locale", "not_one_of") || !p.has("time_zone", "not_one_of") {
		t.Errorf("errors %+v", p.Errors)
	}
	for _, field := range []string{"role", "id", "email", "verified_at", "disabled_at", "created_at", "terms_version", "password_hash", "account_id"} {
		p := a.refused(422, "invalid_input", request{method: "PATCH", path: "/me", bearer: a.other, body: fmt.Sprintf(`{"locale":"ja",%q:"operator"}`, field)})
		if !p.has(field, "unknown_field") {
			t.Errorf("%s: %+v", field, p.Errors)
		}
	}
}

func TestASessionIsListedAndRevokedByItsOwner(t *testing.T) {
	a := newApp(t)
	var elsewhere TokenResponse
	a.ok(200, request{method: "POST", path: "/auth/login", bearer: "-", body: loginBody("operator@example.jp", testPassword)}, &elsewhere)
	a.ok(200, request{method: "GET", path: "/me", bearer: elsewhere.AccessToken}, nil) // is cached
	var list SessionList
	a.ok(200, request{method: "GET", path: "/me/sessions"}, &list)
	current, id := 0, ""
	for _, s := range list.Items {
		if s.Current {
			current++
		} else {
			id = s.ID
		}
	}
	if len(list.Items) != 2 || current != 1 {
		t.Fatalf("sessions %+v", list.Items)
	}
	revoke := request{method: "DELETE", path: "/me/sessions/" + id}
	for _, nobodys := range []string{account.NewID(), "1", "not-a-uuid"} {
		a.refused(404, "not_found", request{method: "DELETE", path: "/me/sessions/" + nobodys})
	}
	revoke.bearer = a.other
	a.refused(404, "not_found", revoke)
	revoke.bearer = ""
	a.ok(204, revoke, nil)
	a.refused(401, "unauthenticated", request{method: "GET", path: "/me", bearer: elsewhere.AccessToken})
	a.refused(404, "not_found", revoke)
	a.ok(200, request{method: "GET", path: "/me"}, nil)
}
