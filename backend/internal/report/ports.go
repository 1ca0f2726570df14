package report

import (
	"context"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// Store reads what happened. What the account does not have is
// uptime.ErrNotFound.
type Store interface {
	Monitor(ctx context.Context, accountID, id int64) (uptime.Monitor, error)
	Monitors(ctx context.Context, accountID int64, f uptime.MonitorFilter) ([]uptime.Monitor, error)

	// EachResult gives the results with From ≤ At < To to visit, oldest first; an
	// error of visit ends it and comes back as it is.
	EachResult(ctx context.Context, accountID, monitorID int64, span uptime.Span, visit func(uptime.Result) error) error

	// Samples gives those of the span, and before them the last one before it.
	Samples(ctx context.Context, accountID, monitorID int64, span uptime.Span) ([]uptime.Sample, error)

	// NotWatched and MonitorIncidents give what overlaps the span, oldest first.
	NotWatched(ctx context.Context, accountID, monitorID int64, span uptime.Span) ([]uptime.Span, error)
	MonitorIncidents(ctx context.Context, accountID, monitorID int64, span uptime.Span) ([]uptime.Incident, error)
}
