package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/config"
	"github.com/hinomi-watch/hinomi/backend/internal/postgres"
	"github.com/hinomi-watch/hinomi/backend/internal/postgres/embedded"
)

// database is the server that was configured, or our own.
type database struct {
	url      string
	embedded *embedded.Server // nil if DATABASE_URL is set
	lock     *embedded.DirLock
}

// openDatabase takes the data directory, and starts the embedded server unless
// another one is configured.
func openDatabase(ctx context.Context, cfg config.Config, log *slog.Logger) (*database, error) {
	if err := embedded.PrepareDataDir(cfg.DataDir); err != nil {
		return nil, err
	}
	lock, err := embedded.Lock(cfg.DataDir)
	if err != nil {
		return nil, err
	}
	d := &database{url: cfg.DatabaseURL, lock: lock}
	if d.url != "" {
		return d, nil
	}
	d.embedded, err = embedded.Start(ctx, embedded.Config{
		DataDir: cfg.DataDir, BinDir: cfg.PostgresBin, Cache: embedded.CacheDir(os.Getenv), Log: log,
	})
	if err != nil {
		lock.Unlock()
		return nil, err
	}
	d.url = d.embedded.URL()
	return d, nil
}

// done is closed when the embedded server ended; never for another one.
func (d *database) done() <-chan struct{} {
	if d.embedded == nil {
		return nil
	}
	return d.embedded.Done()
}

func (d *database) close() {
	if d.embedded != nil {
		d.embedded.Stop()
	}
	d.lock.Unlock()
}

// Pools. The API's answers within two seconds or not at all; the watchman's,
// the mails' and the reports' may wait for a long statement.
const (
	apiConns      = 12
	workConns     = 6
	reportConns   = 4
	workStatement = 30 * time.Second
)

func migrate(ctx context.Context, cfg config.Config, log *slog.Logger, out io.Writer) error {
	d, err := openDatabase(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer d.close()
	db, err := postgres.Open(d.url, postgres.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	n, err := db.Migrate(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%d migrations applied; the database is up to date\n", n)
	return err
}
