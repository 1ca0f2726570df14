package postgres

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// addressBook tells on which address a monitor's samples were measured.
type addressBook struct {
	literal netip.Addr // of a host that is an address; zero for a name
	since   []time.Time
	addrs   []netip.Addr
}

// of is the address that a sample was measured on. Where no probe was sent, or
// it is not known whether one was, there is none.
func (b addressBook) of(s uptime.Sample) netip.Addr {
	switch s.Status() {
	case uptime.OK, uptime.NG, uptime.WR:
	default:
		return netip.Addr{}
	}
	if b.literal.IsValid() {
		return b.literal
	}
	i, found := slices.BinarySearchFunc(b.since, s.At, time.Time.Compare)
	if found {
		return b.addrs[i]
	}
	if i == 0 {
		return netip.Addr{}
	}
	return b.addrs[i-1]
}

const (
	selectHostSQL = `
select m.target_id, t.host
from monitors m
join targets t on t.id = m.target_id
where m.account_id = $1 and m.id = $2`

	selectAddressesSQL = `
select since, host(address) as address
from address_changes
where target_id = $1
order by since`
)

// readAddresses reads the whole history of the monitor's target: it changes
// seldom.
func readAddresses(ctx context.Context, q sqlx.QueryerContext, key monitorKey) (addressBook, error) {
	var target struct {
		ID   int64  `db:"target_id"`
		Host string `db:"host"`
	}
	if err := sqlx.GetContext(ctx, q, &target, selectHostSQL, key.account, key.monitor); err != nil {
		return addressBook{}, err
	}
	if literal, err := netip.ParseAddr(target.Host); err == nil {
		return addressBook{literal: literal}, nil
	}
	var rows []struct {
		Since   time.Time `db:"since"`
		Address string    `db:"address"`
	}
	if err := sqlx.SelectContext(ctx, q, &rows, selectAddressesSQL, target.ID); err != nil {
		return addressBook{}, fmt.Errorf("select addresses: %w", err)
	}
	var book addressBook
	for _, r := range rows {
		addr, err := netip.ParseAddr(r.Address)
		if err != nil {
			return addressBook{}, fmt.Errorf("stored address: %w", err)
		}
		book.since, book.addrs = append(book.since, r.Since.UTC()), append(book.addrs, addr)
	}
	return book, nil
}

// result is a sample with its address, as readers get it.
func (b addressBook) result(monitor int64, s uptime.Sample) uptime.Result {
	return uptime.Result{Sample: s, MonitorID: monitor, Addr: b.of(s)}
}
