package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq"

	"github.com/hinomi-watch/hinomi/backend/internal/postgres/embedded"
)

type speedOptions struct {
	binary   string
	monitors int
	interval time.Duration
	warmup   time.Duration
	measure  time.Duration
	dir      string
}

func (o *speedOptions) register(f *flag.FlagSet) {
	f.StringVar(&o.binary, "hinomi", "hinomi", "the binary to measure")
	f.IntVar(&o.monitors, "monitors", 100_000, "half ping, half TCP")
	f.DurationVar(&o.interval, "interval", 30*time.Second, "between two checks of a monitor")
	f.DurationVar(&o.warmup, "warmup", 0, "before measuring; 0 is one interval and 10s")
	f.DurationVar(&o.measure, "measure", 0, "0 is three intervals, at least 60s")
	f.StringVar(&o.dir, "dir", "", "for data; empty is a temporary directory, removed at the end")
}

// peerPort is where the TCP half is answered, on all of 127/8.
const peerPort = 17080

// rigAddr is where the measured server serves.
const rigAddr = "127.0.0.1:17081"

// rig is a running Hinomi with its data.
type rig struct {
	o     speedOptions
	dir   string
	admin string
	cmd   *exec.Cmd
	pg    *embedded.Server
	db    *sqlx.DB
}

func speed(ctx context.Context, o speedOptions) (err error) {
	if o.warmup == 0 {
		o.warmup = o.interval + 10*time.Second
	}
	if o.measure == 0 {
		o.measure = max(3*o.interval, time.Minute)
	}
	r := &rig{o: o, dir: o.dir, admin: "127.0.0.1:17090"}
	if r.dir == "" {
		if r.dir, err = benchDir(); err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(r.dir) }()
	}
	if err := r.startDatabase(ctx); err != nil {
		return err
	}
	defer r.stopDatabase()
	p, err := startPeer(fmt.Sprintf("0.0.0.0:%d", peerPort))
	if err != nil {
		return err
	}
	defer func() { _ = p.Process.Kill(); _ = p.Wait() }()
	if err := r.seedThenRestart(ctx); err != nil {
		return err
	}
	defer r.stop()
	return r.report(ctx)
}

// seedThenRestart lets Hinomi make its database, fills it, and starts again so
// that the monitors take their places as after any restart.
func (r *rig) seedThenRestart(ctx context.Context) error {
	if err := r.start(ctx); err != nil {
		return err
	}
	r.stop()
	progress("filling in %d monitors", r.o.monitors)
	if err := seed(ctx, r.db, r.o.monitors); err != nil {
		return err
	}
	return r.start(ctx)
}

// startDatabase runs a server like the one that Hinomi would run, as a child of
// this process, so that its cost is told apart.
func (r *rig) startDatabase(ctx context.Context) error {
	dir := filepath.Join(r.dir, "database")
	if err := embedded.PrepareDataDir(dir); err != nil {
		return err
	}
	var err error
	if r.pg, err = embedded.Start(ctx, embedded.Config{DataDir: dir, Cache: embedded.CacheDir(os.Getenv)}); err != nil {
		return err
	}
	r.db, err = sqlx.ConnectContext(ctx, "postgres", r.pg.URL())
	return err
}

func (r *rig) stopDatabase() {
	if r.db != nil {
		_ = r.db.Close()
	}
	r.pg.Stop()
}

// start runs Hinomi and waits until it is ready.
func (r *rig) start(ctx context.Context) error {
	log, err := os.OpenFile(filepath.Join(r.dir, "hinomi.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	r.cmd = exec.Command(r.o.binary, "serve")
	r.cmd.Env = append(os.Environ(), "HINOMI_DATA_DIR="+filepath.Join(r.dir, "data"), "HINOMI_ADDR="+rigAddr,
		"HINOMI_ADMIN_ADDR="+r.admin, "HINOMI_TARGET_POLICY=any", "HINOMI_LINES=a=127.0.0.2;b=127.0.0.3",
		"HINOMI_INTERVAL="+r.o.interval.String(), "HINOMI_PROBE_TIMEOUT="+min(5*time.Second, r.o.interval/2).String(),
		"HINOMI_LOG_LEVEL=warn", "HINOMI_RATE_LIMITS=session=0 downloads=0", "DATABASE_URL="+r.pg.URL())
	r.cmd.Stdout, r.cmd.Stderr = log, log
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if err := r.cmd.Start(); err != nil {
		return err
	}
	if err := waitReady(ctx, "http://"+rigAddr+"/readyz"); err != nil {
		r.stop()
		return fmt.Errorf("%w; its log is %s", err, log.Name())
	}
	return nil
}

// stop ends Hinomi. Safe twice.
func (r *rig) stop() {
	_ = r.cmd.Process.Signal(syscall.SIGTERM)
	_ = r.cmd.Wait()
}

func waitReady(ctx context.Context, url string) error {
	deadline := time.Now().Add(2 * time.Minute)
	for time.Now().Before(deadline) {
		if _, err := fetch(ctx, url); err == nil {
			return nil
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
	return errors.New("the server was not ready within 2 minutes")
}

func fetch(ctx context.Context, url string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", url, res.Status)
	}
	return string(body), err
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, time.Now().Format("15:04:05 ")+format+"\n", args...)
}

const seedSQL = `
with a as (
    insert into accounts (email, password_hash, role, locale, time_zone, terms_version, verified_at, created_at)
    values ('bench@example.jp', '', 'operator', 'en', 'UTC', '1', now(), now())
    on conflict do nothing
    returning id
), t as (
    insert into targets (account_id, host, created_at)
    select a.id, host('127.1.0.0'::inet + n), now()
    from a, generate_series(1, $1::integer) n
    returning id, account_id
), m as (
    insert into monitors (account_id, target_id, service, port, created_at)
    select t.account_id, t.id, case t.id % 2 when 0 then 'ping' else 'http' end, case t.id % 2 when 0 then 0 else $2 end, now()
    from t
    returning id
)
insert into monitor_states (monitor_id, verdict_since)
select id, now() from m`

func seed(ctx context.Context, db *sqlx.DB, monitors int) error {
	if _, err := db.ExecContext(ctx, seedSQL, monitors, peerPort); err != nil {
		return fmt.Errorf("fill in monitors: %w", err)
	}
	_, err := db.ExecContext(ctx, `vacuum analyze`)
	return err
}

// benchDir is a new directory that the database's user may pass through.
func benchDir() (string, error) {
	dir, err := os.MkdirTemp("", "hinomi-bench-")
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o711)
}
