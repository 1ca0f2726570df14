package postgres

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// lease is what the tests claim for.
const lease = time.Minute

func form(t *testing.T, db *DB, now time.Time, window time.Duration) int {
	t.Helper()
	n, err := db.FormMails(t.Context(), now, window)
	must(t, err)
	return n
}

func claim(t *testing.T, db *DB, now time.Time) []uptime.Mail {
	t.Helper()
	mails, err := db.ClaimMails(t.Context(), now, lease, 100)
	must(t, err)
	return mails
}

func TestWhatAContactIsOwedWithinTheWindowIsOneMail(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 1)
	_, ids := seedTarget(t, db, owner, "www.example.jp", uptime.Services()...)
	rec := newTestRecorder(t, db, clock)
	first := rec.record(uptime.Timeout, ids...)
	second := rec.record(uptime.Refused, ids[:5]...)
	window := 30 * time.Second
	if n := form(t, db, clock.now().Add(window-time.Millisecond), window); n != 0 {
		t.Errorf("%d deliveries formed before the window was over", n)
	}
	late := uptime.Result{Sample: second, MonitorID: ids[5], Generation: 1}
	clock.pass(20 * time.Second) // not sliding: the sixth joins the mail of the five
	_, err := rec.Record(t.Context(), uptime.DefaultPolicy(), []uptime.Result{late})
	must(t, err)
	if n := form(t, db, clock.now().Add(window-20*time.Second), window); n != 6 {
		t.Fatalf("%d deliveries formed, want 6", n)
	}
	mails := claim(t, db, clock.now().Add(window))
	if len(mails) != 1 || len(mails[0].Alerts) != 6 {
		t.Fatalf("mails %+v", mails)
	}
	m := mails[0]
	if m.Kind != uptime.AlertMail || m.To != "0-a@example.jp" || m.Locale != "ja" || m.Zone != "Asia/Tokyo" || m.Attempt != 1 || m.ShortForm {
		t.Errorf("mail %+v", m)
	}
	a := m.Alerts[1]
	if a.Kind != uptime.Anomaly || a.MonitorID != ids[1] || a.Host != "www.example.jp" || a.Service != uptime.HTTP || a.Port != 80 ||
		!a.At.Equal(second.At) || !a.Since.Equal(first.At) || !slices.Equal(a.Evidence, []uptime.Sample{first, second}) ||
		a.Streak != 2 || !a.NeverUp || a.Again || a.IncidentID == 0 {
		t.Errorf("alert %+v", a)
	}
}

func TestAContactsMailsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 2)
	id := seedMonitor(t, db, owner, "a.example.jp")
	rec := newTestRecorder(t, db, clock)
	rec.fail(id, 2)
	if n := form(t, db, clock.now(), 0); n != 2 {
		t.Fatalf("%d deliveries formed, want one a contact", n)
	}
	rec.fail(id, 2) // the stop
	if n := form(t, db, clock.now(), 0); n != 0 {
		t.Errorf("%d deliveries formed while a mail is unfinished", n)
	}
	mails := claim(t, db, clock.now())
	if len(mails) != 2 {
		t.Fatalf("%d mails", len(mails))
	}
	must(t, db.MailSent(t.Context(), mails[0].ID, clock.now()))
	must(t, db.FailMail(t.Context(), mails[1].ID, mails[1].Attempt, clock.now(), "550 no such user"))
	if n := form(t, db, clock.now(), 0); n != 2 {
		t.Errorf("%d deliveries formed after both were finished, want 2", n)
	}
	for _, m := range claim(t, db, clock.now()) {
		if len(m.Alerts) != 1 || m.Alerts[0].Kind != uptime.StoppedAlert || m.Alerts[0].Streak != 4 {
			t.Errorf("mail %+v, want the stop alone", m)
		}
	}
}

func TestFormingTogetherMakesEveryDeliveryPartOfOneMail(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 10)
	id := seedMonitor(t, db, owner, "a.example.jp")
	newTestRecorder(t, db, clock).fail(id, 2)
	var wg sync.WaitGroup
	var mu sync.Mutex
	total := 0
	for range 4 {
		wg.Go(func() {
			n := form(t, db, clock.now(), 0)
			mu.Lock()
			defer mu.Unlock()
			total += n
		})
	}
	wg.Wait()
	mails := one[int](t, db, `select count(*) from mails`)
	empty := one[int](t, db, `select count(*) from mails m where not exists (select from deliveries d where d.mail_id = m.id)`)
	if total != 10 || mails != 10 || empty != 0 {
		t.Errorf("%d deliveries formed into %d mails, %d empty; want 10, 10, 0", total, mails, empty)
	}
}

