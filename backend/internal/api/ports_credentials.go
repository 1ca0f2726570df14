package api

import (
	"context"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

// APITokens keeps what scripts sign in with.
type APITokens interface {
	// UseAPIToken gives the account of an API token and notes the use, at most
	// once a minute. uptime.ErrNotFound if it is unknown or has expired, or its
	// account is disabled.
	UseAPIToken(ctx context.Context, hash []byte) (account.APIToken, account.Account, error)

	// APITokens lists at most account.MaxAPITokens, ascending by id.
	APITokens(ctx context.Context, accountID int64) ([]account.APIToken, error)

	// CreateAPIToken is uptime.ErrTooMany from account.MaxAPITokens on, however
	// many try at the same time.
	CreateAPIToken(ctx context.Context, t account.NewAPIToken) (account.APIToken, error)
	DeleteAPIToken(ctx context.Context, accountID, id int64) error
}
