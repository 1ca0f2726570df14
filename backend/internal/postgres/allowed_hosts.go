package postgres

import (
	"context"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

const (
	hostAllowedSQL = `select exists (select from allowed_hosts where host = $1)`

	allowedHostsSQL = `
select id, host, created_at
from allowed_hosts
where id > $1
order by id
limit $2`

	allowHostSQL = `
insert into allowed_hosts (host, created_at)
values ($1, $2)
returning id, host, created_at`

	answerRequestsSQL = `delete from host_requests where host = $1`

	disallowHostSQL = `delete from allowed_hosts where id = $1`
)

// HostAllowed tells whether the operator allows a host whatever its country.
func (db *DB) HostAllowed(ctx context.Context, host string) (allowed bool, err error) {
	err = db.x.GetContext(ctx, &allowed, hostAllowedSQL, host)
	return allowed, fault("look up allowed host", err)
}

type allowedHostRow struct {
	ID        int64     `db:"id"`
	Host      string    `db:"host"`
	CreatedAt time.Time `db:"created_at"`
}

func (r allowedHostRow) allowed() uptime.AllowedHost {
	return uptime.AllowedHost{ID: r.ID, Host: r.Host, CreatedAt: r.CreatedAt.UTC()}
}

// AllowedHosts lists ascending by id. It and the methods below are the
// operator's: they need RoleWatch.
func (db *DB) AllowedHosts(ctx context.Context, p uptime.Page) ([]uptime.AllowedHost, error) {
	var rows []allowedHostRow
	if err := db.x.SelectContext(ctx, &rows, allowedHostsSQL, p.After, p.Limit); err != nil {
		return nil, fault("list allowed hosts", err)
	}
	hosts := make([]uptime.AllowedHost, len(rows))
	for i, r := range rows {
		hosts[i] = r.allowed()
	}
	return hosts, nil
}

// AllowHost allows a host and answers all who asked for it.
func (db *DB) AllowHost(ctx context.Context, host string) (uptime.AllowedHost, error) {
	var row allowedHostRow
	err := db.inTx(ctx, "allow host", func(tx txn) error {
		err := tx.GetContext(ctx, &row, allowHostSQL, host, tx.now)
		if violates(err, "allowed_hosts_host_key") {
			return uptime.ErrConflict
		}
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, answerRequestsSQL, host)
		return err
	})
	return row.allowed(), err
}

// DisallowHost takes the permission back; what is watched already stays until
// its address changes.
func (db *DB) DisallowHost(ctx context.Context, id int64) error {
	return fault("disallow host", mustHit(db.x.ExecContext(ctx, disallowHostSQL, id)))
}

const (
	// A repeat renews the words, so that a person may add some.
	askForHostSQL = `
insert into host_requests (account_id, host, note, created_at)
values ($1, $2, $3, $4)
on conflict (account_id, host) do update set note = excluded.note, created_at = excluded.created_at`

	otherRequestsSQL = `select count(*) from host_requests where account_id = $1 and host <> $2`

	hostRequestsSQL = `
select r.id, r.account_id, a.email, r.host, r.note, r.created_at
from host_requests r
join accounts a on a.id = r.account_id
where r.id > $1
order by r.id
limit $2`

	dropRequestSQL = `delete from host_requests where id = $1`
)

// maxHostRequests bounds what one account asks at a time.
const maxHostRequests = 20

// AskForHost asks the operator to allow a host, in the account's name.
// uptime.ErrTooMany if the account has 20 open questions.
func (db *DB) AskForHost(ctx context.Context, r uptime.HostRequest) error {
	return db.as(r.AccountID).inTx(ctx, "ask for host", func(tx txn) error {
		var account int64
		if err := tx.GetContext(ctx, &account, lockAccountSQL, r.AccountID); err != nil {
			return err
		}
		var others int
		if err := tx.GetContext(ctx, &others, otherRequestsSQL, r.AccountID, r.Host); err != nil {
			return err
		}
		if others >= maxHostRequests {
			return uptime.ErrTooMany
		}
		_, err := tx.ExecContext(ctx, askForHostSQL, r.AccountID, r.Host, r.Note, tx.now)
		return err
	})
}

type hostRequestRow struct {
	ID        int64     `db:"id"`
	AccountID int64     `db:"account_id"`
	Email     string    `db:"email"`
	Host      string    `db:"host"`
	Note      string    `db:"note"`
	CreatedAt time.Time `db:"created_at"`
}

// HostRequests lists what accounts ask for, ascending by id.
func (db *DB) HostRequests(ctx context.Context, p uptime.Page) ([]uptime.HostRequest, error) {
	var rows []hostRequestRow
	if err := db.x.SelectContext(ctx, &rows, hostRequestsSQL, p.After, p.Limit); err != nil {
		return nil, fault("list host requests", err)
	}
	requests := make([]uptime.HostRequest, len(rows))
	for i, r := range rows {
		requests[i] = uptime.HostRequest(r)
		requests[i].CreatedAt = r.CreatedAt.UTC()
	}
	return requests, nil
}

// DropHostRequest refuses one silently.
func (db *DB) DropHostRequest(ctx context.Context, id int64) error {
	return fault("drop host request", mustHit(db.x.ExecContext(ctx, dropRequestSQL, id)))
}
