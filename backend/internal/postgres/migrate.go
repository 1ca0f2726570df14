package postgres

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// partitionsAhead is how many days after today always have partitions, so that
// a night without the job that makes them costs nothing.
const partitionsAhead = 2

// migrationTimeout bounds one statement of a migration.
const migrationTimeout = 30 * time.Minute

// Migrate brings the schema up to date and makes the partitions of today and
// the days ahead. Processes that start together take turns (advisory lock).
// Whatever the role of the pool, this is done as the URL's own user, who must
// be allowed to use the roles, else it is ErrRoles. It returns how many migrations were applied.
func (db *DB) Migrate(ctx context.Context) (int, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, uint64(migrationTimeout/time.Second)))
	if err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	opts := db.opts
	opts.Role, opts.MaxConns, opts.StatementTimeout = Owner, 2, migrationTimeout
	pool, err := openPool(db.url, opts)
	if err != nil {
		return 0, err
	}
	defer pool.Close() //nolint:errcheck // nothing is lost: all is committed or failed
	if err := ensureRoles(ctx, pool); err != nil {
		return 0, err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, pool.DB, files, goose.WithSessionLocker(locker))
	if err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	done, err := provider.Up(ctx)
	if err != nil {
		return 0, fault("migrate", err)
	}
	return len(done), (&DB{x: pool, opts: opts}).MakePartitions(ctx)
}

// MakePartitions makes the partitions of today and the days ahead that do not
// exist yet.
func (db *DB) MakePartitions(ctx context.Context) error {
	today := db.now().Format(time.DateOnly)
	last := db.now().AddDate(0, 0, partitionsAhead).Format(time.DateOnly)
	_, err := db.x.ExecContext(ctx, makePartitionsSQL, today, last)
	return fault("make partitions", err)
}
