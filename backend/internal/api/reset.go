package api

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

// ForgotRequest says whose password was forgotten.
type ForgotRequest struct {
	Email string `json:"email" validate:"required"`
} //	@name	ForgotRequest

// forgotPassword mails a way to another password
//
//	@ID				forgotPassword
//	@Summary		Mail a link and a code for a new password
//	@Description	Good for 30 minutes. Answers the same whether or not there is such an account.
//	@Tags			auth
//	@Param			body	body	ForgotRequest	true	"whose"
//	@Success		202		"taken"
//	@Failure		400		{object}	Problem	"malformed_json"
//	@Failure		413		{object}	Problem	"body_too_large"
//	@Failure		415		{object}	Problem	"unsupported_media_type"
//	@Failure		422		{object}	Problem	"invalid_input"
//	@Failure		429		{object}	Problem	"too_many_requests: 10 an hour from an address"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/auth/password/forgot [post]
func (s *Server) forgotPassword(c *gin.Context) error {
	var req ForgotRequest
	if err := decode(c, &req); err != nil {
		return err
	}
	if err := s.mailTo(c, req.Email, s.deps.Accounts.ForgotPassword, account.ResetLife); err != nil {
		return err
	}
	return accepted(c)
}

// ResetRequest chooses another password by what stood in the mail: the token of
// the link, or the code with the address.
type ResetRequest struct {
	MailedProof
	New string `json:"new_password" validate:"required" minLength:"8" maxLength:"128"`
} //	@name	ResetRequest

// resetPassword replaces a forgotten password
//
//	@ID				resetPassword
//	@Summary		Choose a new password by a mailed link or code
//	@Description	Ends all sessions. An address that was not verified yet is verified by it.
//	@Tags			auth
//	@Param			body	body	ResetRequest	true	"from the mail, and the password"
//	@Success		204		"replaced"
//	@Failure		400		{object}	Problem	"malformed_json"
//	@Failure		413		{object}	Problem	"body_too_large"
//	@Failure		415		{object}	Problem	"unsupported_media_type"
//	@Failure		422		{object}	Problem	"invalid_input; token_invalid: unknown, used or expired; code_wrong"
//	@Failure		429		{object}	Problem	"too_many_requests: wrong codes count as failures of sign-ins do, 10 an hour of an address from anywhere"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/auth/password/reset [post]
func (s *Server) resetPassword(c *gin.Context) error {
	var req ResetRequest
	if err := decode(c, &req); err != nil {
		return err
	}
	p, err := s.readProof(req.MailedProof)
	if err != nil {
		return err
	}
	reset := s.resetByToken
	if p.hash == nil {
		reset = s.resetByCode
	}
	a, err := reset(c, p, req.New)
	if err != nil {
		return err
	}
	isAbout(c, a.ID)
	s.sessions.forgetAccount(a.ID)
	s.clearRefreshCookie(c)
	return done(c)
}

// resetByToken hashes nothing for a token that is not good.
func (s *Server) resetByToken(c *gin.Context, p proof, password string) (account.Account, error) {
	ctx := c.Request.Context()
	a, err := s.deps.Accounts.ResetAccount(ctx, p.hash)
	if err != nil {
		return a, spent(err)
	}
	if err := account.CheckPassword(password, a.Email); err != nil {
		return a, invalidField("new_password", passwordCode(err), err.Error())
	}
	hash, err := s.hasher.Hash(ctx, password)
	if err != nil {
		return a, err
	}
	a, err = s.deps.Accounts.ResetPassword(ctx, p.hash, hash)
	return a, spent(err)
}

// resetByCode hashes first, so that a wrong code takes as long as the right one.
func (s *Server) resetByCode(c *gin.Context, p proof, password string) (a account.Account, err error) {
	if err := account.CheckPassword(password, p.email); err != nil {
		return a, invalidField("new_password", passwordCode(err), err.Error())
	}
	err = s.tryCode(c, p.email, func(ctx context.Context) error {
		hash, err := s.hasher.Hash(ctx, password)
		if err != nil {
			return err
		}
		a, err = s.deps.Accounts.ResetPasswordByCode(ctx, p.email, p.try, hash)
		return err
	})
	return a, err
}

// accepted answers what is done later, or not at all.
func accepted(c *gin.Context) error {
	c.Header("Cache-Control", "no-store")
	c.Status(http.StatusAccepted)
	return nil
}
