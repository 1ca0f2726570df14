package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// NightlyStep names what the nightly job has just done, for those who watch it.
type NightlyStep int

// The steps of the nightly job, in order. Each is a transaction of its own and
// the job may be killed after any of them.
const (
	FlushedSlice   NightlyStep = iota + 1 // some buffers of finished days became chunks
	MergedSlice                           // some monitors' chunks became day rows
	MarkedDay                             // the day is read from its day rows
	DroppedChunks                         // its chunks are gone
	DroppedOldDays                        // what is beyond retention is gone
)

// nightlySlice bounds the monitors of one slice, and so its transaction.
const nightlySlice = 5000

// Nightly packs every finished UTC day that is not packed yet and drops what is
// beyond retention. It may be called at any time and be interrupted anywhere;
// step, if given, is told of every step.
func (r *Recorder) Nightly(ctx context.Context, step func(NightlyStep)) error {
	if step == nil {
		step = func(NightlyStep) {}
	}
	today := dayOf(r.cfg.Now())
	if _, err := r.db.ExecContext(ctx, makePartitionsSQL, today, today.AddDate(0, 0, 2)); err != nil {
		return fmt.Errorf("make partitions: %w", err)
	}
	if !r.flushed.Equal(today) {
		if err := r.flushFinished(ctx, today, step); err != nil {
			return err
		}
		r.flushed = today
	}
	days, err := r.chunkPartitions(ctx)
	if err != nil {
		return err
	}
	for _, day := range days {
		if !day.Before(today) {
			continue
		}
		if day.Before(r.oldestDay()) {
			if err := r.dropPartition(ctx, "sample_chunks", day); err != nil {
				return err
			}
			continue
		}
		if err := r.packDay(ctx, day, step); err != nil {
			return fmt.Errorf("pack day %s: %w", day.Format(time.DateOnly), err)
		}
	}
	if err := r.dropOldDays(ctx); err != nil {
		return err
	}
	step(DroppedOldDays)
	return nil
}

const finishedBuffersSQL = `
select s.monitor_id
from monitor_states s
where s.monitor_id > $1 and s.last_at < $2 and s.buffer <> ''
order by s.monitor_id
limit $3`

// flushFinished turns the buffers that hold samples of finished days into
// chunks; those of paused monitors would wait for ever.
func (r *Recorder) flushFinished(ctx context.Context, today time.Time, step func(NightlyStep)) error {
	for after := int64(0); ; {
		var ids []int64
		if err := r.db.SelectContext(ctx, &ids, finishedBuffersSQL, after, today, nightlySlice); err != nil {
			return fmt.Errorf("find finished buffers: %w", err)
		}
		if len(ids) == 0 {
			return nil
		}
		if err := r.flushSlice(ctx, ids, today); err != nil {
			return err
		}
		after = ids[len(ids)-1]
		step(FlushedSlice)
	}
}

const emptyBuffersSQL = `
update monitor_states s
set version = u.version + 1, buffer = ''
from unnest($1::bigint[], $2::bigint[]) as u (id, version)
where s.monitor_id = u.id and s.version = u.version`

func (r *Recorder) flushSlice(ctx context.Context, ids []int64, today time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	tx, err := r.db.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("flush buffers: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	rows, err := selectStandings(ctx, tx, ids)
	if err != nil {
		return err
	}
	var b batch
	var flushed, versions []int64
	for _, row := range rows {
		if len(row.Buffer) == 0 || !row.LastAt.Time.Before(today) {
			continue
		}
		flushed, versions = append(flushed, row.MonitorID), append(versions, row.Version)
		b.chunks = append(b.chunks, chunk{day: dayOf(row.LastAt.Time), monitorID: row.MonitorID, seq: row.Version + 1, frame: row.Buffer})
	}
	res, err := tx.ExecContext(ctx, emptyBuffersSQL, pq.Int64Array(flushed), pq.Int64Array(versions))
	if err := mustMeet(res, err, len(flushed)); err != nil {
		return err
	}
	if err := r.writeChunks(ctx, tx, &b); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("flush buffers: %w", err)
	}
	r.counters.TooOld.Add(int64(b.tooOld))
	return r.reloadHeld(ctx, r.heldOf(flushed))
}

// heldOf keeps the ids that are held: the others are not watched here.
func (r *Recorder) heldOf(ids []int64) []int64 {
	var known []int64
	for _, id := range ids {
		if r.held[id] != nil {
			known = append(known, id)
		}
	}
	return known
}

const chunkPartitionsSQL = `
select to_date(right(c.relname, 8), 'YYYYMMDD')
from pg_inherits i
join pg_class c on c.oid = i.inhrelid
where i.inhparent = 'sample_chunks'::regclass
order by 1`

func (r *Recorder) chunkPartitions(ctx context.Context) ([]time.Time, error) {
	var days []time.Time
	if err := r.db.SelectContext(ctx, &days, chunkPartitionsSQL); err != nil {
		return nil, fmt.Errorf("list days: %w", err)
	}
	for i := range days {
		days[i] = days[i].UTC()
	}
	return days, nil
}

// packDay merges a finished day's chunks into day rows, then lets readers look
// there, then drops the chunks.
func (r *Recorder) packDay(ctx context.Context, day time.Time, step func(NightlyStep)) error {
	for after := int64(0); ; {
		last, err := mergeSlice(ctx, r.db, day, after)
		if err != nil {
			return err
		}
		if last == 0 {
			break
		}
		after = last
		step(MergedSlice)
	}
	if err := r.markPacked(ctx, day); err != nil {
		return err
	}
	step(MarkedDay)
	if err := r.dropPartition(ctx, "sample_chunks", day); err != nil {
		return err
	}
	step(DroppedChunks)
	return nil
}

