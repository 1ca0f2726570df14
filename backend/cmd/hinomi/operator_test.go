package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/postgres"
	"github.com/hinomi-watch/hinomi/backend/internal/postgres/pgtest"
)

// operate runs the command as people do and gives what it printed.
func operate(t *testing.T, env map[string]string, args ...string) (string, error) {
	t.Helper()
	cmd, out := program(t, "operator", env)
	cmd.Args = append(cmd.Args, args...)
	err := cmd.Run()
	return out.String(), err
}

// twoAccounts are an operator and an ordinary account of a new database.
func twoAccounts(t *testing.T, url string) {
	t.Helper()
	owner := pool(t, url, postgres.Owner)
	if _, err := owner.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := account.Registration{Email: "first@example.jp", PasswordHash: "x", Locale: account.Japanese, Zone: "Asia/Tokyo", TermsVersion: "1"}
	if _, err := pool(t, url, postgres.RoleAPI).RegisterOperator(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	_, err := owner.SQL().ExecContext(t.Context(), `
insert into accounts (email, password_hash, locale, time_zone, terms_version, verified_at, created_at)
values ('second@example.jp', 'x', 'en', 'UTC', '1', now(), now()), ('new@example.jp', 'x', 'en', 'UTC', '1', null, now())`)
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheRoleIsGivenAndTakenByCommand(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	twoAccounts(t, url)
	for _, c := range []struct {
		args, says string
		ok         bool
	}{
		{"grant SECOND@example.jp", "second@example.jp has the role operator now", true},
		{"grant second@example.jp", "already", true},
		{"revoke first@example.jp", "first@example.jp has the role user now", true},
		{"revoke second@example.jp", "only operator", false},
		{"grant nobody@example.jp", "let it register first", false},
		{"grant new@example.jp", "has not confirmed", false},
		{"grant nobody", "not a mail address", false},
		{"promote second@example.jp", "use: hinomi operator grant EMAIL", false},
		{"grant", "use: hinomi operator grant EMAIL", false},
	} {
		said, err := operate(t, map[string]string{"DATABASE_URL": url}, strings.Fields(c.args)...)
		if (err == nil) != c.ok || !strings.Contains(said, c.says) {
			t.Errorf("%s: %v, %q", c.args, err, said)
		}
	}
	var log string
	err := pool(t, url, postgres.Owner).SQL().GetContext(t.Context(), &log, `
select string_agg(a.email || ' ' || l.actor || ' ' || l.action, ', ' order by l.id) from audit_log l join accounts a on a.id = l.account_id`)
	if err != nil || log != "second@example.jp system grantOperator, first@example.jp system revokeOperator" {
		t.Errorf("the log says %q, %v", log, err)
	}
}

// The data directory is another process's while the service runs; the command
// speaks to that one's database, and else starts it for the moment.
func TestTheRoleIsGivenBesideTheServiceAndWithoutIt(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	dir, err := os.MkdirTemp("", "hinomi-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil { // the database's user walks through it
		t.Fatal(err)
	}
	env := map[string]string{"HINOMI_ADDR": addr, "DATABASE_URL": "", "HINOMI_DATA_DIR": filepath.Join(dir, "data")}
	cmd, out := program(t, "serve", env)
	stop := begin(t, cmd, out)
	register(t, addr, secretValues()["set-up code"], http.StatusCreated)
	said, err := operate(t, env, "revoke", "a@example.jp")
	if err == nil || !strings.Contains(said, "only operator") {
		t.Errorf("beside the service: %v, %q", err, said)
	}
	stop()
	said, err = operate(t, env, "grant", "a@example.jp")
	if err != nil || !strings.Contains(said, "has the role operator already") {
		t.Errorf("without it: %v, %q", err, said)
	}
}
