package postgres

import (
	"slices"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func TestAlertsGoToTheContactsThatATargetNames(t *testing.T) {
	t.Parallel()
	owner, clock := newDB(t)
	db, work := inRole(t, owner, RoleAPI), inRole(t, owner, RoleWatch)
	mine, theirs := seedAccount(t, owner, "a@example.jp", 3), seedAccount(t, owner, "b@example.jp", 1)
	target, ids := seedTarget(t, owner, mine, "www.example.jp", uptime.HTTP)
	other, others := seedTarget(t, owner, mine, "other.example.jp", uptime.HTTP)
	rec := newTestRecorder(t, owner, clock)
	all, err := db.Contacts(t.Context(), mine)
	must(t, err)
	name := func(contacts ...int64) {
		t.Helper()
		got, err := db.UpdateTarget(t.Context(), mine, target, uptime.TargetPatch{ContactIDs: &contacts})
		must(t, err)
		if !slices.Equal(got.ContactIDs, contacts) {
			t.Errorf("named %v, want %v", got.ContactIDs, contacts)
		}
	}
	down := false
	event := func() {
		if down = !down; down {
			rec.record(uptime.Timeout, ids[0], others[0])
			rec.record(uptime.Timeout, ids[0], others[0])
		} else {
			rec.record(uptime.Connected, ids[0], others[0])
			rec.record(uptime.Connected, ids[0], others[0])
		}
	}
	alerts := func(contact int) int {
		return one[int](t, owner, `select count(*) from deliveries d join alert_events e on e.id = d.event_id where d.contact_id = $1 and e.monitor_id = $2`, all[contact].ID, ids[0])
	}
	expect := func(when string, want ...int) {
		t.Helper()
		exec(t, owner, `delete from deliveries`)
		event()
		for contact, n := range want {
			if got := alerts(contact); got != n {
				t.Errorf("%s: contact %d hears of it %d times, want %d", when, contact, got, n)
			}
		}
		if n := one[int](t, owner, `select count(*) from deliveries d join alert_events e on e.id = d.event_id where e.monitor_id = $1`, others[0]); n != one[int](t, owner, `select count(*) from contacts where account_id = $1 and unsubscribed_at is null`, mine) {
			t.Errorf("%s: %d hear of the other target", when, n)
		}
	}
	expect("nobody is named", 1, 1, 1)
	name(all[0].ID, all[2].ID)
	expect("two are named", 1, 0, 1)
	name(all[1].ID)
	expect("one is named", 0, 1, 0)
	if _, err := db.Unsubscribe(t.Context(), mine, all[1].ID); err != nil {
		t.Fatal(err)
	}
	expect("who is named gets no mails", 1, 0, 1)
	must(t, db.DeleteContact(t.Context(), mine, all[1].ID))
	expect("who is named is gone", 1, 0, 1)
	name(all[0].ID)

	// Mails about monitors of several targets tell everybody what concerns him.
	exec(t, owner, `delete from mails`)
	must(t, work.inTx(t.Context(), "notice", func(tx txn) error {
		return oweNotice(t.Context(), tx, uptime.ReminderMail, mine, noticeParams{Monitors: []int64{ids[0], others[0]}})
	}))
	for contact, want := range map[int64][]int64{all[0].ID: {ids[0], others[0]}, all[2].ID: {others[0]}} {
		var got []int64
		for _, m := range claimOf(t, work, owner, clock.now(), contact) {
			for _, n := range m.Notice.Monitors {
				got = append(got, n.ID)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("contact %d is told of %v, want %v", contact, got, want)
		}
	}

	// Another account's contact is none, and nothing changes.
	foreign := []int64{all[2].ID, contactOf(t, db, theirs, "0-b@example.jp").ID}
	_, err = db.UpdateTarget(t.Context(), mine, target, uptime.TargetPatch{ContactIDs: &foreign})
	want(t, uptime.ErrConflict, err)
	empty := []int64{}
	_, err = db.UpdateTarget(t.Context(), theirs, other, uptime.TargetPatch{ContactIDs: &empty})
	want(t, uptime.ErrNotFound, err)
	if got, err := db.Target(t.Context(), mine, target); err != nil || !slices.Equal(got.ContactIDs, []int64{all[0].ID}) {
		t.Errorf("named %v, %v", got.ContactIDs, err)
	}
	got, err := db.UpdateTarget(t.Context(), mine, target, uptime.TargetPatch{ContactIDs: &empty})
	if err != nil || len(got.ContactIDs) != 0 {
		t.Errorf("named %v, %v", got.ContactIDs, err)
	}
}

// claimOf claims what waits and gives the mails to a contact.
func claimOf(t *testing.T, work, owner *DB, now time.Time, contact int64) (mails []uptime.Mail) {
	t.Helper()
	exec(t, owner, `update mails set lease_until = null`)
	for _, m := range claim(t, work, now) {
		if m.ContactID == contact {
			mails = append(mails, m)
		}
	}
	return mails
}

func TestATestMailIsOwedToAContactThatGetsMails(t *testing.T) {
	t.Parallel()
	owner, clock := newDB(t)
	db, work := inRole(t, owner, RoleAPI), inRole(t, owner, RoleWatch)
	mine, theirs := seedAccount(t, owner, "a@example.jp", 1), seedAccount(t, owner, "b@example.jp", 0)
	c := contactOf(t, db, mine, "0-a@example.jp")
	english, short := account.English, true
	changed, err := db.UpdateContact(t.Context(), mine, c.ID, account.ContactPatch{Locale: &english})
	if err != nil || changed.Locale != account.English || changed.ShortForm {
		t.Errorf("contact %+v, %v", changed, err)
	}
	must(t, db.OweTest(t.Context(), mine, c.ID))
	if changed, err = db.UpdateContact(t.Context(), mine, c.ID, account.ContactPatch{ShortForm: &short}); err != nil || changed.Locale != account.English || !changed.ShortForm {
		t.Errorf("contact %+v, %v", changed, err)
	}
	mails := claim(t, work, clock.now())
	if len(mails) != 1 || mails[0].Kind != uptime.TestMail || mails[0].To != c.Email || mails[0].Locale != "en" || !mails[0].ShortForm || mails[0].ContactID != c.ID {
		t.Fatalf("mails %+v", mails)
	}
	must(t, work.BounceMail(t.Context(), mails[0].ID, 1, clock.now(), "550 Unknown user"))
	must(t, db.OweTest(t.Context(), mine, c.ID))
	second := claim(t, work, clock.now())[0]
	must(t, work.FailMail(t.Context(), second.ID, 1, clock.now(), "mail server: dial tcp 10.0.0.5:25: connection refused"))
	shown, err := db.ContactMails(t.Context(), mine, c.ID, 50)
	must(t, err)
	if len(shown) != 2 || shown[0].ID != second.ID || shown[0].Refusal != "" || !shown[0].FailedAt.Equal(clock.now()) ||
		shown[1].Refusal != "550 Unknown user" || shown[1].Kind != "test" || !shown[1].SentAt.IsZero() {
		t.Errorf("shown %+v", shown)
	}
	if limited, err := db.ContactMails(t.Context(), mine, c.ID, 1); err != nil || len(limited) != 1 {
		t.Errorf("limited %+v, %v", limited, err)
	}

	_, err = db.ContactMails(t.Context(), theirs, c.ID, 50)
	want(t, uptime.ErrNotFound, err)
	want(t, uptime.ErrNotFound, db.OweTest(t.Context(), theirs, c.ID))
	_, err = db.UpdateContact(t.Context(), theirs, c.ID, account.ContactPatch{Locale: &english})
	want(t, uptime.ErrNotFound, err)
	if _, err := db.Unsubscribe(t.Context(), mine, c.ID); err != nil {
		t.Fatal(err)
	}
	want(t, uptime.ErrConflict, db.OweTest(t.Context(), mine, c.ID))
	added, _ := addStranger(t, db, mine, "new@example.jp")
	want(t, uptime.ErrConflict, db.OweTest(t.Context(), mine, added.ID))
}
