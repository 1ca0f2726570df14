package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// targetRow is a row of targets.
type targetRow struct {
	ID        int64          `db:"id"`
	AccountID int64          `db:"account_id"`
	Host      string         `db:"host"`
	Label     string         `db:"label"`
	Notes     string         `db:"notes"`
	Pinned    sql.NullString `db:"pinned"`
	CreatedAt time.Time      `db:"created_at"`
	Displaced sql.NullTime   `db:"displaced_at"`
	Denied    sql.NullTime   `db:"denied_at"`

	ProofKey  []byte         `db:"proof_key"`
	Method    sql.NullString `db:"method"`
	ProvenAt  sql.NullTime   `db:"proven_at"`
	LostAt    sql.NullTime   `db:"lost_at"`
	CheckedAt sql.NullTime   `db:"checked_at"`

	ContactIDs pq.Int64Array `db:"contact_ids"`
}

const targetColumns = `t.id, t.account_id, t.host, t.label, t.notes, host(t.pinned) as pinned, t.created_at, t.displaced_at, t.denied_at,
	a.proof_key, p.method, p.proven_at, p.lost_at, p.checked_at,
	array(select tc.contact_id from target_contacts tc where tc.target_id = t.id order by tc.contact_id) as contact_ids`

// fromTargets is what targetColumns are of.
const fromTargets = `
from targets t
join accounts a on a.id = t.account_id
left join proofs p on p.target_id = t.id`

func (r targetRow) target() (uptime.Target, error) {
	pinned, err := parseAddr(r.Pinned)
	if err != nil {
		return uptime.Target{}, fmt.Errorf("target %d: %w", r.ID, err)
	}
	return uptime.Target{
		ID: r.ID, AccountID: r.AccountID, Host: r.Host, Label: r.Label, Notes: r.Notes,
		CreatedAt: r.CreatedAt.UTC(), Pinned: pinned, DisplacedAt: timeOf(r.Displaced), DeniedAt: timeOf(r.Denied), Proof: r.proof(),
		ContactIDs: r.ContactIDs,
	}, nil
}

func (r targetRow) proof() uptime.Proof {
	p := uptime.Proof{
		Challenge: uptime.NewChallenge(r.ProofKey, r.Host), State: uptime.ProofNone, Method: r.Method.String,
		ProvenAt: timeOf(r.ProvenAt), CheckedAt: timeOf(r.CheckedAt),
	}
	switch {
	case r.ProvenAt.Valid:
		p.State = uptime.ProofProven
	case r.LostAt.Valid:
		p.State = uptime.ProofLost
	case r.CheckedAt.Valid:
		p.State = uptime.ProofPending
	}
	return p
}

const (
	targetsSQL = `
select ` + targetColumns + fromTargets + `
where t.account_id = $1 and t.id > $2
	and ($3 = '' or t.host = $3)
	and ($4 = '' or strpos(hinomi_fold(concat_ws(' ', t.host, t.label, t.notes)), hinomi_fold($4)) > 0)
order by t.id
limit $5`

	targetSQL = `
select ` + targetColumns + fromTargets + `
where t.account_id = $1 and t.id = $2`

	// In the order of uptime.Services, then TCP by port.
	monitorsOfTargetsSQL = selectMonitors + `
where m.account_id = $1 and m.target_id = any($2::bigint[])
order by m.target_id, array_position($3::text[], m.service), m.port, m.id`
)

// Targets lists ascending by id, each with its monitors.
func (db *DB) Targets(ctx context.Context, accountID int64, f uptime.TargetFilter) ([]uptime.Target, error) {
	var targets []uptime.Target
	err := db.as(accountID).inTx(ctx, "list targets", func(tx txn) (err error) {
		var rows []targetRow
		if err := tx.SelectContext(ctx, &rows, targetsSQL, accountID, f.After, f.Host, f.Text, f.Limit); err != nil {
			return err
		}
		targets, err = withMonitors(ctx, tx, accountID, rows)
		return err
	})
	return targets, err
}

// Target gives one target with its monitors.
func (db *DB) Target(ctx context.Context, accountID, id int64) (uptime.Target, error) {
	var t uptime.Target
	err := db.as(accountID).inTx(ctx, "read target", func(tx txn) (err error) {
		t, err = readTarget(ctx, tx, accountID, id)
		return err
	})
	return t, err
}

func readTarget(ctx context.Context, q sqlx.QueryerContext, accountID, id int64) (uptime.Target, error) {
	var row targetRow
	if err := sqlx.GetContext(ctx, q, &row, targetSQL, accountID, id); err != nil {
		return uptime.Target{}, err
	}
	targets, err := withMonitors(ctx, q, accountID, []targetRow{row})
	if err != nil {
		return uptime.Target{}, err
	}
	return targets[0], nil
}

