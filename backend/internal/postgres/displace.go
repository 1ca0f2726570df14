package postgres

import (
	"context"
	"fmt"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

const (
	displaceSQL = `update targets set displaced_at = $2 where id = $1 and displaced_at is null`

	// With its addresses go the claims of them (hinomi_leave_address).
	leaveHostSQL      = `delete from host_claims where target_id = $1`
	leaveAddressesSQL = `delete from target_addresses where target_id = $1`
	forgetProofSQL    = `delete from proofs where target_id = $1`
)

// displace takes a target's host and addresses from its account, stops its
// monitors and owes the mails that tell it. Monitors are locked before the
// target, as the recorder does, and looked for again after it: one may just have
// been made.
func displace(ctx context.Context, tx txn, account, target int64, why uptime.Loss) error {
	if err := stopTarget(ctx, tx, account, target); err != nil {
		return err
	}
	res, err := tx.ExecContext(ctx, displaceSQL, target, tx.now)
	if err != nil {
		return fmt.Errorf("displace target: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	for _, query := range []string{leaveHostSQL, leaveAddressesSQL, forgetProofSQL} {
		if _, err := tx.ExecContext(ctx, query, target); err != nil {
			return fmt.Errorf("displace target: %w", err)
		}
	}
	if err := stopTarget(ctx, tx, account, target); err != nil {
		return err
	}
	return tellLoss(ctx, tx, account, target, why)
}

// stopTarget stops all monitors of a target.
func stopTarget(ctx context.Context, tx txn, account, target int64) error {
	var ids []int64
	if err := tx.SelectContext(ctx, &ids, monitorIDsOfTargetSQL, account, target); err != nil {
		return fmt.Errorf("list monitors: %w", err)
	}
	_, err := changeStandings(ctx, tx, account, ids, uptime.Standing.Stop)
	return err
}

// tellLoss owes a mail about all monitors of a target; without any there is
// nothing to tell.
func tellLoss(ctx context.Context, tx txn, account, target int64, why uptime.Loss) error {
	var ids []int64
	if err := tx.SelectContext(ctx, &ids, monitorIDsOfTargetSQL, account, target); err != nil {
		return fmt.Errorf("list monitors: %w", err)
	}
	if len(ids) == 0 {
		return nil
	}
	return oweNotice(ctx, tx, uptime.ClaimLostMail, account, noticeParams{Monitors: ids, Lost: why})
}

const (
	// Who has the host, and whether it is proven to be his.
	hostHolderSQL = `
select c.target_id, c.account_id, exists (select from proofs p where p.target_id = c.target_id and p.proven_at is not null) as proven
from host_claims c
where c.host = $1 and c.account_id <> $2
for update of c`

	// All targets of others at addresses that they have; those of an account one of
	// whose targets there is proven are left out.
	addressHoldersSQL = `
select a.target_id, a.account_id, false as proven
from address_claims c
join target_addresses a on a.address = c.address and a.account_id = c.account_id
where c.address = any($1::inet[]) and c.account_id <> $2
    and not exists (
        select from target_addresses o
        join proofs p on p.target_id = o.target_id and p.proven_at is not null
        where o.address = c.address and o.account_id = c.account_id)
order by c.address, a.target_id
for update of c`
)

type holderRow struct {
	TargetID  int64 `db:"target_id"`
	AccountID int64 `db:"account_id"`
	Proven    bool  `db:"proven"`
}

// makeRoomFor displaces, for an account that has just proven a host, those who
// have it or an address at which the proof was served, unless that is proven to
// be theirs: of the host this is uptime.ErrHostTaken, an address stays theirs.
// DNS proves a name and not where it points: else whoever owns a name could take
// any address.
func makeRoomFor(ctx context.Context, tx txn, account int64, host string, e uptime.Evidence) error {
	var holders, at []holderRow
	if err := tx.SelectContext(ctx, &holders, hostHolderSQL, host, account); err != nil {
		return fmt.Errorf("find holder: %w", err)
	}
	if len(holders) > 0 && holders[0].Proven {
		return uptime.ErrHostTaken
	}
	if err := tx.SelectContext(ctx, &at, addressHoldersSQL, pq.Array(addrTexts(e.Files)), account); err != nil {
		return fmt.Errorf("find holders: %w", err)
	}
	for _, h := range append(holders, at...) { // the second time nothing happens
		if err := displace(ctx, tx, h.AccountID, h.TargetID, uptime.LostToProof); err != nil {
			return err
		}
	}
	return nil
}

const targetOwnerSQL = `select account_id from targets where id = $1`

// displacing runs a transaction that may displace targets, which locks what is
// of several accounts: when two stand in each other's way, one begins anew.
func (db *DB) displacing(ctx context.Context, act string, f func(tx txn) error) (err error) {
	for range displaceTries {
		if err = db.inTx(ctx, act, f); pq.As(err, pqerror.TRDeadlockDetected) == nil {
			return err
		}
	}
	return err
}

// displaceTries bounds it; each try costs the server's deadlock_timeout, 1 s.
const displaceTries = 3

// ReleaseTarget takes a target's host and addresses from its account, for the
// operator. It gives the account. It needs RoleWatch.
func (db *DB) ReleaseTarget(ctx context.Context, id int64) (account int64, err error) {
	err = db.displacing(ctx, "release target", func(tx txn) error {
		if err := tx.GetContext(ctx, &account, targetOwnerSQL, id); err != nil {
			return err
		}
		return displace(ctx, tx, account, id, uptime.LostByRelease)
	})
	return account, err
}
