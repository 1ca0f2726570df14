package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// NewMonitorRequest adds a service to a target.
type NewMonitorRequest struct {
	TargetID int64  `json:"target_id" validate:"required"`
	Service  string `json:"service" validate:"required" enums:"ping,http,ftp,pop3,smtp,dns,tcp"`
	Port     *int   `json:"port" minimum:"1" maximum:"65535" example:"8443"` // of tcp, which needs it; the others have their own
	Label    string `json:"label" maxLength:"100"`
	Notes    string `json:"notes" maxLength:"2000"`
} //	@name	NewMonitorRequest

// listMonitors lists what is watched
//
//	@ID				listMonitors
//	@Summary		Monitors
//	@Description	Ascending by id.
//	@Tags			monitors
//	@Security		bearer
//	@Param			host		query		string	false	"exactly this host"
//	@Param			service		query		string	false	"service"					Enums(ping, http, ftp, pop3, smtp, dns, tcp)
//	@Param			state		query		string	false	"state"						Enums(active, paused, stopped)
//	@Param			verdict		query		string	false	"verdict"					Enums(up, down, pending)
//	@Param			target_id	query		int		false	"of one target"
//	@Param			q			query		string	false	"part of host, label or notes"
//	@Param			limit		query		int		false	"at most"					minimum(1)	maximum(200)	default(50)
//	@Param			cursor		query		string	false	"next_cursor of the page before"
//	@Success		200			{object}	MonitorList
//	@Failure		401			{object}	Problem	"unauthenticated"
//	@Failure		422			{object}	Problem	"invalid_input"
//	@Failure		500			{object}	Problem	"internal"
//	@Failure		503			{object}	Problem	"unavailable"
//	@Router			/monitors [get]
func (s *Server) listMonitors(c *gin.Context, a account.Account) error {
	q := readQuery(c, "host", "service", "state", "verdict", "target_id", "q", "limit", "cursor")
	f := uptime.MonitorFilter{
		Page: q.page(), TargetID: q.id("target_id"), Host: hostKey(q.text("host")), Text: q.text("q"),
		Service: word(q, "service", uptime.ParseService),
		State:   word(q, "state", uptime.ParseState),
		Verdict: word(q, "verdict", uptime.ParseVerdict),
	}
	if err := q.err(); err != nil {
		return err
	}
	monitors, err := s.deps.Monitors.Monitors(c.Request.Context(), a.ID, f)
	if err != nil {
		return err
	}
	shown, more := cut(monitors, f.Limit)
	list := MonitorList{Items: each(shown, s.newMonitorResponse)}
	if more {
		list.NextCursor = makeCursor(shown[len(shown)-1].ID)
	}
	return read(c, list)
}

// createMonitor adds a service to a target
//
//	@ID			createMonitor
//	@Summary	Watch one more service of a target
//	@Tags		monitors
//	@Security	bearer
//	@Param		body	body		NewMonitorRequest	true	"the monitor"
//	@Success	201		{object}	MonitorResponse
//	@Failure	400		{object}	Problem	"malformed_json"
//	@Failure	401		{object}	Problem	"unauthenticated"
//	@Failure	403		{object}	Problem	"proof_required: tcp, before the target is proven"
//	@Failure	404		{object}	Problem	"not_found: no such target"
//	@Failure	409		{object}	Problem	"monitor_exists, host_taken"
//	@Failure	413		{object}	Problem	"body_too_large"
//	@Failure	415		{object}	Problem	"unsupported_media_type"
//	@Failure	422		{object}	Problem	"invalid_input, address_full, too_many: a quota leaves no room, host_denied"
//	@Failure	500		{object}	Problem	"internal"
//	@Failure	503		{object}	Problem	"unavailable"
//	@Router		/monitors [post]
func (s *Server) createMonitor(c *gin.Context, a account.Account) error {
	var req NewMonitorRequest
	if err := decode(c, &req); err != nil {
		return err
	}
	q := &query{}
	e := checkService(q, req.Service, req.Port)
	if req.TargetID < 1 {
		q.fault("target_id", "required", "The target is missing.")
	}
	checkWords(q, &req.Label, &req.Notes)
	if err := q.err(); err != nil {
		return err
	}
	if e.Service == uptime.TCP {
		if err := s.provenTarget(c.Request.Context(), a.ID, req.TargetID); err != nil {
			return err
		}
	}
	m, err := s.deps.Monitors.CreateMonitor(c.Request.Context(), uptime.NewMonitor{
		AccountID: a.ID, TargetID: req.TargetID, Service: e.Service, Port: e.Port, Label: req.Label, Notes: req.Notes,
	})
	if errors.Is(err, uptime.ErrConflict) {
		return newFault(http.StatusConflict, "monitor_exists", "This service of the target is watched already.")
	}
	if err != nil {
		return err
	}
	return wrote(c, http.StatusCreated, s.newMonitorResponse(m))
}

