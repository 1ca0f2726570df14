package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// caller is who sends a request: an account by a session or by an API token.
type caller struct {
	account account.Account
	session string           // "" if it came with an API token
	token   account.APIToken // zero if it came with a session

	operator int64 // who looks at the account by a view; 0 if nobody does
}

func (w caller) byToken() bool { return w.token.ID != 0 }

// apiTokenKey tells the hash of an API token from a session's id, which is a UUID.
const apiTokenKey = "token "

// whoIs asks the store about what a caller holds.
func (d Deps) whoIs(ctx context.Context, key string) (caller, error) {
	hash, isToken := strings.CutPrefix(key, apiTokenKey)
	if !isToken {
		a, err := d.Sessions.SessionAccount(ctx, key)
		return caller{account: a, session: key}, err
	}
	token, a, err := d.APITokens.UseAPIToken(ctx, []byte(hash))
	a.Role = account.User // an operator's token operates nothing
	return caller{account: a, token: token}, err
}

// tokenCaller answers the same whatever is wrong with an API token.
func (s *Server) tokenCaller(ctx context.Context, raw string) (caller, error) {
	refused := unauthenticated("The API token is not valid, has expired or was revoked.")
	hash, err := account.HashAPIToken(raw)
	if err != nil {
		return caller{}, refused
	}
	who, err := s.sessions.caller(ctx, apiTokenKey+string(hash))
	switch {
	case errors.Is(err, uptime.ErrNotFound) || err == nil && who.token.ExpiredAt(s.cfg.Now()):
		return caller{}, refused
	case err != nil:
		return caller{}, err
	}
	return who, nil
}

// forgetToken makes an API token be asked about again.
func (s *sessionCache) forgetToken(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, k := range s.known {
		if k.token.ID == id {
			delete(s.known, key)
		}
	}
}

// callerKey is where the caller of a request stands once it is known.
const callerKey = "caller"

// callerOf is who sends the request, below signedIn.
func callerOf(c *gin.Context) caller {
	who, _ := c.Value(callerKey).(caller)
	return who
}

// permit refuses an API token what its scopes do not let it do, and who looks
// at an account everything but reading what it watches.
func (s *Server) permit(c *gin.Context, who caller) error {
	c.Set(callerKey, who)
	need := s.scopes[routeName(c.Request.Method, c.FullPath())]
	switch {
	case who.operator != 0:
		return permitView(c.Request.Method, need)
	case !who.byToken():
		return nil
	case need == sessionOnly || need == openRoute:
		return newFault(http.StatusForbidden, "scope_missing", "API tokens may not do this, whatever their scopes.")
	case !who.token.Allows(need):
		return newFault(http.StatusForbidden, "scope_missing", "The API token lacks the scope "+string(need)+".")
	}
	return nil
}
