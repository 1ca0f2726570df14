package postgres

import (
	"sync"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// contactOf is the contact of an account with an address.
func contactOf(t *testing.T, db *DB, owner int64, email string) account.Contact {
	t.Helper()
	all, err := db.Contacts(t.Context(), owner)
	must(t, err)
	for _, c := range all {
		if c.Email == email {
			return c
		}
	}
	t.Fatalf("no contact %s among %+v", email, all)
	return account.Contact{}
}

// sendAll forms what is due and tells how many mails of that an address gets.
func sendAll(t *testing.T, db *DB, now time.Time, email string) (mails int) {
	t.Helper()
	form(t, db, now, 0)
	for _, m := range claim(t, db, now) {
		must(t, db.MailSent(t.Context(), m.ID, now))
		if m.To == email {
			mails++
		}
	}
	return mails
}

func TestAnUnsubscribedContactIsOwedNothing(t *testing.T) {
	t.Parallel()
	owner, clock := newDB(t)
	db, work := inRole(t, owner, RoleAPI), inRole(t, owner, RoleWatch)
	mine, theirs := seedAccount(t, owner, "a@example.jp", 2), seedAccount(t, owner, "b@example.jp", 0)
	exec(t, owner, `insert into contacts (account_id, email, locale, verified_at, created_at) values ($1, '0-a@example.jp', 'ja', now(), now())`, theirs)
	target, ids := seedTarget(t, owner, mine, "www.example.jp", uptime.HTTP)
	other := seedMonitor(t, owner, theirs, "other.example.jp")
	rec := newTestRecorder(t, owner, clock)
	const reader = "0-a@example.jp"
	c := contactOf(t, db, mine, reader)

	rec.fail(ids[0], 2) // a delivery waits, and after it is formed another one
	form(t, work, clock.now(), 0)
	rec.succeed(ids[0], 2)
	for i, want := range []bool{true, false} {
		changed, err := db.Unsubscribe(t.Context(), mine, c.ID)
		if err != nil || changed != want {
			t.Errorf("try %d: %v, %v", i, changed, err)
		}
	}
	if c := contactOf(t, db, mine, reader); !c.UnsubscribedAt.Equal(clock.now()) || c.Reached() || c.VerifiedAt.IsZero() {
		t.Errorf("contact %+v", c)
	}
	if n := sendAll(t, work, clock.now(), reader); n != 0 {
		t.Errorf("%d mails that waited", n)
	}
	rec.fail(ids[0], 2)
	must(t, work.StopAbroad(t.Context(), departure(target)))
	rec.fail(other, 2)
	form(t, work, clock.now(), 0)
	if n := one[int](t, owner, `select count(*) from deliveries where contact_id = $1`, c.ID); n != 0 {
		t.Errorf("%d deliveries", n)
	}
	if n := one[int](t, owner, `select count(*) from mails where contact_id = $1`, c.ID); n != 0 {
		t.Errorf("%d mails", n)
	}
	if n := one[int](t, owner, `select count(*) from mails where email = '1-a@example.jp' and kind = 'country'`); n != 1 {
		t.Errorf("the other contact has %d mails about the stop", n)
	}
	if n := one[int](t, owner, `select count(*) from mails where email = $1 and account_id = $2`, reader, theirs); n != 1 {
		t.Errorf("the same address has %d mails of the other account, want its alert", n)
	}

	// Another account, or one that is gone, changes nothing.
	for _, of := range [][2]int64{{theirs, c.ID}, {mine, 999}, {999, c.ID}} {
		if changed, err := db.Unsubscribe(t.Context(), of[0], of[1]); err != nil || changed {
			t.Errorf("%v: %v, %v", of, changed, err)
		}
	}

	// It gets alerts again once it has confirmed, and none that it missed.
	want(t, uptime.ErrConflict, db.ResubscribeContact(t.Context(), mine, contactOf(t, db, mine, "1-a@example.jp").ID, coded()))
	want(t, uptime.ErrNotFound, db.ResubscribeContact(t.Context(), theirs, c.ID, coded()))
	first, second := coded(), coded()
	must(t, db.ResubscribeContact(t.Context(), mine, c.ID, first))
	must(t, db.ResubscribeContact(t.Context(), mine, c.ID, second))
	if n := one[int](t, owner, `select count(*) from mails where contact_id = $1 and kind = 'contact'`, c.ID); n != 1 {
		t.Errorf("asked %d times in a day", n)
	}
	_, err := db.VerifyContact(t.Context(), second.Hash)
	want(t, uptime.ErrNotFound, err)
	again, err := db.VerifyContact(t.Context(), first.Hash)
	must(t, err)
	if !again.Reached() {
		t.Errorf("contact %+v", again)
	}
	exec(t, owner, `delete from mails where kind = 'contact'`)
	if n := sendAll(t, work, clock.now(), reader); n != 1 { // the other account's
		t.Errorf("%d mails of what it missed", n-1)
	}
}

// Alerts that are formed while their reader unsubscribes are not left behind.
func TestNothingIsOwedToWhoUnsubscribesMeanwhile(t *testing.T) {
	t.Parallel()
	owner, clock := newDB(t)
	db, work := inRole(t, owner, RoleAPI), inRole(t, owner, RoleWatch)
	mine := seedAccount(t, owner, "a@example.jp", 10)
	id := seedMonitor(t, owner, mine, "www.example.jp")
	newTestRecorder(t, owner, clock).fail(id, 2)
	all, err := db.Contacts(t.Context(), mine)
	must(t, err)
	var wg sync.WaitGroup
	for _, c := range all {
		wg.Go(func() {
			if _, err := db.Unsubscribe(t.Context(), mine, c.ID); err != nil {
				t.Error(err)
			}
		})
	}
	for range 4 {
		wg.Go(func() { form(t, work, clock.now(), 0) })
	}
	wg.Wait()
	form(t, work, clock.now(), 0)
	if n := one[int](t, owner, `select count(*) from mails`); n != 0 {
		t.Errorf("%d mails are owed", n)
	}
}

func TestTwoRefusalsInARowStopMailsToAContact(t *testing.T) {
	t.Parallel()
	owner, clock := newDB(t)
	db, work := inRole(t, owner, RoleAPI), inRole(t, owner, RoleWatch)
	mine := seedAccount(t, owner, "a@example.jp", 1)
	id := seedMonitor(t, owner, mine, "www.example.jp")
	rec := newTestRecorder(t, owner, clock)
	const reader = "0-a@example.jp"
	// alert owes the contact one more mail and claims it.
	down := false
	alert := func() uptime.Mail {
		t.Helper()
		if down = !down; down {
			rec.fail(id, 2)
		} else {
			rec.succeed(id, 2)
		}
		form(t, work, clock.now(), 0)
		mails := claim(t, work, clock.now())
		if len(mails) != 1 || mails[0].To != reader || mails[0].ContactID == 0 {
			t.Fatalf("claimed %+v", mails)
		}
		return mails[0]
	}
	bounce := func(answer string) {
		t.Helper()
		m := alert()
		must(t, work.BounceMail(t.Context(), m.ID, m.Attempt+1, clock.now(), "late")) // of another attempt
		must(t, work.BounceMail(t.Context(), m.ID, m.Attempt, clock.now(), answer))
		must(t, work.BounceMail(t.Context(), m.ID, m.Attempt, clock.now(), "again"))
	}

	bounce("550 first\x00")
	if c := contactOf(t, db, mine, reader); c.Bounce != "550 first?" || !c.Reached() {
		t.Errorf("after one: %+v", c)
	}
	must(t, work.MailSent(t.Context(), alert().ID, clock.now()))
	if c := contactOf(t, db, mine, reader); c.Bounce != "" || !c.Reached() {
		t.Errorf("after one that was taken: %+v", c)
	}
	bounce("550 second")
	bounce("550 third")
	at := clock.now()
	if c := contactOf(t, db, mine, reader); c.Bounce != "550 third" || !c.BouncedAt.Equal(at) || c.Reached() {
		t.Errorf("after two in a row: %+v", c)
	}
	if s, err := db.Summary(t.Context(), mine, 1); err != nil || s.VerifiedContacts != 0 {
		t.Errorf("%d contacts get mails, %v", s.VerifiedContacts, err)
	}
	rec.fail(id, 2)
	form(t, work, clock.now(), 0)
	if n := one[int](t, owner, `select count(*) from mails where sent_at is null and failed_at is null`); n != 0 {
		t.Errorf("%d mails are owed to it", n)
	}

	tok := account.NewToken(clock.now().Add(time.Hour)).WithCode(codeKey())
	c := contactOf(t, db, mine, reader)
	must(t, db.ResubscribeContact(t.Context(), mine, c.ID, tok))
	_, err := db.VerifyContactByCode(t.Context(), mine, c.ID, codeOf(t, tok))
	must(t, err)
	if c := contactOf(t, db, mine, reader); !c.Reached() || c.Bounce != "" {
		t.Errorf("after it confirmed: %+v", c)
	}
}

func TestTheAccountsOwnAddressIsToldOnlyIfItWantsMails(t *testing.T) {
	t.Parallel()
	owner, clock := newDB(t)
	db, work := inRole(t, owner, RoleAPI), inRole(t, owner, RoleWatch)
	for i, email := range []string{"a@example.jp", "b@example.jp"} {
		id := seedAccount(t, owner, email, 0)
		if i == 1 {
			exec(t, owner, `insert into contacts (account_id, email, locale, verified_at, created_at) values ($1, upper($2), 'ja', now(), now())`, id, email)
			if changed, err := db.Unsubscribe(t.Context(), id, contactOf(t, db, id, "B@EXAMPLE.JP").ID); err != nil || !changed {
				t.Fatalf("%v, %v", changed, err)
			}
		}
		target, _ := seedTarget(t, owner, id, email[:1]+".example.jp", uptime.HTTP)
		must(t, work.StopAbroad(t.Context(), departure(target)))
	}
	mails := claim(t, work, clock.now())
	if len(mails) != 1 || mails[0].To != "a@example.jp" || mails[0].ContactID != 0 || len(mails[0].Notice.Monitors) != 1 {
		t.Errorf("mails %+v", mails)
	}
}
