package report

import (
	"bufio"
	"encoding/json"
	"io"
	"net/netip"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// jsonSink writes {"monitor": …, "results": […]}, for all monitors
// {"monitors": [{…}, …]}, a row at a time. Field names are the API's.
type jsonSink struct {
	r        *Reports
	d        uptime.Download
	w        words
	out      *bufio.Writer
	monitors int
	rows     int // of the present monitor
	err      error
}

func newJSONSink(r *Reports, out io.Writer, d uptime.Download, w words) *jsonSink {
	return &jsonSink{r: r, d: d, w: w, out: bufio.NewWriter(out)}
}

func (s *jsonSink) text(t string) {
	if s.err == nil {
		_, s.err = s.out.WriteString(t)
	}
}

func (s *jsonSink) value(v any) {
	if s.err != nil {
		return
	}
	b, err := json.Marshal(v)
	if err != nil {
		s.err = err
		return
	}
	_, s.err = s.out.Write(b)
}

func (s *jsonSink) begin([]string) error {
	if s.d.MonitorID == 0 {
		s.text(`{"monitors":[`)
	}
	return s.err
}

func (s *jsonSink) monitor(m uptime.Monitor) error {
	s.closeMonitor()
	if s.monitors++; s.monitors > 1 {
		s.text(",\n")
	}
	s.text(`{"monitor":`)
	s.value(s.d.Describe(m))
	s.rows = 0
	if s.d.Part == uptime.SummaryPart {
		s.text(`,"summary":`)
	} else {
		s.text(`,"` + string(s.d.Part) + `":[`)
	}
	return s.err
}

func (s *jsonSink) closeMonitor() {
	if s.monitors == 0 {
		return
	}
	if s.d.Part != uptime.SummaryPart {
		s.text("]")
	}
	s.text("}")
}

func (s *jsonSink) row(v any) error {
	if s.rows++; s.rows > 1 {
		s.text(",\n")
	}
	s.value(v)
	return s.err
}

func (s *jsonSink) end() error {
	s.closeMonitor()
	if s.d.MonitorID == 0 {
		s.text("]}")
	}
	s.text("\n")
	if s.err != nil {
		return s.err
	}
	return s.out.Flush()
}

type resultJSON struct {
	CheckedAt time.Time   `json:"checked_at"`
	Status    string      `json:"status"`
	Reason    string      `json:"reason"`
	Line      *string     `json:"line"`
	RTTUS     *int64      `json:"rtt_us"`
	Address   *netip.Addr `json:"address"`
}

func (s *jsonSink) result(_ uptime.Monitor, res uptime.Result) error {
	return s.row(resultJSON{
		CheckedAt: res.At.UTC(), Status: res.Status().String(), Reason: res.Reason.String(), Line: optional(s.r.cfg.LineName(res.Line)),
		RTTUS: optional(res.RTT.Microseconds()), Address: optional(res.Addr),
	})
}

type incidentJSON struct {
	ID            int64      `json:"id"`
	StartedAt     time.Time  `json:"started_at"`
	ConfirmedAt   time.Time  `json:"confirmed_at"`
	EndedAt       *time.Time `json:"ended_at"`
	ObservedUntil *time.Time `json:"observed_until"`
	Cause         string     `json:"cause"`
	Lines         []string   `json:"lines"`
	MailedAt      *time.Time `json:"mailed_at"`
}

func (s *jsonSink) incident(_ uptime.Monitor, i uptime.Incident) error {
	row := incidentJSON{
		ID: i.ID, StartedAt: i.StartedAt.UTC(), ConfirmedAt: i.ConfirmedAt.UTC(), EndedAt: optional(i.EndedAt.UTC()),
		ObservedUntil: optional(i.ObservedUntil.UTC()), Cause: i.Cause.String(), Lines: []string{}, MailedAt: optional(i.MailedAt.UTC()),
	}
	for _, line := range i.Lines {
		row.Lines = append(row.Lines, s.r.cfg.LineName(line))
	}
	return s.row(row)
}

type summaryJSON struct {
	From                time.Time             `json:"from"`
	To                  time.Time             `json:"to"`
	UpSeconds           int64                 `json:"up_seconds"`
	DownSeconds         int64                 `json:"down_seconds"`
	UnknownSeconds      int64                 `json:"unknown_seconds"`
	NotWatchedSeconds   int64                 `json:"not_watched_seconds"`
	UptimePercent       *float64              `json:"uptime_percent"`
	CoveragePercent     *float64              `json:"coverage_percent"`
	UnconfirmedFailures int                   `json:"unconfirmed_failures"`
	Lines               map[string]rttSummary `json:"lines"`
}

type rttSummary struct {
	Count int   `json:"count"`
	AvgUS int64 `json:"avg_us"`
	P50US int64 `json:"p50_us"`
	P95US int64 `json:"p95_us"`
}

func (s *jsonSink) summary(rep uptime.Report) error {
	a := rep.Account
	row := summaryJSON{
		From: rep.Period.From.UTC(), To: rep.Period.To.UTC(), UpSeconds: int64(a.Up / time.Second), DownSeconds: int64(a.Down / time.Second),
		UnknownSeconds: int64(a.Unknown / time.Second), NotWatchedSeconds: int64(a.NotWatched / time.Second),
		UnconfirmedFailures: a.UnconfirmedFailures, Lines: map[string]rttSummary{},
	}
	if ratio, ok := a.Uptime(); ok {
		pct := cut(ratio)
		row.UptimePercent = &pct
	}
	if ratio, ok := a.Coverage(); ok {
		pct := cut(ratio)
		row.CoveragePercent = &pct
	}
	for _, l := range rep.Lines {
		row.Lines[s.r.cfg.LineName(l.Line)] = rttSummary{l.Count, l.Avg.Microseconds(), l.P50.Microseconds(), l.P95.Microseconds()}
	}
	return s.row(row)
}

// optional is nil for the zero value.
func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
