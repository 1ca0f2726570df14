package postgres

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/postgres/pgtest"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// noon is the time at which test databases stand unless they are moved on.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// clock is a time that tests move.
type clock struct{ at atomic.Int64 }

func newClock(t time.Time) *clock {
	c := &clock{}
	c.at.Store(t.UnixMilli())
	return c
}

func (c *clock) now() time.Time       { return time.UnixMilli(c.at.Load()).UTC() }
func (c *clock) pass(d time.Duration) { c.at.Add(d.Milliseconds()) }

// newDB is a migrated database of the test's own, with its clock at noon.
func newDB(t *testing.T) (*DB, *clock) {
	t.Helper()
	c := newClock(noon)
	db, err := Open(pgtest.URL(t), Options{Now: c.now, StatementTimeout: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db, c
}

// exec runs a statement that a test needs besides the stores.
func exec(t *testing.T, db *DB, query string, args ...any) {
	t.Helper()
	if _, err := db.x.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// one reads a single value.
func one[T any](t *testing.T, db *DB, query string, args ...any) T {
	t.Helper()
	var v T
	if err := db.x.GetContext(t.Context(), &v, query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

func TestMigrateTwiceAppliesOnceAndMakesPartitionsOfThreeDays(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	applied, err := db.Migrate(t.Context())
	if err != nil || applied != 0 {
		t.Errorf("second time: %d applied, %v", applied, err)
	}
	const count = `select count(*) from pg_inherits where inhparent = to_regclass($1)`
	for _, table := range []string{"sample_chunks", "sample_days"} {
		if n := one[int](t, db, count, table); n != 3 {
			t.Errorf("%s has %d partitions, want 3", table, n)
		}
	}
	exec(t, db, `insert into sample_days values ('2026-11-24', 1, 1, '')`)
}

func TestMigratingTogetherIsSafe(t *testing.T) {
	t.Parallel()
	address := pgtest.URL(t)
	var total atomic.Int64
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			db, err := Open(address, Options{StatementTimeout: 20 * time.Second})
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = db.Close() }()
			n, err := db.Migrate(t.Context())
			if err != nil {
				t.Error(err)
			}
			total.Add(int64(n))
		})
	}
	wg.Wait()
	files, err := migrations.ReadDir("migrations")
	if err != nil {
		t.Fatal(err)
	}
	if total.Load() != int64(len(files)) {
		t.Errorf("%d migrations applied in all, want %d", total.Load(), len(files))
	}
}

func TestANewDayIsMadeWhileAReaderHoldsTheTable(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	reader, err := db.x.BeginTxx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Rollback() }()
	var n int
	if err := reader.GetContext(t.Context(), &n, `select count(*) from sample_chunks`); err != nil {
		t.Fatal(err)
	}
	clock.pass(24 * time.Hour)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := db.MakePartitions(ctx); err != nil {
		t.Error(err)
	}
}

// silentProxy forwards to a server until it is told to swallow everything.
type silentProxy struct {
	listener net.Listener
	silent   atomic.Bool

	mu    sync.Mutex
	conns []net.Conn
}

// cut ends all connections.
func (p *silentProxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		_ = c.Close()
	}
	p.conns = nil
}

func newSilentProxy(t *testing.T, network, address string) *silentProxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &silentProxy{listener: l}
	t.Cleanup(func() { _ = l.Close(); p.cut() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial(network, address)
			if err != nil {
				_ = client.Close()
				continue
			}
			p.mu.Lock()
			p.conns = append(p.conns, client, server)
			p.mu.Unlock()
			go p.pump(server, client)
			go p.pump(client, server)
		}
	}()
	return p
}

func (p *silentProxy) pump(to io.Writer, from io.Reader) {
	b := make([]byte, 4096)
	for {
		n, err := from.Read(b)
		if err != nil {
			return
		}
		if p.silent.Load() {
			continue
		}
		if _, err := to.Write(b[:n]); err != nil {
			return
		}
	}
}

func TestAFrozenServerIsReportedWithinTwoSeconds(t *testing.T) {
	t.Parallel()
	address, err := url.Parse(pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	proxy, proxied := proxyTo(t, address)
	db, err := Open(proxied, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := db.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	proxy.silent.Store(true)
	for _, connection := range []string{"an old connection", "a new connection"} {
		start := time.Now()
		err := db.Ping(t.Context())
		if !errors.Is(err, uptime.ErrUnavailable) {
			t.Errorf("%s: %v, want ErrUnavailable", connection, err)
		}
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%s: took %v", connection, took)
		}
	}
}

func TestAServerThatFreezesWithinATransactionIsReportedWithinTwoSeconds(t *testing.T) {
	t.Parallel()
	address, err := url.Parse(pgtest.URL(t))
	must(t, err)
	proxy, proxied := proxyTo(t, address)
	db, err := Open(proxied, Options{})
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	var frozen time.Time
	err = db.inTx(t.Context(), "freeze", func(tx txn) error {
		_, err := tx.ExecContext(t.Context(), `select 1`)
		must(t, err)
		frozen = time.Now()
		proxy.silent.Store(true)
		_, err = tx.ExecContext(t.Context(), `select $1::integer`, 2)
		return err
	})
	want(t, uptime.ErrUnavailable, err)
	if took := time.Since(frozen); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
}

// proxyTo puts a proxy before the server of a URL and gives the URL through it.
func proxyTo(t *testing.T, address *url.URL) (*silentProxy, string) {
	t.Helper()
	network, server := "tcp", address.Host
	if socket := address.Query().Get("host"); socket != "" {
		network, server = "unix", socket+"/.s.PGSQL.5432"
	}
	proxy := newSilentProxy(t, network, server)
	through := *address
	through.Host = proxy.listener.Addr().String()
	q := through.Query()
	q.Del("host")
	q.Set("sslmode", "disable")
	through.RawQuery = q.Encode()
	return proxy, through.String()
}

func TestAServerThatIsAwayIsUnavailable(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := Open("postgres://nobody@"+address+"/none?sslmode=disable", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Ping(t.Context()); !errors.Is(err, uptime.ErrUnavailable) {
		t.Errorf("%v, want ErrUnavailable", err)
	}
}

func TestASlowStatementIsUnavailable(t *testing.T) {
	t.Parallel()
	db, err := Open(pgtest.URL(t), Options{StatementTimeout: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	err = db.inTx(t.Context(), "sleep", func(tx txn) error {
		_, err := tx.ExecContext(t.Context(), `select pg_sleep(20)`)
		return err
	})
	if !errors.Is(err, uptime.ErrUnavailable) {
		t.Errorf("%v, want ErrUnavailable", err)
	}
}

func TestConnectionsThatTheServerEndedAreReplaced(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	for range 5 {
		exec(t, db, `select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()`)
		if err := db.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLinesKeepTheirIdsForEver(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	ensure := func(names ...string) map[string]uptime.LineID {
		t.Helper()
		ids, err := db.EnsureLines(t.Context(), names)
		if err != nil {
			t.Fatal(err)
		}
		return ids
	}
	if ids := ensure("b", "a"); ids["b"] != 1 || ids["a"] != 2 {
		t.Errorf("first: %v", ids)
	}
	if ids := ensure("a", "c"); ids["a"] != 2 || ids["c"] != 3 || ids["b"] != 1 {
		t.Errorf("second: %v", ids)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := db.EnsureLines(t.Context(), []string{"d", "e"}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if ids := ensure(); len(ids) != 5 || ids["d"] != 4 || ids["e"] != 5 {
		t.Errorf("together: %v", ids)
	}
}
