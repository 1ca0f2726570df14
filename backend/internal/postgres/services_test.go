package postgres

import (
	"testing"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func keep(t *testing.T, db *DB, account, id int64, yes bool) uptime.Monitor {
	t.Helper()
	m, err := db.UpdateMonitor(t.Context(), account, id, uptime.MonitorPatch{KeepWatching: &yes})
	must(t, err)
	return m
}

func TestFailuresStopAMonitorUnlessItIsKeptGoing(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 1)
	kept, ordinary := seedMonitor(t, db, owner, "a.example.jp"), seedMonitor(t, db, owner, "b.example.jp")
	rec := newTestRecorder(t, db, clock) // holds both before anything changes
	rec.fail(kept, 1)
	if m := keep(t, inRole(t, db, RoleAPI), owner, kept, true); !m.KeepWatching {
		t.Errorf("answered %+v", m)
	}
	for range 6 {
		rec.record(uptime.Timeout, kept, ordinary)
	}
	if s, _ := standingOf(t, db, kept); s.State != uptime.Active || s.BadStreak != 7 {
		t.Errorf("kept going: %+v", s)
	}
	if s, _ := standingOf(t, db, ordinary); s.State != uptime.Stopped || s.BadStreak != 4 {
		t.Errorf("ordinary: %+v", s)
	}
	form(t, db, clock.now(), 0)
	for _, m := range claim(t, db, clock.now()) {
		for _, a := range m.Alerts {
			if a.KeepWatching != (a.MonitorID == kept) {
				t.Errorf("alert of %d says %v", a.MonitorID, a.KeepWatching)
			}
		}
	}
	rec = newTestRecorder(t, db, clock) // after a restart
	rec.fail(kept, 1)
	if s, _ := standingOf(t, db, kept); s.State != uptime.Active || s.BadStreak != 8 {
		t.Errorf("after a restart: %+v", s)
	}
	keep(t, db, owner, kept, false)
	rec.fail(kept, 1)
	if s, _ := standingOf(t, db, kept); s.State != uptime.Stopped || s.BadStreak != 9 {
		t.Errorf("no longer kept going: %+v", s)
	}
}

func TestKeepingGoingAgainChangesNothing(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 0)
	id := seedMonitor(t, db, owner, "a.example.jp")
	keep(t, db, owner, id, true)
	_, version := standingOf(t, db, id)
	keep(t, db, owner, id, true)
	if _, again := standingOf(t, db, id); again != version {
		t.Errorf("version %d → %d", version, again)
	}
	stranger := seedAccount(t, db, "b@example.jp", 0)
	no := false
	_, err := db.UpdateMonitor(t.Context(), stranger, id, uptime.MonitorPatch{KeepWatching: &no})
	want(t, uptime.ErrNotFound, err)
	if m, err := db.Monitor(t.Context(), owner, id); err != nil || !m.KeepWatching {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestATargetHasManyPortsOfTCPEachOnce(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 0)
	made, err := db.CreateTarget(t.Context(), uptime.NewTarget{
		AccountID: owner, Host: "a.example.jp", Services: []uptime.Service{uptime.HTTP}, TCP: []uint16{8443, 80},
	})
	must(t, err)
	var got []uptime.Endpoint
	for _, m := range made.Monitors {
		got = append(got, uptime.Endpoint{Service: m.Service, Port: m.Port})
	}
	if len(got) != 3 || got[0].Service != uptime.HTTP || got[1] != (uptime.Endpoint{Service: uptime.TCP, Port: 80}) || got[2].Port != 8443 {
		t.Errorf("monitors %+v", got)
	}
	another := uptime.NewMonitor{AccountID: owner, TargetID: made.ID, Service: uptime.TCP, Port: 22}
	if m, err := db.CreateMonitor(t.Context(), another); err != nil || m.Port != 22 || m.Service != uptime.TCP {
		t.Errorf("%+v, %v", m, err)
	}
	_, err = db.CreateMonitor(t.Context(), another)
	want(t, uptime.ErrConflict, err)
	rec := newTestRecorder(t, db, clock)
	assigned, err := rec.Load(t.Context(), 0, 100)
	must(t, err)
	if len(assigned) != 4 || assigned[2].Service != uptime.TCP || assigned[2].Port != 8443 {
		t.Errorf("to be watched: %+v", assigned)
	}
}
