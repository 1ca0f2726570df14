package api_test

import (
	"bytes"
	"encoding/base32"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/api"
)

// newTOTP begins to set a second factor up.
func (c *client) newTOTP() (secret []byte) {
	c.s.t.Helper()
	made := want[api.TOTPSecretResponse](c, 200, "POST", "/me/totp", object{"password": password})
	secret, err := base32.StdEncoding.DecodeString(made.Secret)
	if err != nil {
		c.s.t.Fatal(err)
	}
	return secret
}

// secondFactor turns one on.
func (c *client) secondFactor() (secret []byte, recovery []string) {
	c.s.t.Helper()
	secret = c.newTOTP()
	return secret, want[api.RecoveryCodesResponse](c, 200, "POST", "/me/totp/enable", object{"code": account.TOTP(secret, time.Now())}).RecoveryCodes
}

func TestASecondFactorFromSetUpToSignIn(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.operator()
	me := s.user("me@example.jp")
	secret, codes := me.secondFactor()
	if kept := one[[]byte](s, `select secret from second_factors`); bytes.Contains(kept, secret) || bytes.Contains(kept, []byte(account.TOTPSecretText(secret))) {
		t.Error("the database tells the secret")
	}
	login := func(key, value string) object {
		return object{"email": "me@example.jp", "password": password, key: value}
	}
	phone := s.client()
	want[object](phone, 401, "POST", "/auth/login", login("totp", ""))
	want[object](phone, 200, "POST", "/auth/login", login("recovery_code", codes[0]))
	want[object](phone, 401, "POST", "/auth/login", login("recovery_code", codes[0]))
	fast := account.TOTP(secret, time.Now().Add(30*time.Second)) // the step that turned it on is spent
	want[object](phone, 200, "POST", "/auth/login", login("totp", fast))
	want[object](phone, 401, "POST", "/auth/login", login("totp", fast))
	if state := want[api.TOTPResponse](me, 200, "GET", "/me/totp", nil); !state.Enabled || state.RecoveryCodesLeft != 9 {
		t.Errorf("%+v", state)
	}
	want[object](me, 204, "POST", "/me/totp/disable", object{"password": password, "recovery_code": codes[1]})
	want[object](phone, 200, "POST", "/auth/login", login("totp", ""))
}
