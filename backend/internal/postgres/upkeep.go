package postgres

import (
	"context"
	"time"
)

const (
	forgetTokensSQL = `
delete from tokens
where hash in (select hash from tokens where expires_at < $1 order by expires_at limit $2)`

	forgetMailedSQL = `
delete from mailed_addresses
where (address, about) in (select address, about from mailed_addresses where mailed[cardinality(mailed)] <= $1 limit $2)`

	forgetSessionsSQL = `
delete from sessions
where id in (select id from sessions where expires_at < $1 or ended_at < $1 limit $2)`

	// Incidents outlive their mails and tell when the first was sent.
	forgetMailsSQL = `
with over as (
    select id, sent_at
    from mails
    where (sent_at is not null or failed_at is not null) and coalesce(sent_at, failed_at) < $1
    order by coalesce(sent_at, failed_at)
    limit $2),
told as (
    select e.incident_id, min(over.sent_at) as at
    from over
    join deliveries d on d.mail_id = over.id
    join alert_events e on e.id = d.event_id
    group by e.incident_id),
kept as (
    update incidents i
    set mailed_at = least(i.mailed_at, told.at)
    from told
    where i.id = told.incident_id)
delete from mails m
using over
where m.id = over.id`
)

// mailMemory is how long a mail that was sent or given up is remembered.
const mailMemory = 30 * 24 * time.Hour

// upkeepSlice bounds the rows of one statement.
const upkeepSlice = 1000

// sessionMemory is how long a session that is over is remembered.
const sessionMemory = 30 * 24 * time.Hour

// Upkeep deletes what nobody can use any more, in slices: expired tokens, whom we
// mailed a day ago, after 30 days sessions and mails that are over, and after a
// year entries of the audit log. Once an hour is often enough.
func (db *DB) Upkeep(ctx context.Context) error {
	now := db.now()
	for _, task := range []struct {
		act, sql string
		before   time.Time
	}{
		{"delete expired tokens", forgetTokensSQL, now},
		{"forget mailed addresses", forgetMailedSQL, now.Add(-24 * time.Hour)},
		{"delete old sessions", forgetSessionsSQL, now.Add(-sessionMemory)},
		{"delete old mails", forgetMailsSQL, now.Add(-mailMemory)},
	} {
		if err := db.forget(ctx, task.sql, task.before); err != nil {
			return fault(task.act, err)
		}
	}
	return db.forgetAudit(ctx)
}

// forget deletes slice after slice until nothing is left.
func (db *DB) forget(ctx context.Context, query string, before time.Time) error {
	for {
		res, err := db.x.ExecContext(ctx, query, before, upkeepSlice)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n < upkeepSlice {
			return err
		}
	}
}
