package postgres

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/lib/pq"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// What is looked at again from time to time: proofs, and whether the owner of a
// name wants it to be watched. All of it needs RoleWatch.

const (
	// Due again in an hour, if this look is never kept.
	claimProofsSQL = `
update proofs p
set next_check_at = $2
from targets t, accounts a
where t.id = p.target_id and a.id = p.account_id and p.target_id in (
    select target_id
    from proofs
    where proven_at is not null and next_check_at <= $1
    order by next_check_at
    limit $3
    for update skip locked)
returning p.target_id, p.account_id, t.host, a.proof_key`

	// Names whose target is displaced are nobody's to look at.
	claimOwnersSQL = `
update targets t
set looked_at = $1
where t.id in (
    select id
    from targets
    where displaced_at is null and host !~ '^[0-9.]+$' and strpos(host, ':') = 0 and (looked_at is null or looked_at <= $2)
    order by looked_at nulls first, id
    limit $3
    for update skip locked)
returning t.id as target_id, t.account_id, t.host, ''::bytea as proof_key`
)

type ownerRow struct {
	TargetID  int64  `db:"target_id"`
	AccountID int64  `db:"account_id"`
	Host      string `db:"host"`
	Key       []byte `db:"proof_key"`
}

// ClaimProofs takes at most limit proofs that are due for another look.
func (db *DB) ClaimProofs(ctx context.Context, limit int) ([]uptime.OwnerLook, error) {
	now := db.now()
	return db.claimLooks(ctx, "claim proofs", ask(claimProofsSQL, now, now.Add(uptime.ProofUnknown), limit))
}

// ClaimOwners takes at most limit names that are due for a look at whether they
// may be watched.
func (db *DB) ClaimOwners(ctx context.Context, limit int) ([]uptime.OwnerLook, error) {
	now := db.now()
	return db.claimLooks(ctx, "claim owners", ask(claimOwnersSQL, now, now.Add(-uptime.OwnerLookEvery), limit))
}

func (db *DB) claimLooks(ctx context.Context, act string, q query) ([]uptime.OwnerLook, error) {
	var rows []ownerRow
	if err := db.x.SelectContext(ctx, &rows, q.text, q.args...); err != nil {
		return nil, fault(act, err)
	}
	looks := make([]uptime.OwnerLook, len(rows))
	for i, r := range rows {
		looks[i] = uptime.OwnerLook{TargetID: r.TargetID, AccountID: r.AccountID, Challenge: uptime.NewChallenge(r.Key, r.Host)}
	}
	return looks, nil
}

const stillThereSQL = `select id from targets where id = $1 and account_id = $2 and host = $3 and displaced_at is null`

// RecordProof keeps what another look at a proof found. A target that is gone is
// no error.
func (db *DB) RecordProof(ctx context.Context, l uptime.OwnerLook, e uptime.Evidence) error {
	return db.inTx(ctx, "record proof", func(tx txn) error {
		look, ok, err := stillThere(ctx, tx, l)
		if err != nil || !ok {
			return err
		}
		return db.noteOwner(ctx, tx, look, e)
	})
}

func stillThere(ctx context.Context, tx txn, l uptime.OwnerLook) (look ownerLook, ok bool, err error) {
	var ids []int64
	err = tx.SelectContext(ctx, &ids, stillThereSQL, l.TargetID, l.AccountID, l.Challenge.Host)
	return ownerLook{l.AccountID, l.TargetID, l.Challenge.Host}, len(ids) == 1, err
}

const lookAgainSQL = `update targets set looked_at = $2 where id = $1`

// RecordOwner keeps whether a name may be watched, and where it points.
func (db *DB) RecordOwner(ctx context.Context, l uptime.OwnerLook, f uptime.OwnerFound) error {
	return db.inTx(ctx, "record owner", func(tx txn) error {
		look, ok, err := stillThere(ctx, tx, l)
		if err != nil || !ok {
			return err
		}
		if !f.Known {
			_, err := tx.ExecContext(ctx, lookAgainSQL, look.target, tx.now.Add(uptime.ProofUnknown-uptime.OwnerLookEvery))
			return err
		}
		if err := noteDenial(ctx, tx, look, f.Denied, true); err != nil {
			return err
		}
		if f.Denied || len(f.Addrs) == 0 {
			return nil
		}
		return noteAddresses(ctx, tx, look, f.Addrs)
	})
}

const (
	denySQL  = `update targets set denied_at = $2 where id = $1 and denied_at is null`
	allowSQL = `update targets set denied_at = null where id = $1 and denied_at is not null`
)

// noteDenial stops a target whose owner does not want it to be watched, once.
// When he does again its account may resume it.
func noteDenial(ctx context.Context, tx txn, l ownerLook, denied, known bool) error {
	if !denied {
		if !known {
			return nil
		}
		_, err := tx.ExecContext(ctx, allowSQL, l.target)
		return wrap("note opt-out", err)
	}
	if err := stopTarget(ctx, tx, l.account, l.target); err != nil {
		return err
	}
	res, err := tx.ExecContext(ctx, denySQL, l.target, tx.now)
	if err != nil {
		return fmt.Errorf("note opt-out: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	if err := stopTarget(ctx, tx, l.account, l.target); err != nil { // what was just made
		return err
	}
	return tellLoss(ctx, tx, l.account, l.target, uptime.LostByDenial)
}

const (
	seenAddressesSQL = `
insert into target_addresses (target_id, account_id, address, since, seen_at)
select $1, $2, u.address, $4, $4
from unnest($3::inet[]) as u (address)
order by u.address
on conflict (target_id, address) do update set seen_at = excluded.seen_at`

	// What a name has not had for a week, and is not watched on, is given up.
	oldAddressesSQL = `
delete from target_addresses a
using targets t
where a.target_id = $1 and t.id = a.target_id and a.seen_at <= $2 and a.address is distinct from t.pinned and host(a.address) <> t.host`

	freeAddressesSQL = `
insert into address_claims (address, account_id, claimed_at)
select u.address, $1, $3
from unnest($2::inet[]) as u (address)
where not exists (select from shared_networks n where n.prefix >>= u.address)
order by u.address
on conflict do nothing`
)

// noteAddresses keeps where a name points, and claims what nobody has of it.
func noteAddresses(ctx context.Context, tx txn, l ownerLook, addrs []netip.Addr) error {
	texts := pq.Array(addrTexts(addrs))
	if _, err := tx.ExecContext(ctx, seenAddressesSQL, l.target, l.account, texts, tx.now); err != nil {
		return fmt.Errorf("note addresses: %w", err)
	}
	if _, err := tx.ExecContext(ctx, oldAddressesSQL, l.target, tx.now.Add(-uptime.AddressMemory)); err != nil {
		return fmt.Errorf("give addresses up: %w", err)
	}
	_, err := tx.ExecContext(ctx, freeAddressesSQL, l.account, texts, tx.now)
	return wrap("claim addresses", err)
}
