package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

const goodTarget = `{"host":"www.example.jp","label":"","services":["ping"],"owned":true}`

func TestBadBodiesAreRefusedAndChangeNothing(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 20) + "1" + strings.Repeat("}", 20)
	tests := []struct {
		name, body  string
		status      int
		code, field string
		fieldCode   string
	}{
		{name: "empty", body: " ", status: 400, code: "malformed_json"},
		{name: "cut off", body: `{"host":"a.example"`, status: 400, code: "malformed_json"},
		{name: "not JSON", body: `host=a.example`, status: 400, code: "malformed_json"},
		{name: "array", body: `[]`, status: 400, code: "malformed_json"},
		{name: "null", body: `null`, status: 400, code: "malformed_json"},
		{name: "number", body: `1`, status: 400, code: "malformed_json"},
		{name: "trailing data", body: goodTarget + `{}`, status: 400, code: "malformed_json"},
		{name: "trailing comma", body: `{"owned":true,}`, status: 400, code: "malformed_json"},
		{name: "a member twice", body: `{"host":"a.example","host":"b.example","services":["ping"],"owned":true}`, status: 400, code: "malformed_json"},
		{name: "a member twice, escaped", body: `{"host":"a.example","\u0068ost":"b.example","services":["ping"],"owned":true}`, status: 400, code: "malformed_json"},
		{name: "bad UTF-8", body: "{\"host\":\"a\xff.example\",\"services\":[\"ping\"],\"owned\":true}", status: 400, code: "malformed_json"},
		{name: "nested deeply", body: deep, status: 400, code: "malformed_json"},
		{name: "unknown member", body: `{"host":"a.example","services":["ping"],"owned":true,"port":99}`, status: 422, code: "invalid_input", field: "port", fieldCode: "unknown_field"},
		{name: "member in another case", body: `{"HOST":"a.example","services":["ping"],"owned":true}`, status: 422, code: "invalid_input", field: "HOST", fieldCode: "unknown_field"},
		{name: "wrong type", body: `{"host":7,"services":["ping"],"owned":true}`, status: 422, code: "invalid_input", field: "host", fieldCode: "wrong_type"},
		{name: "owned as text", body: `{"host":"a.example","services":["ping"],"owned":"true"}`, status: 422, code: "invalid_input", field: "owned", fieldCode: "wrong_type"},
		{name: "not owned", body: `{"host":"a.example","services":["ping"],"owned":false}`, status: 422, code: "invalid_input", field: "owned", fieldCode: "required"},
		{name: "owned not said", body: `{"host":"a.example","services":["ping"]}`, status: 422, code: "invalid_input", field: "owned", fieldCode: "required"},
		{name: "no host", body: `{"services":["ping"],"owned":true}`, status: 422, code: "invalid_input", field: "host", fieldCode: "required"},
		{name: "no services", body: `{"host":"a.example","services":[],"owned":true}`, status: 422, code: "invalid_input", field: "services", fieldCode: "required"},
		{name: "unknown service", body: `{"host":"a.example","services":["ssh"],"owned":true}`, status: 422, code: "invalid_input", field: "services", fieldCode: "not_one_of"},
		{name: "a service twice", body: `{"host":"a.example","services":["ping","ping"],"owned":true}`, status: 422, code: "invalid_input", field: "services", fieldCode: "repeated"},
		{name: "long label", body: `{"host":"a.example","label":"` + strings.Repeat("あ", 101) + `","services":["ping"],"owned":true}`, status: 422, code: "invalid_input", field: "label", fieldCode: "too_long"},
		{name: "control character", body: `{"host":"a.example","label":"a\u0000b","services":["ping"],"owned":true}`, status: 422, code: "invalid_input", field: "label", fieldCode: "malformed"},
		{name: "huge", body: `{"host":"` + strings.Repeat("a", 64<<10) + `"}`, status: 413, code: "body_too_large"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := newApp(t)
			p := a.refused(tt.status, tt.code, request{method: "POST", path: "/targets", body: tt.body})
			if tt.field != "" && !p.has(tt.field, tt.fieldCode) {
				t.Errorf("errors %+v lack %s %s", p.Errors, tt.field, tt.fieldCode)
			}
		})
	}
}

