package api

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// tryCode spends the token among those of an account and contact to which a
// code belongs; the caller has entered.
func (f *fake) tryCode(accountID, contact int64, try account.CodeTry) error {
	for hash, t := range f.tokens {
		if t.account != accountID || t.contact != contact || t.tries >= account.CodeTries || !f.now.Before(t.expires) {
			continue
		}
		if try.Matches([]byte(hash), t.codeHash) {
			delete(f.tokens, hash)
			f.written++
			return nil
		}
		t.tries++
		f.tokens[hash] = t
	}
	return uptime.ErrNotFound
}

func (f *fake) VerifyAccountByCode(_ context.Context, email string, try account.CodeTry) (account.Account, error) {
	leave, err := f.enter()
	defer leave()
	a := f.byEmail(email)
	if err != nil || a == nil {
		return account.Account{}, either(err, uptime.ErrNotFound)
	}
	if err := f.tryCode(a.ID, 0, try); err != nil {
		return account.Account{}, err
	}
	a.VerifiedAt = f.now
	return a.Account, nil
}

func (f *fake) VerifyContactByCode(_ context.Context, accountID, id int64, try account.CodeTry) (account.Contact, error) {
	leave, err := f.enter()
	defer leave()
	if err == nil {
		err = f.tryCode(accountID, id, try)
	}
	if err != nil {
		return account.Contact{}, err
	}
	for i := range f.contacts {
		if f.contacts[i].ID == id {
			f.confirm(&f.contacts[i])
			return f.contacts[i], nil
		}
	}
	return account.Contact{}, uptime.ErrNotFound
}

func (f *fake) ForgotPassword(_ context.Context, email string, token account.Token) error {
	leave, err := f.enter()
	defer leave()
	if a := f.byEmail(email); err == nil && a != nil {
		f.owe(token, a.ID, 0)
	}
	return err
}

func (f *fake) ResetAccount(_ context.Context, hash []byte) (account.Account, error) {
	leave, err := f.enter()
	defer leave()
	t, ok := f.tokens[string(hash)]
	if err != nil || !ok || !f.now.Before(t.expires) {
		return account.Account{}, either(err, uptime.ErrNotFound)
	}
	return f.accounts[t.account-1].Account, nil
}

func (f *fake) ResetPassword(_ context.Context, hash []byte, newHash string) (account.Account, error) {
	leave, err := f.enter()
	defer leave()
	if err != nil {
		return account.Account{}, err
	}
	t, err := f.take(hash)
	if err != nil {
		return account.Account{}, err
	}
	return f.reset(&f.accounts[t.account-1], newHash), nil
}

func (f *fake) ResetPasswordByCode(_ context.Context, email string, try account.CodeTry, newHash string) (account.Account, error) {
	leave, err := f.enter()
	defer leave()
	a := f.byEmail(email)
	if err != nil || a == nil {
		return account.Account{}, either(err, uptime.ErrNotFound)
	}
	if err := f.tryCode(a.ID, 0, try); err != nil {
		return account.Account{}, err
	}
	return f.reset(a, newHash), nil
}

func (f *fake) reset(a *account.Credentials, newHash string) account.Account {
	a.PasswordHash, a.VerifiedAt = newHash, f.now
	for id, s := range f.sessions {
		if s.account == a.ID {
			delete(f.sessions, id)
		}
	}
	return a.Account
}

func (f *fake) OweAddress(_ context.Context, c account.AddressChange, token account.Token) error {
	leave, err := f.enter()
	defer leave()
	if err == nil && f.byEmail(c.NewAddress) == nil {
		f.owe(token, c.AccountID, 0)
		f.wanted = c.NewAddress
	}
	return err
}

func (f *fake) ChangeAddress(_ context.Context, hash []byte) (account.Account, error) {
	leave, err := f.enter()
	defer leave()
	if err != nil {
		return account.Account{}, err
	}
	t, err := f.take(hash)
	if err != nil {
		return account.Account{}, err
	}
	f.accounts[t.account-1].Email = f.wanted
	return f.accounts[t.account-1].Account, nil
}

func (f *fake) ChangeAddressByCode(_ context.Context, accountID int64, try account.CodeTry) (account.Account, error) {
	leave, err := f.enter()
	defer leave()
	if err == nil {
		err = f.tryCode(accountID, 0, try)
	}
	if err != nil {
		return account.Account{}, err
	}
	f.accounts[accountID-1].Email = f.wanted
	return f.accounts[accountID-1].Account, nil
}

func (f *fake) DeleteAccount(_ context.Context, accountID int64, passwordHash string) error {
	leave, err := f.enter()
	defer leave()
	if a := &f.accounts[accountID-1]; err == nil && a.PasswordHash == passwordHash {
		if a.Operates() {
			return account.ErrLastOperator
		}
		a.Email, a.PasswordHash = "", ""
		for id, s := range f.sessions {
			if s.account == accountID {
				delete(f.sessions, id)
			}
		}
		f.written++
		return nil
	}
	return either(err, uptime.ErrConflict)
}

func (f *fake) ExportTables() []string { return []string{"contacts", "targets"} }

// ExportRows has two pages of contacts; the second one fails if f.broken is set.
func (f *fake) ExportRows(_ context.Context, accountID int64, table, from string) (page account.ExportPage, _ error) {
	leave, err := f.enter()
	defer leave()
	switch {
	case err != nil || table != "contacts":
	case from == "":
		page.Next = "2"
		page.Rows = []json.RawMessage{[]byte(fmt.Sprintf(`{"id": %d, "label": "=cmd|' /C calc'!A0", "at": null}`, accountID))}
	default:
		err = f.broken
		page.Rows = []json.RawMessage{[]byte(`{"at": "2026-11-22", "id": -7, "label": "a,\"b\""}`)}
	}
	return page, err
}
