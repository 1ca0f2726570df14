package uptime

import "time"

// MailState is where a mail stands between being formed and its end.
type MailState string

// The states.
const (
	MailPending MailState = "pending" // it will be tried, or tried again
	MailFailed  MailState = "failed"  // given up
	MailSent    MailState = "sent"    // a server has accepted it, or it was stored as a file
)

// MailRecord is what operators see of a mail: not what it says.
type MailRecord struct {
	ID        int64
	AccountID int64
	Kind      MailKind
	State     MailState
	To        string
	CreatedAt time.Time
	NextTryAt time.Time // of MailPending
	SentAt    time.Time
	FailedAt  time.Time
	Attempts  int
	Error     string // what the server said to the last attempt; "" if it was accepted or not tried
}

// MailFilter picks mails, the newest first.
type MailFilter struct {
	State  MailState
	Before int64 // id of the last one of the page before; 0 is from the newest
	Limit  int
}
