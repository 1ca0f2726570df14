package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/lib/pq"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// In these statements state 1 is active, 2 paused, 3 stopped; verdict 1 is
// pending, 2 up, 3 down.
const (
	countsSQL = `
select count(*) filter (where s.state = 1 and s.verdict = 2) as up,
	count(*) filter (where s.state = 1 and s.verdict = 3) as down,
	count(*) filter (where s.state = 1 and s.verdict = 1) as pending,
	count(*) filter (where s.state = 3) as stopped,
	count(*) filter (where s.state = 2) as paused,
	max(s.last_at) as checked_at,
	(select count(*) from contacts c where c.account_id = $1 and ` + reachedSQL + `) as verified_contacts
from monitors m
join monitor_states s on s.monitor_id = m.id
where m.account_id = $1`

	problemsSQL = `
select m.id as monitor_id, m.target_id, t.host, coalesce(nullif(m.label, ''), t.label) as label, m.service, m.port,
	s.state, s.verdict, coalesce(s.incident_start, s.stopped_at, s.verdict_since) as since, s.last_reason as reason,
	coalesce(i.lines, '{}') as lines
from monitors m
join targets t on t.id = m.target_id
join monitor_states s on s.monitor_id = m.id
left join incidents i on i.monitor_id = m.id and i.started_at = s.incident_start
where m.account_id = $1 and (s.state = 3 or s.state = 1 and s.verdict = 3)
order by s.state, since desc, m.id desc
limit $2`
)

type countsRow struct {
	Up, Down, Pending, Stopped, Paused int
	CheckedAt                          sql.NullTime `db:"checked_at"`
	VerifiedContacts                   int          `db:"verified_contacts"`
}

type problemRow struct {
	MonitorID int64         `db:"monitor_id"`
	TargetID  int64         `db:"target_id"`
	Host      string        `db:"host"`
	Label     string        `db:"label"`
	Service   string        `db:"service"`
	Port      int32         `db:"port"`
	State     int16         `db:"state"`
	Verdict   int16         `db:"verdict"`
	Since     time.Time     `db:"since"`
	Reason    int16         `db:"reason"`
	Lines     pq.Int64Array `db:"lines"`
}

// Summary is the one look at an account's monitors, all of one moment, with at
// most problems of its problems.
func (db *DB) Summary(ctx context.Context, accountID int64, problems int) (uptime.Summary, error) {
	var s uptime.Summary
	err := db.as(accountID).inSnapshot(ctx, "summarize", func(tx txn) error {
		var c countsRow
		if err := tx.GetContext(ctx, &c, countsSQL, accountID); err != nil {
			return err
		}
		s.Counts = uptime.Counts{Up: c.Up, Down: c.Down, Pending: c.Pending, Stopped: c.Stopped, Paused: c.Paused}
		s.CheckedAt, s.VerifiedContacts = timeOf(c.CheckedAt), c.VerifiedContacts
		if c.Down+c.Stopped == 0 {
			return nil
		}
		var rows []problemRow
		if err := tx.SelectContext(ctx, &rows, problemsSQL, accountID, problems); err != nil {
			return err
		}
		for _, r := range rows {
			p, err := r.problem()
			if err != nil {
				return err
			}
			s.Problems = append(s.Problems, p)
		}
		return nil
	})
	return s, err
}

func (r problemRow) problem() (uptime.Problem, error) {
	service, err := uptime.ParseService(r.Service)
	if err != nil {
		return uptime.Problem{}, fmt.Errorf("monitor %d: %w", r.MonitorID, err)
	}
	return uptime.Problem{
		MonitorID: r.MonitorID, TargetID: r.TargetID, Host: r.Host, Label: r.Label, Service: service, Port: uint16(r.Port),
		State: uptime.State(r.State), Verdict: uptime.Verdict(r.Verdict), Since: r.Since.UTC(),
		Reason: uptime.Reason(r.Reason), Lines: lineIDs(r.Lines),
	}, nil
}

func lineIDs(stored pq.Int64Array) []uptime.LineID {
	ids := make([]uptime.LineID, len(stored))
	for i, id := range stored {
		ids[i] = uptime.LineID(id)
	}
	return ids
}
