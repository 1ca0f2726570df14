package main

import (
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/config"
	"github.com/hinomi-watch/hinomi/backend/internal/watch"
)

// settleEvery is how often hosts and addresses that nobody has are given to who
// is there.
const settleEvery = 5 * time.Minute

// claims tells whether one account has a host or an address. Where everybody is
// trusted, several may watch the same.
func (s *service) claims() bool { return s.cfg.TargetPolicy != config.PolicyAny }

func (s *service) claimJobs() []watch.Job {
	if !s.claims() {
		return nil
	}
	return []watch.Job{{Name: "claims", Every: settleEvery, Run: s.work.SettleClaims}}
}