func TestAClaimedMailIsNobodyElsesUntilItsLeaseIsOver(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 8)
	id := seedMonitor(t, db, owner, "a.example.jp")
	newTestRecorder(t, db, clock).fail(id, 2)
	form(t, db, clock.now(), 0)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var claimed []int64
	for range 4 {
		wg.Go(func() {
			for _, m := range claim(t, db, clock.now()) {
				mu.Lock()
				claimed = append(claimed, m.ID)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	slices.Sort(claimed)
	if len(claimed) != 8 || len(slices.Compact(claimed)) != 8 {
		t.Errorf("claimed %v, want eight mails once each", claimed)
	}
	if again := claim(t, db, clock.now().Add(lease-time.Millisecond)); len(again) != 0 {
		t.Errorf("%d claimed within the lease", len(again))
	}
	again := claim(t, db, clock.now().Add(lease))
	if len(again) != 8 || again[0].Attempt != 2 {
		t.Errorf("%d claimed after the lease, first %+v", len(again), again)
	}
}

func TestAMailThatIsPutOffComesBackInTime(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 1)
	id := seedMonitor(t, db, owner, "a.example.jp")
	newTestRecorder(t, db, clock).fail(id, 2)
	form(t, db, clock.now(), 0)
	m := claim(t, db, clock.now())[0]
	next := clock.now().Add(30 * time.Second)
	must(t, db.RetryMail(t.Context(), m.ID, m.Attempt, next, "421 "+strings.Repeat("あ", 400)+"\x00\xff"))
	if early := claim(t, db, next.Add(-time.Millisecond)); len(early) != 0 {
		t.Errorf("claimed early: %+v", early)
	}
	again := claim(t, db, next)
	if len(again) != 1 || again[0].ID != m.ID || again[0].Attempt != 2 || len(again[0].Alerts) != 1 {
		t.Fatalf("claimed %+v", again)
	}
	// A report of the first attempt comes late: the second is not disturbed.
	must(t, db.RetryMail(t.Context(), m.ID, 1, next.Add(time.Hour), "late"))
	must(t, db.FailMail(t.Context(), m.ID, 1, next, "late"))
	state := one[string](t, db, `select (lease_until is not null) || ' ' || (failed_at is null) || ' ' || octet_length(last_error) from mails`)
	if state != "true true 499" {
		t.Errorf("leased, not failed, bytes of the answer: %s", state)
	}
	// But a server that accepted it has accepted it, and once is enough.
	must(t, db.MailSent(t.Context(), m.ID, next))
	must(t, db.MailSent(t.Context(), m.ID, next.Add(time.Hour)))
	must(t, db.FailMail(t.Context(), m.ID, 2, next, "late"))
	if !one[bool](t, db, `select sent_at = $1 and failed_at is null and lease_until is null from mails`, next) {
		t.Error("the mail is not as it was when it was accepted")
	}
	if late := claim(t, db, next.Add(24*time.Hour)); len(late) != 0 {
		t.Errorf("a sent mail was claimed: %+v", late)
	}
}

func TestATokenIsWipedWhenItsMailIsSentOrGivenUp(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	for i := range 2 {
		tok := token()
		must(t, db.Register(t.Context(), registration(fmt.Sprintf("%d@example.jp", i)), tok))
		mails := claim(t, db, clock.now())
		if len(mails) != 1 || mails[0].Kind != uptime.AccountMail || mails[0].Token != tok.Raw || mails[0].Alerts != nil {
			t.Fatalf("claimed %+v", mails)
		}
		if i == 0 {
			must(t, db.MailSent(t.Context(), mails[0].ID, clock.now()))
		} else {
			must(t, db.FailMail(t.Context(), mails[0].ID, 1, clock.now(), "550"))
		}
	}
	if n := one[int](t, db, `select count(*) from mails where token <> ''`); n != 0 {
		t.Errorf("%d tokens are still stored", n)
	}
}
