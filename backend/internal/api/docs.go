package api

import (
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
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
	return []string{"swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-standalone-preset.js", "favicon-32x32.png"}
}

// openAPI serves the description.
func (s *Server) openAPI(c *gin.Context) error {
	f, err := newFile("openapi.json", specJSON)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-cache")
	f.send(c.Writer, c.Request)
	return nil
}

// docs serves the description for people.
func (s *Server) docs(c *gin.Context) {
	name := strings.TrimPrefix(c.Param("file"), "/")
	if c.Request.URL.Path == "/docs" {
		c.Header("Location", "docs/")
		c.Status(http.StatusMovedPermanently)
		return
	}
	f, err := docsFile(name)
	if err != nil {
		s.fail(c, notFound())
		return
	}
	c.Header("Content-Security-Policy", docsPolicy)
	c.Header("Cache-Control", "no-cache")
	f.send(c.Writer, c.Request)
}

func docsFile(name string) (file, error) {
	if name == "" {
		name = "index.html"
	}
	if slices.Contains(libraryFiles(), name) {
		content, err := fs.ReadFile(swaggerfiles.FS, name)
		if err != nil {
			return file{}, fmt.Errorf("read %s: %w", name, err)
		}
		return newFile(name, content)
	}
	content, err := docsFiles.ReadFile("docs/" + name)
	if err != nil {
		return file{}, fmt.Errorf("read %s: %w", name, err)
	}
	return newFile(name, content)
}
