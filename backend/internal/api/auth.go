package api

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// mailedTokenLife is how long the link in a mail works.
const mailedTokenLife = 24 * time.Hour

// RegisterRequest asks for an account.
type RegisterRequest struct {
	Email       string `json:"email" validate:"required" maxLength:"254"`
	Password    string `json:"password" validate:"required" minLength:"8" maxLength:"128"`
	Locale      string `json:"locale" validate:"required" enums:"ja,en"`
	TimeZone    string `json:"time_zone" validate:"required" example:"Asia/Tokyo"`
	AcceptTerms string `json:"accept_terms" validate:"required" example:"2026-11-22"` // the version from GET /terms
	SetupCode   string `json:"setup_code"`                                            // for the first account only
} //	@name	RegisterRequest

// RegisterResponse tells what comes next. It says the same for an address
// that already has an account.
type RegisterResponse struct {
	Email    string `json:"email" validate:"required"`
	Verified bool   `json:"verified" validate:"required"` // false: a link was mailed
} //	@name	RegisterResponse

// register makes an account
//
//	@ID				register
//	@Summary		Register
//	@Description	Mails a link that verifies the address. The first account of an installation needs `setup_code`, is
//	@Description	verified at once and becomes the operator.
//	@Tags			auth
//	@Param			body	body		RegisterRequest	true	"the account"
//	@Success		201		{object}	RegisterResponse
//	@Failure		400		{object}	Problem	"malformed_json"
//	@Failure		403		{object}	Problem	"setup_required, setup_code_wrong, setup_code_void"
//	@Failure		413		{object}	Problem	"body_too_large"
//	@Failure		415		{object}	Problem	"unsupported_media_type"
//	@Failure		422		{object}	Problem	"invalid_input"
//	@Failure		429		{object}	Problem	"too_many_requests: 5 registrations an hour from an address"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/auth/register [post]
func (s *Server) register(c *gin.Context) error {
	var req RegisterRequest
	if err := decode(c, &req); err != nil {
		return err
	}
	ctx := c.Request.Context()
	setUp, err := s.setsUp(c, req.SetupCode)
	if err != nil {
		return err
	}
	r, err := req.check()
	if err != nil {
		return err
	}
	if !setUp {
		if err := s.once(c, s.throttles.register); err != nil {
			return err
		}
	}
	if r.PasswordHash, err = s.hasher.Hash(ctx, req.Password); err != nil {
		return err
	}
	if !setUp {
		if err := s.deps.Accounts.Register(ctx, r, s.mailedToken()); err != nil {
			return err
		}
		return wrote(c, http.StatusCreated, RegisterResponse{Email: r.Email})
	}
	a, err := s.deps.Accounts.RegisterOperator(ctx, r)
	if errors.Is(err, uptime.ErrConflict) {
		return setupVoid()
	}
	if err != nil {
		return err
	}
	return wrote(c, http.StatusCreated, RegisterResponse{Email: a.Email, Verified: a.Verified()})
}

// setsUp tells whether a registration is the first one, and may be.
func (s *Server) setsUp(c *gin.Context, code string) (bool, error) {
	exists, err := s.deps.Accounts.HasOperator(c.Request.Context())
	switch {
	case err != nil:
		return false, err
	case exists && code == "":
		return false, nil
	case exists:
		return false, setupVoid()
	case code == "":
		return false, newFault(http.StatusForbidden, "setup_required", "Nobody runs this installation yet. Its first account needs the set-up code that was printed at the start.")
	}
	// Guesses count, and the right one is no guess.
	now, address := s.cfg.Now(), callerAddress(c)
	if wait, ok := s.throttles.signInAddress.Take(address, now); !ok {
		return false, tooMany(wait)
	}
	if s.cfg.SetupCode == "" || subtle.ConstantTimeCompare([]byte(code), []byte(s.cfg.SetupCode)) != 1 {
		return false, newFault(http.StatusForbidden, "setup_code_wrong", "This is not the set-up code of this installation.")
	}
	s.throttles.signInAddress.GiveBack(address, now)
	return true, nil
}

func setupVoid() error {
	return newFault(http.StatusForbidden, "setup_code_void", "This installation is set up already.")
}

