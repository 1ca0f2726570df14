package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// packLock is the advisory lock under which a day becomes a packed day. Who
// writes chunks holds it shared, so that no chunk slips in behind the merge.
const packLock = 7_246_001

const (
	packSharedSQL = `select pg_advisory_xact_lock_shared($1)`

	// Runs after the lock is held: its snapshot sees every day packed before.
	chunkDaysSQL = `
select d.day, exists (select from packed_days p where p.day = d.day) as packed,
    to_regclass('sample_chunks' || to_char(d.day, '_YYYYMMDD')) is not null as open
from unnest($1::date[]) as d (day)`

	makePartitionsSQL = `select hinomi_make_partitions($1, $2)`

	insertChunksSQL = `
insert into sample_chunks (day, monitor_id, seq, frame)
select * from unnest($1::date[], $2::bigint[], $3::bigint[], $4::bytea[])
on conflict do nothing`
)

type chunkDay struct {
	Day    time.Time `db:"day"`
	Packed bool      `db:"packed"`
	Open   bool      `db:"open"` // has a partition for chunks
}

// writeChunks puts full buffers where readers look for them: in the day's
// chunks, or in its day row once the day is packed. What is older than the
// retention is discarded and counted.
func (r *Recorder) writeChunks(ctx context.Context, tx *sqlx.Tx, b *batch) error {
	if len(b.chunks) == 0 {
		return nil
	}
	if _, err := tx.ExecContext(ctx, packSharedSQL, packLock); err != nil {
		return fmt.Errorf("lock days: %w", err)
	}
	days, err := r.chunkDays(ctx, tx, b.chunks)
	if err != nil {
		return err
	}
	oldest := r.oldestDay()
	var fresh, late []chunk
	b.tooOld = 0
	for _, c := range b.chunks {
		switch {
		case c.day.Before(oldest):
			samples, err := uptime.UnpackSamples(c.frame)
			if err != nil {
				return err
			}
			b.tooOld += len(samples)
		case days[c.day.Unix()].Packed:
			late = append(late, c)
		default:
			fresh = append(fresh, c)
		}
	}
	if err := insertChunks(ctx, tx, fresh); err != nil {
		return err
	}
	for _, c := range late {
		if err := mergeLate(ctx, tx, c); err != nil {
			return err
		}
	}
	return nil
}

// oldestDay is the first UTC day that is still kept.
func (r *Recorder) oldestDay() time.Time {
	return dayOf(r.cfg.Now()).AddDate(0, 0, -r.cfg.RetentionDays)
}

// chunkDays looks the days up, and makes the partitions of a day that should
// have them and has none (a clock that jumped, a service that was off for days).
func (r *Recorder) chunkDays(ctx context.Context, tx *sqlx.Tx, chunks []chunk) (map[int64]chunkDay, error) {
	var wanted []time.Time
	for _, c := range chunks {
		if !slices.ContainsFunc(wanted, c.day.Equal) {
			wanted = append(wanted, c.day)
		}
	}
	var days []chunkDay
	if err := tx.SelectContext(ctx, &days, chunkDaysSQL, dateArray(wanted)); err != nil {
		return nil, fmt.Errorf("look up days: %w", err)
	}
	byDay := map[int64]chunkDay{}
	for _, d := range days {
		byDay[d.Day.UTC().Unix()] = d
		if d.Packed || d.Open || d.Day.Before(r.oldestDay()) {
			continue
		}
		if _, err := tx.ExecContext(ctx, makePartitionsSQL, d.Day, d.Day); err != nil {
			return nil, fmt.Errorf("make partitions: %w", err)
		}
	}
	return byDay, nil
}

func dateArray(days []time.Time) any {
	words := make([]string, len(days))
	for i, d := range days {
		words[i] = d.Format(time.DateOnly)
	}
	return pq.StringArray(words)
}

func insertChunks(ctx context.Context, tx *sqlx.Tx, chunks []chunk) error {
	if len(chunks) == 0 {
		return nil
	}
	days := make([]time.Time, len(chunks))
	ids, seqs := make([]int64, len(chunks)), make([]int64, len(chunks))
	frames := make([][]byte, len(chunks))
	for i, c := range chunks {
		days[i], ids[i], seqs[i], frames[i] = c.day, c.monitorID, c.seq, c.frame
	}
	_, err := tx.ExecContext(ctx, insertChunksSQL, dateArray(days), pq.Int64Array(ids), pq.Int64Array(seqs), pq.ByteaArray(frames))
	return wrap("insert chunks", err)
}

const (
	lockDayRowSQL = `select frame from sample_days where day = $1 and monitor_id = $2 for update`

	putDayRowSQL = `
insert into sample_days (day, monitor_id, through, frame) values ($1, $2, $3, $4)
on conflict (day, monitor_id) do update set through = excluded.through, frame = excluded.frame`
)

// mergeLate adds a chunk to the row of a day that is packed already. The
// transaction's progress row keeps it from happening twice.
func mergeLate(ctx context.Context, tx *sqlx.Tx, c chunk) error {
	var frames [][]byte
	if err := tx.SelectContext(ctx, &frames, lockDayRowSQL, c.day, c.monitorID); err != nil {
		return fmt.Errorf("read day row: %w", err)
	}
	merged, err := mergeFrames(append(frames, c.frame))
	if err != nil {
		return fmt.Errorf("merge day row of monitor %d: %w", c.monitorID, err)
	}
	_, err = tx.ExecContext(ctx, putDayRowSQL, c.day, c.monitorID, c.seq, merged)
	return wrap("write day row", err)
}

// mergeFrames makes one frame of several, in their order.
func mergeFrames(frames [][]byte) ([]byte, error) {
	var all []uptime.Sample
	for _, f := range frames {
		samples, err := uptime.UnpackSamples(f)
		if err != nil {
			return nil, err
		}
		all = append(all, samples...)
	}
	return uptime.PackSamples(all)
}
