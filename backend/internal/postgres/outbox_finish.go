package postgres

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	// Accepted is accepted, whoever's attempt it was. Only refusals in a row count
	// against the contact.
	mailSentSQL = `
with sent as (
    update mails
    set sent_at = $2, failed_at = null, lease_until = null, token = '', last_error = ''
    where id = $1 and sent_at is null
    returning contact_id)
update contacts c
set bounces = 0, bounce = ''
from sent
where c.id = sent.contact_id and c.bounces > 0 and c.bounced_at is null`

	retryMailSQL = `
update mails
set next_try_at = $3, lease_until = null, last_error = $4
where id = $1 and attempts = $2 and sent_at is null and failed_at is null`

	failMailSQL = `
update mails
set failed_at = $3, lease_until = null, token = '', last_error = $4
where id = $1 and attempts = $2 and sent_at is null and failed_at is null`
)

// MailSent records that a server accepted the mail at a time; its token is
// wiped. A repeat changes nothing.
func (db *DB) MailSent(ctx context.Context, id int64, at time.Time) error {
	_, err := db.x.ExecContext(ctx, mailSentSQL, id, wholeMillis(at))
	return fault("record sent mail", err)
}

// RetryMail gives a claimed mail back until next. It does nothing if somebody
// else has claimed it since the attempt.
func (db *DB) RetryMail(ctx context.Context, id int64, attempt int, next time.Time, cause string) error {
	_, err := db.x.ExecContext(ctx, retryMailSQL, id, attempt, wholeMillis(next), shortCause(cause))
	return fault("put off mail", err)
}

// FailMail gives a claimed mail up for ever at a time; its token is wiped. It
// does nothing if somebody else has claimed it since the attempt.
func (db *DB) FailMail(ctx context.Context, id int64, attempt int, at time.Time, cause string) error {
	_, err := db.x.ExecContext(ctx, failMailSQL, id, attempt, wholeMillis(at), shortCause(cause))
	return fault("give mail up", err)
}

// maxCause bounds what is kept of a server's answer, in bytes.
const maxCause = 500

// shortCause makes a server's answer storable: valid UTF-8 without NUL.
func shortCause(cause string) string {
	cause = strings.ReplaceAll(strings.ToValidUTF8(cause, "?"), "\x00", "?")
	for len(cause) > maxCause {
		_, size := utf8.DecodeLastRuneInString(cause)
		cause = cause[:len(cause)-size]
	}
	return cause
}
