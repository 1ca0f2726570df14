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

// TargetResponse is a host with its monitors.
type TargetResponse struct {
	ID          int64             `json:"id" validate:"required"`
	Host        string            `json:"host" validate:"required" example:"www.example.jp"`
	HostDisplay string            `json:"host_display" validate:"required"` // an IDN as people read it, else the same as host
	Label       string            `json:"label" validate:"required"`
	Notes       string            `json:"notes" validate:"required"`
	Address     *string           `json:"address" validate:"required" extensions:"x-nullable"` // that is watched
	CreatedAt   time.Time         `json:"created_at" validate:"required" format:"date-time"`
	Held        bool              `json:"held" validate:"required"` // false: another account has got the host; its monitors are stopped
	Proof       ProofResponse     `json:"proof" validate:"required"`
	Monitors    []MonitorResponse `json:"monitors" validate:"required"`
	ContactIDs  []int64           `json:"contact_ids" validate:"required" extensions:"x-nullable"` // whom its alerts go to; null: every contact that gets mails
} //	@name	Target

// TargetList is a page of targets, ascending by id.
type TargetList struct {
	Items      []TargetResponse `json:"items" validate:"required"`
	NextCursor *string          `json:"next_cursor" validate:"required" extensions:"x-nullable"`
} //	@name	TargetList

// NewTargetRequest registers a host.
type NewTargetRequest struct {
	Host     string   `json:"host" validate:"required" maxLength:"1000" example:"www.example.jp"` // domain name or IP address
	Label    string   `json:"label" maxLength:"100"`
	Notes    string   `json:"notes" maxLength:"2000"`
	Services []string `json:"services" validate:"required" minItems:"1" maxItems:"16" example:"ping,http,tcp:8443"` // ping, http, ftp, pop3, smtp, dns, and tcp with its port
	Owned    bool     `json:"owned" validate:"required"`                                                            // I own or manage it and share its address with nobody; must be true
} //	@name	NewTargetRequest

func (s *Server) newTargetResponse(t uptime.Target) TargetResponse {
	return TargetResponse{
		ID: t.ID, Host: t.Host, HostDisplay: displayHost(t.Host), Label: t.Label, Notes: t.Notes,
		Address: address(t.Pinned, t.Host), CreatedAt: t.CreatedAt.UTC(), Held: t.DisplacedAt.IsZero(), Proof: newProofResponse(t.Proof),
		Monitors: each(t.Monitors, s.newMonitorResponse), ContactIDs: namedContacts(t),
	}
}

// listTargets lists hosts
//
//	@ID				listTargets
//	@Summary		Targets with their monitors
//	@Description	Ascending by id.
//	@Tags			targets
//	@Security		bearer
//	@Param			host	query		string	false	"exactly this host"
//	@Param			q		query		string	false	"part of host, label or notes"
//	@Param			limit	query		int		false	"at most"	minimum(1)	maximum(200)	default(50)
//	@Param			cursor	query		string	false	"next_cursor of the page before"
//	@Success		200		{object}	TargetList
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		422		{object}	Problem	"invalid_input"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/targets [get]
func (s *Server) listTargets(c *gin.Context, a account.Account) error {
	q := readQuery(c, "host", "q", "limit", "cursor")
	f := uptime.TargetFilter{Page: q.page(), Host: hostKey(q.text("host")), Text: q.text("q")}
	if err := q.err(); err != nil {
		return err
	}
	targets, err := s.deps.Targets.Targets(c.Request.Context(), a.ID, f)
	if err != nil {
		return err
	}
	shown, more := cut(targets, f.Limit)
	list := TargetList{Items: each(shown, s.newTargetResponse)}
	if more {
		list.NextCursor = makeCursor(shown[len(shown)-1].ID)
	}
	return read(c, list)
}

