package api

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// What decode takes must mean the same to every reader of JSON.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{goodTarget, `{}`, `{"host":"a","host":"b"}`, `{"a":[{"b":1},{"b":2}]}`, `[`, `{"HOST":1}`, "{\"\xff\":1}", `{"owned":true}{}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		c, _ := gin.CreateTestContext(httptest.NewRecorder())
		c.Request = httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
		c.Request.Header.Set("Content-Type", "application/json")
		var req NewTargetRequest
		if decode(c, &req) != nil {
			return
		}
		var members map[string]any
		if err := json.Unmarshal([]byte(body), &members); err != nil {
			t.Fatalf("%q is no object: %v", body, err)
		}
		for name := range members {
			switch name {
			case "host", "label", "notes", "services", "owned":
			default:
				t.Errorf("%q: member %q was taken", body, name)
			}
		}
		for name, got := range map[string]string{"host": req.Host, "label": req.Label, "notes": req.Notes} {
			if want, _ := members[name].(string); got != want {
				t.Errorf("%q: %s is %q, not %q", body, name, got, want)
			}
		}
	})
}

func FuzzCursor(f *testing.F) {
	f.Add(*makeCursor(1))
	f.Add(*makeCursor(1, -2))
	f.Fuzz(func(t *testing.T, text string) {
		for n := 1; n <= 2; n++ {
			q := &query{values: map[string][]string{"cursor": {text}}}
			values := q.cursor(n)
			if (values == nil) != (text == "" || q.err() != nil) || values != nil && len(values) != n {
				t.Errorf("%q: %v, %v", text, values, q.err())
			}
		}
	})
}

// Whatever stands in a filter, it is refused or means what was written.
func FuzzFilters(f *testing.F) {
	for _, seed := range []string{"q=web&limit=50", "q=a&q=b", "limit=1e1", "from=2026-11-22T03:05:00%2B09:00&to=2026-11-22T03:05:00Z", "q=%00", "q=%ff", "%zz", "open=1", "id=01", ";", "x=1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		c, _ := gin.CreateTestContext(httptest.NewRecorder())
		c.Request = httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		c.Request.URL.RawQuery = raw
		q := readQuery(c, "q", "limit", "from", "to", "open", "id")
		limit, span, id := q.limit(), q.span(uptime.Span{}), q.id("id")
		open, set := q.flag("open")
		if q.err() != nil {
			return
		}
		values, err := url.ParseQuery(raw)
		if err != nil {
			t.Fatalf("%q was taken: %v", raw, err)
		}
		for key, all := range values {
			if len(all) != 1 || !utf8.ValidString(all[0]) || strings.ContainsRune(all[0], 0) || !slices.Contains([]string{"q", "limit", "from", "to", "open", "id"}, key) {
				t.Errorf("%q: %s was taken", raw, key)
			}
		}
		if q.text("q") != values.Get("q") || limit < 1 || limit > maxLimit || id < 0 || (id == 0) != (values.Get("id") == "") {
			t.Errorf("%q: limit %d, id %d", raw, limit, id)
		}
		if !span.From.IsZero() && !span.To.IsZero() && span.To.Before(span.From) || open && !set {
			t.Errorf("%q: span %v, open %t", raw, span, open)
		}
	})
}
