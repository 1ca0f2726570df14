package api

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
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
