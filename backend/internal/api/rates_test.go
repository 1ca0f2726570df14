package api

import (
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// rated is an app whose calls are limited.
func rated(t *testing.T, r Rates) *app {
	t.Helper()
	return newApp(t, func(c *Config) { c.Rates = r })
}

// refusedAfter makes n calls that are taken and one that is not.
func (a *app) refusedAfter(n int, r request) {
	a.t.Helper()
	for i := range n {
		if w := a.do(r); w.Code >= 300 {
			a.t.Fatalf("%s %s: call %d: %d %s", r.method, r.path, i+1, w.Code, w.Body)
		}
	}
	a.refused(429, "too_many_requests", r)
	if wait := a.do(r).Header().Get("Retry-After"); wait != "60" {
		a.t.Errorf("%s %s: Retry-After %q", r.method, r.path, wait)
	}
}

func TestCallsOfASessionAreCounted(t *testing.T) {
	a := rated(t, Rates{Session: 20, Token: 5})
	me := request{method: "GET", path: "/me"}
	for left := 19; left >= 18; left-- {
		h := a.do(me).Header()
		if h.Get("RateLimit-Policy") != `"session";q=20;w=60` || h.Get("RateLimit") != fmt.Sprintf(`"session";r=%d;t=60`, left) {
			t.Errorf("%q %q", h.Get("RateLimit-Policy"), h.Get("RateLimit"))
		}
	}
	a.refusedAfter(18, me)
	if h := a.do(me).Header(); h.Get("RateLimit") != `"session";r=0;t=60` {
		t.Errorf("beyond: %q", h.Get("RateLimit"))
	}
	if w := a.do(request{method: "GET", path: "/me", bearer: a.other}); w.Code != 200 {
		t.Errorf("another session: %d", w.Code)
	}
	if w := a.do(request{method: "GET", path: "/me", bearer: a.session(1)}); w.Code != 200 {
		t.Errorf("another session of the account: %d", w.Code)
	}
	a.f.now = a.f.now.Add(time.Minute)
	if w := a.do(me); w.Code != 200 {
		t.Errorf("a minute later: %d", w.Code)
	}
}

func TestCallsOfAnAPITokenAreCountedAlsoWhereItMayNot(t *testing.T) {
	a := rated(t, Rates{Session: 20, Token: 3})
	raw := a.apiToken(1, account.ScopeContactsRead)
	for range 3 {
		a.refused(403, "scope_missing", request{method: "GET", path: "/targets", bearer: raw})
	}
	a.refused(429, "too_many_requests", request{method: "GET", path: "/contacts", bearer: raw})
	if w := a.do(request{method: "GET", path: "/contacts", bearer: a.apiToken(1, account.ScopeContactsRead)}); w.Code != 200 {
		t.Errorf("another token: %d", w.Code)
	}
}

func TestDownloadsOfAnAccountAreCounted(t *testing.T) {
	a := rated(t, Rates{Downloads: 4})
	a.f.download = func(w io.Writer, _ uptime.Download) error { _, err := io.WriteString(w, "a report"); return err }
	all := request{method: "GET", path: "/report/download"}
	one := request{method: "GET", path: fmt.Sprintf("/monitors/%d/report/download", a.f.watch(1, "www.example.jp", uptime.HTTP).Monitors[0].ID)}
	link := request{method: "POST", path: "/report/links", body: `{"format":"csv"}`}
	a.do(link)
	a.do(one)
	a.refusedAfter(2, all)
	a.refused(429, "too_many_requests", one)
	a.refused(429, "too_many_requests", link)
	if w := a.do(request{method: "GET", path: "/report/download", bearer: a.other}); w.Code != 200 {
		t.Errorf("another account: %d", w.Code)
	}
}

func TestAMonitorIsProbedOnceAMinute(t *testing.T) {
	a := rated(t, Rates{Probes: 1})
	probe := func(id int64) request {
		return request{method: "POST", path: fmt.Sprintf("/monitors/%d/probe", id)}
	}
	first := a.f.watch(1, "www.example.jp", uptime.HTTP).Monitors[0].ID
	a.refusedAfter(1, probe(first))
	a.refused(404, "not_found", probe(first+1000))
	a.f.now = a.f.now.Add(time.Minute)
	if w := a.do(probe(first)); w.Code != 200 {
		t.Errorf("a minute later: %d", w.Code)
	}
}
