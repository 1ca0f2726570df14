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

// stop fails monitors until they stop.
func (r *testRecorder) stop(monitors ...int64) {
	for range uptime.DefaultPolicy().FailuresToStop {
		r.record(uptime.Timeout, monitors...)
	}
}

// noticeMails are the mails of a kind that are owed, as "address: monitors".
func noticeMails(t *testing.T, db *DB, kind uptime.MailKind) []string {
	t.Helper()
	var mails []string
	must(t, db.x.SelectContext(t.Context(), &mails, `select email || ': ' || (params->'monitors')::text from mails where kind = $1 order by id`, kind))
	slices.Sort(mails)
	return mails
}

func remind(t *testing.T, db *DB) int {
	t.Helper()
	n, err := db.Remind(t.Context())
	must(t, err)
	return n
}

func TestAStoppedMonitorIsMailedOnceMoreAfterADayAndAfterSeven(t *testing.T) {
	t.Parallel()
	owner, clock := newDB(t)
	db := inRole(t, owner, RoleWatch)
	account := seedAccount(t, owner, "a@example.jp", 2)
	exec(t, owner, `insert into contacts (account_id, email, locale, created_at) values ($1, 'new@example.jp', 'ja', now())`, account)
	_, ids := seedTarget(t, owner, account, "a.example.jp", uptime.Ping, uptime.HTTP)
	newTestRecorder(t, owner, clock).stop(ids...)
	stopped := clock.now()
	for _, c := range []struct {
		after time.Duration
		mails int // all until then, to two contacts
	}{
		{0, 0}, {23 * time.Hour, 0}, {24 * time.Hour, 2}, {25 * time.Hour, 2}, {6 * 24 * time.Hour, 2}, {7*24*time.Hour - time.Minute, 2},
		{7 * 24 * time.Hour, 4}, {8 * 24 * time.Hour, 4}, {20 * 24 * time.Hour, 4},
	} {
		clock.pass(stopped.Add(c.after).Sub(clock.now()))
		remind(t, db)
		remind(t, db) // as after a restart
		if got := noticeMails(t, owner, uptime.ReminderMail); len(got) != c.mails {
			t.Fatalf("after %v: %v", c.after, got)
		}
	}
	for _, m := range claim(t, owner, clock.now()) {
		if m.Kind == uptime.ReminderMail && (len(m.Notice.Monitors) != 2 || m.Notice.Monitors[0].StoppedAt.IsZero()) {
			t.Errorf("mail %+v", m)
		}
	}
}

func TestAReminderIsOneMailAContactWithAllThatStoppedAboutThen(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	a, b := seedAccount(t, db, "a@example.jp", 1), seedAccount(t, db, "b@example.jp", 1)
	first, second, late := seedMonitor(t, db, a, "a.example.jp"), seedMonitor(t, db, a, "b.example.jp"), seedMonitor(t, db, a, "c.example.jp")
	other := seedMonitor(t, db, b, "d.example.jp")
	rec := newTestRecorder(t, db, clock)
	rec.stop(first, other)
	stopped := clock.now()
	rec.stop(second) // 20 minutes later
	clock.pass(2 * time.Hour)
	rec.stop(late)
	clock.pass(stopped.Add(24 * time.Hour).Sub(clock.now()))
	if n := remind(t, db); n != 2 {
		t.Errorf("%d accounts", n)
	}
	got := strings.Join(noticeMails(t, db, uptime.ReminderMail), "\n")
	if got != "0-a@example.jp: [1, 2]\n0-b@example.jp: [4]" {
		t.Errorf("mails\n%s", got)
	}
	clock.pass(3 * time.Hour)
	remind(t, db)
	if got := noticeMails(t, db, uptime.ReminderMail); len(got) != 3 || !slices.Contains(got, "0-a@example.jp: [3]") {
		t.Errorf("later: %v", got)
	}
}

