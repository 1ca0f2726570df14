package api

import (
	"net/netip"
	"time"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// MonitorResponse is one service watched on a target. What is not known yet is
// null.
type MonitorResponse struct {
	ID           int64      `json:"id" validate:"required"`
	TargetID     int64      `json:"target_id" validate:"required"`
	Host         string     `json:"host" validate:"required" example:"www.example.jp"`
	HostDisplay  string     `json:"host_display" validate:"required"` // an IDN as people read it, else the same as host
	Label        string     `json:"label" validate:"required"`        // its own, else its target's, else ""
	Notes        string     `json:"notes" validate:"required"`
	Service      string     `json:"service" validate:"required" enums:"ping,http,ftp,pop3,smtp,dns,tcp"`
	Port         *int       `json:"port" validate:"required" extensions:"x-nullable" example:"80"` // null for ping
	State        string     `json:"state" validate:"required" enums:"active,paused,stopped"`
	Verdict      string     `json:"verdict" validate:"required" enums:"up,down,pending"`
	VerdictSince time.Time  `json:"verdict_since" validate:"required" format:"date-time"`
	Told         string     `json:"told" validate:"required" enums:"well,trouble"` // what the owner was last told
	Status       *string    `json:"status" validate:"required" enums:"ok,ng,wr,err,unknown" extensions:"x-nullable"`
	Reason       *string    `json:"reason" validate:"required" enums:"reply,connected,refused,host_unreachable,net_unreachable,port_unreachable,admin_prohibited,ttl_exceeded,icmp_other,timeout,dns_not_found,dns_no_address,dns_failed,forbidden_address,line_down,no_route,source_unavailable,dns_unavailable,overload,internal" extensions:"x-nullable"`
	Line         *string    `json:"line" validate:"required" extensions:"x-nullable"` // name of the line of the last result
	RTTUS        *int64     `json:"rtt_us" validate:"required" extensions:"x-nullable"`
	Address      *string    `json:"address" validate:"required" extensions:"x-nullable"` // that is watched
	CheckedAt    *time.Time `json:"checked_at" validate:"required" format:"date-time" extensions:"x-nullable"`
	StatusSince  *time.Time `json:"status_since" validate:"required" format:"date-time" extensions:"x-nullable"`
	NextCheckAt  *time.Time `json:"next_check_at" validate:"required" format:"date-time" extensions:"x-nullable"`
	StoppedAt    *time.Time `json:"stopped_at" validate:"required" format:"date-time" extensions:"x-nullable"` // stopped or paused
	StopAfter    int        `json:"stop_after" validate:"required"`                                            // failures in a row that stop it; 0: it is kept going
	BadStreak    int32      `json:"bad_streak" validate:"required"`
	GoodStreak   int32      `json:"good_streak" validate:"required"`
	IncidentID   *int64     `json:"incident_id" validate:"required" extensions:"x-nullable"` // the open one
	CreatedAt    time.Time  `json:"created_at" validate:"required" format:"date-time"`
} //	@name	Monitor

// MonitorList is a page of monitors, ascending by id.
type MonitorList struct {
	Items      []MonitorResponse `json:"items" validate:"required"`
	NextCursor *string           `json:"next_cursor" validate:"required" extensions:"x-nullable"`
} //	@name	MonitorList

func (s *Server) newMonitorResponse(m uptime.Monitor) MonitorResponse {
	st := m.Standing
	r := MonitorResponse{
		ID: m.ID, TargetID: m.TargetID, Host: m.Host, HostDisplay: displayHost(m.Host), Label: m.Label, Notes: m.Notes,
		Service: m.Service.String(), Port: optional(int(m.Port)),
		State: st.State.String(), Verdict: st.Verdict.String(), VerdictSince: st.VerdictSince.UTC(), Told: st.Told.String(),
		Address: address(m.Pinned, m.Host), StatusSince: stamp(st.StatusSince), StoppedAt: stamp(st.StoppedAt),
		StopAfter: s.policy().For(m.KeepWatching).FailuresToStop, BadStreak: st.BadStreak, GoodStreak: st.GoodStreak, IncidentID: optional(m.IncidentID), CreatedAt: m.CreatedAt.UTC(),
	}
	if last := st.Last; !last.At.IsZero() {
		r.CheckedAt = stamp(last.At)
		r.Status, r.Reason = optional(last.Status().String()), optional(last.Reason.String())
		r.Line, r.RTTUS = optional(s.deps.Lines.LineName(last.Line)), roundTrip(last)
	}
	if st.State == uptime.Active {
		if at, ok := s.deps.Schedule.NextCheck(m.ID); ok {
			r.NextCheckAt = stamp(at)
		}
	}
	return r
}

// roundTrip is in microseconds; nil without an answer.
func roundTrip(s uptime.Sample) *int64 {
	if s.RTT <= 0 {
		return nil
	}
	us := s.RTT.Microseconds()
	return &us
}

// address shows what is watched: the pinned address, or the host that is one.
func address(pinned netip.Addr, host string) *string {
	if pinned.IsValid() {
		return optional(pinned.String())
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return &host
	}
	return nil
}

// displayHost shows an internationalized name as people read it (UTS 46).
func displayHost(host string) string {
	unicode, err := idna.Display.ToUnicode(host)
	if err != nil {
		return host
	}
	return unicode
}

// hostKey is the form in which hosts are stored, as far as a filter needs it.
func hostKey(text string) string {
	ascii, err := idna.Lookup.ToASCII(text)
	if err != nil {
		return text
	}
	return ascii
}

// Bounds of what people write, in characters.
const (
	maxLabel = 100
	maxNotes = 2000
)

// checkWords finds labels and notes that are too long or cannot be shown.
func checkWords(q *query, label, notes *string) {
	if label != nil {
		checkText(q, "label", *label, maxLabel)
	}
	if notes != nil {
		checkText(q, "notes", *notes, maxNotes)
	}
}

func checkText(q *query, field, text string, most int) {
	if utf8.RuneCountInString(text) > most {
		q.fault(field, "too_long", "The text is too long.")
	}
	for _, r := range text {
		newline := field == "notes" && (r == '\n' || r == '\r' || r == '\t')
		if (r < ' ' || r == 0x7f) && !newline {
			q.fault(field, "malformed", "The text has control characters.")
			return
		}
	}
}
