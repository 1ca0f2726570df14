package api

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/gin-gonic/gin"
)

// The built page: frontend's `npm run build` writes it here.
//
//go:embed all:page/dist
var pageFiles embed.FS

// file is one file of the page, ready to be sent.
type file struct {
	kind    string // Content-Type
	tag     string // ETag
	plain   []byte
	gzipped []byte // nil if that would not be smaller
}

// pageServer serves the page's files, and index.html for the addresses that
// the page itself knows.
type pageServer struct{ files map[string]file }

func loadPage() (*pageServer, error) {
	root, err := fs.Sub(pageFiles, "page/dist")
	if err != nil {
		return nil, fmt.Errorf("open page: %w", err)
	}
	return newPageServer(root)
}

func newPageServer(root fs.FS) (*pageServer, error) {
	p := &pageServer{files: map[string]file{}}
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(path.Base(name), ".") {
			return err
		}
		content, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		p.files["/"+name], err = newFile(name, content)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read page: %w", err)
	}
	return p, nil
}

func newFile(name string, content []byte) (file, error) {
	sum := sha256.Sum256(content)
	f := file{kind: contentType(name), tag: `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`, plain: content}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return file{}, err
	}
	if _, err := z.Write(content); err != nil {
		return file{}, err
	}
	if err := z.Close(); err != nil {
		return file{}, err
	}
	if b.Len() < len(content)*9/10 {
		f.gzipped = b.Bytes()
	}
	return f, nil
}

// contentType does not ask the machine's tables first, which differ.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".webmanifest":
		return "application/manifest+json"
	case ".json", ".map":
		return "application/json"
	}
	if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
		return kind
	}
	return "application/octet-stream"
}

// forever suits files whose names change with their content.
const forever = "public, max-age=31536000, immutable"

func (p *pageServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := path.Clean("/" + r.URL.Path)
	f, found := p.files[name]
	hashed := strings.HasPrefix(name, "/assets/")
	if !found && !hashed && path.Ext(name) == "" {
		f, found = p.files["/index.html"]
	}
	switch {
	case len(p.files) == 0:
		http.Error(w, "This build has no page: run `npm run build` in frontend/, then build the server again.", http.StatusNotFound)
		return
	case !found:
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	if hashed {
		h.Set("Cache-Control", forever)
	}
	f.send(w, r)
}

func (f file) send(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("ETag", f.tag)
	h.Set("Vary", "Accept-Encoding")
	if matches(r.Header.Get("If-None-Match"), f.tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	content := f.plain
	if f.gzipped != nil && acceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		content = f.gzipped
	}
	h.Set("Content-Length", fmt.Sprint(len(content)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(content) // the client is gone; nothing to do
	}
}

// acceptsGzip reads Accept-Encoding as far as browsers write it.
func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		coding, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") && strings.TrimSpace(weight) != "q=0" {
			return true
		}
	}
	return false
}

// noRoute is the page's, but for addresses of the API.
func (s *Server) noRoute(c *gin.Context) {
	name := c.Request.URL.Path
	if name == "/api" || strings.HasPrefix(name, "/api/") {
		s.fail(c, notFound())
		return
	}
	if c.Request.Method != http.MethodGet && c.Request.Method != http.MethodHead {
		c.Header("Allow", "GET, HEAD")
		s.fail(c, newFault(http.StatusMethodNotAllowed, "method_not_allowed", "This address does not take that method."))
		return
	}
	page, err := s.page()
	if err != nil {
		s.fail(c, err)
		return
	}
	c.Status(http.StatusOK) // gin has set 404 for us
	page.ServeHTTP(c.Writer, c.Request)
}
