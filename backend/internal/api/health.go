package api

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// healthz tells that the process lives, whatever the database does.
func (s *Server) healthz(c *gin.Context) error {
	c.Header("Cache-Control", "no-store")
	c.String(http.StatusOK, "ok\n")
	return nil
}

// readyz tells whether requests can be served.
func (s *Server) readyz(c *gin.Context) error {
	if err := s.deps.Health.Ping(c.Request.Context()); err != nil {
		return fmt.Errorf("%w: %w", uptime.ErrUnavailable, err)
	}
	c.Header("Cache-Control", "no-store")
	c.String(http.StatusOK, "ready\n")
	return nil
}
