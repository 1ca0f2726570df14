package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// LoginRequest signs in.
type LoginRequest struct {
	Email       string `json:"email" validate:"required"`
	Password    string `json:"password" validate:"required"`
	AcceptTerms string `json:"accept_terms" example:"2026-11-22"` // terms_version of a terms_changed answer

	TOTP         string `json:"totp" example:"123456"` // after totp_required: the code of the authenticator, or
	RecoveryCode string `json:"recovery_code"`
} //	@name	LoginRequest

// TokenResponse is an access token. The refresh token comes as a cookie.
type TokenResponse struct {
	AccessToken string `json:"access_token" validate:"required"`
	TokenType   string `json:"token_type" validate:"required" enums:"Bearer"`
	ExpiresIn   int    `json:"expires_in" validate:"required" example:"900"` // seconds
} //	@name	TokenResponse

// login starts a session
//
//	@ID				login
//	@Summary		Sign in
//	@Description	Answers an access token and sets the refresh cookie (HttpOnly, 30 days, a new one with every refresh).
//	@Description	After the terms changed, `terms_changed` names the version that must be sent along as `accept_terms`.
//	@Description	Where a second factor is on, `totp_required` asks for `totp` or `recovery_code`; each code is good once.
//	@Tags			auth
//	@Param			body	body		LoginRequest	true	"who"
//	@Success		200		{object}	TokenResponse
//	@Failure		400		{object}	Problem	"malformed_json"
//	@Failure		401		{object}	Problem	"invalid_credentials, totp_required, totp_wrong"
//	@Failure		403		{object}	Problem	"email_not_verified, account_disabled, terms_changed"
//	@Failure		413		{object}	Problem	"body_too_large"
//	@Failure		415		{object}	Problem	"unsupported_media_type"
//	@Failure		422		{object}	Problem	"invalid_input"
//	@Failure		429		{object}	Problem	"too_many_requests: 5 failures in 15 minutes of an account from an address, 50 an hour from an address, 10 wrong second factors an hour of an account"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/auth/login [post]
func (s *Server) login(c *gin.Context) error {
	var req LoginRequest
	if err := decode(c, &req); err != nil {
		return err
	}
	known, err := s.authenticate(c, req)
	if err != nil {
		return err
	}
	if err := s.acceptTerms(c, known.Account, req.AcceptTerms); err != nil {
		return err
	}
	sessionID := account.NewID()
	refresh := account.NewToken(s.cfg.Now().Add(refreshLife))
	err = s.deps.Sessions.CreateSession(c.Request.Context(), account.NewSession{
		ID: sessionID, AccountID: known.ID, PasswordHash: known.PasswordHash, RefreshHash: refresh.Hash, ExpiresAt: refresh.ExpiresAt,
		UserAgent: shorten(c.Request.UserAgent(), maxUserAgent), SecondFactor: !known.SecondFactorAt.IsZero(),
	})
	if errors.Is(err, uptime.ErrNotFound) { // what was checked has changed since
		return wrongCredentials()
	}
	if err != nil {
		return err
	}
	c.Set(callerKey, caller{account: known.Account, session: sessionID})
	s.setRefreshCookie(c, sessionID, refresh.Raw)
	return s.answerToken(c, known.Account, sessionID)
}

// authenticate takes as long for an unknown address as for a wrong password.
func (s *Server) authenticate(c *gin.Context, req LoginRequest) (account.Credentials, error) {
	q := &query{}
	if req.Email == "" {
		q.fault("email", "required", "The address is missing.")
	}
	if req.Password == "" {
		q.fault("password", "required", "The password is missing.")
	}
	if err := q.err(); err != nil {
		return account.Credentials{}, err
	}
	succeeded, err := s.trySignIn(c, strings.TrimSpace(req.Email))
	if err != nil {
		return account.Credentials{}, err
	}
	ctx := c.Request.Context()
	var known account.Credentials
	if email, err := account.ParseEmail(strings.TrimSpace(req.Email)); err == nil {
		known, err = s.deps.Accounts.CredentialsByEmail(ctx, email)
		if err != nil && !errors.Is(err, uptime.ErrNotFound) {
			succeeded()
			return account.Credentials{}, err
		}
	}
	c.Set(auditSignInKey, strings.ToLower(strings.TrimSpace(req.Email)))
	isAbout(c, known.ID)
	matches, err := s.hasher.Matches(ctx, req.Password, known.PasswordHash)
	switch {
	case err != nil:
		succeeded() // we do not know
		return account.Credentials{}, err
	case !matches:
		return account.Credentials{}, wrongCredentials()
	case !known.DisabledAt.IsZero():
		return account.Credentials{}, newFault(http.StatusForbidden, "account_disabled", "The operator has shut this account out.")
	case !known.Verified():
		succeeded()
		return account.Credentials{}, newFault(http.StatusForbidden, "email_not_verified", "Open the link in the mail that we sent you first.")
	}
	err = s.takeSecond(ctx, known.Account, req)
	if !errors.Is(err, errFactorWrong) {
		succeeded()
	}
	return known, signInFault(err)
}

