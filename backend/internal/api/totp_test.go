package api

import (
	"encoding/base32"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

// authenticator is what the user has on another device, with the recovery codes.
type authenticator struct {
	a       *app
	secret  []byte
	recover []string
}

// code is shown late after the server's time.
func (d authenticator) code(late time.Duration) string {
	return account.TOTP(d.secret, d.a.f.now.Add(late))
}

// wrong is a code that none of the steps around now has.
func (d authenticator) wrong() string {
	for n := 0; ; n++ {
		code := fmt.Sprintf("%06d", n)
		if _, ok := account.MatchTOTP(d.secret, code, d.a.f.now); !ok {
			return code
		}
	}
}

// secondFactor turns the second factor of the operator (1) on. The code that it
// took is spent; the time moves on to the next.
func (a *app) secondFactor() authenticator {
	a.t.Helper()
	var made TOTPSecretResponse
	a.ok(200, request{method: "POST", path: "/me/totp", body: fmt.Sprintf(`{"password":%q}`, testPassword)}, &made)
	d := authenticator{a: a}
	var err error
	if d.secret, err = base32.StdEncoding.DecodeString(made.Secret); err != nil || len(d.secret) != 20 || !strings.Contains(made.URI, made.Secret) {
		a.t.Fatalf("%+v %v", made, err)
	}
	var codes RecoveryCodesResponse
	a.ok(200, request{method: "POST", path: "/me/totp/enable", body: fmt.Sprintf(`{"code":%q}`, d.code(0))}, &codes)
	d.recover = codes.RecoveryCodes
	a.f.now = a.f.now.Add(time.Minute)
	return d
}

// secondLogin signs the operator in with more than the password.
func secondLogin(key, value string) request {
	body := object{"email": "operator@example.jp", "password": testPassword}
	if key != "" {
		body[key] = value
	}
	text, _ := json.Marshal(body)
	return request{method: "POST", path: "/auth/login", bearer: "-", body: string(text)}
}

type object = map[string]any

func TestASignInNeedsTheSecondFactorOnceItIsOn(t *testing.T) {
	a := newApp(t)
	a.ok(200, secondLogin("", ""), nil)
	d := a.secondFactor()
	if w := a.do(secondLogin("", "")); len(w.Result().Cookies()) != 0 {
		t.Error("a cookie for the password alone")
	}
	a.refused(401, "totp_required", secondLogin("", ""))
	a.refused(401, "totp_required", secondLogin("totp", ""))
	a.refused(401, "totp_wrong", secondLogin("totp", d.wrong()))
	a.ok(200, secondLogin("totp", d.code(0)), nil)
	a.refused(401, "invalid_credentials", request{method: "POST", path: "/auth/login", bearer: "-",
		body: fmt.Sprintf(`{"email":"operator@example.jp","password":"another one","totp":%q}`, d.code(30*time.Second))})
	a.ok(200, request{method: "POST", path: "/auth/login", bearer: "-", body: loginBody("user@example.jp", testPassword)}, nil)
}

func TestACodeIsTakenOnceAndWithinAStep(t *testing.T) {
	a := newApp(t)
	d := a.secondFactor()
	a.refused(401, "totp_wrong", secondLogin("totp", d.code(-time.Minute)))
	a.refused(401, "totp_wrong", secondLogin("totp", d.code(time.Minute)))
	a.ok(200, secondLogin("totp", d.code(0)), nil)
	a.refused(401, "totp_wrong", secondLogin("totp", d.code(0)))
	a.refused(401, "totp_wrong", secondLogin("totp", d.code(-30*time.Second))) // older than the one that was used
	a.ok(200, secondLogin("totp", d.code(30*time.Second)), nil)                // a clock that is fast
	a.f.now = a.f.now.Add(time.Minute)
	a.ok(200, secondLogin("totp", d.code(0)[:3]+" "+d.code(0)[3:]), nil)
}

func TestTheCodeThatTurnedItOnIsSpent(t *testing.T) {
	a := newApp(t)
	d := a.secondFactor()
	a.f.now = a.f.now.Add(-time.Minute)
	a.refused(401, "totp_wrong", secondLogin("totp", d.code(0)))
}

func TestARecoveryCodeIsTakenOnce(t *testing.T) {
	a := newApp(t)
	d := a.secondFactor()
	if slices.Sort(d.recover); len(slices.Compact(d.recover)) != 10 {
		t.Fatalf("codes %q", d.recover)
	}
	a.refused(401, "totp_wrong", secondLogin("recovery_code", account.NewRecoveryCodes()[0].Text))
	a.ok(200, secondLogin("recovery_code", strings.ToUpper(d.recover[0])), nil)
	a.refused(401, "totp_wrong", secondLogin("recovery_code", d.recover[0]))
	var state TOTPResponse
	a.ok(200, request{method: "GET", path: "/me/totp"}, &state)
	if !state.Enabled || state.RecoveryCodesLeft != 9 || state.EnabledAt == nil {
		t.Errorf("%+v", state)
	}
	var renewed RecoveryCodesResponse
	a.ok(200, request{method: "POST", path: "/me/totp/recovery", body: fmt.Sprintf(`{"password":%q,"code":%q}`, testPassword, d.code(0))}, &renewed)
	a.refused(401, "totp_wrong", secondLogin("recovery_code", d.recover[1]))
	a.ok(200, secondLogin("recovery_code", renewed.RecoveryCodes[9]), nil)
}

func TestTurningTheSecondFactorOnEndsAllOtherSessionsAtOnce(t *testing.T) {
	a := newApp(t)
	elsewhere := a.session(1)
	a.ok(200, request{method: "GET", path: "/me", bearer: elsewhere}, nil) // is cached
	a.secondFactor()
	a.refused(401, "unauthenticated", request{method: "GET", path: "/me", bearer: elsewhere})
	a.ok(200, request{method: "GET", path: "/me"}, nil)
	a.ok(200, request{method: "GET", path: "/me", bearer: a.other}, nil)
	propose := request{method: "POST", path: "/me/totp", body: fmt.Sprintf(`{"password":%q}`, testPassword)}
	a.refused(409, "conflict", propose)
	a.refused(409, "conflict", request{method: "POST", path: "/me/totp/enable", body: `{"code":"123456"}`})
}

func TestTheSecondFactorIsNotOnBeforeACodeCame(t *testing.T) {
	a := newApp(t)
	enable := func(code string) request {
		return request{method: "POST", path: "/me/totp/enable", body: fmt.Sprintf(`{"code":%q}`, code)}
	}
	a.refused(409, "conflict", enable("123456"))
	a.refused(422, "password_wrong", request{method: "POST", path: "/me/totp", body: `{"password":"a guess"}`})
	var first, second TOTPSecretResponse
	propose := request{method: "POST", path: "/me/totp", body: fmt.Sprintf(`{"password":%q}`, testPassword)}
	a.ok(200, propose, &first)
	a.ok(200, propose, &second)
	old := authenticator{a: a}
	old.secret, _ = base32.StdEncoding.DecodeString(first.Secret)
	a.refused(422, "code_wrong", enable(old.code(0))) // of a secret that was replaced
	a.refused(422, "code_wrong", enable("12345"))
	var state TOTPResponse
	if a.ok(200, request{method: "GET", path: "/me/totp"}, &state); state.Enabled || state.RecoveryCodesLeft != 0 {
		t.Errorf("%+v", state)
	}
	a.ok(200, secondLogin("", ""), nil)
	a.refused(404, "not_found", request{method: "POST", path: "/me/totp/disable", body: fmt.Sprintf(`{"password":%q,"code":"123456"}`, testPassword)})
}

func TestTurningItOffTakesBothFactors(t *testing.T) {
	a := newApp(t)
	d := a.secondFactor()
	disable := func(password, key, value string) request {
		return request{method: "POST", path: "/me/totp/disable", body: fmt.Sprintf(`{"password":%q,%q:%q}`, password, key, value)}
	}
	a.refused(422, "password_wrong", disable("a guess", "code", d.code(0)))
	a.refused(422, "code_wrong", disable(testPassword, "code", d.wrong()))
	a.refused(422, "code_wrong", disable(testPassword, "recovery_code", "k3nq"))
	a.refused(422, "totp_required", disable(testPassword, "code", ""))
	a.ok(204, disable(testPassword, "recovery_code", d.recover[3]), nil)
	a.ok(200, secondLogin("", ""), nil)
	a.refused(404, "not_found", disable(testPassword, "code", d.code(0)))
	if again := a.secondFactor(); string(again.secret) == string(d.secret) {
		t.Error("the same secret again")
	}
	a.refused(401, "totp_wrong", secondLogin("recovery_code", d.recover[4])) // of the first time
}

func TestAnAccountWithASecondFactorIsDeletedByBoth(t *testing.T) {
	a := newApp(t)
	d := a.secondFactor()
	leave := func(key, value string) request {
		return request{method: "DELETE", path: "/me", body: fmt.Sprintf(`{"password":%q,%q:%q}`, testPassword, key, value)}
	}
	a.refused(422, "totp_required", leave("totp", ""))
	a.refused(422, "code_wrong", leave("totp", d.wrong()))
	a.refused(422, "code_wrong", leave("recovery_code", "k3nq"))
	if w := a.do(leave("totp", d.code(0))); w.Code == 401 || w.Code == 422 || w.Code == 403 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestSecondFactorsCannotBeGuessed(t *testing.T) {
	a := newApp(t)
	d := a.secondFactor()
	from := func(r request, n int) request {
		r.remote = fmt.Sprintf("198.51.100.%d:1", n)
		return r
	}
	for range 5 {
		a.refused(401, "totp_wrong", from(secondLogin("totp", d.wrong()), 1))
	}
	a.refused(429, "too_many_requests", from(secondLogin("totp", d.code(0)), 1)) // as wrong passwords
	for range 5 {
		a.refused(401, "totp_wrong", from(secondLogin("totp", d.wrong()), 2))
	}
	a.refused(429, "too_many_requests", from(secondLogin("totp", d.code(0)), 3)) // from anywhere
	a.ok(200, request{method: "POST", path: "/auth/login", bearer: "-", body: loginBody("user@example.jp", testPassword)}, nil)
	a.f.now = a.f.now.Add(time.Hour)
	for n := range 30 { // right ones do not count
		a.f.now = a.f.now.Add(30 * time.Second)
		a.ok(200, from(secondLogin("totp", d.code(0)), 4+n%2), nil)
	}
}

func TestChangedTermsSpendNoCode(t *testing.T) {
	a := newApp(t)
	d := a.secondFactor()
	a.f.accounts[0].TermsVersion = "2020-01-01"
	a.refused(403, "terms_changed", secondLogin("totp", d.code(0)))
	body := fmt.Sprintf(`{"email":"operator@example.jp","password":%q,"accept_terms":%q,"totp":%q}`, testPassword, account.TermsVersion, d.wrong())
	login := request{method: "POST", path: "/auth/login", bearer: "-", body: body}
	a.refused(401, "totp_wrong", login) // and agrees to nothing
	login.body = strings.Replace(body, d.wrong(), d.code(0), 1)
	a.ok(200, login, nil)
}

func TestASecondFactorOfAnotherAccountOrServiceOpensNothing(t *testing.T) {
	a := newApp(t)
	d := a.secondFactor()
	a.f.accounts[1].SecondFactorAt = a.f.now
	a.f.factors[2] = &fakeFactor{sealed: a.f.factors[1].sealed} // as somebody with the database might try
	a.refused(401, "totp_wrong", request{method: "POST", path: "/auth/login", bearer: "-",
		body: fmt.Sprintf(`{"email":"user@example.jp","password":%q,"totp":%q}`, testPassword, d.code(0))})
	other, err := account.NewSealer([]byte("another secret of the same length"))
	if err != nil {
		t.Fatal(err)
	}
	a.server.sealer = other
	a.refused(401, "totp_wrong", secondLogin("totp", d.code(0)))
	a.ok(200, secondLogin("recovery_code", d.recover[0]), nil) // needs no key
}
