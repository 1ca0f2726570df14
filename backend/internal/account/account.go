// Package account is the core of who may do what: accounts, contacts,
// sessions, passwords, one-time tokens, and the terms that people accept. It
// does no I/O and has no clock.
package account

import "time"

// Role says what an account may do.
type Role string

// The roles.
const (
	User     Role = "user"     // sees and changes its own things
	Operator Role = "operator" // also runs the service
)

// Valid tells whether there is such a role.
func (r Role) Valid() bool { return r == User || r == Operator }

// Account is a tenant.
type Account struct {
	ID           int64
	Email        string
	Role         Role
	Locale       Locale
	Zone         string    // IANA name, checked by ParseZone
	TermsVersion string    // that was accepted
	VerifiedAt   time.Time // zero until the address was proven
	DisabledAt   time.Time // zero unless the operator shut it out

	SecondFactorAt time.Time // when the second factor was turned on; zero: a sign-in needs the password only

	CreatedAt time.Time
}

// Verified tells whether the account's address was proven.
func (a Account) Verified() bool { return !a.VerifiedAt.IsZero() }

// Operates tells whether the account may see and change what concerns
// everybody: lines' devices, stored mails.
func (a Account) Operates() bool { return a.Role == Operator }

// Location is the account's zone; UTC if the machine does not know it any more.
func (a Account) Location() *time.Location {
	zone, err := time.LoadLocation(a.Zone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// Registration is an account to be made. Its role is the store's affair.
type Registration struct {
	Email        string // checked by ParseEmail
	PasswordHash string // of Hasher.Hash
	InviteHash   []byte // Token.Hash of the invitation that it needs; nil if it needs none
	Locale       Locale
	Zone         string
	TermsVersion string
}

// Credentials are what a sign-in is checked against.
type Credentials struct {
	Account
	PasswordHash string
}

// Contact is an address that gets alerts once it is verified.
type Contact struct {
	ID         int64
	AccountID  int64
	Email      string
	Locale     Locale
	ShortForm  bool      // one line, for phones
	VerifiedAt time.Time // zero until the address was proven
	CreatedAt  time.Time

	UnsubscribedAt time.Time // its reader wants no more mails; zero otherwise
	BouncedAt      time.Time // mails to it were refused MaxBounces times in a row; zero otherwise
	Bounce         string    // what its server said to the last mail; "" if it took it
}

// Reached tells whether alerts are mailed to the contact.
func (c Contact) Reached() bool {
	return !c.VerifiedAt.IsZero() && c.UnsubscribedAt.IsZero() && c.BouncedAt.IsZero()
}

// MaxBounces is how many mails in a row a contact's server may refuse for good
// before no more are sent: one may be about the mail.
const MaxBounces = 2

// NewContact is a contact to be added, unverified.
type NewContact struct {
	AccountID int64
	Email     string
	Locale    Locale
	ShortForm bool
}

// ContactPatch changes how mails to a contact are written; nil leaves it as it
// is.
type ContactPatch struct {
	Locale    *Locale
	ShortForm *bool
}

// ContactMail is a mail to a contact, as its owner sees it.
type ContactMail struct {
	ID        int64
	Kind      string    // a word of uptime.MailKind
	CreatedAt time.Time // when it was owed
	SentAt    time.Time // when a server took it; zero before
	FailedAt  time.Time // when it was given up; zero otherwise
	Refusal   string    // what the contact's server said; "" if it did not refuse it
}

// MaxContacts bounds an account's contacts, so that one account cannot make
// us mail the world.
const MaxContacts = 20

// NewSession is a sign-in: a family of refresh tokens, of which only the
// newest counts.
type NewSession struct {
	ID          string // UUID
	AccountID   int64
	RefreshHash []byte // Token.Hash of the first refresh token
	UserAgent   string // at most 200 bytes
	ExpiresAt   time.Time

	PasswordHash string // that was checked
	SecondFactor bool   // was checked too
}

// RefreshGrace is how long the refresh token before the newest is still
// taken: two tabs may refresh at once, and an answer may be lost.
const RefreshGrace = 30 * time.Second

// Rotation exchanges a session's refresh token.
type Rotation struct {
	SessionID string
	OldHash   []byte    // of the token that was presented
	NewHash   []byte    // of the one that follows it
	ExpiresAt time.Time // of the session, from now on
}
