package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// gapMonitors is of how many monitors all samples are read for the gaps.
const gapMonitors = 5000

// report measures and prints.
func (r *rig) report(ctx context.Context) error {
	progress("warming up for %s", r.o.warmup)
	if err := pause(ctx, r.o.warmup); err != nil {
		return err
	}
	before, err := usageOf(r.cmd.Process.Pid)
	if err != nil {
		return err
	}
	from, first := time.Now(), r.recorded(ctx)
	progress("measuring for %s", r.o.measure)
	if err := pause(ctx, r.o.measure); err != nil {
		return err
	}
	after, err := usageOf(r.cmd.Process.Pid)
	if err != nil {
		return err
	}
	to, last := time.Now(), r.recorded(ctx)
	if first < 0 || last < 0 {
		return fmt.Errorf("the number of results could not be read")
	}
	samples, err := r.samples(ctx, from, to)
	if err != nil {
		return err
	}
	r.print(figures{took: to.Sub(from), done: last - first, before: before, after: after, samples: samples})
	return nil
}

type figures struct {
	took          time.Duration
	done          int64
	before, after usage
	samples       map[int64][]uptime.Sample
}

func (r *rig) print(f figures) {
	offered := float64(r.o.monitors) / r.o.interval.Seconds()
	done := float64(f.done) / f.took.Seconds()
	thousands := float64(f.done) / 1000
	server, database := f.after.serverCPU-f.before.serverCPU, f.after.databaseCPU-f.before.databaseCPU
	p50, p99 := gaps(f.samples)
	fmt.Printf("monitors %d, interval %s, measured %s\n", r.o.monitors, r.o.interval, f.took.Round(time.Second))
	fmt.Printf("probes/s offered %.0f, done and recorded %.0f (%.2f %%)\n", offered, done, 100*done/offered)
	fmt.Printf("gap between two checks p50 %s, p99 %s\n", p50.Round(time.Millisecond), p99.Round(time.Millisecond))
	fmt.Printf("CPU seconds per 1,000 probes: server %.4f, database %.4f, together %.4f\n",
		server/thousands, database/thousands, (server+database)/thousands)
	fmt.Printf("memory: server %.0f MB, database %.0f MB (%.1f kB a monitor together)\n", f.after.serverMemory/1e6,
		f.after.databaseMemory/1e6, (f.after.serverMemory+f.after.databaseMemory)/1e3/float64(r.o.monitors))
	wrong := map[string]int{}
	for _, ss := range f.samples {
		for _, s := range ss {
			if s.Status() != uptime.OK {
				wrong[s.Reason.String()]++
			}
		}
	}
	fmt.Printf("results that are not ok, of %d monitors looked at: %v\n", len(f.samples), wrong)
}

// recorded counts results by the versions of the rows: each result raises one.
func (r *rig) recorded(ctx context.Context) int64 {
	var n int64
	if err := r.db.GetContext(ctx, &n, `select coalesce(sum(version), 0)::bigint from monitor_states`); err != nil {
		progress("count results: %v", err)
		return -1
	}
	return n
}

const samplesSQL = `
select monitor_id, frame from sample_chunks where monitor_id <= $1
union all
select monitor_id, buffer from monitor_states where monitor_id <= $1`

func (r *rig) samples(ctx context.Context, from, to time.Time) (map[int64][]uptime.Sample, error) {
	var rows []struct {
		ID    int64  `db:"monitor_id"`
		Frame []byte `db:"frame"`
	}
	if err := r.db.SelectContext(ctx, &rows, samplesSQL, gapMonitors); err != nil {
		return nil, fmt.Errorf("read samples: %w", err)
	}
	of := map[int64][]uptime.Sample{}
	for _, row := range rows {
		samples, err := uptime.UnpackSamples(row.Frame)
		if err != nil {
			return nil, err
		}
		for _, s := range samples {
			if !s.At.Before(from) && s.At.Before(to) {
				of[row.ID] = append(of[row.ID], s)
			}
		}
	}
	return of, nil
}

// gaps between the starts of two checks of one monitor.
func gaps(of map[int64][]uptime.Sample) (p50, p99 time.Duration) {
	var all []time.Duration
	for _, samples := range of {
		slices.SortFunc(samples, func(a, b uptime.Sample) int { return a.At.Compare(b.At) })
		for i := 1; i < len(samples); i++ {
			all = append(all, samples[i].At.Sub(samples[i-1].At))
		}
	}
	if len(all) == 0 {
		return 0, 0
	}
	slices.Sort(all)
	return all[len(all)/2], all[len(all)*99/100]
}
