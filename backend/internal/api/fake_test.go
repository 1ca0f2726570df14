package api

import (
	"context"
	"io"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// fake is everything that the API needs of others, in memory. It keeps the
// promises of ports.go as far as handlers can see them.
type fake struct {
	audit []account.AuditEntry

	mu  sync.Mutex
	now time.Time
	err error // what every method answers if it is set

	accounts     []account.Credentials
	sessions     map[string]*fakeSession
	contacts     []account.Contact
	contactMails []account.ContactMail
	own          map[int64]account.OwnQuotas // by account
	targets      []uptime.Target
	monitors     []uptime.Monitor
	results      []uptime.Result
	incidents    []uptime.Incident
	mails        []uptime.StoredMail
	tokens       map[string]fakeToken // by hash
	sent         []account.Token      // owed by mail, in order
	wanted       string               // the new sign-in address
	broken       error                // what the second page of an export answers
	links        map[string]uptime.Download
	apiTokens    map[string]account.APIToken // by hash
	factors      map[int64]*fakeFactor
	written      int // changes that a request made
	asked        int // questions about sessions

	download  func(io.Writer, uptime.Download) error
	diagnoses []uptime.Diagnosis
	hostErr   error
	nextCheck time.Time
}

type fakeSession struct {
	account          int64
	current, earlier string
	rotated          time.Time
}

type fakeToken struct {
	account, contact int64
	expires          time.Time
	codeHash         []byte
	tries            int
}

func newFake(now time.Time) *fake {
	return &fake{now: now, sessions: map[string]*fakeSession{}, tokens: map[string]fakeToken{}, links: map[string]uptime.Download{}, apiTokens: map[string]account.APIToken{}, factors: map[int64]*fakeFactor{}, own: map[int64]account.OwnQuotas{}}
}

// enter begins a method; err is what it must answer.
func (f *fake) enter() (leave func(), err error) {
	f.mu.Lock()
	return f.mu.Unlock, f.err
}

func (f *fake) HasOperator(context.Context) (bool, error) {
	leave, err := f.enter()
	defer leave()
	return slices.ContainsFunc(f.accounts, func(c account.Credentials) bool { return c.Role == account.Operator }), err
}

func (f *fake) RegisterOperator(_ context.Context, r account.Registration) (account.Account, error) {
	leave, err := f.enter()
	defer leave()
	if err != nil {
		return account.Account{}, err
	}
	a := f.add(r, account.Operator, f.now)
	f.contacts = append(f.contacts, account.Contact{ID: a.ID, AccountID: a.ID, Email: a.Email, Locale: a.Locale, VerifiedAt: f.now, CreatedAt: f.now})
	return a, nil
}

func (f *fake) add(r account.Registration, role account.Role, verified time.Time) account.Account {
	f.written++
	a := account.Account{
		ID: int64(len(f.accounts) + 1), Email: r.Email, Role: role, Locale: r.Locale, Zone: r.Zone,
		TermsVersion: r.TermsVersion, VerifiedAt: verified, CreatedAt: f.now,
	}
	f.accounts = append(f.accounts, account.Credentials{Account: a, PasswordHash: r.PasswordHash})
	return a
}

func (f *fake) Register(_ context.Context, r account.Registration, token account.Token) error {
	leave, err := f.enter()
	defer leave()
	if err != nil || f.byEmail(r.Email) != nil {
		return err
	}
	a := f.add(r, account.User, time.Time{})
	f.owe(token, a.ID, 0)
	return nil
}

func (f *fake) owe(token account.Token, account, contact int64) {
	f.sent = append(f.sent, token)
	f.tokens[string(token.Hash)] = fakeToken{account: account, contact: contact, expires: token.ExpiresAt, codeHash: token.CodeHash}
}

func (f *fake) take(hash []byte) (fakeToken, error) {
	t, ok := f.tokens[string(hash)]
	if !ok || !f.now.Before(t.expires) {
		return t, uptime.ErrNotFound
	}
	delete(f.tokens, string(hash))
	f.written++
	return t, nil
}

func (f *fake) byEmail(email string) *account.Credentials {
	for i := range f.accounts {
		if strings.EqualFold(f.accounts[i].Email, email) {
			return &f.accounts[i]
		}
	}
	return nil
}

func (f *fake) VerifyAccount(_ context.Context, hash []byte) (account.Account, error) {
	leave, err := f.enter()
	defer leave()
	if err != nil {
		return account.Account{}, err
	}
	t, err := f.take(hash)
	if err != nil {
		return account.Account{}, err
	}
	f.accounts[t.account-1].VerifiedAt = f.now
	return f.accounts[t.account-1].Account, nil
}

func (f *fake) ResendVerification(_ context.Context, email string, token account.Token) error {
	leave, err := f.enter()
	defer leave()
	if a := f.byEmail(email); err == nil && a != nil && !a.Verified() {
		f.owe(token, a.ID, 0)
	}
	return err
}

func (f *fake) CredentialsByEmail(_ context.Context, email string) (account.Credentials, error) {
	leave, err := f.enter()
	defer leave()
	if a := f.byEmail(email); err == nil && a != nil {
		return *a, nil
	}
	return account.Credentials{}, either(err, uptime.ErrNotFound)
}

func either(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

func (f *fake) CreateSession(_ context.Context, s account.NewSession) error {
	leave, err := f.enter()
	defer leave()
	if f.factorOn(s.AccountID) && !s.SecondFactor {
		return either(err, uptime.ErrNotFound)
	}
	f.sessions[s.ID] = &fakeSession{account: s.AccountID, current: string(s.RefreshHash)}
	return err
}

func (f *fake) RotateSession(_ context.Context, r account.Rotation) (account.Account, error) {
	leave, err := f.enter()
	defer leave()
	s := f.sessions[r.SessionID]
	switch {
	case err != nil || s == nil:
		return account.Account{}, either(err, uptime.ErrNotFound)
	case s.current == string(r.OldHash):
		s.earlier, s.current, s.rotated = s.current, string(r.NewHash), f.now
		return f.accounts[s.account-1].Account, nil
	case s.earlier == string(r.OldHash) && s.current == string(r.NewHash) && f.now.Sub(s.rotated) <= account.RefreshGrace:
		return f.accounts[s.account-1].Account, nil
	}
	delete(f.sessions, r.SessionID)
	return account.Account{}, uptime.ErrNotFound
}

func (f *fake) SessionAccount(_ context.Context, id string) (account.Account, error) {
	leave, err := f.enter()
	defer leave()
	f.asked++
	if s := f.sessions[id]; err == nil && s != nil {
		return f.accounts[s.account-1].Account, nil
	}
	return account.Account{}, either(err, uptime.ErrNotFound)
}

func (f *fake) EndSession(_ context.Context, id string) error {
	leave, err := f.enter()
	defer leave()
	delete(f.sessions, id)
	return err
}

func (f *fake) Contacts(_ context.Context, accountID int64) (out []account.Contact, _ error) {
	leave, err := f.enter()
	defer leave()
	for _, c := range f.contacts {
		if c.AccountID == accountID {
			out = append(out, c)
		}
	}
	return out, err
}

func (f *fake) AddContact(_ context.Context, n account.NewContact, token account.Token) (account.Contact, error) {
	leave, err := f.enter()
	defer leave()
	if err != nil {
		return account.Contact{}, err
	}
	for _, c := range f.contacts {
		if c.AccountID == n.AccountID && strings.EqualFold(c.Email, n.Email) {
			return account.Contact{}, uptime.ErrConflict
		}
	}
	c := account.Contact{ID: int64(len(f.contacts) + 100), AccountID: n.AccountID, Email: n.Email, Locale: n.Locale, ShortForm: n.ShortForm, CreatedAt: f.now}
	f.contacts = append(f.contacts, c)
	f.owe(token, n.AccountID, c.ID)
	f.written++
	return c, nil
}

func (f *fake) DeleteContact(_ context.Context, accountID, id int64) error {
	leave, err := f.enter()
	defer leave()
	i := slices.IndexFunc(f.contacts, func(c account.Contact) bool { return c.ID == id && c.AccountID == accountID })
	if err != nil || i < 0 {
		return either(err, uptime.ErrNotFound)
	}
	f.contacts = slices.Delete(f.contacts, i, i+1)
	f.written++
	return nil
}

func (f *fake) VerifyContact(_ context.Context, hash []byte) (account.Contact, error) {
	leave, err := f.enter()
	defer leave()
	if err != nil {
		return account.Contact{}, err
	}
	t, err := f.take(hash)
	i := slices.IndexFunc(f.contacts, func(c account.Contact) bool { return c.ID == t.contact })
	if err != nil || i < 0 {
		return account.Contact{}, uptime.ErrNotFound
	}
	f.confirm(&f.contacts[i])
	return f.contacts[i], nil
}

func (f *fake) ResendContact(_ context.Context, accountID, id int64, token account.Token) error {
	leave, err := f.enter()
	defer leave()
	i := slices.IndexFunc(f.contacts, func(c account.Contact) bool { return c.ID == id && c.AccountID == accountID })
	switch {
	case err != nil || i < 0:
		return either(err, uptime.ErrNotFound)
	case !f.contacts[i].VerifiedAt.IsZero():
		return uptime.ErrConflict
	}
	f.owe(token, accountID, id)
	return nil
}

func (f *fake) Ping(context.Context) error {
	leave, err := f.enter()
	defer leave()
	return err
}

func (f *fake) StoredMails(_ context.Context, before string, limit int) (out []uptime.StoredMail, _ error) {
	leave, err := f.enter()
	defer leave()
	for _, m := range slices.Backward(f.mails) {
		if (before == "" || m.ID < before) && len(out) < limit {
			out = append(out, m)
		}
	}
	return out, err
}

func (f *fake) Lines() []uptime.LineStatus {
	return []uptime.LineStatus{
		{Line: uptime.Line{ID: 1, Name: "a", Label: "Line A"}, Shown: []netip.Addr{netip.MustParseAddr("192.0.2.10")}, Device: "ppp0", Gateways: []netip.Addr{netip.MustParseAddr("192.0.2.1")}},
		{Line: uptime.Line{ID: 2, Name: "b"}, Shown: []netip.Addr{netip.MustParseAddr("198.51.100.20")}, Warnings: []string{uptime.WarnNoAddress}},
	}
}

func (f *fake) LineName(id uptime.LineID) string { return map[uptime.LineID]string{1: "a", 2: "b"}[id] }

func (f *fake) Diagnose(context.Context, string, uptime.Service, uint16) []uptime.Diagnosis {
	return f.diagnoses
}

func (f *fake) CheckHost(_ context.Context, host string) (uptime.Host, error) {
	return uptime.Host{ASCII: strings.ToLower(host), Unicode: host}, f.hostErr
}

func (f *fake) NextCheck(int64) (time.Time, bool) { return f.nextCheck, !f.nextCheck.IsZero() }

func (f *fake) Report(_ context.Context, accountID, monitorID int64, span uptime.Span) (uptime.Report, error) {
	m, err := f.Monitor(context.Background(), accountID, monitorID)
	return uptime.Report{
		Monitor: m, Period: span, Interval: 5 * time.Minute,
		Account: uptime.Account{Up: 99_999 * time.Second, Down: time.Second, Unknown: 1500 * time.Millisecond, UnconfirmedFailures: 3},
		Overall: uptime.RoundTrip{Count: 2, Avg: 12 * time.Millisecond, P50: 11 * time.Millisecond, P95: 14 * time.Millisecond},
		Lines:   []uptime.LineRoundTrip{{Line: 1}, {Line: 2, RoundTrip: uptime.RoundTrip{Count: 2, Avg: time.Millisecond, P50: time.Millisecond, P95: time.Millisecond}}},
	}, err
}

func (f *fake) Download(_ context.Context, w io.Writer, d uptime.Download) error {
	if f.err != nil {
		return f.err
	}
	return f.download(w, d)
}

func (f *fake) CreateLink(_ context.Context, d uptime.Download, token account.Token) error {
	leave, err := f.enter()
	defer leave()
	f.links[string(token.Hash)] = d
	f.written++
	return err
}

func (f *fake) TakeLink(_ context.Context, hash []byte) (uptime.Download, error) {
	leave, err := f.enter()
	defer leave()
	d, ok := f.links[string(hash)]
	if err != nil || !ok {
		return d, either(err, uptime.ErrNotFound)
	}
	delete(f.links, string(hash))
	return d, nil
}

func (f *fake) AcceptTerms(_ context.Context, accountID int64, version string) error {
	leave, err := f.enter()
	defer leave()
	if err == nil {
		f.accounts[accountID-1].TermsVersion = version
		f.written++
	}
	return err
}
