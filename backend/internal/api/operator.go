package api

import (
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// MailResponse is a mail that was stored, not sent.
type MailResponse struct {
	ID      string    `json:"id" validate:"required"`
	Date    time.Time `json:"date" validate:"required" format:"date-time"`
	To      string    `json:"to" validate:"required"`
	Subject string    `json:"subject" validate:"required"`
	Body    string    `json:"body" validate:"required"` // plain text
} //	@name	Mail

// MailList is a page of mails, newest first.
type MailList struct {
	Items      []MailResponse `json:"items" validate:"required"`
	NextCursor *string        `json:"next_cursor" validate:"required" extensions:"x-nullable"`
} //	@name	MailList

// listMails shows the mails that were stored because there is no SMTP server
//
//	@ID				listMails
//	@Summary		Stored mails
//	@Description	For operators. Empty when mails are sent by SMTP.
//	@Tags			operator
//	@Security		bearer
//	@Param			limit	query		int		false	"at most"	minimum(1)	maximum(200)	default(50)
//	@Param			cursor	query		string	false	"next_cursor of the page before"
//	@Success		200		{object}	MailList
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		403		{object}	Problem	"forbidden"
//	@Failure		422		{object}	Problem	"invalid_input"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/operator/mails [get]
func (s *Server) listMails(c *gin.Context, a account.Account) error {
	if !a.Operates() {
		return forbidden()
	}
	q := readQuery(c, "limit", "cursor")
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
		return MailResponse{ID: m.ID, Date: m.Date.UTC(), To: m.To, Subject: m.Subject, Body: m.Body}
	})
	if more {
		list.NextCursor = &shown[len(shown)-1].ID
	}
	return read(c, list)
}
