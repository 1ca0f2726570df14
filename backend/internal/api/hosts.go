package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// AskForHostRequest asks the operator to allow a host.
type AskForHostRequest struct {
	Host string `json:"host" validate:"required" maxLength:"1000" example:"www.example.jp"`
	Note string `json:"note" maxLength:"1000"` // why; the operator reads it
} //	@name	AskForHostRequest

// maxAskNote bounds what people write to the operator, in characters.
const maxAskNote = 1000

// askForHost asks the operator to allow a host whose country is not allowed
//
//	@ID				askForHost
//	@Summary		Ask the operator to allow a host
//	@Description	For hosts that are refused as country_forbidden or country_unknown. Others are refused here as not_needed. Asking
//	@Description	again renews the note.
//	@Tags			targets
//	@Security		bearer
//	@Param			body	body	AskForHostRequest	true	"the host"
//	@Success		202		"the operator sees it"
//	@Failure		400		{object}	Problem	"malformed_json"
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		413		{object}	Problem	"body_too_large"
//	@Failure		415		{object}	Problem	"unsupported_media_type"
//	@Failure		422		{object}	Problem	"invalid_input, too_many"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/targets/ask [post]
func (s *Server) askForHost(c *gin.Context, a account.Account) error {
	var req AskForHostRequest
	if err := decode(c, &req); err != nil {
		return err
	}
	q := &query{}
	checkText(q, "note", req.Note, maxAskNote)
	if req.Host == "" {
		q.fault("host", "required", "The host is missing.")
	}
	if err := q.err(); err != nil {
		return err
	}
	host, err := s.abroadHost(c.Request.Context(), req.Host)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), answerWithin)
	defer cancel()
	if err := s.deps.HostRequests.AskForHost(ctx, uptime.HostRequest{AccountID: a.ID, Host: host.ASCII, Note: req.Note}); err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	c.Status(http.StatusAccepted)
	return nil
}

// abroadHost checks a host and insists that only its country is against it.
func (s *Server) abroadHost(ctx context.Context, text string) (uptime.Host, error) {
	ctx, cancel := context.WithTimeout(ctx, checkHostWithin)
	defer cancel()
	host, err := s.deps.Hosts.CheckHost(ctx, text)
	switch {
	case err == nil:
		return host, invalidField("host", "not_needed", "This host may be watched already: register it.")
	case errors.Is(err, uptime.ErrCountryForbidden), errors.Is(err, uptime.ErrCountryUnknown):
		return host, nil
	}
	return host, hostFault(err)
}

// AllowHostRequest allows a host whatever its country.
type AllowHostRequest struct {
	Host string `json:"host" validate:"required" maxLength:"1000" example:"www.example.jp"`
} //	@name	AllowHostRequest

// AllowedHostResponse is a host that may be watched whatever its country.
type AllowedHostResponse struct {
	ID          int64     `json:"id" validate:"required"`
	Host        string    `json:"host" validate:"required"`
	HostDisplay string    `json:"host_display" validate:"required"` // an IDN as people read it, else the same as host
	CreatedAt   time.Time `json:"created_at" validate:"required" format:"date-time"`
} //	@name	AllowedHost

// AllowedHostList is a page of allowed hosts, ascending by id.
type AllowedHostList struct {
	Items      []AllowedHostResponse `json:"items" validate:"required"`
	NextCursor *string               `json:"next_cursor" validate:"required" extensions:"x-nullable"`
} //	@name	AllowedHostList

func newAllowedHostResponse(h uptime.AllowedHost) AllowedHostResponse {
	return AllowedHostResponse{ID: h.ID, Host: h.Host, HostDisplay: displayHost(h.Host), CreatedAt: h.CreatedAt.UTC()}
}

// operating runs a handler for operators only.
func (s *Server) operating(h func(*gin.Context) error) handler {
	return s.signedIn(func(c *gin.Context, a account.Account) error {
		if !a.Operates() {
			return forbidden()
		}
		return h(c)
	})
}

