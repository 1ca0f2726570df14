package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

// Invites keeps who may register where not everybody may.
type Invites interface {
	CreateInvite(ctx context.Context, n account.NewInvite) (account.Invite, error)

	// Invites lists at most limit with an id below before (0: all), the newest first.
	Invites(ctx context.Context, before int64, limit int) ([]account.Invite, error)

	// DeleteInvite makes one void. uptime.ErrNotFound if there is none.
	DeleteInvite(ctx context.Context, id int64) error
}

// mayRegister looks whether registration is open to a request, and gives the
// hash of the invitation that it needs.
func (s *Server) mayRegister(invite string) (hash []byte, err error) {
	switch s.registration() {
	case account.RegistrationOpen:
		return nil, nil
	case account.RegistrationInvite:
		if hash, err = account.HashToken(strings.TrimSpace(invite)); err != nil {
			return nil, inviteInvalid()
		}
		return hash, nil
	}
	return nil, newFault(http.StatusForbidden, "registration_closed", "This installation takes no new accounts.")
}

func inviteInvalid() error {
	return newFault(http.StatusForbidden, "invite_invalid", "An invitation is needed; this one is for another address, was used or has expired.")
}

// Bounds of an invitation's life, in days.
const (
	inviteDays    = 7
	maxInviteDays = 90
)

// InviteRequest asks for an invitation.
type InviteRequest struct {
	Email       string `json:"email" maxLength:"254"` // the only address that may use it; any if not given
	ExpiresDays *int   `json:"expires_days" minimum:"1" maximum:"90" default:"7" extensions:"x-nullable"`
} //	@name	InviteRequest

// InviteResponse is an invitation.
type InviteResponse struct {
	ID        int64      `json:"id" validate:"required"`
	Email     *string    `json:"email" validate:"required" extensions:"x-nullable"` // null: any address
	CreatedAt time.Time  `json:"created_at" validate:"required" format:"date-time"`
	ExpiresAt time.Time  `json:"expires_at" validate:"required" format:"date-time"`
	UsedAt    *time.Time `json:"used_at" validate:"required" format:"date-time" extensions:"x-nullable"`
} //	@name	Invite

// NewInviteResponse is an invitation with its code, which is shown once.
type NewInviteResponse struct {
	InviteResponse
	Code string `json:"code" validate:"required"`
	URL  string `json:"url" validate:"required"` // of the page to register on
} //	@name	NewInvite

// InviteList is a page of invitations, the newest first.
type InviteList struct {
	Items      []InviteResponse `json:"items" validate:"required"`
	NextCursor *string          `json:"next_cursor" validate:"required" extensions:"x-nullable"`
} //	@name	InviteList

func newInviteResponse(i account.Invite) InviteResponse {
	return InviteResponse{
		ID: i.ID, Email: optional(i.Email), CreatedAt: i.CreatedAt.UTC(), ExpiresAt: i.ExpiresAt.UTC(), UsedAt: stamp(i.UsedAt),
	}
}

// createInvite makes an invitation
//
//	@ID				createInvite
//	@Summary		Invite somebody
//	@Description	For operators. Good for one address, where registration needs an invitation. The code is shown once; nothing
//	@Description	is mailed.
//	@Tags			operator
//	@Security		bearer
//	@Param			body	body		InviteRequest	true	"for whom"
//	@Success		201		{object}	NewInviteResponse
//	@Failure		400		{object}	Problem	"malformed_json"
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		403		{object}	Problem	"forbidden"
//	@Failure		413		{object}	Problem	"body_too_large"
//	@Failure		415		{object}	Problem	"unsupported_media_type"
//	@Failure		422		{object}	Problem	"invalid_input"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/operator/invites [post]
func (s *Server) createInvite(c *gin.Context, a account.Account) error {
	if !a.Operates() {
		return newFault(http.StatusForbidden, "forbidden", "This is for the operator of the service.")
	}
	var req InviteRequest
	if err := decode(c, &req); err != nil {
		return err
	}
	q, days, email := &query{}, inviteDays, ""
	if req.ExpiresDays != nil {
		if days = *req.ExpiresDays; days < 1 || days > maxInviteDays {
			q.fault("expires_days", "out_of_range", "An invitation lives for 1 to 90 days.")
		}
	}
	if req.Email != "" {
		var err error
		if email, err = account.ParseEmail(strings.TrimSpace(req.Email)); err != nil {
			q.fault("email", "malformed", "This is not an e-mail address.")
		}
	}
	if err := q.err(); err != nil {
		return err
	}
	code := account.NewToken(s.cfg.Now().AddDate(0, 0, days))
	made, err := s.deps.Invites.CreateInvite(c.Request.Context(), account.NewInvite{
		AccountID: a.ID, Email: email, CodeHash: code.Hash, ExpiresAt: code.ExpiresAt,
	})
	if err != nil {
		return err
	}
	return wrote(c, http.StatusCreated, NewInviteResponse{
		InviteResponse: newInviteResponse(made), Code: code.Raw, URL: s.pageLink("/sign-up#invite=" + code.Raw),
	})
}

// listInvites lists invitations
//
//	@ID				listInvites
//	@Summary		Invitations
//	@Description	For operators. The newest first, used and expired ones too.
//	@Tags			operator
//	@Security		bearer
//	@Param			limit	query		int		false	"at most"	minimum(1)	maximum(200)	default(50)
//	@Param			cursor	query		string	false	"next_cursor of the page before"
//	@Success		200		{object}	InviteList
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		403		{object}	Problem	"forbidden"
//	@Failure		422		{object}	Problem	"invalid_input"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/operator/invites [get]
func (s *Server) listInvites(c *gin.Context) error {
	q := readQuery(c, "limit", "cursor")
	p := q.page()
	if err := q.err(); err != nil {
		return err
	}
	invites, err := s.deps.Invites.Invites(c.Request.Context(), p.After, p.Limit)
	if err != nil {
		return err
	}
	shown, more := cut(invites, p.Limit)
	list := InviteList{Items: each(shown, newInviteResponse)}
	if more {
		list.NextCursor = makeCursor(shown[len(shown)-1].ID)
	}
	return read(c, list)
}

// deleteInvite makes an invitation void
//
//	@ID				deleteInvite
//	@Summary		Take an invitation back
//	@Description	For operators. Whoever has registered with it keeps the account.
//	@Tags			operator
//	@Security		bearer
//	@Param			id	path	int	true	"invitation"
//	@Success		204	"void"
//	@Failure		401	{object}	Problem	"unauthenticated"
//	@Failure		403	{object}	Problem	"forbidden"
//	@Failure		404	{object}	Problem	"not_found"
//	@Failure		500	{object}	Problem	"internal"
//	@Failure		503	{object}	Problem	"unavailable"
//	@Router			/operator/invites/{id} [delete]
func (s *Server) deleteInvite(c *gin.Context) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := s.deps.Invites.DeleteInvite(c.Request.Context(), id); err != nil {
		return err
	}
	return done(c)
}

func (s *Server) routeInvites(v1 *gin.RouterGroup) {
	v1.POST("/operator/invites", s.quick(s.signedIn(s.createInvite)))
	v1.GET("/operator/invites", s.quick(s.operating(s.listInvites)))
	v1.DELETE("/operator/invites/:id", s.quick(s.operating(s.deleteInvite)))
}
