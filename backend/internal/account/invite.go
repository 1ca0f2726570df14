package account

import (
	"errors"
	"time"
)

// Who may register (HINOMI_REGISTRATION).
const (
	RegistrationOpen   = "open"   // anybody
	RegistrationInvite = "invite" // who has an invitation
	RegistrationClosed = "closed" // nobody but the first account
)

// ErrInvite says that an invitation is not good for a registration.
var ErrInvite = errors.New("the invitation is not valid")

// NewInvite is an invitation to be made. The first address that registers with
// it uses it up.
type NewInvite struct {
	AccountID int64  // the operator's
	Email     string // the only address that may use it; "" is any
	CodeHash  []byte // Token.Hash
	ExpiresAt time.Time
}

// Invite is an invitation; its code is known to whoever got it alone.
type Invite struct {
	ID        int64
	Email     string // the only address that may use it; "" is any
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    time.Time // zero until somebody registered with it
}
