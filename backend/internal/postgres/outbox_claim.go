package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/lib/pq"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// mailRow is a mail that was claimed, with what its words depend on.
type mailRow struct {
	ID        int64     `db:"id"`
	Kind      string    `db:"kind"`
	AccountID int64     `db:"account_id"`
	ContactID int64     `db:"contact_id"`
	Email     string    `db:"email"`
	Locale    string    `db:"locale"`
	Zone      string    `db:"time_zone"`
	ShortForm bool      `db:"short_form"`
	Token     string    `db:"token"`
	Attempt   int       `db:"attempts"`
	CreatedAt time.Time `db:"created_at"`
	Params    []byte    `db:"params"`

	NewAddress string `db:"new_address"`
}

func (r mailRow) mail() uptime.Mail {
	return uptime.Mail{
		ID: r.ID, Attempt: r.Attempt, Kind: uptime.MailKind(r.Kind), AccountID: r.AccountID, ContactID: r.ContactID, To: r.Email,
		Locale: r.Locale, Zone: r.Zone, ShortForm: r.ShortForm, Token: r.Token, CreatedAt: r.CreatedAt.UTC(),
		NewAddress: r.NewAddress,
	}
}

const (
	// A claim is a lease and an attempt: what is reported later names the
	// attempt, so that a sender whose lease ran out cannot put off what another
	// one does. Mails of one contact keep their order: only one of them is
	// unfinished.
	claimMailsSQL = `
with due as (
	select id
	from mails
	where sent_at is null and failed_at is null and next_try_at <= $1 and (lease_until is null or lease_until <= $1)
	order by next_try_at, id
	limit $3
	for update skip locked)
update mails m
set lease_until = $2, attempts = m.attempts + 1
from due, accounts a
where m.id = due.id and a.id = m.account_id
returning m.id, m.kind, m.account_id, coalesce(m.contact_id, 0) as contact_id, m.email, m.locale, a.time_zone, m.token, m.attempts, m.created_at, m.params,
	coalesce(m.params->>'new_address', '') as new_address,
	coalesce((select c.short_form from contacts c where c.id = m.contact_id), false) as short_form`

	alertsOfMailsSQL = `
select d.mail_id, e.id, e.incident_id, e.monitor_id, m.target_id, t.host,
	coalesce(nullif(m.label, ''), t.label) as label, m.service, m.port, e.kind, e.at, e.since, e.streak,
	e.never_up, e.again, e.gap_from, e.gap_to, e.evidence, s.keep_watching
from deliveries d
join alert_events e on e.id = d.event_id
join monitors m on m.id = e.monitor_id
join targets t on t.id = m.target_id
join monitor_states s on s.monitor_id = m.id
where d.mail_id = any($1::bigint[])
order by d.mail_id, e.at, e.id`
)

// ClaimMails takes at most limit due mails for a lease: until it is over nobody
// else gets them. Each counts as an attempt.
func (db *DB) ClaimMails(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]uptime.Mail, error) {
	var mails []uptime.Mail
	// In a transaction, because database/sql may repeat a lone statement when a
	// connection breaks: what the first claimed would then wait for its lease.
	err := db.inTx(ctx, "claim mails", func(tx txn) error {
		var rows []mailRow
		err := tx.SelectContext(ctx, &rows, claimMailsSQL, wholeMillis(now), wholeMillis(now.Add(lease)), limit)
		if err != nil || len(rows) == 0 {
			return err
		}
		mails = make([]uptime.Mail, len(rows))
		for i, r := range rows {
			mails[i] = r.mail()
		}
		if err := readNotices(ctx, tx, rows, mails); err != nil {
			return err
		}
		return readAlerts(ctx, tx, mails)
	})
	return mails, err
}

const releaseMailsSQL = `update mails set lease_until = null where lease_until is not null`

// ReleaseMails ends the leases that a killed run has left, so that its mails
// need not wait for their end. Only for the one sender of an installation, when
// it starts; a mail whose 250 was not recorded goes out again under its own
// Message-ID.
func (db *DB) ReleaseMails(ctx context.Context) error {
	return db.inTx(ctx, "release mails", func(tx txn) error {
		_, err := tx.ExecContext(ctx, releaseMailsSQL)
		return err
	})
}

// alertRow is an alert of a mail.
type alertRow struct {
	MailID     int64        `db:"mail_id"`
	ID         int64        `db:"id"`
	IncidentID int64        `db:"incident_id"`
	MonitorID  int64        `db:"monitor_id"`
	TargetID   int64        `db:"target_id"`
	Host       string       `db:"host"`
	Label      string       `db:"label"`
	Service    string       `db:"service"`
	Port       int32        `db:"port"`
	Kind       int16        `db:"kind"`
	At         time.Time    `db:"at"`
	Since      time.Time    `db:"since"`
	Streak     int32        `db:"streak"`
	NeverUp    bool         `db:"never_up"`
	Again      bool         `db:"again"`
	GapFrom    sql.NullTime `db:"gap_from"`
	GapTo      sql.NullTime `db:"gap_to"`
	Evidence   []byte       `db:"evidence"`

	KeepWatching bool `db:"keep_watching"`
}

func (r alertRow) alert() (uptime.Alert, error) {
	service, err := uptime.ParseService(r.Service)
	if err != nil {
		return uptime.Alert{}, fmt.Errorf("alert %d: %w", r.ID, err)
	}
	evidence, err := uptime.UnpackSamples(r.Evidence)
	if err != nil {
		return uptime.Alert{}, fmt.Errorf("evidence of alert %d: %w", r.ID, err)
	}
	return uptime.Alert{
		Event: uptime.Event{
			Kind: uptime.AlertKind(r.Kind), At: r.At.UTC(), Since: r.Since.UTC(), Evidence: evidence, Streak: r.Streak,
			NeverUp: r.NeverUp, Again: r.Again, GapFrom: timeOf(r.GapFrom), GapTo: timeOf(r.GapTo),
		},
		ID: r.ID, IncidentID: r.IncidentID, MonitorID: r.MonitorID, TargetID: r.TargetID,
		Host: r.Host, Label: r.Label, Service: service, Port: uint16(r.Port), KeepWatching: r.KeepWatching,
	}, nil
}

// readAlerts puts the alerts into their mails.
func readAlerts(ctx context.Context, tx txn, mails []uptime.Mail) error {
	ids, at := make([]int64, len(mails)), make(map[int64]*uptime.Mail, len(mails))
	for i := range mails {
		ids[i], at[mails[i].ID] = mails[i].ID, &mails[i]
	}
	var rows []alertRow
	if err := tx.SelectContext(ctx, &rows, alertsOfMailsSQL, pq.Array(ids)); err != nil {
		return fmt.Errorf("read alerts: %w", err)
	}
	for _, r := range rows {
		alert, err := r.alert()
		if err != nil {
			return err
		}
		at[r.MailID].Alerts = append(at[r.MailID].Alerts, alert)
	}
	return nil
}
