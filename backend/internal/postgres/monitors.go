package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

const (
	monitorsSQL = selectMonitors + `
where m.account_id = $1 and m.id > $2 and s.monitor_id > $2
	and ($3::bigint = 0 or m.target_id = $3)
	and ($4::text = '' or t.host = $4)
	and ($5::text = '' or m.service = $5)
	and ($6::smallint = 0 or s.state = $6)
	and ($7::smallint = 0 or s.verdict = $7)
	and ($8::text = '' or strpos(hinomi_fold(concat_ws(' ', t.host, m.label, t.label, m.notes, t.notes)), hinomi_fold($8)) > 0)
order by m.id
limit $9`

	monitorSQL = selectMonitors + `
where m.account_id = $1 and m.id = $2`
)

// Monitors lists ascending by id.
func (db *DB) Monitors(ctx context.Context, accountID int64, f uptime.MonitorFilter) ([]uptime.Monitor, error) {
	service := ""
	if f.Service.Valid() {
		service = f.Service.String()
	}
	var rows []monitorRow
	q := ask(monitorsSQL, accountID, f.After, f.TargetID, f.Host, service, f.State, f.Verdict, f.Text, f.Limit)
	if err := db.as(accountID).list(ctx, "list monitors", &rows, q); err != nil {
		return nil, err
	}
	monitors, err := monitorsOf(rows)
	return monitors, fault("list monitors", err)
}

// Monitor gives one monitor.
func (db *DB) Monitor(ctx context.Context, accountID, id int64) (uptime.Monitor, error) {
	var m uptime.Monitor
	err := db.as(accountID).inTx(ctx, "read monitor", func(tx txn) (err error) {
		m, err = readMonitor(ctx, tx, monitorKey{accountID, id})
		return err
	})
	return m, err
}

func readMonitor(ctx context.Context, q sqlx.QueryerContext, key monitorKey) (uptime.Monitor, error) {
	var row monitorRow
	if err := sqlx.GetContext(ctx, q, &row, monitorSQL, key.account, key.monitor); err != nil {
		return uptime.Monitor{}, err
	}
	return row.monitor()
}

const (
	lockTargetSQL = `select id from targets where account_id = $1 and id = $2 for update`

	updateMonitorSQL = `
update monitors
set label = coalesce($3, label), notes = coalesce($4, notes)
where account_id = $1 and id = $2`
)

// CreateMonitor adds a service to a target.
func (db *DB) CreateMonitor(ctx context.Context, m uptime.NewMonitor) (uptime.Monitor, error) {
	var made uptime.Monitor
	err := db.as(m.AccountID).inTx(ctx, "create monitor", func(tx txn) error {
		if err := lockAccount(ctx, tx, m.AccountID); err != nil {
			return err
		}
		var target int64
		if err := tx.GetContext(ctx, &target, lockTargetSQL, m.AccountID, m.TargetID); err != nil {
			return err
		}
		if err := db.checkHeld(ctx, tx, target); err != nil {
			return err
		}
		ids, err := insertMonitors(ctx, tx, m.AccountID, target, []uptime.Endpoint{m.Endpoint()})
		if violates(err, "monitors_service") {
			return uptime.ErrConflict
		}
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, updateMonitorSQL, m.AccountID, ids[0], m.Label, m.Notes); err != nil {
			return fmt.Errorf("write words: %w", err)
		}
		if err := db.await(ctx, tx, m.AccountID, ids); err != nil {
			return err
		}
		if err := db.allow(ctx, tx, m.AccountID, account.Used{Monitors: 1}); err != nil {
			return err
		}
		if err := db.checkRoom(ctx, tx, target); err != nil {
			return err
		}
		made, err = readMonitor(ctx, tx, monitorKey{m.AccountID, ids[0]})
		return err
	})
	return made, err
}

// The version tells the recorder, whose next write finds another one, to read
// the row anew.
const keepWatchingSQL = `
update monitor_states s
set version = s.version + 1, keep_watching = $3
from monitors m
where s.monitor_id = $2 and m.id = $2 and m.account_id = $1 and s.keep_watching <> $3`

