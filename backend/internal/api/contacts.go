package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// ContactResponse is an address that gets alerts once it is verified.
type ContactResponse struct {
	ID         int64      `json:"id" validate:"required"`
	Email      string     `json:"email" validate:"required"`
	Locale     string     `json:"locale" validate:"required" enums:"ja,en"`
	ShortForm  bool       `json:"short_form" validate:"required"` // one line, for phones
	VerifiedAt *time.Time `json:"verified_at" validate:"required" format:"date-time" extensions:"x-nullable"`
	CreatedAt  time.Time  `json:"created_at" validate:"required" format:"date-time"`

	UnsubscribedAt *time.Time `json:"unsubscribed_at" validate:"required" format:"date-time" extensions:"x-nullable"` // its reader wants no more mails
	BouncedAt      *time.Time `json:"bounced_at" validate:"required" format:"date-time" extensions:"x-nullable"`      // its server has refused two mails in a row: no more are sent
	Bounce         *string    `json:"bounce" validate:"required" extensions:"x-nullable"`                             // what its server said to the last mail, if it refused it
} //	@name	Contact

// ContactList is all contacts of the account.
type ContactList struct {
	Items      []ContactResponse `json:"items" validate:"required"`
	NextCursor *string           `json:"next_cursor" validate:"required" extensions:"x-nullable"`
} //	@name	ContactList

// NewContactRequest adds a contact.
type NewContactRequest struct {
	Email     string `json:"email" validate:"required" maxLength:"254" example:"abc..def@docomo.ne.jp"`
	Locale    string `json:"locale" enums:"ja,en"` // the account's if not given
	ShortForm bool   `json:"short_form"`
} //	@name	NewContactRequest

func newContactResponse(c account.Contact) ContactResponse {
	return ContactResponse{
		ID: c.ID, Email: c.Email, Locale: string(c.Locale), ShortForm: c.ShortForm,
		VerifiedAt: stamp(c.VerifiedAt), CreatedAt: c.CreatedAt.UTC(),
		UnsubscribedAt: stamp(c.UnsubscribedAt), BouncedAt: stamp(c.BouncedAt), Bounce: unlessEmpty(c.Bounce),
	}
}

// listContacts shows whom alerts are mailed to
//
//	@ID			listContacts
//	@Summary	All contacts
//	@Tags		contacts
//	@Security	bearer
//	@Success	200	{object}	ContactList
//	@Failure	401	{object}	Problem	"unauthenticated"
//	@Failure	422	{object}	Problem	"invalid_input"
//	@Failure	500	{object}	Problem	"internal"
//	@Failure	503	{object}	Problem	"unavailable"
//	@Router		/contacts [get]
func (s *Server) listContacts(c *gin.Context, a account.Account) error {
	if err := readQuery(c).err(); err != nil {
		return err
	}
	contacts, err := s.deps.Contacts.Contacts(c.Request.Context(), a.ID)
	if err != nil {
		return err
	}
	return read(c, ContactList{Items: each(contacts, newContactResponse)})
}

// addContact adds an address, unverified
//
//	@ID				addContact
//	@Summary		Add a contact
//	@Description	Mails a link and a code of six digits that verify it, good for 7 days. Until then it gets no alerts.
//	@Description	An account has as many as its quota allows.
//	@Tags			contacts
//	@Security		bearer
//	@Param			body	body		NewContactRequest	true	"the contact"
//	@Success		201		{object}	ContactResponse
//	@Failure		400		{object}	Problem	"malformed_json"
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		409		{object}	Problem	"contact_exists"
//	@Failure		413		{object}	Problem	"body_too_large"
//	@Failure		415		{object}	Problem	"unsupported_media_type"
//	@Failure		422		{object}	Problem	"invalid_input, too_many"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/contacts [post]
func (s *Server) addContact(c *gin.Context, a account.Account) error {
	var req NewContactRequest
	if err := decode(c, &req); err != nil {
		return err
	}
	q := &query{}
	email, err := account.ParseEmail(strings.TrimSpace(req.Email))
	if err != nil {
		q.fault("email", "malformed", "This is not an e-mail address.")
	}
	locale := a.Locale
	if req.Locale != "" {
		if locale, err = account.ParseLocale(req.Locale); err != nil {
			q.fault("locale", "not_one_of", "The locale must be ja or en.")
		}
	}
	if err := q.err(); err != nil {
		return err
	}
	contact, err := s.deps.Contacts.AddContact(c.Request.Context(), account.NewContact{
		AccountID: a.ID, Email: email, Locale: locale, ShortForm: req.ShortForm,
	}, s.mailedToken(account.ContactLife))
	if errors.Is(err, uptime.ErrConflict) {
		return newFault(http.StatusConflict, "contact_exists", "This address is a contact already.")
	}
	if err != nil {
		return err
	}
	return wrote(c, http.StatusCreated, newContactResponse(contact))
}

