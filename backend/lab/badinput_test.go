//go:build lab

package lab

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"mime"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestBadInput: whatever a stranger sends is answered by a problem with the
// right status, and nothing changes.
func TestBadInput(t *testing.T) {
	t.Parallel()
	s := newServer(t, "bad", map[string]string{
		"HINOMI_INTERVAL": "300s", "HINOMI_PROBE_TIMEOUT": "5s", "HINOMI_JWT_SECRET": jwtSecret,
	})
	s.start()
	early := s.client("early@" + zone)
	early.wantProblem(t, 403, "POST", "/auth/register", early.registration(nil), "setup_required")
	mine := s.setUp()
	own := mine.watch("219.101.16.90", "http", "ping")
	other := s.stranger("other-" + s.contact)
	theirs := other.watch("219.101.16.91", "http")["http"]
	var contact struct {
		ID json.RawMessage `json:"id"`
	}
	other.want(201, "POST", "/contacts", map[string]any{"email": "third@" + zone}, &contact)

	before := snapshot(mine) + snapshot(other)
	for _, b := range badBodies(own["http"]) {
		t.Run(b.name, func(t *testing.T) { mine.wantProblem(t, b.want, b.method, b.path, b.body, "") })
	}
	for _, host := range badHosts {
		t.Run("host "+host, func(t *testing.T) {
			mine.wantProblem(t, 422, "POST", "/targets", map[string]any{"host": host, "label": "", "services": []string{"http"}, "owned": true}, "")
		})
	}
	t.Run("foreign and unknown ids", func(t *testing.T) { foreignIDs(t, mine, theirs, bare(contact.ID)) })
	t.Run("tokens", func(t *testing.T) { badTokens(t, s, mine) })
	t.Run("huge body", func(t *testing.T) {
		huge := []byte(`{"host":"` + strings.Repeat("a", 16<<20) + `"}`)
		status, _, err := mine.do("POST", "/targets", huge)
		if err == nil && status != 413 {
			t.Errorf("a body of 16 MiB: %d, want 413", status)
		}
	})
	if after := snapshot(mine) + snapshot(other); after != before {
		t.Errorf("something changed:\n%s\nbefore:\n%s", after, before)
	}
	if !s.running() {
		t.Errorf("the server is gone")
	}
}

func (c *client) registration(change func(map[string]any)) map[string]any {
	var terms struct {
		Version json.RawMessage `json:"version"`
	}
	c.want(200, "GET", "/terms", nil, &terms)
	m := map[string]any{"email": c.email, "password": password, "locale": "ja", "time_zone": "Asia/Tokyo", "accept_terms": terms.Version}
	if change != nil {
		change(m)
	}
	return m
}

// stranger registers a second account, follows the link in its mail, and signs
// in; before that sign-in is refused.
func (s *server) stranger(email string) *client {
	s.t.Helper()
	c := s.client(email)
	c.register("")
	c.wantProblem(s.t, 403, "POST", "/auth/login", map[string]any{"email": email, "password": password}, "email_not_verified")
	link := regexp.MustCompile(regexp.QuoteMeta(s.url) + `/verify\?token=([\w.~-]+)`)
	var token string
	s.until(15*time.Second, "the mail with the link", func() (bool, string) {
		mails := letters(s.t, email)
		for _, l := range mails {
			if found := link.FindStringSubmatch(l.body); found != nil {
				token = found[1]
				return true, ""
			}
		}
		return false, fmt.Sprintf("%d mails", len(mails))
	})
	status, content, err := c.do("POST", "/auth/verify", map[string]any{"token": token})
	if err != nil || status/100 != 2 {
		s.t.Fatalf("POST /auth/verify: %d %v %.200s", status, err, content)
	}
	c.login()
	return c
}

// wantProblem makes a request that must be refused in the documented form.
func (c *client) wantProblem(t testing.TB, status int, method, path string, body any, code string) {
	t.Helper()
	res, content, err := c.send(method, path, body)
	if err != nil {
		t.Errorf("%s %s: %v", method, path, err)
		return
	}
	if res.StatusCode != status {
		t.Errorf("%s %s: %d, want %d: %.300s", method, path, res.StatusCode, status, content)
		return
	}
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	var p problem
	if err := json.Unmarshal(content, &p); err != nil || kind != "application/problem+json" || p.Status != status || p.Code == "" || p.Title == "" {
		t.Errorf("%s %s: %s %.300s is no problem with status, code and title (%v)", method, path, kind, content, err)
	}
	if code != "" && p.Code != code {
		t.Errorf("%s %s: code %q, want %q", method, path, p.Code, code)
	}
	for _, leak := range []string{"pq:", "sql:", "goroutine", ".go:", "SQLSTATE"} {
		if strings.Contains(string(content), leak) {
			t.Errorf("%s %s: the answer shows internals: %.300s", method, path, content)
		}
	}
}

