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

// sessionCache spares the database the same question many times a second.
type sessionCache struct {
	ask func(ctx context.Context, id string) (account.Account, error)
	now func() time.Time

	mu    sync.Mutex
	known map[string]knownSession
}

type knownSession struct {
	account account.Account
	asked   time.Time
}

func newSessionCache(ask func(context.Context, string) (account.Account, error), now func() time.Time) *sessionCache {
	return &sessionCache{ask: ask, now: now, known: map[string]knownSession{}}
}

func (s *sessionCache) account(ctx context.Context, id string) (account.Account, error) {
	asked := s.now()
	s.mu.Lock()
	k, found := s.known[id]
	s.mu.Unlock()
	if age := asked.Sub(k.asked); found && age >= 0 && age < believeSession {
		return k.account, nil
	}
	a, err := s.ask(ctx, id)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		delete(s.known, id)
		return account.Account{}, err
	}
	if len(s.known) >= maxCachedSessions {
		clear(s.known)
	}
	s.known[id] = knownSession{account: a, asked: asked}
	return a, nil
}

func (s *sessionCache) forget(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.known, id)
}

// signedIn runs a handler for the account of the bearer token.
func (s *Server) signedIn(h func(*gin.Context, account.Account) error) handler {
	return func(c *gin.Context) error {
		a, err := s.caller(c)
		if err != nil {
			return err
		}
		return h(c, a)
	}
}

func (s *Server) caller(c *gin.Context) (account.Account, error) {
	scheme, raw, _ := strings.Cut(c.GetHeader("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || raw == "" {
		return account.Account{}, unauthenticated("Sign in first: send an access token as Authorization: Bearer.")
	}
	sessionID, accountID, err := s.tokens.check(strings.TrimSpace(raw))
	if err != nil {
		return account.Account{}, unauthenticated("The access token is not valid or has expired.")
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), answerWithin)
	defer cancel()
	a, err := s.sessions.account(ctx, sessionID)
	switch {
	case errors.Is(err, uptime.ErrNotFound) || err == nil && a.ID != accountID:
		return account.Account{}, unauthenticated("The session has ended. Sign in again.")
	case err != nil:
		return account.Account{}, err
	}
	return a, nil
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
