package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// Recorder writes results. One batch is one transaction: it judges each result
// on the standing that it holds in memory, writes standing and sample with one
// update of the hot row, and for the few monitors whose verdict or state
// changed also incident, alert event and deliveries. Memory moves only after
// the commit. Only one Recorder may run on a database.
type Recorder struct {
	db  *sqlx.DB
	cfg RecorderConfig

	mu        sync.Mutex // serialises batches, reloads and the nightly job's flush
	held      map[int64]*held
	committed int64  // number of the last batch known to be committed
	uncertain *batch // its COMMIT had no answer

	flushed time.Time // the day on which the nightly job emptied the buffers of the days before

	counters RecorderCounters
}

// RecorderConfig says how a Recorder works.
type RecorderConfig struct {
	Node          string // names the row of recorder_progress
	RetentionDays int    // full UTC days kept besides today
	Now           func() time.Time
	Log           *slog.Logger
}

// RecorderCounters count since the start of the process.
type RecorderCounters struct {
	Recorded atomic.Int64 // results written
	Stale    atomic.Int64 // dropped: of another generation, or the monitor is gone
	TooOld   atomic.Int64 // samples discarded beyond retention
	Repeated atomic.Int64 // batches found committed after an error at COMMIT
	Rejudged atomic.Int64 // batches judged again because a row had changed meanwhile
	Alerts   atomic.Int64 // alert events written
}

// held is what the recorder remembers of one monitor.
type held struct {
	version  int64
	standing uptime.Standing
	buffer   []byte // packed newest samples, as in the row
	samples  int    // in buffer
	keep     bool   // failures never stop it
}

// NewRecorder reads where the node's last batch ended. Monitors are held from
// the moment that Load or Reload gives them out.
func NewRecorder(ctx context.Context, db *sqlx.DB, cfg RecorderConfig) (*Recorder, error) {
	r := &Recorder{db: db, cfg: cfg, held: map[int64]*held{}}
	const insert = `insert into recorder_progress (node, batch) values ($1, 0) on conflict do nothing`
	if _, err := db.ExecContext(ctx, insert, cfg.Node); err != nil {
		return nil, fmt.Errorf("start recorder: %w", err)
	}
	var err error
	r.committed, err = r.readProgress(ctx)
	return r, err
}

// Counters of this recorder.
func (r *Recorder) Counters() *RecorderCounters { return &r.counters }

// errStandingMoved says that a row was changed by a user between our read and
// our write; nothing of the batch was written.
var errStandingMoved = errors.New("a standing changed meanwhile")

// errBatchDone says that the progress row shows the batch's number already.
var errBatchDone = errors.New("this batch is committed already")

// maxRejudge bounds how often one batch is judged anew for that reason.
const maxRejudge = 10

// Record judges and writes results, at most one per monitor, under the policy.
// After an error either nothing is written or, if it came at the commit,
// perhaps everything: calling again with the same results, before any others,
// is always right.
func (r *Recorder) Record(ctx context.Context, p uptime.Policy, results []uptime.Result) (uptime.Recorded, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.uncertain != nil {
		done, err := r.settle(ctx)
		if done != nil || err != nil {
			return done.recorded(), err
		}
	}
	for range maxRejudge {
		b, err := r.judge(p, results)
		if err != nil {
			return uptime.Recorded{}, err
		}
		err = r.write(ctx, b)
		if err == nil {
			r.keep(b)
			return b.recorded(), nil
		}
		if errors.Is(err, errBatchDone) {
			r.uncertain = b
			done, err := r.settle(ctx)
			return done.recorded(), err
		}
		if !errors.Is(err, errStandingMoved) {
			return uptime.Recorded{}, err
		}
		r.counters.Rejudged.Add(1)
		if err := r.reloadHeld(ctx, b.ids()); err != nil {
			return uptime.Recorded{}, err
		}
	}
	return uptime.Recorded{}, fmt.Errorf("record %d results: %w %d times", len(results), errStandingMoved, maxRejudge)
}

// settle finds out what became of the uncertain batch: it is committed exactly
// if the progress row shows its number. The batch is returned if it is; what is
// held is then read anew, because anybody may have written since.
func (r *Recorder) settle(ctx context.Context) (*batch, error) {
	at, err := r.readProgress(ctx)
	if err != nil {
		return nil, err
	}
	b := r.uncertain
	if at < b.number {
		r.uncertain = nil
		return nil, nil
	}
	if err := r.reloadHeld(ctx, b.ids()); err != nil {
		return nil, err
	}
	r.uncertain, r.committed = nil, b.number
	r.counters.Repeated.Add(1)
	r.count(b)
	return b, nil
}

func (r *Recorder) readProgress(ctx context.Context) (batch int64, err error) {
	const query = `select batch from recorder_progress where node = $1`
	if err := r.db.GetContext(ctx, &batch, query, r.cfg.Node); err != nil {
		return 0, fmt.Errorf("read recorder progress: %w", err)
	}
	return batch, nil
}

// keep moves memory after a commit.
func (r *Recorder) keep(b *batch) {
	for i := range b.rows {
		h := r.held[b.rows[i].id]
		*h = b.rows[i].next
	}
	r.committed = b.number
	r.count(b)
}

func (r *Recorder) count(b *batch) {
	r.counters.Recorded.Add(int64(len(b.rows)))
	r.counters.Stale.Add(int64(len(b.gone)))
	r.counters.TooOld.Add(int64(b.tooOld))
	r.counters.Alerts.Add(int64(len(b.events)))
}
