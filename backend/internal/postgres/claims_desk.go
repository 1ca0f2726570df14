package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"net/netip"
	"time"

	"github.com/lib/pq"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// What the operator sees and does of claims. It needs RoleWatch.

const (
	sharedNetworksSQL = `select prefix::text, name from shared_networks order by prefix`

	dropSharedNetworksSQL = `delete from shared_networks`

	addSharedNetworksSQL = `
insert into shared_networks (prefix, name)
select u.prefix, u.name
from unnest($1::cidr[], $2::text[]) as u (prefix, name)`
)

type sharedNetworkRow struct {
	Prefix string `db:"prefix"`
	Name   string `db:"name"`
}

// SharedNetworks lists all, ascending.
func (db *DB) SharedNetworks(ctx context.Context) ([]uptime.SharedNetwork, error) {
	var rows []sharedNetworkRow
	if err := db.x.SelectContext(ctx, &rows, sharedNetworksSQL); err != nil {
		return nil, fault("list shared networks", err)
	}
	networks := make([]uptime.SharedNetwork, len(rows))
	for i, r := range rows {
		prefix, err := netip.ParsePrefix(r.Prefix)
		if err != nil {
			return nil, fmt.Errorf("stored prefix: %w", err)
		}
		networks[i] = uptime.SharedNetwork{Prefix: prefix, Name: r.Name}
	}
	return networks, nil
}

// SetSharedNetworks replaces the list; prefixes are canonical and each once.
// What is watched already stays.
func (db *DB) SetSharedNetworks(ctx context.Context, networks []uptime.SharedNetwork) error {
	prefixes, names := make([]string, len(networks)), make([]string, len(networks))
	for i, n := range networks {
		prefixes[i], names[i] = n.Prefix.String(), n.Name
	}
	return db.inTx(ctx, "set shared networks", func(tx txn) error {
		if _, err := tx.ExecContext(ctx, dropSharedNetworksSQL); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, addSharedNetworksSQL, pq.Array(prefixes), pq.Array(names))
		return err
	})
}

// claimedTargetColumns are the columns of claimedTargetRow, of targets t.
const claimedTargetColumns = `t.id, t.host, t.account_id, t.created_at, t.displaced_at,
    coalesce((select case when p.proven_at is not null then 'proven' when p.lost_at is not null then 'lost' else 'pending' end
        from proofs p where p.target_id = t.id), 'none') as proof,
    (select email from accounts where id = t.account_id) as email,
    exists (select from allowed_hosts h where h.host = t.host) as allowed,
    array(select host(a.address) from target_addresses a where a.target_id = t.id order by a.address) as addresses`

type claimedTargetRow struct {
	ID          int64          `db:"id"`
	Host        string         `db:"host"`
	AccountID   int64          `db:"account_id"`
	Email       string         `db:"email"`
	CreatedAt   time.Time      `db:"created_at"`
	DisplacedAt sql.NullTime   `db:"displaced_at"`
	Proof       string         `db:"proof"`
	Allowed     bool           `db:"allowed"`
	Addresses   pq.StringArray `db:"addresses"`
}

func (r claimedTargetRow) target() (uptime.ClaimedTarget, error) {
	t := uptime.ClaimedTarget{
		ID: r.ID, Host: r.Host, AccountID: r.AccountID, Email: r.Email, CreatedAt: r.CreatedAt.UTC(),
		DisplacedAt: timeOf(r.DisplacedAt), Proof: uptime.ProofState(r.Proof), Allowed: r.Allowed,
	}
	for _, text := range r.Addresses {
		a, err := netip.ParseAddr(text)
		if err != nil {
			return t, fmt.Errorf("stored address: %w", err)
		}
		t.Addresses = append(t.Addresses, a)
	}
	return t, nil
}

const claimedTargetsSQL = `
select ` + claimedTargetColumns + `
from targets t
where t.host = $1 and t.id > $2
order by t.id
limit $3`

