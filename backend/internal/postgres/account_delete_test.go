package postgres

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// everyTrace finds the rows of all tables in which one of the marks stands, and
// all rows.
func everyTrace(t *testing.T, db *DB, marks string) map[string][2]int {
	t.Helper()
	var tables []string
	must(t, db.x.SelectContext(t.Context(), &tables, tablesSQL))
	traces := map[string][2]int{}
	for _, table := range tables {
		found := one[int](t, db, fmt.Sprintf(`select count(*) from %s x where x::text ~ $1`, table), marks)
		traces[table] = [2]int{found, one[int](t, db, `select count(*) from `+table)}
	}
	return traces
}

// Identities of the one account begin with 7700; nothing else does.
const farIDsSQL = `
select hinomi_restart(quote_ident(table_name), column_name, $1)
from information_schema.columns
where table_schema = current_schema() and is_identity = 'YES'`

const restartSQL = `
create function hinomi_restart(t text, c text, n bigint) returns text language plpgsql as $$
begin
	execute format('alter table %s alter column %I restart with %s', t, c, n);
	return t;
end $$`

func TestADeletedAccountLeavesNothingInAnyTable(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	other := seedEverything(t, db, "b@example.jp")
	seedAccount(t, db, "operator@example.jp", 0)
	before := everyTrace(t, db, "7700|leaver")
	exec(t, db, restartSQL)
	exec(t, db, farIDsSQL, 770001)
	leaver := seedEverything(t, db, "leaver@example.jp")
	if leaver != 770001 {
		t.Fatalf("account %d", leaver)
	}
	seeded := everyTrace(t, db, "7700|leaver")
	for table, kind := range decisions() {
		if n := seeded[table]; (kind == ofAccount || kind == door) && n[0] == 0 {
			t.Errorf("%s: nothing is there that could stay", table)
		}
	}
	api := inRole(t, db, RoleAPI)
	want(t, uptime.ErrConflict, api.DeleteAccount(t.Context(), leaver, "another password"))
	if now := everyTrace(t, db, "7700|leaver"); now["targets"] != seeded["targets"] || now["accounts"] != seeded["accounts"] {
		t.Errorf("a wrong password deleted: %v", now)
	}
	must(t, api.DeleteAccount(t.Context(), leaver, ""))
	for table, now := range everyTrace(t, db, "7700|leaver") {
		if now[0] != 0 || now[1] != before[table][1] {
			t.Errorf("%s: %d rows of the account are left; %d rows in all, before it came %d", table, now[0], now[1], before[table][1])
		}
	}
	if n := one[int](t, db, `select count(*) from targets where account_id = $1`, other); n != 1 {
		t.Errorf("the other account has %d targets", n)
	}
	want(t, uptime.ErrConflict, api.DeleteAccount(t.Context(), leaver, ""))
}

func TestWhatIsAddedDuringADeletionIsGoneToo(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	leaver := seedAccount(t, db, "leaver@example.jp", 0)
	for i := range 5 {
		seedTarget(t, db, leaver, fmt.Sprintf("h%d.example.jp", i), uptime.HTTP)
	}
	api := inRole(t, db, RoleAPI)
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() {
			_, err := api.CreateTarget(t.Context(), uptime.NewTarget{AccountID: leaver, Host: fmt.Sprintf("late%d.example.jp", i), Services: []uptime.Service{uptime.HTTP}})
			if err != nil && one[int](t, db, `select count(*) from accounts`) != 0 {
				t.Error(err)
			}
		})
	}
	must(t, api.DeleteAccount(t.Context(), leaver, ""))
	wg.Wait()
	if n := one[int](t, db, `select (select count(*) from targets) + (select count(*) from monitors) + (select count(*) from monitor_states)`); n != 0 {
		t.Errorf("%d rows are left", n)
	}
}

func TestTheLastOperatorStaysAsLongAsOthersAreThere(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	first, err := db.RegisterOperator(t.Context(), registration("a@example.jp"))
	must(t, err)
	user := seedAccount(t, db, "user@example.jp", 0)
	second := seedAccount(t, db, "b@example.jp", 0)
	want(t, account.ErrLastOperator, db.DeleteAccount(t.Context(), first.ID, "hash"))
	exec(t, db, `update accounts set role = 'operator', password_hash = 'hash' where id = $1`, second)
	exec(t, db, `update accounts set disabled_at = now() where id = $1`, second)
	want(t, account.ErrLastOperator, db.DeleteAccount(t.Context(), first.ID, "hash"))
	exec(t, db, `update accounts set disabled_at = null where id = $1`, second)

	errs := make([]error, 2)
	var wg sync.WaitGroup
	for i, id := range []int64{first.ID, second} {
		wg.Go(func() { errs[i] = db.DeleteAccount(t.Context(), id, "hash") })
	}
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) || !errors.Is(errors.Join(errs...), account.ErrLastOperator) {
		t.Errorf("two at once: %v", errs)
	}
	must(t, db.DeleteAccount(t.Context(), user, ""))
	if yes, err := db.HasOperator(t.Context()); err != nil || !yes {
		t.Errorf("an operator is left: %v, %v", yes, err)
	}
	left := one[int64](t, db, `select id from accounts`)
	must(t, db.DeleteAccount(t.Context(), left, "hash")) // nobody needs one any more
}
