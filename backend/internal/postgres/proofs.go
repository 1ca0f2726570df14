package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

const proofKeySQL = `select proof_key from accounts where id = $1`

// Challenge is what an account publishes to prove that a host is its own.
func (db *DB) Challenge(ctx context.Context, accountID int64, host string) (uptime.Challenge, error) {
	var key []byte
	if err := db.as(accountID).get(ctx, "read proof key", &key, ask(proofKeySQL, accountID)); err != nil {
		return uptime.Challenge{}, err
	}
	return uptime.NewChallenge(key, host), nil
}

const provenSQL = `
select p.proven_at is not null and t.displaced_at is null
from targets t
left join proofs p on p.target_id = t.id
where t.account_id = $1 and t.id = $2`

// Proven tells whether a target's host is proven to be the account's.
func (db *DB) Proven(ctx context.Context, accountID, targetID int64) (proven bool, err error) {
	err = db.as(accountID).get(ctx, "look up proof", &proven, ask(provenSQL, accountID, targetID))
	return proven, err
}

const (
	proofSQL = `
select method, proven_at, lost_at, failing_since, failures
from proofs
where target_id = $1
for update`

	writeProofSQL = `
insert into proofs (target_id, account_id, method, proven_at, lost_at, checked_at, next_check_at, failing_since, failures)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (target_id) do update
set method = excluded.method, proven_at = excluded.proven_at, lost_at = excluded.lost_at, checked_at = excluded.checked_at,
    next_check_at = excluded.next_check_at, failing_since = excluded.failing_since, failures = excluded.failures`
)

type proofRow struct {
	Method       sql.NullString `db:"method"`
	ProvenAt     sql.NullTime   `db:"proven_at"`
	LostAt       sql.NullTime   `db:"lost_at"`
	FailingSince sql.NullTime   `db:"failing_since"`
	Failures     int            `db:"failures"`
}

// after is the row after a look, and when the next is due.
func (r proofRow) after(e uptime.Evidence, now time.Time) (next proofRow, due time.Time) {
	method := e.Method()
	switch {
	case method != "":
		next = proofRow{Method: sql.NullString{String: method, Valid: true}, ProvenAt: r.ProvenAt}
		if !next.ProvenAt.Valid {
			next.ProvenAt = nullTime(now)
		}
		return next, now.Add(uptime.ProofRecheck)
	case e.Unknown && !e.Denied:
		return r, now.Add(uptime.ProofUnknown)
	case !r.ProvenAt.Valid:
		return r, now.Add(uptime.ProofRetry)
	}
	if r.Failures++; !r.FailingSince.Valid {
		r.FailingSince = nullTime(now)
	}
	if e.Denied || r.Failures >= uptime.ProofLooks && now.Sub(r.FailingSince.Time) >= uptime.ProofGrace {
		return proofRow{LostAt: nullTime(now)}, now.Add(uptime.ProofRetry)
	}
	return r, now.Add(uptime.ProofRetry)
}

// proofChange is what a look did to a proof.
type proofChange struct{ won, lost bool }

// writeProof keeps what a look at a target found.
func writeProof(ctx context.Context, tx txn, account, target int64, e uptime.Evidence) (proofChange, error) {
	var row proofRow
	if err := tx.GetContext(ctx, &row, proofSQL, target); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return proofChange{}, fmt.Errorf("read proof: %w", err)
	}
	next, due := row.after(e, tx.now)
	_, err := tx.ExecContext(ctx, writeProofSQL, target, account, next.Method, next.ProvenAt, next.LostAt, tx.now, due, next.FailingSince, next.Failures)
	if err != nil {
		return proofChange{}, fmt.Errorf("write proof: %w", err)
	}
	return proofChange{
		won: next.ProvenAt.Valid && !row.ProvenAt.Valid, lost: row.ProvenAt.Valid && !next.ProvenAt.Valid,
	}, nil
}

const (
	claimedHostSQL = `select host from targets where account_id = $1 and id = $2`

	holdAgainSQL = `update targets set displaced_at = null where id = $1 and displaced_at is not null`

	claimHostAgainSQL = `
insert into host_claims (host, account_id, target_id, claimed_at)
values ($1, $2, $3, $4)
on conflict (host) do nothing`

	holderSQL = `select target_id from host_claims where host = $1`

	pausedOfTargetSQL = `
select m.id
from monitors m
join monitor_states s on s.monitor_id = m.id
where m.account_id = $1 and m.target_id = $2 and s.state = 2
order by m.id`
)

