package postgres

import (
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"github.com/hinomi-watch/hinomi/backend/internal/postgres/pgtest"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func TestRolesCannotDoMoreThanTheyNeed(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	id := seedMonitor(t, db, seedAccount(t, db, "a@example.jp", 0), "a.example.jp")
	newTestRecorder(t, db, clock).record(uptime.Reply, id)
	var partitions []string
	must(t, db.x.SelectContext(t.Context(), &partitions, `select inhrelid::regclass::text from pg_inherits where inhparent in ('sample_chunks'::regclass, 'sample_days'::regclass)`))
	if len(partitions) == 0 {
		t.Fatal("no partitions")
	}
	for _, role := range []Role{RoleAPI, RoleWatch} {
		if one[bool](t, db, `select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolcanlogin or rolreplication from pg_roles where rolname = $1`, role) {
			t.Errorf("%s may do too much", role)
		}
		pool := inRole(t, db, role)
		refused := []string{
			`create table mine (id int)`, `alter table targets disable row level security`, `drop table targets`,
			`truncate targets`, `drop policy account on targets`, `update goose_db_version set version_id = 0`,
		}
		for _, p := range partitions { // only the parents have policies
			refused = append(refused, `select from `+p, `delete from `+p)
		}
		if role == RoleAPI {
			refused = append(refused, `select hinomi_drop_partition('sample_days', '2026-11-22')`, `select hinomi_make_partitions('2026-11-22', '2026-11-22')`)
		}
		for _, statement := range refused {
			if _, err := pool.x.ExecContext(t.Context(), statement); pq.As(err, pqerror.InsufficientPrivilege) == nil {
				t.Errorf("%s: %s: %v", role, statement, err)
			}
		}
		var user string
		conn, err := pool.x.Connx(t.Context())
		must(t, err)
		_, err = conn.ExecContext(t.Context(), `reset role`)
		must(t, err)
		must(t, conn.GetContext(t.Context(), &user, `select current_user`))
		if _ = conn.Close(); user != string(role) {
			t.Errorf("after reset role %s is %s", role, user)
		}
	}
}

func TestAUserThatMayNotMakeRolesIsToldWhatToRun(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	name := func(word string) Role { return Role(fmt.Sprintf("hinomi_test_%d_%s", os.Getpid(), word)) }
	plain, maker, missing := name("plain"), name("maker"), name("missing")
	t.Cleanup(func() {
		for _, role := range []Role{missing, plain, maker} {
			if _, err := db.x.Exec(`drop role if exists ` + string(role)); err != nil { //nolint:noctx // the test's context is over
				t.Error(err)
			}
		}
	})
	exec(t, db, `create role `+string(plain))
	exec(t, db, `create role `+string(maker)+` createrole`)

	poor := inRole(t, db, plain)
	needed, err := ensureRole(t.Context(), poor.x, missing)
	lines := []string{fmt.Sprintf("create role %s nologin;", missing), fmt.Sprintf(`grant %s to "%s";`, missing, plain)}
	if err != nil || !slices.Equal(needed, lines) {
		t.Errorf("without the role: %q, %v", needed, err)
	}
	err = ensureRoles(t.Context(), poor.x)
	if want(t, ErrRoles, err); !strings.Contains(err.Error(), fmt.Sprintf("\ngrant hinomi_api to \"%s\";\ngrant hinomi_watch to \"%s\";", plain, plain)) {
		t.Errorf("with the roles: %v", err)
	}
	exec(t, db, fmt.Sprintf(`grant hinomi_api, hinomi_watch to %s`, plain))
	must(t, ensureRoles(t.Context(), poor.x))

	if needed, err = ensureRole(t.Context(), inRole(t, db, maker).x, missing); err != nil || len(needed) != 0 {
		t.Errorf("who may make roles is told %q, %v", needed, err)
	}
	if !one[bool](t, db, `select pg_has_role($1, $2, 'MEMBER')`, maker, missing) {
		t.Error("the role was made and cannot be used")
	}
}

func TestAnOwnerWithoutPowersMigratesAndServes(t *testing.T) {
	t.Parallel()
	admin, _ := newDB(t)
	user := fmt.Sprintf("hinomi_test_%d_owner", os.Getpid())
	exec(t, admin, `create role `+user+` login password 'for this test'`)
	t.Cleanup(func() {
		if _, err := admin.x.Exec(`drop role ` + user); err != nil { //nolint:noctx // the test's context is over
			t.Error(err)
		}
	})
	address, err := url.Parse(pgtest.URL(t))
	must(t, err)
	exec(t, admin, fmt.Sprintf(`alter database %s owner to %s`, pq.QuoteIdentifier(address.Path[1:]), user))
	address.User = url.UserPassword(user, "for this test")
	db, err := Open(address.String(), admin.opts)
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	_, err = db.Migrate(t.Context())
	want(t, ErrRoles, err)
	exec(t, admin, `grant hinomi_api, hinomi_watch to `+user)
	_, err = db.Migrate(t.Context())
	must(t, err)

	account := seedAccount(t, db, "a@example.jp", 1)
	api, watch := inRole(t, db, RoleAPI), inRole(t, db, RoleWatch)
	made, err := api.CreateTarget(t.Context(), uptime.NewTarget{AccountID: account, Host: "a.example.jp", Services: []uptime.Service{uptime.HTTP}})
	must(t, err)
	_, err = watch.EnsureLines(t.Context(), []string{"a"})
	must(t, err)
	exec(t, watch, `select hinomi_drop_partition('sample_days', '2026-11-23'), hinomi_make_partitions('2026-11-22', '2026-11-23')`)
	must(t, api.DeleteTarget(t.Context(), account, made.ID))
}
