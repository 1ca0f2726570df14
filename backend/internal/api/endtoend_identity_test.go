package api_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func TestACodeAndAForgottenPasswordWorkInTheRealDatabase(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.operator()
	c := s.client()
	c.register("taro@example.jp", "")
	code := account.CodeOf(s.mailed("account", "taro@example.jp"))
	want[object](c, 200, "POST", "/auth/verify", object{"email": "Taro@example.jp", "code": code})
	want[object](c, 422, "POST", "/auth/verify", object{"email": "taro@example.jp", "code": code})
	c.login("taro@example.jp")

	want[object](c, 202, "POST", "/auth/password/forgot", object{"email": "taro@example.jp"})
	want[object](c, 202, "POST", "/auth/password/forgot", object{"email": "nobody@example.jp"})
	code = account.CodeOf(s.mailed("reset", "taro@example.jp"))
	const next = "another horse, another battery"
	want[object](c, 204, "POST", "/auth/password/reset", object{"email": "taro@example.jp", "code": code, "new_password": next})
	want[object](c, 401, "GET", "/me", nil)
	want[object](c, 401, "POST", "/auth/login", object{"email": "taro@example.jp", "password": password})
	want[object](c, 200, "POST", "/auth/login", object{"email": "taro@example.jp", "password": next})

	// Who registers it again learns nothing, and the owner is told.
	stranger := s.client()
	stranger.register("taro@example.jp", "")
	if n := one[int](s, `select count(*) from mails where kind = 'exists' and email = 'taro@example.jp'`); n != 1 {
		t.Errorf("%d mails", n)
	}
	if status, body := stranger.do("POST", "/api/v1/auth/login", object{"email": "taro@example.jp", "password": password}); status != 401 || !strings.Contains(string(body), "invalid_credentials") {
		t.Errorf("%d %s", status, body)
	}
}

func TestAnExportHasAllThatAnAccountHasAndNothingOfOthers(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.operator()
	me, other := s.user("me@example.jp"), s.user("other@example.jp")
	m := me.watch("mine.example.jp", "http").Monitors[0]
	theirs := other.watch("theirs.example.jp", "http").Monitors[0]
	for range 3 {
		s.record(uptime.Connected, m.ID)
		s.record(uptime.Refused, theirs.ID)
	}
	status, content := me.do("GET", "/api/v1/me/export", nil)
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if status != 200 || err != nil {
		t.Fatal(status, err)
	}
	files := map[string]string{}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(b)
		if strings.Contains(string(b), "theirs.example.jp") || strings.Contains(string(b), "other@example.jp") {
			t.Errorf("%s has what is another's: %s", f.Name, b)
		}
	}
	var all map[string]any
	if err := json.Unmarshal([]byte(files["account.json"]), &all); err != nil {
		t.Fatal(err)
	}
	for _, table := range s.db.ExportTables() {
		if _, ok := all[table].([]any); !ok {
			t.Errorf("account.json has no %s", table)
		}
	}
	for name, text := range map[string]string{
		"accounts.csv": "me@example.jp", "contacts.csv": "me@example.jp", "targets.csv": "mine.example.jp", "monitors.csv": "http",
		"sessions.csv": "user_agent",
	} {
		if !strings.Contains(files[name], text) {
			t.Errorf("%s: %q", name, files[name])
		}
	}
	if results := files[path("results/%d_mine.example.jp_http.csv", m.ID)]; strings.Count(results, "connected") < 3 {
		t.Errorf("results: %q", results)
	}
}
