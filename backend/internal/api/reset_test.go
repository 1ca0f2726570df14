package api

import (
	"fmt"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

func post(path, body string) request {
	return request{method: "POST", path: path, bearer: "-", body: body}
}

func proofByCode(email, code string) string {
	return fmt.Sprintf(`{"email":%q,"code":%q}`, email, code)
}

// otherCode is a code that the token does not have.
func otherCode(raw string) string {
	if account.CodeOf(raw) == "000000" {
		return "000001"
	}
	return "000000"
}

func TestACodeVerifiesAsTheLinkDoes(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	a.ok(201, post("/auth/register", registration("new@example.jp", "")), nil)
	raw := a.f.sent[0].Raw
	a.refused(422, "code_wrong", post("/auth/verify", proofByCode("new@example.jp", otherCode(raw))))
	a.refused(422, "code_wrong", post("/auth/verify", proofByCode("user@example.jp", account.CodeOf(raw))))
	code := account.CodeOf(raw)
	a.ok(200, post("/auth/verify", proofByCode("NEW@example.jp", code[:3]+" "+code[3:])), nil)
	a.refused(422, "code_wrong", post("/auth/verify", proofByCode("new@example.jp", code)))
	a.refused(422, "token_invalid", post("/auth/verify", fmt.Sprintf(`{"token":%q}`, raw)))
	a.ok(200, post("/auth/login", loginBody("new@example.jp", testPassword)), nil)
}

func TestWhatIsNoProofIsNamed(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	for body, field := range map[string]string{
		`{}`: "token", `{"email":"a@example.jp"}`: "code", `{"code":"123456"}`: "email", `{"email":"nobody","code":"123456"}`: "email",
		`{"token":"x","code":"123456"}`: "token",
	} {
		if p := a.refused(422, "invalid_input", post("/auth/verify", body)); len(p.Errors) != 1 || p.Errors[0].Field != field {
			t.Errorf("%s: %+v", body, p.Errors)
		}
	}
	for _, code := range []string{"12345", "abcdef", "1234567", "' or 1=1"} {
		a.refused(422, "code_wrong", post("/auth/verify", proofByCode("a@example.jp", code)))
	}
}

// A stranger has five tries at a code, wherever the tries come from, and the
// link of the owner's mail goes on working.
func TestACodeIsNotGuessed(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	a.ok(201, post("/auth/register", registration("new@example.jp", "")), nil)
	raw := a.f.sent[0].Raw
	for i := range account.CodeTries {
		guess := post("/auth/verify", proofByCode("new@example.jp", otherCode(raw)))
		guess.remote = fmt.Sprintf("198.51.100.%d:4000", i)
		a.refused(422, "code_wrong", guess)
	}
	right := post("/auth/verify", proofByCode("new@example.jp", account.CodeOf(raw)))
	right.remote = "203.0.113.9:4000"
	a.refused(422, "code_wrong", right)
	a.ok(200, post("/auth/verify", fmt.Sprintf(`{"token":%q}`, raw)), nil)
}

func TestCodesAreThrottledForAnAddressFromAnywhere(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	guess := func(email, remote string) request {
		r := post("/auth/verify", proofByCode(email, "123456"))
		r.remote = remote
		return r
	}
	for range 5 {
		a.refused(422, "code_wrong", guess("a@example.jp", "198.51.100.1:1"))
	}
	a.refused(429, "too_many_requests", guess("A@example.jp", "198.51.100.1:1"))
	for range 5 {
		a.refused(422, "code_wrong", guess("a@example.jp", "198.51.100.2:1"))
	}
	a.refused(429, "too_many_requests", guess("a@example.jp", "198.51.100.3:1"))
	a.refused(422, "code_wrong", guess("b@example.jp", "198.51.100.3:1"))
	a.f.now = a.f.now.Add(time.Hour)
	a.refused(422, "code_wrong", guess("a@example.jp", "198.51.100.3:1"))
}

func TestAForgottenPasswordIsReplacedAndEndsAllSessions(t *testing.T) {
	t.Parallel()
	const next = "another horse, another battery"
	for _, way := range []string{"link", "code"} {
		a := newApp(t)
		a.ok(200, request{method: "GET", path: "/me", bearer: a.other}, nil) // is cached
		a.ok(202, post("/auth/password/forgot", `{"email":"USER@example.jp"}`), nil)
		raw := a.f.sent[0].Raw
		body := fmt.Sprintf(`{"token":%q,"new_password":%q}`, raw, next)
		if way == "code" {
			body = fmt.Sprintf(`{"email":"user@example.jp","code":%q,"new_password":%q}`, account.CodeOf(raw), next)
		}
		a.ok(204, post("/auth/password/reset", body), nil)
		a.refused(401, "unauthenticated", request{method: "GET", path: "/me", bearer: a.other})
		a.refused(401, "invalid_credentials", post("/auth/login", loginBody("user@example.jp", testPassword)))
		a.ok(200, post("/auth/login", loginBody("user@example.jp", next)), nil)
		a.ok(200, request{method: "GET", path: "/me"}, nil) // another account's
		code := map[string]string{"link": "token_invalid", "code": "code_wrong"}[way]
		a.refused(422, code, post("/auth/password/reset", body))
	}
}

func TestAResetRefusesWeakPasswordsAndKeepsItsToken(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	a.ok(202, post("/auth/password/forgot", `{"email":"user@example.jp"}`), nil)
	raw := a.f.sent[0].Raw
	for _, weak := range []string{"short", "password1", "user@example.jp"} {
		for _, proof := range []string{fmt.Sprintf(`"token":%q`, raw), fmt.Sprintf(`"email":"user@example.jp","code":%q`, account.CodeOf(raw))} {
			p := a.refused(422, "invalid_input", post("/auth/password/reset", fmt.Sprintf(`{%s,"new_password":%q}`, proof, weak)))
			if len(p.Errors) != 1 || p.Errors[0].Field != "new_password" {
				t.Errorf("%s: %+v", weak, p.Errors)
			}
		}
	}
	good := fmt.Sprintf(`{"token":%q,"new_password":"another horse, another battery"}`, raw)
	a.f.now = a.f.now.Add(account.ResetLife)
	a.refused(422, "token_invalid", post("/auth/password/reset", good))
	a.f.now = a.f.now.Add(-time.Second)
	a.ok(204, post("/auth/password/reset", good), nil)
}

// Whoever asks learns nothing about an address, neither by the answer nor by
// how long it takes.
func TestAnswersAboutAddressesAreTheSameAndTakeTheSame(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	var first string
	for _, email := range []string{"user@example.jp", "nobody@example.jp"} {
		for _, r := range []request{
			post("/auth/password/forgot", fmt.Sprintf(`{"email":%q}`, email)), post("/auth/resend", fmt.Sprintf(`{"email":%q}`, email)),
			post("/auth/verify", proofByCode(email, "12 34 56")),
			post("/auth/password/reset", fmt.Sprintf(`{"email":%q,"code":"123456","new_password":"another horse"}`, email)),
			post("/auth/register", registration(email, "")),
		} {
			begun := time.Now()
			w := a.do(r)
			if took := time.Since(begun); took < evenTime {
				t.Errorf("%s for %s took %v", r.path, email, took)
			}
			if r.path == "/auth/register" {
				continue // names the address; TestRegisteringSaysNothingAboutOtherAccounts
			}
			if got := fmt.Sprint(r.path, w.Code, w.Body, w.Header()); email == "user@example.jp" {
				first += got
			} else if len(first) < len(got) || first[:len(got)] != got {
				t.Errorf("%s: %s", email, got)
			} else {
				first = first[len(got):]
			}
		}
	}
}

func TestForgottenPasswordsAreMailedTenTimesAnHourFromAnAddress(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ask := post("/auth/password/forgot", `{"email":"user@example.jp"}`)
	for range 10 {
		a.ok(202, ask, nil)
	}
	a.refused(429, "too_many_requests", ask)
	a.refused(422, "invalid_input", post("/auth/password/forgot", `{"email":"nobody"}`))
}

func TestAContactIsVerifiedByTheCodeItsReaderPassesOn(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	var c ContactResponse
	a.ok(201, request{method: "POST", path: "/contacts", body: `{"email":"taro@docomo.ne.jp"}`}, &c)
	raw := a.f.sent[0].Raw
	verify := func(bearer, code string) request {
		return request{method: "POST", path: fmt.Sprintf("/contacts/%d/verify", c.ID), bearer: bearer, body: fmt.Sprintf(`{"code":%q}`, code)}
	}
	a.refused(404, "not_found", verify(a.other, account.CodeOf(raw)))
	a.refused(422, "code_wrong", verify("", otherCode(raw)))
	a.refused(422, "invalid_input", verify("", ""))
	a.ok(200, verify("", account.CodeOf(raw)), &c)
	if c.VerifiedAt == nil {
		t.Errorf("contact %+v", c)
	}
	a.refused(409, "already_verified", verify("", account.CodeOf(raw)))
}
