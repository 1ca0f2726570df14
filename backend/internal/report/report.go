package report

import (
	"context"
	"slices"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// Config says what reports depend on.
type Config struct {
	Store    Store
	Interval func() time.Duration // effective
	Timeout  time.Duration        // of a probe, for the words
	Lines    []uptime.LineID      // every line that ever was, ascending
	LineName func(uptime.LineID) string
}

// Reports makes reports and downloads.
type Reports struct{ cfg Config }

// New makes one; it starts nothing.
func New(cfg Config) *Reports { return &Reports{cfg} }

// Report is the account of one monitor for [span.From, span.To).
func (r *Reports) Report(ctx context.Context, accountID, monitorID int64, span uptime.Span) (uptime.Report, error) {
	m, err := r.cfg.Store.Monitor(ctx, accountID, monitorID)
	if err != nil {
		return uptime.Report{}, err
	}
	return r.build(ctx, m, span)
}

func (r *Reports) build(ctx context.Context, m uptime.Monitor, span uptime.Span) (uptime.Report, error) {
	report := uptime.Report{Monitor: m, Period: span, Interval: r.cfg.Interval()}
	samples, err := r.cfg.Store.Samples(ctx, m.AccountID, m.ID, span)
	if err != nil {
		return uptime.Report{}, err
	}
	notWatched, err := r.cfg.Store.NotWatched(ctx, m.AccountID, m.ID, span)
	if err != nil {
		return uptime.Report{}, err
	}
	if report.Incidents, err = r.cfg.Store.MonitorIncidents(ctx, m.AccountID, m.ID, span); err != nil {
		return uptime.Report{}, err
	}
	history := uptime.History{Samples: samples, NotWatched: notWatched}
	for _, i := range report.Incidents {
		history.Incidents = append(history.Incidents, i.Span())
	}
	report.Account = uptime.MakeAccount(uptime.Period{Span: span, Interval: report.Interval}, history)
	report.Overall, report.Lines = roundTrips(samples, span)
	return report, nil
}

// roundTrips sums up answers of the period, overall and by line.
func roundTrips(samples []uptime.Sample, span uptime.Span) (uptime.RoundTrip, []uptime.LineRoundTrip) {
	var all []time.Duration
	byLine := map[uptime.LineID][]time.Duration{}
	for _, s := range samples {
		if s.At.Before(span.From) {
			continue
		}
		if _, seen := byLine[s.Line]; !seen && s.Line != 0 {
			byLine[s.Line] = nil
		}
		if s.Status() == uptime.OK && s.RTT > 0 {
			all = append(all, s.RTT)
			byLine[s.Line] = append(byLine[s.Line], s.RTT)
		}
	}
	var lines []uptime.LineRoundTrip
	for line, rtts := range byLine {
		lines = append(lines, uptime.LineRoundTrip{Line: line, RoundTrip: sumUp(rtts)})
	}
	slices.SortFunc(lines, func(a, b uptime.LineRoundTrip) int { return int(a.Line) - int(b.Line) })
	return sumUp(all), lines
}

// sumUp gives average and percentiles by the nearest rank: values that were
// measured, not made up between two.
func sumUp(rtts []time.Duration) uptime.RoundTrip {
	if len(rtts) == 0 {
		return uptime.RoundTrip{}
	}
	slices.Sort(rtts)
	var sum time.Duration
	for _, d := range rtts {
		sum += d
	}
	rank := func(percent int) time.Duration { return rtts[(len(rtts)*percent+99)/100-1] }
	return uptime.RoundTrip{Count: len(rtts), Avg: sum / time.Duration(len(rtts)), P50: rank(50), P95: rank(95)}
}