// createTarget registers a host
//
//	@ID				createTarget
//	@Summary		Register a host and watch its services
//	@Description	The first results are there within seconds. A name that does not resolve is taken; one with an address
//	@Description	that may not be watched is refused. One that another account has is refused with what proves that it is yours:
//	@Description	publish that and register it again, then it is.
//	@Tags			targets
//	@Security		bearer
//	@Param			body	body		NewTargetRequest	true	"the host"
//	@Success		201		{object}	TargetResponse
//	@Failure		400		{object}	Problem	"malformed_json"
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		403		{object}	Problem	"proof_required: tcp"
//	@Failure		409		{object}	Problem	"host_exists, host_taken: another account has the host or its address"
//	@Failure		413		{object}	Problem	"body_too_large"
//	@Failure		415		{object}	Problem	"unsupported_media_type"
//	@Failure		422		{object}	Problem	"invalid_input; of host also forbidden_address, country_forbidden, country_unknown, shared_network; host_denied, address_full; too_many: a quota leaves no room"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/targets [post]
func (s *Server) createTarget(c *gin.Context, a account.Account) error {
	var req NewTargetRequest
	if err := decode(c, &req); err != nil {
		return err
	}
	t, err := s.checkTarget(c.Request.Context(), req)
	if err != nil {
		return err
	}
	t.AccountID = a.ID
	ctx, cancel := context.WithTimeout(c.Request.Context(), answerWithin)
	defer cancel()
	made, err := s.deps.Targets.CreateTarget(ctx, t)
	if errors.Is(err, uptime.ErrHostTaken) {
		made, err = s.takeOver(c.Request.Context(), t)
	}
	if errors.Is(err, uptime.ErrConflict) {
		return newFault(http.StatusConflict, "host_exists", "This host is registered already.")
	}
	if err != nil {
		return err
	}
	return wrote(c, http.StatusCreated, s.newTargetResponse(made))
}

// checkHostWithin bounds the resolving of a new target's name.
const checkHostWithin = 6 * time.Second

func (s *Server) checkTarget(ctx context.Context, req NewTargetRequest) (uptime.NewTarget, error) {
	q := &query{}
	t := uptime.NewTarget{Label: req.Label, Notes: req.Notes}
	t.Services, t.TCP = checkServices(q, req.Services)
	if !req.Owned {
		q.fault("owned", "required", "Only hosts that you own or manage may be watched: owned must be true.")
	}
	checkWords(q, &req.Label, &req.Notes)
	if req.Host == "" {
		q.fault("host", "required", "The host is missing.")
	}
	if err := q.err(); err != nil {
		return t, err
	}
	if len(t.TCP) > 0 && !s.freely() {
		return t, proofRequired("Any port may be watched once you have proven that the host is yours: register it without tcp first.")
	}
	ctx, cancel := context.WithTimeout(ctx, checkHostWithin)
	defer cancel()
	host, err := s.deps.Hosts.CheckHost(ctx, req.Host)
	t.Host, t.Addrs = host.ASCII, host.Addrs
	return t, hostFault(err)
}

// hostFault words what HostPolicy found.
func hostFault(err error) error {
	code := ""
	var coded interface{ Code() string }
	if errors.As(err, &coded) {
		code = coded.Code()
	}
	switch {
	case errors.Is(err, uptime.ErrCountryForbidden):
		return invalidField("host", "country_forbidden", "The host stands in a country that is not watched here. POST /targets/ask asks the operator to allow it.")
	case errors.Is(err, uptime.ErrCountryUnknown):
		return invalidField("host", "country_unknown", "It is not known in which country the host stands. POST /targets/ask asks the operator to allow it.")
	case errors.Is(err, uptime.ErrHostForbidden):
		return invalidField("host", firstOf(code, "forbidden_address"), "The host has an address that may not be watched.")
	case errors.Is(err, uptime.ErrHostInvalid):
		return invalidField("host", firstOf(code, "invalid_host"), "This is not a domain name or IP address that can be watched.")
	}
	return err
}

func firstOf(text, otherwise string) string {
	if text != "" {
		return text
	}
	return otherwise
}

// target finds the target of the path. Handlers call it before they look at
// query or body.
func (s *Server) target(c *gin.Context, a account.Account) (uptime.Target, error) {
	id, err := pathID(c)
	if err != nil {
		return uptime.Target{}, err
	}
	return s.deps.Targets.Target(c.Request.Context(), a.ID, id)
}

// getTarget shows one host
//
//	@ID			getTarget
//	@Summary	One target with its monitors
//	@Tags		targets
//	@Security	bearer
//	@Param		id	path		int	true	"target"
//	@Success	200	{object}	TargetResponse
//	@Failure	401	{object}	Problem	"unauthenticated"
//	@Failure	404	{object}	Problem	"not_found"
//	@Failure	422	{object}	Problem	"invalid_input"
//	@Failure	500	{object}	Problem	"internal"
//	@Failure	503	{object}	Problem	"unavailable"
//	@Router		/targets/{id} [get]
func (s *Server) getTarget(c *gin.Context, a account.Account) error {
	t, err := s.target(c, a)
	if err != nil {
		return err
	}
	if err := readQuery(c).err(); err != nil {
		return err
	}
	return read(c, s.newTargetResponse(t))
}

