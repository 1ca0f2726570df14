package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/lib/pq"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

const (
	// Of two who try at the same time the second waits for the first.
	claimHostSQL = `
insert into host_claims (host, account_id, target_id, claimed_at)
values ($1, $2, $3, $4)`

	noteAddressesSQL = `
insert into target_addresses (target_id, account_id, address, since, seen_at)
select $1, $2, u.address, $4, $4
from unnest($3::inet[]) as u (address)`

	// In one order, so that two who claim the same addresses cannot deadlock. The
	// account may have them already, by another name.
	claimAddressesSQL = `
insert into address_claims (address, account_id, claimed_at)
select u.address, $1, $3
from unnest($2::inet[]) as u (address)
order by u.address
on conflict do nothing`

	// A claim that is just being given up is waited for.
	lockAddressesSQL = `
select host(address)
from address_claims
where account_id = $1 and address = any($2::inet[])
order by address
for key share`

	sharedNetworkSQL = `
select name
from shared_networks
where prefix >>= any($1::inet[])
order by prefix
limit 1`

	monitorsOnSQL = `select hinomi_monitors_on($1::inet[])`

	addressesOfTargetSQL = `select host(address) from target_addresses where target_id = $1 order by address`
)

// claim makes the host and all addresses of a new target the account's.
func (db *DB) claim(ctx context.Context, tx txn, id int64, t uptime.NewTarget) error {
	if !db.opts.Claims {
		return nil
	}
	addrs := addrTexts(t.Addrs)
	if err := checkShared(ctx, tx, addrs); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, claimHostSQL, t.Host, t.AccountID, id, tx.now)
	if violates(err, "host_claims_pkey") {
		return uptime.ErrHostTaken
	}
	if err != nil {
		return fmt.Errorf("claim host: %w", err)
	}
	if _, err := tx.ExecContext(ctx, noteAddressesSQL, id, t.AccountID, pq.Array(addrs), tx.now); err != nil {
		return fmt.Errorf("note addresses: %w", err)
	}
	return claimAddresses(ctx, tx, t.AccountID, addrs)
}

func checkShared(ctx context.Context, tx txn, addrs []string) error {
	var name string
	err := tx.GetContext(ctx, &name, sharedNetworkSQL, pq.Array(addrs))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("look up shared networks: %w", err)
	}
	return &uptime.SharedNetworkError{Name: name}
}

// claimAddresses is uptime.ErrHostTaken if another account has one of them. It
// tries again what the account itself was just giving up.
func claimAddresses(ctx context.Context, tx txn, account int64, addrs []string) error {
	for range 2 {
		if _, err := tx.ExecContext(ctx, claimAddressesSQL, account, pq.Array(addrs), tx.now); err != nil {
			return fmt.Errorf("claim addresses: %w", err)
		}
		var own []string
		if err := tx.SelectContext(ctx, &own, lockAddressesSQL, account, pq.Array(addrs)); err != nil {
			return fmt.Errorf("claim addresses: %w", err)
		}
		if len(own) == len(addrs) {
			return nil
		}
	}
	return uptime.ErrHostTaken
}

// checkRoom is uptime.ErrAddressFull if, with what the transaction made, an
// address of the target has more monitors than it may have.
func (db *DB) checkRoom(ctx context.Context, tx txn, target int64) error {
	if !db.opts.Claims {
		return nil
	}
	var addrs []string
	if err := tx.SelectContext(ctx, &addrs, addressesOfTargetSQL, target); err != nil {
		return fmt.Errorf("read addresses: %w", err)
	}
	var monitors int
	if err := tx.GetContext(ctx, &monitors, monitorsOnSQL, pq.Array(addrs)); err != nil {
		return fmt.Errorf("count monitors: %w", err)
	}
	if monitors > uptime.MaxMonitorsOnAddress {
		return uptime.ErrAddressFull
	}
	return nil
}

// addrTexts are addresses as arguments, ascending, each once.
func addrTexts(addrs []netip.Addr) []string {
	sorted := slices.Clone(addrs)
	slices.SortFunc(sorted, netip.Addr.Compare)
	texts := []string{}
	for _, a := range slices.Compact(sorted) {
		texts = append(texts, a.String())
	}
	return texts
}

const (
	// Targets from before addresses were noted, or whose name has come to point
	// elsewhere. A host of digits and dots, or with a colon, is an address.
	settlePlacesSQL = `
insert into target_addresses (target_id, account_id, address, since, seen_at)
select t.id, t.account_id, p.address, $1, $1
from targets t
cross join lateral (select coalesce(t.pinned, case when t.host ~ '^[0-9.]+$' or strpos(t.host, ':') > 0 then t.host::inet end) as address) p
where p.address is not null and t.displaced_at is null
    and not exists (select from target_addresses a where a.target_id = t.id and a.address = p.address)
order by t.id
on conflict do nothing`

	settleHostsSQL = `
insert into host_claims (host, account_id, target_id, claimed_at)
select distinct on (t.host) t.host, t.account_id, t.id, $1
from targets t
where t.displaced_at is null and not exists (select from host_claims c where c.host = t.host)
order by t.host, t.id
on conflict do nothing`

	settleAddressesSQL = `
insert into address_claims (address, account_id, claimed_at)
select distinct on (a.address) a.address, a.account_id, $1
from target_addresses a
join targets t on t.id = a.target_id and t.displaced_at is null
where not exists (select from address_claims c where c.address = a.address)
    and not exists (select from shared_networks n where n.prefix >>= a.address)
order by a.address, a.target_id
on conflict do nothing`
)

// SettleClaims gives hosts and addresses that nobody has to the oldest target
// there: of the time before claims, of names that moved, and after somebody
// left. It needs RoleWatch.
func (db *DB) SettleClaims(ctx context.Context) error {
	return db.inTx(ctx, "settle claims", func(tx txn) error {
		for _, query := range []string{settlePlacesSQL, settleHostsSQL, settleAddressesSQL} {
			if _, err := tx.ExecContext(ctx, query, tx.now); err != nil {
				return err
			}
		}
		return nil
	})
}
