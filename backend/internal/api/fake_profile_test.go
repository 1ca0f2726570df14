package api

import (
	"context"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func (f *fake) UpdateProfile(_ context.Context, accountID int64, p account.ProfilePatch) (account.Account, error) {
	leave, err := f.enter()
	defer leave()
	if err != nil {
		return account.Account{}, err
	}
	a := &f.accounts[accountID-1]
	if p.Locale != nil {
		a.Locale = *p.Locale
	}
	if p.Zone != nil {
		a.Zone = *p.Zone
	}
	f.written++
	return a.Account, nil
}

func (f *fake) ChangePassword(_ context.Context, c account.PasswordChange) error {
	leave, err := f.enter()
	defer leave()
	if err != nil {
		return err
	}
	a := &f.accounts[c.AccountID-1]
	if a.PasswordHash != c.OldHash {
		return uptime.ErrConflict
	}
	a.PasswordHash = c.NewHash
	for id, s := range f.sessions {
		if s.account == c.AccountID && id != c.KeepSession {
			delete(f.sessions, id)
		}
	}
	f.written++
	return nil
}

func (f *fake) LivingSessions(_ context.Context, accountID int64) (out []account.Session, _ error) {
	leave, err := f.enter()
	defer leave()
	for id, s := range f.sessions {
		if s.account == accountID {
			out = append(out, account.Session{ID: id, CreatedAt: f.now, UsedAt: f.now, ExpiresAt: f.now.Add(refreshLife)})
		}
	}
	return out, err
}

func (f *fake) RevokeSession(_ context.Context, accountID int64, id string) error {
	leave, err := f.enter()
	defer leave()
	if s := f.sessions[id]; err != nil || s == nil || s.account != accountID {
		return either(err, uptime.ErrNotFound)
	}
	delete(f.sessions, id)
	f.written++
	return nil
}
