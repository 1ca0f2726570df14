package api

import (
	"maps"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

// Routes are all that the server answers.
func (s *Server) Routes() gin.RoutesInfo { return s.engine.Routes() }

// RouteScopes says which scope an API token needs, by route as the matrix names
// it. "" refuses every API token; open routes are not in it.
func RouteScopes() map[string]account.Scope {
	scopes := routeScopes()
	maps.DeleteFunc(scopes, func(_ string, need account.Scope) bool { return need == openRoute })
	return scopes
}

// TokenOf is an access token of a session that was issued at a time.
func (s *Server) TokenOf(accountID int64, sessionID string, issued time.Time) (string, error) {
	t := *s.tokens
	t.now = func() time.Time { return issued }
	return t.issue(account.Account{ID: accountID}, sessionID)
}

// ForgetCallers makes every session and API token be asked about again, as a
// second later.
func (s *Server) ForgetCallers() {
	s.sessions.mu.Lock()
	defer s.sessions.mu.Unlock()
	clear(s.sessions.known)
}

// ForgetThrottles lets everybody try as often as at the start.
func (s *Server) ForgetThrottles() { s.throttles = newThrottles() }

// Unaudited are the routes that change nothing worth an entry, with the reason.
func Unaudited() map[string]string { return unaudited() }