// listAllowedHosts lists hosts that are allowed whatever their country
//
//	@ID				listAllowedHosts
//	@Summary		Hosts that may be watched whatever their country
//	@Description	For operators. Ascending by id.
//	@Tags			operator
//	@Security		bearer
//	@Param			limit	query		int		false	"at most"	minimum(1)	maximum(200)	default(50)
//	@Param			cursor	query		string	false	"next_cursor of the page before"
//	@Success		200		{object}	AllowedHostList
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		403		{object}	Problem	"forbidden"
//	@Failure		422		{object}	Problem	"invalid_input"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/operator/targets/allow [get]
func (s *Server) listAllowedHosts(c *gin.Context) error {
	q := readQuery(c, "limit", "cursor")
	p := q.page()
	if err := q.err(); err != nil {
		return err
	}
	hosts, err := s.deps.HostDesk.AllowedHosts(c.Request.Context(), p)
	if err != nil {
		return err
	}
	shown, more := cut(hosts, p.Limit)
	list := AllowedHostList{Items: each(shown, newAllowedHostResponse)}
	if more {
		list.NextCursor = makeCursor(shown[len(shown)-1].ID)
	}
	return read(c, list)
}

// allowHost allows a host whatever its country
//
//	@ID				allowHost
//	@Summary		Allow a host whatever its country
//	@Description	For operators. Requests for the host are answered by it and disappear.
//	@Tags			operator
//	@Security		bearer
//	@Param			body	body		AllowHostRequest	true	"the host"
//	@Success		201		{object}	AllowedHostResponse
//	@Failure		400		{object}	Problem	"malformed_json"
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		403		{object}	Problem	"forbidden"
//	@Failure		409		{object}	Problem	"host_exists"
//	@Failure		413		{object}	Problem	"body_too_large"
//	@Failure		415		{object}	Problem	"unsupported_media_type"
//	@Failure		422		{object}	Problem	"invalid_input"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/operator/targets/allow [post]
func (s *Server) allowHost(c *gin.Context) error {
	var req AllowHostRequest
	if err := decode(c, &req); err != nil {
		return err
	}
	if req.Host == "" {
		return invalidField("host", "required", "The host is missing.")
	}
	check, cancel := context.WithTimeout(c.Request.Context(), checkHostWithin)
	defer cancel()
	host, err := s.deps.Hosts.CheckHost(check, req.Host)
	if err != nil && !errors.Is(err, uptime.ErrCountryForbidden) && !errors.Is(err, uptime.ErrCountryUnknown) {
		return hostFault(err)
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), answerWithin)
	defer cancel()
	made, err := s.deps.HostDesk.AllowHost(ctx, host.ASCII)
	if errors.Is(err, uptime.ErrConflict) {
		return newFault(http.StatusConflict, "host_exists", "This host is allowed already.")
	}
	if err != nil {
		return err
	}
	return wrote(c, http.StatusCreated, newAllowedHostResponse(made))
}

// disallowHost takes the permission back
//
//	@ID				disallowHost
//	@Summary		Hold a host to its country again
//	@Description	For operators. What is watched already goes on until its address changes.
//	@Tags			operator
//	@Security		bearer
//	@Param			id	path	int	true	"allowed host"
//	@Success		204	"done"
//	@Failure		401	{object}	Problem	"unauthenticated"
//	@Failure		403	{object}	Problem	"forbidden"
//	@Failure		404	{object}	Problem	"not_found"
//	@Failure		500	{object}	Problem	"internal"
//	@Failure		503	{object}	Problem	"unavailable"
//	@Router			/operator/targets/allow/{id} [delete]
func (s *Server) disallowHost(c *gin.Context) error { return s.forget(c, s.deps.HostDesk.DisallowHost) }

// forget runs a deletion of what the path names.
func (s *Server) forget(c *gin.Context, f func(context.Context, int64) error) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := f(c.Request.Context(), id); err != nil {
		return err
	}
	return done(c)
}