const (
	// The monitors of a slice that have chunks which are in no day row yet.
	unmergedSQL = `
select c.monitor_id, max(c.seq) as through
from sample_chunks c
left join sample_days d on d.day = c.day and d.monitor_id = c.monitor_id
where c.day = $1 and c.monitor_id > $2 and c.seq > coalesce(d.through, 0)
group by c.monitor_id
order by c.monitor_id
limit $3`

	chunksOfSQL = `
select c.monitor_id, c.frame
from sample_chunks c
where c.day = $1 and c.monitor_id = any($2::bigint[])
order by c.monitor_id, c.seq`

	putDayRowsSQL = `
insert into sample_days (day, monitor_id, through, frame)
select $1, * from unnest($2::bigint[], $3::bigint[], $4::bytea[])
on conflict (day, monitor_id) do update set through = excluded.through, frame = excluded.frame`
)

// mergeSlice makes day rows of the chunks of some monitors with ids above
// after. It returns the last id, or 0 when there was nothing left to do. A row
// is always made of all chunks, so that repeating it changes nothing.
func mergeSlice(ctx context.Context, q sqlx.ExtContext, day time.Time, after int64) (last int64, err error) {
	var todo []struct {
		MonitorID int64 `db:"monitor_id"`
		Through   int64 `db:"through"`
	}
	if err := sqlx.SelectContext(ctx, q, &todo, unmergedSQL, day, after, nightlySlice); err != nil || len(todo) == 0 {
		return 0, wrap("find chunks", err)
	}
	ids := make([]int64, len(todo))
	throughs := make([]int64, len(todo))
	for i, m := range todo {
		ids[i], throughs[i] = m.MonitorID, m.Through
	}
	frames, err := dayFrames(ctx, q, day, ids)
	if err != nil {
		return 0, err
	}
	_, err = q.ExecContext(ctx, putDayRowsSQL, day, pq.Int64Array(ids), pq.Int64Array(throughs), pq.ByteaArray(frames))
	return ids[len(ids)-1], wrap("write day rows", err)
}

// dayFrames merges the chunks of each monitor, in the order of ids.
func dayFrames(ctx context.Context, q sqlx.QueryerContext, day time.Time, ids []int64) ([][]byte, error) {
	var rows []struct {
		MonitorID int64  `db:"monitor_id"`
		Frame     []byte `db:"frame"`
	}
	if err := sqlx.SelectContext(ctx, q, &rows, chunksOfSQL, day, pq.Int64Array(ids)); err != nil {
		return nil, fmt.Errorf("read chunks: %w", err)
	}
	byMonitor := map[int64][][]byte{}
	for _, row := range rows {
		byMonitor[row.MonitorID] = append(byMonitor[row.MonitorID], row.Frame)
	}
	frames := make([][]byte, len(ids))
	for i, id := range ids {
		var err error
		if frames[i], err = mergeFrames(byMonitor[id]); err != nil {
			return nil, fmt.Errorf("merge chunks of monitor %d: %w", id, err)
		}
	}
	return frames, nil
}

const (
	packExclusiveSQL = `select pg_advisory_xact_lock($1)`
	markPackedSQL    = `insert into packed_days (day, packed_at) values ($1, $2) on conflict do nothing`
)

// markPacked makes readers look at the day rows. While it holds the lock nobody
// writes chunks, so those that came after the merge are merged here.
func (r *Recorder) markPacked(ctx context.Context, day time.Time) error {
	tx, err := r.db.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, packExclusiveSQL, packLock); err != nil {
		return fmt.Errorf("lock days: %w", err)
	}
	for after, last := int64(0), int64(-1); last != 0; after = last {
		if last, err = mergeSlice(ctx, tx, day, after); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, markPackedSQL, day, r.cfg.Now()); err != nil {
		return fmt.Errorf("mark day: %w", err)
	}
	return tx.Commit()
}

// dropPartition waits only a moment for readers, since others queue up behind
// it: the next run tries again.
func (r *Recorder) dropPartition(ctx context.Context, table string, day time.Time) error {
	tx, err := r.db.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, `set local lock_timeout = '200ms'`); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `select hinomi_drop_partition($1, $2)`, table, day); err != nil {
		return fmt.Errorf("drop %s of %s: %w", table, day.Format(time.DateOnly), err)
	}
	return tx.Commit()
}

const (
	oldDaysSQL = `
select to_date(right(c.relname, 8), 'YYYYMMDD')
from pg_inherits i
join pg_class c on c.oid = i.inhrelid
where i.inhparent = 'sample_days'::regclass and to_date(right(c.relname, 8), 'YYYYMMDD') < $1`

	forgetOldDaysSQL = `delete from packed_days where day < $1`
)

func (r *Recorder) dropOldDays(ctx context.Context) error {
	oldest := r.oldestDay()
	var days []time.Time
	if err := r.db.SelectContext(ctx, &days, oldDaysSQL, oldest); err != nil {
		return fmt.Errorf("list old days: %w", err)
	}
	for _, day := range days {
		if err := r.dropPartition(ctx, "sample_days", day); err != nil {
			return err
		}
	}
	_, err := r.db.ExecContext(ctx, forgetOldDaysSQL, oldest)
	return wrap("forget old days", err)
}
