package embedded

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lib/pq"
)

// dataDir is a prepared data directory that every user may reach.
func dataDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "hinomi-embedded-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "data")
	if err := PrepareDataDir(data); err != nil {
		t.Fatal(err)
	}
	return data
}

func config(dir string) Config {
	return Config{DataDir: dir, Log: slog.New(slog.DiscardHandler), Throwaway: true}
}

func mustStart(t *testing.T, cfg Config) *Server {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	s, err := Start(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

func open(t *testing.T, address string) *sql.DB {
	t.Helper()
	connector, err := pq.NewConnector(address)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func exec1(t *testing.T, db *sql.DB, query string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func text(t *testing.T, db *sql.DB, query string) string {
	t.Helper()
	var v string
	if err := db.QueryRowContext(t.Context(), query).Scan(&v); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

// eventually waits for what another process does.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(20 * time.Second)
	for !ok() {
		select {
		case <-limit:
			t.Fatalf("not within 20 s: %s", what)
		case <-tick.C:
		}
	}
}

func TestDataSurvivesAStopAndAnotherStart(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustStart(t, config(dir))
	db := open(t, s.URL())
	exec1(t, db, "create table kept (word text)")
	exec1(t, db, "insert into kept values ('火の見')")
	s.Stop()
	s.Stop()
	select {
	case <-s.Done():
	default:
		t.Error("Done is open after Stop")
	}
	if there, _ := exists(filepath.Join(dir, "postgres", pidFile)); there {
		t.Error("the pid file is still there: not a clean shutdown")
	}
	if there, _ := exists(s.sockets); there {
		t.Error("the socket's directory is still there")
	}
	again := mustStart(t, config(dir))
	if word := text(t, open(t, again.URL()), "select word from kept"); word != "火の見" {
		t.Errorf("read %q", word)
	}
}

func TestServerIsReachedByItsSocketOnly(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustStart(t, config(dir))
	db := open(t, s.URL())
	if v := text(t, db, "show listen_addresses"); v != "" {
		t.Errorf("listen_addresses = %q", v)
	}
	for path, want := range map[string]fs.FileMode{"": 0o711, "postgres": 0o700, "secrets": 0o700, "mail": 0o700, "socket": 0o700} {
		info, err := os.Stat(filepath.Join(dir, path))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != want {
			t.Errorf("mode of %q is %v, want %v", path, info.Mode().Perm(), want)
		}
	}
	info, err := os.Stat(filepath.Join(dir, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 && uidOf(info) == 0 {
		t.Error("root owns the data: the rights were not dropped")
	}
	if user := text(t, db, "select current_user || ' ' || current_database() || ' ' || pg_encoding_to_char(encoding) from pg_database where datname = current_database()"); user != "hinomi hinomi UTF8" {
		t.Errorf("user, database, encoding: %s", user)
	}
}

func TestOperatorsSettingWinsOverOurs(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustStart(t, config(dir))
	if v := text(t, open(t, s.URL()), "show jit"); v != "off" {
		t.Errorf("jit = %s at first", v)
	}
	s.Stop()
	f, err := os.OpenFile(filepath.Join(dir, "postgres", mainFile), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("jit = on\n"); err != nil {
		t.Fatal(err)
	}
	f.Close()
	again := mustStart(t, config(dir))
	if v := text(t, open(t, again.URL()), "show jit"); v != "on" {
		t.Errorf("jit = %s after the operator set it on", v)
	}
}

func TestDeadServerIsToldByDone(t *testing.T) {
	t.Parallel()
	s := mustStart(t, config(dataDir(t)))
	s.process.signal(syscall.SIGKILL)
	select {
	case <-s.Done():
	case <-time.After(20 * time.Second):
		t.Fatal("Done is open though the server was killed")
	}
	// Its processes end on their own; a start must outlast them.
	mustStart(t, s.cfg)
}

func TestLongPathGetsItsSocketElsewhere(t *testing.T) {
	t.Parallel()
	long := filepath.Join(dataDir(t), "..", strings.Repeat("long-name-", 10))
	if err := PrepareDataDir(long); err != nil {
		t.Fatal(err)
	}
	s := mustStart(t, config(long))
	if strings.HasPrefix(s.sockets, long) {
		t.Errorf("socket in %s", s.sockets)
	}
	text(t, open(t, s.URL()), "select 'there'")
	s.Stop()
	if there, _ := exists(s.sockets); there {
		t.Errorf("%s is still there", s.sockets)
	}
}

func TestFilesWithoutAVersionAreNeverInitialised(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	precious := filepath.Join(dir, "postgres", "base.tar")
	if err := os.WriteFile(precious, []byte("backup"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), config(dir))
	if err == nil || !strings.Contains(err.Error(), "left as it is") {
		t.Errorf("error %v", err)
	}
	if content, err := os.ReadFile(precious); err != nil || string(content) != "backup" {
		t.Errorf("file: %q, %v", content, err)
	}
	if entries, _ := os.ReadDir(filepath.Join(dir, "postgres")); len(entries) != 1 {
		t.Errorf("files were added: %v", entries)
	}
}

func TestUnfinishedInitialisationIsBegunAnew(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	unborn := filepath.Join(dir, dirUnborn)
	if err := os.MkdirAll(unborn, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(unborn, versionFile), []byte("15\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	mustStart(t, config(dir))
	if there, _ := exists(unborn); there {
		t.Error("the unfinished directory is still there")
	}
}

func TestClosedDirectoryIsNamed(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED: needs root, who alone drops rights")
	}
	dir := dataDir(t)
	closed := filepath.Dir(dir)
	if err := os.Chmod(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), config(dir))
	if err == nil || !strings.Contains(err.Error(), "cannot enter "+closed+" ") {
		t.Errorf("error %v, want one that names %s", err, closed)
	}
}

// child runs a test of this binary again in a process of its own; the test
// sees HINOMI_EMBEDDED_CHILD, the data directory.
func child(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), "HINOMI_EMBEDDED_CHILD="+dir)
	cmd.Dir = "/"
	return cmd
}

func TestOrdinaryUserJustRuns(t *testing.T) {
	t.Parallel()
	if dir := os.Getenv("HINOMI_EMBEDDED_CHILD"); dir != "" {
		if os.Geteuid() == 0 {
			t.Fatal("the child is root")
		}
		if err := PrepareDataDir(dir); err != nil {
			t.Fatal(err)
		}
		s := mustStart(t, config(dir))
		if v := text(t, open(t, s.URL()), "select 'runs'"); v != "runs" {
			t.Errorf("read %q", v)
		}
		return
	}
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED: not root, so every other test here runs as an ordinary user")
	}
	nobody, err := ownerOfNobody()
	if err != nil {
		t.Fatal(err)
	}
	home := filepath.Dir(dataDir(t))
	if err := nobody.take(home); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(home, "program")
	copyFile(t, os.Args[0], program)
	cmd := child(t, filepath.Join(home, "mine"))
	cmd.Path = program
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: nobody.credential()}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("as nobody: %v\n%s", err, out)
	}
}

// copyFile makes a program that everybody may run: go test builds into a
// directory that only its user enters.
func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, content, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(to, 0o755); err != nil && !errors.Is(err, fs.ErrPermission) {
		t.Fatal(err)
	}
}
