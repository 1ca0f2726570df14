package postgres

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// People with psql see what readers see.
func TestTheSQLFunctionDecodesWhatGoPacks(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	random := rand.New(rand.NewPCG(1, 2))
	frames := [][]uptime.Sample{
		nil,
		{{At: time.UnixMilli(0).UTC(), Reason: uptime.Reply}},
		{{At: time.UnixMilli(-5).UTC(), Reason: uptime.Internal, Line: 255, RTT: 1<<31*time.Microsecond - time.Microsecond}},
	}
	reasons := uptime.Reasons()
	for range 50 {
		samples := make([]uptime.Sample, 1+random.IntN(20))
		at := noon
		for i := range samples {
			at = at.Add(time.Duration(random.Int64N(600_000)-100_000) * time.Millisecond)
			samples[i] = uptime.Sample{
				At: at, Reason: reasons[random.IntN(len(reasons))], Line: uptime.LineID(random.IntN(256)),
				RTT: time.Duration(random.Int64N(1<<31)) * time.Microsecond,
			}
		}
		frames = append(frames, samples)
	}
	for n, want := range frames {
		frame, err := uptime.PackSamples(want)
		must(t, err)
		var rows []struct {
			At     time.Time `db:"at"`
			Line   int16     `db:"line"`
			Reason int16     `db:"reason"`
			RTTUS  int32     `db:"rtt_us"`
		}
		must(t, db.x.SelectContext(t.Context(), &rows, `select at, line, reason, rtt_us from hinomi_samples($1)`, frame))
		if len(rows) != len(want) {
			t.Fatalf("frame %d: %d samples, want %d", n, len(rows), len(want))
		}
		for i, r := range rows {
			got := uptime.Sample{
				At: r.At.UTC(), Reason: uptime.Reason(r.Reason), Line: uptime.LineID(r.Line),
				RTT: time.Duration(r.RTTUS) * time.Microsecond,
			}
			if got != want[i] {
				t.Errorf("frame %d, sample %d: %+v, want %+v", n, i, got, want[i])
			}
		}
	}
}
