package account

import "time"

// Session is a living sign-in as its owner sees it.
type Session struct {
	ID        string // UUID
	UserAgent string // of the browser that signed in, at most 200 bytes
	CreatedAt time.Time
	UsedAt    time.Time // when it last asked for an access token
	ExpiresAt time.Time
}

// ProfilePatch changes what an account may change of itself; nil stays as it is.
type ProfilePatch struct {
	Locale *Locale
	Zone   *string // checked by ParseZone
}

// PasswordChange replaces an account's password.
type PasswordChange struct {
	AccountID   int64
	OldHash     string // that the caller's password was checked against
	NewHash     string // of Hasher.Hash
	KeepSession string // the only session that goes on
}
