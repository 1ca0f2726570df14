package api

import (
	"context"
	"slices"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// contact finds an account's contact; the caller has entered.
func (f *fake) contact(accountID, id int64) *account.Contact {
	i := slices.IndexFunc(f.contacts, func(c account.Contact) bool { return c.ID == id && c.AccountID == accountID })
	if i < 0 {
		return nil
	}
	return &f.contacts[i]
}

func (f *fake) Unsubscribe(_ context.Context, accountID, id int64) (bool, error) {
	leave, err := f.enter()
	defer leave()
	c := f.contact(accountID, id)
	if err != nil || c == nil || !c.UnsubscribedAt.IsZero() {
		return false, err
	}
	c.UnsubscribedAt = f.now
	f.written++
	return true, nil
}

func (f *fake) ResubscribeContact(_ context.Context, accountID, id int64, token account.Token) error {
	leave, err := f.enter()
	defer leave()
	c := f.contact(accountID, id)
	switch {
	case err != nil || c == nil:
		return either(err, uptime.ErrNotFound)
	case c.UnsubscribedAt.IsZero() && c.BouncedAt.IsZero():
		return uptime.ErrConflict
	}
	f.owe(token, accountID, id)
	return nil
}

func (f *fake) confirm(c *account.Contact) {
	c.VerifiedAt, c.UnsubscribedAt, c.BouncedAt, c.Bounce = f.now, time.Time{}, time.Time{}, ""
}

func (f *fake) UpdateContact(_ context.Context, accountID, id int64, p account.ContactPatch) (account.Contact, error) {
	leave, err := f.enter()
	defer leave()
	c := f.contact(accountID, id)
	if err != nil || c == nil {
		return account.Contact{}, either(err, uptime.ErrNotFound)
	}
	if p.Locale != nil {
		c.Locale = *p.Locale
	}
	if p.ShortForm != nil {
		c.ShortForm = *p.ShortForm
	}
	f.written++
	return *c, nil
}

func (f *fake) OweTest(_ context.Context, accountID, id int64) error {
	leave, err := f.enter()
	defer leave()
	c := f.contact(accountID, id)
	switch {
	case err != nil || c == nil:
		return either(err, uptime.ErrNotFound)
	case !c.Reached():
		return uptime.ErrConflict
	}
	f.written++
	return nil
}

func (f *fake) ContactMails(_ context.Context, accountID, id int64, limit int) ([]account.ContactMail, error) {
	leave, err := f.enter()
	defer leave()
	if c := f.contact(accountID, id); err != nil || c == nil {
		return nil, either(err, uptime.ErrNotFound)
	}
	return f.contactMails[:min(limit, len(f.contactMails))], nil
}