// TargetPatch changes a target; what is left out stays.
type TargetPatch struct {
	Label      *string    `json:"label" maxLength:"100"`
	Notes      *string    `json:"notes" maxLength:"2000"`
	ContactIDs contactIDs `json:"contact_ids" swaggertype:"array,integer" minItems:"1" maxItems:"20" extensions:"x-nullable"` // whom its alerts go to; null: every contact that gets mails
} //	@name	TargetPatch

// updateTarget changes label, notes, and whom alerts go to
//
//	@ID			updateTarget
//	@Summary	Change a target's label, notes and contacts
//	@Description	While none of the contacts that it names gets mails, its alerts go to everybody who does.
//	@Tags		targets
//	@Security	bearer
//	@Param		id		path		int			true	"target"
//	@Param		body	body		TargetPatch	true	"what changes"
//	@Success	200		{object}	TargetResponse
//	@Failure	400		{object}	Problem	"malformed_json"
//	@Failure	401		{object}	Problem	"unauthenticated"
//	@Failure	404		{object}	Problem	"not_found"
//	@Failure	413		{object}	Problem	"body_too_large"
//	@Failure	415		{object}	Problem	"unsupported_media_type"
//	@Failure	422		{object}	Problem	"invalid_input"
//	@Failure	500		{object}	Problem	"internal"
//	@Failure	503		{object}	Problem	"unavailable"
//	@Router		/targets/{id} [patch]
func (s *Server) updateTarget(c *gin.Context, a account.Account) error {
	t, err := s.target(c, a)
	if err != nil {
		return err
	}
	patch, err := readTargetPatch(c)
	if err != nil {
		return err
	}
	t, err = s.deps.Targets.UpdateTarget(c.Request.Context(), a.ID, t.ID, patch)
	if errors.Is(err, uptime.ErrConflict) {
		return invalidField("contact_ids", "unknown", "One of these contacts does not exist.")
	}
	if err != nil {
		return err
	}
	return wrote(c, http.StatusOK, s.newTargetResponse(t))
}

// deleteTarget stops watching a host and forgets it
//
//	@ID				deleteTarget
//	@Summary		Delete a target
//	@Description	Its monitors, results and incidents are deleted as well.
//	@Tags			targets
//	@Security		bearer
//	@Param			id	path	int	true	"target"
//	@Success		204	"deleted"
//	@Failure		401	{object}	Problem	"unauthenticated"
//	@Failure		404	{object}	Problem	"not_found"
//	@Failure		500	{object}	Problem	"internal"
//	@Failure		503	{object}	Problem	"unavailable"
//	@Router			/targets/{id} [delete]
func (s *Server) deleteTarget(c *gin.Context, a account.Account) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := s.deps.Targets.DeleteTarget(c.Request.Context(), a.ID, id); err != nil {
		return err
	}
	return done(c)
}

// resumeTarget resumes a target's monitors
//
//	@ID				resumeTarget
//	@Summary		Resume all monitors of a target
//	@Description	Idempotent. They are probed within seconds.
//	@Tags			targets
//	@Security		bearer
//	@Param			id	path		int	true	"target"
//	@Success		200	{object}	TargetResponse
//	@Failure		401	{object}	Problem	"unauthenticated"
//	@Failure		403	{object}	Problem	"proof_required"
//	@Failure		404	{object}	Problem	"not_found"
//	@Failure		409	{object}	Problem	"host_taken"
//	@Failure		422	{object}	Problem	"host_denied"
//	@Failure		500	{object}	Problem	"internal"
//	@Failure		503	{object}	Problem	"unavailable"
//	@Router			/targets/{id}/resume [post]
func (s *Server) resumeTarget(c *gin.Context, a account.Account) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	t, err := s.deps.Targets.ResumeTarget(c.Request.Context(), a.ID, id)
	if err != nil {
		return err
	}
	return wrote(c, http.StatusOK, s.newTargetResponse(t))
}
