package api

import (
	"context"
	"io"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// What the API needs of others. Every method may return an error that wraps
// uptime.ErrUnavailable. A method that takes an account's id answers
// uptime.ErrNotFound for what that account does not have, also when another
// one has it. Whoever changes what is watched tells the watchman himself, in
// the same transaction.

// Accounts keeps who may sign in.
type Accounts interface {
	// HasOperator tells whether the service was set up.
	HasOperator(ctx context.Context) (bool, error)

	// RegisterOperator makes the first account: role operator, verified at once,
	// its address a verified contact. uptime.ErrConflict once there is an
	// operator, however many try at the same time.
	RegisterOperator(ctx context.Context, r account.Registration) (account.Account, error)

	// Register makes an unverified account of role user and owes its address a
	// mail of kind "account" with token.Raw. A repeat for an address that is not
	// verified yet is a registration of its own: whichever token is spent brings
	// the password, locale, zone and terms that it was made with; of several the
	// newest few stay. The owner of a verified account is owed a mail of kind
	// "exists", at most one a day; for a disabled one nothing happens. An
	// invitation is used up by the address, whatever becomes of it;
	// account.ErrInvite if it is not good.
	Register(ctx context.Context, r account.Registration, token account.Token) error

	// VerifyAccount spends a token: the account is verified with the registration
	// that the token was made for, and its address becomes a verified contact (an
	// existing contact of that address is verified). uptime.ErrNotFound if the
	// token is unknown, spent or expired.
	VerifyAccount(ctx context.Context, tokenHash []byte) (account.Account, error)

	// VerifyAccountByCode does so by the code of a token of that address. A wrong
	// one is uptime.ErrNotFound; after account.CodeTries of them a token's code is
	// void.
	VerifyAccountByCode(ctx context.Context, email string, try account.CodeTry) (account.Account, error)

	// ResendVerification makes earlier tokens void and owes a new mail to an
	// account that is not verified; for any other address nothing happens. If
	// several registrations wait, the mail is of kind "reset".
	ResendVerification(ctx context.Context, email string, token account.Token) error

	// ForgotPassword makes earlier tokens of its kind void and owes a mail of kind
	// "reset"; for unknown addresses and disabled accounts nothing happens.
	ForgotPassword(ctx context.Context, email string, token account.Token) error

	// ResetAccount gives the account whose password a token may replace.
	// uptime.ErrNotFound if the token is unknown, spent or expired.
	ResetAccount(ctx context.Context, tokenHash []byte) (account.Account, error)

	// ResetPassword spends a token: the account gets the password hash and is
	// verified, all its sessions end, and all that was mailed to verify it, or to
	// replace password or address, is void. Faults as of VerifyAccount.
	ResetPassword(ctx context.Context, tokenHash []byte, newHash string) (account.Account, error)

	// ResetPasswordByCode does so by a code, with faults as of VerifyAccountByCode.
	ResetPasswordByCode(ctx context.Context, email string, try account.CodeTry, newHash string) (account.Account, error)

	// OweAddress owes the new address a mail of kind "address" with token.Raw, and
	// the old one a mail of kind "address_old"; earlier tokens are void. If the new
	// one is that of a verified account, its owner is owed a mail of kind "exists"
	// instead. uptime.ErrConflict if the password is another by now.
	OweAddress(ctx context.Context, c account.AddressChange, token account.Token) error

	// ChangeAddress spends a token. uptime.ErrNotFound if it is unknown, spent or
	// expired, uptime.ErrConflict if another account has got the address.
	ChangeAddress(ctx context.Context, tokenHash []byte) (account.Account, error)

	// ChangeAddressByCode does so by a code of the account's token. A wrong one is
	// uptime.ErrNotFound.
	ChangeAddressByCode(ctx context.Context, accountID int64, try account.CodeTry) (account.Account, error)

	// DeleteAccount deletes all that an account has; when it breaks off, the
	// account is still there. uptime.ErrConflict if the password is another by now,
	// account.ErrLastOperator if others would be left without an operator.
	DeleteAccount(ctx context.Context, accountID int64, passwordHash string) error

	// CredentialsByEmail finds an account whatever the case of its address,
	// unverified and disabled ones too. uptime.ErrNotFound if there is none.
	CredentialsByEmail(ctx context.Context, email string) (account.Credentials, error)

	// UpdateProfile changes what the patch names and nothing else.
	UpdateProfile(ctx context.Context, accountID int64, p account.ProfilePatch) (account.Account, error)

	// ChangePassword replaces the password and ends all sessions but one, both or
	// neither. uptime.ErrConflict if OldHash is not the account's any more.
	ChangePassword(ctx context.Context, c account.PasswordChange) error

	// AcceptTerms records the version that an account agreed to.
	// uptime.ErrNotFound for unknown and disabled accounts.
	AcceptTerms(ctx context.Context, accountID int64, version string) error
}

// Sessions keeps who is signed in.
type Sessions interface {
	// CreateSession keeps a sign-in. uptime.ErrNotFound if the password is not
	// the one any more that was checked, a second factor is on that was not, or
	// the account was shut out.
	CreateSession(ctx context.Context, s account.NewSession) error

	// RotateSession exchanges the refresh token (sessions.refresh_hash). If
	// OldHash is the newest, NewHash takes its place, OldHash is remembered as the
	// one before (sessions.previous_hash, rotated_at), and expires_at moves. If
	// OldHash is the one before and NewHash its successor, which nobody has used
	// yet, at most account.RefreshGrace after the exchange, nothing changes.
	// Anything else of a living session is a stolen or repeated token: the session
	// is ended and the answer is uptime.ErrNotFound, as for ended, expired and
	// unknown sessions and disabled accounts.
	RotateSession(ctx context.Context, r account.Rotation) (account.Account, error)

	// SessionAccount gives the account of a session that is neither ended nor
	// expired and whose account is not disabled, else uptime.ErrNotFound.
	SessionAccount(ctx context.Context, sessionID string) (account.Account, error)

	// EndSession is no error for a session that is over or unknown.
	EndSession(ctx context.Context, sessionID string) error

	// LivingSessions lists the account's sessions that are neither ended nor
	// expired, the last used first, at most 200.
	LivingSessions(ctx context.Context, accountID int64) ([]account.Session, error)

	// RevokeSession ends one of them; uptime.ErrNotFound if it is none of them.
	RevokeSession(ctx context.Context, accountID int64, sessionID string) error
}

// Quotas keeps how much each account may have. Whoever makes something for an
// account asks them in the same transaction.
type Quotas interface {
	// Allowance is uptime.ErrNotFound for an account that does not exist.
	Allowance(ctx context.Context, accountID int64) (account.Allowance, error)

	// SetQuotas replaces the account's own quotas, and answers as Allowance.
	SetQuotas(ctx context.Context, accountID int64, own account.OwnQuotas) (account.Allowance, error)
}

// Contacts keeps whom alerts are mailed to.
type Contacts interface {
	// Contacts lists at most account.MaxContacts, ascending by id.
	Contacts(ctx context.Context, accountID int64) ([]account.Contact, error)

	// AddContact makes an unverified contact and owes it a mail of kind "contact"
	// with token.Raw. uptime.ErrConflict if the account has the address, whatever
	// its case; *account.QuotaError if it has as many as it may have.
	AddContact(ctx context.Context, c account.NewContact, token account.Token) (account.Contact, error)

	DeleteContact(ctx context.Context, accountID, id int64) error

	// VerifyContact spends a token. uptime.ErrNotFound if it is unknown, spent or
	// expired.
	VerifyContact(ctx context.Context, tokenHash []byte) (account.Contact, error)

	// VerifyContactByCode does so by the code of a token of the account's contact.
	// A wrong one is uptime.ErrNotFound.
	VerifyContactByCode(ctx context.Context, accountID, id int64, try account.CodeTry) (account.Contact, error)

	// ResendContact makes earlier tokens void and owes a new mail.
	// uptime.ErrConflict if the contact is verified.
	ResendContact(ctx context.Context, accountID, id int64, token account.Token) error

	// UpdateContact changes what the patch names and nothing else.
	UpdateContact(ctx context.Context, accountID, id int64, p account.ContactPatch) (account.Contact, error)

	// OweTest owes a contact a mail of kind "test". uptime.ErrConflict for one that
	// gets no mails.
	OweTest(ctx context.Context, accountID, id int64) error

	// ContactMails gives at most limit mails to a contact, newest first.
	ContactMails(ctx context.Context, accountID, id int64, limit int) ([]account.ContactMail, error)

	// Unsubscribe stops the mails to a contact; what is owed to it is forgotten. It
	// changes nothing if the contact is unsubscribed already, or gone.
	Unsubscribe(ctx context.Context, accountID, id int64) (changed bool, err error)

	// ResubscribeContact owes a contact that was unsubscribed or has bounced a mail
	// with a token: when it is spent the contact gets alerts again.
	// uptime.ErrConflict for all others.
	ResubscribeContact(ctx context.Context, accountID, id int64, token account.Token) error
}

// Targets keeps hosts. Monitors of a target come in the order of
// uptime.Services.
type Targets interface {
	// Targets lists ascending by id, at most f.Limit.
	Targets(ctx context.Context, accountID int64, f uptime.TargetFilter) ([]uptime.Target, error)
	Target(ctx context.Context, accountID, id int64) (uptime.Target, error)

	// CreateTarget makes a target with its monitors. uptime.ErrConflict if the
	// account has the host, *account.QuotaError if a quota leaves no room.
	CreateTarget(ctx context.Context, t uptime.NewTarget) (uptime.Target, error)

	// UpdateTarget is uptime.ErrConflict if one of the contacts is not the account's.
	UpdateTarget(ctx context.Context, accountID, id int64, p uptime.TargetPatch) (uptime.Target, error)

	// DeleteTarget deletes its monitors and all that was recorded of them.
	DeleteTarget(ctx context.Context, accountID, id int64) error

	// ResumeTarget resumes its stopped and paused monitors. Idempotent.
	ResumeTarget(ctx context.Context, accountID, id int64) (uptime.Target, error)
}

// Monitors keeps what is watched.
type Monitors interface {
	// Monitors lists ascending by id, at most f.Limit.
	Monitors(ctx context.Context, accountID int64, f uptime.MonitorFilter) ([]uptime.Monitor, error)
	Monitor(ctx context.Context, accountID, id int64) (uptime.Monitor, error)

	// CreateMonitor adds a service to a target. uptime.ErrNotFound if the account
	// does not have the target, uptime.ErrConflict if it watches the service,
	// *account.QuotaError if the quota leaves no room.
	CreateMonitor(ctx context.Context, m uptime.NewMonitor) (uptime.Monitor, error)
	UpdateMonitor(ctx context.Context, accountID, id int64, p uptime.MonitorPatch) (uptime.Monitor, error)
	DeleteMonitor(ctx context.Context, accountID, id int64) error

	// PauseMonitor and ResumeMonitor are idempotent (uptime.Standing.Pause, Resume).
	PauseMonitor(ctx context.Context, accountID, id int64) (uptime.Monitor, error)
	ResumeMonitor(ctx context.Context, accountID, id int64) (uptime.Monitor, error)

	// ResumeMonitors resumes the stopped and paused ones among ids (at most
	// maxResume, each once) and tells how many. uptime.ErrNotFound, with nothing
	// changed, if one of ids is not the account's.
	ResumeMonitors(ctx context.Context, accountID int64, ids []int64) (resumed int, err error)

	// ResumeStopped resumes all stopped monitors of the account, not the paused
	// ones, and tells how many.
	ResumeStopped(ctx context.Context, accountID int64) (resumed int, err error)
}

// History reads what happened.
type History interface {
	// Summary counts in the database, never over all rows in memory, and gives at
	// most problems of them.
	Summary(ctx context.Context, accountID int64, problems int) (uptime.Summary, error)

	// Results gives at most q.Limit results with their addresses.
	Results(ctx context.Context, accountID, monitorID int64, q uptime.ResultQuery) ([]uptime.Result, error)

	// Incidents gives at most f.Limit incidents, newest first. A MonitorID of
	// f that is not the account's is uptime.ErrNotFound.
	Incidents(ctx context.Context, accountID int64, f uptime.IncidentFilter) ([]uptime.Incident, error)
}

// Links keeps single-use links for downloads (tokens of purpose "download").
type Links interface {
	CreateLink(ctx context.Context, d uptime.Download, token account.Token) error

	// TakeLink spends a link: of two at once one gets it. uptime.ErrNotFound if it
	// is unknown, spent or expired, or its account is disabled.
	TakeLink(ctx context.Context, tokenHash []byte) (uptime.Download, error)
}

// Reports makes up accounts of time and writes downloads.
type Reports interface {
	// Report is of one monitor for [span.From, span.To).
	Report(ctx context.Context, accountID, monitorID int64, span uptime.Span) (uptime.Report, error)

	// Download writes a stream with bounded memory. Nothing was written when it
	// returns uptime.ErrNotFound (d.MonitorID is not the account's).
	Download(ctx context.Context, w io.Writer, d uptime.Download) error
}

// Mails reads the mails that were stored as files, newest first.
type Mails interface {
	// StoredMails gives at most limit mails with an id below before ("" is from
	// the newest).
	StoredMails(ctx context.Context, before string, limit int) ([]uptime.StoredMail, error)
}

// Lines knows the ways out.
type Lines interface {
	// Lines gives the configured lines as they are now, in their order.
	Lines() []uptime.LineStatus

	// LineName gives the name of any line that ever was; "" for 0 and unknown ids.
	LineName(id uptime.LineID) string
}

// Prober measures once over every line, for the asker alone.
type Prober interface {
	// Diagnose returns within ctx; one entry a configured line, in their order.
	Diagnose(ctx context.Context, host string, s uptime.Service, port uint16) []uptime.Diagnosis
}

// HostPolicy says which hosts may be watched.
type HostPolicy interface {
	// CheckHost reads what people enter. Errors wrap uptime.ErrHostInvalid or
	// uptime.ErrHostForbidden; one with a method Code() string has a more exact
	// word for scripts. Errors that wrap uptime.ErrCountryForbidden or
	// uptime.ErrCountryUnknown come with the host. A name that does not resolve is
	// no error.
	CheckHost(ctx context.Context, host string) (uptime.Host, error)
}

// Schedule knows when monitors are due.
type Schedule interface {
	// NextCheck tells when the next probe starts; false if none is planned.
	NextCheck(monitorID int64) (time.Time, bool)
}

// Health tells whether requests can be served.
type Health interface {
	Ping(ctx context.Context) error
}
