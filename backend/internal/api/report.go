package api

import (
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// RoundTripResponse sums up the round trips of answered probes, in
// microseconds; null without any.
type RoundTripResponse struct {
	Line  *string `json:"line" validate:"required" extensions:"x-nullable"` // null: over all lines
	Count int     `json:"count" validate:"required"`
	AvgUS *int64  `json:"avg_us" validate:"required" extensions:"x-nullable"`
	P50US *int64  `json:"p50_us" validate:"required" extensions:"x-nullable"`
	P95US *int64  `json:"p95_us" validate:"required" extensions:"x-nullable"`
} //	@name	RoundTrip

// ReportResponse is how a monitor's time was spent. up, down, unknown and not
// watched add up to the period.
type ReportResponse struct {
	Monitor             MonitorResponse     `json:"monitor" validate:"required"`
	From                time.Time           `json:"from" validate:"required" format:"date-time"`
	To                  time.Time           `json:"to" validate:"required" format:"date-time"`
	TimeZone            string              `json:"time_zone" validate:"required"` // whose calendar days the period is made of
	IntervalSeconds     float64             `json:"interval_seconds" validate:"required"`
	UpSeconds           float64             `json:"up_seconds" validate:"required"`
	DownSeconds         float64             `json:"down_seconds" validate:"required"`
	UnknownSeconds      float64             `json:"unknown_seconds" validate:"required"`
	NotWatchedSeconds   float64             `json:"not_watched_seconds" validate:"required"`
	UptimePct           *float64            `json:"uptime_pct" validate:"required" extensions:"x-nullable"`   // up / (up + down), truncated to two decimals
	CoveragePct         *float64            `json:"coverage_pct" validate:"required" extensions:"x-nullable"` // (up + down) / (period − not watched), truncated
	UnconfirmedFailures int                 `json:"unconfirmed_failures" validate:"required"`
	RoundTrip           RoundTripResponse   `json:"round_trip" validate:"required"`
	Lines               []RoundTripResponse `json:"lines" validate:"required"`
	Incidents           []IncidentResponse  `json:"incidents" validate:"required"` // oldest first
} //	@name	Report

// monitorReport makes up the account of a monitor's time
//
//	@ID				getReport
//	@Summary		Report of a monitor
//	@Description	By default today and the nine calendar days before, in the account's zone. A result covers the time until the
//	@Description	next one, at most 1.5 intervals. Down is the observed part of incidents, up is other covered time; failures that
//	@Description	were not confirmed are counted apart.
//	@Tags			reports
//	@Security		bearer
//	@Param			id		path		int		true	"monitor"
//	@Param			from	query		string	false	"RFC 3339"	Format(date-time)
//	@Param			to		query		string	false	"RFC 3339"	Format(date-time)
//	@Success		200		{object}	ReportResponse
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		404		{object}	Problem	"not_found"
//	@Failure		422		{object}	Problem	"invalid_input"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/monitors/{id}/report [get]
func (s *Server) monitorReport(c *gin.Context, a account.Account) error {
	m, err := s.monitor(c, a)
	if err != nil {
		return err
	}
	now := s.cfg.Now()
	q := readQuery(c, "from", "to")
	span := q.span(uptime.ReportSpan(now, a.Location()))
	if span.To.After(now) {
		span.To = now
	}
	if q.err() == nil && !span.From.Before(span.To) {
		q.fault("from", "out_of_range", "from must be in the past and before to.")
	}
	if err := q.err(); err != nil {
		return err
	}
	r, err := s.deps.Reports.Report(c.Request.Context(), a.ID, m.ID, span)
	if err != nil {
		return err
	}
	return read(c, s.newReportResponse(r, a.Zone))
}

func (s *Server) newReportResponse(r uptime.Report, zone string) ReportResponse {
	acc := r.Account
	out := ReportResponse{
		Monitor: s.newMonitorResponse(r.Monitor), From: r.Period.From.UTC(), To: r.Period.To.UTC(), TimeZone: zone,
		IntervalSeconds: seconds(r.Interval), UpSeconds: seconds(acc.Up), DownSeconds: seconds(acc.Down),
		UnknownSeconds: seconds(acc.Unknown), NotWatchedSeconds: seconds(acc.NotWatched),
		UptimePct:           percent(acc.Up, acc.Up+acc.Down),
		CoveragePct:         percent(acc.Up+acc.Down, acc.Up+acc.Down+acc.Unknown),
		UnconfirmedFailures: acc.UnconfirmedFailures, RoundTrip: newRoundTrip(nil, r.Overall),
		Incidents: each(r.Incidents, s.newIncidentResponse),
	}
	out.Lines = each(r.Lines, func(l uptime.LineRoundTrip) RoundTripResponse {
		return newRoundTrip(optional(s.deps.Lines.LineName(l.Line)), l.RoundTrip)
	})
	return out
}

func newRoundTrip(line *string, r uptime.RoundTrip) RoundTripResponse {
	out := RoundTripResponse{Line: line, Count: r.Count}
	if r.Count > 0 {
		avg, p50, p95 := r.Avg.Microseconds(), r.P50.Microseconds(), r.P95.Microseconds()
		out.AvgUS, out.P50US, out.P95US = &avg, &p50, &p95
	}
	return out
}

// seconds to the millisecond.
func seconds(d time.Duration) float64 { return float64(d.Milliseconds()) / 1000 }

// percent is truncated to two decimals, never rounded up to 100; nil of
// nothing.
func percent(part, whole time.Duration) *float64 {
	if whole <= 0 {
		return nil
	}
	hundredths := part.Milliseconds() * 10_000 / max(whole.Milliseconds(), 1)
	p := float64(hundredths) / 100
	return &p
}
