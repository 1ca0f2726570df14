package api

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

// QuotaUse is one quota and what is used of it.
type QuotaUse struct {
	Limit *int `json:"limit" validate:"required" extensions:"x-nullable" example:"20"` // null: none
	Used  int  `json:"used" validate:"required" example:"3"`
} //	@name	QuotaUse

// QuotasResponse is what an account may have and has.
type QuotasResponse struct {
	Targets  QuotaUse `json:"targets" validate:"required"`
	Monitors QuotaUse `json:"monitors" validate:"required"`
	Contacts QuotaUse `json:"contacts" validate:"required"`
} //	@name	Quotas

// OwnQuotas are those that the operator set for one account.
type OwnQuotas struct {
	Targets  *int `json:"targets" extensions:"x-nullable" minimum:"0" maximum:"1000000"` // null: the service's quota, 0: none
	Monitors *int `json:"monitors" extensions:"x-nullable" minimum:"0" maximum:"1000000"`
	Contacts *int `json:"contacts" extensions:"x-nullable" minimum:"0" maximum:"1000000"`
} //	@name	OwnQuotas

// AccountQuotas is what the operator sees of an account's quotas.
type AccountQuotas struct {
	AccountID int64          `json:"account_id" validate:"required"`
	Own       OwnQuotas      `json:"own" validate:"required"`
	Quotas    QuotasResponse `json:"quotas" validate:"required"` // that count
} //	@name	AccountQuotas

func newQuotasResponse(a account.Allowance) QuotasResponse {
	return QuotasResponse{
		Targets:  QuotaUse{optional(a.Quotas.Targets), a.Used.Targets},
		Monitors: QuotaUse{optional(a.Quotas.Monitors), a.Used.Monitors},
		Contacts: QuotaUse{optional(a.Quotas.Contacts), a.Used.Contacts},
	}
}

func newAccountQuotas(id int64, a account.Allowance) AccountQuotas {
	return AccountQuotas{
		AccountID: id, Own: OwnQuotas(a.Own), Quotas: newQuotasResponse(a),
	}
}

// quotaFault is the answer to an account that has as many as it may have; nil
// if err is of another kind.
func quotaFault(err error) *fault {
	var full *account.QuotaError
	if !errors.As(err, &full) {
		return nil
	}
	f := newFault(http.StatusUnprocessableEntity, "too_many", fmt.Sprintf("The account may have at most %d %s.", full.Limit, full.Quota))
	f.quota = &QuotaFault{Name: full.Quota, Limit: full.Limit}
	return f
}

// check tells all faults at once.
func (req OwnQuotas) check() (account.OwnQuotas, error) {
	q := &query{}
	for name, limit := range map[string]*int{"targets": req.Targets, "monitors": req.Monitors, "contacts": req.Contacts} {
		if limit != nil && (*limit < 0 || *limit > account.MaxQuota) {
			q.fault(name, "out_of_range", fmt.Sprintf("A quota must be 0 to %d.", account.MaxQuota))
		}
	}
	return account.OwnQuotas(req), q.err()
}

// accountQuotas shows an account's quotas
//
//	@ID				getAccountQuotas
//	@Summary		Quotas of an account
//	@Description	For operators.
//	@Tags			operator
//	@Security		bearer
//	@Param			id	path		int	true	"account"
//	@Success		200	{object}	AccountQuotas
//	@Failure		401	{object}	Problem	"unauthenticated"
//	@Failure		403	{object}	Problem	"forbidden"
//	@Failure		404	{object}	Problem	"not_found"
//	@Failure		422	{object}	Problem	"invalid_input"
//	@Failure		500	{object}	Problem	"internal"
//	@Failure		503	{object}	Problem	"unavailable"
//	@Router			/operator/accounts/{id}/quotas [get]
func (s *Server) accountQuotas(c *gin.Context) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := readQuery(c).err(); err != nil {
		return err
	}
	allowed, err := s.deps.Quotas.Allowance(c.Request.Context(), id)
	if err != nil {
		return err
	}
	return read(c, newAccountQuotas(id, allowed))
}

// setAccountQuotas sets an account's own quotas
//
//	@ID				setAccountQuotas
//	@Summary		Set quotas of an account
//	@Description	For operators. Replaces all three; what is not given is the service's quota. An account keeps what it has
//	@Description	beyond a quota that is lowered, and gets no more.
//	@Tags			operator
//	@Security		bearer
//	@Param			id		path		int			true	"account"
//	@Param			body	body		OwnQuotas	true	"the account's own"
//	@Success		200		{object}	AccountQuotas
//	@Failure		400		{object}	Problem	"malformed_json"
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		403		{object}	Problem	"forbidden"
//	@Failure		404		{object}	Problem	"not_found"
//	@Failure		413		{object}	Problem	"body_too_large"
//	@Failure		415		{object}	Problem	"unsupported_media_type"
//	@Failure		422		{object}	Problem	"invalid_input"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/operator/accounts/{id}/quotas [put]
func (s *Server) setAccountQuotas(c *gin.Context) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	var req OwnQuotas
	if err := decode(c, &req); err != nil {
		return err
	}
	own, err := req.check()
	if err != nil {
		return err
	}
	allowed, err := s.deps.Quotas.SetQuotas(c.Request.Context(), id, own)
	if err != nil {
		return err
	}
	actsOn(c, id)
	return wrote(c, http.StatusOK, newAccountQuotas(id, allowed))
}