// deleteContact removes an address
//
//	@ID			deleteContact
//	@Summary	Remove a contact
//	@Tags		contacts
//	@Security	bearer
//	@Param		id	path	int	true	"contact"
//	@Success	204	"removed"
//	@Failure	401	{object}	Problem	"unauthenticated"
//	@Failure	404	{object}	Problem	"not_found"
//	@Failure	500	{object}	Problem	"internal"
//	@Failure	503	{object}	Problem	"unavailable"
//	@Router		/contacts/{id} [delete]
func (s *Server) deleteContact(c *gin.Context, a account.Account) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := s.deps.Contacts.DeleteContact(c.Request.Context(), a.ID, id); err != nil {
		return err
	}
	return done(c)
}

// verifyContact spends the token of a mailed link
//
//	@ID			verifyContact
//	@Summary	Verify a contact
//	@Tags		contacts
//	@Param		body	body		TokenRequest	true	"from the mailed link"
//	@Success	200		{object}	VerifiedResponse
//	@Failure	400		{object}	Problem	"malformed_json"
//	@Failure	413		{object}	Problem	"body_too_large"
//	@Failure	415		{object}	Problem	"unsupported_media_type"
//	@Failure	422		{object}	Problem	"token_invalid: unknown, used or expired"
//	@Failure	500		{object}	Problem	"internal"
//	@Failure	503		{object}	Problem	"unavailable"
//	@Router		/contacts/verify [post]
func (s *Server) verifyContact(c *gin.Context) error {
	hash, err := decodeToken(c)
	if err != nil {
		return err
	}
	contact, err := s.deps.Contacts.VerifyContact(c.Request.Context(), hash)
	if err != nil {
		return spent(err)
	}
	isAbout(c, contact.AccountID)
	return wrote(c, http.StatusOK, VerifiedResponse{Email: contact.Email})
}

// verifyContactByCode takes the code that its reader passed on
//
//	@ID			verifyContactByCode
//	@Summary	Verify a contact by the code in its mail
//	@Tags		contacts
//	@Security	bearer
//	@Param		id		path		int			true	"contact"
//	@Param		body	body		CodeRequest	true	"from the mail"
//	@Success	200		{object}	ContactResponse
//	@Failure	400		{object}	Problem	"malformed_json"
//	@Failure	401		{object}	Problem	"unauthenticated"
//	@Failure	404		{object}	Problem	"not_found"
//	@Failure	409		{object}	Problem	"already_verified"
//	@Failure	413		{object}	Problem	"body_too_large"
//	@Failure	415		{object}	Problem	"unsupported_media_type"
//	@Failure	422		{object}	Problem	"invalid_input, code_wrong"
//	@Failure	429		{object}	Problem	"too_many_requests: wrong codes count as failures of sign-ins do, 10 an hour of an account"
//	@Failure	500		{object}	Problem	"internal"
//	@Failure	503		{object}	Problem	"unavailable"
//	@Router		/contacts/{id}/verify [post]
func (s *Server) verifyContactByCode(c *gin.Context, a account.Account) error {
	known, err := s.contact(c, a)
	if err != nil {
		return err
	}
	if known.Reached() {
		return newFault(http.StatusConflict, "already_verified", "This contact is verified already.")
	}
	try, err := s.decodeCode(c)
	if err != nil {
		return err
	}
	var contact account.Contact
	err = s.tryCode(c, "contacts of "+strconv.FormatInt(a.ID, 10), func(ctx context.Context) (err error) {
		contact, err = s.deps.Contacts.VerifyContactByCode(ctx, a.ID, known.ID, try)
		return err
	})
	if err != nil {
		return err
	}
	return wrote(c, http.StatusOK, newContactResponse(contact))
}

// resendContact mails the link once more
//
//	@ID			resendContact
//	@Summary	Mail the link that verifies a contact again: once a minute, five times a day
//	@Tags		contacts
//	@Security	bearer
//	@Param		id	path	int	true	"contact"
//	@Success	204	"taken"
//	@Failure	401	{object}	Problem	"unauthenticated"
//	@Failure	404	{object}	Problem	"not_found"
//	@Failure	409	{object}	Problem	"already_verified"
//	@Failure	429	{object}	Problem	"too_many_requests"
//	@Failure	500	{object}	Problem	"internal"
//	@Failure	503	{object}	Problem	"unavailable"
//	@Router		/contacts/{id}/resend [post]
func (s *Server) resendContact(c *gin.Context, a account.Account) error {
	known, err := s.contact(c, a)
	if err != nil {
		return err
	}
	if known.VerifiedAt.IsZero() {
		if err := s.askForMail(known.ID, "confirm"); err != nil {
			return err
		}
	}
	err = s.deps.Contacts.ResendContact(c.Request.Context(), a.ID, known.ID, s.mailedToken(account.ContactLife))
	if errors.Is(err, uptime.ErrConflict) {
		return newFault(http.StatusConflict, "already_verified", "This contact is verified already.")
	}
	if err != nil {
		return err
	}
	return done(c)
}
