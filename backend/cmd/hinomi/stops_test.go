package main

import (
	"log/slog"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/config"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func TestStoppedMonitorsAreLookedAtOnlyWhereThatIsWanted(t *testing.T) {
	t.Parallel()
	for every, want := range map[time.Duration]string{0: "reminders", time.Hour: "reminders recheck"} {
		s := &service{cfg: config.Config{StopRecheck: every}, log: slog.New(slog.DiscardHandler), now: time.Now}
		jobs, err := s.stopJobs([]uptime.LineID{1})
		if err != nil {
			t.Fatal(err)
		}
		names := ""
		for _, j := range jobs {
			names += " " + j.Name
		}
		if names != " "+want || (s.recheck != nil) != (every > 0) {
			t.Errorf("every %v: jobs%s, looks %v", every, names, s.recheck != nil)
		}
	}
}
