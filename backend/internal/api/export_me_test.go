package api

import (
	"archive/zip"
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// unzip reads an archive whole.
func unzip(t *testing.T, content []byte) map[string]string {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
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
	}
	return files
}

func TestAnExportIsJSONAndCSVInOneArchive(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	m := a.f.watch(2, "www.example.jp", uptime.HTTP).Monitors[0]
	a.f.watch(1, "foreign.example.jp", uptime.HTTP)
	a.f.download = func(w io.Writer, d uptime.Download) error {
		if d.AccountID != 2 || d.MonitorID != m.ID || d.Format != uptime.CSV || d.Part != uptime.ResultsPart || !d.From.Before(a.f.now.AddDate(0, 0, -10)) {
			t.Errorf("download of %+v", d)
		}
		_, err := io.WriteString(w, "results")
		return err
	}
	w := a.ok(200, request{method: "GET", path: "/me/export", bearer: a.other}, nil)
	if kind, name := w.Header().Get("Content-Type"), w.Header().Get("Content-Disposition"); kind != "application/zip" || name != `attachment; filename="hinomi_account_20261122.zip"` {
		t.Errorf("%s, %s", kind, name)
	}
	files := unzip(t, w.Body.Bytes())
	if got := files["contacts.csv"]; got != "at,id,label\r\n,2,'=cmd|' /C calc'!A0\r\n2026-11-22,-7,\"a,\"\"b\"\"\"\r\n" {
		t.Errorf("contacts.csv: %q", got)
	}
	var all struct {
		ExportedAt string           `json:"exported_at"`
		Contacts   []map[string]any `json:"contacts"`
		Targets    []map[string]any `json:"targets"`
	}
	if err := json.Unmarshal([]byte(files["account.json"]), &all); err != nil || len(all.Contacts) != 2 || all.Targets == nil || all.ExportedAt != "2026-11-22T12:00:00Z" {
		t.Errorf("account.json: %v %s", err, files["account.json"])
	}
	if _, ok := files["targets.csv"]; ok || len(files) != 3 || files["results/"+stem(m)+".csv"] != "results" {
		t.Errorf("files %v", files)
	}
}

func TestAnExportThatBreaksOffIsNoWholeArchive(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	a.f.err = uptime.ErrUnavailable
	if w := a.do(request{method: "GET", path: "/me/export"}); w.Code != http.StatusServiceUnavailable {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	a.f.err, a.f.broken = nil, errors.New("connection lost")
	if w := a.do(request{method: "GET", path: "/me/export"}); w.Code != http.StatusInternalServerError || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("before the first byte: %d %s", w.Code, w.Body)
	}

	a.f.broken = nil
	a.f.watch(1, "www.example.jp", uptime.HTTP)
	a.f.download = func(w io.Writer, _ uptime.Download) error {
		noise := make([]byte, 1<<20)
		_, _ = rand.Read(noise)
		if _, err := w.Write(noise); err != nil {
			return err
		}
		return errors.New("connection lost")
	}
	defer func() {
		if err, _ := recover().(error); !errors.Is(err, http.ErrAbortHandler) {
			t.Errorf("the connection is not cut: %v", err)
		}
	}()
	a.do(request{method: "GET", path: "/me/export"})
	t.Error("a part was answered as the whole")
}

func TestSixExportsAnHourOfAnAccount(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	for range 6 {
		a.ok(200, request{method: "GET", path: "/me/export"}, nil)
	}
	a.refused(429, "too_many_requests", request{method: "GET", path: "/me/export"})
	a.ok(200, request{method: "GET", path: "/me/export", bearer: a.other}, nil)
}
