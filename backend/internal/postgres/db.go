package postgres

import (
	"context"
	"database/sql"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

// Options says how a DB uses its server. The zero value serves the API.
type Options struct {
	Role             Role          // that connections take on; Owner runs migrations
	MaxConns         int           // connections at most; 0 means 8
	ConnectTimeout   time.Duration // until a new connection is ready; 0 means 1.5 s
	StatementTimeout time.Duration // of one statement; 0 means 1.5 s, so that people are told within 2 s
	Now              func() time.Time
	Quotas           account.Quotas // of ordinary accounts; the zero value bounds nothing but contacts

	Claims       bool // one account has a host or an address, and 18 monitors are on one at most
	RequireProof bool // with Claims: nothing is watched before its host is proven
}

func (o Options) withDefaults() Options {
	if o.MaxConns == 0 {
		o.MaxConns = 8
	}
	if o.ConnectTimeout == 0 {
		o.ConnectTimeout = 1500 * time.Millisecond
	}
	if o.StatementTimeout == 0 {
		o.StatementTimeout = 1500 * time.Millisecond
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// answerGrace is how much later than its own timeout of a statement a server
// may answer before the connection counts as dead.
const answerGrace = 300 * time.Millisecond

// idleInTransaction bounds how long a frozen process can hold locks.
const idleInTransaction = 10 * time.Second

// DB is a pool of connections to one database, and all stores on it. Its
// methods are safe for concurrent use. Errors wrap uptime.ErrUnavailable when
// the server could not be asked, uptime.ErrNotFound when the account has no
// such thing, uptime.ErrConflict when it already exists.
type DB struct {
	x    *sqlx.DB
	opts Options
	url  string
}

// Open prepares a pool for a libpq connection string or URL. It does not
// connect: a server that is away is reported by the first query.
func Open(url string, opts Options) (*DB, error) {
	opts = opts.withDefaults()
	x, err := openPool(url, opts)
	if err != nil {
		return nil, err
	}
	return &DB{x: x, opts: opts, url: url}, nil
}

func openPool(url string, opts Options) (*sqlx.DB, error) {
	cfg, err := readAddress(url)
	if err != nil {
		return nil, err
	}
	if cfg.ApplicationName == "" {
		cfg.ApplicationName = "hinomi"
	}
	if cfg.Runtime == nil {
		cfg.Runtime = map[string]string{}
	}
	cfg.ConnectTimeout = opts.ConnectTimeout
	cfg.Runtime["timezone"] = "UTC"
	cfg.Runtime["statement_timeout"] = millis(opts.StatementTimeout)
	cfg.Runtime["idle_in_transaction_session_timeout"] = millis(idleInTransaction)
	if opts.Role != Owner {
		cfg.Runtime["role"] = string(opts.Role)
	}
	connector, err := pq.NewConnectorConfig(cfg)
	if err != nil {
		return nil, errAddress
	}
	connector.Dialer(dialer{answer: opts.StatementTimeout + answerGrace})
	x := sqlx.NewDb(sql.OpenDB(connector), "postgres")
	x.SetMaxOpenConns(opts.MaxConns)
	x.SetMaxIdleConns(opts.MaxConns)
	x.SetConnMaxIdleTime(5 * time.Minute)
	return x, nil
}

func millis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// Close ends all connections; queries under way fail.
func (db *DB) Close() error { return db.x.Close() }

// SQL is the pool itself, for the recorder and its kin.
func (db *DB) SQL() *sqlx.DB { return db.x }

// Ping asks the server for an answer.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	return fault("ping database", db.x.GetContext(ctx, &one, `select 1`))
}

// now as the database keeps times.
func (db *DB) now() time.Time { return wholeMillis(db.opts.Now()) }

// txn is a transaction with the time of its change: one for all its rows.
type txn struct {
	*sqlx.Tx
	now time.Time
}

// inTx runs f in a transaction of the default isolation. An error of f undoes
// it and comes back as a fault of act.
func (db *DB) inTx(ctx context.Context, act string, f func(tx txn) error) error {
	tx, err := db.x.BeginTxx(ctx, nil)
	if err != nil {
		return fault(act, err)
	}
	if err := f(txn{tx, db.now()}); err != nil {
		_ = tx.Rollback() // a connection that cannot even do this is dropped
		return fault(act, err)
	}
	return fault(act, tx.Commit())
}

// inSnapshot runs f in a read-only transaction that sees one moment. Samples
// must not be read in it: see selectFramesSQL.
func (db *DB) inSnapshot(ctx context.Context, act string, f func(tx txn) error) error {
	tx, err := db.x.BeginTxx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return fault(act, err)
	}
	defer func() { _ = tx.Rollback() }()
	return fault(act, f(txn{tx, db.now()}))
}
