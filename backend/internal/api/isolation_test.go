package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/hinomi-watch/hinomi/backend/internal/api"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// The account comes from the credential alone. Elsewhere a header switched the
// check off (CVE-2026-30956), and a role was taken from a profile
// (CVE-2026-31836).
func TestAnotherAccountCannotBeNamed(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.operator()
	me, other := s.user("me@example.jp"), s.user("other@example.jp")
	mine, theirs := me.own(1), other.own(2)
	account := one[int64](s, `select id from accounts where email = 'other@example.jp'`)
	for _, header := range []string{
		"X-Account-Id", "X-Tenant-Id", "X-User-Id", "X-Project-Id", "X-Hinomi-Account", "X-Is-Multi-Tenant-Query",
		"X-Forwarded-User", "Remote-User", "X-Original-Url", "X-Http-Method-Override",
	} {
		req, err := me.request(http.MethodGet, path("/api/v1/monitors/%d", theirs.monitor), nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set(header, fmt.Sprint(account))
		res, err := me.web.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if _ = res.Body.Close(); res.StatusCode != http.StatusNotFound {
			t.Errorf("with %s: %d", header, res.StatusCode)
		}
	}
	for _, list := range []string{"/me", "/contacts", "/targets", "/monitors", "/incidents", "/status", "/report/download"} {
		if status, body := me.do("GET", path("/api/v1%s?account_id=%d", list, account), nil); status != 422 {
			t.Errorf("%s with another account: %d %s", list, status, body)
		}
	}
	before := me.all() + other.all()
	for _, field := range []string{
		"account_id", "id", "role", "state", "verdict", "generation", "bad_streak", "created_at", "verified_at", "target_id", "host", "port", "told", "stop_after",
	} {
		for _, c := range []call{
			{path("/monitors/%d", mine.monitor), object{"label": "x", field: account}},
			{path("/targets/%d", mine.target), object{"label": "x", field: account}},
		} {
			if status, body := me.do("PATCH", "/api/v1"+c.path, c.body); status != 422 {
				t.Errorf("PATCH %s with %s: %d %s", c.path, field, status, body)
			}
		}
	}
	for _, c := range []call{
		{"/targets", object{"host": "x.example.jp", "services": []string{"ping"}, "owned": true, "account_id": account}},
		{"/contacts", object{"email": "x@example.jp", "verified_at": "2026-01-01T00:00:00Z"}},
		{"/auth/login", object{"email": "me@example.jp", "password": password, "role": "operator"}},
	} {
		if status, body := me.do("POST", "/api/v1"+c.path, c.body); status != 422 {
			t.Errorf("POST %s %v: %d %s", c.path, c.body, status, body)
		}
	}
	if after := me.all() + other.all(); after != before {
		t.Errorf("before\n%s\nafter\n%s", before, after)
	}
}

// tagged is an account whose every value holds a word of its own.
type tagged struct {
	*client
	tag string
	own things
}

func (s *system) tagged(tag string) tagged {
	s.t.Helper()
	c := s.user(tag + "@example.jp")
	var own things
	for i := range 4 {
		made := c.watch(fmt.Sprintf("%s-%d.example.jp", tag, i), "http", "ping")
		want[object](c, 200, "PATCH", path("/targets/%d", made.ID), object{"label": tag + " label", "notes": tag + " notes"})
		own = things{target: made.ID, monitor: made.Monitors[0].ID}
		for range 4 {
			s.record(uptime.Refused, made.Monitors[0].ID, made.Monitors[1].ID)
		}
	}
	person := want[api.ContactResponse](c, 201, "POST", "/contacts", object{"email": tag + "-second@example.jp"})
	own.contact = person.ID
	return tagged{client: c, tag: tag, own: own}
}

// reads are the ways to see many values at once.
func (a tagged) reads() []string {
	return []string{
		"/me", "/contacts", "/targets", "/monitors", "/monitors?state=stopped", "/status", "/incidents",
		path("/targets/%d", a.own.target), path("/monitors/%d", a.own.monitor), path("/monitors/%d/results", a.own.monitor),
		path("/monitors/%d/report", a.own.monitor), "/report/download", "/report/download?format=json", "/report/download?part=summary",
	}
}

// link makes a download link and follows it, as a browser does.
func (a tagged) link() (string, error) {
	status, body, err := a.patient("POST", "/api/v1/report/links", object{"format": "csv"})
	if err != nil || status != 201 {
		return "", fmt.Errorf("link: %d %s %w", status, body, err)
	}
	_, address, _ := strings.Cut(string(body), `"url":"`)
	address, _, _ = strings.Cut(address, `"`)
	if at := strings.Index(address, "/api/"); at >= 0 {
		address = address[at:]
	}
	status, body, err = a.patient("GET", address, nil)
	if err != nil || status != 200 {
		return "", fmt.Errorf("%s: %d %s %w", address, status, body, err)
	}
	return string(body), nil
}

// look reads everything some times and tells of the first thing that is not
// its own, or is missing.
func (a tagged) look(times int, foreign string) error {
	for range times {
		for _, read := range a.reads() {
			status, body, err := a.patient("GET", "/api/v1"+read, nil)
			if err != nil || status != 200 {
				return fmt.Errorf("%s: %d %s %w", read, status, body, err)
			}
			if strings.Contains(string(body), foreign) {
				return fmt.Errorf("%s of %s holds what is %s's", read, a.tag, foreign)
			}
			if !strings.Contains(read, "/results") && !strings.Contains(read, "/report") && !strings.Contains(string(body), a.tag) {
				return fmt.Errorf("%s of %s does not hold its own", read, a.tag)
			}
		}
		downloaded, err := a.link()
		if err != nil {
			return err
		}
		if strings.Contains(downloaded, foreign) || !strings.Contains(downloaded, a.tag) {
			return fmt.Errorf("the link of %s gave\n%s", a.tag, downloaded)
		}
	}
	return nil
}

func TestFiftyClientsOfTwoAccountsNeverSeeEachOther(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.operator()
	red, blue := s.tagged("akane"), s.tagged("aoi")
	const clients, times = 50, 2
	faults := make(chan error, clients)
	var all sync.WaitGroup
	for i := range clients {
		who, foreign := red, blue.tag
		if i%2 == 1 {
			who, foreign = blue, red.tag
		}
		all.Go(func() { faults <- who.look(times, foreign) })
	}
	all.Wait()
	close(faults)
	for err := range faults {
		if err != nil {
			t.Error(err)
		}
	}
	for _, a := range []tagged{red, blue} {
		foreign := one[int](s, `
select count(*)
from deliveries d
join contacts c on c.id = d.contact_id
join accounts a on a.id = d.account_id
join alert_events e on e.id = d.event_id
where a.email = $1 and (c.account_id <> a.id or e.account_id <> a.id)`, a.tag+"@example.jp")
		owed := one[int](s, `select count(*) from deliveries d join accounts a on a.id = d.account_id where a.email = $1`, a.tag+"@example.jp")
		if foreign != 0 || owed == 0 {
			t.Errorf("%s is owed %d mails, %d of them another's", a.tag, owed, foreign)
		}
	}
}
