// Package pgtest gives each test a PostgreSQL database of its own.
//
// One throwaway server is started for a test process, at the first call, and
// ends with it: a small reaper process sees the end of a pipe, however the test
// process ended, stops the server and removes its directory. With
// HINOMI_TEST_DATABASE_URL the databases are made on that server instead.
package pgtest

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/lib/pq"

	"github.com/hinomi-watch/hinomi/backend/internal/postgres/embedded"
)

// variable names a server to use instead of one of our own; its user must be
// allowed to create databases.
const variable = "HINOMI_TEST_DATABASE_URL"

// shared is what the tests of a process have in common.
type shared struct {
	address string
	made    atomic.Int64 // databases so far
	reaper  *os.File     // held open for the life of the process
}

// server is the process's server; it is started once.
var server = sync.OnceValues(start)

// URL is a lib/pq address of a fresh, empty database that is dropped when the
// test ends, with whatever connections it still has.
func URL(t testing.TB) string {
	t.Helper()
	s, err := server()
	if err != nil {
		t.Fatalf("test database: %v", err)
	}
	name := fmt.Sprintf("hinomi_test_%d_%d", os.Getpid(), s.made.Add(1))
	if err := execute(s.address, "create database "+pq.QuoteIdentifier(name)+" template template0"); err != nil {
		t.Fatalf("test database: %v", err)
	}
	t.Cleanup(func() {
		if err := execute(s.address, "drop database if exists "+pq.QuoteIdentifier(name)+" with (force)"); err != nil {
			t.Errorf("test database: %v", err)
		}
	})
	address, err := url.Parse(s.address)
	if err != nil {
		t.Fatalf("test database: %v", err)
	}
	address.Path = "/" + name
	return address.String()
}

func execute(address, statement string) error {
	connector, err := pq.NewConnector(address)
	if err != nil {
		return fmt.Errorf("address: %w", err)
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

func start() (*shared, error) {
	if address := os.Getenv(variable); address != "" {
		return &shared{address: address}, nil
	}
	// Not os.TempDir: a long TMPDIR does not leave room for a socket's name.
	dir, err := os.MkdirTemp("/tmp", "hinomi-test-")
	if err != nil {
		return nil, fmt.Errorf("make a directory: %w", err)
	}
	pipe, err := reap(dir)
	if err != nil {
		_ = os.RemoveAll(dir)
		return nil, err
	}
	data := dir + "/data"
	if err := os.Chmod(dir, 0o711); err != nil {
		return nil, fmt.Errorf("open the directory to the server's user: %w", err)
	}
	if err := embedded.PrepareDataDir(data); err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s, err := embedded.Start(ctx, embedded.Config{
		DataDir: data, BinDir: os.Getenv("HINOMI_POSTGRES_BIN"), Cache: embedded.CacheDir(os.Getenv),
		Log: slog.New(slog.DiscardHandler), Throwaway: true,
	})
	if err != nil {
		return nil, fmt.Errorf("start: %w", err)
	}
	return &shared{address: s.URL(), reaper: pipe}, nil
}

// reaper waits for the end of its input, stops the server and removes its
// directory. The pid file is read anew each time: it may not be there yet.
const reaper = `cat >/dev/null
for i in $(seq 500); do
  pid=$(head -n 1 "$1/data/postgres/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid" 2>/dev/null || break
  sleep 0.02
done
for i in 1 2 3 4 5; do rm -rf "$1" && break; sleep 0.2; done`

// reap starts the reaper of a directory. Its input is a pipe that only this
// process holds open, so it ends with this process, even by SIGKILL.
func reap(dir string) (*os.File, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make a pipe: %w", err)
	}
	defer read.Close()
	cmd := exec.Command("/bin/sh", "-c", reaper, "hinomi-test-reaper", dir)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = read, nil, nil
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the reaper: %w", err)
	}
	return write, nil
}
