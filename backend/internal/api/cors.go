package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
)

// What scripts of another origin may send and read. There is no
// Access-Control-Allow-Credentials: they come with an API token, never with
// the refresh cookie.
const (
	corsMethods = "GET, POST, PUT, PATCH, DELETE"
	corsHeaders = "Authorization, Content-Type"
	corsExposed = "Retry-After, RateLimit, RateLimit-Policy, Content-Disposition"
	corsMaxAge  = "600" // seconds
)

// cors lets pages of the origins in HINOMI_CORS_ORIGINS read the API, as the
// Fetch standard says; all others get no word about it.
func (s *Server) cors(c *gin.Context) {
	if len(s.cfg.CORSOrigins) == 0 || !strings.HasPrefix(c.Request.URL.Path, "/api/") {
		return
	}
	h := c.Writer.Header()
	h.Add("Vary", "Origin")
	origin := c.GetHeader("Origin")
	if !slices.Contains(s.cfg.CORSOrigins, origin) {
		return
	}
	h.Set("Access-Control-Allow-Origin", origin)
	if c.Request.Method != http.MethodOptions || c.GetHeader("Access-Control-Request-Method") == "" {
		h.Set("Access-Control-Expose-Headers", corsExposed)
		return
	}
	h.Set("Access-Control-Allow-Methods", corsMethods)
	h.Set("Access-Control-Allow-Headers", corsHeaders)
	h.Set("Access-Control-Max-Age", corsMaxAge)
	c.AbortWithStatus(http.StatusNoContent)
}
