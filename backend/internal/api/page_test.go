package api

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func getPage(t *testing.T, p http.Handler, path string, header map[string]string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	for k, v := range header {
		req.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, req)
	return w
}

func TestThePageAnswersItsOwnAddresses(t *testing.T) {
	script := bytes.Repeat([]byte("let a = 1;\n"), 500)
	p, err := newPageServer(fstest.MapFS{
		"index.html":          {Data: []byte("<!doctype html>page")},
		"assets/index-abc.js": {Data: script},
		"favicon.svg":         {Data: []byte("<svg/>")},
		".gitkeep":            {},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/", "/setup", "/monitors/12", "/contacts/verify?token=x", "/index.html"} {
		w := getPage(t, p, path, nil)
		if w.Code != 200 || !strings.Contains(w.Body.String(), "page") || w.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %d %s %q", path, w.Code, w.Body, w.Header().Get("Cache-Control"))
		}
	}
	for _, path := range []string{"/assets/gone-123.js", "/robots.txt", "/.gitkeep", "/../../etc/passwd.txt"} {
		if w := getPage(t, p, path, nil); w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	w := getPage(t, p, "/assets/index-abc.js", map[string]string{"Accept-Encoding": "br, gzip"})
	if w.Header().Get("Content-Encoding") != "gzip" || w.Header().Get("Cache-Control") != forever || w.Header().Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Errorf("header %v", w.Header())
	}
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(z); err != nil || !bytes.Equal(got, script) {
		t.Errorf("unpacked %d bytes, %v", len(got), err)
	}
	if plain := getPage(t, p, "/assets/index-abc.js", map[string]string{"Accept-Encoding": "gzip;q=0"}); !bytes.Equal(plain.Body.Bytes(), script) {
		t.Error("a client that refuses gzip got it")
	}
	if same := getPage(t, p, "/assets/index-abc.js", map[string]string{"If-None-Match": w.Header().Get("ETag")}); same.Code != 304 || same.Body.Len() != 0 {
		t.Errorf("same %d", same.Code)
	}
}

func TestABuildWithoutThePageSaysSo(t *testing.T) {
	p, err := newPageServer(fstest.MapFS{".gitkeep": {}})
	if err != nil {
		t.Fatal(err)
	}
	if w := getPage(t, p, "/", nil); w.Code != 404 || !strings.Contains(w.Body.String(), "npm run build") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	a := newApp(t)
	for _, path := range []string{"/", "/api/v1/terms", "/api/v1/nothing", "/docs/", "/healthz", "/nothing.js"} {
		h := a.raw("GET", path, nil).Header()
		if csp := h.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'self';") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: CSP %q", path, csp)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Strict-Transport-Security") == "" || h.Get("Referrer-Policy") == "" {
			t.Errorf("%s: %v", path, h)
		}
	}
}

func TestTheDescriptionIsServedAndCanBeBrowsedOffline(t *testing.T) {
	a := newApp(t)
	if w := a.raw("GET", "/openapi.json", nil); w.Code != 200 || w.Header().Get("Content-Type") != "application/json" || !strings.Contains(w.Body.String(), `"openapi": "3.0.3"`) {
		t.Errorf("openapi.json: %d %.100s", w.Code, w.Body)
	}
	if w := a.raw("GET", "/docs", nil); w.Code != 301 || w.Header().Get("Location") != "docs/" {
		t.Errorf("docs: %d %q", w.Code, w.Header().Get("Location"))
	}
	index := a.raw("GET", "/docs/", nil).Body.String()
	if strings.Contains(index, "http://") || strings.Contains(index, "https://") || strings.Contains(index, "<script>") {
		t.Errorf("index %s", index)
	}
	for _, name := range append(libraryFiles(), "initializer.js") {
		if w := a.raw("GET", "/docs/"+name, nil); w.Code != 200 || w.Body.Len() < 100 || !strings.Contains(index, name) {
			t.Errorf("%s: %d, %d bytes", name, w.Code, w.Body.Len())
		}
	}
	for _, name := range []string{"swagger-initializer.js", "../server.go", "x"} {
		if w := a.raw("GET", "/docs/"+name, nil); w.Code != 404 {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}
