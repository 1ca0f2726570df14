package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/lib/pq"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// incidentRow is an incident with the words of its monitor.
type incidentRow struct {
	ID            int64         `db:"id"`
	MonitorID     int64         `db:"monitor_id"`
	Host          string        `db:"host"`
	Label         string        `db:"label"`
	Service       string        `db:"service"`
	StartedAt     time.Time     `db:"started_at"`
	ConfirmedAt   time.Time     `db:"confirmed_at"`
	EndedAt       sql.NullTime  `db:"ended_at"`
	ObservedUntil sql.NullTime  `db:"observed_until"`
	Cause         int16         `db:"cause"`
	Lines         pq.Int64Array `db:"lines"`
	MailedAt      sql.NullTime  `db:"mailed_at"`
}

// selectIncidents reads incidentRows; conditions and order follow. The time of
// the first mail is looked up for the rows that are given out only.
const selectIncidents = `
select i.id, i.monitor_id, t.host, coalesce(nullif(m.label, ''), t.label) as label, m.service, i.started_at,
	i.confirmed_at, i.ended_at, i.observed_until, i.cause, i.lines,
	least(i.mailed_at, (select min(mail.sent_at)
		from alert_events e
		join deliveries d on d.event_id = e.id
		join mails mail on mail.id = d.mail_id
		where e.incident_id = i.id)) as mailed_at
from incidents i
join monitors m on m.id = i.monitor_id
join targets t on t.id = m.target_id`

func (r incidentRow) incident() (uptime.Incident, error) {
	service, err := uptime.ParseService(r.Service)
	if err != nil {
		return uptime.Incident{}, fmt.Errorf("incident %d: %w", r.ID, err)
	}
	return uptime.Incident{
		ID: r.ID, MonitorID: r.MonitorID, Host: r.Host, Label: r.Label, Service: service,
		StartedAt: r.StartedAt.UTC(), ConfirmedAt: r.ConfirmedAt.UTC(), EndedAt: timeOf(r.EndedAt),
		ObservedUntil: timeOf(r.ObservedUntil), Cause: uptime.Reason(r.Cause), Lines: lineIDs(r.Lines),
		MailedAt: timeOf(r.MailedAt),
	}, nil
}

func incidentsOf(rows []incidentRow) ([]uptime.Incident, error) {
	incidents := make([]uptime.Incident, len(rows))
	for i, r := range rows {
		var err error
		if incidents[i], err = r.incident(); err != nil {
			return nil, err
		}
	}
	return incidents, nil
}

const incidentsSQL = selectIncidents + `
where i.account_id = $1
	and ($2::bigint = 0 or i.monitor_id = $2)
	and ($3::timestamptz is null or i.ended_at is null or i.ended_at > $3)
	and ($4::timestamptz is null or i.started_at < $4)
	and ($5::boolean is null or (i.ended_at is null) = $5)
	and ($6::timestamptz is null or (i.started_at, i.id) < ($6, $7::bigint))
order by i.started_at desc, i.id desc
limit $8`

// Incidents lists those that overlap the filter's span, newest first.
func (db *DB) Incidents(ctx context.Context, accountID int64, f uptime.IncidentFilter) ([]uptime.Incident, error) {
	if f.MonitorID != 0 {
		var created time.Time
		if err := db.as(accountID).get(ctx, "list incidents", &created, ask(createdSQL, accountID, f.MonitorID)); err != nil {
			return nil, err
		}
	}
	var rows []incidentRow
	q := ask(incidentsSQL, accountID, f.MonitorID, nullTime(f.From), nullTime(f.To), f.Open, nullTime(f.AfterStart), f.AfterID, f.Limit)
	if err := db.as(accountID).list(ctx, "list incidents", &rows, q); err != nil {
		return nil, err
	}
	incidents, err := incidentsOf(rows)
	return incidents, fault("list incidents", err)
}