// Prove keeps what a look that the account asked for found. A host that is
// proven is the account's from then on, whoever had it without proof; where
// nothing is watched without proof its monitors begin. uptime.ErrHostTaken, and
// nothing changes, if it is proven to be another's. It needs RoleWatch.
func (db *DB) Prove(ctx context.Context, accountID, targetID int64, e uptime.Evidence) (uptime.Target, error) {
	var t uptime.Target
	err := db.displacing(ctx, "prove target", func(tx txn) error {
		var host string
		if err := tx.GetContext(ctx, &host, claimedHostSQL, accountID, targetID); err != nil {
			return err
		}
		look := ownerLook{accountID, targetID, host}
		if e.Method() != "" {
			if err := makeRoomFor(ctx, tx, accountID, host, e); err != nil {
				return err
			}
			if err := holdAgain(ctx, tx, look); err != nil {
				return err
			}
		}
		if err := db.noteOwner(ctx, tx, look, e); err != nil {
			return err
		}
		var err error
		t, err = readTarget(ctx, tx, accountID, targetID)
		return err
	})
	return t, err
}

// ownerLook is the target that was looked at.
type ownerLook struct {
	account, target int64
	host            string
}

// noteOwner carries out what a look at the proof of a target means.
func (db *DB) noteOwner(ctx context.Context, tx txn, l ownerLook, e uptime.Evidence) error {
	if err := noteDenial(ctx, tx, l, e.Denied, e.DNS || !e.Unknown); err != nil {
		return err
	}
	if len(e.Addrs) > 0 {
		if err := noteAddresses(ctx, tx, l, e.Addrs); err != nil {
			return err
		}
	}
	changed, err := writeProof(ctx, tx, l.account, l.target, e)
	switch {
	case err != nil:
		return err
	case changed.lost:
		return db.loseProof(ctx, tx, l, e.Denied)
	case changed.won && db.opts.RequireProof:
		return begin(ctx, tx, l)
	}
	return nil
}

// holdAgain makes the host of a target that was displaced, or never had it, the
// account's.
func holdAgain(ctx context.Context, tx txn, l ownerLook) error {
	if _, err := tx.ExecContext(ctx, holdAgainSQL, l.target); err != nil {
		return fmt.Errorf("hold host: %w", err)
	}
	if _, err := tx.ExecContext(ctx, claimHostAgainSQL, l.host, l.account, l.target, tx.now); err != nil {
		return fmt.Errorf("hold host: %w", err)
	}
	var holder int64
	if err := tx.GetContext(ctx, &holder, holderSQL, l.host); err != nil {
		return fmt.Errorf("hold host: %w", err)
	}
	if holder != l.target {
		return uptime.ErrHostTaken // by somebody who was faster
	}
	return nil
}

// begin starts what waited for the proof. It may be what its owner paused: that
// cannot be told apart.
func begin(ctx context.Context, tx txn, l ownerLook) error {
	var ids []int64
	if err := tx.SelectContext(ctx, &ids, pausedOfTargetSQL, l.account, l.target); err != nil {
		return fmt.Errorf("list monitors: %w", err)
	}
	_, err := changeStandings(ctx, tx, l.account, ids, uptime.Standing.Resume)
	return err
}

const (
	unkeepSQL = `
update monitor_states s
set version = s.version + 1, keep_watching = false
from monitors m
where m.id = s.monitor_id and m.account_id = $1 and m.target_id = $2 and s.keep_watching`

	needProofSQL = `
select m.id
from monitors m
join monitor_states s on s.monitor_id = m.id
where m.account_id = $1 and m.target_id = $2 and s.state = 1 and (m.service = 'tcp' or $3)
order by m.id`
)

// loseProof takes back what a proof allowed: failures stop all monitors again,
// those of any port are stopped at once, and all of them where nothing is
// watched without proof. Whose owner opts out is told that.
func (db *DB) loseProof(ctx context.Context, tx txn, l ownerLook, told bool) error {
	if _, err := tx.ExecContext(ctx, unkeepSQL, l.account, l.target); err != nil {
		return fmt.Errorf("take proof back: %w", err)
	}
	var ids []int64
	if err := tx.SelectContext(ctx, &ids, needProofSQL, l.account, l.target, db.opts.RequireProof); err != nil {
		return fmt.Errorf("list monitors: %w", err)
	}
	if _, err := changeStandings(ctx, tx, l.account, ids, uptime.Standing.Stop); err != nil {
		return err
	}
	if told {
		return nil
	}
	return tellLoss(ctx, tx, l.account, l.target, uptime.LostProof)
}

// CreateProven makes a target of a host that is taken and was just proven to be
// the account's: who has it without proof loses it in the same transaction.
// Faults as of CreateTarget. It needs RoleWatch.
func (db *DB) CreateProven(ctx context.Context, t uptime.NewTarget, e uptime.Evidence) (uptime.Target, error) {
	var made uptime.Target
	err := db.displacing(ctx, "create proven target", func(tx txn) error {
		if err := makeRoomFor(ctx, tx, t.AccountID, t.Host, e); err != nil {
			return err
		}
		var err error
		if made, err = db.makeTarget(ctx, tx, t); err != nil {
			return err
		}
		if err := db.noteOwner(ctx, tx, ownerLook{t.AccountID, made.ID, t.Host}, e); err != nil {
			return err
		}
		made, err = readTarget(ctx, tx, t.AccountID, made.ID)
		return err
	})
	return made, err
}
