package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// MailDesk is what operators see and do of mails.
type MailDesk interface {
	// MailRecords lists at most f.Limit mails of one state, the newest first.
	MailRecords(ctx context.Context, f uptime.MailFilter) ([]uptime.MailRecord, error)

	// SendAgain has a mail tried at once that waits or was given up, and tells
	// whose it is. uptime.ErrConflict if it was sent, or cannot be sent any more.
	SendAgain(ctx context.Context, id int64) (accountID int64, err error)
}

// mailStored is the state of mails that are files; the others are of
// uptime.MailState.
const mailStored = "stored"

// MailResponse is a mail. What it says is shown of stored ones only.
type MailResponse struct {
	ID        string     `json:"id" validate:"required"`
	State     string     `json:"state" validate:"required" enums:"stored,pending,failed,sent"`
	Date      time.Time  `json:"date" validate:"required" format:"date-time"` // when it was formed
	To        string     `json:"to" validate:"required"`
	Subject   string     `json:"subject" validate:"required"` // "" unless stored
	Body      string     `json:"body" validate:"required"`    // plain text; "" unless stored
	AccountID *int64     `json:"account_id" validate:"required" extensions:"x-nullable"`
	Kind      *string    `json:"kind" validate:"required" enums:"alert,account,contact,reset,exists,address,address_old,claim_lost,country,reminder,again,test,notice" extensions:"x-nullable"`
	Attempts  int        `json:"attempts" validate:"required"`
	NextTryAt *time.Time `json:"next_try_at" validate:"required" format:"date-time" extensions:"x-nullable"`
	SentAt    *time.Time `json:"sent_at" validate:"required" format:"date-time" extensions:"x-nullable"` // or stored as a file
	FailedAt  *time.Time `json:"failed_at" validate:"required" format:"date-time" extensions:"x-nullable"`
	Error     *string    `json:"error" validate:"required" extensions:"x-nullable"` // what the server said to the last attempt
} //	@name	Mail

// MailList is a page of mails, newest first.
type MailList struct {
	Items      []MailResponse `json:"items" validate:"required"`
	NextCursor *string        `json:"next_cursor" validate:"required" extensions:"x-nullable"`
} //	@name	MailList

func newMailResponse(m uptime.MailRecord) MailResponse {
	kind := string(m.Kind)
	return MailResponse{
		ID: strconv.FormatInt(m.ID, 10), State: string(m.State), Date: m.CreatedAt.UTC(), To: m.To, AccountID: &m.AccountID, Kind: &kind,
		Attempts: m.Attempts, NextTryAt: stamp(m.NextTryAt), SentAt: stamp(m.SentAt), FailedAt: stamp(m.FailedAt), Error: optional(m.Error),
	}
}

// listMails shows what became of mails
//
//	@ID				listMails
//	@Summary		Mails
//	@Description	For operators, the newest first. `stored` are those that were written to files because there is no SMTP server, with
//	@Description	what they say; there are none when mails are sent. Of the others nothing is shown but kind, recipient, times and
//	@Description	the server's answer.
//	@Tags			operator
//	@Security		bearer
//	@Param			state	query		string	false	"which"		Enums(stored, pending, failed, sent)	default(stored)
//	@Param			limit	query		int		false	"at most"	minimum(1)								maximum(200)	default(50)
//	@Param			cursor	query		string	false	"next_cursor of the page before"
//	@Success		200		{object}	MailList
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		403		{object}	Problem	"forbidden"
//	@Failure		422		{object}	Problem	"invalid_input"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/operator/mails [get]
func (s *Server) listMails(c *gin.Context) error {
	q := readQuery(c, "state", "limit", "cursor")
	switch state := q.text("state"); state {
	case "", mailStored:
		return s.listStoredMails(c, q)
	case string(uptime.MailPending), string(uptime.MailFailed), string(uptime.MailSent):
		return s.listMailRecords(c, q, uptime.MailState(state))
	}
	q.fault("state", "not_one_of", "The state must be stored, pending, failed or sent.")
	return q.err()
}

func (s *Server) listStoredMails(c *gin.Context, q *query) error {
	limit := q.limit() + 1
	if err := q.err(); err != nil {
		return err
	}
	list := MailList{Items: []MailResponse{}}
	if s.deps.Mails == nil {
		return read(c, list)
	}
	mails, err := s.deps.Mails.StoredMails(c.Request.Context(), q.text("cursor"), limit)
	if err != nil {
		return err
	}
	shown, more := cut(mails, limit)
	list.Items = each(shown, func(m uptime.StoredMail) MailResponse {
		return MailResponse{ID: m.ID, State: mailStored, Date: m.Date.UTC(), To: m.To, Subject: m.Subject, Body: m.Body}
	})
	if more {
		list.NextCursor = &shown[len(shown)-1].ID
	}
	return read(c, list)
}

func (s *Server) listMailRecords(c *gin.Context, q *query, state uptime.MailState) error {
	p := q.page()
	if err := q.err(); err != nil {
		return err
	}
	mails, err := s.deps.MailDesk.MailRecords(c.Request.Context(), uptime.MailFilter{State: state, Before: p.After, Limit: p.Limit})
	if err != nil {
		return err
	}
	shown, more := cut(mails, p.Limit)
	list := MailList{Items: each(shown, newMailResponse)}
	if more {
		list.NextCursor = makeCursor(shown[len(shown)-1].ID)
	}
	return read(c, list)
}

// retryMail has a mail tried again
//
//	@ID				retryMail
//	@Summary		Send a mail again
//	@Description	For operators: of mails that wait or were given up. It is tried at once; one that is more than a day old is given up
//	@Description	again if that fails. Refused as `not_sendable` are mails that were sent; whose link became void when they were
//	@Description	given up (a new one has to be asked for); of disabled accounts; to contacts that unsubscribed or whose server
//	@Description	refuses them; and alerts while a newer one to the same contact waits.
//	@Tags			operator
//	@Security		bearer
//	@Param			id	path	int	true	"mail"
//	@Success		204	"it is tried"
//	@Failure		401	{object}	Problem	"unauthenticated"
//	@Failure		403	{object}	Problem	"forbidden"
//	@Failure		404	{object}	Problem	"not_found"
//	@Failure		409	{object}	Problem	"not_sendable"
//	@Failure		500	{object}	Problem	"internal"
//	@Failure		503	{object}	Problem	"unavailable"
//	@Router			/operator/mails/{id}/retry [post]
func (s *Server) retryMail(c *gin.Context) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	whose, err := s.deps.MailDesk.SendAgain(c.Request.Context(), id)
	if errors.Is(err, uptime.ErrConflict) {
		return newFault(http.StatusConflict, "not_sendable", "This mail was sent, or cannot be sent any more.")
	}
	if err != nil {
		return err
	}
	actsOn(c, whose)
	return done(c)
}

func (s *Server) routeMails(v1 *gin.RouterGroup) {
	v1.GET("/operator/mails", s.quick(s.operating(s.listMails)))
	v1.POST("/operator/mails/:id/retry", s.quick(s.operating(s.retryMail)))
}
