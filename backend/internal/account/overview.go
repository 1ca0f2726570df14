package account

import (
	"strings"
	"time"
)

// Overview is an account as operators see it: nothing of what it watches but
// how much.
type Overview struct {
	Account
	Used       Used
	LastSeenAt time.Time // last use of a session or an API token; zero if none is known
}

// OverviewFilter picks accounts, ascending by id.
type OverviewFilter struct {
	Text     string // part of the address, or an id; "" is all
	Role     Role   // "" is any
	Disabled *bool  // nil is any
	After    int64  // id of the last one of the page before
	Limit    int
}

// OverviewPatch is what operators change of an account; nil leaves as it is.
type OverviewPatch struct {
	Disabled *bool
	Role     *Role
}

// String is what the audit log says of it.
func (p OverviewPatch) String() string {
	var words []string
	if p.Disabled != nil {
		words = append(words, map[bool]string{true: "disabled", false: "enabled"}[*p.Disabled])
	}
	if p.Role != nil {
		words = append(words, "role "+string(*p.Role))
	}
	return strings.Join(words, ", ")
}
