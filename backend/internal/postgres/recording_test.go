package postgres

import (
	"log/slog"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// testRecorder records results five minutes apart, over lines 1 and 2 in turn.
type testRecorder struct {
	*Recorder
	t     *testing.T
	clock *clock
	line  uptime.LineID
}

func newTestRecorder(t *testing.T, db *DB, c *clock) *testRecorder {
	t.Helper()
	rec, err := NewRecorder(t.Context(), inRole(t, db, RoleWatch).SQL(), RecorderConfig{Node: "test", RetentionDays: 10, Now: c.now, Log: slog.Default()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rec.Load(t.Context(), 0, 1000); err != nil {
		t.Fatal(err)
	}
	return &testRecorder{Recorder: rec, t: t, clock: c, line: 2}
}

// record lets five minutes pass and records one result of each monitor.
func (r *testRecorder) record(reason uptime.Reason, monitors ...int64) uptime.Sample {
	r.t.Helper()
	r.clock.pass(5 * time.Minute)
	r.line = 3 - r.line
	s := uptime.Sample{At: r.clock.now(), Reason: reason, Line: r.line}
	if s.Status() == uptime.OK {
		s.RTT = 12345 * time.Microsecond
	}
	results := make([]uptime.Result, len(monitors))
	for i, id := range monitors {
		generation := int32(0)
		if h := r.held[id]; h != nil {
			generation = h.standing.Generation
		}
		results[i] = uptime.Result{Sample: s, MonitorID: id, Generation: generation}
	}
	if _, err := r.Record(r.t.Context(), uptime.DefaultPolicy(), results); err != nil {
		r.t.Fatal(err)
	}
	return s
}

func (r *testRecorder) fail(monitor int64, times int) {
	r.t.Helper()
	for range times {
		r.record(uptime.Timeout, monitor)
	}
}

func (r *testRecorder) succeed(monitor int64, times int) {
	r.t.Helper()
	for range times {
		r.record(uptime.Connected, monitor)
	}
}
