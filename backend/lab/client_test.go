//go:build lab

package lab

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"testing"
	"time"
)

const password = "correct horse battery staple 7"

// client speaks to one server as one account.
type client struct {
	t     testing.TB
	base  string
	email string
	token string
	http  *http.Client
}

type monitor struct {
	ID           json.RawMessage `json:"id"`
	TargetID     json.RawMessage `json:"target_id"`
	Host         string          `json:"host"`
	Service      string          `json:"service"`
	State        string          `json:"state"`
	Verdict      string          `json:"verdict"`
	Told         string          `json:"told"`
	Status       string          `json:"status"`
	Reason       string          `json:"reason"`
	Line         string          `json:"line"`
	Address      string          `json:"address"`
	CheckedAt    *time.Time      `json:"checked_at"`
	NextCheckAt  *time.Time      `json:"next_check_at"`
	StoppedAt    *time.Time      `json:"stopped_at"`
	BadStreak    int             `json:"bad_streak"`
	GoodStreak   int             `json:"good_streak"`
	VerdictSince *time.Time      `json:"verdict_since"`
}

// id is the monitor's id as it stands in an address, number or string.
func (m monitor) id() string { return bare(m.ID) }

func (m monitor) String() string {
	return fmt.Sprintf("%s %s: %s/%s %s/%s bad %d good %d", m.Host, m.Service, m.State, m.Verdict, m.Status, m.Reason, m.BadStreak, m.GoodStreak)
}

func bare(id json.RawMessage) string {
	var s string
	if json.Unmarshal(id, &s) == nil {
		return s
	}
	return string(id)
}

type result struct {
	CheckedAt time.Time `json:"checked_at"`
	Status    string    `json:"status"`
	Reason    string    `json:"reason"`
	Line      string    `json:"line"`
	RTT       *int64    `json:"rtt_us"`
	Address   string    `json:"address"`
}

func (r result) failed() bool { return r.Status == "ng" || r.Status == "wr" || r.Status == "err" }

func (r result) String() string {
	return fmt.Sprintf("%s %s/%s over %s", r.CheckedAt.Format("15:04:05.000"), r.Status, r.Reason, r.Line)
}

type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Code   string `json:"code"`
}

func (s *server) client(email string) *client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &client{t: s.t, base: s.url, email: email, http: &http.Client{Timeout: 20 * time.Second, Jar: jar}}
}

// setUp registers the first account by the set-up code and signs it in.
func (s *server) setUp() *client {
	s.t.Helper()
	c := s.client(s.contact)
	c.register(setupCode)
	c.login()
	return c
}

func (c *client) register(code string) {
	c.t.Helper()
	var terms struct {
		Version json.RawMessage `json:"version"`
	}
	c.want(200, "GET", "/terms", nil, &terms)
	body := map[string]any{
		"email": c.email, "password": password, "locale": "en", "time_zone": "Asia/Tokyo", "accept_terms": terms.Version,
	}
	if code != "" {
		body["setup_code"] = code
	}
	status, content, again, err := c.patient("POST", "/auth/register", body)
	// One that was busy may have been written all the same; signing in tells.
	if err != nil || status != 201 && (!again || status != 403) {
		c.t.Fatalf("register: %d %.500s %v", status, content, err)
	}
}

func (c *client) login() {
	c.t.Helper()
	var out struct {
		AccessToken string `json:"access_token"`
		TokenType   string `json:"token_type"`
		ExpiresIn   int    `json:"expires_in"`
	}
	c.token = ""
	c.want(200, "POST", "/auth/login", map[string]any{"email": c.email, "password": password}, &out)
	if out.AccessToken == "" || out.ExpiresIn <= 0 {
		c.t.Fatalf("login answered without a token: %+v", out)
	}
	c.token = out.AccessToken
}

