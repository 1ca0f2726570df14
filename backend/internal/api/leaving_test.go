package api

import (
	"fmt"
	"testing"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

func TestTheSignInAddressChangesForWhoKnowsThePassword(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ask := func(address, password string) request {
		return request{method: "POST", path: "/me/email", bearer: a.other, body: fmt.Sprintf(`{"new_email":%q,"password":%q}`, address, password)}
	}
	a.refused(422, "password_wrong", ask("new@example.jp", "a guess at it"))
	for address, code := range map[string]string{"nobody": "malformed", "user@example.jp": "same"} {
		if p := a.refused(422, "invalid_input", ask(address, testPassword)); !p.has("new_email", code) {
			t.Errorf("%s: %+v", address, p.Errors)
		}
	}
	a.ok(202, ask("new@example.jp", testPassword), nil)
	fresh := a.f.sent[0]
	taken := a.ok(202, ask("operator@example.jp", testPassword), nil)
	if taken.Body.Len() != 0 || len(a.f.sent) != 1 {
		t.Errorf("of a taken address: %s, %d mails", taken.Body, len(a.f.sent))
	}
	code := func(bearer, code string) request {
		return request{method: "POST", path: "/me/email/code", bearer: bearer, body: fmt.Sprintf(`{"code":%q}`, code)}
	}
	a.refused(422, "code_wrong", code(a.other, otherCode(fresh.Raw)))
	a.refused(422, "code_wrong", code("", account.CodeOf(fresh.Raw))) // another account
	a.ok(204, code(a.other, account.CodeOf(fresh.Raw)), nil)
	var me MeResponse
	a.ok(200, request{method: "GET", path: "/me", bearer: a.other}, &me)
	if me.Email != "new@example.jp" {
		t.Errorf("me %+v", me)
	}
	a.refused(422, "token_invalid", post("/me/email/confirm", fmt.Sprintf(`{"token":%q}`, fresh.Raw)))
	a.ok(202, ask("newer@example.jp", testPassword), nil)
	a.ok(204, post("/me/email/confirm", fmt.Sprintf(`{"token":%q}`, a.f.sent[1].Raw)), nil)
	a.ok(200, post("/auth/login", loginBody("newer@example.jp", testPassword)), nil)
}

func TestNewAddressesAreMailedFiveTimesADay(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	for i := range 6 {
		r := request{method: "POST", path: "/me/email", body: fmt.Sprintf(`{"new_email":"n%d@example.jp","password":%q}`, i, testPassword)}
		if i < 5 {
			a.ok(202, r, nil)
		} else {
			a.refused(429, "too_many_requests", r)
		}
	}
}

func TestAnAccountGoesWithItsPasswordOnly(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	leave := func(bearer, password string) request {
		return request{method: "DELETE", path: "/me", bearer: bearer, body: fmt.Sprintf(`{"password":%q}`, password)}
	}
	a.refused(422, "password_wrong", leave(a.other, "a guess at it"))
	a.refused(409, "last_operator", leave("", testPassword))
	w := a.ok(204, leave(a.other, testPassword), nil)
	if c := w.Result().Cookies(); len(c) != 1 || c[0].MaxAge >= 0 {
		t.Errorf("cookies %+v", c)
	}
	a.refused(401, "unauthenticated", request{method: "GET", path: "/me", bearer: a.other})
	a.refused(401, "invalid_credentials", post("/auth/login", loginBody("user@example.jp", testPassword)))
	a.ok(200, request{method: "GET", path: "/me"}, nil)
}
