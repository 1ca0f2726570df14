package postgres

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// write makes the batch one transaction. Every update names the version that it
// writes over and must meet all of its rows, else nothing is written.
func (r *Recorder) write(ctx context.Context, b *batch) (err error) {
	tx, err := r.db.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin batch: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	for _, step := range []func(context.Context, *sqlx.Tx, *batch) error{
		r.writeProgress, writeNarrow, writeWhole, r.writeChunks, writePins, r.writeEvents,
	} {
		if err := step(ctx, tx, b); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		r.uncertain = b
		return fmt.Errorf("commit batch %d: %w", b.number, err)
	}
	return nil
}

const progressSQL = `update recorder_progress set batch = $2 where node = $1 and batch = $2 - 1`

// writeProgress comes first: it waits for a COMMIT of ours that is still being
// carried out behind a lost connection, and then finds the batch done.
func (r *Recorder) writeProgress(ctx context.Context, tx *sqlx.Tx, b *batch) error {
	res, err := tx.ExecContext(ctx, progressSQL, r.cfg.Node, b.number)
	if err != nil {
		return fmt.Errorf("write recorder progress: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return errors.Join(errBatchDone, err)
	}
	return nil
}

// narrowSQL is what nearly every result costs: one HOT update of one row. Each
// array costs, so some columns come packed: what is line<<40 | reason<<32 |
// round trip, and streak is good or, negative, bad; never both.
const narrowSQL = `
update monitor_states s
set version = u.version + 1, last_line = (u.what >> 40)::smallint, last_reason = (u.what >> 32 & 255)::smallint,
    last_rtt_us = (u.what & 4294967295)::integer,
    last_at = 'epoch'::timestamptz + u.at * interval '1 millisecond',
    last_counted = 'epoch'::timestamptz + nullif(u.counted, 0) * interval '1 millisecond',
    status_since = 'epoch'::timestamptz + u.since * interval '1 millisecond',
    bad_streak = greatest(-u.streak, 0), good_streak = greatest(u.streak, 0), buffer = u.buffer
from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::integer[], $8::bytea[])
    as u (id, version, what, at, counted, since, streak, buffer)
where s.monitor_id = u.id and s.version = u.version`

type narrowColumns struct {
	id, version, what, at, counted, since, streak []int64
	buffer                                        [][]byte
}

func writeNarrow(ctx context.Context, tx *sqlx.Tx, b *batch) error {
	c := newNarrowColumns(len(b.rows))
	for i := range b.rows {
		if !b.rows[i].changed {
			c.add(&b.rows[i])
		}
	}
	if len(c.id) == 0 {
		return nil
	}
	res, err := tx.ExecContext(ctx, narrowSQL, pq.Int64Array(c.id), pq.Int64Array(c.version), pq.Int64Array(c.what),
		pq.Int64Array(c.at), pq.Int64Array(c.counted), pq.Int64Array(c.since), pq.Int64Array(c.streak), pq.ByteaArray(c.buffer))
	return mustMeet(res, err, len(c.id))
}

func newNarrowColumns(n int) narrowColumns {
	all := make([]int64, 7*n)
	column := func() []int64 {
		c := all[:0:n]
		all = all[n:]
		return c
	}
	return narrowColumns{
		id: column(), version: column(), what: column(), at: column(), counted: column(), since: column(),
		streak: column(), buffer: make([][]byte, 0, n),
	}
}

func (c *narrowColumns) add(row *batchRow) {
	s := &row.next.standing
	c.id = append(c.id, row.id)
	c.version = append(c.version, row.version)
	c.what = append(c.what, int64(s.Last.Line)<<40|int64(s.Last.Reason)<<32|int64(s.Last.RTT/time.Microsecond))
	c.at = append(c.at, s.Last.At.UnixMilli())
	c.counted = append(c.counted, milliOrZero(s.LastCounted))
	c.since = append(c.since, s.StatusSince.UnixMilli())
	c.streak = append(c.streak, int64(s.GoodStreak)-int64(s.BadStreak))
	c.buffer = append(c.buffer, row.next.buffer)
}

func milliOrZero(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// wholeSQL writes the rows of which more changed; they are few.
const wholeSQL = `
update monitor_states s
set version = u.version, generation = u.generation, state = u.state, verdict = u.verdict, told = u.told,
    ever_up = u.ever_up, bad_streak = u.bad_streak, good_streak = u.good_streak, last_line = u.last_line,
    last_reason = u.last_reason, last_rtt_us = u.last_rtt_us, last_at = u.last_at, last_counted = u.last_counted,
    status_since = u.status_since, verdict_since = u.verdict_since, stopped_at = u.stopped_at,
    resumed_at = u.resumed_at, incident_start = u.incident_start, observed_until = u.observed_until,
    run = u.run, buffer = u.buffer
from jsonb_populate_recordset(null::monitor_states, $1::jsonb) u
where s.monitor_id = u.monitor_id and s.version = u.version - 1`

func writeWhole(ctx context.Context, tx *sqlx.Tx, b *batch) error {
	var rows []stateJSON
	for i := range b.rows {
		if !b.rows[i].changed {
			continue
		}
		row, err := newStateRow(b.rows[i].id, b.rows[i].next.version, b.rows[i].next.standing)
		if err != nil {
			return err
		}
		rows = append(rows, row.json(b.rows[i].next.buffer))
	}
	if len(rows) == 0 {
		return nil
	}
	res, err := execJSON(ctx, tx, wholeSQL, rows)
	return mustMeet(res, err, len(rows))
}

// stateJSON is a stateRow as jsonb_populate_recordset reads it.
type stateJSON struct {
	MonitorID     int64      `json:"monitor_id"`
	Version       int64      `json:"version"`
	Generation    int32      `json:"generation"`
	State         int16      `json:"state"`
	Verdict       int16      `json:"verdict"`
	Told          int16      `json:"told"`
	EverUp        bool       `json:"ever_up"`
	BadStreak     int32      `json:"bad_streak"`
	GoodStreak    int32      `json:"good_streak"`
	LastLine      int16      `json:"last_line"`
	LastReason    int16      `json:"last_reason"`
	LastRTTUS     int32      `json:"last_rtt_us"`
	LastAt        *time.Time `json:"last_at"`
	LastCounted   *time.Time `json:"last_counted"`
	StatusSince   *time.Time `json:"status_since"`
	VerdictSince  time.Time  `json:"verdict_since"`
	StoppedAt     *time.Time `json:"stopped_at"`
	ResumedAt     *time.Time `json:"resumed_at"`
	IncidentStart *time.Time `json:"incident_start"`
	ObservedUntil *time.Time `json:"observed_until"`
	Run           string     `json:"run"`
	Buffer        string     `json:"buffer"`
}

func (r stateRow) json(buffer []byte) stateJSON {
	return stateJSON{
		MonitorID: r.MonitorID, Version: r.Version, Generation: r.Generation, State: r.State, Verdict: r.Verdict, Told: r.Told,
		EverUp: r.EverUp, BadStreak: r.BadStreak, GoodStreak: r.GoodStreak,
		LastLine: r.LastLine, LastReason: r.LastReason, LastRTTUS: r.LastRTTUS,
		LastAt: jsonTime(r.LastAt), LastCounted: jsonTime(r.LastCounted), StatusSince: jsonTime(r.StatusSince),
		VerdictSince: r.VerdictSince, StoppedAt: jsonTime(r.StoppedAt), ResumedAt: jsonTime(r.ResumedAt),
		IncidentStart: jsonTime(r.IncidentStart), ObservedUntil: jsonTime(r.ObservedUntil),
		Run: jsonBytea(r.Run), Buffer: jsonBytea(buffer),
	}
}

func jsonTime(t sql.NullTime) *time.Time {
	if !t.Valid {
		return nil
	}
	return &t.Time
}

func jsonBytea(b []byte) string { return `\x` + hex.EncodeToString(b) }

func execJSON(ctx context.Context, tx *sqlx.Tx, query string, rows any, args ...any) (sql.Result, error) {
	doc, err := json.Marshal(rows)
	if err != nil {
		return nil, err
	}
	return tx.ExecContext(ctx, query, append([]any{string(doc)}, args...)...)
}

// mustMeet turns an update that met fewer rows than it named into
// errStandingMoved.
func mustMeet(res sql.Result, err error, rows int) error {
	if err != nil {
		return fmt.Errorf("write standings: %w", err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return fmt.Errorf("write standings: %w", err)
	}
	if n != int64(rows) {
		return errStandingMoved
	}
	return nil
}

func wrap(act string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", act, err)
	}
	return nil
}

const (
	pinHistorySQL = `
insert into address_changes (target_id, since, address)
select distinct on (m.target_id, u.since) m.target_id, u.since, u.address
from jsonb_to_recordset($1::jsonb) as u (monitor_id bigint, since timestamptz, address inet)
join monitors m on m.id = u.monitor_id
order by m.target_id, u.since
on conflict do nothing`

	pinSQL = `
update targets t
set pinned = c.address, pinned_since = c.since
from (
    select distinct on (a.target_id) a.target_id, a.since, a.address
    from address_changes a
    where a.target_id in (
        select m.target_id
        from jsonb_to_recordset($1::jsonb) as u (monitor_id bigint)
        join monitors m on m.id = u.monitor_id)
    order by a.target_id, a.since desc
) c
where t.id = c.target_id and t.pinned_since is distinct from c.since`
)

// writePins records which address targets are watched on from now on.
func writePins(ctx context.Context, tx *sqlx.Tx, b *batch) error {
	if len(b.pins) == 0 {
		return nil
	}
	rows := make([]map[string]any, len(b.pins))
	for i, p := range b.pins {
		rows[i] = map[string]any{"monitor_id": p.MonitorID, "since": wholeMillis(p.AddrSince), "address": p.Addr}
	}
	for _, query := range []string{pinHistorySQL, pinSQL} {
		if _, err := execJSON(ctx, tx, query, rows); err != nil {
			return fmt.Errorf("write address changes: %w", err)
		}
	}
	return nil
}
