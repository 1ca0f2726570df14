package postgres

import (
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func mailRecords(t *testing.T, db *DB, s uptime.MailState) []uptime.MailRecord {
	t.Helper()
	mails, err := db.MailRecords(t.Context(), uptime.MailFilter{State: s, Limit: 10})
	must(t, err)
	return mails
}

// owesAlert has an account be owed a mail about a failure, which is claimed.
func owesAlert(t *testing.T, db *DB, clock *clock, email string) uptime.Mail {
	t.Helper()
	owner := seedAccount(t, db, email, 1)
	id := seedMonitor(t, db, owner, "a.example.jp")
	newTestRecorder(t, db, clock).fail(id, 2)
	form(t, db, clock.now(), 0)
	mails := claim(t, db, clock.now())
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	return mails[0]
}

func TestMailsAreListedByWhatBecameOfThem(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	desk := inRole(t, db, RoleWatch)
	m := owesAlert(t, db, clock, "a@example.jp")
	next := clock.now().Add(time.Minute)
	must(t, db.RetryMail(t.Context(), m.ID, 1, next, "421 busy"))
	got := mailRecords(t, desk, uptime.MailPending)
	want := uptime.MailRecord{
		ID: m.ID, AccountID: m.AccountID, Kind: uptime.AlertMail, State: uptime.MailPending, To: "0-a@example.jp",
		CreatedAt: got[0].CreatedAt, NextTryAt: next, Attempts: 1, Error: "421 busy",
	}
	if len(got) != 1 || got[0] != want || got[0].CreatedAt.IsZero() {
		t.Errorf("pending %+v", got)
	}
	claim(t, db, next)
	must(t, db.FailMail(t.Context(), m.ID, 2, next, "550 no"))
	got = mailRecords(t, desk, uptime.MailFailed)
	if len(got) != 1 || !got[0].FailedAt.Equal(next) || got[0].Error != "550 no" || !got[0].NextTryAt.IsZero() || len(mailRecords(t, desk, uptime.MailPending)) != 0 {
		t.Errorf("failed %+v", got)
	}
	must(t, db.MailSent(t.Context(), m.ID, next))
	got = mailRecords(t, desk, uptime.MailSent)
	if len(got) != 1 || !got[0].SentAt.Equal(next) || len(mailRecords(t, desk, uptime.MailFailed)) != 0 {
		t.Errorf("sent %+v", got)
	}
	older, err := desk.MailRecords(t.Context(), uptime.MailFilter{State: uptime.MailSent, Before: m.ID, Limit: 10})
	if err != nil || len(older) != 0 {
		t.Errorf("before it %+v, %v", older, err)
	}
	if _, err := desk.MailRecords(t.Context(), uptime.MailFilter{State: "all", Limit: 10}); err == nil {
		t.Error("a state that there is not")
	}
}

func TestAMailThatWaitsOrWasGivenUpIsSentAgainAtOnce(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	desk := inRole(t, db, RoleWatch)
	m := owesAlert(t, db, clock, "a@example.jp")
	for n := 1; n <= 2; n++ { // first it waits for an hour, then it is given up
		if n == 1 {
			must(t, db.RetryMail(t.Context(), m.ID, n, clock.now().Add(time.Hour), "421"))
		} else {
			must(t, db.FailMail(t.Context(), m.ID, n, clock.now(), "550"))
		}
		if early := claim(t, db, clock.now()); len(early) != 0 {
			t.Fatalf("claimed without the operator: %+v", early)
		}
		whose, err := desk.SendAgain(t.Context(), m.ID)
		if err != nil || whose != m.AccountID {
			t.Fatalf("account %d, %v", whose, err)
		}
		again := claim(t, db, clock.now())
		if len(again) != 1 || again[0].ID != m.ID || again[0].Attempt != n+1 || len(again[0].Alerts) != 1 {
			t.Fatalf("claimed %+v", again)
		}
	}
	must(t, db.MailSent(t.Context(), m.ID, clock.now()))
	_, err := desk.SendAgain(t.Context(), m.ID)
	want(t, uptime.ErrConflict, err)
	_, err = desk.SendAgain(t.Context(), 999_999)
	want(t, uptime.ErrNotFound, err)
}

func TestWhatCannotOrMustNotBeSentAnyMoreIsNotSentAgain(t *testing.T) {
	t.Parallel()
	for what, spoil := range map[string]string{
		"its link was wiped":         `update mails set kind = 'contact'`,
		"the account is disabled":    `update accounts set disabled_at = now()`,
		"the contact left":           `update contacts set unsubscribed_at = now()`,
		"the contact takes no mail":  `update contacts set bounced_at = now()`,
		"another waits to be sent":   `insert into mails (kind, account_id, contact_id, email, locale, created_at, next_try_at) select kind, account_id, contact_id, email, locale, now(), now() from mails`,
		"it was accepted in the end": `update mails set sent_at = now()`,
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			db, clock := newDB(t)
			m := owesAlert(t, db, clock, "a@example.jp")
			must(t, db.FailMail(t.Context(), m.ID, 1, clock.now(), "550"))
			exec(t, db, spoil)
			_, err := inRole(t, db, RoleWatch).SendAgain(t.Context(), m.ID)
			want(t, uptime.ErrConflict, err)
			if n := one[int](t, db, `select count(*) from mails where id = $1 and failed_at is not null`, m.ID); n != 1 {
				t.Error("it is not as it was")
			}
		})
	}
}
