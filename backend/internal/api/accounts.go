package api

import (
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

func (s *Server) routeAccounts(v1 *gin.RouterGroup) {
	v1.GET("/operator/accounts", s.quick(s.operating(s.listAccounts)))
	v1.GET("/operator/accounts/:id", s.quick(s.operating(s.getAccount)))
	v1.PATCH("/operator/accounts/:id", s.quick(s.operating(s.updateAccount)))
	v1.POST("/operator/accounts/:id/open", s.quick(s.signedIn(s.openAccount)))
}

// AccountResponse is an account as operators see it: how much it watches, and
// nothing of what.
type AccountResponse struct {
	ID           int64      `json:"id" validate:"required"`
	Email        string     `json:"email" validate:"required"`
	Role         string     `json:"role" validate:"required" enums:"user,operator"`
	Locale       string     `json:"locale" validate:"required" enums:"ja,en"`
	CreatedAt    time.Time  `json:"created_at" validate:"required" format:"date-time"`
	VerifiedAt   *time.Time `json:"verified_at" validate:"required" format:"date-time" extensions:"x-nullable"`
	DisabledAt   *time.Time `json:"disabled_at" validate:"required" format:"date-time" extensions:"x-nullable"`
	LastSeenAt   *time.Time `json:"last_seen_at" validate:"required" format:"date-time" extensions:"x-nullable"` // last use of a session or a token
	SecondFactor bool       `json:"second_factor" validate:"required"`
	TermsVersion string     `json:"terms_version" validate:"required"`
	Targets      int        `json:"targets" validate:"required"`
	Monitors     int        `json:"monitors" validate:"required"`
	Contacts     int        `json:"contacts" validate:"required"`
} //	@name	Account

// AccountList is a page of accounts, ascending by id.
type AccountList struct {
	Items      []AccountResponse `json:"items" validate:"required"`
	NextCursor *string           `json:"next_cursor" validate:"required" extensions:"x-nullable"`
} //	@name	AccountList

func newAccountResponse(o account.Overview) AccountResponse {
	return AccountResponse{
		ID: o.ID, Email: o.Email, Role: string(o.Role), Locale: string(o.Locale), CreatedAt: o.CreatedAt.UTC(),
		VerifiedAt: stamp(o.VerifiedAt), DisabledAt: stamp(o.DisabledAt), LastSeenAt: stamp(o.LastSeenAt),
		SecondFactor: !o.SecondFactorAt.IsZero(), TermsVersion: o.TermsVersion,
		Targets: o.Used.Targets, Monitors: o.Used.Monitors, Contacts: o.Used.Contacts,
	}
}

// maxAccountSearch bounds what is looked for, in characters.
const maxAccountSearch = 254

// listAccounts shows all accounts
//
//	@ID				listAccounts
//	@Summary		Accounts
//	@Description	For operators. Ascending by id.
//	@Tags			operator
//	@Security		bearer
//	@Param			q			query		string	false	"part of the address, or an id"
//	@Param			role		query		string	false	"role"			Enums(user, operator)
//	@Param			disabled	query		int		false	"1: disabled"	Enums(0, 1)
//	@Param			limit		query		int		false	"at most"		minimum(1)	maximum(200)	default(50)
//	@Param			cursor		query		string	false	"next_cursor of the page before"
//	@Success		200			{object}	AccountList
//	@Failure		401			{object}	Problem	"unauthenticated"
//	@Failure		403			{object}	Problem	"forbidden"
//	@Failure		422			{object}	Problem	"invalid_input"
//	@Failure		500			{object}	Problem	"internal"
//	@Failure		503			{object}	Problem	"unavailable"
//	@Router			/operator/accounts [get]
func (s *Server) listAccounts(c *gin.Context) error {
	q := readQuery(c, "q", "role", "disabled", "limit", "cursor")
	page := q.page()
	f := account.OverviewFilter{Text: q.text("q"), Role: account.Role(q.text("role")), After: page.After, Limit: page.Limit}
	checkText(q, "q", f.Text, maxAccountSearch)
	if f.Role != "" {
		checkRole(q, f.Role)
	}
	if disabled, set := q.flag("disabled"); set {
		f.Disabled = &disabled
	}
	if err := q.err(); err != nil {
		return err
	}
	all, err := s.deps.AccountDesk.Overviews(c.Request.Context(), f)
	if err != nil {
		return err
	}
	shown, more := cut(all, f.Limit)
	list := AccountList{Items: each(shown, newAccountResponse)}
	if more {
		list.NextCursor = makeCursor(shown[len(shown)-1].ID)
	}
	return read(c, list)
}

func checkRole(q *query, role account.Role) {
	if !role.Valid() {
		q.fault("role", "unknown", "The role must be user or operator.")
	}
}

// getAccount shows one account
//
//	@ID			getAccount
//	@Summary	An account
//	@Tags		operator
//	@Security	bearer
//	@Param		id	path		int	true	"account"
//	@Success	200	{object}	AccountResponse
//	@Failure	401	{object}	Problem	"unauthenticated"
//	@Failure	403	{object}	Problem	"forbidden"
//	@Failure	404	{object}	Problem	"not_found"
//	@Failure	422	{object}	Problem	"invalid_input"
//	@Failure	500	{object}	Problem	"internal"
//	@Failure	503	{object}	Problem	"unavailable"
//	@Router		/operator/accounts/{id} [get]
func (s *Server) getAccount(c *gin.Context) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := readQuery(c).err(); err != nil {
		return err
	}
	o, err := s.deps.AccountDesk.Overview(c.Request.Context(), id)
	if err != nil {
		return err
	}
	return read(c, newAccountResponse(o))
}