// takeSecond asks for the second factor. What the terms have to say comes
// before, since a code is good once and must not be spent in vain.
func (s *Server) takeSecond(ctx context.Context, a account.Account, req LoginRequest) error {
	if err := termsFault(a, s.termsNow().Version, req.AcceptTerms); err != nil {
		return err
	}
	return s.takeFactor(ctx, a, factorProof{totp: req.TOTP, recovery: req.RecoveryCode})
}

func wrongCredentials() error {
	return newFault(http.StatusUnauthorized, "invalid_credentials", "The address or the password is wrong.")
}

func (s *Server) answerToken(c *gin.Context, a account.Account, sessionID string) error {
	token, err := s.tokens.issue(a, sessionID)
	if err != nil {
		return err
	}
	return wrote(c, http.StatusOK, TokenResponse{AccessToken: token, TokenType: "Bearer", ExpiresIn: int(accessLife / time.Second)})
}

// shorten cuts a text to at most n bytes of valid UTF-8.
func shorten(text string, n int) string {
	if len(text) > n {
		text = text[:n]
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
}

// sameSite refuses what a foreign page makes a browser do with our cookie.
func (s *Server) sameSite(c *gin.Context) error {
	p := http.NewCrossOriginProtection()
	if s.cfg.PublicURL != nil {
		if err := p.AddTrustedOrigin(s.cfg.PublicURL.Scheme + "://" + s.cfg.PublicURL.Host); err != nil {
			return err
		}
	}
	if err := p.Check(c.Request); err != nil {
		return newFault(http.StatusForbidden, "cross_origin", "Requests from other sites are refused.")
	}
	return nil
}

// refresh exchanges the refresh cookie for an access token
//
//	@ID				refresh
//	@Summary		Get a new access token for the refresh cookie
//	@Description	The cookie is replaced as well. An old one ends its session; only for 30 seconds after an exchange, and while
//	@Description	the new one was not used, it gets the same new one again: two tabs may ask at once, and an answer may be lost.
//	@Tags			auth
//	@Success		200	{object}	TokenResponse
//	@Failure		401	{object}	Problem	"unauthenticated"
//	@Failure		403	{object}	Problem	"cross_origin"
//	@Failure		500	{object}	Problem	"internal"
//	@Failure		503	{object}	Problem	"unavailable"
//	@Router			/auth/refresh [post]
func (s *Server) refresh(c *gin.Context) error {
	if err := s.sameSite(c); err != nil {
		return err
	}
	sessionID, raw, old, ok := readRefreshCookie(c)
	if !ok {
		s.clearRefreshCookie(c)
		return unauthenticated("There is no session to go on with. Sign in.")
	}
	next := account.NextToken(s.cfg.JWTSecret, sessionID+"."+raw, s.cfg.Now().Add(refreshLife))
	a, err := s.deps.Sessions.RotateSession(c.Request.Context(), account.Rotation{
		SessionID: sessionID, OldHash: old, NewHash: next.Hash, ExpiresAt: next.ExpiresAt,
	})
	if errors.Is(err, uptime.ErrNotFound) {
		s.sessions.forget(sessionID)
		s.clearRefreshCookie(c)
		return unauthenticated("The session has ended. Sign in again.")
	}
	if err != nil {
		return err
	}
	s.setRefreshCookie(c, sessionID, next.Raw)
	return s.answerToken(c, a, sessionID)
}

// logout ends the session
//
//	@ID				logout
//	@Summary		Sign out
//	@Description	Ends the session of the refresh cookie or of the access token. No error if there is none.
//	@Tags			auth
//	@Success		204	"signed out"
//	@Failure		403	{object}	Problem	"cross_origin"
//	@Failure		500	{object}	Problem	"internal"
//	@Failure		503	{object}	Problem	"unavailable"
//	@Router			/auth/logout [post]
func (s *Server) logout(c *gin.Context) error {
	if err := s.sameSite(c); err != nil {
		return err
	}
	var ids []string
	if id, _, _, ok := readRefreshCookie(c); ok {
		ids = append(ids, id)
	}
	if _, raw, found := strings.Cut(c.GetHeader("Authorization"), " "); found {
		if b, err := s.tokens.check(strings.TrimSpace(raw)); err == nil && b.view == 0 { // a look at an account ends by itself
			ids = append(ids, b.session)
		}
	}
	changesNothing(c)
	for _, id := range ids {
		if who, err := s.sessions.caller(c.Request.Context(), id); err == nil {
			c.Set(callerKey, who)
			c.Set(auditNothingKey, false)
		}
		if err := s.deps.Sessions.EndSession(c.Request.Context(), id); err != nil {
			return err
		}
		s.sessions.forget(id)
	}
	s.clearRefreshCookie(c)
	return done(c)
}
