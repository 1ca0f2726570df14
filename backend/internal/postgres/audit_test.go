package postgres

import (
	"fmt"
	"testing"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

func entry(accountID int64, action string) account.AuditEntry {
	return account.AuditEntry{AccountID: accountID, Actor: account.ByAccount, ActorID: accountID, Action: action,
		SessionID: "00000000-0000-4000-8000-000000000000", Object: "7", Address: "198.51.100.7", UserAgent: "Firefox"}
}

func TestAnAccountReadsItsOwnLogNewestFirst(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	a, b := seedAccount(t, db, "a@example.jp", 0), seedAccount(t, db, "b@example.jp", 0)
	api, watch := inRole(t, db, RoleAPI), inRole(t, db, RoleWatch)
	for i := range 5 {
		must(t, api.WriteAudit(t.Context(), entry(a, fmt.Sprintf("a%d", i))))
		must(t, api.WriteAudit(t.Context(), entry(b, "b")))
	}
	must(t, api.WriteAudit(t.Context(), account.AuditEntry{Actor: account.ByNobody, Action: "login"}))
	first, err := api.Audit(t.Context(), account.AuditPage{AccountID: a, Limit: 3})
	must(t, err)
	rest, err := api.Audit(t.Context(), account.AuditPage{AccountID: a, Limit: 3, Before: first[len(first)-1].ID})
	must(t, err)
	seen := ""
	for _, e := range append(first, rest...) {
		if want := entry(a, e.Action); e.AccountID != want.AccountID || e.Address != want.Address || e.SessionID != want.SessionID || e.Object != want.Object {
			t.Errorf("%+v", e)
		}
		seen += e.Action + " "
	}
	if seen != "a4 a3 a2 a1 a0 " {
		t.Errorf("the log of a is %s", seen)
	}
	all, err := watch.AllAudit(t.Context(), account.AuditPage{Limit: 100})
	must(t, err)
	if len(all) != 11 || all[0].AccountID != 0 {
		t.Errorf("%d entries of everybody, the newest %+v", len(all), all[0])
	}
}

func TestNobodyAltersTheAuditLog(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	a, b := seedAccount(t, db, "a@example.jp", 0), seedAccount(t, db, "b@example.jp", 0)
	must(t, db.WriteAudit(t.Context(), entry(a, "createTarget")))
	for _, role := range []Role{RoleAPI, RoleWatch} {
		for _, statement := range []string{
			`update audit_log set action = 'nothing'`, `delete from audit_log`, `truncate audit_log`,
			`delete from audit_log where account_id = ` + fmt.Sprint(a), `drop table audit_log`,
			`alter table audit_log disable row level security`,
		} {
			err := inRole(t, db, role).as(a).inTx(t.Context(), "alter", func(tx txn) error {
				_, err := tx.ExecContext(t.Context(), statement)
				return err
			})
			if pq.As(err, pqerror.InsufficientPrivilege) == nil {
				t.Errorf("%s as %s: %v", statement, role, err)
			}
		}
	}
	err := inRole(t, db, RoleAPI).as(a).inTx(t.Context(), "slander", func(tx txn) error { return insertAudit(t.Context(), tx, entry(b, "x")) })
	if pq.As(err, pqerror.InsufficientPrivilege) == nil {
		t.Errorf("an entry in another's log: %v", err)
	}
	_, err = inRole(t, db, RoleAPI).x.ExecContext(t.Context(), `select hinomi_forget_audit(1)`)
	if pq.As(err, pqerror.InsufficientPrivilege) == nil {
		t.Errorf("forgetting as the API: %v", err)
	}
	if n := one[int](t, db, `select count(*) from audit_log where action = 'createTarget'`); n != 1 {
		t.Errorf("%d entries are left", n)
	}
}

func TestAuditEntriesGoWithTheirAccountAndAfterAYear(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	a, b := seedAccount(t, db, "a@example.jp", 0), seedAccount(t, db, "b@example.jp", 0)
	api, watch := inRole(t, db, RoleAPI), inRole(t, db, RoleWatch)
	exec(t, db, `insert into audit_log (at, account_id, actor, action, object, address, user_agent, detail)
		select now() - make_interval(days => d), `+fmt.Sprint(b)+`, 'account', d::text, '', '', '', '' from unnest(array[300, 364, 367, 800]) d`)
	must(t, watch.Upkeep(t.Context()))
	if n := one[int](t, db, `select count(*) from audit_log where action in ('300', '364')`); n != 2 || one[int](t, db, `select count(*) from audit_log`) != 2 {
		t.Errorf("%d of the newer are left", n)
	}
	must(t, api.WriteAudit(t.Context(), entry(a, "createTarget")))
	exec(t, db, `insert into audit_log (at, account_id, actor, actor_id, action, object, address, user_agent, detail)
		values (now(), `+fmt.Sprint(b)+`, 'operator', `+fmt.Sprint(a)+`, 'disable', '', '', '', '')`)
	exec(t, db, `delete from accounts where id = `+fmt.Sprint(a))
	if n := one[int](t, db, `select count(*) from audit_log where account_id = `+fmt.Sprint(a)+` or actor_id = `+fmt.Sprint(a)); n != 0 {
		t.Errorf("%d entries name an account that is gone", n)
	}
	must(t, api.WriteAudit(t.Context(), entry(a, "deleteMe")))
	if n := one[int](t, db, `select count(*) from audit_log where action = 'deleteMe' and account_id is null and address = '' and session_id is null`); n != 1 {
		t.Errorf("the deletion itself left %d lines that name nobody", n)
	}
	if n := one[int](t, db, `select count(*) from audit_log where action = 'disable'`); n != 1 {
		t.Errorf("what a gone operator did left %d entries", n)
	}
}
