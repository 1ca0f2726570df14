package uptime

import (
	"net/netip"
	"time"
)

// Sample is one measurement as it is stored: packed, without its monitor.
type Sample struct {
	At     time.Time     // start of the probe, whole milliseconds, UTC
	Reason Reason        // decides the status
	Line   LineID        // over which it was measured; 0 if none was usable
	RTT    time.Duration // until the answer, whole microseconds; 0 if there was none
}

// Status of the sample's reason.
func (s Sample) Status() Status { return s.Reason.Status() }

// Result is what a probe found, on its way to the judge.
type Result struct {
	Sample
	MonitorID  int64
	Generation int32      // of the monitor when the probe was started
	Addr       netip.Addr // the address that was probed; zero if there was none
	AddrSince  time.Time  // since when the target is pinned to Addr; zero for a literal address
}

// Assignment is what the watchman must know of a monitor in order to probe it.
type Assignment struct {
	MonitorID  int64
	TargetID   int64
	Host       string // ASCII domain name, or an address literal in canonical form
	Service    Service
	Port       uint16
	State      State
	Generation int32
	LastLine   LineID    // of the last recorded result; 0 before the first
	LastAt     time.Time // of the last recorded result; zero before the first
	ResumedAt  time.Time // of the last resume; zero if never

	Pinned      netip.Addr // the target's pinned address; zero before the first
	PinnedSince time.Time
}

// Recorded is what became of a batch of results.
type Recorded struct {
	Stopped []int64 // monitors that the judge stopped
	Gone    []int64 // monitors whose results were dropped: deleted, or of another generation
	Alerts  int     // alert events written
}

// ActiveMonitor is what tells whether a monitor is still watched as it was.
type ActiveMonitor struct {
	ID         int64 `db:"monitor_id"`
	Generation int32 `db:"generation"`
}

// Change says what of the monitors to be watched has changed.
type Change struct {
	MonitorIDs []int64 // made, changed or deleted
	All        bool    // anything may have changed
}
