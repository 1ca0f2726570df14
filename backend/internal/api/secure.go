package api

import "github.com/gin-gonic/gin"

// securityPolicy lets the page and the documentation load what we serve and
// nothing else: no inline script, no inline style.
const securityPolicy = "default-src 'self'; img-src 'self' data:; base-uri 'none'; object-src 'none'; " +
	"form-action 'self'; frame-ancestors 'none'"

// secure sets the headers that every answer carries.
func (s *Server) secure(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", securityPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	if s.https() { // browsers complain about these on plain HTTP
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	c.Next()
}

func (s *Server) https() bool { return s.cfg.PublicURL != nil && s.cfg.PublicURL.Scheme == "https" }
