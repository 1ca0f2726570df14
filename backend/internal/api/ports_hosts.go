package api

import (
	"context"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// Countries knows where hosts may stand.
type Countries interface {
	AllowedCountries() []string // two-letter codes, in the order of the alphabet
	BuiltAt() time.Time         // when the list of addresses was made
	Old() bool                  // the list should be replaced
}

// HostRequests takes what accounts ask the operator to allow.
type HostRequests interface {
	// AskForHost keeps r.Host and r.Note of r.AccountID; a repeat renews the note.
	// uptime.ErrTooMany if too many of the account are open.
	AskForHost(ctx context.Context, r uptime.HostRequest) error
}

// HostDesk is the operator's: hosts that are allowed whatever their country.
type HostDesk interface {
	// AllowedHosts and HostRequests list ascending by id, at most p.Limit.
	AllowedHosts(ctx context.Context, p uptime.Page) ([]uptime.AllowedHost, error)
	HostRequests(ctx context.Context, p uptime.Page) ([]uptime.HostRequest, error)

	// AllowHost also ends the requests for the host. uptime.ErrConflict if it is
	// allowed already.
	AllowHost(ctx context.Context, host string) (uptime.AllowedHost, error)
	DisallowHost(ctx context.Context, id int64) error
	DropHostRequest(ctx context.Context, id int64) error
}