func TestNobodyIsRemindedOfWhatWasResumedOrDisabled(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner, shut := seedAccount(t, db, "a@example.jp", 1), seedAccount(t, db, "b@example.jp", 1)
	resumed, again, theirs := seedMonitor(t, db, owner, "a.example.jp"), seedMonitor(t, db, owner, "b.example.jp"), seedMonitor(t, db, shut, "c.example.jp")
	rec := newTestRecorder(t, db, clock)
	rec.stop(resumed, again, theirs)
	must(t, db.NoteStops(t.Context()))
	clock.pass(23 * time.Hour)
	exec(t, db, `update accounts set disabled_at = now() where id = $1`, shut)
	apply(t, db, owner, uptime.Standing.Resume, resumed, again)
	if _, err := rec.Reload(t.Context(), []int64{resumed, again}); err != nil {
		t.Fatal(err)
	}
	rec.stop(again) // a stop of its own
	clock.pass(2 * time.Hour)
	remind(t, db)
	if got := noticeMails(t, db, uptime.ReminderMail); got != nil {
		t.Errorf("mails %v", got)
	}
	clock.pass(23 * time.Hour)
	remind(t, db)
	if got := noticeMails(t, db, uptime.ReminderMail); len(got) != 1 || got[0] != "0-a@example.jp: [2]" {
		t.Errorf("of the second stop: %v", got)
	}
}

func TestRemindingAtTheSameTimeMailsOnce(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 1)
	id := seedMonitor(t, db, owner, "a.example.jp")
	newTestRecorder(t, db, clock).stop(id)
	clock.pass(24 * time.Hour)
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			if _, err := db.Remind(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := noticeMails(t, db, uptime.ReminderMail); len(got) != 1 {
		t.Errorf("mails %v", got)
	}
}

func TestARoundRemindsABoundedNumberOfAccountsAndTheNextTheOthers(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	var ids []int64
	for i := range maxReminded + 3 {
		ids = append(ids, seedMonitor(t, db, seedAccount(t, db, fmt.Sprintf("%d@example.jp", i), 1), "a.example.jp"))
	}
	newTestRecorder(t, db, clock).stop(ids...)
	clock.pass(24 * time.Hour)
	if first, second, third := remind(t, db), remind(t, db), remind(t, db); first != maxReminded || second != 3 || third != 0 {
		t.Errorf("%d, %d, %d accounts", first, second, third)
	}
}

// looks are those that are due, by monitor.
func looks(t *testing.T, db *DB, limit int) map[int64]uptime.Look {
	t.Helper()
	due, err := db.ClaimLooks(t.Context(), time.Hour, limit)
	must(t, err)
	by := map[int64]uptime.Look{}
	for _, l := range due {
		by[l.MonitorID] = l
	}
	return by
}

// look looks at a monitor, if it is due, and finds a status over a line.
func look(t *testing.T, db *DB, id int64, line uptime.LineID, found uptime.Status) (again int) {
	t.Helper()
	l, due := looks(t, db, 100)[id]
	if !due {
		t.Fatalf("monitor %d is not due", id)
	}
	again, err := db.RecordLooks(t.Context(), []uptime.Looked{{Look: l, Line: line, Status: found}})
	must(t, err)
	return again
}

func TestTwoGoodAnswersInARowAreMailedOnceAndResumeNothing(t *testing.T) {
	t.Parallel()
	owner, clock := newDB(t)
	db := inRole(t, owner, RoleWatch)
	account := seedAccount(t, owner, "a@example.jp", 1)
	_, ids := seedTarget(t, owner, account, "a.example.jp", uptime.HTTP)
	id := ids[0]
	exec(t, owner, `update targets set pinned = '192.0.2.7'`)
	newTestRecorder(t, owner, clock).stop(id)
	before, version := standingOf(t, owner, id)
	samples := len(stored(t, owner, account, id))
	if due := looks(t, db, 100); len(due) != 0 {
		t.Errorf("due at once: %v", due)
	}
	for i, found := range []uptime.Status{uptime.OK, uptime.WR, uptime.OK, uptime.Unknown, uptime.OK} {
		clock.pass(time.Hour)
		if again := look(t, db, id, uptime.LineID(i%2+1), found); (again == 1) != (i == 4) {
			t.Errorf("look %d: %d answer again", i, again)
		}
		if due := looks(t, db, 100); len(due) != 0 {
			t.Errorf("due again within the hour: %v", due)
		}
	}
	if got := noticeMails(t, owner, uptime.AgainMail); len(got) != 1 || got[0] != "0-a@example.jp: [1]" {
		t.Errorf("mails %v", got)
	}
	clock.pass(2 * time.Hour)
	if due := looks(t, db, 100); len(due) != 0 {
		t.Errorf("looked at after the mail: %v", due)
	}
	if after, now := standingOf(t, owner, id); now != version || after.State != uptime.Stopped || after.Last != before.Last {
		t.Errorf("standing %+v became %+v", before, after)
	}
	if n := len(stored(t, owner, account, id)); n != samples {
		t.Errorf("%d samples became %d", samples, n)
	}
}

