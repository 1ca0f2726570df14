package api

import (
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// IncidentResponse is an anomaly from its first failure to the first success
// of its recovery.
type IncidentResponse struct {
	ID            int64      `json:"id" validate:"required"`
	MonitorID     int64      `json:"monitor_id" validate:"required"`
	Host          string     `json:"host" validate:"required"`
	HostDisplay   string     `json:"host_display" validate:"required"`
	Label         string     `json:"label" validate:"required"`
	Service       string     `json:"service" validate:"required" enums:"ping,http,ftp,pop3,smtp,dns,tcp"`
	StartedAt     time.Time  `json:"started_at" validate:"required" format:"date-time"`
	ConfirmedAt   time.Time  `json:"confirmed_at" validate:"required" format:"date-time"`
	EndedAt       *time.Time `json:"ended_at" validate:"required" format:"date-time" extensions:"x-nullable"`       // null: open
	ObservedUntil *time.Time `json:"observed_until" validate:"required" format:"date-time" extensions:"x-nullable"` // not watched from then on, so that its end was not seen
	Cause         string     `json:"cause" validate:"required"`                                                     // reason of the first failure; see Result
	Lines         []string   `json:"lines" validate:"required"`                                                     // that confirmed it
	MailedAt      *time.Time `json:"mailed_at" validate:"required" format:"date-time" extensions:"x-nullable"`
} //	@name	Incident

// IncidentList is a page of incidents, newest first.
type IncidentList struct {
	Items      []IncidentResponse `json:"items" validate:"required"`
	NextCursor *string            `json:"next_cursor" validate:"required" extensions:"x-nullable"`
} //	@name	IncidentList

func (s *Server) newIncidentResponse(i uptime.Incident) IncidentResponse {
	return IncidentResponse{
		ID: i.ID, MonitorID: i.MonitorID, Host: i.Host, HostDisplay: displayHost(i.Host), Label: i.Label,
		Service: i.Service.String(), StartedAt: i.StartedAt.UTC(), ConfirmedAt: i.ConfirmedAt.UTC(),
		EndedAt: stamp(i.EndedAt), ObservedUntil: stamp(i.ObservedUntil), Cause: i.Cause.String(),
		Lines: s.lineNames(i.Lines), MailedAt: stamp(i.MailedAt),
	}
}

// listIncidents lists anomalies
//
//	@ID				listIncidents
//	@Summary		Incidents
//	@Description	Those that overlap [from, to), newest first.
//	@Tags			reports
//	@Security		bearer
//	@Param			monitor_id	query		int		false	"of one monitor"
//	@Param			open		query		string	false	"1: only open ones, 0: only ended ones"	Enums(0, 1)
//	@Param			from		query		string	false	"RFC 3339"								Format(date-time)
//	@Param			to			query		string	false	"RFC 3339"								Format(date-time)
//	@Param			limit		query		int		false	"at most"								minimum(1)	maximum(200)	default(50)
//	@Param			cursor		query		string	false	"next_cursor of the page before"
//	@Success		200			{object}	IncidentList
//	@Failure		401			{object}	Problem	"unauthenticated"
//	@Failure		404			{object}	Problem	"not_found: no such monitor"
//	@Failure		422			{object}	Problem	"invalid_input"
//	@Failure		500			{object}	Problem	"internal"
//	@Failure		503			{object}	Problem	"unavailable"
//	@Router			/incidents [get]
func (s *Server) listIncidents(c *gin.Context, a account.Account) error {
	q := readQuery(c, "monitor_id", "open", "from", "to", "limit", "cursor")
	f := uptime.IncidentFilter{Span: q.span(uptime.Span{}), MonitorID: q.id("monitor_id"), Limit: q.limit() + 1}
	if open, set := q.flag("open"); set {
		f.Open = &open
	}
	if after := q.cursor(2); after != nil {
		f.AfterStart, f.AfterID = time.UnixMilli(after[0]).UTC(), after[1]
	}
	if err := q.err(); err != nil {
		return err
	}
	incidents, err := s.deps.History.Incidents(c.Request.Context(), a.ID, f)
	if err != nil {
		return err
	}
	shown, more := cut(incidents, f.Limit)
	list := IncidentList{Items: each(shown, s.newIncidentResponse)}
	if more {
		last := shown[len(shown)-1]
		list.NextCursor = makeCursor(last.StartedAt.UnixMilli(), last.ID)
	}
	return read(c, list)
}
