package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/lib/pq"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

const (
	// Why monitors may not be watched.
	barredSQL = `
select u.id, u.why
from (
    select m.id, case when t.displaced_at is not null then 1 when t.denied_at is not null then 2
        when p.proven_at is null and ($3 or m.service = 'tcp') then 3 else 0 end as why
    from monitors m
    join targets t on t.id = m.target_id
    left join proofs p on p.target_id = t.id
    where m.account_id = $1 and m.id = any($2::bigint[])
) u
where u.why > 0
order by u.id`

	heldSQL = `
select case when displaced_at is not null then 1 when denied_at is not null then 2 else 0 end
from targets
where id = $1`
)

// barredFor is the error of a reason of barredSQL and heldSQL.
func barredFor(why int) error {
	switch why {
	case 1:
		return uptime.ErrHostTaken
	case 2:
		return uptime.ErrHostDenied
	case 3:
		return uptime.ErrProofRequired
	}
	return nil
}

type barredRow struct {
	ID  int64 `db:"id"`
	Why int   `db:"why"`
}

// barred gives those of monitors that may not be watched, ascending.
func (db *DB) barred(ctx context.Context, tx txn, account int64, ids []int64) ([]barredRow, error) {
	if !db.opts.Claims || len(ids) == 0 {
		return nil, nil
	}
	var rows []barredRow
	err := tx.SelectContext(ctx, &rows, barredSQL, account, pq.Array(ids), db.opts.RequireProof)
	return rows, wrap("look for what may not be watched", err)
}

// checkHeld refuses a target that may not be watched any more.
func (db *DB) checkHeld(ctx context.Context, tx txn, target int64) error {
	if !db.opts.Claims {
		return nil
	}
	var why int
	if err := tx.GetContext(ctx, &why, heldSQL, target); err != nil {
		return fmt.Errorf("look for what may not be watched: %w", err)
	}
	return barredFor(why)
}

// await pauses new monitors whose host must be proven first.
func (db *DB) await(ctx context.Context, tx txn, account int64, made []int64) error {
	waiting, err := db.barred(ctx, tx, account, made)
	if err != nil || !db.opts.RequireProof {
		return err
	}
	ids := make([]int64, len(waiting))
	for i, w := range waiting {
		ids[i] = w.ID
	}
	_, err = changeStandings(ctx, tx, account, ids, uptime.Standing.Pause)
	return err
}

// resumption is what is to be resumed, by a change.
type resumption struct {
	account int64
	ids     []int64
	change  change
}

// resumed is what came of it.
type resumed struct {
	changed []int64
	barred  error // why the first of those that may not be watched may not; nil if all may
}

func (db *DB) resume(ctx context.Context, tx txn, account int64, ids []int64) (resumed, error) {
	return db.resumeBy(ctx, tx, resumption{account, ids, uptime.Standing.Resume})
}

// resumeBy resumes monitors but those that may not be watched. That is looked at
// again once their standings are locked: who displaces a target stops its
// monitors first, and would find these stopped.
func (db *DB) resumeBy(ctx context.Context, tx txn, r resumption) (resumed, error) {
	left, err := db.barred(ctx, tx, r.account, r.ids)
	if err != nil {
		return resumed{}, err
	}
	var out resumed
	ids := r.ids
	if len(left) > 0 {
		out.barred = barredFor(left[0].Why)
		ids = slices.DeleteFunc(slices.Clone(ids), func(id int64) bool {
			return slices.ContainsFunc(left, func(b barredRow) bool { return b.ID == id })
		})
	}
	if out.changed, err = changeStandings(ctx, tx, r.account, ids, r.change); err != nil {
		return out, err
	}
	late, err := db.barred(ctx, tx, r.account, out.changed)
	if err == nil && len(late) > 0 {
		err = barredFor(late[0].Why)
	}
	return out, err
}
