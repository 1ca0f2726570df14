package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// believeSession is how long a session is not asked about again. An ended
// session is good for that much longer.
const believeSession = time.Second

// maxCachedSessions bounds the cache; a fuller one starts anew.
const maxCachedSessions = 10_000

// sessionCache spares the database the same question many times a second. What
// it is asked about is a session's id or, with apiTokenKey, an API token's hash.
type sessionCache struct {
	ask func(ctx context.Context, id string) (caller, error)
	now func() time.Time

	mu    sync.Mutex
	known map[string]knownSession
}

type knownSession struct {
	caller
	asked time.Time
}

func newSessionCache(ask func(context.Context, string) (caller, error), now func() time.Time) *sessionCache {
	return &sessionCache{ask: ask, now: now, known: map[string]knownSession{}}
}

func (s *sessionCache) caller(ctx context.Context, id string) (caller, error) {
	asked := s.now()
	s.mu.Lock()
	k, found := s.known[id]
	s.mu.Unlock()
	if age := asked.Sub(k.asked); found && age >= 0 && age < believeSession {
		return k.caller, nil
	}
	who, err := s.ask(ctx, id)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		delete(s.known, id)
		return caller{}, err
	}
	if len(s.known) >= maxCachedSessions {
		clear(s.known)
	}
	s.known[id] = knownSession{caller: who, asked: asked}
	return who, nil
}

func (s *sessionCache) forget(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.known, id)
}

// signedIn runs a handler for the account of the bearer token. An API token
// must have the scope that routeScopes says of the route.
func (s *Server) signedIn(h func(*gin.Context, account.Account) error) handler {
	return func(c *gin.Context) error {
		who, err := s.caller(c)
		if err != nil {
			return err
		}
		if err := s.spendCall(c, who); err != nil {
			return err
		}
		if err := s.permit(c, who); err != nil {
			return err
		}
		return h(c, who.account)
	}
}

func (s *Server) caller(c *gin.Context) (caller, error) {
	scheme, raw, _ := strings.Cut(c.GetHeader("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || raw == "" {
		return caller{}, unauthenticated("Sign in first: send an access token as Authorization: Bearer.")
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), answerWithin)
	defer cancel()
	if raw = strings.TrimSpace(raw); strings.HasPrefix(raw, account.APITokenMark) {
		return s.tokenCaller(ctx, raw)
	}
	return s.sessionCaller(ctx, raw)
}

func (s *Server) sessionCaller(ctx context.Context, raw string) (caller, error) {
	b, err := s.tokens.check(raw)
	if err != nil {
		return caller{}, unauthenticated("The access token is not valid or has expired.")
	}
	who, err := s.sessions.caller(ctx, b.session)
	switch {
	case errors.Is(err, uptime.ErrNotFound) || err == nil && who.account.ID != b.account:
		return caller{}, unauthenticated("The session has ended. Sign in again.")
	case err != nil:
		return caller{}, err
	}
	if b.view != 0 {
		return s.view(ctx, who, b.view)
	}
	return who, nil
}

// The refresh cookie: only the addresses that use it get it.
const (
	refreshCookie = "hinomi_refresh"
	refreshPath   = "/api/v1/auth"
	refreshLife   = 30 * 24 * time.Hour
)

// maxUserAgent bounds what is kept of a browser's name, in bytes.
const maxUserAgent = 200

func (s *Server) setRefreshCookie(c *gin.Context, sessionID, raw string) {
	s.putRefreshCookie(c, sessionID+"."+raw, int(refreshLife/time.Second))
}

func (s *Server) clearRefreshCookie(c *gin.Context) { s.putRefreshCookie(c, "", -1) }

func (s *Server) putRefreshCookie(c *gin.Context, value string, maxAge int) {
	http.SetCookie(c.Writer, &http.Cookie{
		Name: refreshCookie, Value: value, Path: refreshPath, MaxAge: maxAge,
		HttpOnly: true, Secure: s.https(), SameSite: http.SameSiteStrictMode,
	})
}

// readRefreshCookie gives the session, its refresh token and the token's hash.
func readRefreshCookie(c *gin.Context) (sessionID, raw string, hash []byte, ok bool) {
	value, err := c.Cookie(refreshCookie)
	if err != nil {
		return "", "", nil, false
	}
	sessionID, raw, _ = strings.Cut(value, ".")
	hash, err = account.HashToken(raw)
	return sessionID, raw, hash, err == nil && account.IsID(sessionID)
}
