package api

import (
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	swaggerfiles "github.com/swaggo/files/v2"
)

// The description of the API, written by cmd/openapi.
//
//go:embed spec/openapi.json
var specJSON []byte

// The page around swagger-ui, whose own one has an inline script.
//
//go:embed docs
var docsFiles embed.FS

// libraryFiles are the parts of swagger-ui that the page needs.
func libraryFiles() []string {
	return []string{"swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"}
}

// loadDocs prepares the documentation: "openapi.json" and the files of /docs.
func loadDocs() (map[string]file, error) {
	own, err := fs.Sub(docsFiles, "docs")
	if err != nil {
		return nil, fmt.Errorf("open docs: %w", err)
	}
	from := map[string]fs.FS{"index.html": own, "initializer.js": own}
	for _, name := range libraryFiles() {
		from[name] = swaggerfiles.FS
	}
	files := map[string]file{}
	for name, root := range from {
		content, err := fs.ReadFile(root, name)
		if err != nil {
			return nil, fmt.Errorf("read docs: %w", err)
		}
		if files[name], err = newFile(name, content); err != nil {
			return nil, fmt.Errorf("pack %s: %w", name, err)
		}
	}
	files["openapi.json"], err = newFile("openapi.json", specJSON)
	return files, err
}

// openAPI serves the description.
func (s *Server) openAPI(c *gin.Context) error { return s.sendDocs(c, "openapi.json") }

// serveDocs serves the description for people.
func (s *Server) serveDocs(c *gin.Context) error {
	if c.Request.URL.Path == "/docs" {
		c.Header("Location", "docs/")
		c.Status(http.StatusMovedPermanently)
		return nil
	}
	name := strings.TrimPrefix(c.Param("file"), "/")
	switch name {
	case "":
		name = "index.html"
	case "openapi.json":
		return notFound()
	}
	return s.sendDocs(c, name)
}

func (s *Server) sendDocs(c *gin.Context, name string) error {
	files, err := s.docs()
	if err != nil {
		return err
	}
	f, found := files[name]
	if !found {
		return notFound()
	}
	c.Header("Cache-Control", "no-cache")
	f.send(c.Writer, c.Request)
	return nil
}
