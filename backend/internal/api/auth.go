package api

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// RegisterRequest asks for an account.
type RegisterRequest struct {
	Email       string `json:"email" validate:"required" maxLength:"254"`
	Password    string `json:"password" validate:"required" minLength:"8" maxLength:"128"`
	Locale      string `json:"locale" validate:"required" enums:"ja,en"`
	TimeZone    string `json:"time_zone" validate:"required" example:"Asia/Tokyo"`
	AcceptTerms string `json:"accept_terms" validate:"required" example:"2026-11-22"` // the version from GET /terms
	SetupCode   string `json:"setup_code"`                                            // for the first account only
	Invite      string `json:"invite"`                                                // where registration needs one
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
//	@Description	Mails a link and a code of six digits that verify the address; the owner of an account is told by mail that
//	@Description	there is one, at most once a day, and the answer is the same. The first account of an installation needs `setup_code`, is
//	@Description	verified at once and becomes the operator.
//	@Tags			auth
//	@Param			body	body		RegisterRequest	true	"the account"
//	@Success		201		{object}	RegisterResponse
//	@Failure		400		{object}	Problem	"malformed_json"
//	@Failure		403		{object}	Problem	"setup_required, setup_code_wrong, setup_code_void, registration_closed, invite_invalid"
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
	var invite []byte
	if !setUp {
		if invite, err = s.mayRegister(req.Invite); err != nil {
			return err
		}
	}
	r, err := req.check(s.termsNow().Version)
	if err != nil {
		return err
	}
	r.InviteHash = invite
	if !setUp {
		if err := s.once(c, s.throttles.register); err != nil {
			return err
		}
	}
	if r.PasswordHash, err = s.hasher.Hash(ctx, req.Password); err != nil {
		return err
	}
	if !setUp {
		err := evenly(ctx, func() error { return s.deps.Accounts.Register(ctx, r, s.mailedToken(account.SignUpLife)) })
		if errors.Is(err, account.ErrInvite) {
			return inviteInvalid()
		}
		if err != nil {
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
	isAbout(c, a.ID)
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
func (req RegisterRequest) check(terms string) (account.Registration, error) {
	q := &query{}
	r := account.Registration{TermsVersion: terms}
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
	if req.AcceptTerms != terms {
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
