package account

import "time"

// Settings is what operators change while the service runs. The zero value
// leaves everything as the environment says.
type Settings struct {
	Registration string // a word of Registration…; "" is what is configured
	StopAfter    *int   // consecutive failures that stop a monitor, 0 never; nil is what is configured
	Announcement Announcement
	HaltedAt     time.Time // since when nothing is sent to what is watched; zero: it is
}

// Announcement is told to everybody on the page; both texts empty is none.
type Announcement struct{ Ja, En string }
