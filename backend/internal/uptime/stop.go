package uptime

import (
	"net/netip"
	"time"
)

// What is done about a monitor that stays stopped.
const (
	FirstReminder = 24 * time.Hour     // after the stop it is mailed once more
	LastReminder  = 7 * 24 * time.Hour // and once again
	LookFor       = 7 * 24 * time.Hour // so long it is looked at whether it answers again
	LooksToAgain  = 2                  // good answers in a row that are mailed
)

// Look is one look at a stopped monitor, to be made. It is no result.
type Look struct {
	MonitorID int64
	TargetID  int64
	StoppedAt time.Time // of the stop that the look belongs to
	Host      string
	Service   Service
	Port      uint16
	Pinned    netip.Addr // zero if there is none
	LastLine  LineID     // of the look before; 0 at first
}

// Looked is what a look found.
type Looked struct {
	Look
	Line   LineID
	Status Status // Unknown: nothing was learnt
}
