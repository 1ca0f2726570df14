package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/api"
	"github.com/hinomi-watch/hinomi/backend/internal/postgres"
	"github.com/hinomi-watch/hinomi/backend/internal/postgres/pgtest"
	"github.com/hinomi-watch/hinomi/backend/internal/probe"
	"github.com/hinomi-watch/hinomi/backend/internal/report"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

const (
	setupCode = "first-come-first-served"
	password  = "correct horse battery"
)

// system is the API over a real database, served over HTTP. Nothing probes.
type system struct {
	t    *testing.T
	db   *postgres.DB // as the owner: for what tests look up themselves
	at   string       // where the database is
	url  string
	rec  *postgres.Recorder
	line uptime.LineID // of the last result

	server *api.Server
}

func newSystem(t *testing.T, more ...func(*api.Config, *api.Deps)) *system {
	t.Helper()
	address := pgtest.URL(t)
	db := pool(t, address, postgres.Owner)
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	ids, err := db.EnsureLines(t.Context(), []string{"a", "b"})
	if err != nil {
		t.Fatal(err)
	}
	people, desk := pool(t, address, postgres.RoleAPI), pool(t, address, postgres.RoleWatch)
	settings, err := postgres.OpenSettings(t.Context(), desk)
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, people, append([]func(*api.Config, *api.Deps){func(_ *api.Config, d *api.Deps) {
		d.HostRequests, d.HostDesk, d.ClaimDesk, d.Hosts = people, desk, desk, hosts{desk}
		d.AuditDesk, d.AccountDesk, d.Settings, d.MailDesk = desk, desk, settings, desk
		d.Owners, d.ProofDesk = &world{}, desk
	}}, more...)...)
	s.db, s.at = db, address
	if ids["a"] != 1 || ids["b"] != 2 {
		t.Fatalf("lines %v", ids)
	}
	s.rec, err = postgres.NewRecorder(t.Context(), pool(t, address, postgres.RoleWatch).SQL(), postgres.RecorderConfig{Node: "test", RetentionDays: 10, Now: time.Now, Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// pool connects as the service does, in one of its roles.
func pool(t *testing.T, address string, role postgres.Role) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(address, postgres.Options{Role: role})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// serve starts the API anew, with a pool of its own.
func (s *system) serve(opts postgres.Options) {
	s.t.Helper()
	db, err := postgres.Open(s.at, opts)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = db.Close() })
	again := serve(s.t, db)
	s.server, s.url = again.server, again.url
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// serve starts the API over a database, whatever its condition.
func serve(t *testing.T, db *postgres.DB, more ...func(*api.Config, *api.Deps)) *system {
	t.Helper()
	deps := api.Deps{
		Audit:    db,
		Accounts: db, Sessions: db, Contacts: db, Quotas: db, Targets: db, Monitors: db, History: db, Links: db, Health: db, APITokens: db, SecondFactors: db,
		Lines: lines{1: "a", 2: "b"}, Hosts: hosts{db}, Schedule: noSchedule{}, Prober: noProber{},
		Exports: db, Invites: db, Reports: report.New(report.Config{
			Store: db, Interval: func() time.Duration { return uptime.DefaultPolicy().Interval }, Timeout: 5 * time.Second,
			Lines: []uptime.LineID{1, 2}, LineName: lines{1: "a", 2: "b"}.LineName,
		}),
	}
	cfg := api.Config{
		JWTSecret: []byte(signingSecret), SetupCode: setupCode, Policy: uptime.DefaultPolicy(),
		TargetPolicy: "public", RetentionDays: 10, MailMode: api.MailStored, Log: quiet(),
	}
	for _, change := range more {
		change(&cfg, &deps)
	}
	server, err := api.New(cfg, deps)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(server)
	t.Cleanup(web.Close)
	return &system{t: t, db: db, url: web.URL, line: 2, server: server}
}

// signingSecret is the service's in these tests.
const signingSecret = "0123456789abcdef0123456789abcdef"

type lines map[uptime.LineID]string

func (l lines) Lines() []uptime.LineStatus       { return nil }
func (l lines) LineName(id uptime.LineID) string { return l[id] }

type noProber struct{}

func (noProber) Diagnose(context.Context, string, uptime.Service, uint16) []uptime.Diagnosis {
	return nil
}

type noSchedule struct{}

func (noSchedule) NextCheck(int64) (time.Time, bool) { return time.Time{}, false }

// hosts is the real reading of hosts and the real policy "public" over a
// resolver that knows a few names, of which one stands abroad and one nobody
// knows where.
type hosts struct{ desk *postgres.DB }

func (h hosts) CheckHost(ctx context.Context, text string) (uptime.Host, error) {
	host, err := probe.ParseHost(text)
	if err != nil {
		return uptime.Host{}, err
	}
	if host.ASCII == "denies.example.jp" {
		return uptime.Host{}, fmt.Errorf("%s: %w", host.ASCII, uptime.ErrHostDenied)
	}
	addrs := map[string]netip.Addr{
		"private.example.jp": netip.MustParseAddr("10.0.0.1"), "www.example.jp": netip.MustParseAddr("93.184.216.34"),
	}
	addr, known := addrs[host.ASCII]
	if literal, err := netip.ParseAddr(host.ASCII); err == nil {
		addr, known = literal, true
	}
	if known && !probe.PublicPolicy(nil).Allows(addr) {
		return uptime.Host{}, fmt.Errorf("%s: %w", addr, uptime.ErrHostForbidden)
	}
	if known {
		host.Addrs = []netip.Addr{addr}
	}
	elsewhere := map[string]error{"abroad.example.com": uptime.ErrCountryForbidden, "nowhere.example.com": uptime.ErrCountryUnknown}[host.ASCII]
	if elsewhere == nil {
		return host.Host, nil
	}
	if allowed, err := h.desk.HostAllowed(ctx, host.ASCII); err != nil || allowed {
		return host.Host, err
	}
	return host.Host, fmt.Errorf("%s: %w", host.ASCII, elsewhere)
}

// record records one result of each monitor now, over the next line in turn.
func (s *system) record(reason uptime.Reason, monitors ...int64) {
	s.t.Helper()
	s.line = 3 - s.line
	if _, err := s.rec.Load(s.t.Context(), 0, 1000); err != nil {
		s.t.Fatal(err)
	}
	results := make([]uptime.Result, len(monitors))
	for i, id := range monitors {
		generation := one[int32](s, `select generation from monitor_states where monitor_id = $1`, id)
		results[i] = uptime.Result{MonitorID: id, Generation: generation, Sample: uptime.Sample{
			At: time.Now().Truncate(time.Millisecond), Reason: reason, Line: s.line, RTT: 11 * time.Millisecond,
		}}
	}
	if _, err := s.rec.Record(s.t.Context(), uptime.DefaultPolicy(), results); err != nil {
		s.t.Fatal(err)
	}
}

// one asks the database for one value.
func one[T any](s *system, query string, args ...any) (v T) {
	s.t.Helper()
	if err := s.db.SQL().GetContext(s.t.Context(), &v, query, args...); err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
	return v
}

// client speaks to the system as one person's browser.
type client struct {
	s      *system
	web    *http.Client
	bearer string
}

func (s *system) client() *client {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &client{s: s, web: &http.Client{Jar: jar, Timeout: 10 * time.Second}}
}

func (c *client) do(method, path string, body any) (int, []byte) {
	c.s.t.Helper()
	status, content, err := c.send(method, path, body)
	if err != nil {
		c.s.t.Fatalf("%s %s: %v", method, path, err)
	}
	return status, content
}

// send may run on any goroutine.
func (c *client) send(method, path string, body any) (int, []byte, error) {
	req, err := c.request(method, path, body)
	if err != nil {
		return 0, nil, err
	}
	res, err := c.web.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	content, err := io.ReadAll(res.Body)
	return res.StatusCode, content, err
}

func (c *client) request(method, path string, body any) (*http.Request, error) {
	var r io.Reader
	if body != nil {
		content, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		r = bytes.NewReader(content)
	}
	req, err := http.NewRequestWithContext(c.s.t.Context(), method, c.s.url+path, r)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if c.bearer != "" {
		req.Header.Set("Authorization", "Bearer "+c.bearer)
	}
	return req, nil
}

// patient sends again, some times, while the service is busy: for tests that
// ask for more at once than a small machine answers in time.
func (c *client) patient(method, path string, body any) (status int, content []byte, err error) {
	for range 20 {
		status, content, err = c.send(method, path, body)
		if err != nil || status != http.StatusServiceUnavailable {
			break
		}
	}
	return status, content, err
}

// want insists on a status and reads the answer.
func want[T any](c *client, status int, method, path string, body any) (out T) {
	c.s.t.Helper()
	got, content := c.do(method, "/api/v1"+path, body)
	if got != status {
		c.s.t.Fatalf("%s %s: %d instead of %d: %s", method, path, got, status, content)
	}
	if len(content) == 0 {
		return out
	}
	if err := json.Unmarshal(content, &out); err != nil {
		c.s.t.Fatalf("%s %s: %v in %s", method, path, err, content)
	}
	return out
}

type object = map[string]any

func (c *client) register(email, code string) {
	c.s.t.Helper()
	want[object](c, 201, "POST", "/auth/register", object{
		"email": email, "password": password, "locale": "ja", "time_zone": "Asia/Tokyo",
		"accept_terms": account.TermsVersion, "setup_code": code,
	})
}

func (c *client) login(email string) {
	c.s.t.Helper()
	c.bearer = want[api.TokenResponse](c, 200, "POST", "/auth/login", object{"email": email, "password": password}).AccessToken
}

// operator sets the system up.
func (s *system) operator() *client {
	s.t.Helper()
	c := s.client()
	c.register("operator@example.jp", setupCode)
	c.login("operator@example.jp")
	return c
}

// user registers, follows the mailed link and signs in.
func (s *system) user(email string) *client {
	s.t.Helper()
	c := s.client()
	c.register(email, "")
	want[object](c, 200, "POST", "/auth/verify", object{"token": s.mailed("account", email)})
	c.login(email)
	return c
}

// mailed is the token of the newest mail of a kind to an address.
func (s *system) mailed(kind, email string) string {
	s.t.Helper()
	return one[string](s, `select token from mails where kind = $1 and email = $2 order by id desc limit 1`, kind, email)
}

func (c *client) watch(host string, services ...string) api.TargetResponse {
	c.s.t.Helper()
	return want[api.TargetResponse](c, 201, "POST", "/targets", object{"host": host, "services": services, "owned": true})
}

func path(format string, args ...any) string { return fmt.Sprintf(format, args...) }

func query(pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return "?" + v.Encode()
}
