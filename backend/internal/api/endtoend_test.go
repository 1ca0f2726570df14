package api_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/api"
	"github.com/hinomi-watch/hinomi/backend/internal/postgres"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func TestANewcomerSignsUpAndWatchesAServer(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	if status, body := s.client().do("POST", "/api/v1/auth/register", object{
		"email": "early@example.jp", "password": password, "locale": "ja", "time_zone": "Asia/Tokyo", "accept_terms": "2026-11-22",
	}); status != 403 || !strings.Contains(string(body), "setup_required") {
		t.Fatalf("before set-up: %d %s", status, body)
	}
	operator := s.operator()
	if contacts := want[api.ContactList](operator, 200, "GET", "/contacts", nil); len(contacts.Items) != 1 || contacts.Items[0].VerifiedAt == nil {
		t.Errorf("the operator's contacts: %+v", contacts)
	}

	c := s.client()
	c.register("Taro@example.jp", "")
	if status, body := c.do("POST", "/api/v1/auth/login", object{"email": "taro@example.jp", "password": password}); status != 403 || !strings.Contains(string(body), "email_not_verified") {
		t.Fatalf("before verification: %d %s", status, body)
	}
	want[object](c, 204, "POST", "/auth/resend", object{"email": "taro@EXAMPLE.jp"})
	token := s.mailed("account", "Taro@example.jp")
	want[object](c, 200, "POST", "/auth/verify", object{"token": token})
	want[object](c, 422, "POST", "/auth/verify", object{"token": token})
	c.login("taro@example.jp")
	if me := want[api.MeResponse](c, 200, "GET", "/me", nil); me.Role != "user" || me.VerifiedContacts != 1 {
		t.Errorf("me %+v", me)
	}

	target := c.watch("WWW.Example.jp.", "http", "ping")
	if target.Host != "www.example.jp" || len(target.Monitors) != 2 || target.Monitors[0].Service != "ping" {
		t.Fatalf("target %+v", target)
	}
	want[object](c, 409, "POST", "/targets", object{"host": "www.example.jp", "services": []string{"ftp"}, "owned": true})
	added := want[api.MonitorResponse](c, 201, "POST", "/monitors", object{"target_id": target.ID, "service": "dns"})
	want[object](c, 409, "POST", "/monitors", object{"target_id": target.ID, "service": "dns"})
	want[object](c, 204, "DELETE", path("/monitors/%d", added.ID), nil)
	want[object](c, 404, "DELETE", path("/monitors/%d", added.ID), nil)
	if st := want[api.StatusResponse](c, 200, "GET", "/status", nil); st.Overall != "pending" || st.Counts.Pending != 2 {
		t.Errorf("status %+v", st)
	}
}

func TestAServerFailsStopsAndIsResumed(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	c := s.operator()
	m := c.watch("www.example.jp", "http").Monitors[0]
	one := path("/monitors/%d", m.ID)
	for _, reason := range []uptime.Reason{uptime.Connected, uptime.Connected, uptime.Refused, uptime.Timeout} {
		s.record(reason, m.ID)
	}
	st := want[api.StatusResponse](c, 200, "GET", "/status", nil)
	if st.Overall != "trouble" || st.Counts.Down != 1 || len(st.Problems) != 1 {
		t.Fatalf("status %+v", st)
	}
	if p := st.Problems[0]; p.MonitorID != m.ID || *p.Reason != "timeout" || !slices.Equal(p.Lines, []string{"a", "b"}) || p.Since == nil || st.CheckedAt == nil {
		t.Errorf("problem %+v, checked at %v", p, st.CheckedAt)
	}
	s.record(uptime.Timeout, m.ID)
	s.record(uptime.Timeout, m.ID)
	stopped := want[api.MonitorResponse](c, 200, "GET", one, nil)
	if stopped.State != "stopped" || stopped.Verdict != "down" || stopped.BadStreak != 4 || stopped.IncidentID == nil || stopped.StoppedAt == nil {
		t.Fatalf("stopped %+v", stopped)
	}
	if list := want[api.MonitorList](c, 200, "GET", "/monitors"+query("state", "stopped", "verdict", "down", "service", "http", "host", "www.example.jp", "q", "EXAMPLE"), nil); len(list.Items) != 1 {
		t.Errorf("list %+v", list)
	}
	if n := want[api.ResumeResponse](c, 200, "POST", "/monitors/resume", object{"all_stopped": true}).Resumed; n != 1 {
		t.Errorf("resumed %d", n)
	}
	if again := want[api.MonitorResponse](c, 200, "POST", one+"/resume", nil); again.State != "active" || again.Verdict != "pending" || again.Told != "trouble" {
		t.Errorf("resumed %+v", again)
	}
	s.record(uptime.Connected, m.ID)
	s.record(uptime.Connected, m.ID)
	incidents := want[api.IncidentList](c, 200, "GET", "/incidents"+query("monitor_id", fmt.Sprint(m.ID)), nil)
	if len(incidents.Items) != 1 || incidents.Items[0].EndedAt == nil || incidents.Items[0].ObservedUntil == nil || incidents.Items[0].Cause != "refused" {
		t.Errorf("incidents %+v", incidents)
	}
	if up := want[api.MonitorResponse](c, 200, "POST", one+"/pause", nil); up.State != "paused" || up.Told != "well" {
		t.Errorf("paused %+v", up)
	}
	var got []string
	cursor := one + "/results" + query("limit", "3")
	for {
		page := want[api.ResultList](c, 200, "GET", cursor, nil)
		for _, r := range page.Items {
			got = append(got, r.Reason+" "+*r.Line)
		}
		if page.NextCursor == nil {
			break
		}
		cursor = one + "/results" + query("limit", "3", "cursor", *page.NextCursor)
	}
	if wanted := []string{"connected a", "connected b", "refused a", "timeout b", "timeout a", "timeout b", "connected a", "connected b"}; !slices.Equal(got, wanted) {
		t.Errorf("results %v", got)
	}
}

