package postgres

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/netip"

	"github.com/lib/pq"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// noticeParams is mails.params of mails about monitors.
type noticeParams struct {
	Monitors []int64 `json:"monitors,omitempty"`
	Addr     string  `json:"address,omitempty"`
	Country  string  `json:"country,omitempty"`

	Lost uptime.Loss `json:"lost,omitempty"`
}

const (
	// Who is told of which of the monitors $5: those who get their alerts, else the
	// account's own address, unless its reader wants no mails.
	noticeContactsSQL = `
with told as (
    select c.id, c.email, c.locale, jsonb_agg(m.id order by u.place) as monitors
    from unnest($5::bigint[]) with ordinality u (id, place)
    join monitors m on m.id = u.id and m.account_id = $2
    join contacts c on c.account_id = $2 and ` + reachedSQL + `
    where ` + hearsSQL + `
    group by c.id
)
insert into mails (kind, account_id, contact_id, email, locale, params, created_at, next_try_at)
select $1, $2, u.id, u.email, u.locale, jsonb_set($3::jsonb, '{monitors}', u.monitors), $4, $4
from (
    select id, email, locale, monitors from told
    union all
    select null, a.email, a.locale, to_jsonb($5::bigint[])
    from accounts a
    where a.id = $2 and not exists (select from told) and not exists (
        select from contacts c
        where c.account_id = $2 and lower(c.email) = lower(a.email) and (c.unsubscribed_at is not null or c.bounced_at is not null))
) u`

	noticedSQL = `
select m.id, m.target_id, t.host, coalesce(nullif(m.label, ''), t.label) as label, m.service, m.port,
    case when s.state = 3 then s.stopped_at end as stopped_at
from monitors m
join targets t on t.id = m.target_id
join monitor_states s on s.monitor_id = m.id
where m.id = any($1::bigint[])
order by m.target_id, m.id`
)

// oweNotice owes a mail about monitors to everybody whom the account's alerts
// go to, in the transaction of what it tells.
func oweNotice(ctx context.Context, tx txn, kind uptime.MailKind, account int64, p noticeParams) error {
	params, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("owe mail: %w", err)
	}
	_, err = tx.ExecContext(ctx, noticeContactsSQL, kind, account, string(params), tx.now, pq.Array(p.Monitors))
	return wrap("owe mail", err)
}

type noticedRow struct {
	ID        int64        `db:"id"`
	TargetID  int64        `db:"target_id"`
	Host      string       `db:"host"`
	Label     string       `db:"label"`
	Service   string       `db:"service"`
	Port      int32        `db:"port"`
	StoppedAt sql.NullTime `db:"stopped_at"`
}

func (r noticedRow) monitor() (uptime.NoticedMonitor, error) {
	service, err := uptime.ParseService(r.Service)
	if err != nil {
		return uptime.NoticedMonitor{}, fmt.Errorf("monitor %d: %w", r.ID, err)
	}
	return uptime.NoticedMonitor{
		ID: r.ID, TargetID: r.TargetID, Host: r.Host, Label: r.Label, Service: service, Port: uint16(r.Port), StoppedAt: timeOf(r.StoppedAt),
	}, nil
}

// readNotices puts what mails tell of monitors into them; rows and mails stand
// in the same order.
func readNotices(ctx context.Context, tx txn, rows []mailRow, mails []uptime.Mail) error {
	for i, r := range rows {
		var p noticeParams
		if err := json.Unmarshal(r.Params, &p); err != nil {
			return fmt.Errorf("params of mail %d: %w", r.ID, err)
		}
		if len(p.Monitors) == 0 {
			continue
		}
		n, err := readNotice(ctx, tx, p)
		if err != nil {
			return fmt.Errorf("notice of mail %d: %w", r.ID, err)
		}
		mails[i].Notice = n
	}
	return nil
}

func readNotice(ctx context.Context, tx txn, p noticeParams) (uptime.Notice, error) {
	n := uptime.Notice{Country: p.Country, Lost: p.Lost}
	if p.Addr != "" {
		var err error
		if n.Addr, err = netip.ParseAddr(p.Addr); err != nil {
			return n, err
		}
	}
	var rows []noticedRow
	if err := tx.SelectContext(ctx, &rows, noticedSQL, pq.Array(p.Monitors)); err != nil {
		return n, err
	}
	for _, r := range rows {
		m, err := r.monitor()
		if err != nil {
			return n, err
		}
		n.Monitors = append(n.Monitors, m)
	}
	return n, nil
}

const accountOfTargetSQL = `select account_id from targets where id = $1`

// StopAbroad stops all monitors of a target whose name has come to point where
// hosts may not stand, and owes the mails that tell it. A target that is gone or
// not watched is no error: nothing happens then, and nobody is told twice.
func (db *DB) StopAbroad(ctx context.Context, d uptime.Departure) error {
	return db.inTx(ctx, "stop abroad", func(tx txn) error {
		var account []int64
		if err := tx.SelectContext(ctx, &account, accountOfTargetSQL, d.TargetID); err != nil || len(account) == 0 {
			return err
		}
		var ids []int64
		if err := tx.SelectContext(ctx, &ids, monitorIDsOfTargetSQL, account[0], d.TargetID); err != nil {
			return err
		}
		stopped, err := changeStandings(ctx, tx, account[0], ids, uptime.Standing.Stop)
		if err != nil || len(stopped) == 0 {
			return err
		}
		return oweNotice(ctx, tx, uptime.CountryMail, account[0], noticeParams{Monitors: stopped, Addr: d.Addr.String(), Country: d.Country})
	})
}
