package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"net/netip"

	"github.com/lib/pq"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// watchRow is what the watchman and the recorder must know of one monitor.
type watchRow struct {
	stateRow
	TargetID    int64          `db:"target_id"`
	Host        string         `db:"host"`
	Service     string         `db:"service"`
	Port        int32          `db:"port"`
	Pinned      sql.NullString `db:"pinned"`
	PinnedSince sql.NullTime   `db:"pinned_since"`
}

const watchColumns = `
select ` + stateColumns + `, s.buffer, m.target_id, m.service, m.port, t.host, host(t.pinned) as pinned, t.pinned_since
from monitor_states s
join monitors m on m.id = s.monitor_id
join targets t on t.id = m.target_id`

const loadSQL = watchColumns + `
where s.monitor_id > $1 and s.state = 1
order by s.monitor_id
limit $2`

const reloadSQL = watchColumns + `
where s.monitor_id = any($1::bigint[])`

// Load gives out active monitors with ids above after, in the order of their
// ids, and holds their standings from then on. Fewer than limit is the end.
func (r *Recorder) Load(ctx context.Context, after int64, limit int) ([]uptime.Assignment, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.load(ctx, loadSQL, after, limit)
}

// Reload gives out the named monitors as they are now, whatever their state;
// those that are gone are missing in the answer.
func (r *Recorder) Reload(ctx context.Context, ids []int64) ([]uptime.Assignment, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range ids {
		delete(r.held, id)
	}
	return r.load(ctx, reloadSQL, pq.Int64Array(ids))
}

const (
	activeSQL = `
select s.monitor_id, s.generation
from monitor_states s
where s.monitor_id >= $1 and s.monitor_id < $2 and s.state = 1`

	// The arithmetic is that of uptime.ActiveBlock.
	activeBlocksSQL = `
select s.monitor_id / $1 as block, count(*) as monitors, sum(s.monitor_id)::bigint as ids,
    sum(s.generation)::bigint as generations, sum(s.monitor_id % 1000003 * s.generation)::bigint as mixed
from monitor_states s
where s.state = 1
group by 1`
)

// ActiveBlocks sums up the active monitors by block (id / ActiveBlockIDs), for
// the watchman's comparison with what it knows. Blocks without any are left out.
func (r *Recorder) ActiveBlocks(ctx context.Context) (map[int64]uptime.ActiveBlock, error) {
	var rows []struct {
		Block int64 `db:"block"`
		uptime.ActiveBlock
	}
	if err := r.db.SelectContext(ctx, &rows, activeBlocksSQL, uptime.ActiveBlockIDs); err != nil {
		return nil, fmt.Errorf("sum up active monitors: %w", err)
	}
	blocks := make(map[int64]uptime.ActiveBlock, len(rows))
	for _, row := range rows {
		blocks[row.Block] = row.ActiveBlock
	}
	return blocks, nil
}

// Active gives the active monitors of one block with their generations.
func (r *Recorder) Active(ctx context.Context, block int64) ([]uptime.ActiveMonitor, error) {
	var rows []uptime.ActiveMonitor
	from := block * uptime.ActiveBlockIDs
	if err := r.db.SelectContext(ctx, &rows, activeSQL, from, from+uptime.ActiveBlockIDs); err != nil {
		return nil, fmt.Errorf("list active monitors: %w", err)
	}
	return rows, nil
}

func (r *Recorder) load(ctx context.Context, query string, args ...any) ([]uptime.Assignment, error) {
	rows, err := r.db.QueryxContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("load monitors: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var loaded []uptime.Assignment
	for rows.Next() {
		var row watchRow
		if err := rows.StructScan(&row); err != nil {
			return nil, fmt.Errorf("load monitors: %w", err)
		}
		a, err := r.hold(row)
		if err != nil {
			return nil, err
		}
		loaded = append(loaded, a)
	}
	return loaded, wrap("load monitors", rows.Err())
}

// hold remembers the standing of one monitor.
func (r *Recorder) hold(row watchRow) (uptime.Assignment, error) {
	h, err := newHeld(row.stateRow)
	if err != nil {
		return uptime.Assignment{}, err
	}
	r.held[row.MonitorID] = h
	service, err := uptime.ParseService(row.Service)
	if err != nil {
		return uptime.Assignment{}, fmt.Errorf("load monitor %d: %w", row.MonitorID, err)
	}
	a := uptime.Assignment{
		MonitorID: row.MonitorID, TargetID: row.TargetID, Host: row.Host, Service: service, Port: uint16(row.Port),
		State: h.standing.State, Generation: row.Generation, LastLine: h.standing.Last.Line, LastAt: h.standing.Last.At,
		ResumedAt: h.standing.ResumedAt, PinnedSince: timeOf(row.PinnedSince),
	}
	if row.Pinned.Valid {
		if a.Pinned, err = netip.ParseAddr(row.Pinned.String); err != nil {
			return uptime.Assignment{}, fmt.Errorf("load monitor %d: %w", row.MonitorID, err)
		}
	}
	return a, nil
}

func newHeld(row stateRow) (*held, error) {
	standing, err := row.standing()
	if err != nil {
		return nil, err
	}
	samples, err := uptime.UnpackSamples(row.Buffer)
	if err != nil {
		return nil, fmt.Errorf("buffer of monitor %d: %w", row.MonitorID, err)
	}
	return &held{version: row.Version, standing: standing, buffer: row.Buffer, samples: len(samples), keep: row.KeepWatching}, nil
}

// reloadHeld reads standings anew; monitors that are gone are forgotten.
func (r *Recorder) reloadHeld(ctx context.Context, ids []int64) error {
	rows, err := selectStandings(ctx, r.db, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		delete(r.held, id)
	}
	for _, row := range rows {
		if r.held[row.MonitorID], err = newHeld(row); err != nil {
			return err
		}
	}
	return nil
}