// want makes a request and insists on the status; out may be nil.
func (c *client) want(status int, method, path string, body, out any) {
	c.t.Helper()
	got, content, _, err := c.patient(method, path, body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	if got != status {
		c.t.Fatalf("%s %s: %d instead of %d: %.500s", method, path, got, status, content)
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal(content, out); err != nil {
		c.t.Fatalf("%s %s: %v in %.300s", method, path, err, content)
	}
}

// patient asks again while the service says that it is busy, as it does for a
// moment when many servers of the lab start on a small machine, or this one's
// database has just come back.
func (c *client) patient(method, path string, body any) (status int, content []byte, again bool, err error) {
	for end := time.Now().Add(20 * time.Second); ; again = true {
		status, content, err = c.do(method, path, body)
		if err != nil || status != http.StatusServiceUnavailable || time.Now().After(end) {
			return status, content, again, err
		}
	}
}

// do makes a request; a []byte body goes as it is, anything else as JSON.
func (c *client) do(method, path string, body any) (int, []byte, error) {
	res, content, err := c.send(method, path, body)
	if err != nil {
		return 0, nil, err
	}
	return res.StatusCode, content, nil
}

func (c *client) send(method, path string, body any) (*http.Response, []byte, error) {
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case []byte:
		reader = bytes.NewReader(b)
	default:
		content, err := json.Marshal(b)
		if err != nil {
			return nil, nil, err
		}
		reader = bytes.NewReader(content)
	}
	req, err := http.NewRequest(method, c.base+"/api/v1"+path, reader)
	if err != nil {
		return nil, nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	return res, content, err
}

// watch registers a target and gives its monitors by service.
func (c *client) watch(host string, services ...string) map[string]monitor {
	c.t.Helper()
	var out struct {
		ID       json.RawMessage `json:"id"`
		Monitors []monitor       `json:"monitors"`
	}
	c.want(201, "POST", "/targets", map[string]any{"host": host, "label": "", "services": services, "owned": true}, &out)
	byService := map[string]monitor{}
	for _, m := range out.Monitors {
		byService[m.Service] = m
	}
	if len(byService) != len(services) {
		c.t.Fatalf("POST /targets %s: %d monitors for %v", host, len(byService), services)
	}
	return byService
}

func (c *client) monitor(id string) monitor {
	c.t.Helper()
	var m monitor
	c.want(200, "GET", "/monitors/"+id, nil, &m)
	return m
}

// monitors lists all of the account's, page by page.
func (c *client) monitors() []monitor {
	c.t.Helper()
	return pages[monitor](c, "/monitors", url.Values{})
}

// results gives all results of a monitor, oldest first.
func (c *client) results(id string) []result {
	c.t.Helper()
	now := time.Now()
	return pages[result](c, "/monitors/"+id+"/results", url.Values{
		"from": {now.Add(-time.Hour).UTC().Format(time.RFC3339)}, "to": {now.Add(time.Hour).UTC().Format(time.RFC3339)},
	})
}

func pages[T any](c *client, path string, query url.Values) []T {
	c.t.Helper()
	query.Set("limit", "200")
	var all []T
	for {
		var page struct {
			Items      []T     `json:"items"`
			NextCursor *string `json:"next_cursor"`
		}
		c.want(200, "GET", path+"?"+query.Encode(), nil, &page)
		all = append(all, page.Items...)
		if page.NextCursor == nil {
			return all
		}
		query.Set("cursor", *page.NextCursor)
	}
}

// download is the JSON download of all monitors.
type download struct {
	Monitors []struct {
		Monitor monitor  `json:"monitor"`
		Results []result `json:"results"`
	} `json:"monitors"`
}

func (c *client) download() download {
	c.t.Helper()
	var d download
	c.want(200, "GET", "/report/download?format=json&part=results", nil, &d)
	return d
}

// untilMonitor asks until the monitor is as wanted.
func (c *client) untilMonitor(id string, limit time.Duration, what string, ok func(monitor) bool) monitor {
	c.t.Helper()
	var m monitor
	until(c.t, limit, what, func() (bool, string) {
		m = c.monitor(id)
		return ok(m), m.String()
	})
	return m
}
