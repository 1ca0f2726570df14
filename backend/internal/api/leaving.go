package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// deleteWithin bounds the deletion of an account; one that takes longer is
// deleted by asking again.
const deleteWithin = time.Minute

// DeleteMeRequest confirms that the account is to go.
type DeleteMeRequest struct {
	Password string `json:"password" validate:"required"`

	TOTP         string `json:"totp" example:"123456"` // where a second factor is on: its code, or
	RecoveryCode string `json:"recovery_code"`
} //	@name	DeleteMeRequest

// deleteMe deletes the account and all that it has
//
//	@ID				deleteMe
//	@Summary		Delete the account
//	@Description	With everything: targets, results, contacts, mails, sessions. It cannot be undone.
//	@Tags			me
//	@Security		bearer
//	@Param			body	body	DeleteMeRequest	true	"the password, and the second factor where it is on"
//	@Success		204		"everything is gone"
//	@Failure		400		{object}	Problem	"malformed_json"
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		409		{object}	Problem	"last_operator: others need one; conflict: the password was changed elsewhere meanwhile"
//	@Failure		413		{object}	Problem	"body_too_large"
//	@Failure		415		{object}	Problem	"unsupported_media_type"
//	@Failure		422		{object}	Problem	"invalid_input; password_wrong; totp_required; code_wrong"
//	@Failure		429		{object}	Problem	"too_many_requests: failures count as those of sign-ins do"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/me [delete]
func (s *Server) deleteMe(c *gin.Context, a account.Account) error {
	var req DeleteMeRequest
	if err := decode(c, &req); err != nil {
		return err
	}
	hash, err := s.provePassword(c, a, req.Password)
	if err != nil {
		return err
	}
	if err := s.confirmFactor(c, a, factorProof{totp: req.TOTP, recovery: req.RecoveryCode}); err != nil {
		return err
	}
	// What was begun goes on, whoever waits for the answer.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request.Context()), deleteWithin)
	defer cancel()
	err = s.deps.Accounts.DeleteAccount(ctx, a.ID, hash)
	s.sessions.forgetAccount(a.ID)
	switch {
	case errors.Is(err, account.ErrLastOperator):
		return newFault(http.StatusConflict, "last_operator", "Others use this installation and need an operator. Make somebody else one first.")
	case errors.Is(err, uptime.ErrConflict):
		return passwordChanged()
	case err != nil:
		return err
	}
	s.clearRefreshCookie(c)
	return done(c)
}