// withMonitors puts targets and their monitors together, in the order of rows.
func withMonitors(ctx context.Context, q sqlx.QueryerContext, accountID int64, rows []targetRow) ([]uptime.Target, error) {
	targets := make([]uptime.Target, len(rows))
	ids, at := make([]int64, len(rows)), make(map[int64]int, len(rows))
	for i, r := range rows {
		var err error
		if targets[i], err = r.target(); err != nil {
			return nil, err
		}
		ids[i], at[r.ID] = r.ID, i
	}
	var order []string
	for _, s := range uptime.Services() {
		order = append(order, s.String())
	}
	var found []monitorRow
	if err := sqlx.SelectContext(ctx, q, &found, monitorsOfTargetsSQL, accountID, pq.Array(ids), pq.Array(order)); err != nil {
		return nil, fmt.Errorf("list monitors: %w", err)
	}
	monitors, err := monitorsOf(found)
	for _, m := range monitors {
		t := &targets[at[m.TargetID]]
		t.Monitors = append(t.Monitors, m)
	}
	return targets, err
}

// CreateTarget makes a target with its monitors, which are probed at once.
func (db *DB) CreateTarget(ctx context.Context, t uptime.NewTarget) (uptime.Target, error) {
	var made uptime.Target
	err := db.as(t.AccountID).inTx(ctx, "create target", func(tx txn) (err error) {
		made, err = db.makeTarget(ctx, tx, t)
		return err
	})
	return made, err
}

// makeTarget locks the account first, as all do who change what is watched.
func (db *DB) makeTarget(ctx context.Context, tx txn, t uptime.NewTarget) (uptime.Target, error) {
	if err := lockAccount(ctx, tx, t.AccountID); err != nil {
		return uptime.Target{}, err
	}
	var id int64
	err := tx.GetContext(ctx, &id, insertTargetSQL, t.AccountID, t.Host, t.Label, t.Notes, tx.now)
	if violates(err, "targets_host") {
		return uptime.Target{}, uptime.ErrConflict
	}
	if err != nil {
		return uptime.Target{}, err
	}
	if err := db.claim(ctx, tx, id, t); err != nil {
		return uptime.Target{}, err
	}
	ids, err := insertMonitors(ctx, tx, t.AccountID, id, t.Endpoints())
	if err != nil {
		return uptime.Target{}, err
	}
	if err := db.await(ctx, tx, t.AccountID, ids); err != nil {
		return uptime.Target{}, err
	}
	if err := db.allow(ctx, tx, t.AccountID, account.Used{Targets: 1, Monitors: len(t.Endpoints())}); err != nil {
		return uptime.Target{}, err
	}
	if err := db.checkRoom(ctx, tx, id); err != nil {
		return uptime.Target{}, err
	}
	return readTarget(ctx, tx, t.AccountID, id)
}

const updateTargetSQL = `
update targets
set label = coalesce($3, label), notes = coalesce($4, notes)
where account_id = $1 and id = $2`

// UpdateTarget changes what people wrote, and whom alerts go to. It is
// uptime.ErrConflict if one of the contacts is not the account's.
func (db *DB) UpdateTarget(ctx context.Context, accountID, id int64, p uptime.TargetPatch) (uptime.Target, error) {
	var t uptime.Target
	err := db.as(accountID).inTx(ctx, "update target", func(tx txn) error {
		err := mustHit(tx.ExecContext(ctx, updateTargetSQL, accountID, id, p.Label, p.Notes))
		if err != nil {
			return err
		}
		if p.ContactIDs != nil {
			if err := setTargetContacts(ctx, tx, targetContacts{accountID, id, *p.ContactIDs}); err != nil {
				return err
			}
		}
		t, err = readTarget(ctx, tx, accountID, id)
		return err
	})
	return t, err
}

const monitorIDsOfTargetSQL = `select id from monitors where account_id = $1 and target_id = $2 order by id`

// ResumeTarget resumes a target's stopped and paused monitors.
func (db *DB) ResumeTarget(ctx context.Context, accountID, id int64) (uptime.Target, error) {
	var t uptime.Target
	err := db.as(accountID).inTx(ctx, "resume target", func(tx txn) error {
		var ids []int64
		if err := tx.SelectContext(ctx, &ids, monitorIDsOfTargetSQL, accountID, id); err != nil {
			return err
		}
		r, err := db.resume(ctx, tx, accountID, ids)
		if err != nil {
			return err
		}
		if len(r.changed) == 0 && r.barred != nil {
			return r.barred
		}
		t, err = readTarget(ctx, tx, accountID, id)
		return err
	})
	return t, err
}
