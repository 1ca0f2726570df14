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

// SecondFactors keeps authenticators' secrets and recovery codes.
type SecondFactors interface {
	// ProposeSecondFactor keeps a sealed secret that is not on yet, in place of
	// an earlier one. uptime.ErrConflict if a second factor is on.
	ProposeSecondFactor(ctx context.Context, accountID int64, sealed []byte) error

	// SecondFactor gives what is on or proposed; uptime.ErrNotFound if nothing is.
	SecondFactor(ctx context.Context, accountID int64) (account.SecondFactor, error)

	// EnableSecondFactor turns the proposal on, with new recovery codes, and ends
	// all sessions but one: all of it or nothing. uptime.ErrConflict if one is on,
	// or Sealed is not the proposal any more.
	EnableSecondFactor(ctx context.Context, c account.SecondFactorChange) error

	// TakeStep spends a time step and those before it. uptime.ErrNotFound if it
	// is spent, however many come with it at the same time, or nothing is on.
	TakeStep(ctx context.Context, accountID, step int64) error

	// TakeRecoveryCode spends one of the codes. uptime.ErrNotFound if it is none
	// of them any more.
	TakeRecoveryCode(ctx context.Context, accountID int64, hash []byte) error

	// ReplaceRecoveryCodes and DisableSecondFactor are uptime.ErrNotFound if
	// nothing is on.
	ReplaceRecoveryCodes(ctx context.Context, accountID int64, hashes [][]byte) error
	DisableSecondFactor(ctx context.Context, accountID int64) error
}
