package api

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

// maxTokenName bounds an API token's name, in characters.
const maxTokenName = 100

func (s *Server) routeCredentials(v1 *gin.RouterGroup) {
	v1.GET("/me/tokens", s.quick(s.signedIn(s.listAPITokens)))
	v1.POST("/me/tokens", s.quick(s.signedIn(s.createAPIToken)))
	v1.DELETE("/me/tokens/:id", s.quick(s.signedIn(s.deleteAPIToken)))
	v1.GET("/me/totp", s.quick(s.signedIn(s.getTOTP)))
	v1.POST("/me/totp", s.quick(s.signedIn(s.proposeTOTP)))
	v1.POST("/me/totp/enable", s.quick(s.signedIn(s.enableTOTP)))
	v1.POST("/me/totp/disable", s.quick(s.signedIn(s.disableTOTP)))
	v1.POST("/me/totp/recovery", s.quick(s.signedIn(s.renewRecoveryCodes)))
}

// APITokenResponse is what a script signs in with, without its secret.
type APITokenResponse struct {
	ID         int64      `json:"id" validate:"required"`
	Name       string     `json:"name" validate:"required"`
	Prefix     string     `json:"prefix" validate:"required" example:"hnm_Yz3k"` // how the token begins
	Scopes     []string   `json:"scopes" validate:"required" enums:"read,write,targets:read,targets:write,contacts:read,contacts:write,results:read"`
	CreatedAt  time.Time  `json:"created_at" validate:"required" format:"date-time"`
	ExpiresAt  *time.Time `json:"expires_at" validate:"required" format:"date-time" extensions:"x-nullable"`   // null: never
	LastUsedAt *time.Time `json:"last_used_at" validate:"required" format:"date-time" extensions:"x-nullable"` // to the minute
} //	@name	APIToken

func newAPITokenResponse(t account.APIToken) APITokenResponse {
	return APITokenResponse{
		ID: t.ID, Name: t.Name, Prefix: t.Prefix, Scopes: each(t.Scopes, func(s account.Scope) string { return string(s) }),
		CreatedAt: t.CreatedAt.UTC(), ExpiresAt: stamp(t.ExpiresAt), LastUsedAt: stamp(t.LastUsedAt),
	}
}

// APITokenList is all API tokens of the account, ascending by id.
type APITokenList struct {
	Items      []APITokenResponse `json:"items" validate:"required"`
	NextCursor *string            `json:"next_cursor" validate:"required" extensions:"x-nullable"`
} //	@name	APITokenList

// listAPITokens shows the account's API tokens
//
//	@ID				listAPITokens
//	@Summary		API tokens
//	@Description	At most 20. Expired ones stay until they are revoked.
//	@Tags			me
//	@Security		bearer
//	@Success		200	{object}	APITokenList
//	@Failure		401	{object}	Problem	"unauthenticated"
//	@Failure		422	{object}	Problem	"invalid_input"
//	@Failure		500	{object}	Problem	"internal"
//	@Failure		503	{object}	Problem	"unavailable"
//	@Router			/me/tokens [get]
func (s *Server) listAPITokens(c *gin.Context, a account.Account) error {
	if err := readQuery(c).err(); err != nil {
		return err
	}
	tokens, err := s.deps.APITokens.APITokens(c.Request.Context(), a.ID)
	if err != nil {
		return err
	}
	return read(c, APITokenList{Items: each(tokens, newAPITokenResponse)})
}

// APITokenRequest asks for an API token.
type APITokenRequest struct {
	Name      string   `json:"name" validate:"required" minLength:"1" maxLength:"100" example:"deploy script"`
	Scopes    []string `json:"scopes" validate:"required" enums:"read,write,targets:read,targets:write,contacts:read,contacts:write,results:read"`
	ExpiresAt *string  `json:"expires_at" format:"date-time"` // null or absent: never
} //	@name	APITokenRequest

