package api

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

const (
	testSecret    = "0123456789abcdef0123456789abcdef"
	testSetupCode = "let-me-in-first"
	testPassword  = "correct horse battery"
)

// app is a server over a fake with two accounts that are signed in: the
// operator (1) and an ordinary user (2).
type app struct {
	t      *testing.T
	f      *fake
	server *Server
	bearer string // of the operator
	other  string // of the user
}

// newEmptyApp is an installation that nobody has set up.
func newEmptyApp(t *testing.T, more ...func(*Config)) *app {
	t.Helper()
	f := newFake(at(12, 0))
	public, err := url.Parse("https://watch.example.jp")
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{
		PublicURL: public, JWTSecret: []byte(testSecret), SetupCode: testSetupCode, Version: "1.2.3",
		Policy: uptime.DefaultPolicy(), TargetPolicy: "public", RetentionDays: 10, MailMode: MailStored,
		Now: func() time.Time { return f.now }, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	for _, change := range more {
		change(&cfg)
	}
	server, err := New(cfg, Deps{
		Audit: f, AuditDesk: f,
		Accounts: f, Sessions: f, Contacts: f, Quotas: f, Targets: f, Monitors: f, History: f, Links: f, Reports: f, Exports: f, Mails: f,
		Lines: f, Prober: f, Hosts: f, Schedule: f, Health: f, APITokens: f, SecondFactors: f,
	})
	if err != nil {
		t.Fatal(err)
	}
	return &app{t: t, f: f, server: server}
}

// testHash is the hash of testPassword, made once.
var testHash = sync.OnceValues(func() (string, error) {
	return account.NewHasher().Hash(context.Background(), testPassword)
})

func newApp(t *testing.T, more ...func(*Config)) *app {
	t.Helper()
	a := newEmptyApp(t, more...)
	hash, err := testHash()
	if err != nil {
		t.Fatal(err)
	}
	registration := account.Registration{Email: "operator@example.jp", PasswordHash: hash, Locale: account.Japanese, Zone: "Asia/Tokyo", TermsVersion: account.TermsVersion}
	if _, err := a.f.RegisterOperator(t.Context(), registration); err != nil {
		t.Fatal(err)
	}
	registration.Email, registration.Locale = "user@example.jp", account.English
	a.f.add(registration, account.User, a.f.now)
	a.bearer, a.other = a.session(1), a.session(2)
	a.f.written = 0
	return a
}

// session signs an account in without a password.
func (a *app) session(accountID int64) (bearer string) {
	a.t.Helper()
	id := account.NewID()
	a.f.sessions[id] = &fakeSession{account: accountID}
	token, err := a.server.tokens.issue(account.Account{ID: accountID}, id)
	if err != nil {
		a.t.Fatal(err)
	}
	return token
}

type request struct {
	method, path string
	body         string
	bearer       string // "-" is none, "" the operator's
	header       map[string]string
	cookie       *http.Cookie
	remote       string // address and port; "" is some address
}

func (a *app) do(r request) *httptest.ResponseRecorder {
	a.t.Helper()
	var body io.Reader
	if r.body != "" {
		body = strings.NewReader(r.body)
	}
	req := httptest.NewRequestWithContext(a.t.Context(), r.method, r.path, body)
	if strings.HasPrefix(r.path, "/") && !strings.HasPrefix(r.path, "/api") && !strings.HasPrefix(r.path, "//") {
		req.URL.Path = "/api/v1" + req.URL.Path
	}
	if r.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	switch r.bearer {
	case "-":
	case "":
		req.Header.Set("Authorization", "Bearer "+a.bearer)
	default:
		req.Header.Set("Authorization", "Bearer "+r.bearer)
	}
	for k, v := range r.header {
		req.Header.Set(k, v)
	}
	if r.cookie != nil {
		req.AddCookie(r.cookie)
	}
	if r.remote != "" {
		req.RemoteAddr = r.remote
	}
	w := httptest.NewRecorder()
	a.server.ServeHTTP(w, req)
	described(a.t, req, w)
	return w
}

// raw asks for an address outside /api/v1.
func (a *app) raw(method, path string, header map[string]string) *httptest.ResponseRecorder {
	a.t.Helper()
	req := httptest.NewRequestWithContext(a.t.Context(), method, path, nil)
	for k, v := range header {
		req.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	a.server.ServeHTTP(w, req)
	return w
}

// ok insists on a status and reads the answer.
func (a *app) ok(status int, r request, out any) *httptest.ResponseRecorder {
	a.t.Helper()
	w := a.do(r)
	if w.Code != status {
		a.t.Fatalf("%s %s: %d instead of %d: %s", r.method, r.path, w.Code, status, w.Body)
	}
	if out != nil {
		if err := json.Unmarshal(w.Body.Bytes(), out); err != nil {
			a.t.Fatalf("%s %s: %v in %s", r.method, r.path, err, w.Body)
		}
	}
	return w
}

// refused insists on a problem with a status and code, and that nothing changed.
func (a *app) refused(status int, code string, r request) Problem {
	a.t.Helper()
	before := a.f.written
	w := a.do(r)
	var p Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		a.t.Fatalf("%s %s: %d, no problem: %.300s", r.method, r.path, w.Code, w.Body)
	}
	if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
		a.t.Errorf("%s %s: content type %q", r.method, r.path, got)
	}
	if w.Code != status || p.Status != status || p.Code != code {
		a.t.Errorf("%s %s: %d %s instead of %d %s: %s", r.method, r.path, w.Code, p.Code, status, code, w.Body)
	}
	if p.Type == "" || p.Title != http.StatusText(status) {
		a.t.Errorf("%s %s: type %q, title %q", r.method, r.path, p.Type, p.Title)
	}
	if a.f.written != before {
		a.t.Errorf("%s %s: something was changed", r.method, r.path)
	}
	return p
}

func (p Problem) has(field, code string) bool {
	for _, f := range p.Errors {
		if f.Field == field && f.Code == code {
			return true
		}
	}
	return false
}