// Whatever one account has does not exist for another one.
func TestAccountsAreWorldsApart(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	mine, theirs := s.operator(), s.user("other@example.jp")
	target := theirs.watch("www.example.jp", "http", "ping")
	monitor := target.Monitors[0]
	contact := want[api.ContactResponse](theirs, 201, "POST", "/contacts", object{"email": "abc..def@docomo.ne.jp"})
	s.record(uptime.Timeout, monitor.ID)
	s.record(uptime.Timeout, monitor.ID)
	before := one[string](s, `select string_agg(t::text, '|' order by t::text) from (select * from targets) t`)
	states := one[string](s, `select string_agg(t::text, '|' order by t.monitor_id) from monitor_states t`)

	for _, r := range [][2]string{
		{"GET", path("/targets/%d", target.ID)}, {"PATCH", path("/targets/%d", target.ID)}, {"DELETE", path("/targets/%d", target.ID)},
		{"POST", path("/targets/%d/resume", target.ID)}, {"GET", path("/monitors/%d", monitor.ID)}, {"PATCH", path("/monitors/%d", monitor.ID)},
		{"DELETE", path("/monitors/%d", monitor.ID)}, {"POST", path("/monitors/%d/pause", monitor.ID)}, {"POST", path("/monitors/%d/resume", monitor.ID)},
		{"POST", path("/monitors/%d/probe", monitor.ID)}, {"GET", path("/monitors/%d/results", monitor.ID)}, {"GET", path("/monitors/%d/report", monitor.ID)},
		{"GET", path("/monitors/%d/report/download", monitor.ID)}, {"DELETE", path("/contacts/%d", contact.ID)}, {"POST", path("/contacts/%d/resend", contact.ID)},
	} {
		if p := want[api.Problem](mine, 404, r[0], r[1], object{"label": "taken over"}); p.Code != "not_found" {
			t.Errorf("%s %s: %+v", r[0], r[1], p)
		}
	}
	want[api.Problem](mine, 404, "POST", "/monitors", object{"target_id": target.ID, "service": "ftp"})
	want[api.Problem](mine, 404, "POST", "/monitors/resume", object{"ids": []int64{monitor.ID}})
	want[api.Problem](mine, 404, "POST", "/report/links", object{"monitor_id": monitor.ID})
	want[api.Problem](mine, 404, "GET", "/incidents"+query("monitor_id", fmt.Sprint(monitor.ID)), nil)
	for _, list := range []string{"/targets", "/monitors", "/incidents"} {
		if items := want[object](mine, 200, "GET", list, nil)["items"].([]any); len(items) != 0 {
			t.Errorf("%s shows %v", list, items)
		}
	}
	if st := want[api.StatusResponse](mine, 200, "GET", "/status", nil); st.Overall != "empty" {
		t.Errorf("status %+v", st)
	}
	if n := want[api.ResumeResponse](mine, 200, "POST", "/monitors/resume", object{"all_stopped": true}).Resumed; n != 0 {
		t.Errorf("resumed %d of another account", n)
	}
	if after := one[string](s, `select string_agg(t::text, '|' order by t::text) from (select * from targets) t`); after != before {
		t.Errorf("targets were %s, are %s", before, after)
	}
	if after := one[string](s, `select string_agg(t::text, '|' order by t.monitor_id) from monitor_states t`); after != states {
		t.Errorf("states were %s, are %s", states, after)
	}
	if len(want[api.ContactList](theirs, 200, "GET", "/contacts", nil).Items) != 2 {
		t.Error("a contact is gone")
	}
}

