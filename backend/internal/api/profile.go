package api

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// MePatch changes one's account; what is not given stays.
type MePatch struct {
	Locale   *string `json:"locale" enums:"ja,en"`
	TimeZone *string `json:"time_zone" example:"Asia/Tokyo"`
} //	@name	MePatch

// check tells all faults at once.
func (req MePatch) check() (p account.ProfilePatch, err error) {
	q := &query{}
	if req.Locale != nil {
		locale, err := account.ParseLocale(*req.Locale)
		if err != nil {
			q.fault("locale", "not_one_of", "The locale must be ja or en.")
		}
		p.Locale = &locale
	}
	if req.TimeZone != nil {
		zone, err := account.ParseZone(*req.TimeZone)
		if err != nil {
			q.fault("time_zone", "not_one_of", "This is not a time zone such as Asia/Tokyo.")
		}
		p.Zone = &zone
	}
	return p, q.err()
}

// updateMe changes language and zone
//
//	@ID			updateMe
//	@Summary	Change the account's language and time zone
//	@Tags		me
//	@Security	bearer
//	@Param		body	body		MePatch	true	"what changes"
//	@Success	200		{object}	MeResponse
//	@Failure	400		{object}	Problem	"malformed_json"
//	@Failure	401		{object}	Problem	"unauthenticated"
//	@Failure	413		{object}	Problem	"body_too_large"
//	@Failure	415		{object}	Problem	"unsupported_media_type"
//	@Failure	422		{object}	Problem	"invalid_input"
//	@Failure	500		{object}	Problem	"internal"
//	@Failure	503		{object}	Problem	"unavailable"
//	@Router		/me [patch]
func (s *Server) updateMe(c *gin.Context, a account.Account) error {
	var req MePatch
	if err := decode(c, &req); err != nil {
		return err
	}
	patch, err := req.check()
	if err != nil {
		return err
	}
	changed, err := s.deps.Accounts.UpdateProfile(c.Request.Context(), a.ID, patch)
	if err != nil {
		return err
	}
	s.sessions.forgetAccount(a.ID)
	me, err := s.describe(c, changed)
	if err != nil {
		return err
	}
	return wrote(c, http.StatusOK, me)
}

// PasswordRequest changes the password.
type PasswordRequest struct {
	Current string `json:"current_password" validate:"required"`
	New     string `json:"new_password" validate:"required" minLength:"8" maxLength:"128"`
} //	@name	PasswordRequest

// changePassword replaces the password
//
//	@ID				changePassword
//	@Summary		Change the password
//	@Description	Ends all other sessions at once.
//	@Tags			me
//	@Security		bearer
//	@Param			body	body	PasswordRequest	true	"both passwords"
//	@Success		204		"changed"
//	@Failure		400		{object}	Problem	"malformed_json"
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		409		{object}	Problem	"conflict: it was changed elsewhere meanwhile"
//	@Failure		413		{object}	Problem	"body_too_large"
//	@Failure		415		{object}	Problem	"unsupported_media_type"
//	@Failure		422		{object}	Problem	"invalid_input; password_wrong: the current one is another"
//	@Failure		429		{object}	Problem	"too_many_requests: failures count as those of sign-ins do"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/me/password [post]
func (s *Server) changePassword(c *gin.Context, a account.Account) error {
	var req PasswordRequest
	if err := decode(c, &req); err != nil {
		return err
	}
	if err := account.CheckPassword(req.New, a.Email); err != nil {
		return invalidField("new_password", passwordCode(err), err.Error())
	}
	old, err := s.provePassword(c, a, req.Current)
	if err != nil {
		return err
	}
	hash, err := s.hasher.Hash(c.Request.Context(), req.New)
	if err != nil {
		return err
	}
	err = s.deps.Accounts.ChangePassword(c.Request.Context(), account.PasswordChange{
		AccountID: a.ID, OldHash: old, NewHash: hash, KeepSession: s.currentSession(c),
	})
	s.sessions.forgetAccount(a.ID)
	if errors.Is(err, uptime.ErrConflict) {
		return passwordChanged()
	}
	if err != nil {
		return err
	}
	return done(c)
}

// provePassword asks whoever is signed in for the password once more, and gives
// the hash that it matched. Failures count as those of sign-ins do.
func (s *Server) provePassword(c *gin.Context, a account.Account, password string) (hash string, err error) {
	succeeded, err := s.trySignIn(c, a.Email)
	if err != nil {
		return "", err
	}
	known, err := s.deps.Accounts.CredentialsByEmail(c.Request.Context(), a.Email)
	if err != nil {
		succeeded() // we do not know
		return "", err
	}
	matches, err := s.hasher.Matches(c.Request.Context(), password, known.PasswordHash)
	if err != nil {
		succeeded() // we do not know
		return "", err
	}
	if !matches || known.ID != a.ID {
		return "", newFault(http.StatusUnprocessableEntity, "password_wrong", "The current password is another.")
	}
	succeeded()
	return known.PasswordHash, nil
}
