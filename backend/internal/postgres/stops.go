package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/lib/pq"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

const (
	// Stops are found by reading all standings, as the watchman does every minute:
	// an index on what changes would cost every result.
	noteStopsSQL = `
insert into monitor_stops (monitor_id, stopped_at)
select s.monitor_id, s.stopped_at
from monitor_states s
where s.state = 3 and s.stopped_at > $1
    and not exists (select from monitor_stops q where q.monitor_id = s.monitor_id and q.stopped_at = s.stopped_at)
on conflict (monitor_id) do update
set stopped_at = excluded.stopped_at, reminded = 0, looked_at = null, last_line = 0, good = 0, again_at = null`

	// What is resumed, or stopped for long, is nobody's affair any more.
	forgetStopsSQL = `
delete from monitor_stops q
using monitor_states s
where s.monitor_id = q.monitor_id and (s.state <> 3 or q.stopped_at <= $1)`

	// All that an account's mail tells: what is due, and what will be within the
	// hour, so that what stopped together is one mail. 0, 1 and 2 are what was
	// mailed and what is due.
	dueRemindersSQL = `
with due as (
    select q.monitor_id, m.account_id, q.stopped_at <= $1 or q.reminded = 0 and q.stopped_at <= $2 as now,
        case when q.stopped_at <= $3 then 2 else 1 end as level
    from monitor_stops q
    join monitors m on m.id = q.monitor_id
    join targets t on t.id = m.target_id and t.displaced_at is null and t.denied_at is null
    join monitor_states s on s.monitor_id = q.monitor_id and s.state = 3 and s.stopped_at = q.stopped_at
    join accounts a on a.id = m.account_id and a.disabled_at is null
    where q.reminded < 2 and q.stopped_at <= $3 or q.reminded = 0 and q.stopped_at <= $4
),
accounts_due as (
    select account_id from due where now group by account_id order by account_id limit $5
)
select d.monitor_id, d.account_id, d.level
from due d
join accounts_due using (account_id)
order by d.account_id, d.monitor_id`

	remindedSQL = `
update monitor_stops q
set reminded = u.level
from unnest($1::bigint[], $2::integer[]) as u (id, level)
where q.monitor_id = u.id and q.reminded < u.level
returning q.monitor_id`
)

const (
	// stopMemory is how long a stop is known: a reminder may come that late when
	// the service was away.
	stopMemory = 14 * 24 * time.Hour

	// remindTogether is how much earlier a reminder may come to be in one mail with
	// another.
	remindTogether = time.Hour

	// maxReminded bounds the accounts of one round.
	maxReminded = 50
)

// stopsLock lets one transaction at a time change what is known of stops.
const stopsLock = 7_246_008

func (db *DB) inStops(ctx context.Context, act string, f func(tx txn) error) error {
	return db.inTx(ctx, act, func(tx txn) error {
		if _, err := tx.ExecContext(ctx, `select pg_advisory_xact_lock($1)`, stopsLock); err != nil {
			return fmt.Errorf("lock stops: %w", err)
		}
		return f(tx)
	})
}

// NoteStops brings what is known of stops up to date. Before each round of
// looks or reminders.
func (db *DB) NoteStops(ctx context.Context) error {
	return db.inStops(ctx, "note stops", func(tx txn) error {
		since := tx.now.Add(-stopMemory)
		if _, err := tx.ExecContext(ctx, forgetStopsSQL, since); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, noteStopsSQL, since)
		return err
	})
}

// Remind owes the mails about monitors that are still stopped after a day and
// after seven: one a contact, with all of its account's. Each is owed once,
// however often this runs. It tells how many accounts were mailed.
func (db *DB) Remind(ctx context.Context) (accounts int, err error) {
	if err := db.NoteStops(ctx); err != nil {
		return 0, err
	}
	err = db.inStops(ctx, "remind of stops", func(tx txn) error {
		due, err := dueReminders(ctx, tx)
		if err != nil || len(due.ids) == 0 {
			return err
		}
		var marked []int64
		if err := tx.SelectContext(ctx, &marked, remindedSQL, pq.Array(due.ids), pq.Array(due.levels)); err != nil {
			return err
		}
		for account, monitors := range due.of(marked) {
			if err := oweNotice(ctx, tx, uptime.ReminderMail, account, noticeParams{Monitors: monitors}); err != nil {
				return err
			}
			accounts++
		}
		return nil
	})
	return accounts, err
}

// reminders are monitors of accounts, each with what is due.
type reminders struct {
	ids, levels []int64
	account     map[int64]int64
}

func dueReminders(ctx context.Context, tx txn) (reminders, error) {
	r := reminders{account: map[int64]int64{}}
	first, last := tx.now.Add(-uptime.FirstReminder), tx.now.Add(-uptime.LastReminder)
	var rows []struct {
		MonitorID int64 `db:"monitor_id"`
		AccountID int64 `db:"account_id"`
		Level     int64 `db:"level"`
	}
	err := tx.SelectContext(ctx, &rows, dueRemindersSQL, last, first, last.Add(remindTogether), first.Add(remindTogether), maxReminded)
	for _, row := range rows {
		r.ids, r.levels = append(r.ids, row.MonitorID), append(r.levels, row.Level)
		r.account[row.MonitorID] = row.AccountID
	}
	return r, err
}

// of groups monitors by account.
func (r reminders) of(monitors []int64) map[int64][]int64 {
	groups := map[int64][]int64{}
	for _, id := range monitors {
		groups[r.account[id]] = append(groups[r.account[id]], id)
	}
	return groups
}