func TestABodyOfExactlyTheBoundIsRead(t *testing.T) {
	body := goodTarget + strings.Repeat(" ", maxBody-len(goodTarget))
	newApp(t).ok(201, request{method: "POST", path: "/targets", body: body}, nil)
}

func TestABodyMustBeJSON(t *testing.T) {
	a := newApp(t)
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"} {
		a.refused(415, "unsupported_media_type", request{method: "POST", path: "/targets", body: goodTarget, header: map[string]string{"Content-Type": kind}})
	}
	a.ok(201, request{method: "POST", path: "/targets", body: goodTarget, header: map[string]string{"Content-Type": "application/json; charset=utf-8"}}, nil)
}

func TestHostsThatMayNotBeWatchedAreRefused(t *testing.T) {
	for err, code := range map[error]string{
		fmt.Errorf("check: %w", uptime.ErrHostInvalid):   "invalid_host",
		fmt.Errorf("check: %w", uptime.ErrHostForbidden): "forbidden_address",
		exactHostError{}: "ip_not_canonical",
	} {
		a := newApp(t)
		a.f.hostErr = err
		if p := a.refused(422, "invalid_input", request{method: "POST", path: "/targets", body: goodTarget}); !p.has("host", code) {
			t.Errorf("%v: errors %+v", err, p.Errors)
		}
	}
}

type exactHostError struct{}

func (exactHostError) Error() string { return "127.1 is not written out" }
func (exactHostError) Code() string  { return "ip_not_canonical" }
func (exactHostError) Unwrap() error { return uptime.ErrHostInvalid }

// Every operation on one thing, as path below the thing.
func operationsOnMonitors() []request {
	return []request{
		{method: "GET", path: "/monitors/%s"},
		{method: "PATCH", path: "/monitors/%s"},
		{method: "DELETE", path: "/monitors/%s"},
		{method: "POST", path: "/monitors/%s/pause"},
		{method: "POST", path: "/monitors/%s/resume"},
		{method: "POST", path: "/monitors/%s/probe"},
		{method: "GET", path: "/monitors/%s/results"},
		{method: "GET", path: "/monitors/%s/report"},
		{method: "GET", path: "/monitors/%s/report/download"},
	}
}

func TestForeignAndUnknownIDsAreNotFoundBeforeAnythingIsLookedAt(t *testing.T) {
	a := newApp(t)
	mine := a.f.watch(1, "mine.example", uptime.Ping)
	foreign := a.f.watch(2, "foreign.example", uptime.Ping)
	a.f.contacts = append(a.f.contacts, contactOf(2, 55))
	operations := operationsOnMonitors()
	for _, id := range []string{fmt.Sprint(foreign.Monitors[0].ID), "999999", "0", "-1", "abc", "01", "+11", "9223372036854775808", "1e3", "%20"} {
		for _, r := range operations {
			r.path = fmt.Sprintf(r.path, id) + "?unknown=1"
			r.body = `{"broken`
			a.refused(404, "not_found", r)
		}
		for _, r := range []request{{method: "GET"}, {method: "PATCH"}, {method: "DELETE"}, {method: "POST", path: "/resume"}} {
			target := id
			if target == fmt.Sprint(foreign.Monitors[0].ID) {
				target = fmt.Sprint(foreign.ID)
			}
			r.path = "/targets/" + target + r.path + "?unknown=1"
			r.body = `{"broken`
			a.refused(404, "not_found", r)
		}
	}
	for _, id := range []string{"55", "999999", "x"} {
		a.refused(404, "not_found", request{method: "DELETE", path: "/contacts/" + id})
		a.refused(404, "not_found", request{method: "POST", path: "/contacts/" + id + "/resend"})
	}
	a.refused(404, "not_found", request{method: "POST", path: "/monitors", body: fmt.Sprintf(`{"target_id":%d,"service":"http"}`, foreign.ID)})
	a.refused(404, "not_found", request{method: "POST", path: "/monitors/resume", body: fmt.Sprintf(`{"ids":[%d,%d]}`, mine.Monitors[0].ID, foreign.Monitors[0].ID)})
	a.refused(404, "not_found", request{method: "POST", path: "/report/links", body: fmt.Sprintf(`{"monitor_id":%d}`, foreign.Monitors[0].ID)})
	a.refused(404, "not_found", request{method: "GET", path: fmt.Sprintf("/incidents?monitor_id=%d", foreign.Monitors[0].ID)})
}

