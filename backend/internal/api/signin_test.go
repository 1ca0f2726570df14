package api

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func contactOf(accountID, id int64) account.Contact {
	return account.Contact{ID: id, AccountID: accountID, Email: fmt.Sprintf("c%d@example.jp", id), Locale: account.Japanese, CreatedAt: at(0, 0)}
}

func registration(email, code string) string {
	return fmt.Sprintf(`{"email":%q,"password":%q,"locale":"ja","time_zone":"Asia/Tokyo","accept_terms":%q,"setup_code":%q}`,
		email, testPassword, account.TermsVersion, code)
}

func loginBody(email, password string) string {
	return fmt.Sprintf(`{"email":%q,"password":%q}`, email, password)
}

func TestTheFirstAccountNeedsTheSetupCode(t *testing.T) {
	a := newEmptyApp(t)
	post := func(code string) request {
		return request{method: "POST", path: "/auth/register", bearer: "-", body: registration("first@example.jp", code)}
	}
	a.refused(403, "setup_required", post(""))
	a.refused(403, "setup_code_wrong", post("guess"))
	var made RegisterResponse
	a.ok(201, post(testSetupCode), &made)
	if !made.Verified || a.f.accounts[0].Role != account.Operator || len(a.f.sent) != 0 {
		t.Errorf("made %+v of %+v, mails %d", made, a.f.accounts[0], len(a.f.sent))
	}
	a.refused(403, "setup_code_void", post(testSetupCode))
	a.ok(200, request{method: "POST", path: "/auth/login", bearer: "-", body: loginBody("first@example.jp", testPassword)}, nil)
}

func TestAnInstallationWithoutSetupCodeTakesNone(t *testing.T) {
	a := newEmptyApp(t)
	a.server.cfg.SetupCode = ""
	a.refused(403, "setup_required", request{method: "POST", path: "/auth/register", body: registration("a@example.jp", "")})
	a.refused(403, "setup_code_wrong", request{method: "POST", path: "/auth/register", body: registration("a@example.jp", "x")})
}

func TestRegistrationTellsAllFaultsAtOnce(t *testing.T) {
	a := newApp(t)
	p := a.refused(422, "invalid_input", request{method: "POST", path: "/auth/register", bearer: "-",
		body: `{"email":"nobody","password":"short","locale":"fr","time_zone":"Mars/Base","accept_terms":"1999"}`})
	for field, code := range map[string]string{"email": "malformed", "password": "too_short", "locale": "not_one_of", "time_zone": "not_one_of", "accept_terms": "terms_version"} {
		if !p.has(field, code) {
			t.Errorf("errors %+v lack %s %s", p.Errors, field, code)
		}
	}
}

func TestRegisteringSaysNothingAboutOtherAccounts(t *testing.T) {
	a := newApp(t)
	fresh := a.ok(201, request{method: "POST", path: "/auth/register", bearer: "-", body: registration("fresh@example.jp", "")}, nil)
	taken := a.ok(201, request{method: "POST", path: "/auth/register", bearer: "-", body: registration("user@example.jp", "")}, nil)
	if want := strings.ReplaceAll(fresh.Body.String(), "fresh", "user"); taken.Body.String() != want {
		t.Errorf("taken %s, fresh %s", taken.Body, fresh.Body)
	}
	known := a.ok(204, request{method: "POST", path: "/auth/resend", bearer: "-", body: `{"email":"fresh@example.jp"}`}, nil)
	unknown := a.ok(204, request{method: "POST", path: "/auth/resend", bearer: "-", body: `{"email":"nobody@example.jp"}`}, nil)
	if known.Body.String() != unknown.Body.String() {
		t.Errorf("known %s, unknown %s", known.Body, unknown.Body)
	}
}

func TestSignInComesAfterVerification(t *testing.T) {
	a := newApp(t)
	a.ok(201, request{method: "POST", path: "/auth/register", bearer: "-", body: registration("New@Example.jp", "")}, nil)
	login := request{method: "POST", path: "/auth/login", bearer: "-", body: loginBody("new@example.jp", testPassword)}
	if a.refused(403, "email_not_verified", login); len(a.do(login).Result().Cookies()) != 0 {
		t.Error("an unverified account got a cookie")
	}
	verify := request{method: "POST", path: "/auth/verify", bearer: "-", body: fmt.Sprintf(`{"token":%q}`, a.f.sent[0].Raw)}
	a.ok(200, verify, nil)
	a.refused(422, "token_invalid", verify)
	a.ok(200, login, nil)
}