// getMonitor shows one monitor
//
//	@ID			getMonitor
//	@Summary	One monitor
//	@Tags		monitors
//	@Security	bearer
//	@Param		id	path		int	true	"monitor"
//	@Success	200	{object}	MonitorResponse
//	@Failure	401	{object}	Problem	"unauthenticated"
//	@Failure	404	{object}	Problem	"not_found"
//	@Failure	422	{object}	Problem	"invalid_input"
//	@Failure	500	{object}	Problem	"internal"
//	@Failure	503	{object}	Problem	"unavailable"
//	@Router		/monitors/{id} [get]
func (s *Server) getMonitor(c *gin.Context, a account.Account) error {
	m, err := s.monitor(c, a)
	if err != nil {
		return err
	}
	if err := readQuery(c).err(); err != nil {
		return err
	}
	return read(c, s.newMonitorResponse(m))
}

// monitor finds the monitor of the path. Handlers call it before they look at
// query or body.
func (s *Server) monitor(c *gin.Context, a account.Account) (uptime.Monitor, error) {
	id, err := pathID(c)
	if err != nil {
		return uptime.Monitor{}, err
	}
	return s.deps.Monitors.Monitor(c.Request.Context(), a.ID, id)
}

// provenTarget insists that a target is the account's and proven. Another's and
// nobody's answer alike, whatever may be watched on one's own.
func (s *Server) provenTarget(ctx context.Context, accountID, targetID int64) error {
	if _, err := s.deps.Targets.Target(ctx, accountID, targetID); err != nil {
		return err
	}
	return s.needProof(ctx, accountID, targetID, "Any port may be watched once you have proven that the host is yours.")
}

// MonitorPatch changes a monitor; what is left out stays.
type MonitorPatch struct {
	Label     *string   `json:"label" maxLength:"100"`
	Notes     *string   `json:"notes" maxLength:"2000"`
	StopAfter stopAfter `json:"stop_after" swaggertype:"integer" enums:"0" extensions:"x-nullable"` // 0: keep watching, whatever the failures; null: as all
} //	@name	MonitorPatch

// updateMonitor changes label, notes, and whether failures stop it
//
//	@ID				updateMonitor
//	@Summary		Change a monitor
//	@Description	`stop_after` 0 goes on watching whatever the failures: of hosts that are proven to be one's own.
//	@Tags			monitors
//	@Security		bearer
//	@Param			id		path		int				true	"monitor"
//	@Param			body	body		MonitorPatch	true	"what changes"
//	@Success		200		{object}	MonitorResponse
//	@Failure		400		{object}	Problem	"malformed_json"
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		403		{object}	Problem	"proof_required: stop_after 0, before the target is proven"
//	@Failure		404		{object}	Problem	"not_found"
//	@Failure		413		{object}	Problem	"body_too_large"
//	@Failure		415		{object}	Problem	"unsupported_media_type"
//	@Failure		422		{object}	Problem	"invalid_input"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/monitors/{id} [patch]
func (s *Server) updateMonitor(c *gin.Context, a account.Account) error {
	m, err := s.monitor(c, a)
	if err != nil {
		return err
	}
	patch, err := s.readMonitorPatch(c, m)
	if err != nil {
		return err
	}
	m, err = s.deps.Monitors.UpdateMonitor(c.Request.Context(), a.ID, m.ID, patch)
	if err != nil {
		return err
	}
	return wrote(c, http.StatusOK, s.newMonitorResponse(m))
}

func (s *Server) readMonitorPatch(c *gin.Context, m uptime.Monitor) (p uptime.MonitorPatch, err error) {
	var req MonitorPatch
	if err := decode(c, &req); err != nil {
		return p, err
	}
	q := &query{}
	checkWords(q, req.Label, req.Notes)
	if err := q.err(); err != nil {
		return p, err
	}
	p.WordsPatch = uptime.WordsPatch{Label: req.Label, Notes: req.Notes}
	if !req.StopAfter.given {
		return p, nil
	}
	p.KeepWatching = &req.StopAfter.keep
	if !req.StopAfter.keep || m.KeepWatching {
		return p, nil
	}
	return p, s.needProof(c.Request.Context(), m.AccountID, m.TargetID, "A monitor may be kept going once you have proven that the host is yours.")
}

// deleteMonitor stops watching a service and forgets it
//
//	@ID				deleteMonitor
//	@Summary		Delete a monitor
//	@Description	Its results and incidents are deleted as well.
//	@Tags			monitors
//	@Security		bearer
//	@Param			id	path	int	true	"monitor"
//	@Success		204	"deleted"
//	@Failure		401	{object}	Problem	"unauthenticated"
//	@Failure		404	{object}	Problem	"not_found"
//	@Failure		500	{object}	Problem	"internal"
//	@Failure		503	{object}	Problem	"unavailable"
//	@Router			/monitors/{id} [delete]
func (s *Server) deleteMonitor(c *gin.Context, a account.Account) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := s.deps.Monitors.DeleteMonitor(c.Request.Context(), a.ID, id); err != nil {
		return err
	}
	return done(c)
}