// UpdateMonitor changes what people wrote or chose. Without a label of its own a
// monitor has its target's.
func (db *DB) UpdateMonitor(ctx context.Context, accountID, id int64, p uptime.MonitorPatch) (uptime.Monitor, error) {
	var m uptime.Monitor
	err := db.as(accountID).inTx(ctx, "update monitor", func(tx txn) error {
		err := mustHit(tx.ExecContext(ctx, updateMonitorSQL, accountID, id, p.Label, p.Notes))
		if err != nil {
			return err
		}
		if p.KeepWatching != nil {
			if _, err := tx.ExecContext(ctx, keepWatchingSQL, accountID, id, *p.KeepWatching); err != nil {
				return err
			}
		}
		m, err = readMonitor(ctx, tx, monitorKey{accountID, id})
		return err
	})
	return m, err
}

// PauseMonitor ends probing by the user's wish; twice is once.
func (db *DB) PauseMonitor(ctx context.Context, accountID, id int64) (uptime.Monitor, error) {
	return db.changeMonitor(ctx, "pause monitor", monitorKey{accountID, id}, uptime.Standing.Pause)
}

// ResumeMonitor makes a paused or stopped monitor active; twice is once.
func (db *DB) ResumeMonitor(ctx context.Context, accountID, id int64) (uptime.Monitor, error) {
	var m uptime.Monitor
	err := db.as(accountID).inTx(ctx, "resume monitor", func(tx txn) error {
		r, err := db.resume(ctx, tx, accountID, []int64{id})
		if err != nil {
			return err
		}
		if r.barred != nil {
			return r.barred
		}
		m, err = readMonitor(ctx, tx, monitorKey{accountID, id})
		return err
	})
	return m, err
}

func (db *DB) changeMonitor(ctx context.Context, act string, key monitorKey, f change) (uptime.Monitor, error) {
	var m uptime.Monitor
	err := db.as(key.account).inTx(ctx, act, func(tx txn) error {
		_, err := changeStandings(ctx, tx, key.account, []int64{key.monitor}, f)
		if err != nil {
			return err
		}
		m, err = readMonitor(ctx, tx, key)
		return err
	})
	return m, err
}

const countMonitorsSQL = `select count(*) from monitors where account_id = $1 and id = any($2::bigint[])`

// ResumeMonitors resumes the stopped and paused ones among ids, which must be
// distinct, and tells how many; nothing if one is not the account's.
func (db *DB) ResumeMonitors(ctx context.Context, accountID int64, ids []int64) (resumed int, err error) {
	err = db.as(accountID).inTx(ctx, "resume monitors", func(tx txn) error {
		var known int
		if err := tx.GetContext(ctx, &known, countMonitorsSQL, accountID, pq.Array(ids)); err != nil {
			return err
		}
		if known != len(ids) {
			return uptime.ErrNotFound
		}
		r, err := db.resume(ctx, tx, accountID, ids)
		if err != nil {
			return err
		}
		if resumed = len(r.changed); resumed == 0 {
			return r.barred
		}
		return nil
	})
	return resumed, err
}

const stoppedSQL = `
select m.id
from monitors m
join monitor_states s on s.monitor_id = m.id
where m.account_id = $1 and s.state = $2
order by m.id`

// ResumeStopped resumes all stopped monitors of the account, not the paused
// ones, and tells how many.
func (db *DB) ResumeStopped(ctx context.Context, accountID int64) (resumed int, err error) {
	err = db.as(accountID).inTx(ctx, "resume stopped monitors", func(tx txn) error {
		var ids []int64
		if err := tx.SelectContext(ctx, &ids, stoppedSQL, accountID, uptime.Stopped); err != nil {
			return err
		}
		r, err := db.resumeBy(ctx, tx, resumption{accountID, ids, resumeStopped})
		resumed = len(r.changed)
		return err
	})
	return resumed, err
}

// resumeStopped leaves alone what was resumed and paused meanwhile.
func resumeStopped(s uptime.Standing, now time.Time) (uptime.Standing, bool) {
	if s.State != uptime.Stopped {
		return s, false
	}
	return s.Resume(now)
}