func TestBadHostsAreRefusedAndNothingIsMade(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	c := s.operator()
	for _, host := range []string{
		"127.1", "0x7f000001", "2130706433", "0177.0.0.1", "::ffff:10.0.0.1", "localhost", "www", "http://www.example.jp/", "www.example.jp:80",
		"www.example.jp/path", "user@www.example.jp", "10.0.0.1", "127.0.0.1", "169.254.169.254", "192.168.1.1", "100.64.0.1", "224.0.0.1",
		"255.255.255.255", "0.0.0.0", "::1", "fe80::1", "fe80::1%eth0", "fd00::1", "64:ff9b::a00:1", "2002:a00:1::1", "private.example.jp",
		"a..example.jp", "-a.example.jp", strings.Repeat("a", 64) + ".jp", strings.Repeat("a.", 130) + "jp", " ", "a b.jp", "a\u0000.jp", "例え。テスト:80", "*.example.jp",
	} {
		p := want[api.Problem](c, 422, "POST", "/targets", object{"host": host, "services": []string{"ping"}, "owned": true})
		if p.Code != "invalid_input" || len(p.Errors) != 1 || p.Errors[0].Field != "host" {
			t.Errorf("%q: %+v", host, p)
		}
	}
	if n := one[int](s, `select count(*) from targets`); n != 0 {
		t.Errorf("%d targets were made", n)
	}
	idn := c.watch("日本語.example.jp", "ping")
	if idn.Host != "xn--wgv71a119e.example.jp" || idn.HostDisplay != "日本語.example.jp" {
		t.Errorf("made %q, shown as %q", idn.Host, idn.HostDisplay)
	}
}

func TestARefreshTokenThatIsUsedTwiceEndsTheSession(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	c := s.operator()
	at := s.url + "/api/v1/auth"
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, at, nil)
	if err != nil {
		t.Fatal(err)
	}
	stolen := c.web.Jar.Cookies(req.URL)
	if len(stolen) != 1 {
		t.Fatalf("cookies %v", stolen)
	}
	c.bearer = want[api.TokenResponse](c, 200, "POST", "/auth/refresh", nil).AccessToken
	want[api.MeResponse](c, 200, "GET", "/me", nil)
	if _, err := s.db.SQL().ExecContext(t.Context(), `update sessions set rotated_at = rotated_at - interval '31 seconds'`); err != nil {
		t.Fatal(err)
	}
	thief := s.client()
	thief.web.Jar.SetCookies(req.URL, stolen)
	want[api.Problem](thief, 401, "POST", "/auth/refresh", nil)
	want[api.Problem](c, 401, "POST", "/auth/refresh", nil)
}

func TestOnlyOneOfManyBecomesTheOperator(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	statuses := make(chan int, 5)
	for i := range cap(statuses) {
		c := s.client()
		go func() {
			status, _, err := c.patient("POST", "/api/v1/auth/register", object{
				"email": fmt.Sprintf("o%d@example.jp", i), "password": password, "locale": "ja", "time_zone": "Asia/Tokyo",
				"accept_terms": "2026-11-22", "setup_code": setupCode,
			})
			if err != nil {
				status = -1
			}
			statuses <- status
		}()
	}
	made := 0
	for range cap(statuses) {
		switch status := <-statuses; status {
		case 201:
			made++
		case 403:
		default:
			t.Errorf("status %d", status)
		}
	}
	if n := one[int](s, `select count(*) from accounts`); made != 1 || n != 1 {
		t.Errorf("%d were told so, %d accounts", made, n)
	}
}

// A database that takes connections and never says a word is the worst case.
func TestWithASilentDatabaseTheAnswerComesWithinTwoSeconds(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	go func() {
		var held []net.Conn // or the collector would close them
		for {
			conn, err := silent.Accept()
			if err != nil {
				for _, c := range held {
					_ = c.Close()
				}
				return
			}
			held = append(held, conn)
		}
	}()
	for name, address := range map[string]string{"silent": silent.Addr().String(), "refusing": "127.0.0.1:1"} {
		db, err := postgres.Open("postgres://hinomi@"+address+"/hinomi?sslmode=disable", postgres.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		c := serve(t, db).client()
		for _, p := range []string{"/readyz", "/api/v1/service"} {
			begun := time.Now()
			status, body := c.do("GET", p, nil)
			var problem api.Problem
			if err := json.Unmarshal(body, &problem); err != nil || status != 503 || problem.Code != "unavailable" {
				t.Errorf("%s %s: %d %s", name, p, status, body)
			}
			if took := time.Since(begun); took > 2*time.Second {
				t.Errorf("%s %s: the answer took %v", name, p, took)
			}
		}
		if status, _ := c.do("GET", "/healthz", nil); status != 200 {
			t.Errorf("%s: healthz %d", name, status)
		}
	}
}
