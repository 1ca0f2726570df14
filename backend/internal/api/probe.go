package api

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// LineProbe is what one line found.
type LineProbe struct {
	Line      string    `json:"line" validate:"required"`
	Label     string    `json:"label" validate:"required"`
	CheckedAt time.Time `json:"checked_at" validate:"required" format:"date-time"`
	Status    string    `json:"status" validate:"required" enums:"ok,ng,wr,err,unknown"`
	Reason    string    `json:"reason" validate:"required" enums:"reply,connected,refused,host_unreachable,net_unreachable,port_unreachable,admin_prohibited,ttl_exceeded,icmp_other,timeout,dns_not_found,dns_no_address,dns_failed,forbidden_address,line_down,no_route,source_unavailable,dns_unavailable,overload,internal"`
	RTTUS     *int64    `json:"rtt_us" validate:"required" extensions:"x-nullable"`
	Address   *string   `json:"address" validate:"required" extensions:"x-nullable"`
	Echoes    *Echoes   `json:"echoes,omitempty"` // of ping only
} //	@name	LineProbe

// Echoes sums several echo requests up; times in microseconds, null without an
// answer.
type Echoes struct {
	Sent     int    `json:"sent" validate:"required"`
	Received int    `json:"received" validate:"required"`
	MinUS    *int64 `json:"min_us" validate:"required" extensions:"x-nullable"`
	AvgUS    *int64 `json:"avg_us" validate:"required" extensions:"x-nullable"`
	MaxUS    *int64 `json:"max_us" validate:"required" extensions:"x-nullable"`
	StdDevUS *int64 `json:"stddev_us" validate:"required" extensions:"x-nullable"`
} //	@name	Echoes

// ProbeResponse is what "probe now" found, over every line.
type ProbeResponse struct {
	MonitorID int64       `json:"monitor_id" validate:"required"`
	Lines     []LineProbe `json:"lines" validate:"required"`
} //	@name	ProbeResponse

// probeWithin bounds a diagnosis: resolving and several echoes.
const probeWithin = 20 * time.Second

// probeMonitor measures once over every line
//
//	@ID				probeMonitor
//	@Summary		Probe now
//	@Description	A diagnosis over every line at once, for the asker: it is not recorded, judges nothing and leaves the schedule
//	@Description	alone. Takes some seconds; once a minute for each monitor.
//	@Tags			monitors
//	@Security		bearer
//	@Param			id	path		int	true	"monitor"
//	@Success		200	{object}	ProbeResponse
//	@Failure		401	{object}	Problem	"unauthenticated"
//	@Failure		403	{object}	Problem	"proof_required"
//	@Failure		404	{object}	Problem	"not_found"
//	@Failure		409	{object}	Problem	"host_taken, halted"
//	@Failure		422	{object}	Problem	"host_denied"
//	@Failure		500	{object}	Problem	"internal"
//	@Failure		503	{object}	Problem	"unavailable"
//	@Router			/monitors/{id}/probe [post]
func (s *Server) probeMonitor(c *gin.Context, a account.Account) error {
	m, err := s.monitor(c, a)
	if err != nil {
		return err
	}
	if err := s.mayProbe(c, a, m); err != nil {
		return err
	}
	if err := s.mustNotBeHalted(); err != nil {
		return err
	}
	if err := s.spendProbe(c, m.ID); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), probeWithin)
	defer cancel()
	found := s.deps.Prober.Diagnose(ctx, m.Host, m.Service, m.Port)
	if err := ctx.Err(); err != nil && len(found) == 0 {
		return err
	}
	return wrote(c, http.StatusOK, ProbeResponse{MonitorID: m.ID, Lines: each(found, s.newLineProbe)})
}

// mayProbe refuses hosts that are not watched for another reason than failures.
func (s *Server) mayProbe(c *gin.Context, a account.Account, m uptime.Monitor) error {
	t, err := s.deps.Targets.Target(c.Request.Context(), a.ID, m.TargetID)
	switch {
	case err != nil:
		return err
	case !t.DisplacedAt.IsZero():
		return uptime.ErrHostTaken
	case !t.DeniedAt.IsZero():
		return uptime.ErrHostDenied
	case t.Proof.State != uptime.ProofProven && (s.cfg.RequireProof || m.Service == uptime.TCP && !s.freely()):
		return uptime.ErrProofRequired
	}
	return nil
}

func (s *Server) newLineProbe(d uptime.Diagnosis) LineProbe {
	reason := d.Finding.Reason
	if !reason.Valid() {
		reason = uptime.Internal
	}
	at := d.Finding.At
	if at.IsZero() {
		at = s.cfg.Now()
	}
	p := LineProbe{
		Line: s.deps.Lines.LineName(d.Line), CheckedAt: at.UTC().Truncate(time.Millisecond),
		Status: reason.Status().String(), Reason: reason.String(), RTTUS: roundTrip(uptime.Sample{RTT: d.Finding.RTT}),
	}
	p.Label = p.Line
	for _, l := range s.deps.Lines.Lines() {
		if l.Line.ID == d.Line {
			p.Label = l.Line.DisplayName()
		}
	}
	if d.Addr.IsValid() {
		p.Address = optional(d.Addr.String())
	}
	if d.Sent > 0 {
		p.Echoes = newEchoes(d)
	}
	return p
}

func newEchoes(d uptime.Diagnosis) *Echoes {
	e := &Echoes{Sent: d.Sent, Received: d.Received}
	if d.Received > 0 {
		low, avg, high, dev := d.Min.Microseconds(), d.Avg.Microseconds(), d.Max.Microseconds(), d.StdDev.Microseconds()
		e.MinUS, e.AvgUS, e.MaxUS, e.StdDevUS = &low, &avg, &high, &dev
	}
	return e
}
