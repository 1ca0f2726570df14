package postgres

import (
	"database/sql"
	"fmt"
	"net/netip"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// monitorRow is a monitor as its account sees it.
type monitorRow struct {
	stateRow
	ID         int64          `db:"id"`
	TargetID   int64          `db:"target_id"`
	AccountID  int64          `db:"account_id"`
	Host       string         `db:"host"`
	Label      string         `db:"label"`
	Notes      string         `db:"notes"`
	Service    string         `db:"service"`
	Port       int32          `db:"port"`
	CreatedAt  time.Time      `db:"created_at"`
	Pinned     sql.NullString `db:"pinned"`
	IncidentID sql.NullInt64  `db:"incident_id"`
}

// selectMonitors reads monitorRows; conditions and order follow.
const selectMonitors = `
select ` + stateColumns + `, m.id, m.target_id, m.account_id, t.host,
	coalesce(nullif(m.label, ''), t.label) as label, m.notes, m.service, m.port, m.created_at,
	host(t.pinned) as pinned, i.id as incident_id
from monitors m
join targets t on t.id = m.target_id
join monitor_states s on s.monitor_id = m.id
left join incidents i on i.monitor_id = m.id and i.started_at = s.incident_start`

func (r monitorRow) monitor() (uptime.Monitor, error) {
	standing, err := r.standing()
	if err != nil {
		return uptime.Monitor{}, err
	}
	service, err := uptime.ParseService(r.Service)
	if err != nil {
		return uptime.Monitor{}, fmt.Errorf("monitor %d: %w", r.ID, err)
	}
	pinned, err := parseAddr(r.Pinned)
	if err != nil {
		return uptime.Monitor{}, fmt.Errorf("monitor %d: %w", r.ID, err)
	}
	return uptime.Monitor{
		ID: r.ID, TargetID: r.TargetID, AccountID: r.AccountID, Host: r.Host, Label: r.Label, Notes: r.Notes,
		Service: service, Port: uint16(r.Port), CreatedAt: r.CreatedAt.UTC(), Pinned: pinned,
		IncidentID: r.IncidentID.Int64, Standing: standing, KeepWatching: r.KeepWatching,
	}, nil
}

func monitorsOf(rows []monitorRow) ([]uptime.Monitor, error) {
	monitors := make([]uptime.Monitor, len(rows))
	for i, r := range rows {
		var err error
		if monitors[i], err = r.monitor(); err != nil {
			return nil, err
		}
	}
	return monitors, nil
}

// parseAddr reads what host(inet) gave; null is the zero address.
func parseAddr(s sql.NullString) (netip.Addr, error) {
	if !s.Valid {
		return netip.Addr{}, nil
	}
	addr, err := netip.ParseAddr(s.String)
	if err != nil {
		return netip.Addr{}, fmt.Errorf("stored address: %w", err)
	}
	return addr, nil
}
