package postgres

import (
	"fmt"
	"strings"
	"testing"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// What a table of the schema is to hinomi_api. A new table needs a decision
// here, and its grants and policies in the migration that makes it.
const (
	ofAccount = "of an account"  // nothing without an account
	door      = "door"           // found by a key before the account is known
	readOnly  = "nobody's"       // the same for everybody, not to be changed
	hidden    = "not to be seen" // the recorder's own
)

func decisions() map[string]string {
	return map[string]string{
		"contacts": ofAccount, "targets": ofAccount, "address_changes": ofAccount, "monitors": ofAccount, "monitor_states": ofAccount,
		"sample_chunks": ofAccount, "sample_days": ofAccount, "watch_gaps": ofAccount, "incidents": ofAccount,
		"alert_events": ofAccount, "mails": ofAccount, "deliveries": ofAccount,
		"audit_log": ofAccount, "host_requests": ofAccount, "allowed_hosts": readOnly,
		"host_claims": ofAccount, "address_claims": ofAccount, "target_addresses": ofAccount, "proofs": ofAccount, "shared_networks": readOnly,
		"accounts": door, "sessions": door, "tokens": door, "invites": door, "api_tokens": door,
		"second_factors": ofAccount, "recovery_codes": ofAccount,
		"lines": readOnly, "packed_days": readOnly, "service_settings": readOnly, "terms": readOnly,
		"recorder_progress": hidden, "monitor_stops": hidden, "suspended_monitors": hidden, "goose_db_version": hidden,
		"mailed_addresses": hidden, "target_contacts": ofAccount,
	}
}

// inRole is another pool on a test's database.
func inRole(t *testing.T, db *DB, role Role) *DB {
	t.Helper()
	opts := db.opts
	opts.Role = role
	other, err := Open(db.url, opts)
	must(t, err)
	t.Cleanup(func() { _ = other.Close() })
	return other
}

// seedEverything gives an account a row in every table that holds accounts' data.
func seedEverything(t *testing.T, db *DB, email string) int64 {
	t.Helper()
	id := seedAccount(t, db, email, 1)
	target, monitors := seedTarget(t, db, id, "host.example.jp", uptime.HTTP)
	ids := strings.NewReplacer("{account}", fmt.Sprint(id), "{target}", fmt.Sprint(target), "{monitor}", fmt.Sprint(monitors[0]))
	for _, query := range []string{
		`insert into sessions (id, account_id, refresh_hash, created_at, used_at, expires_at)
			select gen_random_uuid(), a.id, a.email::bytea, now(), now(), now() from accounts a where a.id = {account}`,
		`insert into tokens (hash, purpose, account_id, created_at, expires_at)
			select a.email::bytea, 'account', a.id, now(), now() from accounts a where a.id = {account}`,
		`insert into invites (account_id, code_hash, created_at, expires_at)
			select a.id, a.email::bytea, now(), now() from accounts a where a.id = {account}`,
		`insert into api_tokens (account_id, name, prefix, hash, scopes, created_at)
			select a.id, 'script', 'hnm_', a.email::bytea, '{read}', now() from accounts a where a.id = {account}`,
		`insert into second_factors (account_id, secret, created_at) select {account}, '', now()`,
		`insert into recovery_codes (account_id, hash) select {account}, ''`,
		`insert into host_claims select 'h{account}.example.jp', {account}, {target}, now()`,
		`insert into address_claims select '192.0.2.0'::inet + {account}, {account}, now()`,
		`insert into target_addresses select {target}, {account}, '192.0.2.0'::inet + {account}, now(), now()`,
		`insert into target_contacts select {account}, {target}, id from contacts where account_id = {account}`,
		`insert into proofs (target_id, account_id, checked_at, next_check_at) select {target}, {account}, now(), now()`,
		`insert into address_changes select {target}, now(), '192.0.2.1'`,
		`insert into sample_chunks select '2026-11-22', {monitor}, 1, ''`,
		`insert into sample_days select '2026-11-22', {monitor}, 1, ''`,
		`insert into watch_gaps select {monitor}, now(), null, 3`,
		`insert into incidents (account_id, monitor_id, started_at, confirmed_at, cause, lines) select {account}, {monitor}, now(), now(), 1, '{}'`,
		`insert into alert_events (account_id, monitor_id, incident_id, kind, at, since, streak, never_up, again, evidence, created_at)
			select account_id, monitor_id, id, 1, now(), now(), 2, false, false, '', now() from incidents where account_id = {account}`,
		`insert into mails (kind, account_id, contact_id, email, locale, created_at, next_try_at)
			select 'alert', account_id, id, email, locale, now(), now() from contacts where account_id = {account}`,
		`insert into audit_log (at, account_id, actor, action, object, address, user_agent, detail)
			select now(), {account}, 'account', 'createTarget', '', '', '', ''`,
		`insert into host_requests (account_id, host, note, created_at) select {account}, 'abroad.example.com', '', now()`,
		`insert into deliveries (account_id, event_id, contact_id, created_at)
			select e.account_id, e.id, c.id, now() from alert_events e join contacts c using (account_id) where account_id = {account}`,
	} {
		exec(t, db, ids.Replace(query))
	}
	return id
}

// hits is how many rows a statement reaches in the name of an account, 0 for
// nobody, and undoes it. A statement that the role may not make reaches none.
func hits(t *testing.T, db *DB, account int64, statement string) int64 {
	t.Helper()
	tx, err := db.x.BeginTxx(t.Context(), nil)
	must(t, err)
	defer func() { _ = tx.Rollback() }()
	if account != 0 {
		must(t, txn{tx, noon}.as(t.Context(), account))
	}
	res, err := tx.ExecContext(t.Context(), statement)
	if pq.As(err, pqerror.InsufficientPrivilege) != nil {
		return 0
	}
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	n, err := res.RowsAffected()
	must(t, err)
	return n
}

const tablesSQL = `
select c.relname
from pg_class c
where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
order by 1`

// settableSQL finds a column that an UPDATE may name.
const settableSQL = `
select attname from pg_attribute
where attrelid = $1::regclass and attnum > 0 and attidentity = '' and not attisdropped
order by attnum desc limit 1`

// The statements that could reach another's rows, all without a condition
// (CVE-2026-45550 was an UPDATE that forgot the tenant).
func everyRow(t *testing.T, db *DB, table string) []string {
	t.Helper()
	column := one[string](t, db, settableSQL, table)
	return []string{
		"select from " + table + " limit 1000",
		fmt.Sprintf("update %s set %s = %s", table, column, column),
		"delete from " + table,
	}
}

func TestEveryTableShowsAnAccountItsOwnRowsAndNobodyAny(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	a, b := seedEverything(t, db, "a@example.jp"), seedEverything(t, db, "b@example.jp")
	exec(t, db, `insert into lines values (1, 'a', now())`)
	exec(t, db, `insert into packed_days values ('2026-11-20', now())`)
	exec(t, db, `insert into allowed_hosts (host, created_at) values ('www.example.jp', now())`)
	exec(t, db, `insert into terms values ('2027-01-01', 'ja', 'en', now())`)
	exec(t, db, `insert into shared_networks values ('198.51.100.0/24', 'a network')`)
	api := inRole(t, db, RoleAPI)
	const nobody = 424242
	var tables []string
	must(t, db.x.SelectContext(t.Context(), &tables, tablesSQL))
	known := decisions()
	for _, table := range tables {
		kind, decided := known[table]
		if delete(known, table); !decided {
			t.Errorf("%s: nobody has decided who may see it", table)
			continue
		}
		all := one[int64](t, db, `select count(*) from `+table)
		for i, statement := range everyRow(t, db, table) {
			without, own, other, strange := hits(t, api, 0, statement), hits(t, api, a, statement), hits(t, api, b, statement), hits(t, api, nobody, statement)
			var ok bool
			switch kind {
			case ofAccount:
				ok = without == 0 && strange == 0 && own == other && (own == all/2 || own == 0 && i > 0) && all >= 2
			case door:
				ok = without == all && strange == 0 && own == all/2 && other == all/2 && all >= 2
			case readOnly:
				ok = i == 0 && without == all && all > 0 || i > 0 && without+own == 0
			case hidden:
				ok = without+own == 0
			}
			if !ok {
				t.Errorf("%s (%s, %d rows): %s reaches %d without an account, %d and %d with one, %d with a strange one",
					table, kind, all, statement, without, own, other, strange)
			}
		}
	}
	for table := range known {
		t.Errorf("%s is decided and does not exist", table)
	}
}

func TestRowsCannotBeGivenToAnotherAccount(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	a, b := seedEverything(t, db, "a@example.jp"), seedEverything(t, db, "b@example.jp")
	api := inRole(t, db, RoleAPI)
	for _, statement := range []string{
		fmt.Sprintf(`insert into targets (account_id, host, created_at) values (%d, 'x.example.jp', now())`, b),
		fmt.Sprintf(`update targets set account_id = %d`, b),
		fmt.Sprintf(`update contacts set account_id = %d, email = 'x@example.jp'`, b),
		fmt.Sprintf(`update sessions set account_id = %d`, b),
		fmt.Sprintf(`insert into monitor_states (monitor_id, verdict_since) select id + 1000, now() from monitors where account_id = %d`, a),
	} {
		err := api.as(a).inTx(t.Context(), "give", func(tx txn) error {
			_, err := tx.ExecContext(t.Context(), statement)
			return err
		})
		if pq.As(err, pqerror.InsufficientPrivilege) == nil {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

func TestAnAccountIsForgottenWithItsTransaction(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	a := seedEverything(t, db, "a@example.jp")
	api := inRole(t, db, RoleAPI)
	api.x.SetMaxOpenConns(1)
	contacts, err := api.Contacts(t.Context(), a)
	if err != nil || len(contacts) != 1 {
		t.Fatalf("%v, %v", contacts, err)
	}
	if n := hits(t, api, 0, `select from contacts`); n != 0 {
		t.Errorf("the next transaction of the connection sees %d", n)
	}
}

func TestSamplesOfAMonitorThatIsThereAreNotForgotten(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	a := seedEverything(t, db, "a@example.jp")
	api := inRole(t, db, RoleAPI)
	for _, account := range []int64{a, seedAccount(t, db, "b@example.jp", 0)} {
		must(t, api.as(account).inTx(t.Context(), "forget", func(tx txn) error {
			_, err := tx.ExecContext(t.Context(), forgetSamplesSQL, intArray([]int64{one[int64](t, db, `select id from monitors`)}))
			return err
		}))
	}
	count := `select (select count(*) from sample_chunks) + (select count(*) from sample_days)`
	if n := one[int](t, db, count); n != 2 {
		t.Errorf("%d of 2 samples' rows are left", n)
	}
	must(t, api.DeleteMonitor(t.Context(), a, one[int64](t, db, `select id from monitors`)))
	if n := one[int](t, db, count); n != 0 {
		t.Errorf("%d rows are left of a deleted monitor", n)
	}
}

func TestTheRecordersUpdateCostsNothingMoreForItsRole(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	q := ask(narrowSQL)
	for strings.Contains(q.text, fmt.Sprintf("$%d", len(q.args)+1)) {
		q.args = append(q.args, "{}") // an empty list of any type
	}
	if owner, watch := planAs(t, db, Owner, q), planAs(t, db, RoleWatch, q); owner != watch || !strings.Contains(owner, "Update on monitor_states") {
		t.Errorf("the owner's\n%s\nand the recorder's\n%s", owner, watch)
	}
}
