package postgres

import (
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func departure(target int64) uptime.Departure {
	return uptime.Departure{
		Move: uptime.Move{TargetID: target, Host: "www.example.jp", Addr: netip.MustParseAddr("8.8.8.8")}, Country: "US",
	}
}

func TestWhatLeavesTheCountryStopsAndItsContactsAreToldOnce(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 2)
	exec(t, db, `insert into contacts (account_id, email, locale, created_at) values ($1, 'new@example.jp', 'ja', now())`, owner)
	target, ids := seedTarget(t, db, owner, "www.example.jp", uptime.Ping, uptime.HTTP, uptime.DNS)
	other := seedMonitor(t, db, owner, "other.example.jp")
	rec := newTestRecorder(t, db, clock)
	rec.fail(ids[1], 2)
	apply(t, db, owner, uptime.Standing.Pause, ids[2])
	clock.pass(time.Minute)
	heard := listen(t, db)
	work := inRole(t, db, RoleWatch)
	var wg sync.WaitGroup
	for range 4 { // its monitors are looked up at the same time
		wg.Go(func() {
			if err := work.StopAbroad(t.Context(), departure(target)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if a := nextAnnouncement(t.Context(), t, heard); !slices.Equal(a.IDs, ids[:2]) {
		t.Errorf("announced %+v, want %v", a, ids[:2])
	}
	for i, want := range []uptime.State{uptime.Stopped, uptime.Stopped, uptime.Paused} {
		s, _ := standingOf(t, db, ids[i])
		if s.State != want || i < 2 && (!s.StoppedAt.Equal(clock.now()) || s.Generation != 2) {
			t.Errorf("monitor %d: %+v, want it %v", i, s, want)
		}
	}
	if s, _ := standingOf(t, db, other); s.State != uptime.Active {
		t.Errorf("another target's monitor is %v", s.State)
	}
	if n := one[int](t, db, `select count(*) from watch_gaps where monitor_id = any($1) and state = 3 and to_at is null`, intArray(ids[:2])); n != 2 {
		t.Errorf("%d gaps of the stop", n)
	}
	if got := one[time.Time](t, db, `select observed_until from incidents where monitor_id = $1`, ids[1]); !got.Equal(clock.now()) {
		t.Errorf("the incident was observed until %v", got)
	}
	mails := claim(t, work, clock.now())
	if len(mails) != 2 {
		t.Fatalf("%d mails, want one a verified contact", len(mails))
	}
	for _, m := range mails {
		n := m.Notice
		if m.Kind != uptime.CountryMail || m.Locale != "ja" || n.Country != "US" || n.Addr != netip.MustParseAddr("8.8.8.8") || len(n.Monitors) != 2 {
			t.Fatalf("mail %+v", m)
		}
		if w := n.Monitors[1]; w.ID != ids[1] || w.TargetID != target || w.Host != "www.example.jp" || w.Service != uptime.HTTP || w.Port != 80 || !w.StoppedAt.Equal(clock.now()) {
			t.Errorf("monitor %+v", w)
		}
	}
}

func TestTheRecorderLetsAStopByUsStand(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 0)
	target, ids := seedTarget(t, db, owner, "www.example.jp", uptime.HTTP)
	rec := newTestRecorder(t, db, clock)
	rec.fail(ids[0], 1)
	must(t, db.StopAbroad(t.Context(), departure(target)))
	rec.fail(ids[0], 1)
	if s, _ := standingOf(t, db, ids[0]); s.State != uptime.Stopped || s.BadStreak != 1 {
		t.Errorf("standing %+v, want it stopped with the streak it had", s)
	}
	apply(t, db, owner, uptime.Standing.Resume, ids[0])
	if s, _ := standingOf(t, db, ids[0]); s.State != uptime.Active {
		t.Errorf("resumed it is %v", s.State)
	}
}

func TestWithoutVerifiedContactsTheAccountItselfIsTold(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 0)
	exec(t, db, `insert into contacts (account_id, email, locale, created_at) values ($1, 'new@example.jp', 'ja', now())`, owner)
	target, _ := seedTarget(t, db, owner, "www.example.jp", uptime.HTTP)
	must(t, db.StopAbroad(t.Context(), departure(target)))
	if mails := claim(t, db, clock.now()); len(mails) != 1 || mails[0].To != "a@example.jp" || len(mails[0].Notice.Monitors) != 1 {
		t.Errorf("mails %+v", mails)
	}
}

func TestATargetThatIsGoneOrNotWatchedDepartsSilently(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 1)
	target, ids := seedTarget(t, db, owner, "www.example.jp", uptime.HTTP)
	apply(t, db, owner, uptime.Standing.Pause, ids...)
	must(t, db.StopAbroad(t.Context(), departure(target)))
	must(t, db.DeleteTarget(t.Context(), owner, target))
	must(t, db.StopAbroad(t.Context(), departure(target)))
	if mails := claim(t, db, clock.now()); len(mails) != 0 {
		t.Errorf("mails %+v", mails)
	}
}

func TestAMailAboutDeletedMonitorsTellsOfNone(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 1)
	target, _ := seedTarget(t, db, owner, "www.example.jp", uptime.HTTP)
	must(t, db.StopAbroad(t.Context(), departure(target)))
	must(t, db.DeleteTarget(t.Context(), owner, target))
	if mails := claim(t, db, clock.now()); len(mails) != 1 || len(mails[0].Notice.Monitors) != 0 {
		t.Errorf("mails %+v", mails)
	}
}