// snapshot is everything of an account that bad input must not change.
func snapshot(c *client) string {
	c.t.Helper()
	var b strings.Builder
	for _, path := range []string{"/me", "/contacts", "/targets"} {
		status, content, err := c.do("GET", path, nil)
		fmt.Fprintf(&b, "%s %d %v %s\n", path, status, err, content)
	}
	for _, m := range c.monitors() {
		fmt.Fprintln(&b, m.id(), m.Host, m.Service, m.State)
	}
	// What probing changes by itself is no part of it.
	moving := regexp.MustCompile(`"(status|reason|line|rtt_us|checked_at|status_since|next_check_at|verdict|verdict_since|bad_streak|good_streak|address|last_[a-z_]+)":("[^"]*"|[^,}\]]*)`)
	return moving.ReplaceAllString(b.String(), "")
}

var badHosts = []string{
	"127.1", "0x7f000001", "2130706433", "0177.0.0.1", "127.0.0.1", "::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1",
	"2002:7f00:1::", "localhost", "localhost.", "foo.localhost", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.2.7",
	"198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "0.0.0.0", "fe80::1", "fc00::1", "ff02::1", "2001:db8::1", "::",
	"1.2.3.4.5", "1.2.3", "256.1.1.1", "01.2.3.4", "1.2.3.4/24", "[2400:5::10]", "fe80::1%eth0", lineA, "2400:a::2",
	"", " ", ".", "..", "a..b", "-a.example.jp", "a-.example.jp", "exa mple.jp", "http://example.jp", "example.jp:80", "example.jp/x", "user@example.jp",
	strings.Repeat("a", 64) + ".jp", strings.Repeat("a.", 130) + "jp", "exa\x00mple.jp", "exa\nmple.jp", "xn--a", "*.example.jp", "<b>.jp",
	"private." + zone, "mixed." + zone, "loopback." + zone,
}

type badBody struct {
	name, method, path string
	body               any
	want               int
}

func badBodies(m monitor) []badBody {
	target := func(change func(map[string]any)) map[string]any {
		b := map[string]any{"host": "219.101.16.80", "label": "", "services": []string{"http"}, "owned": true}
		change(b)
		return b
	}
	with := func(key string, value any) map[string]any { return target(func(b map[string]any) { b[key] = value }) }
	path := "/monitors/" + m.id()
	return []badBody{
		{"no body", "POST", "/targets", []byte(""), 400},
		{"no JSON", "POST", "/targets", []byte(`{"host":`), 400},
		{"no object", "POST", "/targets", []byte(`[1,2]`), 400},
		{"two values", "POST", "/targets", []byte(`{"host":"219.101.16.80","label":"","services":["http"],"owned":true}{}`), 400},
		{"not UTF-8", "POST", "/targets", []byte("{\"host\":\"\xff\xfe.jp\",\"label\":\"\",\"services\":[\"http\"],\"owned\":true}"), 400},
		{"very deep", "POST", "/targets", []byte(strings.Repeat("[", 30_000)), 400},
		{"wrong type", "POST", "/targets", with("host", 7), 422},
		{"unknown field", "POST", "/targets", with("colour", "red"), 422},
		{"not owned", "POST", "/targets", with("owned", false), 422},
		{"no service", "POST", "/targets", with("services", []string{}), 422},
		{"unknown service", "POST", "/targets", with("services", []string{"gopher"}), 422},
		{"service twice", "POST", "/targets", with("services", []string{"http", "http"}), 422},
		{"long label", "POST", "/targets", with("label", strings.Repeat("x", 10_000)), 422},
		{"NUL in label", "POST", "/targets", with("label", "a\x00b"), 422},
		{"host is immutable", "PATCH", path, map[string]any{"host": "219.101.16.81"}, 422},
		{"port is immutable", "PATCH", path, map[string]any{"port": 8080}, 422},
		{"state is not set so", "PATCH", path, map[string]any{"state": "paused"}, 422},
		{"malformed patch", "PATCH", path, []byte(`{"label":`), 400},
		{"resume without ids", "POST", "/monitors/resume", map[string]any{}, 422},
		{"bad contact", "POST", "/contacts", map[string]any{"email": "not an address"}, 422},
		{"contact with a second header", "POST", "/contacts", map[string]any{"email": "a@example.jp\r\nBcc: b@example.jp"}, 422},
		{"unknown query key", "GET", "/monitors?colour=red", nil, 422},
		{"unknown filter value", "GET", "/monitors?state=asleep", nil, 422},
		{"limit too large", "GET", "/monitors?limit=100000", nil, 422},
		{"limit no number", "GET", "/monitors?limit=ten", nil, 422},
		{"forged cursor", "GET", "/monitors?cursor=AAAA", nil, 422},
		{"bad time", "GET", path + "/results?from=yesterday", nil, 422},
		{"range backwards", "GET", path + "/results?from=2026-11-22T00:00:00Z&to=2026-11-21T00:00:00Z", nil, 422},
		{"unknown format", "GET", path + "/report/download?format=pdf", nil, 422},
		{"unknown part", "GET", path + "/report/download?format=csv&part=all", nil, 422},
		{"unknown path", "GET", "/nothing", nil, 404},
		{"wrong method", "PUT", "/targets", map[string]any{}, 405},
		{"register without terms", "POST", "/auth/register", map[string]any{"email": "new@example.jp", "password": password, "locale": "ja", "time_zone": "Asia/Tokyo"}, 422},
		{"register, short password", "POST", "/auth/register", map[string]any{"email": "new@example.jp", "password": "short", "locale": "ja", "time_zone": "Asia/Tokyo", "accept_terms": "x"}, 422},
		{"register, unknown zone", "POST", "/auth/register", map[string]any{"email": "new@example.jp", "password": password, "locale": "ja", "time_zone": "Mars/Base", "accept_terms": "x"}, 422},
		{"wrong password", "POST", "/auth/login", map[string]any{"email": m.Host + "@example.jp", "password": "wrong password"}, 401},
		{"forged verify token", "POST", "/auth/verify", map[string]any{"token": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}, 422},
		{"forged contact token", "POST", "/contacts/verify", map[string]any{"token": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}, 422},
	}
}

