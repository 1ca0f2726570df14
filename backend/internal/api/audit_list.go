package api

import (
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

func (s *Server) routeAudit(v1 *gin.RouterGroup) {
	v1.GET("/me/audit", s.quick(s.signedIn(s.listAudit)))
	v1.GET("/operator/audit", s.quick(s.operating(s.listAllAudit)))
}

// AuditResponse is one change of the account, or a sign-in that failed. Of what
// an operator did it does not say who he is and where.
type AuditResponse struct {
	ID        int64     `json:"id" validate:"required"`
	At        time.Time `json:"at" validate:"required" format:"date-time"`
	Actor     string    `json:"actor" validate:"required" enums:"you,operator,system,unknown"` // unknown: who had not signed in
	Action    string    `json:"action" validate:"required" example:"createTarget"`             // the operation's id
	Object    *string   `json:"object" validate:"required" extensions:"x-nullable"`            // id of what was changed
	TokenID   *int64    `json:"token_id" validate:"required" extensions:"x-nullable"`          // API token; null: a session
	Address   *string   `json:"address" validate:"required" extensions:"x-nullable"`
	UserAgent *string   `json:"user_agent" validate:"required" extensions:"x-nullable"`
	Detail    *string   `json:"detail" validate:"required" extensions:"x-nullable" example:"invalid_credentials"`
} //	@name	AuditEntry

// AuditList is a page of the log, newest first.
type AuditList struct {
	Items      []AuditResponse `json:"items" validate:"required"`
	NextCursor *string         `json:"next_cursor" validate:"required" extensions:"x-nullable"`
} //	@name	AuditList

func newAuditResponse(e account.AuditEntry) AuditResponse {
	r := AuditResponse{
		ID: e.ID, At: e.At.UTC(), Actor: string(e.Actor), Action: e.Action, Object: optional(e.Object), TokenID: optional(e.APITokenID),
		Address: optional(e.Address), UserAgent: optional(e.UserAgent), Detail: optional(e.Detail),
	}
	switch e.Actor {
	case account.ByAccount:
		r.Actor = "you"
	case account.ByNobody:
		r.Actor = "unknown"
	case account.ByOperator, account.BySystem:
	}
	return r
}

// auditPage reads limit and cursor.
func (q *query) auditPage() account.AuditPage {
	p := account.AuditPage{Limit: q.limit() + 1}
	if before := q.cursor(1); before != nil {
		p.Before = before[0]
	}
	return p
}

// nextAudit is the cursor behind the last entry that is shown.
func nextAudit(shown []account.AuditEntry, more bool) *string {
	if !more {
		return nil
	}
	return makeCursor(shown[len(shown)-1].ID)
}

// listAudit shows what was changed in the account
//
//	@ID				listAudit
//	@Summary		Audit log of the account
//	@Description	Every change and every sign-in, also failed ones (at most 20 an hour), newest first, for a year. No secrets, nor what was sent.
//	@Tags			me
//	@Security		bearer
//	@Param			limit	query		int		false	"at most"	minimum(1)	maximum(200)	default(50)
//	@Param			cursor	query		string	false	"next_cursor of the page before"
//	@Success		200		{object}	AuditList
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		422		{object}	Problem	"invalid_input"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/me/audit [get]
func (s *Server) listAudit(c *gin.Context, a account.Account) error {
	q := readQuery(c, "limit", "cursor")
	p := q.auditPage()
	if err := q.err(); err != nil {
		return err
	}
	p.AccountID = a.ID
	entries, err := s.deps.Audit.Audit(c.Request.Context(), p)
	if err != nil {
		return err
	}
	shown, more := cut(entries, p.Limit)
	return read(c, AuditList{Items: each(shown, newAuditResponse), NextCursor: nextAudit(shown, more)})
}

// OperatorAuditResponse is one change of any account.
type OperatorAuditResponse struct {
	ID        int64     `json:"id" validate:"required"`
	At        time.Time `json:"at" validate:"required" format:"date-time"`
	AccountID *int64    `json:"account_id" validate:"required" extensions:"x-nullable"` // in whose log it stands; null: nobody's
	Actor     string    `json:"actor" validate:"required" enums:"account,operator,system,nobody"`
	ActorID   *int64    `json:"actor_id" validate:"required" extensions:"x-nullable"` // account of the actor; null: not known, or gone
	Action    string    `json:"action" validate:"required" example:"createTarget"`
	Object    *string   `json:"object" validate:"required" extensions:"x-nullable"`
	SessionID *string   `json:"session_id" validate:"required" extensions:"x-nullable"`
	TokenID   *int64    `json:"token_id" validate:"required" extensions:"x-nullable"`
	Address   *string   `json:"address" validate:"required" extensions:"x-nullable"`
	UserAgent *string   `json:"user_agent" validate:"required" extensions:"x-nullable"`
	Detail    *string   `json:"detail" validate:"required" extensions:"x-nullable"`
} //	@name	OperatorAuditEntry

// OperatorAuditList is a page of everybody's log, newest first.
type OperatorAuditList struct {
	Items      []OperatorAuditResponse `json:"items" validate:"required"`
	NextCursor *string                 `json:"next_cursor" validate:"required" extensions:"x-nullable"`
} //	@name	OperatorAuditList

func newOperatorAuditResponse(e account.AuditEntry) OperatorAuditResponse {
	return OperatorAuditResponse{
		ID: e.ID, At: e.At.UTC(), AccountID: optional(e.AccountID), Actor: string(e.Actor), ActorID: optional(e.ActorID),
		Action: e.Action, Object: optional(e.Object), SessionID: optional(e.SessionID), TokenID: optional(e.APITokenID),
		Address: optional(e.Address), UserAgent: optional(e.UserAgent), Detail: optional(e.Detail),
	}
}

// listAllAudit shows what was changed in all accounts
//
//	@ID				listAllAudit
//	@Summary		Audit log of everybody
//	@Description	For operators. Newest first. What an operator did to another account stands in both logs.
//	@Tags			operator
//	@Security		bearer
//	@Param			account_id	query		int		false	"of one account"
//	@Param			limit		query		int		false	"at most"	minimum(1)	maximum(200)	default(50)
//	@Param			cursor		query		string	false	"next_cursor of the page before"
//	@Success		200			{object}	OperatorAuditList
//	@Failure		401			{object}	Problem	"unauthenticated"
//	@Failure		403			{object}	Problem	"forbidden"
//	@Failure		422			{object}	Problem	"invalid_input"
//	@Failure		500			{object}	Problem	"internal"
//	@Failure		503			{object}	Problem	"unavailable"
//	@Router			/operator/audit [get]
func (s *Server) listAllAudit(c *gin.Context) error {
	q := readQuery(c, "account_id", "limit", "cursor")
	p := q.auditPage()
	p.AccountID = q.id("account_id")
	if err := q.err(); err != nil {
		return err
	}
	entries, err := s.deps.AuditDesk.AllAudit(c.Request.Context(), p)
	if err != nil {
		return err
	}
	shown, more := cut(entries, p.Limit)
	return read(c, OperatorAuditList{Items: each(shown, newOperatorAuditResponse), NextCursor: nextAudit(shown, more)})
}
