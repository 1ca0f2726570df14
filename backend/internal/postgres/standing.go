package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// stateRow is a row of monitor_states, the hot row of one monitor.
type stateRow struct {
	MonitorID     int64        `db:"monitor_id"`
	Version       int64        `db:"version"`
	Generation    int32        `db:"generation"`
	State         int16        `db:"state"`
	Verdict       int16        `db:"verdict"`
	Told          int16        `db:"told"`
	EverUp        bool         `db:"ever_up"`
	BadStreak     int32        `db:"bad_streak"`
	GoodStreak    int32        `db:"good_streak"`
	LastLine      int16        `db:"last_line"`
	LastReason    int16        `db:"last_reason"`
	LastRTTUS     int32        `db:"last_rtt_us"`
	LastAt        sql.NullTime `db:"last_at"`
	LastCounted   sql.NullTime `db:"last_counted"`
	StatusSince   sql.NullTime `db:"status_since"`
	VerdictSince  time.Time    `db:"verdict_since"`
	StoppedAt     sql.NullTime `db:"stopped_at"`
	ResumedAt     sql.NullTime `db:"resumed_at"`
	IncidentStart sql.NullTime `db:"incident_start"`
	ObservedUntil sql.NullTime `db:"observed_until"`
	Run           []byte       `db:"run"` // frame of uptime.PackSamples
	KeepWatching  bool         `db:"keep_watching"`
	Buffer        []byte       `db:"buffer"` // the newest samples, a frame; see sample_chunks
}

// stateColumns are the columns of stateRow but for the buffer, of the alias s.
const stateColumns = `s.monitor_id, s.version, s.generation, s.state, s.verdict, s.told, s.ever_up,
	s.bad_streak, s.good_streak, s.last_line, s.last_reason, s.last_rtt_us, s.last_at, s.last_counted,
	s.status_since, s.verdict_since, s.stopped_at, s.resumed_at, s.incident_start, s.observed_until, s.run, s.keep_watching`

// newStateRow is the inverse of stateRow.standing; the buffer is the caller's
// affair. Times are cut to the millisecond, as everywhere in the database.
func newStateRow(monitorID, version int64, s uptime.Standing) (stateRow, error) {
	run, err := uptime.PackSamples(s.Run)
	if err != nil {
		return stateRow{}, fmt.Errorf("pack run of monitor %d: %w", monitorID, err)
	}
	return stateRow{
		MonitorID: monitorID, Version: version, Generation: s.Generation,
		State: int16(s.State), Verdict: int16(s.Verdict), Told: int16(s.Told), EverUp: s.EverUp,
		BadStreak: s.BadStreak, GoodStreak: s.GoodStreak,
		LastLine: int16(s.Last.Line), LastReason: int16(s.Last.Reason), LastRTTUS: int32(s.Last.RTT / time.Microsecond),
		LastAt: nullTime(s.Last.At), LastCounted: nullTime(s.LastCounted),
		StatusSince: nullTime(s.StatusSince), VerdictSince: wholeMillis(s.VerdictSince),
		StoppedAt: nullTime(s.StoppedAt), ResumedAt: nullTime(s.ResumedAt),
		IncidentStart: nullTime(s.IncidentStart), ObservedUntil: nullTime(s.ObservedUntil),
		Run: run,
	}, nil
}

// standing is what the judge remembers, as the row holds it.
func (r stateRow) standing() (uptime.Standing, error) {
	run, err := uptime.UnpackSamples(r.Run)
	if err != nil {
		return uptime.Standing{}, fmt.Errorf("run of monitor %d: %w", r.MonitorID, err)
	}
	s := uptime.Standing{
		Generation: r.Generation,
		State:      uptime.State(r.State), Verdict: uptime.Verdict(r.Verdict), Told: uptime.Told(r.Told), EverUp: r.EverUp,
		BadStreak: r.BadStreak, GoodStreak: r.GoodStreak, LastCounted: timeOf(r.LastCounted),
		StatusSince: timeOf(r.StatusSince), VerdictSince: r.VerdictSince.UTC(),
		StoppedAt: timeOf(r.StoppedAt), ResumedAt: timeOf(r.ResumedAt),
		IncidentStart: timeOf(r.IncidentStart), ObservedUntil: timeOf(r.ObservedUntil),
	}
	if len(run) > 0 {
		s.Run = run
	}
	if r.LastAt.Valid {
		s.Last = uptime.Sample{
			At: timeOf(r.LastAt), Reason: uptime.Reason(r.LastReason), Line: uptime.LineID(r.LastLine),
			RTT: time.Duration(r.LastRTTUS) * time.Microsecond,
		}
	}
	return s, nil
}

const selectStandingsSQL = `
select ` + stateColumns + `, s.buffer
from unnest($1::bigint[]) as wanted (id)
join monitor_states s on s.monitor_id = wanted.id`

// selectStandings reads the rows of the monitors that still exist, in no
// particular order and without locking them.
func selectStandings(ctx context.Context, tx sqlx.QueryerContext, ids []int64) ([]stateRow, error) {
	var rows []stateRow
	if err := sqlx.SelectContext(ctx, tx, &rows, selectStandingsSQL, pq.Array(ids)); err != nil {
		return nil, fmt.Errorf("select standings: %w", err)
	}
	return rows, nil
}

// wholeMillis is t as the database keeps it: UTC, cut to the millisecond.
func wholeMillis(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// nullTime stores the zero time as null.
func nullTime(t time.Time) sql.NullTime {
	if t.IsZero() {
		return sql.NullTime{}
	}
	return sql.NullTime{Time: wholeMillis(t), Valid: true}
}

// timeOf reads null as the zero time.
func timeOf(t sql.NullTime) time.Time {
	if !t.Valid {
		return time.Time{}
	}
	return t.Time.UTC()
}
