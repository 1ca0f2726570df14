package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

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
	from := time.Now()
	progress("measuring for %s", r.o.measure)
	if err := pause(ctx, r.o.measure); err != nil {
		return err
	}
	after, err := usageOf(r.cmd.Process.Pid)
	if err != nil {
		return err
	}
	to := time.Now()
	r.stop() // what waits to be recorded is written first
	progress("measuring a bare loop for comparison")
	floor, err := measureFloor(ctx, min(r.offered(), floorRate))
	if err != nil {
		return err
	}
	progress("reading the samples")
	samples, err := r.samples(ctx, from, to)
	if err != nil {
		return err
	}
	r.print(figures{took: to.Sub(from), before: before, after: after, floor: floor, samples: samples})
	return nil
}

// offered probes a second.
func (r *rig) offered() float64 { return float64(r.o.monitors) / r.o.interval.Seconds() }

type figures struct {
	took          time.Duration
	before, after usage
	floor         float64 // CPU seconds per 1,000 bare probes
	samples       map[int64][]uptime.Sample
}

func (r *rig) print(f figures) {
	count, wrong := tally(f.samples)
	done, thousands := float64(count)/f.took.Seconds(), float64(count)/1000
	server, database := (f.after.serverCPU-f.before.serverCPU)/thousands, (f.after.databaseCPU-f.before.databaseCPU)/thousands
	fmt.Printf("monitors %d, interval %s, measured %s\n", r.o.monitors, r.o.interval, f.took.Round(time.Second))
	fmt.Printf("probes/s offered %.0f, done and recorded %.0f (%.2f %%)\n", r.offered(), done, 100*done/r.offered())
	fmt.Println("gap between two checks", gaps(f.samples))
	fmt.Printf("CPU seconds per 1,000 probes: server %.4f, database %.4f, together %.4f\n", server, database, server+database)
	fmt.Printf("a bare loop of as many pings and connects: %.4f; server %.2f times, together %.2f times that\n",
		f.floor, server/f.floor, (server+database)/f.floor)
	fmt.Printf("memory: server %.0f MB, database %.0f MB (%.1f kB a monitor together)\n", f.after.serverMemory/1e6,
		f.after.databaseMemory/1e6, (f.after.serverMemory+f.after.databaseMemory)/1e3/float64(r.o.monitors))
	fmt.Printf("of %d results not ok: %v\n", count, wrong)
}

// tally counts samples, and by reason those that are not ok.
func tally(of map[int64][]uptime.Sample) (count int, wrong map[string]int) {
	wrong = map[string]int{}
	for _, samples := range of {
		count += len(samples)
		for _, s := range samples {
			if s.Status() != uptime.OK {
				wrong[s.Reason.String()]++
			}
		}
	}
	return count, wrong
}

const samplesSQL = `
select monitor_id, frame from sample_chunks
union all
select monitor_id, buffer from monitor_states`

// samples of the window, by monitor.
func (r *rig) samples(ctx context.Context, from, to time.Time) (map[int64][]uptime.Sample, error) {
	var rows []struct {
		ID    int64  `db:"monitor_id"`
		Frame []byte `db:"frame"`
	}
	if err := r.db.SelectContext(ctx, &rows, samplesSQL); err != nil {
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

// gaps between the starts of two checks of one monitor, in words.
func gaps(of map[int64][]uptime.Sample) string {
	var all []time.Duration
	for _, samples := range of {
		slices.SortFunc(samples, func(a, b uptime.Sample) int { return a.At.Compare(b.At) })
		for i := 1; i < len(samples); i++ {
			all = append(all, samples[i].At.Sub(samples[i-1].At))
		}
	}
	if len(all) == 0 {
		return "unknown: no monitor was checked twice while this measured"
	}
	slices.Sort(all)
	return fmt.Sprintf("p50 %s, p99 %s", all[len(all)/2].Round(time.Millisecond), all[len(all)*99/100].Round(time.Millisecond))
}
