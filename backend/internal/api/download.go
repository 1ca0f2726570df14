package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// readDownload reads what is asked for; the monitor is the caller's affair.
func (s *Server) readDownload(q *query, a account.Account) uptime.Download {
	span := q.span(s.tenDays(a))
	d := uptime.Download{
		AccountID: a.ID, Format: uptime.CSV, Part: uptime.ResultsPart, Locale: string(a.Locale), Zone: a.Zone,
		From: span.From, To: span.To,
	}
	if text := q.text("format"); text != "" {
		d.Format = uptime.Format(text)
	}
	if text := q.text("part"); text != "" {
		d.Part = uptime.Part(text)
	}
	d.Excel, _ = q.flag("excel")
	checkDownload(q, d)
	return d
}

func checkDownload(q *query, d uptime.Download) {
	if d.Format != uptime.CSV && d.Format != uptime.JSON {
		q.fault("format", "not_one_of", "The format must be csv or json.")
	}
	if d.Excel && d.Format == uptime.JSON {
		q.fault("excel", "out_of_range", "Only CSV can be made for Excel.")
	}
	switch d.Part {
	case uptime.ResultsPart, uptime.IncidentsPart, uptime.SummaryPart:
	default:
		q.fault("part", "not_one_of", "The part must be results, incidents or summary.")
	}
}

// downloadMonitor streams the report of one monitor
//
//	@ID				downloadMonitorReport
//	@Summary		Download the report of a monitor
//	@Description	By default today and the nine calendar days before, in the account's zone. CSV follows RFC 4180 with English
//	@Description	headers and RFC 3339 times; `excel=1` adds a byte order mark, headers in the account's language and times that
//	@Description	Excel reads. JSON is `{monitor, results: […]}`.
//	@Tags			reports
//	@Security		bearer
//	@Produce		text/csv,json
//	@Param			id		path		int		true	"monitor"
//	@Param			format	query		string	false	"format"			Enums(csv, json)					default(csv)
//	@Param			excel	query		string	false	"1: for Excel"		Enums(0, 1)							default(0)
//	@Param			part	query		string	false	"what"				Enums(results, incidents, summary)	default(results)
//	@Param			from	query		string	false	"RFC 3339"			Format(date-time)
//	@Param			to		query		string	false	"RFC 3339"			Format(date-time)
//	@Success		200		{file}		binary
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		404		{object}	Problem	"not_found"
//	@Failure		422		{object}	Problem	"invalid_input"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/monitors/{id}/report/download [get]
func (s *Server) downloadMonitor(c *gin.Context, a account.Account) error {
	m, err := s.monitor(c, a)
	if err != nil {
		return err
	}
	q := readQuery(c, "format", "excel", "part", "from", "to")
	d := s.readDownload(q, a)
	if err := q.err(); err != nil {
		return err
	}
	if err := s.spendDownload(c, a); err != nil {
		return err
	}
	d.MonitorID = m.ID
	return s.sendDownload(c, d, &m)
}

// downloadAll streams the report of all monitors
//
//	@ID				downloadReport
//	@Summary		Download the report of all monitors
//	@Description	As for one monitor; JSON is `{monitors: [{monitor, results}]}`.
//	@Tags			reports
//	@Security		bearer
//	@Produce		text/csv,json
//	@Param			format	query		string	false	"format"			Enums(csv, json)					default(csv)
//	@Param			excel	query		string	false	"1: for Excel"		Enums(0, 1)							default(0)
//	@Param			part	query		string	false	"what"				Enums(results, incidents, summary)	default(results)
//	@Param			from	query		string	false	"RFC 3339"			Format(date-time)
//	@Param			to		query		string	false	"RFC 3339"			Format(date-time)
//	@Success		200		{file}		binary
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		422		{object}	Problem	"invalid_input"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/report/download [get]
func (s *Server) downloadAll(c *gin.Context, a account.Account) error {
	q := readQuery(c, "format", "excel", "part", "from", "to")
	d := s.readDownload(q, a)
	if err := q.err(); err != nil {
		return err
	}
	if err := s.spendDownload(c, a); err != nil {
		return err
	}
	return s.sendDownload(c, d, nil)
}

