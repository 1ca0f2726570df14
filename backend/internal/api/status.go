package api

import (
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// Words for the whole, worst first.
const (
	overallEmpty    = "empty"    // nothing is registered
	overallTrouble  = "trouble"  // something is down or stopped
	overallUnmailed = "unmailed" // no contact is verified: nobody would be mailed
	overallPending  = "pending"  // nothing is confirmed up yet, or everything is paused
	overallWell     = "well"     // something is up, nothing is down or stopped
)

// maxProblems bounds the problems that GET /status tells; counts tell them all.
const maxProblems = 200

// CountsResponse counts every monitor once: stopped and paused ones by their
// state, the others by their verdict.
type CountsResponse struct {
	Up      int `json:"up" validate:"required"`
	Down    int `json:"down" validate:"required"`
	Pending int `json:"pending" validate:"required"`
	Stopped int `json:"stopped" validate:"required"`
	Paused  int `json:"paused" validate:"required"`
} //	@name	Counts

// ProblemMonitor is a monitor that is active and down, or stopped.
type ProblemMonitor struct {
	MonitorID   int64      `json:"monitor_id" validate:"required"`
	TargetID    int64      `json:"target_id" validate:"required"`
	Host        string     `json:"host" validate:"required"`
	HostDisplay string     `json:"host_display" validate:"required"`
	Label       string     `json:"label" validate:"required"`
	Service     string     `json:"service" validate:"required" enums:"ping,http,ftp,pop3,smtp,dns,tcp"`
	Port        *int       `json:"port" validate:"required" extensions:"x-nullable"`
	Verdict     string     `json:"verdict" validate:"required" enums:"up,down,pending"`
	State       string     `json:"state" validate:"required" enums:"active,paused,stopped"`
	Since       *time.Time `json:"since" validate:"required" format:"date-time" extensions:"x-nullable"` // first failure
	Reason      *string    `json:"reason" validate:"required" extensions:"x-nullable"`                   // of the last result; see Result
	Lines       []string   `json:"lines" validate:"required"`                                            // that confirmed it
} //	@name	ProblemMonitor

// StatusResponse is the one look at everything.
type StatusResponse struct {
	Overall   string           `json:"overall" validate:"required" enums:"empty,trouble,unmailed,pending,well"`
	Counts    CountsResponse   `json:"counts" validate:"required"`
	Problems  []ProblemMonitor `json:"problems" validate:"required"` // at most 200: down before stopped, newest first
	CheckedAt *time.Time       `json:"checked_at" validate:"required" format:"date-time" extensions:"x-nullable"`
} //	@name	Status

// status sums everything up
//
//	@ID				getStatus
//	@Summary		How everything is
//	@Description	`overall`, the first that applies: `empty` nothing is registered; `trouble` something is down or stopped;
//	@Description	`unmailed` no contact is verified, so nobody would be mailed; `pending` nothing is confirmed up yet, or
//	@Description	everything is paused; `well`. `checked_at` is the newest result of any monitor.
//	@Tags			status
//	@Security		bearer
//	@Success		200	{object}	StatusResponse
//	@Failure		401	{object}	Problem	"unauthenticated"
//	@Failure		422	{object}	Problem	"invalid_input"
//	@Failure		500	{object}	Problem	"internal"
//	@Failure		503	{object}	Problem	"unavailable"
//	@Router			/status [get]
func (s *Server) status(c *gin.Context, a account.Account) error {
	if err := readQuery(c).err(); err != nil {
		return err
	}
	sum, err := s.deps.History.Summary(c.Request.Context(), a.ID, maxProblems)
	if err != nil {
		return err
	}
	return read(c, StatusResponse{
		Overall: overall(sum), Counts: CountsResponse(sum.Counts),
		Problems: each(sum.Problems, s.newProblemMonitor), CheckedAt: stamp(sum.CheckedAt),
	})
}

func overall(s uptime.Summary) string {
	switch n := s.Counts; {
	case n.Total() == 0:
		return overallEmpty
	case n.Down+n.Stopped > 0:
		return overallTrouble
	case s.VerifiedContacts == 0:
		return overallUnmailed
	case n.Up == 0:
		return overallPending
	}
	return overallWell
}

func (s *Server) newProblemMonitor(p uptime.Problem) ProblemMonitor {
	r := ProblemMonitor{
		MonitorID: p.MonitorID, TargetID: p.TargetID, Host: p.Host, HostDisplay: displayHost(p.Host), Label: p.Label,
		Service: p.Service.String(), Port: optional(int(p.Port)), Verdict: p.Verdict.String(), State: p.State.String(),
		Since: stamp(p.Since), Lines: s.lineNames(p.Lines),
	}
	if p.Reason.Valid() {
		r.Reason = optional(p.Reason.String())
	}
	return r
}

func (s *Server) lineNames(ids []uptime.LineID) []string { return each(ids, s.deps.Lines.LineName) }