func TestALookKnowsWhatIsLookedAtAndTheLineBefore(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 1)
	target, ids := seedTarget(t, db, owner, "a.example.jp", uptime.SMTP)
	exec(t, db, `update targets set pinned = '192.0.2.7'`)
	newTestRecorder(t, db, clock).stop(ids...)
	stopped, _ := standingOf(t, db, ids[0])
	clock.pass(time.Hour)
	l := looks(t, db, 100)[ids[0]]
	if l.TargetID != target || l.Host != "a.example.jp" || l.Service != uptime.SMTP || l.Port != 25 || l.Pinned.String() != "192.0.2.7" ||
		l.LastLine != 0 || !l.StoppedAt.Equal(stopped.StoppedAt) {
		t.Errorf("look %+v", l)
	}
	_, err := db.RecordLooks(t.Context(), []uptime.Looked{{Look: l, Line: 2, Status: uptime.NG}})
	must(t, err)
	clock.pass(time.Hour)
	if l := looks(t, db, 100)[ids[0]]; l.LastLine != 2 {
		t.Errorf("after line 2: %+v", l)
	}
}

func TestLooksEndAfterSevenDaysAndAreBoundedInNumber(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 1)
	_, ids := seedTarget(t, db, owner, "a.example.jp", uptime.Services()...)
	newTestRecorder(t, db, clock).stop(ids...)
	clock.pass(time.Hour)
	if first, second, third := looks(t, db, 4), looks(t, db, 4), looks(t, db, 4); len(first) != 4 || len(second) != 2 || len(third) != 0 {
		t.Errorf("%d, %d and %d looks", len(first), len(second), len(third))
	}
	clock.pass(7*24*time.Hour - 90*time.Minute)
	if due := looks(t, db, 100); len(due) != 6 {
		t.Errorf("%d looks before the seven days are over", len(due))
	}
	clock.pass(2 * time.Hour)
	if due := looks(t, db, 100); len(due) != 0 {
		t.Errorf("%d looks afterwards", len(due))
	}
}

func TestALookAtWhatWasResumedMeanwhileTellsNobody(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 1)
	resumed, stopped := seedMonitor(t, db, owner, "a.example.jp"), seedMonitor(t, db, owner, "b.example.jp")
	rec := newTestRecorder(t, db, clock)
	rec.stop(resumed, stopped)
	clock.pass(time.Hour)
	for id, l := range looks(t, db, 100) {
		if id == resumed {
			apply(t, db, owner, uptime.Standing.Resume, id)
		} else { // and this one stopped anew
			apply(t, db, owner, uptime.Standing.Resume, id)
			_, err := rec.Reload(t.Context(), []int64{id})
			must(t, err)
			rec.stop(id)
			must(t, db.NoteStops(t.Context()))
		}
		for range 3 {
			if again, err := db.RecordLooks(t.Context(), []uptime.Looked{{Look: l, Line: 1, Status: uptime.OK}}); err != nil || again != 0 {
				t.Errorf("monitor %d: %d, %v", id, again, err)
			}
		}
	}
	if got := noticeMails(t, db, uptime.AgainMail); got != nil {
		t.Errorf("mails %v", got)
	}
	if good := one[int](t, db, `select sum(good) from monitor_stops`); good != 0 {
		t.Errorf("%d good answers of another stop", good)
	}
}

func TestWhatAnswersAgainTogetherIsOneMail(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 1)
	_, ids := seedTarget(t, db, owner, "a.example.jp", uptime.Ping, uptime.HTTP)
	newTestRecorder(t, db, clock).stop(ids...)
	for range 2 {
		clock.pass(time.Hour)
		var found []uptime.Looked
		for _, l := range looks(t, db, 100) {
			found = append(found, uptime.Looked{Look: l, Line: 1, Status: uptime.OK})
		}
		_, err := db.RecordLooks(t.Context(), found)
		must(t, err)
	}
	if got := noticeMails(t, db, uptime.AgainMail); len(got) != 1 || got[0] != "0-a@example.jp: [1, 2]" && got[0] != "0-a@example.jp: [2, 1]" {
		t.Errorf("mails %v", got)
	}
}