// check tells all faults at once.
func (req APITokenRequest) check(now time.Time) (t account.NewAPIToken, err error) {
	q := &query{}
	if t.Name = strings.TrimSpace(req.Name); t.Name == "" {
		q.fault("name", "required", "The name is missing.")
	}
	checkText(q, "name", t.Name, maxTokenName)
	if len(req.Scopes) == 0 {
		q.fault("scopes", "required", "Name at least one scope.")
	}
	for _, text := range req.Scopes {
		scope, err := account.ParseScope(text)
		switch {
		case err != nil:
			q.fault("scopes", "not_one_of", "There is no such scope.")
		case slices.Contains(t.Scopes, scope):
			q.fault("scopes", "repeated", "A scope stands twice.")
		}
		t.Scopes = append(t.Scopes, scope)
	}
	if req.ExpiresAt != nil {
		if t.ExpiresAt, err = parseTime(*req.ExpiresAt); err != nil {
			q.fault("expires_at", "malformed", "The time must be RFC 3339, such as 2026-11-22T03:05:00Z.")
		} else if !t.ExpiresAt.After(now) {
			q.fault("expires_at", "out_of_range", "The token would have expired already.")
		}
	}
	return t, q.err()
}

// NewAPITokenResponse is an API token with its secret, which is shown once.
type NewAPITokenResponse struct {
	APITokenResponse
	Token string `json:"token" validate:"required" example:"hnm_Yz3kQ0v2b8yN1m5cXo7dPq9rTs4uWw6eZa0fGh1iJkL"` // cannot be shown again
} //	@name	NewAPIToken

// createAPIToken makes an API token
//
//	@ID				createAPIToken
//	@Summary		Make an API token
//	@Description	For scripts: send it as `Authorization: Bearer hnm_…`. Its scopes say what it may do; `read` and `write` are those of
//	@Description	all areas, and `write` does not include `read`. Whatever the scopes, a token neither operates nor touches password,
//	@Description	sessions, tokens, second factor or the account itself: 403 scope_missing. At most 20 an account.
//	@Tags			me
//	@Security		bearer
//	@Param			body	body		APITokenRequest	true	"the token"
//	@Success		201		{object}	NewAPITokenResponse
//	@Failure		400		{object}	Problem	"malformed_json"
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		413		{object}	Problem	"body_too_large"
//	@Failure		415		{object}	Problem	"unsupported_media_type"
//	@Failure		422		{object}	Problem	"invalid_input, too_many"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/me/tokens [post]
func (s *Server) createAPIToken(c *gin.Context, a account.Account) error {
	var req APITokenRequest
	if err := decode(c, &req); err != nil {
		return err
	}
	t, err := req.check(s.cfg.Now())
	if err != nil {
		return err
	}
	secret := account.NewAPISecret()
	t.AccountID, t.Prefix, t.Hash = a.ID, secret.Prefix, secret.Hash
	made, err := s.deps.APITokens.CreateAPIToken(c.Request.Context(), t)
	if err != nil {
		return err
	}
	return wrote(c, http.StatusCreated, NewAPITokenResponse{newAPITokenResponse(made), secret.Raw})
}

// deleteAPIToken revokes an API token
//
//	@ID				deleteAPIToken
//	@Summary		Revoke an API token
//	@Description	At once.
//	@Tags			me
//	@Security		bearer
//	@Param			id	path	int	true	"token"
//	@Success		204	"revoked"
//	@Failure		401	{object}	Problem	"unauthenticated"
//	@Failure		404	{object}	Problem	"not_found"
//	@Failure		500	{object}	Problem	"internal"
//	@Failure		503	{object}	Problem	"unavailable"
//	@Router			/me/tokens/{id} [delete]
func (s *Server) deleteAPIToken(c *gin.Context, a account.Account) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := s.deps.APITokens.DeleteAPIToken(c.Request.Context(), a.ID, id); err != nil {
		return err
	}
	s.sessions.forgetToken(id)
	return done(c)
}