// ClaimedTargets lists who watches a host, ascending by id.
func (db *DB) ClaimedTargets(ctx context.Context, host string, p uptime.Page) ([]uptime.ClaimedTarget, error) {
	var rows []claimedTargetRow
	if err := db.x.SelectContext(ctx, &rows, claimedTargetsSQL, host, p.After, p.Limit); err != nil {
		return nil, fault("list claimed targets", err)
	}
	return claimedTargetsOf(rows)
}

func claimedTargetsOf(rows []claimedTargetRow) ([]uptime.ClaimedTarget, error) {
	targets := make([]uptime.ClaimedTarget, len(rows))
	for i, r := range rows {
		var err error
		if targets[i], err = r.target(); err != nil {
			return nil, err
		}
	}
	return targets, nil
}

const (
	// Where targets are and could not be registered today. One that was displaced
	// is no collision any more.
	collisionsSQL = `
select k.kind, k.target_id, k.holder_id, k.address, k.since
from (
    select 'host' as kind, t.id as target_id, c.target_id as holder_id, null::text as address, t.created_at as since
    from targets t
    join host_claims c on c.host = t.host and c.account_id <> t.account_id
    where t.displaced_at is null
    union all
    select 'address', a.target_id,
        (select min(o.target_id) from target_addresses o where o.address = a.address and o.account_id = c.account_id),
        host(a.address), a.since
    from target_addresses a
    join targets t on t.id = a.target_id and t.displaced_at is null
    join address_claims c on c.address = a.address and c.account_id <> a.account_id
    union all
    select 'crowd', min(a.target_id), null, host(a.address), max(m.created_at)
    from target_addresses a
    join targets t on t.id = a.target_id and t.displaced_at is null
    join monitors m on m.target_id = t.id
    group by a.address
    having count(*) > $1
) k
order by k.since desc, k.target_id, k.kind, k.address
limit $2`

	targetsByIDSQL = `
select ` + claimedTargetColumns + `
from targets t
where t.id = any($1::bigint[])`
)

type collisionRow struct {
	Kind     string         `db:"kind"`
	TargetID int64          `db:"target_id"`
	HolderID sql.NullInt64  `db:"holder_id"`
	Address  sql.NullString `db:"address"`
	Since    time.Time      `db:"since"`
}

// Collisions lists the newest first, at most limit.
func (db *DB) Collisions(ctx context.Context, limit int) ([]uptime.Collision, error) {
	var all []uptime.Collision
	err := db.inSnapshot(ctx, "list collisions", func(tx txn) error {
		var rows []collisionRow
		if err := tx.SelectContext(ctx, &rows, collisionsSQL, uptime.MaxMonitorsOnAddress, limit); err != nil {
			return err
		}
		known, err := targetsByID(ctx, tx, rows)
		if err != nil {
			return err
		}
		for _, r := range rows {
			addr, err := parseAddr(r.Address)
			if err != nil {
				return err
			}
			all = append(all, uptime.Collision{
				Kind: r.Kind, Target: known[r.TargetID], Holder: known[r.HolderID.Int64], Address: addr, Since: r.Since.UTC(),
			})
		}
		return nil
	})
	return all, err
}

func targetsByID(ctx context.Context, tx txn, rows []collisionRow) (map[int64]uptime.ClaimedTarget, error) {
	var ids []int64
	for _, r := range rows {
		ids = append(ids, r.TargetID, r.HolderID.Int64)
	}
	var found []claimedTargetRow
	if err := tx.SelectContext(ctx, &found, targetsByIDSQL, pq.Array(ids)); err != nil {
		return nil, fmt.Errorf("read targets: %w", err)
	}
	targets, err := claimedTargetsOf(found)
	known := make(map[int64]uptime.ClaimedTarget, len(targets))
	for _, t := range targets {
		known[t.ID] = t
	}
	return known, err
}
