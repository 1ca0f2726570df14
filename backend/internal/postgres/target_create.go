package postgres

import (
	"context"
	"fmt"

	"github.com/lib/pq"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

const (
	insertTargetSQL = `
insert into targets (account_id, host, label, notes, created_at)
values ($1, $2, $3, $4, $5)
returning id`

	// Not created yet is told by created_at: no watch gap is written for it.
	insertMonitorsSQL = `
insert into monitors (account_id, target_id, service, port, created_at)
select $1, $2, u.service, u.port, $5
from unnest($3::text[], $4::integer[]) with ordinality as u (service, port, n)
order by u.n
returning id`

	insertStatesSQL = `
insert into monitor_states (monitor_id, generation, state, verdict, told, verdict_since)
select id, $2, $3, $4, $5, $6
from unnest($1::bigint[]) as u (id)`
)

// insertMonitors makes monitors of endpoints on a target, with the standing of
// new ones, and tells the watchman.
func insertMonitors(ctx context.Context, tx txn, account, target int64, endpoints []uptime.Endpoint) ([]int64, error) {
	names, ports := make([]string, len(endpoints)), make([]int64, len(endpoints))
	for i, e := range endpoints {
		names[i], ports[i] = e.Service.String(), int64(e.Port)
	}
	var ids []int64
	if err := tx.SelectContext(ctx, &ids, insertMonitorsSQL, account, target, pq.Array(names), pq.Array(ports), tx.now); err != nil {
		return nil, fmt.Errorf("insert monitors: %w", err)
	}
	s := uptime.NewStanding(tx.now)
	if _, err := tx.ExecContext(ctx, insertStatesSQL, pq.Array(ids), s.Generation, s.State, s.Verdict, s.Told, s.VerdictSince); err != nil {
		return nil, fmt.Errorf("insert standings: %w", err)
	}
	return ids, announce(ctx, tx, ids)
}