// linkLife is how long a download link waits for its browser.
const linkLife = 60 * time.Second

// LinkRequest asks for a download link.
type LinkRequest struct {
	MonitorID *int64     `json:"monitor_id" extensions:"x-nullable"` // all monitors if not given
	Format    string     `json:"format" enums:"csv,json" default:"csv"`
	Excel     bool       `json:"excel"`
	Part      string     `json:"part" enums:"results,incidents,summary" default:"results"`
	From      *time.Time `json:"from" format:"date-time" extensions:"x-nullable"`
	To        *time.Time `json:"to" format:"date-time" extensions:"x-nullable"`
} //	@name	LinkRequest

// LinkResponse is an address that works once.
type LinkResponse struct {
	URL       string `json:"url" validate:"required"`                     // path on this server
	ExpiresIn int    `json:"expires_in" validate:"required" example:"60"` // seconds
} //	@name	LinkResponse

// createLink makes a link for a browser that cannot send a bearer token
//
//	@ID				createDownloadLink
//	@Summary		Make a download link
//	@Description	The link needs no token, works once and for 60 seconds.
//	@Tags			reports
//	@Security		bearer
//	@Param			body	body		LinkRequest	true	"what to download"
//	@Success		201		{object}	LinkResponse
//	@Failure		400		{object}	Problem	"malformed_json"
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		404		{object}	Problem	"not_found: no such monitor"
//	@Failure		413		{object}	Problem	"body_too_large"
//	@Failure		415		{object}	Problem	"unsupported_media_type"
//	@Failure		422		{object}	Problem	"invalid_input"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/report/links [post]
func (s *Server) createLink(c *gin.Context, a account.Account) error {
	var req LinkRequest
	if err := decode(c, &req); err != nil {
		return err
	}
	d, err := s.linked(req, a)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	if req.MonitorID != nil {
		m, err := s.deps.Monitors.Monitor(ctx, a.ID, *req.MonitorID)
		if err != nil {
			return err
		}
		d.MonitorID = m.ID
	}
	if err := s.spendDownload(c, a); err != nil {
		return err
	}
	token := account.NewToken(s.cfg.Now().Add(linkLife))
	if err := s.deps.Links.CreateLink(ctx, d, token); err != nil {
		return err
	}
	return wrote(c, http.StatusCreated, LinkResponse{
		URL: "/api/v1/report/links/" + token.Raw, ExpiresIn: int(linkLife / time.Second),
	})
}

func (s *Server) linked(req LinkRequest, a account.Account) (uptime.Download, error) {
	q := &query{values: url.Values{}}
	set := func(key, value string) {
		if value != "" {
			q.values.Set(key, value)
		}
	}
	set("format", req.Format)
	set("part", req.Part)
	if req.Excel {
		set("excel", "1")
	}
	if req.From != nil {
		set("from", req.From.Format(time.RFC3339Nano))
	}
	if req.To != nil {
		set("to", req.To.Format(time.RFC3339Nano))
	}
	d := s.readDownload(q, a)
	return d, q.err()
}

// followLink streams what a link was made for
//
//	@ID			followDownloadLink
//	@Summary	Download by a link
//	@Tags		reports
//	@Produce	text/csv,json
//	@Param		token	path		string	true	"from POST /report/links"
//	@Success	200		{file}		binary
//	@Failure	404		{object}	Problem	"not_found: unknown, used or expired"
//	@Failure	500		{object}	Problem	"internal"
//	@Failure	503		{object}	Problem	"unavailable"
//	@Router		/report/links/{token} [get]
func (s *Server) followLink(c *gin.Context) error {
	hash, err := account.HashToken(c.Param("token"))
	if err != nil {
		return notFound()
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), answerWithin)
	defer cancel()
	d, err := s.deps.Links.TakeLink(ctx, hash)
	if err != nil {
		return err
	}
	if d.MonitorID == 0 {
		return s.sendDownload(c, d, nil)
	}
	m, err := s.deps.Monitors.Monitor(ctx, d.AccountID, d.MonitorID)
	if err != nil {
		return err
	}
	return s.sendDownload(c, d, &m)
}