// UpdateAccountRequest changes an account; what is not given stays.
type UpdateAccountRequest struct {
	Disabled *bool   `json:"disabled" extensions:"x-nullable"`
	Role     *string `json:"role" enums:"user,operator" extensions:"x-nullable"`
} //	@name	UpdateAccountRequest

// updateAccount shuts an account out or lets it in, and sets its role
//
//	@ID				updateAccount
//	@Summary		Disable or enable an account, set its role
//	@Description	For operators. A disabled account is signed out everywhere, its tokens do nothing, nothing of it is checked or
//	@Description	mailed. When it is enabled, what was checked before is checked again. Both logs say so.
//	@Tags			operator
//	@Security		bearer
//	@Param			id		path		int						true	"account"
//	@Param			body	body		UpdateAccountRequest	true	"what changes"
//	@Success		200		{object}	AccountResponse
//	@Failure		400		{object}	Problem	"malformed_json"
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		403		{object}	Problem	"forbidden"
//	@Failure		404		{object}	Problem	"not_found"
//	@Failure		409		{object}	Problem	"last_operator: nobody would be left to operate"
//	@Failure		413		{object}	Problem	"body_too_large"
//	@Failure		415		{object}	Problem	"unsupported_media_type"
//	@Failure		422		{object}	Problem	"invalid_input"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/operator/accounts/{id} [patch]
func (s *Server) updateAccount(c *gin.Context) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	var req UpdateAccountRequest
	if err := decode(c, &req); err != nil {
		return err
	}
	p := account.OverviewPatch{Disabled: req.Disabled}
	q := &query{}
	if req.Role != nil {
		role := account.Role(*req.Role)
		p.Role = &role
		checkRole(q, role)
	}
	if err := q.err(); err != nil {
		return err
	}
	o, err := s.deps.AccountDesk.ChangeAccount(c.Request.Context(), id, p)
	switch {
	case errors.Is(err, account.ErrLastOperator):
		return newFault(http.StatusConflict, "last_operator", "Nobody would be left to operate the service: make another account an operator first.")
	case err != nil:
		return err
	}
	s.sessions.forgetAccount(id)
	actsOn(c, id)
	because(c, p.String())
	return wrote(c, http.StatusOK, newAccountResponse(o))
}