// check tells all faults at once.
func (req RegisterRequest) check() (account.Registration, error) {
	q := &query{}
	r := account.Registration{TermsVersion: account.TermsVersion}
	var err error
	if r.Email, err = account.ParseEmail(strings.TrimSpace(req.Email)); err != nil {
		q.fault("email", "malformed", "This is not an e-mail address.")
	}
	if err := account.CheckPassword(req.Password, r.Email); err != nil {
		q.fault("password", passwordCode(err), err.Error())
	}
	if r.Locale, err = account.ParseLocale(req.Locale); err != nil {
		q.fault("locale", "not_one_of", "The locale must be ja or en.")
	}
	if r.Zone, err = account.ParseZone(req.TimeZone); err != nil {
		q.fault("time_zone", "not_one_of", "This is not a time zone such as Asia/Tokyo.")
	}
	if req.AcceptTerms != account.TermsVersion {
		q.fault("accept_terms", "terms_version", "The current terms must be accepted: send their version from GET /terms.")
	}
	return r, q.err()
}

func passwordCode(err error) string {
	switch {
	case errors.Is(err, account.ErrPasswordShort):
		return "too_short"
	case errors.Is(err, account.ErrPasswordLong):
		return "too_long"
	}
	return "too_weak"
}

func (s *Server) mailedToken() account.Token {
	return account.NewToken(s.cfg.Now().Add(mailedTokenLife))
}

// TokenRequest carries the token of a mailed link.
type TokenRequest struct {
	Token string `json:"token" validate:"required"`
} //	@name	TokenRequest

// VerifiedResponse names the address that was verified.
type VerifiedResponse struct {
	Email string `json:"email" validate:"required"`
} //	@name	VerifiedResponse

// verifyAccount spends the token of a mailed link
//
//	@ID				verifyAccount
//	@Summary		Verify an account's address
//	@Description	The address also becomes a verified contact.
//	@Tags			auth
//	@Param			body	body		TokenRequest	true	"from the mailed link"
//	@Success		200		{object}	VerifiedResponse
//	@Failure		400		{object}	Problem	"malformed_json"
//	@Failure		413		{object}	Problem	"body_too_large"
//	@Failure		415		{object}	Problem	"unsupported_media_type"
//	@Failure		422		{object}	Problem	"token_invalid: unknown, used or expired"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/auth/verify [post]
func (s *Server) verifyAccount(c *gin.Context) error {
	hash, err := decodeToken(c)
	if err != nil {
		return err
	}
	a, err := s.deps.Accounts.VerifyAccount(c.Request.Context(), hash)
	if err != nil {
		return spent(err)
	}
	return wrote(c, http.StatusOK, VerifiedResponse{Email: a.Email})
}

func decodeToken(c *gin.Context) ([]byte, error) {
	var req TokenRequest
	if err := decode(c, &req); err != nil {
		return nil, err
	}
	if req.Token == "" {
		return nil, invalidField("token", "required", "The token is missing.")
	}
	hash, err := account.HashToken(req.Token)
	if err != nil {
		return nil, tokenInvalid()
	}
	return hash, nil
}

func tokenInvalid() error {
	return newFault(http.StatusUnprocessableEntity, "token_invalid", "The link is not valid: it was used, has expired or was replaced by a newer one.")
}

// spent words a token that the store does not know.
func spent(err error) error {
	if errors.Is(err, uptime.ErrNotFound) {
		return tokenInvalid()
	}
	return err
}

// ResendRequest asks for the link once more.
type ResendRequest struct {
	Email string `json:"email" validate:"required"`
} //	@name	ResendRequest

// resendVerification mails the link once more
//
//	@ID				resendVerification
//	@Summary		Mail the link that verifies an account's address again
//	@Description	Answers the same whether or not the address waits for verification.
//	@Tags			auth
//	@Param			body	body	ResendRequest	true	"whose"
//	@Success		204		"taken"
//	@Failure		400		{object}	Problem	"malformed_json"
//	@Failure		413		{object}	Problem	"body_too_large"
//	@Failure		415		{object}	Problem	"unsupported_media_type"
//	@Failure		422		{object}	Problem	"invalid_input"
//	@Failure		429		{object}	Problem	"too_many_requests: 10 an hour from an address"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/auth/resend [post]
func (s *Server) resendVerification(c *gin.Context) error {
	var req ResendRequest
	if err := decode(c, &req); err != nil {
		return err
	}
	email, err := account.ParseEmail(strings.TrimSpace(req.Email))
	if err != nil {
		return invalidField("email", "malformed", "This is not an e-mail address.")
	}
	if err := s.once(c, s.throttles.mail); err != nil {
		return err
	}
	if err := s.deps.Accounts.ResendVerification(c.Request.Context(), email, s.mailedToken()); err != nil {
		return err
	}
	return done(c)
}