func TestMailedTokensThatAreNotGoodAreRefused(t *testing.T) {
	a := newApp(t)
	a.ok(201, request{method: "POST", path: "/contacts", body: `{"email":"abc..def@docomo.ne.jp"}`}, nil)
	raw := a.f.sent[0].Raw
	for _, path := range []string{"/auth/verify", "/contacts/verify"} {
		for _, token := range []string{"x", raw + "A", raw[:42], strings.Repeat("A", 43), "' or 1=1 --"} {
			a.refused(422, "token_invalid", request{method: "POST", path: path, bearer: "-", body: fmt.Sprintf(`{"token":%q}`, token)})
		}
		a.refused(422, "invalid_input", request{method: "POST", path: path, bearer: "-", body: `{}`})
	}
	a.f.now = a.f.now.Add(account.ContactLife)
	a.refused(422, "token_invalid", request{method: "POST", path: "/contacts/verify", bearer: "-", body: fmt.Sprintf(`{"token":%q}`, raw)})
	a.f.now = a.f.now.Add(-time.Second)
	a.ok(200, request{method: "POST", path: "/contacts/verify", bearer: "-", body: fmt.Sprintf(`{"token":%q}`, raw)}, nil)
}

func TestWrongCredentialsAllLookTheSame(t *testing.T) {
	a := newApp(t)
	var bodies []string
	for _, body := range []string{
		loginBody("user@example.jp", "wrong password"), loginBody("nobody@example.jp", testPassword), loginBody("not an address", testPassword),
	} {
		a.refused(401, "invalid_credentials", request{method: "POST", path: "/auth/login", bearer: "-", body: body})
		bodies = append(bodies, a.do(request{method: "POST", path: "/auth/login", bearer: "-", body: body}).Body.String())
	}
	if bodies[0] != bodies[1] || bodies[0] != bodies[2] {
		t.Errorf("they differ: %q", bodies)
	}
	a.f.accounts[1].DisabledAt = at(1, 0)
	a.refused(403, "account_disabled", request{method: "POST", path: "/auth/login", bearer: "-", body: loginBody("user@example.jp", testPassword)})
}

func refreshOf(t *testing.T, w *httptest.ResponseRecorder) *http.Cookie {
	t.Helper()
	for _, c := range w.Result().Cookies() {
		if c.Name == refreshCookie {
			return c
		}
	}
	t.Fatal("no refresh cookie")
	return nil
}

func TestTheRefreshCookieIsOutOfReach(t *testing.T) {
	a := newApp(t)
	c := refreshOf(t, a.ok(200, request{method: "POST", path: "/auth/login", body: loginBody("user@example.jp", testPassword)}, nil))
	if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteStrictMode || c.Path != "/api/v1/auth" || c.MaxAge != 30*24*3600 {
		t.Errorf("cookie %+v", c)
	}
}

func TestRefreshRotatesAndARepeatedTokenEndsTheSession(t *testing.T) {
	a := newApp(t)
	first := refreshOf(t, a.ok(200, request{method: "POST", path: "/auth/login", body: loginBody("user@example.jp", testPassword)}, nil))
	var token TokenResponse
	w := a.ok(200, request{method: "POST", path: "/auth/refresh", bearer: "-", cookie: first}, &token)
	second := refreshOf(t, w)
	if second.Value == first.Value || token.ExpiresIn != 900 || token.TokenType != "Bearer" {
		t.Fatalf("token %+v, same cookie %v", token, second.Value == first.Value)
	}
	a.ok(200, request{method: "GET", path: "/me", bearer: token.AccessToken}, nil)

	again := refreshOf(t, a.ok(200, request{method: "POST", path: "/auth/refresh", bearer: "-", cookie: first}, nil))
	if again.Value != second.Value {
		t.Error("whoever asks again must get the same successor")
	}
	a.f.now = a.f.now.Add(account.RefreshGrace + time.Second)
	a.refused(401, "unauthenticated", request{method: "POST", path: "/auth/refresh", bearer: "-", cookie: first})
	a.refused(401, "unauthenticated", request{method: "POST", path: "/auth/refresh", bearer: "-", cookie: second})
	a.refused(401, "unauthenticated", request{method: "GET", path: "/me", bearer: token.AccessToken})
}

