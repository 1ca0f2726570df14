package uptime

import (
	"net/netip"
	"time"
)

// Notice is what a mail tells of monitors, besides alerts.
type Notice struct {
	Monitors []NoticedMonitor // as they are now, ascending by target; none if all were deleted meanwhile
	Addr     netip.Addr       // of CountryMail: where the name points
	Country  string           // of CountryMail: two-letter code; "" if it is not known
	Lost     Loss             // of ClaimLostMail
}

// Loss says why an account no longer has a host. The words are stored.
type Loss string

// The reasons.
const (
	LostToProof   Loss = "proven"     // another account has proven that the host or its address is its own
	LostByRelease Loss = "released"   // the operator took it back
	LostByDenial  Loss = "denied"     // the host's DNS says that nobody may watch it
	LostProof     Loss = "proof_lost" // the proof is not there any more; what needs it was stopped
)

// NoticedMonitor is a monitor that a notice is about.
type NoticedMonitor struct {
	ID        int64
	TargetID  int64
	Host      string
	Label     string // its own, else its target's; "" if neither is set
	Service   Service
	Port      uint16
	StoppedAt time.Time // zero if it is watched again
}

// Move says that the name of a target has come to point to an address.
type Move struct {
	TargetID int64
	Host     string // ASCII domain name
	Addr     netip.Addr
}

// Departure is a move to an address that may not be watched.
type Departure struct {
	Move
	Country string // two-letter code; "" if it is not known
}

// AllowedHost may be watched in whatever country it stands.
type AllowedHost struct {
	ID        int64
	Host      string // ASCII
	CreatedAt time.Time
}

// HostRequest asks the operator to allow a host.
type HostRequest struct {
	ID        int64
	AccountID int64
	Email     string // of the account
	Host      string // ASCII
	Note      string
	CreatedAt time.Time
}
