package postgres

import (
	"fmt"
	"testing"

	"github.com/lib/pq"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// seedAccount makes a verified account with as many verified contacts, and
// returns its id.
func seedAccount(t *testing.T, db *DB, email string, contacts int) int64 {
	t.Helper()
	id := one[int64](t, db, `
insert into accounts (email, password_hash, locale, time_zone, terms_version, verified_at, created_at)
values ($1, '', 'ja', 'Asia/Tokyo', '1', $2, $2) returning id`, email, db.now())
	for i := range contacts {
		exec(t, db, `insert into contacts (account_id, email, locale, verified_at, created_at) values ($1, $2, 'ja', $3, $3)`,
			id, fmt.Sprintf("%d-%s", i, email), db.now())
	}
	return id
}

// seedTarget makes a target with monitors and returns their ids.
func seedTarget(t *testing.T, db *DB, account int64, host string, services ...uptime.Service) (target int64, monitors []int64) {
	t.Helper()
	err := db.inTx(t.Context(), "seed target", func(tx txn) error {
		if err := tx.GetContext(t.Context(), &target, insertTargetSQL, account, host, "", "", db.now()); err != nil {
			return err
		}
		var err error
		monitors, err = insertMonitors(t.Context(), tx, account, target, uptime.NewTarget{Services: services}.Endpoints())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return target, monitors
}

// seedMonitor makes a target with one monitor.
func seedMonitor(t *testing.T, db *DB, account int64, host string) int64 {
	t.Helper()
	_, ids := seedTarget(t, db, account, host, uptime.HTTP)
	return ids[0]
}

// standingOf reads a monitor's standing and version.
func standingOf(t *testing.T, db *DB, monitor int64) (uptime.Standing, int64) {
	t.Helper()
	rows, err := selectStandings(t.Context(), db.x, []int64{monitor})
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	s, err := rows[0].standing()
	if err != nil {
		t.Fatal(err)
	}
	return s, rows[0].Version
}

// intArray is a list of ids as an argument.
func intArray(ids []int64) any { return pq.Int64Array(ids) }
