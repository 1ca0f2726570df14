package api

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// malformedBodies are wrong for whatever reads them.
func malformedBodies() []string {
	label := func(text string) string {
		return `{"host":"www.example.jp","label":"` + text + `","services":["ping"],"owned":true}`
	}
	return []string{
		``, ` `, "\n", `{`, `}`, `[`, `]`, `"`, `""`, `0`, `-`, `true`, `false`, `null`, `nul`, `NaN`, `Infinity`, `undefined`,
		`[]`, `[{}]`, `"{}"`, `{}{}`, `{} {}`, `{},`, `{}x`, `{}` + "\x00", "\xef\xbb\xbf{}", `{'host':"a"}`, `{host:"a"}`, `{"host"}`,
		`{"host":}`, `{"host":"a"`, `{"host":"a",}`, `{,"host":"a"}`, `{"host":"a" "label":"b"}`, `{"host":NaN}`, `{"host":-}`, `{"host":01}`,
		`{"host":1e}`, `{"host":+1}`, `{"host":.5}`, `{"host":0x10}`, `{"host":"a"}//`, `/**/{}`, `{"host":"\x"}`, `{"host":"\u12"}`, `{"host":"\u"}`,
		"{\"host\":\"a\nb\"}", "{\"host\":\"\x01\"}", "{\"host\":\"\xff\"}", "{\"host\":\"\xc0\xaf\"}", "{\"host\":\"\xed\xa0\x80\"}",
		label(`\ud800`), label(`\udc00`), label(`\ud800\ud800`), label(`\ud800x`), label(`\\\ud83d`), label(`\ud83d\u0041`), label(`\uDBFF\\uDC00`),
		`{"host":"a","host":"b"}`, `{"a":{"b":1,"b":2}}`, strings.Repeat(`[`, 5000), strings.Repeat(`{"a":`, 5000), `{"a":` + strings.Repeat(`[`, 40) + strings.Repeat(`]`, 40) + `}`,
	}
}

func TestSixtyMalformedBodiesAreRefusedByEveryRouteThatReadsOne(t *testing.T) {
	t.Parallel()
	bodies := malformedBodies()
	if len(bodies) < 60 {
		t.Fatalf("%d bodies", len(bodies))
	}
	for _, path := range []string{"/targets", "/contacts", "/auth/login", "/monitors", "/monitors/resume", "/report/links", "/auth/verify", "/auth/password/forgot", "/auth/password/reset"} {
		a := newApp(t)
		before := a.f.written
		for _, body := range bodies {
			if body == "" {
				continue // a request without a body has no type either
			}
			w := a.do(request{method: "POST", path: path, body: body, header: map[string]string{"Content-Type": "application/json"}})
			var p Problem
			if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code < 400 || w.Code > 499 || p.Code != "malformed_json" {
				t.Errorf("%s %.60q: %d %s", path, body, w.Code, w.Body)
			}
			for _, ours := range []string{".go:", "json:", "pq:", "goroutine", "select "} {
				if strings.Contains(w.Body.String(), ours) {
					t.Errorf("%s %.60q: the answer shows %q: %s", path, body, ours, w.Body)
				}
			}
		}
		if a.f.written != before {
			t.Errorf("%s: something was changed", path)
		}
	}
}

func TestWholeSurrogatePairsAreRead(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`\ud83d\ude80`, `\\ud800`, `\\\\ud800`, `\"\\ud800`, `\u005cud800`, `a\ud83d\ude80b`} {
		a := newApp(t)
		body := fmt.Sprintf(`{"host":"www.example.jp","label":"%s","services":["ping"],"owned":true}`, text)
		a.ok(201, request{method: "POST", path: "/targets", body: body}, nil)
	}
}
