package postgres

import (
	"fmt"
	"slices"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// Bounds of the buffer in the hot row; whichever is reached first.
const (
	bufferSamples = 12
	bufferBytes   = 96
)

// batch is one transaction's worth of judged results, in the order of their
// monitors' ids, which lets PostgreSQL walk the table instead of jumping.
type batch struct {
	number int64
	rows   []batchRow
	chunks []chunk
	events []batchEvent
	pins   []uptime.Result
	gone   []int64 // monitors whose results were dropped
	tooOld int     // samples discarded, known after writing
}

type batchRow struct {
	id      int64
	version int64 // that is written over
	next    held
	changed bool // more than the newest sample and the streaks
}

type batchEvent struct {
	monitorID int64
	uptime.Event
}

// chunk is a full buffer on its way out of the hot row.
type chunk struct {
	day       time.Time // UTC midnight
	monitorID int64
	seq       int64 // the row's version from which on the buffer no longer holds it
	frame     []byte
}

func (b *batch) ids() []int64 {
	ids := make([]int64, len(b.rows))
	for i := range b.rows {
		ids[i] = b.rows[i].id
	}
	return ids
}

func (b *batch) recorded() uptime.Recorded {
	if b == nil {
		return uptime.Recorded{}
	}
	rec := uptime.Recorded{Gone: b.gone, Alerts: len(b.events)}
	for i := range b.rows {
		if b.rows[i].next.standing.State != uptime.Active {
			rec.Stopped = append(rec.Stopped, b.rows[i].id)
		}
	}
	return rec
}

// judge prepares a batch without touching what is held.
func (r *Recorder) judge(p uptime.Policy, results []uptime.Result) (*batch, error) {
	sorted := slices.Clone(results)
	slices.SortFunc(sorted, func(a, b uptime.Result) int { return int(a.MonitorID - b.MonitorID) })
	b := &batch{number: r.committed + 1, rows: make([]batchRow, 0, len(sorted))}
	for i, res := range sorted {
		if i > 0 && sorted[i-1].MonitorID == res.MonitorID {
			return nil, fmt.Errorf("record: two results of monitor %d in one batch", res.MonitorID)
		}
		h := r.held[res.MonitorID]
		if h == nil || h.standing.Generation != res.Generation || h.standing.State != uptime.Active {
			b.gone = append(b.gone, res.MonitorID)
			continue
		}
		if err := b.add(p, h, res); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (b *batch) add(p uptime.Policy, h *held, res uptime.Result) error {
	next, events := uptime.Judge(p.For(h.keep), h.standing, res)
	row := batchRow{id: res.MonitorID, version: h.version, changed: standingChanged(h.standing, next)}
	row.next = held{version: h.version + 1, standing: next, samples: h.samples + 1, keep: h.keep}
	frame, err := uptime.AppendSample(h.buffer[:len(h.buffer):len(h.buffer)], res.Sample)
	if err != nil {
		return fmt.Errorf("record result of monitor %d: %w", res.MonitorID, err)
	}
	if h.samples > 0 && (h.samples >= bufferSamples || len(frame) > bufferBytes || !sameDay(h.standing.Last.At, res.At)) {
		b.chunks = append(b.chunks, chunk{day: dayOf(h.standing.Last.At), monitorID: res.MonitorID, seq: row.next.version, frame: h.buffer})
		if frame, err = uptime.PackSamples([]uptime.Sample{res.Sample}); err != nil {
			return err
		}
		row.next.samples = 1
	}
	row.next.buffer = frame
	b.rows = append(b.rows, row)
	for _, e := range events {
		b.events = append(b.events, batchEvent{res.MonitorID, e})
	}
	if !res.AddrSince.IsZero() {
		b.pins = append(b.pins, res)
	}
	return nil
}

// standingChanged tells whether more changed than the narrow update writes.
func standingChanged(a, b uptime.Standing) bool {
	return a.Generation != b.Generation || a.State != b.State || a.Verdict != b.Verdict || a.Told != b.Told ||
		a.EverUp != b.EverUp || len(a.Run) != len(b.Run) || (len(a.Run) > 0 && a.Run[0] != b.Run[0]) ||
		!a.IncidentStart.Equal(b.IncidentStart) || !a.ObservedUntil.Equal(b.ObservedUntil)
}

func dayOf(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

func sameDay(a, b time.Time) bool { return dayOf(a).Equal(dayOf(b)) }
