package main

import (
	"maps"
	"slices"

	"github.com/hinomi-watch/hinomi/backend/internal/report"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func (s *service) reports() *report.Reports {
	return report.New(report.Config{
		Store: s.reading, Interval: s.watch.EffectiveInterval, Timeout: s.cfg.Policy.Timeout,
		Lines: slices.Sorted(maps.Keys(s.lineNames)), LineName: func(id uptime.LineID) string { return s.lineNames[id] },
	})
}