// HostRequestResponse is a host that an account asks to allow.
type HostRequestResponse struct {
	ID          int64     `json:"id" validate:"required"`
	Host        string    `json:"host" validate:"required"`
	HostDisplay string    `json:"host_display" validate:"required"` // an IDN as people read it, else the same as host
	Note        string    `json:"note" validate:"required"`
	AccountID   int64     `json:"account_id" validate:"required"`
	Email       string    `json:"email" validate:"required"` // of the account
	CreatedAt   time.Time `json:"created_at" validate:"required" format:"date-time"`
} //	@name	HostRequest

// HostRequestList is a page of requests, ascending by id.
type HostRequestList struct {
	Items      []HostRequestResponse `json:"items" validate:"required"`
	NextCursor *string               `json:"next_cursor" validate:"required" extensions:"x-nullable"`
} //	@name	HostRequestList

func newHostRequestResponse(r uptime.HostRequest) HostRequestResponse {
	return HostRequestResponse{
		ID: r.ID, Host: r.Host, HostDisplay: displayHost(r.Host), Note: r.Note, AccountID: r.AccountID, Email: r.Email, CreatedAt: r.CreatedAt.UTC(),
	}
}

// listHostRequests lists what accounts ask to allow
//
//	@ID				listHostRequests
//	@Summary		Hosts that accounts ask to allow
//	@Description	For operators. Ascending by id. POST /operator/targets/allow says yes, DELETE no.
//	@Tags			operator
//	@Security		bearer
//	@Param			limit	query		int		false	"at most"	minimum(1)	maximum(200)	default(50)
//	@Param			cursor	query		string	false	"next_cursor of the page before"
//	@Success		200		{object}	HostRequestList
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		403		{object}	Problem	"forbidden"
//	@Failure		422		{object}	Problem	"invalid_input"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/operator/requests [get]
func (s *Server) listHostRequests(c *gin.Context) error {
	q := readQuery(c, "limit", "cursor")
	p := q.page()
	if err := q.err(); err != nil {
		return err
	}
	requests, err := s.deps.HostDesk.HostRequests(c.Request.Context(), p)
	if err != nil {
		return err
	}
	shown, more := cut(requests, p.Limit)
	list := HostRequestList{Items: each(shown, newHostRequestResponse)}
	if more {
		list.NextCursor = makeCursor(shown[len(shown)-1].ID)
	}
	return read(c, list)
}

// dropHostRequest refuses a request
//
//	@ID				dropHostRequest
//	@Summary		Drop a request
//	@Description	For operators. The account is not told.
//	@Tags			operator
//	@Security		bearer
//	@Param			id	path	int	true	"request"
//	@Success		204	"done"
//	@Failure		401	{object}	Problem	"unauthenticated"
//	@Failure		403	{object}	Problem	"forbidden"
//	@Failure		404	{object}	Problem	"not_found"
//	@Failure		500	{object}	Problem	"internal"
//	@Failure		503	{object}	Problem	"unavailable"
//	@Router			/operator/requests/{id} [delete]
func (s *Server) dropHostRequest(c *gin.Context) error {
	return s.forget(c, s.deps.HostDesk.DropHostRequest)
}

func (s *Server) routeHosts(v1 *gin.RouterGroup) {
	v1.POST("/targets/ask", s.stream(s.signedIn(s.askForHost))) // a name is resolved on the way
	v1.GET("/operator/targets/allow", s.quick(s.operating(s.listAllowedHosts)))
	v1.POST("/operator/targets/allow", s.stream(s.operating(s.allowHost)))
	v1.DELETE("/operator/targets/allow/:id", s.quick(s.operating(s.disallowHost)))
	v1.GET("/operator/requests", s.quick(s.operating(s.listHostRequests)))
	v1.DELETE("/operator/requests/:id", s.quick(s.operating(s.dropHostRequest)))
}
