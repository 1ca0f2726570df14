package api_test

import (
	"strings"
	"testing"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

func TestACodeAndAForgottenPasswordWorkInTheRealDatabase(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.operator()
	c := s.client()
	c.register("taro@example.jp", "")
	code := account.CodeOf(s.mailed("account", "taro@example.jp"))
	want[object](c, 200, "POST", "/auth/verify", object{"email": "Taro@example.jp", "code": code})
	want[object](c, 422, "POST", "/auth/verify", object{"email": "taro@example.jp", "code": code})
	c.login("taro@example.jp")

	want[object](c, 202, "POST", "/auth/password/forgot", object{"email": "taro@example.jp"})
	want[object](c, 202, "POST", "/auth/password/forgot", object{"email": "nobody@example.jp"})
	code = account.CodeOf(s.mailed("reset", "taro@example.jp"))
	const next = "another horse, another battery"
	want[object](c, 204, "POST", "/auth/password/reset", object{"email": "taro@example.jp", "code": code, "new_password": next})
	want[object](c, 401, "GET", "/me", nil)
	want[object](c, 401, "POST", "/auth/login", object{"email": "taro@example.jp", "password": password})
	want[object](c, 200, "POST", "/auth/login", object{"email": "taro@example.jp", "password": next})

	// Who registers it again learns nothing, and the owner is told.
	stranger := s.client()
	stranger.register("taro@example.jp", "")
	if n := one[int](s, `select count(*) from mails where kind = 'exists' and email = 'taro@example.jp'`); n != 1 {
		t.Errorf("%d mails", n)
	}
	if status, body := stranger.do("POST", "/api/v1/auth/login", object{"email": "taro@example.jp", "password": password}); status != 401 || !strings.Contains(string(body), "invalid_credentials") {
		t.Errorf("%d %s", status, body)
	}
}
