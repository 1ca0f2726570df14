package postgres

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// exported is all rows of a table as an account gets them, page by page.
func exported(t *testing.T, db *DB, account int64, table string) (rows []string, pages int) {
	t.Helper()
	from := ""
	for {
		page, err := db.ExportRows(t.Context(), account, table, from)
		must(t, err)
		pages++
		for _, r := range page.Rows {
			rows = append(rows, string(r))
		}
		if from = page.Next; from == "" {
			return rows, pages
		}
	}
}

// A table of accounts' data that nobody has thought of fails here.
func TestAnExportHasEveryTableOfAnAccountAndNoSecret(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	a, b := seedEverything(t, db, "a@example.jp"), seedEverything(t, db, "b@example.jp")
	api := inRole(t, db, RoleAPI)
	known := append(api.ExportTables(), exportedAsResults()...)
	var tables []string
	must(t, db.x.SelectContext(t.Context(), &tables, tablesSQL))
	decided := decisions()
	for _, table := range tables {
		tenants := decided[table] == ofAccount || decided[table] == door
		if tenants != slices.Contains(known, table) {
			t.Errorf("%s: of accounts %v, in the export %v", table, tenants, !tenants)
		}
	}
	secret := regexp.MustCompile(`hash|secret|token$|password|^code`)
	for _, table := range api.ExportTables() {
		rows, _ := exported(t, api, a, table)
		others, _ := exported(t, api, b, table)
		all := one[int](t, db, `select count(*) from `+table)
		if len(rows) == 0 || len(rows)+len(others) != all {
			t.Errorf("%s: %d rows of one account and %d of the other, of %d", table, len(rows), len(others), all)
		}
		for _, r := range rows {
			if slices.Contains(others, r) {
				t.Errorf("%s: both accounts have %s", table, r)
			}
			if strings.Contains(r, "b@example.jp") {
				t.Errorf("%s: one account has the other's %s", table, r)
			}
			var columns map[string]any
			must(t, json.Unmarshal([]byte(r), &columns))
			for c := range columns {
				if secret.MatchString(c) && c != "code_tries" {
					t.Errorf("%s.%s is exported", table, c)
				}
			}
		}
	}
}

func TestAnExportComesInPages(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 0)
	monitor := seedMonitor(t, db, owner, "www.example.jp")
	const n = 2*exportPage + 1
	exec(t, db, `insert into watch_gaps select $1, timestamptz '2026-11-01' + i * interval '1 millisecond', null, 3 from generate_series(1, $2) i`, monitor, n)
	exec(t, db, `insert into contacts (account_id, email, locale, created_at) select $1, i || '@example.jp', 'ja', now() from generate_series(1, $2) i`, owner, exportPage)
	exec(t, db, `insert into tokens (hash, purpose, account_id, created_at, expires_at)
		select sha256(i::text::bytea), 'download', $1, now() + i * interval '1 second', now() from generate_series(1, $2) i`, owner, n)
	for table, want := range map[string][2]int{"watch_gaps": {n, 3}, "contacts": {exportPage, 2}, "tokens": {n, 3}, "incidents": {0, 1}} {
		rows, pages := exported(t, db, owner, table)
		slices.Sort(rows)
		if distinct := len(slices.Compact(rows)); distinct != want[0] || len(rows) != want[0] || pages != want[1] {
			t.Errorf("%s: %d rows, %d distinct, in %d pages", table, len(rows), distinct, pages)
		}
	}
	_, err := db.ExportRows(t.Context(), owner, "recorder_progress", "")
	want(t, uptime.ErrNotFound, err)
}