// sendDownload streams. What fails before the first byte is a problem; later
// the connection is cut, so that nobody takes a part for the whole.
func (s *Server) sendDownload(c *gin.Context, d uptime.Download, m *uptime.Monitor) error {
	d.Describe = func(m uptime.Monitor) any { return s.newMonitorResponse(m) }
	w := newLateWriter(c.Writer, func() { downloadHeaders(c, d, m) })
	defer w.rest()
	err := s.deps.Reports.Download(c.Request.Context(), w, d)
	if err == nil {
		w.start()
		return nil
	}
	if !w.started {
		return err
	}
	if !errors.Is(err, context.Canceled) {
		s.log.Error("download broke off", "account", d.AccountID, "monitor", d.MonitorID, "error", err)
	}
	panic(http.ErrAbortHandler)
}

// lateWriter begins the answer with the first byte, and gives up on a reader
// that stands still.
type lateWriter struct {
	to       io.Writer
	control  *http.ResponseController
	begin    func()
	started  bool
	patience time.Duration // for one write
}

// writePatience is how long a reader may take for one piece of a stream: slow
// ones get it all, those that stand still hold nothing.
const writePatience = 30 * time.Second

func newLateWriter(to http.ResponseWriter, begin func()) *lateWriter {
	return &lateWriter{to: to, control: http.NewResponseController(to), begin: begin, patience: writePatience}
}

func (w *lateWriter) start() {
	if !w.started {
		w.started = true
		w.begin()
	}
}

func (w *lateWriter) Write(p []byte) (int, error) {
	w.start()
	w.until(time.Now().Add(w.patience))
	return w.to.Write(p)
}

// rest lets the connection live on without a deadline.
func (w *lateWriter) rest() { w.until(time.Time{}) }

// until sets the deadline of writes, where the connection has one.
func (w *lateWriter) until(t time.Time) { _ = w.control.SetWriteDeadline(t) }

func downloadHeaders(c *gin.Context, d uptime.Download, m *uptime.Monitor) {
	kind := "text/csv; charset=utf-8; header=present"
	if d.Format == uptime.JSON {
		kind = "application/json; charset=utf-8"
	}
	name := downloadName(d, m, func(host string) string { return host })
	shown := downloadName(d, m, displayHost)
	c.Header("Content-Type", kind)
	c.Header("Cache-Control", "no-store")
	c.Header("Content-Disposition", fmt.Sprintf(`attachment; filename="%s"; filename*=UTF-8''%s`, name, url.PathEscape(shown)))
	c.Status(http.StatusOK)
}

// downloadName is hinomi_www.example.jp_http_20261113-20261122.csv: what may
// stand in a file's name on every system. Days are those of the account's zone.
func downloadName(d uptime.Download, m *uptime.Monitor, show func(string) string) string {
	zone, err := time.LoadLocation(d.Zone)
	if err != nil {
		zone = time.UTC
	}
	parts := []string{"hinomi"}
	if m != nil {
		parts = append(parts, fileSafe(show(m.Host)), m.Service.String())
	}
	if d.Part != uptime.ResultsPart {
		parts = append(parts, string(d.Part))
	}
	last := d.To.Add(-time.Millisecond)
	if last.Before(d.From) {
		last = d.From
	}
	parts = append(parts, d.From.In(zone).Format("20060102")+"-"+last.In(zone).Format("20060102"))
	return strings.Join(parts, "_") + "." + string(d.Format)
}

// fileSafe replaces what some system forbids in a name: an IPv6 address has
// colons.
func fileSafe(host string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|%`, r) {
			return '-'
		}
		return r
	}, host)
}
