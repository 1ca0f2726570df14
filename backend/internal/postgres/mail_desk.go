package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// What operators see and do of mails. It needs RoleWatch.

const mailRecordsSQL = `
select id, account_id, kind, email, created_at, next_try_at, sent_at, failed_at, attempts, last_error
from mails
where ($1 = 0 or id < $1) and %s
order by id desc
limit $2`

// mailStateSQL is the condition of a state.
func mailStateSQL(s uptime.MailState) (string, bool) {
	switch s {
	case uptime.MailPending:
		return `sent_at is null and failed_at is null`, true
	case uptime.MailFailed:
		return `sent_at is null and failed_at is not null`, true
	case uptime.MailSent:
		return `sent_at is not null`, true
	}
	return "", false
}

type mailRecordRow struct {
	ID        int64        `db:"id"`
	AccountID int64        `db:"account_id"`
	Kind      string       `db:"kind"`
	Email     string       `db:"email"`
	CreatedAt time.Time    `db:"created_at"`
	NextTryAt time.Time    `db:"next_try_at"`
	SentAt    sql.NullTime `db:"sent_at"`
	FailedAt  sql.NullTime `db:"failed_at"`
	Attempts  int          `db:"attempts"`
	LastError string       `db:"last_error"`
}

func (r mailRecordRow) record(s uptime.MailState) uptime.MailRecord {
	m := uptime.MailRecord{
		ID: r.ID, AccountID: r.AccountID, Kind: uptime.MailKind(r.Kind), State: s, To: r.Email, CreatedAt: r.CreatedAt.UTC(),
		SentAt: timeOf(r.SentAt), FailedAt: timeOf(r.FailedAt), Attempts: r.Attempts, Error: r.LastError,
	}
	if s == uptime.MailPending {
		m.NextTryAt = r.NextTryAt.UTC()
	}
	return m
}

// MailRecords lists the mails of one state, whoever's, the newest first.
func (db *DB) MailRecords(ctx context.Context, f uptime.MailFilter) ([]uptime.MailRecord, error) {
	condition, known := mailStateSQL(f.State)
	if !known {
		return nil, fmt.Errorf("list mails: there is no state %q", f.State)
	}
	var rows []mailRecordRow
	if err := db.x.SelectContext(ctx, &rows, fmt.Sprintf(mailRecordsSQL, condition), f.Before, f.Limit); err != nil {
		return nil, fault("list mails", err)
	}
	mails := make([]uptime.MailRecord, len(rows))
	for i, r := range rows {
		mails[i] = r.record(f.State)
	}
	return mails, nil
}

const (
	// A mail whose link was wiped when it was given up would prove nothing, and
	// who does not want our mails, or was shut out, gets none by this either.
	sendAgainSQL = `
update mails m
set failed_at = null, next_try_at = $2
where m.id = $1 and m.sent_at is null
	and (m.failed_at is null or m.kind not in ('account', 'contact', 'reset', 'address'))
	and exists (select from accounts a where a.id = m.account_id and a.disabled_at is null)
	and not exists (select from contacts c where c.id = m.contact_id and (c.unsubscribed_at is not null or c.bounced_at is not null))
returning m.account_id`

	mailThereSQL = `select account_id from mails where id = $1`
)

// SendAgain has a mail tried at once that waits or was given up, and tells
// whose it is. uptime.ErrConflict if it was sent, or cannot be sent any more.
func (db *DB) SendAgain(ctx context.Context, id int64) (accountID int64, err error) {
	err = db.inTx(ctx, "send mail again", func(tx txn) error {
		err := tx.GetContext(ctx, &accountID, sendAgainSQL, id, tx.now)
		switch {
		case violates(err, "mails_one_unfinished"): // a newer one waits
			return uptime.ErrConflict
		case !errors.Is(err, sql.ErrNoRows):
			return err
		}
		if err := tx.GetContext(ctx, &accountID, mailThereSQL, id); err != nil {
			return err
		}
		return uptime.ErrConflict
	})
	return accountID, err
}
