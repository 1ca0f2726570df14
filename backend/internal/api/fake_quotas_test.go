package api

import (
	"context"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func (f *fake) Allowance(_ context.Context, accountID int64) (a account.Allowance, _ error) {
	leave, err := f.enter()
	defer leave()
	if err != nil || accountID > int64(len(f.accounts)) {
		return a, either(err, uptime.ErrNotFound)
	}
	a.Own = f.own[accountID]
	a.Quotas = a.Own.Over(account.StandardQuotas(), f.accounts[accountID-1].Role)
	for _, t := range f.targets {
		if t.AccountID == accountID {
			a.Used.Targets++
		}
	}
	for _, m := range f.monitors {
		if m.AccountID == accountID {
			a.Used.Monitors++
		}
	}
	for _, c := range f.contacts {
		if c.AccountID == accountID {
			a.Used.Contacts++
		}
	}
	return a, nil
}

func (f *fake) SetQuotas(ctx context.Context, accountID int64, own account.OwnQuotas) (account.Allowance, error) {
	if _, err := f.Allowance(ctx, accountID); err != nil {
		return account.Allowance{}, err
	}
	f.own[accountID] = own
	f.written++
	return f.Allowance(ctx, accountID)
}
