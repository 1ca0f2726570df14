package pgtest

import (
	"bufio"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "github.com/lib/pq"
)

func open(t *testing.T, address string) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestEachTestHasItsOwnEmptyDatabase(t *testing.T) {
	t.Parallel()
	for range 2 {
		db := open(t, URL(t))
		if _, err := db.Exec("create table one (id int)"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDatabaseIsDroppedWithItsConnections(t *testing.T) {
	t.Parallel()
	var address string
	t.Run("user", func(t *testing.T) {
		address = URL(t)
		db, err := sql.Open("postgres", address)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Ping(); err != nil { // stays connected
			t.Fatal(err)
		}
	})
	if err := open(t, address).Ping(); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("after the test: %v, want: does not exist", err)
	}
}

// TestKilledProcessLeavesNothing runs itself as a child that starts a server,
// says where, and is killed.
func TestKilledProcessLeavesNothing(t *testing.T) {
	if os.Getenv("PGTEST_CHILD") != "" {
		os.Stdout.WriteString("URL " + URL(t) + "\n")
		select {}
	}
	t.Setenv("HINOMI_TEST_DATABASE_URL", "")
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledProcessLeavesNothing$")
	cmd.Env = append(os.Environ(), "PGTEST_CHILD=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var address string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "URL "); ok {
			address = rest
			break
		}
	}
	if err := open(t, address).Ping(); err != nil {
		t.Fatal(err)
	}
	_, socket, _ := strings.Cut(address, "host=")
	socket, _, _ = strings.Cut(socket, "&")
	dir := strings.Split(strings.ReplaceAll(socket, "%2F", "/"), "/data/")[0]
	if !strings.HasPrefix(dir, "/tmp/hinomi-test-") {
		t.Fatalf("directory %q of %q", dir, address)
	}
	_ = cmd.Process.Signal(syscall.SIGKILL)
	_ = cmd.Wait()
	for deadline := time.Now().Add(20 * time.Second); ; {
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s is still there", dir)
		}
		<-time.After(20 * time.Millisecond) // another process's clearing up has no event here
	}
	if processes, _ := exec.Command("pgrep", "-f", dir).Output(); len(processes) > 0 {
		t.Errorf("processes left: %s", processes)
	}
}
