package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/lib/pq"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// exportedTable is a table of which an account gets its rows. Columns are all
// that the table has but those of secrets, so that none is forgotten.
type exportedTable struct {
	name    string
	of      string // condition on x: rows of account $1
	key     string // columns of a unique key
	secrets []string
}

const (
	ofAccountSQL = `x.account_id = $1`
	ofMonitorSQL = `exists (select from monitors m where m.id = x.monitor_id and m.account_id = $1)`
	ofTargetSQL  = `exists (select from targets t where t.id = x.target_id and t.account_id = $1)`
)

// exportedTables is what an export consists of besides results. A new table of
// accounts' data needs its line here, and every column that is a secret its name.
func exportedTables() []exportedTable {
	return []exportedTable{
		{name: "accounts", of: `x.id = $1`, key: "id", secrets: []string{"password_hash"}},
		{name: "sessions", of: ofAccountSQL, key: "id", secrets: []string{"refresh_hash", "previous_hash"}},
		{name: "tokens", of: ofAccountSQL, key: "hash", secrets: []string{"hash", "code_hash", "params"}}, // a registration's password
		{name: "api_tokens", of: ofAccountSQL, key: "id", secrets: []string{"hash"}},
		{name: "second_factors", of: ofAccountSQL, key: "account_id", secrets: []string{"secret"}},
		{name: "recovery_codes", of: ofAccountSQL, key: "hash", secrets: []string{"hash"}},
		{name: "invites", of: ofAccountSQL, key: "id", secrets: []string{"code_hash", "used_by"}},
		{name: "audit_log", of: ofAccountSQL, key: "id", secrets: []string{"actor_id"}}, // which operator it was
		{name: "contacts", of: ofAccountSQL, key: "id"},
		{name: "targets", of: ofAccountSQL, key: "id"},
		{name: "target_contacts", of: ofAccountSQL, key: "target_id, contact_id"},
		{name: "host_claims", of: ofAccountSQL, key: "host"},
		{name: "address_claims", of: ofAccountSQL, key: "address"},
		{name: "target_addresses", of: ofAccountSQL, key: "target_id, address"},
		{name: "proofs", of: ofAccountSQL, key: "target_id"},
		{name: "address_changes", of: ofTargetSQL, key: "target_id, since"},
		{name: "host_requests", of: ofAccountSQL, key: "id"},
		{name: "monitors", of: ofAccountSQL, key: "id"},
		{name: "monitor_states", of: ofMonitorSQL, key: "monitor_id"},
		{name: "watch_gaps", of: ofMonitorSQL, key: "monitor_id, from_at"},
		{name: "incidents", of: ofAccountSQL, key: "id"},
		{name: "alert_events", of: ofAccountSQL, key: "id"},
		{name: "mails", of: ofAccountSQL, key: "id", secrets: []string{"token"}},
		{name: "deliveries", of: ofAccountSQL, key: "id"},
	}
}

// exportedAsResults are the tables whose content an export has as results, a
// line each.
func exportedAsResults() []string { return []string{"sample_chunks", "sample_days"} }

// exportPage bounds the rows that are held at once.
const exportPage = 500

// sql asks for the rows of account $1 after the key $2, without the columns $3.
func (t exportedTable) sql() string {
	columns := strings.Split(t.key, ", ")
	pairs, own := make([]string, len(columns)), make([]string, len(columns))
	for i, c := range columns {
		own[i] = "x." + c
		pairs[i] = fmt.Sprintf("'%s', x.%s", c, c)
	}
	return fmt.Sprintf(`
select to_jsonb(x) - $3::text[] as content, jsonb_build_object(%s) as place
from %s x
where %s and ($2::jsonb is null or (%s) > (select %s from jsonb_populate_record(null::%s, $2::jsonb)))
order by %s
limit %d`, strings.Join(pairs, ", "), t.name, t.of, strings.Join(own, ", "), t.key, t.name, strings.Join(own, ", "), exportPage)
}

// ExportTables names the tables of an export, in their order.
func (db *DB) ExportTables() []string {
	tables := exportedTables()
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = t.name
	}
	return names
}

// ExportRows gives the rows of one table that an account has, from a place on
// ("": the first).
func (db *DB) ExportRows(ctx context.Context, accountID int64, table, from string) (account.ExportPage, error) {
	var page account.ExportPage
	for _, t := range exportedTables() {
		if t.name != table {
			continue
		}
		var rows []struct {
			Content json.RawMessage `db:"content"`
			Place   string          `db:"place"`
		}
		var after *string
		if from != "" {
			after = &from
		}
		q := ask(t.sql(), accountID, after, pq.StringArray(append([]string{}, t.secrets...)))
		if err := db.as(accountID).list(ctx, "export "+table, &rows, q); err != nil {
			return page, err
		}
		for _, r := range rows {
			page.Rows = append(page.Rows, r.Content)
		}
		if len(rows) == exportPage {
			page.Next = rows[len(rows)-1].Place
		}
		return page, nil
	}
	return page, fmt.Errorf("export %s: %w", table, uptime.ErrNotFound)
}
