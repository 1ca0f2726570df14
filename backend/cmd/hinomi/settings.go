package main

import (
	"context"

	"github.com/hinomi-watch/hinomi/backend/internal/watch"
)

// stopAfter is how many failures stop a monitor now; 0 is none.
func (s *service) stopAfter() int {
	if set := s.settings.Settings().StopAfter; set != nil {
		return *set
	}
	return s.cfg.Policy.FailuresToStop
}

// halted tells whether an operator has stopped watching for everybody.
func (s *service) halted() bool { return !s.settings.Settings().HaltedAt.IsZero() }

// unlessHalted leaves out a job's rounds while nothing is to be sent.
func (s *service) unlessHalted(jobs []watch.Job) []watch.Job {
	for i, j := range jobs {
		jobs[i].Run = func(ctx context.Context) error {
			if s.halted() {
				return nil
			}
			return j.Run(ctx)
		}
	}
	return jobs
}