func TestRefreshIsRefusedForStrangers(t *testing.T) {
	a := newApp(t)
	c := refreshOf(t, a.ok(200, request{method: "POST", path: "/auth/login", body: loginBody("user@example.jp", testPassword)}, nil))
	for _, path := range []string{"/auth/refresh", "/auth/logout"} {
		a.refused(403, "cross_origin", request{method: "POST", path: path, cookie: c, header: map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}})
	}
	a.ok(200, request{method: "POST", path: "/auth/refresh", cookie: c, header: map[string]string{"Origin": "https://watch.example.jp"}}, nil)
	for _, value := range []string{"", "x", "a.b", account.NewID() + ".", strings.Repeat("a", 5000)} {
		a.refused(401, "unauthenticated", request{method: "POST", path: "/auth/refresh", bearer: "-", cookie: &http.Cookie{Name: refreshCookie, Value: value}})
	}
	a.refused(401, "unauthenticated", request{method: "POST", path: "/auth/refresh", bearer: "-"})
}

func TestSigningOutEndsTheAccessTokenAtOnce(t *testing.T) {
	a := newApp(t)
	var token TokenResponse
	c := refreshOf(t, a.ok(200, request{method: "POST", path: "/auth/login", body: loginBody("user@example.jp", testPassword)}, &token))
	a.ok(200, request{method: "GET", path: "/me", bearer: token.AccessToken}, nil)
	out := a.ok(204, request{method: "POST", path: "/auth/logout", bearer: "-", cookie: c}, nil)
	if refreshOf(t, out).MaxAge >= 0 {
		t.Error("the cookie stays")
	}
	a.refused(401, "unauthenticated", request{method: "GET", path: "/me", bearer: token.AccessToken})
	a.refused(401, "unauthenticated", request{method: "POST", path: "/auth/refresh", bearer: "-", cookie: c})
	a.ok(204, request{method: "POST", path: "/auth/logout", bearer: "-"}, nil)
}

func TestASessionIsAskedAboutOncePerSecond(t *testing.T) {
	a := newApp(t)
	for range 5 {
		a.ok(200, request{method: "GET", path: "/me"}, nil)
	}
	if a.f.asked != 1 {
		t.Errorf("asked %d times", a.f.asked)
	}
	clear(a.f.sessions)
	a.f.now = a.f.now.Add(believeSession)
	a.refused(401, "unauthenticated", request{method: "GET", path: "/me"})
}