// foreignIDs: another account's id and an id that does not exist are the same
// 404, before the body is looked at.
func foreignIDs(t *testing.T, mine *client, theirs monitor, contact string) {
	for _, id := range []string{theirs.id(), "999999999", "0", "-1", "99999999999999999999999", "abc", "1;drop", "%00"} {
		for _, r := range [][2]string{
			{"GET", "/monitors/%s"}, {"PATCH", "/monitors/%s"}, {"DELETE", "/monitors/%s"}, {"POST", "/monitors/%s/pause"},
			{"POST", "/monitors/%s/resume"}, {"POST", "/monitors/%s/probe"}, {"GET", "/monitors/%s/results"},
			{"GET", "/monitors/%s/report"}, {"GET", "/monitors/%s/report/download?format=csv"},
		} {
			mine.wantProblem(t, 404, r[0], fmt.Sprintf(r[1], id), bodyFor(r[0], r[1]), "")
		}
	}
	for _, r := range [][2]string{{"GET", "/targets/%s"}, {"PATCH", "/targets/%s"}, {"DELETE", "/targets/%s"}, {"POST", "/targets/%s/resume"}} {
		mine.wantProblem(t, 404, r[0], fmt.Sprintf(r[1], bare(theirs.TargetID)), bodyFor(r[0], r[1]), "")
	}
	mine.wantProblem(t, 404, "DELETE", "/contacts/"+contact, nil, "")
	mine.wantProblem(t, 404, "POST", "/contacts/"+contact+"/resend", nil, "")
}

// bodyFor: nonsense where a body is expected, so that the order of checks shows.
func bodyFor(method, _ string) any {
	if method == "PATCH" {
		return []byte(`{"host":`)
	}
	return nil
}

const jwtSecret = "a secret of the lab with more than 32 bytes"

// signed makes an HS256 token.
func signed(header, claims, secret string) string {
	head := header + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(head))
	return head + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func badTokens(t *testing.T, s *server, mine *client) {
	parts := strings.Split(mine.token, ".")
	if len(parts) != 3 {
		t.Fatalf("the access token is no JWT")
	}
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`))
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	later := base64.RawURLEncoding.EncodeToString(bytes.Replace(claims, []byte(`"exp":1`), []byte(`"exp":9`), 1))
	expired := regexp.MustCompile(`"exp":\d+`).ReplaceAllString(string(claims), fmt.Sprintf(`"exp":%d`, time.Now().Add(-time.Minute).Unix()))
	if signed(parts[0], string(claims), jwtSecret) != mine.token {
		t.Fatalf("the test's signature is not the server's: the tokens below would prove nothing")
	}
	for name, token := range map[string]string{
		"expired": signed(parts[0], expired, jwtSecret), "another key": signed(parts[0], string(claims), "another secret of at least 32 bytes, see"),
		"none": "", "nonsense": "abc", "empty parts": "..", "cut": mine.token[:len(mine.token)-4], "unsigned": none + "." + parts[1] + ".",
		"claims changed": parts[0] + "." + later + "." + parts[2], "other algorithm": none + "." + parts[1] + "." + parts[2],
	} {
		c := s.client(mine.email)
		c.token = token
		for _, r := range [][2]string{{"GET", "/me"}, {"GET", "/monitors"}, {"POST", "/targets"}, {"GET", "/report/download?format=json"}, {"GET", "/operator/mails"}} {
			t.Run(name, func(t *testing.T) { c.wantProblem(t, 401, r[0], r[1], nil, "") })
		}
	}
	out := s.client(mine.email)
	out.login()
	out.want(200, "GET", "/me", nil, nil)
	if status, content, err := out.do("POST", "/auth/logout", nil); err != nil || status/100 != 2 {
		t.Fatalf("logout: %d %v %.200s", status, err, content)
	}
	until(t, 3*time.Second, "the token of a closed session to be refused", func() (bool, string) {
		status, _, err := out.do("GET", "/me", nil)
		return err == nil && status == 401, fmt.Sprint(status, err)
	})
}
