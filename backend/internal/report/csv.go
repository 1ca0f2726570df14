package report

import (
	"encoding/csv"
	"io"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// csvSink writes RFC 4180: CRLF, a header, no byte order mark; with excel one,
// because spreadsheets read UTF-8 only behind it.
type csvSink struct {
	r    *Reports
	d    uptime.Download
	w    words
	out  io.Writer
	rows *csv.Writer
}

const byteOrderMark = "\ufeff"

func newCSVSink(r *Reports, out io.Writer, d uptime.Download, w words) *csvSink {
	rows := csv.NewWriter(out)
	rows.UseCRLF = true
	return &csvSink{r: r, d: d, w: w, out: out, rows: rows}
}

func (s *csvSink) begin(columns []string) error {
	if s.w.excel {
		if _, err := io.WriteString(s.out, byteOrderMark); err != nil {
			return err
		}
	}
	return s.rows.Write(columns)
}

func (s *csvSink) monitor(uptime.Monitor) error { return nil }

func (s *csvSink) result(m uptime.Monitor, res uptime.Result) error {
	return s.rows.Write(s.r.resultRow(s.w, m, res))
}

func (s *csvSink) incident(m uptime.Monitor, i uptime.Incident) error {
	return s.rows.Write(s.r.incidentRow(s.w, m, i, s.d.To))
}

func (s *csvSink) summary(rep uptime.Report) error { return s.rows.Write(s.r.summaryRow(s.w, rep)) }

func (s *csvSink) end() error {
	s.rows.Flush()
	return s.rows.Error()
}