func TestForgedAndExpiredTokensAreRefused(t *testing.T) {
	a := newApp(t)
	var session string
	for id, s := range a.f.sessions {
		if s.account == 1 {
			session = id
		}
	}
	good := func() jwt.MapClaims {
		return jwt.MapClaims{
			"iss": "https://watch.example.jp", "aud": []string{tokenAudience}, "sub": "1", "sid": session,
			"iat": a.f.now.Unix(), "exp": a.f.now.Add(accessLife).Unix(),
		}
	}
	with := func(key string, value any) jwt.MapClaims {
		c := good()
		c[key] = value
		return c
	}
	without := func(key string) jwt.MapClaims {
		c := good()
		delete(c, key)
		return c
	}
	sign := func(method jwt.SigningMethod, typ string, c jwt.MapClaims, key any) string {
		token := jwt.NewWithClaims(method, c)
		token.Header["typ"] = typ
		s, err := token.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	secret := []byte(testSecret)
	valid := sign(jwt.SigningMethodHS256, tokenType, good(), secret)
	a.ok(200, request{method: "GET", path: "/me", bearer: valid}, nil)

	parts := strings.Split(valid, ".")
	for name, token := range map[string]string{
		"none":            sign(jwt.SigningMethodNone, tokenType, good(), jwt.UnsafeAllowNoneSignatureType),
		"none with a dot": parts[0] + "." + parts[1] + ".",
		"HS384":           sign(jwt.SigningMethodHS384, tokenType, good(), secret),
		"HS512":           sign(jwt.SigningMethodHS512, tokenType, good(), secret),
		"another key":     sign(jwt.SigningMethodHS256, tokenType, good(), []byte("another key of at least 32 bytes")),
		"another payload": parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"2"}`)) + "." + parts[2],
		"cut signature":   valid[:len(valid)-1],
		"wrong typ":       sign(jwt.SigningMethodHS256, "JWT", good(), secret),
		"wrong iss":       sign(jwt.SigningMethodHS256, tokenType, with("iss", "https://evil.example"), secret),
		"no iss":          sign(jwt.SigningMethodHS256, tokenType, without("iss"), secret),
		"wrong aud":       sign(jwt.SigningMethodHS256, tokenType, with("aud", "another-api"), secret),
		"no aud":          sign(jwt.SigningMethodHS256, tokenType, without("aud"), secret),
		"expired":         sign(jwt.SigningMethodHS256, tokenType, with("exp", a.f.now.Unix()), secret),
		"no exp":          sign(jwt.SigningMethodHS256, tokenType, without("exp"), secret),
		"no iat":          sign(jwt.SigningMethodHS256, tokenType, without("iat"), secret),
		"from the future": sign(jwt.SigningMethodHS256, tokenType, with("iat", a.f.now.Add(time.Hour).Unix()), secret),
		"not before":      sign(jwt.SigningMethodHS256, tokenType, with("nbf", a.f.now.Add(time.Hour).Unix()), secret),
		"another account": sign(jwt.SigningMethodHS256, tokenType, with("sub", "2"), secret),
		"no account":      sign(jwt.SigningMethodHS256, tokenType, with("sub", "x"), secret),
		"unknown session": sign(jwt.SigningMethodHS256, tokenType, with("sid", account.NewID()), secret),
		"no session":      sign(jwt.SigningMethodHS256, tokenType, without("sid"), secret),
		"not a token":     "abc",
		"two parts":       "a.b",
		"very long":       strings.Repeat("a", 10_000),
		"not base64":      "!!!.???.***",
		"empty parts":     "..",
	} {
		t.Run(name, func(t *testing.T) {
			a.refused(401, "unauthenticated", request{method: "GET", path: "/me", bearer: token})
		})
	}
	if got := a.do(request{method: "GET", path: "/me", bearer: "x"}).Header().Get("WWW-Authenticate"); !strings.HasPrefix(got, "Bearer") {
		t.Errorf("WWW-Authenticate: %q", got)
	}
	a.refused(401, "unauthenticated", request{method: "GET", path: "/me", bearer: "-", header: map[string]string{"Authorization": "Basic " + valid}})
}

func TestAnAccessTokenLivesFifteenMinutes(t *testing.T) {
	a := newApp(t)
	a.f.now = a.f.now.Add(accessLife - time.Second)
	a.ok(200, request{method: "GET", path: "/me"}, nil)
	a.f.now = a.f.now.Add(time.Second)
	a.refused(401, "unauthenticated", request{method: "GET", path: "/me"})
}

func TestWithoutTheDatabaseEverythingIs503ButHealth(t *testing.T) {
	a := newApp(t)
	a.f.err = fmt.Errorf("get session: %w", uptime.ErrUnavailable)
	for _, r := range []request{
		{method: "GET", path: "/me"}, {method: "GET", path: "/monitors"}, {method: "GET", path: "/monitors/1"}, {method: "GET", path: "/service"},
		{method: "POST", path: "/auth/login", body: loginBody("user@example.jp", testPassword)},
		{method: "POST", path: "/auth/register", body: registration("x@example.jp", "")},
		{method: "GET", path: "/report/links/" + account.NewToken(at(0, 0)).Raw},
	} {
		a.refused(503, "unavailable", r)
		if a.do(r).Header().Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", r.path)
		}
	}
	if w := a.raw("GET", "/readyz", nil); w.Code != 503 || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("readyz: %d %s", w.Code, w.Body)
	}
	if w := a.raw("GET", "/healthz", nil); w.Code != 200 {
		t.Errorf("healthz: %d", w.Code)
	}
	a.f.err = nil
	if w := a.raw("GET", "/readyz", nil); w.Code != 200 {
		t.Errorf("readyz: %d %s", w.Code, w.Body)
	}
}

func TestFaultsOfOursShowNoInternals(t *testing.T) {
	a := newApp(t)
	a.ok(200, request{method: "GET", path: "/me"}, nil)
	a.f.err = errors.New(`pq: relation "accounts" does not exist`)
	w := a.do(request{method: "GET", path: "/contacts"})
	if w.Code != 500 || strings.Contains(w.Body.String(), "pq") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
