package api

import (
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

// Routes are all that the server answers.
func (s *Server) Routes() gin.RoutesInfo { return s.engine.Routes() }

// TokenOf is an access token of a session that was issued at a time.
func (s *Server) TokenOf(accountID int64, sessionID string, issued time.Time) (string, error) {
	t := *s.tokens
	t.now = func() time.Time { return issued }
	return t.issue(account.Account{ID: accountID}, sessionID)
}
