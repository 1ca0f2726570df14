package report

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// monitorsPage bounds the monitors that are in memory at once.
const monitorsPage = 200

// sink takes a download's rows, a monitor after the other, in one format.
type sink interface {
	begin(columns []string) error
	monitor(m uptime.Monitor) error // what follows is of this monitor
	result(m uptime.Monitor, res uptime.Result) error
	incident(m uptime.Monitor, i uptime.Incident) error
	summary(rep uptime.Report) error
	end() error
}

// Download writes a stream. Nothing was written when it returns
// uptime.ErrNotFound.
func (r *Reports) Download(ctx context.Context, out io.Writer, d uptime.Download) error {
	w, err := wordsOf(d)
	if err != nil {
		return err
	}
	first, err := r.firstMonitors(ctx, d)
	if err != nil {
		return err
	}
	s, err := r.newSink(out, d, w)
	if err != nil {
		return err
	}
	if err := s.begin(w.header(r.columns(d.Part))); err != nil {
		return err
	}
	for page := first; len(page) > 0; {
		for _, m := range page {
			err := r.write(ctx, s, m, d)
			if d.MonitorID == 0 && errors.Is(err, uptime.ErrNotFound) {
				continue // deleted meanwhile: the others are what was asked for
			}
			if err != nil {
				return err
			}
		}
		if d.MonitorID != 0 || len(page) < monitorsPage {
			break
		}
		if page, err = r.monitors(ctx, d, page[len(page)-1].ID); err != nil {
			return err
		}
	}
	return s.end()
}

func (r *Reports) newSink(out io.Writer, d uptime.Download, w words) (sink, error) {
	switch d.Format {
	case uptime.CSV:
		return newCSVSink(r, out, d, w), nil
	case uptime.JSON:
		if d.Describe == nil {
			return nil, errors.New("a JSON download needs to be told how to describe a monitor")
		}
		return newJSONSink(r, out, d, w), nil
	}
	return nil, fmt.Errorf("there is no download format %q", d.Format)
}

func (r *Reports) columns(p uptime.Part) []column {
	switch p {
	case uptime.IncidentsPart:
		return incidentColumns
	case uptime.SummaryPart:
		return r.summaryColumns()
	case uptime.ResultsPart:
	}
	return resultColumns
}

func (r *Reports) firstMonitors(ctx context.Context, d uptime.Download) ([]uptime.Monitor, error) {
	if d.MonitorID == 0 {
		return r.monitors(ctx, d, 0)
	}
	m, err := r.cfg.Store.Monitor(ctx, d.AccountID, d.MonitorID)
	return []uptime.Monitor{m}, err
}

func (r *Reports) monitors(ctx context.Context, d uptime.Download, after int64) ([]uptime.Monitor, error) {
	return r.cfg.Store.Monitors(ctx, d.AccountID, uptime.MonitorFilter{Page: uptime.Page{After: after, Limit: monitorsPage}})
}

// write gives one monitor's part to the sink.
func (r *Reports) write(ctx context.Context, s sink, m uptime.Monitor, d uptime.Download) error {
	if err := s.monitor(m); err != nil {
		return err
	}
	span := uptime.Span{From: d.From, To: d.To}
	switch d.Part {
	case uptime.IncidentsPart:
		incidents, err := r.cfg.Store.MonitorIncidents(ctx, m.AccountID, m.ID, span)
		if err != nil {
			return err
		}
		for _, i := range incidents {
			if err := s.incident(m, i); err != nil {
				return err
			}
		}
		return nil
	case uptime.SummaryPart:
		rep, err := r.build(ctx, m, span)
		if err != nil {
			return err
		}
		return s.summary(rep)
	case uptime.ResultsPart:
	}
	return r.cfg.Store.EachResult(ctx, m.AccountID, m.ID, span, func(res uptime.Result) error { return s.result(m, res) })
}
