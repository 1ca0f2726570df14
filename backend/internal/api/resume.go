package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// maxResume bounds the ids of one request.
const maxResume = 1000

// act runs pause or resume on the monitor of the path.
func (s *Server) act(c *gin.Context, a account.Account, f func(context.Context, int64, int64) (uptime.Monitor, error)) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	m, err := f(c.Request.Context(), a.ID, id)
	if err != nil {
		return err
	}
	return wrote(c, http.StatusOK, s.newMonitorResponse(m))
}

// pauseMonitor ends probing until someone resumes
//
//	@ID				pauseMonitor
//	@Summary		Pause a monitor
//	@Description	Idempotent. Mails nothing; an open incident stays open.
//	@Tags			monitors
//	@Security		bearer
//	@Param			id	path		int	true	"monitor"
//	@Success		200	{object}	MonitorResponse
//	@Failure		401	{object}	Problem	"unauthenticated"
//	@Failure		404	{object}	Problem	"not_found"
//	@Failure		500	{object}	Problem	"internal"
//	@Failure		503	{object}	Problem	"unavailable"
//	@Router			/monitors/{id}/pause [post]
func (s *Server) pauseMonitor(c *gin.Context, a account.Account) error {
	return s.act(c, a, s.deps.Monitors.PauseMonitor)
}

// resumeMonitor makes a stopped or paused monitor active
//
//	@ID				resumeMonitor
//	@Summary		Resume a monitor
//	@Description	Idempotent. It is probed within seconds.
//	@Tags			monitors
//	@Security		bearer
//	@Param			id	path		int	true	"monitor"
//	@Success		200	{object}	MonitorResponse
//	@Failure		401	{object}	Problem	"unauthenticated"
//	@Failure		403	{object}	Problem	"proof_required"
//	@Failure		404	{object}	Problem	"not_found"
//	@Failure		409	{object}	Problem	"host_taken"
//	@Failure		422	{object}	Problem	"host_denied"
//	@Failure		500	{object}	Problem	"internal"
//	@Failure		503	{object}	Problem	"unavailable"
//	@Router			/monitors/{id}/resume [post]
func (s *Server) resumeMonitor(c *gin.Context, a account.Account) error {
	return s.act(c, a, s.deps.Monitors.ResumeMonitor)
}

// ResumeRequest names monitors, or all that stopped by themselves: one of the
// two.
type ResumeRequest struct {
	IDs        []int64 `json:"ids" maxItems:"1000"`
	AllStopped bool    `json:"all_stopped"`
} //	@name	ResumeRequest

// ResumeResponse tells how many monitors became active.
type ResumeResponse struct {
	Resumed int `json:"resumed" validate:"required"`
} //	@name	ResumeResponse

// resumeMonitors resumes many at once
//
//	@ID				resumeMonitors
//	@Summary		Resume many monitors
//	@Description	Give either `ids` (stopped and paused ones are resumed, active ones left as they are) or `all_stopped`.
//	@Description	If one of the ids is not yours, nothing is changed.
//	@Tags			monitors
//	@Security		bearer
//	@Param			body	body		ResumeRequest	true	"which"
//	@Success		200		{object}	ResumeResponse
//	@Failure		400		{object}	Problem	"malformed_json"
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		403		{object}	Problem	"proof_required"
//	@Failure		404		{object}	Problem	"not_found"
//	@Failure		409		{object}	Problem	"host_taken"
//	@Failure		413		{object}	Problem	"body_too_large"
//	@Failure		415		{object}	Problem	"unsupported_media_type"
//	@Failure		422		{object}	Problem	"invalid_input, host_denied"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/monitors/resume [post]
func (s *Server) resumeMonitors(c *gin.Context, a account.Account) error {
	var req ResumeRequest
	if err := decode(c, &req); err != nil {
		return err
	}
	if req.AllStopped == (len(req.IDs) > 0) {
		return invalidField("ids", "required", "Give either ids or all_stopped.")
	}
	if len(req.IDs) > maxResume {
		return invalidField("ids", "too_many", "At most 1000 ids at once.")
	}
	resumed, err := s.resume(c.Request.Context(), a, req)
	if err != nil {
		return err
	}
	return wrote(c, http.StatusOK, ResumeResponse{Resumed: resumed})
}

func (s *Server) resume(ctx context.Context, a account.Account, req ResumeRequest) (int, error) {
	if req.AllStopped {
		return s.deps.Monitors.ResumeStopped(ctx, a.ID)
	}
	slices.Sort(req.IDs)
	return s.deps.Monitors.ResumeMonitors(ctx, a.ID, slices.Compact(req.IDs))
}
