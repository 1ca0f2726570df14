package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// AddressRequest asks for another sign-in address.
type AddressRequest struct {
	New      string `json:"new_email" validate:"required" maxLength:"254"`
	Password string `json:"password" validate:"required"`
} //	@name	AddressRequest

// askForAddress mails the new address and tells the old one
//
//	@ID				changeAddress
//	@Summary		Change the address that one signs in with
//	@Description	Mails a link and a code to the new address, good for 24 hours; the old one is told. Until it is confirmed the
//	@Description	old one stays. Answers the same whether or not another account has the address. Contacts stay as they are.
//	@Tags			me
//	@Security		bearer
//	@Param			body	body	AddressRequest	true	"the address, and the password"
//	@Success		202		"taken"
//	@Failure		400		{object}	Problem	"malformed_json"
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		409		{object}	Problem	"conflict: the password was changed elsewhere meanwhile"
//	@Failure		413		{object}	Problem	"body_too_large"
//	@Failure		415		{object}	Problem	"unsupported_media_type"
//	@Failure		422		{object}	Problem	"invalid_input; password_wrong"
//	@Failure		429		{object}	Problem	"too_many_requests: 5 a day of an account; failures count as those of sign-ins do"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/me/email [post]
func (s *Server) askForAddress(c *gin.Context, a account.Account) error {
	var req AddressRequest
	if err := decode(c, &req); err != nil {
		return err
	}
	address, err := account.ParseEmail(strings.TrimSpace(req.New))
	switch {
	case err != nil:
		return invalidField("new_email", "malformed", "This is not an e-mail address.")
	case address == a.Email:
		return invalidField("new_email", "same", "This is the present address.")
	}
	hash, err := s.provePassword(c, a, req.Password)
	if err != nil {
		return err
	}
	if wait, ok := s.throttles.addresses.Take(strconv.FormatInt(a.ID, 10), s.cfg.Now()); !ok {
		return tooMany(wait)
	}
	ctx := c.Request.Context()
	err = evenly(ctx, func() error {
		change := account.AddressChange{AccountID: a.ID, PasswordHash: hash, NewAddress: address}
		return s.deps.Accounts.OweAddress(ctx, change, s.mailedToken(account.AddressLife))
	})
	if errors.Is(err, uptime.ErrConflict) {
		return passwordChanged()
	}
	if err != nil {
		return err
	}
	return accepted(c)
}

func passwordChanged() error {
	return newFault(http.StatusConflict, "conflict", "The password was changed elsewhere meanwhile.")
}

// confirmAddress spends the token of a mailed link
//
//	@ID			confirmAddress
//	@Summary	Confirm a new sign-in address
//	@Tags		me
//	@Param		body	body	TokenRequest	true	"from the mailed link"
//	@Success	204		"changed"
//	@Failure	400		{object}	Problem	"malformed_json"
//	@Failure	409		{object}	Problem	"address_taken: another account has got it meanwhile"
//	@Failure	413		{object}	Problem	"body_too_large"
//	@Failure	415		{object}	Problem	"unsupported_media_type"
//	@Failure	422		{object}	Problem	"invalid_input; token_invalid: unknown, used or expired"
//	@Failure	500		{object}	Problem	"internal"
//	@Failure	503		{object}	Problem	"unavailable"
//	@Router		/me/email/confirm [post]
func (s *Server) confirmAddress(c *gin.Context) error {
	hash, err := decodeToken(c)
	if err != nil {
		return err
	}
	a, err := s.deps.Accounts.ChangeAddress(c.Request.Context(), hash)
	return s.addressChanged(c, a.ID, spent(err))
}

// confirmAddressByCode takes the code from the mail
//
//	@ID			confirmAddressByCode
//	@Summary	Confirm a new sign-in address by the code in its mail
//	@Tags		me
//	@Security	bearer
//	@Param		body	body	CodeRequest	true	"from the mail"
//	@Success	204		"changed"
//	@Failure	400		{object}	Problem	"malformed_json"
//	@Failure	401		{object}	Problem	"unauthenticated"
//	@Failure	409		{object}	Problem	"address_taken: another account has got it meanwhile"
//	@Failure	413		{object}	Problem	"body_too_large"
//	@Failure	415		{object}	Problem	"unsupported_media_type"
//	@Failure	422		{object}	Problem	"invalid_input, code_wrong"
//	@Failure	429		{object}	Problem	"too_many_requests: wrong codes count as failures of sign-ins do, 10 an hour of an account"
//	@Failure	500		{object}	Problem	"internal"
//	@Failure	503		{object}	Problem	"unavailable"
//	@Router		/me/email/code [post]
func (s *Server) confirmAddressByCode(c *gin.Context, a account.Account) error {
	try, err := s.decodeCode(c)
	if err != nil {
		return err
	}
	err = s.tryCode(c, "address of "+strconv.FormatInt(a.ID, 10), func(ctx context.Context) error {
		_, err := s.deps.Accounts.ChangeAddressByCode(ctx, a.ID, try)
		return err
	})
	return s.addressChanged(c, a.ID, err)
}

func (s *Server) addressChanged(c *gin.Context, id int64, err error) error {
	if errors.Is(err, uptime.ErrConflict) {
		return newFault(http.StatusConflict, "address_taken", "Another account has this address.")
	}
	if err != nil {
		return err
	}
	isAbout(c, id)
	s.sessions.forgetAccount(id)
	return done(c)
}
