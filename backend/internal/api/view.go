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

// OpenAccountRequest says why an operator looks at an account.
type OpenAccountRequest struct {
	Reason string `json:"reason" validate:"required" maxLength:"300" example:"asked for help by phone"`
} //	@name	OpenAccountRequest

// OpenAccountResponse is an access token that sees one account and changes
// nothing.
type OpenAccountResponse struct {
	AccessToken string `json:"access_token" validate:"required"`
	ExpiresIn   int    `json:"expires_in" validate:"required" example:"900"` // seconds
} //	@name	OpenAccountResponse

// maxReason bounds a reason, in characters.
const maxReason = 300

// openAccount lets an operator see what an account sees
//
//	@ID				openAccount
//	@Summary		Look at an account
//	@Description	For operators. The token shows what the account watches and can change nothing; sessions, tokens, the export and the
//	@Description	log are not shown. It ends after 15 minutes and with the operator's session. The account's log tells the reason.
//	@Tags			operator
//	@Security		bearer
//	@Param			id		path		int					true	"account"
//	@Param			body	body		OpenAccountRequest	true	"why"
//	@Success		201		{object}	OpenAccountResponse
//	@Failure		400		{object}	Problem	"malformed_json"
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		403		{object}	Problem	"forbidden"
//	@Failure		404		{object}	Problem	"not_found"
//	@Failure		413		{object}	Problem	"body_too_large"
//	@Failure		415		{object}	Problem	"unsupported_media_type"
//	@Failure		422		{object}	Problem	"invalid_input"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/operator/accounts/{id}/open [post]
func (s *Server) openAccount(c *gin.Context, a account.Account) error {
	if !a.Operates() {
		return forbidden()
	}
	id, err := pathID(c)
	if err != nil {
		return err
	}
	var req OpenAccountRequest
	if err := decode(c, &req); err != nil {
		return err
	}
	reason := strings.TrimSpace(req.Reason)
	q := &query{}
	checkText(q, "reason", reason, maxReason)
	if reason == "" {
		q.fault("reason", "required", "Say why: the account will read it.")
	}
	if err := q.err(); err != nil {
		return err
	}
	if _, err := s.deps.AccountDesk.Overview(c.Request.Context(), id); err != nil {
		return err
	}
	token, err := s.tokens.issueView(a, callerOf(c).session, id)
	if err != nil {
		return err
	}
	actsOn(c, id)
	because(c, reason)
	return wrote(c, http.StatusCreated, OpenAccountResponse{AccessToken: token, ExpiresIn: int(accessLife.Seconds())})
}

// view puts the account that an operator looks at in the operator's place.
func (s *Server) view(ctx context.Context, operator caller, accountID int64) (caller, error) {
	ended := unauthenticated("The view of this account has ended.")
	if !operator.account.Operates() {
		return caller{}, ended
	}
	o, err := s.deps.AccountDesk.Overview(ctx, accountID)
	switch {
	case errors.Is(err, uptime.ErrNotFound):
		return caller{}, ended
	case err != nil:
		return caller{}, err
	}
	seen := o.Account
	seen.Role = account.User // an operator's account operates nothing for another
	return caller{account: seen, session: operator.session, operator: operator.account.ID}, nil
}

// permitView lets somebody who looks at an account read what it watches.
func permitView(method string, need account.Scope) error {
	if (method == http.MethodGet || method == http.MethodHead) && need != sessionOnly && need != openRoute {
		return nil
	}
	return newFault(http.StatusForbidden, "read_only", "An operator who looks at an account sees what it watches and changes nothing.")
}
