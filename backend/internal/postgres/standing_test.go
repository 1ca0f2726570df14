package postgres

import (
	"reflect"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func TestStateRowGivesBackTheStandingItWasMadeOf(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 3, 5, 0, int(7*time.Millisecond), time.UTC)
	sample := func(i int) uptime.Sample {
		return uptime.Sample{
			At: at.Add(time.Duration(i) * 5 * time.Minute), Reason: uptime.Refused,
			Line: uptime.LineID(1 + i%2), RTT: 1234 * time.Microsecond,
		}
	}
	cases := map[string]uptime.Standing{
		"new": uptime.NewStanding(at),
		"every field set": {
			Generation: 7, State: uptime.Stopped, Verdict: uptime.Down, Told: uptime.Trouble, EverUp: true,
			BadStreak: 4, Run: []uptime.Sample{sample(0), sample(1)}, LastCounted: sample(3).At,
			Last: sample(3), StatusSince: at, VerdictSince: at.Add(time.Millisecond), StoppedAt: sample(3).At,
			ResumedAt: at.Add(-time.Hour), IncidentStart: at, ObservedUntil: sample(3).At,
		},
		"good run": {
			Generation: 1, State: uptime.Active, Verdict: uptime.Up, Told: uptime.Well,
			GoodStreak: 1, VerdictSince: at,
		},
	}
	for name, want := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			row, err := newStateRow(1, 2, want)
			if err != nil {
				t.Fatal(err)
			}
			got, err := row.standing()
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestStateRowWithADamagedRunIsAnError(t *testing.T) {
	t.Parallel()
	if _, err := (stateRow{Run: []byte{9, 9}}).standing(); err == nil {
		t.Error("no error")
	}
}
