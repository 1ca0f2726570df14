package api

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// pageLink is a path of the page as people reach it.
func (s *Server) pageLink(path string) string {
	if s.cfg.PublicURL == nil {
		return path
	}
	return strings.TrimRight(s.cfg.PublicURL.String(), "/") + path
}

// unlessEmpty is nil for an empty text.
func unlessEmpty(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// unsubscribe stops the mails to a contact
//
//	@ID				unsubscribe
//	@Summary		Stop the mails to a contact
//	@Description	By the token of a link in any of its mails; mail programs do it by one click (RFC 8058). A body is not
//	@Description	looked at. Idempotent. The contact gets mails again only when it confirms anew.
//	@Tags			contacts
//	@Param			token	path	string	true	"from the mail"
//	@Success		204		"no more mails"
//	@Failure		422		{object}	Problem	"token_invalid"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/unsubscribe/{token} [post]
func (s *Server) unsubscribe(c *gin.Context) error {
	accountID, contactID, err := s.stopper.Parse(c.Param("token"))
	if err != nil {
		return tokenInvalid()
	}
	changed, err := s.deps.Contacts.Unsubscribe(c.Request.Context(), accountID, contactID)
	if err != nil {
		return err
	}
	if !changed {
		changesNothing(c)
		return done(c)
	}
	isAbout(c, accountID)
	c.Set(auditObjectKey, strconv.FormatInt(contactID, 10))
	return done(c)
}

// askToUnsubscribe shows people the page with the button
//
//	@ID				askToUnsubscribe
//	@Summary		The page that stops the mails to a contact
//	@Description	For mail programs that open the address of the one click (RFC 2369); stops nothing by itself, since scanners
//	@Description	follow links.
//	@Tags			contacts
//	@Param			token	path	string	true	"from the mail"
//	@Success		303		"to the page"
//	@Failure		422		{object}	Problem	"token_invalid"
//	@Failure		500		{object}	Problem	"internal"
//	@Router			/unsubscribe/{token} [get]
func (s *Server) askToUnsubscribe(c *gin.Context) error {
	token := c.Param("token")
	if _, _, err := s.stopper.Parse(token); err != nil {
		return tokenInvalid()
	}
	c.Redirect(http.StatusSeeOther, s.pageLink("/unsubscribe#token="+token))
	return nil
}

// resubscribeContact asks a contact whether it wants mails again
//
//	@ID				resubscribeContact
//	@Summary		Ask a contact whether it wants mails again
//	@Description	Of a contact that was unsubscribed or has bounced: mails a link and a code that confirm it anew;
//	@Description	once a minute, five times a day.
//	@Tags			contacts
//	@Security		bearer
//	@Param			id	path	int	true	"contact"
//	@Success		204	"taken"
//	@Failure		401	{object}	Problem	"unauthenticated"
//	@Failure		404	{object}	Problem	"not_found"
//	@Failure		409	{object}	Problem	"conflict: it gets mails, or was never confirmed"
//	@Failure		429	{object}	Problem	"too_many_requests"
//	@Failure		500	{object}	Problem	"internal"
//	@Failure		503	{object}	Problem	"unavailable"
//	@Router			/contacts/{id}/resubscribe [post]
func (s *Server) resubscribeContact(c *gin.Context, a account.Account) error {
	known, err := s.contact(c, a)
	if err != nil {
		return err
	}
	if !known.UnsubscribedAt.IsZero() || !known.BouncedAt.IsZero() {
		if err := s.askForMail(known.ID, "confirm"); err != nil {
			return err
		}
	}
	err = s.deps.Contacts.ResubscribeContact(c.Request.Context(), a.ID, known.ID, s.mailedToken(account.ContactLife))
	if errors.Is(err, uptime.ErrConflict) {
		return newFault(http.StatusConflict, "conflict", "This contact was neither unsubscribed nor refused by its server.")
	}
	if err != nil {
		return err
	}
	return done(c)
}
