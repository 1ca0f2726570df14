package api

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// contact finds the contact of the path. Handlers call it before they look at
// the body.
func (s *Server) contact(c *gin.Context, a account.Account) (account.Contact, error) {
	id, err := pathID(c)
	if err != nil {
		return account.Contact{}, err
	}
	contacts, err := s.deps.Contacts.Contacts(c.Request.Context(), a.ID)
	if err != nil {
		return account.Contact{}, err
	}
	i := slices.IndexFunc(contacts, func(k account.Contact) bool { return k.ID == id })
	if i < 0 {
		return account.Contact{}, notFound()
	}
	return contacts[i], nil
}

// ContactPatch changes how mails to a contact are written; what is left out
// stays.
type ContactPatch struct {
	Locale    *string `json:"locale" enums:"ja,en"`
	ShortForm *bool   `json:"short_form"` // one line, for phones
} //	@name	ContactPatch

// updateContact changes language and form
//
//	@ID			updateContact
//	@Summary	Change the language and form of mails to a contact
//	@Tags		contacts
//	@Security	bearer
//	@Param		id		path		int				true	"contact"
//	@Param		body	body		ContactPatch	true	"what changes"
//	@Success	200		{object}	ContactResponse
//	@Failure	400		{object}	Problem	"malformed_json"
//	@Failure	401		{object}	Problem	"unauthenticated"
//	@Failure	404		{object}	Problem	"not_found"
//	@Failure	413		{object}	Problem	"body_too_large"
//	@Failure	415		{object}	Problem	"unsupported_media_type"
//	@Failure	422		{object}	Problem	"invalid_input"
//	@Failure	500		{object}	Problem	"internal"
//	@Failure	503		{object}	Problem	"unavailable"
//	@Router		/contacts/{id} [patch]
func (s *Server) updateContact(c *gin.Context, a account.Account) error {
	known, err := s.contact(c, a)
	if err != nil {
		return err
	}
	var req ContactPatch
	if err := decode(c, &req); err != nil {
		return err
	}
	patch := account.ContactPatch{ShortForm: req.ShortForm}
	if req.Locale != nil {
		locale, err := account.ParseLocale(*req.Locale)
		if err != nil {
			return invalidField("locale", "not_one_of", "The locale must be ja or en.")
		}
		patch.Locale = &locale
	}
	contact, err := s.deps.Contacts.UpdateContact(c.Request.Context(), a.ID, known.ID, patch)
	if err != nil {
		return err
	}
	return wrote(c, http.StatusOK, newContactResponse(contact))
}

// testContact mails a test alarm
//
//	@ID				testContact
//	@Summary		Mail a test alarm to a contact
//	@Description	To one that is verified and gets mails; once a minute, five times a day.
//	@Tags			contacts
//	@Security		bearer
//	@Param			id	path	int	true	"contact"
//	@Success		202	"taken"
//	@Failure		401	{object}	Problem	"unauthenticated"
//	@Failure		404	{object}	Problem	"not_found"
//	@Failure		409	{object}	Problem	"not_verified: or unsubscribed, or refused by its server"
//	@Failure		429	{object}	Problem	"too_many_requests"
//	@Failure		500	{object}	Problem	"internal"
//	@Failure		503	{object}	Problem	"unavailable"
//	@Router			/contacts/{id}/test [post]
func (s *Server) testContact(c *gin.Context, a account.Account) error {
	known, err := s.contact(c, a)
	if err != nil {
		return err
	}
	if known.Reached() {
		if err := s.askForMail(known.ID, "test"); err != nil {
			return err
		}
	}
	err = s.deps.Contacts.OweTest(c.Request.Context(), a.ID, known.ID)
	if errors.Is(err, uptime.ErrConflict) {
		return newFault(http.StatusConflict, "not_verified", "This contact gets no mails: it has not confirmed, or was unsubscribed or refused since.")
	}
	if err != nil {
		return err
	}
	c.Status(http.StatusAccepted)
	return nil
}

// ContactMailResponse is a mail to a contact.
type ContactMailResponse struct {
	ID        int64      `json:"id" validate:"required"`
	Kind      string     `json:"kind" validate:"required" enums:"alert,contact,test,country,reminder,again,claim_lost,notice"`
	CreatedAt time.Time  `json:"created_at" validate:"required" format:"date-time"`
	SentAt    *time.Time `json:"sent_at" validate:"required" format:"date-time" extensions:"x-nullable"`   // a server took it, or it became a file
	FailedAt  *time.Time `json:"failed_at" validate:"required" format:"date-time" extensions:"x-nullable"` // given up
	Error     *string    `json:"error" validate:"required" extensions:"x-nullable"`                        // what the contact's server said; null also if it was not asked
} //	@name	ContactMail

// ContactMailList is the newest mails to a contact.
type ContactMailList struct {
	Items      []ContactMailResponse `json:"items" validate:"required"`
	NextCursor *string               `json:"next_cursor" validate:"required" extensions:"x-nullable"`
} //	@name	ContactMailList

func newContactMailResponse(m account.ContactMail) ContactMailResponse {
	return ContactMailResponse{
		ID: m.ID, Kind: m.Kind, CreatedAt: m.CreatedAt.UTC(), SentAt: stamp(m.SentAt), FailedAt: stamp(m.FailedAt), Error: unlessEmpty(m.Refusal),
	}
}

// shownMails bounds the mails to a contact that are shown.
const shownMails = 50

// listContactMails shows what became of mails
//
//	@ID				listContactMails
//	@Summary		The newest mails to a contact
//	@Description	At most 50, newest first. They are kept for 30 days.
//	@Tags			contacts
//	@Security		bearer
//	@Param			id	path		int	true	"contact"
//	@Success		200	{object}	ContactMailList
//	@Failure		401	{object}	Problem	"unauthenticated"
//	@Failure		404	{object}	Problem	"not_found"
//	@Failure		422	{object}	Problem	"invalid_input"
//	@Failure		500	{object}	Problem	"internal"
//	@Failure		503	{object}	Problem	"unavailable"
//	@Router			/contacts/{id}/mails [get]
func (s *Server) listContactMails(c *gin.Context, a account.Account) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	mails, err := s.deps.Contacts.ContactMails(c.Request.Context(), a.ID, id, shownMails)
	if err != nil {
		return err
	}
	if err := readQuery(c).err(); err != nil {
		return err
	}
	return read(c, ContactMailList{Items: each(mails, newContactMailResponse)})
}