const (
	// The claim moves looked_at, so that a look that was broken off comes again in
	// its turn and not at once.
	claimLooksSQL = `
with due as (
    select q.monitor_id
    from monitor_stops q
    join monitor_states s on s.monitor_id = q.monitor_id and s.state = 3 and s.stopped_at = q.stopped_at
    join monitors m on m.id = q.monitor_id
    join targets t on t.id = m.target_id and t.displaced_at is null and t.denied_at is null
    join accounts a on a.id = m.account_id and a.disabled_at is null
    where q.again_at is null and coalesce(q.looked_at, q.stopped_at) <= $1 and q.stopped_at > $2
    order by coalesce(q.looked_at, q.stopped_at), q.monitor_id
    limit $3
)
update monitor_stops q
set looked_at = $4
from due
join monitors m on m.id = due.monitor_id
join targets t on t.id = m.target_id
where q.monitor_id = due.monitor_id
returning q.monitor_id, q.stopped_at, q.last_line, m.target_id, t.host, m.service, m.port, host(t.pinned) as pinned`

	// Who was resumed, or stopped anew, meanwhile has no row of this stop or is
	// not stopped. What is unknown neither counts nor breaks.
	recordLooksSQL = `
update monitor_stops q
set last_line = u.line, good = case u.found when 1 then q.good + 1 when 0 then 0 else q.good end,
    again_at = case when u.found = 1 and q.good + 1 >= $5 then $6::timestamptz end
from unnest($1::bigint[], $2::timestamptz[], $3::integer[], $4::integer[]) as u (id, stopped_at, line, found)
join monitors m on m.id = u.id
join monitor_states s on s.monitor_id = u.id and s.state = 3
where q.monitor_id = u.id and q.stopped_at = u.stopped_at and s.stopped_at = u.stopped_at and q.again_at is null
returning q.monitor_id, m.account_id, q.again_at is not null as again`
)

type lookRow struct {
	MonitorID int64          `db:"monitor_id"`
	StoppedAt time.Time      `db:"stopped_at"`
	LastLine  int16          `db:"last_line"`
	TargetID  int64          `db:"target_id"`
	Host      string         `db:"host"`
	Service   string         `db:"service"`
	Port      int32          `db:"port"`
	Pinned    sql.NullString `db:"pinned"`
}

func (r lookRow) look() (uptime.Look, error) {
	service, err := uptime.ParseService(r.Service)
	if err != nil {
		return uptime.Look{}, fmt.Errorf("monitor %d: %w", r.MonitorID, err)
	}
	pinned, err := parseAddr(r.Pinned)
	if err != nil {
		return uptime.Look{}, fmt.Errorf("monitor %d: %w", r.MonitorID, err)
	}
	return uptime.Look{
		MonitorID: r.MonitorID, TargetID: r.TargetID, StoppedAt: r.StoppedAt.UTC(), Host: r.Host, Service: service,
		Port: uint16(r.Port), Pinned: pinned, LastLine: uptime.LineID(r.LastLine),
	}, nil
}

// ClaimLooks takes at most limit looks that are due: every so often from its
// stop on, for uptime.LookFor. Nobody else gets them before they are due again.
func (db *DB) ClaimLooks(ctx context.Context, every time.Duration, limit int) ([]uptime.Look, error) {
	if err := db.NoteStops(ctx); err != nil {
		return nil, err
	}
	var looks []uptime.Look
	err := db.inStops(ctx, "claim looks", func(tx txn) error {
		var rows []lookRow
		if err := tx.SelectContext(ctx, &rows, claimLooksSQL, tx.now.Add(-every), tx.now.Add(-uptime.LookFor), limit, tx.now); err != nil {
			return err
		}
		for _, r := range rows {
			l, err := r.look()
			if err != nil {
				return err
			}
			looks = append(looks, l)
		}
		return nil
	})
	return looks, err
}

// RecordLooks writes what looks found, and owes one mail a contact about those
// that now answer again. It tells how many do.
func (db *DB) RecordLooks(ctx context.Context, all []uptime.Looked) (again int, err error) {
	ids, stops, lines, found := make([]int64, len(all)), make([]time.Time, len(all)), make([]int64, len(all)), make([]int64, len(all))
	for i, l := range all {
		ids[i], stops[i], lines[i], found[i] = l.MonitorID, wholeMillis(l.StoppedAt), int64(l.Line), foundCode(l.Status)
	}
	err = db.inStops(ctx, "record looks", func(tx txn) error {
		var rows []struct {
			MonitorID int64 `db:"monitor_id"`
			AccountID int64 `db:"account_id"`
			Again     bool  `db:"again"`
		}
		if err := tx.SelectContext(ctx, &rows, recordLooksSQL, pq.Array(ids), pq.Array(stops), pq.Array(lines), pq.Array(found),
			uptime.LooksToAgain, tx.now); err != nil {
			return err
		}
		answering := map[int64][]int64{}
		for _, r := range rows {
			if r.Again {
				answering[r.AccountID] = append(answering[r.AccountID], r.MonitorID)
				again++
			}
		}
		for account, monitors := range answering {
			if err := oweNotice(ctx, tx, uptime.AgainMail, account, noticeParams{Monitors: monitors}); err != nil {
				return err
			}
		}
		return nil
	})
	return again, err
}

// foundCode is 1 for a good answer, 0 for a failure, -1 if nothing was learnt.
func foundCode(s uptime.Status) int64 {
	switch {
	case s == uptime.OK:
		return 1
	case s.Failure():
		return 0
	}
	return -1
}
