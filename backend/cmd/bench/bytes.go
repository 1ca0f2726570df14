package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/postgres"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

type bytesOptions struct {
	monitors int
	days     int
}

func (o *bytesOptions) register(f *flag.FlagSet) {
	f.IntVar(&o.monitors, "monitors", 2000, "")
	f.IntVar(&o.days, "days", 10, "finished days")
}

// bytesPerResult records days of checks through the real recorder with a clock
// that is moved on, lets the nightly job merge them, and asks PostgreSQL for
// the sizes.
func bytesPerResult(ctx context.Context, o bytesOptions) error {
	now := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -o.days)
	clock := func() time.Time { return now }
	r := &rig{}
	var err error
	if r.dir, err = benchDir(); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(r.dir) }()
	if err := r.startDatabase(ctx); err != nil {
		return err
	}
	defer r.stopDatabase()
	db, err := postgres.Open(r.pg.URL(), postgres.Options{Now: clock, StatementTimeout: 5 * time.Minute})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	if _, err := db.Migrate(ctx); err != nil {
		return err
	}
	if err := seed(ctx, db.SQL(), o.monitors); err != nil {
		return err
	}
	rec, err := postgres.NewRecorder(ctx, db.SQL(), postgres.RecorderConfig{Node: "bench", RetentionDays: o.days, Now: clock, Log: slog.Default()})
	if err != nil {
		return err
	}
	watched, err := rec.Load(ctx, 0, o.monitors)
	if err != nil {
		return err
	}
	start := time.Now()
	for day := range o.days {
		for range 24 * 12 {
			if _, err := rec.Record(ctx, uptime.DefaultPolicy(), oneRound(watched, now)); err != nil {
				return err
			}
			now = now.Add(5 * time.Minute)
		}
		if err := rec.Nightly(ctx, nil); err != nil {
			return err
		}
		progress("day %d of %d", day+1, o.days)
	}
	return printSizes(ctx, db, o, time.Since(start))
}

// oneRound is one check of everybody: ordinary round trips, one in a hundred
// fails, starts are some milliseconds off.
func oneRound(watched []uptime.Assignment, now time.Time) []uptime.Result {
	round := make([]uptime.Result, len(watched))
	for i, a := range watched {
		s := uptime.Sample{
			At: now.Add(time.Duration(i)*time.Millisecond + time.Duration(rand.IntN(12))*time.Millisecond), Reason: uptime.Connected,
			Line: uptime.LineID(1 + now.Unix()/300%2), RTT: time.Duration(8_000+a.MonitorID%40_000+rand.Int64N(4_000)) * time.Microsecond,
		}
		if rand.IntN(100) == 0 {
			s.Reason, s.RTT = uptime.Timeout, 0
		}
		round[i] = uptime.Result{Sample: s, MonitorID: a.MonitorID, Generation: a.Generation}
	}
	return round
}

const sizesSQL = `
select coalesce(sum(pg_total_relation_size(i.inhrelid)), 0)::bigint
from pg_inherits i
where i.inhparent in ('sample_days'::regclass, 'sample_chunks'::regclass)`

func printSizes(ctx context.Context, db *postgres.DB, o bytesOptions, took time.Duration) error {
	var size, state int64
	if err := db.SQL().GetContext(ctx, &size, sizesSQL); err != nil {
		return err
	}
	if err := db.SQL().GetContext(ctx, &state, `select pg_total_relation_size('monitor_states')`); err != nil {
		return err
	}
	results := float64(o.monitors) * float64(o.days) * 288
	fmt.Printf("%d monitors × %d days = %.0f results in %s\n", o.monitors, o.days, results, took.Round(time.Second))
	fmt.Printf("bytes a result, with indexes and empty partitions: %.2f (%.1f MB)\n", float64(size)/results, float64(size)/1e6)
	fmt.Printf("state rows with newest samples: %.1f MB, %.0f bytes a monitor\n", float64(state)/1e6, float64(state)/float64(o.monitors))
	return nil
}
