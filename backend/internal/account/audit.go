package account

import "time"

// Actor says in whose name something was done.
type Actor string

// The actors.
const (
	ByAccount  Actor = "account"  // the account itself
	ByOperator Actor = "operator" // an operator, with another account
	BySystem   Actor = "system"   // the service or its commands
	ByNobody   Actor = "nobody"   // who did not sign in
)

// AuditEntry is one line of the audit log. It never has secrets, nor what was
// sent.
type AuditEntry struct {
	ID         int64
	At         time.Time
	AccountID  int64 // whose log it stands in; 0: nobody's that we know
	Actor      Actor
	ActorID    int64  // 0 if it is not known, or gone
	SessionID  string // "" if it was none
	APITokenID int64  // 0 if it was none
	Action     string // the route's name
	Object     string // the id that was named or made; ""
	Address    string
	UserAgent  string
	Detail     string // "", or a word such as a problem's code
}

// AuditPage picks entries, newest first.
type AuditPage struct {
	AccountID int64 // 0: everybody's, for operators
	Before    int64 // id of the last entry of the page before; 0 is from the newest
	Limit     int
}
