package main

import (
	"context"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
	"github.com/hinomi-watch/hinomi/backend/internal/watch"
)

// remindEvery is how often it is looked who must be reminded of a stop.
const remindEvery = 10 * time.Minute

// stopJobs remind of stopped monitors and, if that is wanted, look at them.
func (s *service) stopJobs(lines []uptime.LineID) ([]watch.Job, error) {
	jobs := []watch.Job{{Name: "reminders", Every: remindEvery, Run: s.remind}}
	if s.cfg.StopRecheck == 0 {
		return jobs, nil
	}
	recheck, err := watch.NewRecheck(watch.RecheckConfig{
		Book: s.work, Prober: s.prober, Places: s.watchPlaces(), Lines: lines, Every: s.cfg.StopRecheck,
		Mailed: s.sender.Wake, Log: s.log,
	})
	if err != nil {
		return nil, err
	}
	s.recheck = recheck
	return append(jobs, watch.Job{Name: "recheck", Every: time.Minute, Run: recheck.Run}), nil
}

// remind goes on while there are more accounts than a round takes, so that
// nobody waits for the next.
func (s *service) remind(ctx context.Context) error {
	for ctx.Err() == nil {
		n, err := s.work.Remind(ctx)
		if err != nil || n == 0 {
			return err
		}
		s.sender.Wake()
	}
	return nil
}
