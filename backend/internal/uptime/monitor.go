package uptime

import (
	"net/netip"
	"time"
)

// Target is a host that an account owns or manages.
type Target struct {
	ID        int64
	AccountID int64
	Host      string // ASCII domain name (UTS 46), or an address literal in canonical form
	Label     string // "" if not set
	Notes     string
	CreatedAt time.Time
	Pinned    netip.Addr // the address that is watched; zero before the first result
	Monitors  []Monitor  // in the order of Services

	DisplacedAt time.Time // when another account got the host; zero: this one has it
	DeniedAt    time.Time // since when its owner does not want it to be watched; zero: he does not say so
	Proof       Proof

	ContactIDs []int64 // whom its alerts go to, ascending; none: every contact that gets mails
}

// Monitor is one service watched on a target, with its standing.
type Monitor struct {
	ID         int64
	TargetID   int64
	AccountID  int64
	Host       string
	Label      string // its own, else its target's; "" if neither is set
	Notes      string
	Service    Service
	Port       uint16 // 0 for Ping
	CreatedAt  time.Time
	Pinned     netip.Addr
	IncidentID int64 // of the open incident; 0 if none
	Standing   Standing

	KeepWatching bool // failures never stop it
}

// Incident is an anomaly from its first failure to the first success of its
// recovery.
type Incident struct {
	ID            int64
	MonitorID     int64
	Host          string
	Label         string
	Service       Service
	StartedAt     time.Time
	ConfirmedAt   time.Time
	EndedAt       time.Time // zero while open
	ObservedUntil time.Time // zero, or the end was not observed: seen failing until then
	Cause         Reason    // of the first failure
	Lines         []LineID  // that confirmed it
	MailedAt      time.Time // when the first mail of it was accepted by a server; zero if none was
}

// Span is the incident's extent as an account sees it.
func (i Incident) Span() Span { return Span{From: i.StartedAt, To: i.EndedAt} }
