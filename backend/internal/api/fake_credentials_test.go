package api

import (
	"cmp"
	"context"
	"slices"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func (f *fake) UseAPIToken(_ context.Context, hash []byte) (account.APIToken, account.Account, error) {
	leave, err := f.enter()
	defer leave()
	f.asked++
	t, ok := f.apiTokens[string(hash)]
	if err != nil || !ok || t.ExpiredAt(f.now) || !f.accounts[t.AccountID-1].DisabledAt.IsZero() {
		return account.APIToken{}, account.Account{}, either(err, uptime.ErrNotFound)
	}
	return t, f.accounts[t.AccountID-1].Account, nil
}

func (f *fake) APITokens(_ context.Context, accountID int64) (out []account.APIToken, _ error) {
	leave, err := f.enter()
	defer leave()
	for _, t := range f.apiTokens {
		if t.AccountID == accountID {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(a, b account.APIToken) int { return cmp.Compare(a.ID, b.ID) })
	return out, err
}

func (f *fake) CreateAPIToken(_ context.Context, n account.NewAPIToken) (account.APIToken, error) {
	leave, err := f.enter()
	defer leave()
	if err != nil {
		return account.APIToken{}, err
	}
	f.written++
	t := account.APIToken{
		ID: int64(len(f.apiTokens) + 1), AccountID: n.AccountID, Name: n.Name, Prefix: n.Prefix, Scopes: n.Scopes,
		CreatedAt: f.now, ExpiresAt: n.ExpiresAt,
	}
	f.apiTokens[string(n.Hash)] = t
	return t, nil
}

func (f *fake) DeleteAPIToken(_ context.Context, accountID, id int64) error {
	leave, err := f.enter()
	defer leave()
	for hash, t := range f.apiTokens {
		if err == nil && t.ID == id && t.AccountID == accountID {
			delete(f.apiTokens, hash)
			f.written++
			return nil
		}
	}
	return either(err, uptime.ErrNotFound)
}
