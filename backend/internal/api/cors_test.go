package api

import (
	"net/http"
	"testing"
)

const friend = "https://status.example.jp"

func preflight(origin string) request {
	return request{method: http.MethodOptions, path: "/targets", bearer: "-", header: map[string]string{
		"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type",
	}}
}

func allowedOrigin(a *app, r request) string {
	return a.do(r).Header().Get("Access-Control-Allow-Origin")
}

func TestNobodyElsesPageReadsTheAPI(t *testing.T) {
	a := newApp(t)
	for _, origin := range []string{friend, "null", "https://watch.example.jp"} {
		w := a.do(preflight(origin))
		if got := w.Header().Get("Access-Control-Allow-Origin"); w.Code != 405 || got != "" {
			t.Errorf("%s: %d, allowed %q", origin, w.Code, got)
		}
		if got := allowedOrigin(a, request{method: "GET", path: "/me", header: map[string]string{"Origin": origin}}); got != "" {
			t.Errorf("GET from %s: allowed %q", origin, got)
		}
	}
}

func TestOnlyNamedOriginsReadTheAPI(t *testing.T) {
	a := newApp(t, func(c *Config) { c.CORSOrigins = []string{friend} })
	w := a.do(preflight(friend))
	h := w.Header()
	if w.Code != http.StatusNoContent || h.Get("Access-Control-Allow-Origin") != friend || h.Get("Vary") != "Origin" ||
		h.Get("Access-Control-Allow-Headers") != corsHeaders || h.Get("Access-Control-Allow-Methods") != corsMethods {
		t.Errorf("%d %v", w.Code, h)
	}
	w = a.do(request{method: "GET", path: "/me", header: map[string]string{"Origin": friend}})
	if w.Code != 200 || w.Header().Get("Access-Control-Allow-Origin") != friend || w.Header().Get("Access-Control-Expose-Headers") == "" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if w.Header().Get("Access-Control-Allow-Credentials") != "" {
		t.Error("cookies may come along")
	}
	for _, origin := range []string{
		"http://status.example.jp", friend + ".evil.example", "https://evil-status.example.jp", friend + ":8443", "null", "HTTPS://STATUS.EXAMPLE.JP", "*", "",
	} {
		if w := a.do(preflight(origin)); w.Code != 405 || w.Header().Get("Access-Control-Allow-Origin") != "" || w.Header().Get("Vary") != "Origin" {
			t.Errorf("%q: %d %v", origin, w.Code, w.Header())
		}
	}
	refresh := request{method: "POST", path: "/auth/refresh", bearer: "-", header: map[string]string{"Origin": friend, "Sec-Fetch-Site": "cross-site"}}
	a.refused(403, "cross_origin", refresh) // the cookie's calls are the page's own
	page := request{method: "GET", path: "//x", bearer: "-", header: map[string]string{"Origin": friend}}
	if got := allowedOrigin(a, page); got != "" {
		t.Errorf("the page: allowed %q", got)
	}
}
