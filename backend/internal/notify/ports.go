package notify

import (
	"context"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// Outbox keeps the mails that are owed.
type Outbox interface {
	// FormMails makes mails of the deliveries that have waited for the window,
	// and tells how many deliveries that were.
	FormMails(ctx context.Context, now time.Time, window time.Duration) (int, error)

	// ClaimMails takes at most limit due mails for a lease. Each counts as an
	// attempt.
	ClaimMails(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]uptime.Mail, error)

	// MailSent records that a server accepted a mail. A repeat changes nothing.
	MailSent(ctx context.Context, id int64, at time.Time) error

	// RetryMail gives a claimed mail back until next, FailMail gives it up. Both
	// do nothing if the mail was claimed again since the attempt.
	RetryMail(ctx context.Context, id int64, attempt int, next time.Time, cause string) error
	FailMail(ctx context.Context, id int64, attempt int, at time.Time, cause string) error

	// BounceMail is FailMail of a mail whose address the server refused for good,
	// with what it said.
	BounceMail(ctx context.Context, id int64, attempt int, at time.Time, answer string) error
}

// carrier takes a mail away: to a server, or into a file. An error that wraps
// errRefused is the server's last word; after any other the mail is tried again.
type carrier interface {
	carry(ctx context.Context, l letter) error
	close()
}
