package api

import (
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

// MeResponse is the account that is signed in.
type MeResponse struct {
	ID               int64      `json:"id" validate:"required"`
	Email            string     `json:"email" validate:"required"`
	Role             string     `json:"role" validate:"required" enums:"user,operator"`
	Locale           string     `json:"locale" validate:"required" enums:"ja,en"`
	TimeZone         string     `json:"time_zone" validate:"required" example:"Asia/Tokyo"`
	TermsVersion     string     `json:"terms_version" validate:"required"` // that was accepted
	VerifiedAt       *time.Time `json:"verified_at" validate:"required" format:"date-time" extensions:"x-nullable"`
	CreatedAt        time.Time  `json:"created_at" validate:"required" format:"date-time"`
	VerifiedContacts int        `json:"verified_contacts" validate:"required"` // that get mails; 0: nobody will be mailed

	Quotas QuotasResponse `json:"quotas" validate:"required"`
} //	@name	Me

// me shows the account
//
//	@ID			getMe
//	@Summary	The account that is signed in
//	@Tags		me
//	@Security	bearer
//	@Success	200	{object}	MeResponse
//	@Failure	401	{object}	Problem	"unauthenticated"
//	@Failure	422	{object}	Problem	"invalid_input"
//	@Failure	500	{object}	Problem	"internal"
//	@Failure	503	{object}	Problem	"unavailable"
//	@Router		/me [get]
func (s *Server) me(c *gin.Context, a account.Account) error {
	if err := readQuery(c).err(); err != nil {
		return err
	}
	me, err := s.describe(c, a)
	if err != nil {
		return err
	}
	return read(c, me)
}

// describe shows an account to itself.
func (s *Server) describe(c *gin.Context, a account.Account) (MeResponse, error) {
	contacts, err := s.deps.Contacts.Contacts(c.Request.Context(), a.ID)
	if err != nil {
		return MeResponse{}, err
	}
	verified := 0
	for _, contact := range contacts {
		if contact.Reached() {
			verified++
		}
	}
	allowed, err := s.deps.Quotas.Allowance(c.Request.Context(), a.ID)
	if err != nil {
		return MeResponse{}, err
	}
	return MeResponse{
		ID: a.ID, Email: a.Email, Role: string(a.Role), Locale: string(a.Locale), TimeZone: a.Zone,
		TermsVersion: a.TermsVersion, VerifiedAt: stamp(a.VerifiedAt), CreatedAt: a.CreatedAt.UTC(), VerifiedContacts: verified,
		Quotas: newQuotasResponse(allowed),
	}, nil
}
