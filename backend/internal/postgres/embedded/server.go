package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/lib/pq"
)

// Name of the superuser and of the database.
const Name = "hinomi"

// How long the server's end is waited for, and a server that an earlier run
// left behind. A fast shutdown writes one checkpoint; Hinomi's own promise is to
// be gone 15 s after SIGTERM.
const (
	fastShutdown  = 10 * time.Second
	immediateStop = 2 * time.Second
	leftoverWait  = 30 * time.Second
)

// pollEvery is how often the start and the end of a server are looked at.
const pollEvery = 20 * time.Millisecond

// Config says where the server's data and binaries are.
type Config struct {
	DataDir string       // prepared by PrepareDataDir and held by Lock
	BinDir  string       // directory of initdb and postgres; "" looks for them
	Cache   string       // looked at last: directory whose children hold bin/; "" is none
	Log     *slog.Logger // nil is slog.Default

	// Throwaway gives up safety against a crash of the machine for speed: tests.
	Throwaway bool
}

// Server is a running PostgreSQL.
type Server struct {
	cfg     Config
	owner   owner
	bin     binaries
	sockets string   // directory of the unix socket
	process *process // the postmaster
	log     *logLines
	stop    sync.Once
}

// Start initialises the data directory if it is new, starts the server and
// waits until it answers; ctx bounds that wait and nothing else. A crash
// recovery may take minutes.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	s := &Server{cfg: cfg, log: &logLines{to: cfg.Log.With("from", "postgres")}}
	var err error
	if s.owner, err = ownerOf(s.data()); err != nil {
		return nil, err
	}
	if err := s.owner.reaches(cfg.DataDir); err != nil {
		return nil, err
	}
	if s.bin, err = s.find(ctx); err != nil {
		return nil, err
	}
	if err := s.initialise(ctx); err != nil {
		return nil, err
	}
	if err := s.endLeftover(ctx, leftoverWait); err != nil {
		return nil, err
	}
	if err := s.writeSettings(); err != nil {
		return nil, err
	}
	if s.sockets, err = s.socketDir(); err != nil {
		return nil, err
	}
	if err := s.launchAndWait(ctx); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

// URL is a lib/pq address of the database, as superuser.
func (s *Server) URL() string { return s.url(Name) }

func (s *Server) url(database string) string { return address(s.sockets, database) }

// Done is closed when the server has ended, by Stop or by itself.
func (s *Server) Done() <-chan struct{} { return s.process.done }

// Stop ends the server by a fast shutdown and waits for it, at most about 12
// seconds; safe twice. A server that is slower is stopped at once and recovers
// at the next start: no committed row is lost.
func (s *Server) Stop() {
	s.stop.Do(func() {
		s.log.quiet.Store(true)
		if s.process != nil {
			s.process.signal(syscall.SIGINT)
			if !s.process.waitFor(fastShutdown) {
				s.cfg.Log.Warn("postgres is slow to stop, stopping it at once")
				s.process.signal(syscall.SIGQUIT)
				if !s.process.waitFor(immediateStop) {
					s.process.signal(syscall.SIGKILL)
					<-s.process.done
				}
			}
		}
		if s.sockets != "" {
			_ = os.RemoveAll(s.sockets)
		}
	})
}

// data is PostgreSQL's own directory.
func (s *Server) data() string { return filepath.Join(s.cfg.DataDir, dirPostgres) }

// launchAndWait starts the postmaster and waits until the database answers.
// Processes of a killed postmaster may hold its shared memory for some moments
// longer than it lived: such a start is tried again.
func (s *Server) launchAndWait(ctx context.Context) error {
	deadline := time.Now().Add(leftoverWait)
	for {
		err := s.launch()
		if err == nil {
			err = s.waitUntilUp(ctx)
		}
		if err == nil || !errors.Is(err, errMemoryInUse) || time.Now().After(deadline) {
			return err
		}
		if err := sleep(ctx, 500*time.Millisecond); err != nil {
			return err
		}
	}
}

// errMemoryInUse is the end of a postmaster that found the shared memory of the
// one before still in use.
var errMemoryInUse = errors.New("shared memory of the server before is still in use")

func (s *Server) launch() error {
	s.log.forget()
	args := append([]string{"-D", s.data()}, s.arguments()...)
	p, err := startProcess(s.bin.path("postgres"), args, s.owner, s.log)
	if err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	s.process = p
	return nil
}

func (s *Server) waitUntilUp(ctx context.Context) error {
	began := time.Now()
	said := began
	for {
		err := s.ready(ctx)
		if err == nil {
			s.log.serving.Store(true)
			s.cfg.Log.Debug("postgres is up", "version", s.bin.version, "took", time.Since(began).Round(time.Millisecond))
			return nil
		}
		select {
		case <-s.process.done:
			tail := s.log.tail()
			if strings.Contains(tail, "is still in use") {
				return fmt.Errorf("start postgres: %w", errMemoryInUse)
			}
			return fmt.Errorf("postgres ended while it started (%v): %s", s.process.state(), tail)
		case <-ctx.Done():
			return fmt.Errorf("wait for postgres (%w): %w", err, ctx.Err())
		case <-time.After(pollEvery):
		}
		if time.Since(said) > 10*time.Second {
			said = time.Now()
			s.cfg.Log.Info("still waiting for postgres", "seconds", int(time.Since(began).Seconds()), "it_says", err)
		}
	}
}

// ready connects and makes the database at the first start.
func (s *Server) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	connector, err := pq.NewConnector(s.url("postgres"))
	if err != nil {
		return fmt.Errorf("database address: %w", err)
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	var there bool
	const exists = `select exists (select from pg_database where datname = $1)`
	if err := db.QueryRowContext(ctx, exists, Name).Scan(&there); err != nil {
		return fmt.Errorf("look for the database: %w", err)
	}
	if there {
		return nil
	}
	if _, err := db.ExecContext(ctx, "create database "+pq.QuoteIdentifier(Name)); err != nil {
		return fmt.Errorf("create the database: %w", err)
	}
	return nil
}

// sleep waits for d or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
