package postgres

import (
	"context"
	"database/sql"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// EachResult gives the results of one monitor with From ≤ At < To and their
// addresses to visit, oldest first. All are of one moment. They are held packed
// and unpacked a day at a time, and no connection is held while visit works.
// An error of visit ends it and comes back as it is.
func (db *DB) EachResult(ctx context.Context, accountID, monitorID int64, span uptime.Span, visit func(uptime.Result) error) error {
	key := monitorKey{accountID, monitorID}
	book, err := db.as(accountID).addresses(ctx, monitorID)
	if err != nil {
		return err
	}
	if span, err = db.boundSpan(ctx, key, span); err != nil {
		return err
	}
	days, err := db.as(accountID).packedDays(ctx, monitorID, span)
	if err != nil {
		return err
	}
	return eachSample(days, span, func(s uptime.Sample) error { return visit(book.result(monitorID, s)) })
}

// beforePeriod is how far back the last sample before a period is looked for:
// it covers the period's start only within 1.5 intervals.
const beforePeriod = 24 * time.Hour

// Samples gives one monitor's samples of the span, and before them the last
// one that was taken before it, if it is not older than a day. They are all in
// memory at once.
func (db *DB) Samples(ctx context.Context, accountID, monitorID int64, span uptime.Span) ([]uptime.Sample, error) {
	key := monitorKey{accountID, monitorID}
	wide, err := db.boundSpan(ctx, key, uptime.Span{From: span.From.Add(-beforePeriod), To: span.To})
	if err != nil {
		return nil, err
	}
	days, err := db.as(accountID).packedDays(ctx, monitorID, wide)
	if err != nil {
		return nil, err
	}
	var samples []uptime.Sample
	err = eachSample(days, wide, func(s uptime.Sample) error {
		if s.At.Before(span.From) {
			samples = samples[:0]
		}
		samples = append(samples, s)
		return nil
	})
	return samples, fault("read samples", err)
}

const gapsSQL = `
select g.from_at, g.to_at
from watch_gaps g
join monitors m on m.id = g.monitor_id
where m.account_id = $1 and m.id = $2
	and ($4::timestamptz is null or g.from_at < $4) and (g.to_at is null or g.to_at > $3)
order by g.from_at`

// NotWatched gives the stretches that touch the span in which a monitor was
// paused, stopped or not yet created, oldest first. One that lasts has a zero To.
func (db *DB) NotWatched(ctx context.Context, accountID, monitorID int64, span uptime.Span) ([]uptime.Span, error) {
	var created time.Time
	if err := db.as(accountID).get(ctx, "read monitor", &created, ask(createdSQL, accountID, monitorID)); err != nil {
		return nil, err
	}
	var rows []struct {
		From time.Time    `db:"from_at"`
		To   sql.NullTime `db:"to_at"`
	}
	q := ask(gapsSQL, accountID, monitorID, wholeMillis(span.From), nullTime(span.To))
	if err := db.as(accountID).list(ctx, "read watch gaps", &rows, q); err != nil {
		return nil, err
	}
	var gaps []uptime.Span
	if created.After(span.From) {
		gaps = append(gaps, uptime.Span{From: span.From, To: created.UTC()})
	}
	for _, r := range rows {
		gaps = append(gaps, uptime.Span{From: r.From.UTC(), To: timeOf(r.To)})
	}
	return gaps, nil
}

const monitorIncidentsSQL = selectIncidents + `
where i.account_id = $1 and i.monitor_id = $2
	and ($4::timestamptz is null or i.started_at < $4) and (i.ended_at is null or i.ended_at > $3)
order by i.started_at, i.id`

// MonitorIncidents gives all incidents of one monitor that overlap the span,
// oldest first.
func (db *DB) MonitorIncidents(ctx context.Context, accountID, monitorID int64, span uptime.Span) ([]uptime.Incident, error) {
	var rows []incidentRow
	q := ask(monitorIncidentsSQL, accountID, monitorID, wholeMillis(span.From), nullTime(span.To))
	if err := db.as(accountID).list(ctx, "read incidents", &rows, q); err != nil {
		return nil, err
	}
	incidents, err := incidentsOf(rows)
	return incidents, fault("read incidents", err)
}
