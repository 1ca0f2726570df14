package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

const (
	// Rows are locked in one order, so that two bulk changes cannot deadlock.
	lockStandingsSQL = `
select ` + stateColumns + `
from monitor_states s
join monitors m on m.id = s.monitor_id
where m.account_id = $1 and m.id = any($2::bigint[])
order by s.monitor_id
for update of s`

	// A watched monitor's buffer is the recorder's: it is not touched.
	writeStandingsSQL = `
update monitor_states s
set version = s.version + 1, generation = u.generation, state = u.state, verdict = u.verdict,
    bad_streak = u.bad_streak, good_streak = u.good_streak, last_counted = u.last_counted,
    verdict_since = u.verdict_since, stopped_at = u.stopped_at, resumed_at = u.resumed_at,
    observed_until = u.observed_until, run = u.run
from jsonb_populate_recordset(null::monitor_states, $1::jsonb) u
where s.monitor_id = u.monitor_id and s.version = u.version`

	closeGapsSQL = `
update watch_gaps
set to_at = greatest(from_at, $2)
where monitor_id = any($1::bigint[]) and to_at is null`

	openPauseSQL = `
insert into watch_gaps (monitor_id, from_at, state)
select id, $2, $3
from unnest($1::bigint[]) as u (id)
on conflict (monitor_id, from_at) do update set to_at = null, state = excluded.state`

	leaveIncidentsSQL = `
update incidents i
set observed_until = s.observed_until
from monitor_states s
where s.monitor_id = any($1::bigint[]) and i.monitor_id = s.monitor_id and i.started_at = s.incident_start
    and i.ended_at is null and i.observed_until is null`
)

// change is uptime.Standing.Pause, Resume or Stop.
type change func(uptime.Standing, time.Time) (uptime.Standing, bool)

// changeStandings makes a change to those of the account's monitors that it
// concerns; the others are left as they are. It returns the changed ones.
func changeStandings(ctx context.Context, tx txn, account int64, ids []int64, f change) ([]int64, error) {
	shut, err := shutAccount(ctx, tx, account) // first: an operator who shuts it out locks in this order
	if err != nil {
		return nil, err
	}
	var rows []stateRow
	if err := tx.SelectContext(ctx, &rows, lockStandingsSQL, account, pq.Array(ids)); err != nil {
		return nil, fmt.Errorf("lock standings: %w", err)
	}
	var changed []int64
	var written []stateJSON
	var to uptime.State
	for _, row := range rows {
		before, err := row.standing()
		if err != nil {
			return nil, err
		}
		after, ok := f(before, tx.now)
		if !ok || shut && after.State == uptime.Active {
			continue
		}
		to = after.State
		next, err := newStateRow(row.MonitorID, row.Version, after)
		if err != nil {
			return nil, err
		}
		changed = append(changed, row.MonitorID)
		written = append(written, next.json(nil))
	}
	if len(changed) == 0 {
		return nil, nil
	}
	if _, err := execJSON(ctx, tx.Tx, writeStandingsSQL, written); err != nil {
		return nil, fmt.Errorf("write standings: %w", err)
	}
	if err := moveGaps(ctx, tx, changed, to); err != nil {
		return nil, err
	}
	return changed, announce(ctx, tx, changed)
}

const shutAccountSQL = `select disabled_at is not null from accounts where id = $1 for share`

// shutAccount tells whether an operator has shut the account out, and keeps it
// as it is until the transaction ends.
func shutAccount(ctx context.Context, tx txn, account int64) (bool, error) {
	var shut []bool // none if the account is gone
	if err := tx.SelectContext(ctx, &shut, shutAccountSQL, account); err != nil {
		return false, fmt.Errorf("lock account: %w", err)
	}
	return len(shut) > 0 && shut[0], nil
}

// moveGaps opens or closes the stretch in which monitors are not watched.
func moveGaps(ctx context.Context, tx txn, ids []int64, to uptime.State) error {
	if to == uptime.Active {
		_, err := tx.ExecContext(ctx, closeGapsSQL, pq.Array(ids), tx.now)
		return wrap("close watch gaps", err)
	}
	if _, err := tx.ExecContext(ctx, openPauseSQL, pq.Array(ids), tx.now, to); err != nil {
		return fmt.Errorf("open watch gaps: %w", err)
	}
	_, err := tx.ExecContext(ctx, leaveIncidentsSQL, pq.Array(ids))
	return wrap("leave incidents", err)
}