func TestUnknownAndBadQueryKeysAreRefused(t *testing.T) {
	a := newApp(t)
	m := a.f.watch(1, "mine.example", uptime.Ping).Monitors[0]
	results := fmt.Sprintf("/monitors/%d/results", m.ID)
	download := fmt.Sprintf("/monitors/%d/report/download", m.ID)
	for path, field := range map[string]string{
		"/status?x=1": "x", "/me?x=1": "x", "/terms?x=1": "x", "/service?x=1": "x", "/lines?x=1": "x", "/contacts?limit=1": "limit",
		"/targets?state=active": "state", "/monitors?hostname=a": "hostname", "/monitors?limit=0": "limit",
		"/monitors?limit=201": "limit", "/monitors?limit=ten": "limit", "/monitors?limit=1&limit=2": "limit",
		"/monitors?service=ssh": "service", "/monitors?state=gone": "state", "/monitors?verdict=ok": "verdict",
		"/monitors?cursor=!": "cursor", "/monitors?cursor=YSxi": "cursor", "/monitors?target_id=x": "target_id",
		"/monitors?q=%ff": "q", "/monitors?q=%00": "q", "/monitors?a=%zz": "query",
		results + "?from=yesterday": "from", results + "?to=2026-11-22": "to", results + "?cursor=MTE": "cursor",
		results + "?from=2026-11-22T00:00:00Z&to=2026-11-21T00:00:00Z": "to", results + "?from=0001-01-01T00:00:00Z": "from",
		download + "?format=xml": "format", download + "?excel=yes": "excel", download + "?format=json&excel=1": "excel",
		download + "?part=all": "part", "/report/download?monitor_id=1": "monitor_id", "/incidents?open=maybe": "open",
		"/operator/mails?page=2": "page",
	} {
		p := a.refused(http.StatusUnprocessableEntity, "invalid_input", request{method: "GET", path: path})
		if len(p.Errors) != 1 || p.Errors[0].Field != field {
			t.Errorf("%s: errors %+v instead of one of %s", path, p.Errors, field)
		}
	}
}

func TestUnknownAddressesAndMethodsAreProblems(t *testing.T) {
	a := newApp(t)
	a.refused(404, "not_found", request{method: "GET", path: "/nothing"})
	a.refused(404, "not_found", request{method: "GET", path: "/target"})
	a.refused(405, "method_not_allowed", request{method: "PUT", path: "/targets"})
	if allow := a.do(request{method: "PUT", path: "/targets"}).Header().Get("Allow"); !strings.Contains(allow, "GET") || !strings.Contains(allow, "POST") {
		t.Errorf("Allow: %q", allow)
	}
}

func TestEverythingButThePublicPartNeedsASignIn(t *testing.T) {
	a := newApp(t)
	for _, route := range a.server.engine.Routes() {
		path, found := strings.CutPrefix(route.Path, "/api/v1")
		if !found || strings.HasPrefix(path, "/auth/") {
			continue
		}
		switch path {
		case "/terms", "/service", "/contacts/verify", "/me/email/confirm", "/report/links/:token", "/unsubscribe/:token":
			continue
		}
		path = strings.ReplaceAll(path, ":id", "1")
		a.refused(401, "unauthenticated", request{method: route.Method, path: path, bearer: "-"})
	}
}
