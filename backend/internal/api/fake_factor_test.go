package api

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// fakeFactor is an account's second factor, or the proposal of one.
type fakeFactor struct {
	sealed []byte
	step   int64
	codes  [][]byte
}

func (f *fake) factorOn(accountID int64) bool {
	return !f.accounts[accountID-1].SecondFactorAt.IsZero()
}

func (f *fake) ProposeSecondFactor(_ context.Context, accountID int64, sealed []byte) error {
	leave, err := f.enter()
	defer leave()
	if err != nil || f.factorOn(accountID) {
		return either(err, uptime.ErrConflict)
	}
	f.factors[accountID] = &fakeFactor{sealed: sealed}
	f.written++
	return nil
}

func (f *fake) SecondFactor(_ context.Context, accountID int64) (account.SecondFactor, error) {
	leave, err := f.enter()
	defer leave()
	k := f.factors[accountID]
	if err != nil || k == nil {
		return account.SecondFactor{}, either(err, uptime.ErrNotFound)
	}
	return account.SecondFactor{Sealed: k.sealed, EnabledAt: f.accounts[accountID-1].SecondFactorAt, CodesLeft: len(k.codes)}, nil
}

func (f *fake) EnableSecondFactor(_ context.Context, c account.SecondFactorChange) error {
	leave, err := f.enter()
	defer leave()
	k := f.factors[c.AccountID]
	if err != nil || k == nil || f.factorOn(c.AccountID) || !bytes.Equal(k.sealed, c.Sealed) {
		return either(err, uptime.ErrConflict)
	}
	f.accounts[c.AccountID-1].SecondFactorAt = f.now
	k.step, k.codes = c.Step, c.CodeHashes
	for id, s := range f.sessions {
		if s.account == c.AccountID && id != c.KeepSession {
			delete(f.sessions, id)
		}
	}
	f.written++
	return nil
}

func (f *fake) TakeStep(_ context.Context, accountID, step int64) error {
	leave, err := f.enter()
	defer leave()
	if k := f.factors[accountID]; err == nil && k != nil && f.factorOn(accountID) && k.step < step {
		k.step = step
		return nil
	}
	return either(err, uptime.ErrNotFound)
}

func (f *fake) TakeRecoveryCode(_ context.Context, accountID int64, hash []byte) error {
	leave, err := f.enter()
	defer leave()
	k := f.factors[accountID]
	if err != nil || k == nil {
		return either(err, uptime.ErrNotFound)
	}
	i := slices.IndexFunc(k.codes, func(h []byte) bool { return bytes.Equal(h, hash) })
	if i < 0 {
		return uptime.ErrNotFound
	}
	k.codes = slices.Delete(k.codes, i, i+1)
	return nil
}

func (f *fake) ReplaceRecoveryCodes(_ context.Context, accountID int64, hashes [][]byte) error {
	leave, err := f.enter()
	defer leave()
	if err != nil || !f.factorOn(accountID) {
		return either(err, uptime.ErrNotFound)
	}
	f.factors[accountID].codes = hashes
	f.written++
	return nil
}

func (f *fake) DisableSecondFactor(_ context.Context, accountID int64) error {
	leave, err := f.enter()
	defer leave()
	if err != nil || !f.factorOn(accountID) {
		return either(err, uptime.ErrNotFound)
	}
	f.accounts[accountID-1].SecondFactorAt = time.Time{}
	delete(f.factors, accountID)
	f.written++
	return nil
}
