package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// eventRow is one alert on its way into incidents, watch_gaps, alert_events and
// deliveries. Every write is keyed by (monitor, kind, at) or (monitor, since).
type eventRow struct {
	MonitorID int64            `json:"monitor_id"`
	Kind      uptime.AlertKind `json:"-"`
	KindCode  int16            `json:"kind"`
	At        time.Time        `json:"at"`
	Since     time.Time        `json:"since"`
	Streak    int32            `json:"streak"`
	NeverUp   bool             `json:"never_up"`
	Again     bool             `json:"again"`
	GapFrom   *time.Time       `json:"gap_from"`
	GapTo     *time.Time       `json:"gap_to"`
	EndedAt   *time.Time       `json:"ended_at"`
	Cause     int16            `json:"cause"`
	Lines     []int16          `json:"lines"`
	Evidence  string           `json:"evidence"`
}

const eventColumns = `jsonb_to_recordset($1::jsonb) as u (monitor_id bigint, kind smallint, at timestamptz,
    since timestamptz, streak integer, never_up boolean, again boolean, gap_from timestamptz, gap_to timestamptz,
    ended_at timestamptz, cause smallint, lines smallint[], evidence bytea)`

// The statements run in this order; kind 1 is an anomaly, 2 a recovery, 3 a stop.
var _ = [3]uptime.AlertKind{uptime.Anomaly, uptime.Recovery, uptime.StoppedAlert}

const (
	openIncidentsSQL = `
insert into incidents (account_id, monitor_id, started_at, confirmed_at, cause, lines)
select m.account_id, m.id, u.since, u.at, u.cause, u.lines
from ` + eventColumns + `
join monitors m on m.id = u.monitor_id
where u.kind = 1 and not u.again
on conflict (monitor_id, started_at) do nothing`

	moveIncidentsSQL = `
update incidents i
set observed_until = case u.kind when 1 then null when 2 then u.gap_from else u.at end,
    ended_at = case u.kind when 2 then u.ended_at end
from ` + eventColumns + `
where i.monitor_id = u.monitor_id and i.started_at = u.since`

	openGapsSQL = `
insert into watch_gaps (monitor_id, from_at, state)
select u.monitor_id, u.at, 3
from ` + eventColumns + `
where u.kind = 3
on conflict do nothing`

	alertEventsSQL = `
insert into alert_events (account_id, monitor_id, incident_id, kind, at, since, streak, never_up, again,
    gap_from, gap_to, evidence, created_at)
select i.account_id, i.monitor_id, i.id, u.kind, u.at, u.since, u.streak, u.never_up, u.again,
    u.gap_from, u.gap_to, u.evidence, $2
from ` + eventColumns + `
join incidents i on i.monitor_id = u.monitor_id and i.started_at = u.since
on conflict (monitor_id, kind, at) do nothing`

	deliveriesSQL = `
insert into deliveries (account_id, event_id, contact_id, created_at)
select e.account_id, e.id, c.id, $2
from ` + eventColumns + `
join alert_events e on e.monitor_id = u.monitor_id and e.kind = u.kind and e.at = u.at
join monitors m on m.id = e.monitor_id
join contacts c on c.account_id = e.account_id and ` + reachedSQL + `
where ` + hearsSQL + `
on conflict (event_id, contact_id) do nothing`

	// Whether the contact c is told of the monitor m: it is one of those whom the
	// target names, or none of those gets mails, so that somebody hears of it.
	hearsSQL = `(exists (select from target_contacts tc where tc.target_id = m.target_id and tc.contact_id = c.id)
    or not exists (
        select from target_contacts tc
        join contacts c on c.id = tc.contact_id and ` + reachedSQL + `
        where tc.target_id = m.target_id))`
)

// writeEvents writes what the batch owes to people, in the same transaction as
// the change that owes it.
func (r *Recorder) writeEvents(ctx context.Context, tx *sqlx.Tx, b *batch) error {
	if len(b.events) == 0 {
		return nil
	}
	rows := make([]eventRow, len(b.events))
	for i, e := range b.events {
		var err error
		if rows[i], err = newEventRow(e); err != nil {
			return err
		}
	}
	now := wholeMillis(r.cfg.Now())
	for _, query := range []string{openIncidentsSQL, moveIncidentsSQL, openGapsSQL} {
		if _, err := execJSON(ctx, tx, query, rows); err != nil {
			return fmt.Errorf("write incidents: %w", err)
		}
	}
	for _, query := range []string{alertEventsSQL, deliveriesSQL} {
		if _, err := execJSON(ctx, tx, query, rows, now); err != nil {
			return fmt.Errorf("write alerts: %w", err)
		}
	}
	return nil
}

func newEventRow(e batchEvent) (eventRow, error) {
	evidence, err := uptime.PackSamples(e.Evidence)
	if err != nil {
		return eventRow{}, fmt.Errorf("pack evidence of monitor %d: %w", e.monitorID, err)
	}
	row := eventRow{
		MonitorID: e.monitorID, KindCode: int16(e.Kind), At: wholeMillis(e.At), Since: wholeMillis(e.Since),
		Streak: e.Streak, NeverUp: e.NeverUp, Again: e.Again,
		GapFrom: jsonTime(nullTime(e.GapFrom)), GapTo: jsonTime(nullTime(e.GapTo)),
		Cause: int16(e.Evidence[0].Reason), Evidence: jsonBytea(evidence),
	}
	if e.Kind == uptime.Recovery {
		row.EndedAt = jsonTime(nullTime(e.Evidence[0].At))
	}
	for _, line := range e.ConfirmedBy() {
		row.Lines = append(row.Lines, int16(line))
	}
	return row, nil
}
