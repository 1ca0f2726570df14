package postgres

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func disable(t *testing.T, db *DB, id int64, yes bool) {
	t.Helper()
	_, err := db.ChangeAccount(t.Context(), id, account.OverviewPatch{Disabled: &yes})
	must(t, err)
}

func allStates(t *testing.T, db *DB, ids []int64) (all []uptime.State) {
	t.Helper()
	for _, id := range ids {
		s, _ := standingOf(t, db, id)
		all = append(all, s.State)
	}
	return all
}

func TestADisabledAccountIsNeitherWatchedNorMailed(t *testing.T) {
	t.Parallel()
	owner, clock := newDB(t)
	db := inRole(t, owner, RoleWatch)
	id := seedAccount(t, owner, "a@example.jp", 1)
	_, ids := seedTarget(t, owner, id, "a.example.jp", uptime.Ping, uptime.HTTP, uptime.FTP)
	other := seedAccount(t, owner, "b@example.jp", 1)
	_, others := seedTarget(t, owner, other, "b.example.jp", uptime.Ping)
	r := newTestRecorder(t, owner, clock)
	r.record(uptime.Timeout, ids[0])
	r.record(uptime.Timeout, ids[0]) // its mail is owed
	r.stop(ids[1])
	_, err := owner.PauseMonitor(t.Context(), id, ids[2])
	must(t, err)
	before := allStates(t, owner, ids)

	disable(t, db, id, true)
	disable(t, db, id, true) // twice is once
	if got := allStates(t, owner, ids); !slices.Equal(got, []uptime.State{uptime.Paused, uptime.Stopped, uptime.Paused}) {
		t.Errorf("watched: %v", got)
	}
	if got := allStates(t, owner, others); got[0] != uptime.Active {
		t.Errorf("another's: %v", got)
	}
	clock.pass(time.Hour)
	if mails := claim(t, owner, clock.now()); len(mails) != 0 {
		t.Errorf("mails %+v", mails)
	}
	if n, err := owner.ResumeStopped(t.Context(), id); err != nil || n != 0 { // a call that was under way
		t.Errorf("resumed %d, %v", n, err)
	}
	if _, err := owner.CreateTarget(t.Context(), uptime.NewTarget{AccountID: id, Host: "c.example.jp", Services: []uptime.Service{uptime.Ping}}); !errors.Is(err, uptime.ErrNotFound) {
		t.Errorf("made: %v", err)
	}

	clock.pass(time.Hour)
	disable(t, db, id, false)
	if got := allStates(t, owner, ids); !slices.Equal(got, before) {
		t.Errorf("afterwards %v, before %v", got, before)
	}
	if n := one[int](t, owner, `select count(*) from suspended_monitors`); n != 0 {
		t.Errorf("%d are remembered", n)
	}
}

func TestDisablingEndsSessionsForGood(t *testing.T) {
	t.Parallel()
	owner, _ := newDB(t)
	db := inRole(t, owner, RoleWatch)
	id := seedAccount(t, owner, "a@example.jp", 1)
	exec(t, owner, `insert into sessions (id, account_id, refresh_hash, created_at, used_at, expires_at)
		values ('00000000-0000-4000-8000-000000000001', $1, 'x', now(), now(), now() + interval '1 day')`, id)
	disable(t, db, id, true)
	disable(t, db, id, false)
	if n := one[int](t, owner, `select count(*) from sessions where ended_at is null`); n != 0 {
		t.Errorf("%d sessions live", n)
	}
}

func TestOneOperatorAlwaysStays(t *testing.T) {
	t.Parallel()
	owner, _ := newDB(t)
	db := inRole(t, owner, RoleWatch)
	ids := []int64{seedAccount(t, owner, "a@example.jp", 1), seedAccount(t, owner, "b@example.jp", 1), seedAccount(t, owner, "c@example.jp", 1)}
	exec(t, owner, `update accounts set role = 'operator' where email <> 'c@example.jp'`)
	yes, user := true, account.User
	patches := []account.OverviewPatch{{Disabled: &yes}, {Role: &user}}
	errs := make([]error, len(patches))
	var all sync.WaitGroup
	for i, p := range patches {
		all.Go(func() { _, errs[i] = db.ChangeAccount(t.Context(), ids[i], p) })
	}
	all.Wait()
	if (errs[0] == nil) == (errs[1] == nil) || !errors.Is(errors.Join(errs...), account.ErrLastOperator) {
		t.Errorf("%v", errs)
	}
	if n := one[int](t, owner, `select count(*) from accounts where role = 'operator' and disabled_at is null`); n != 1 {
		t.Errorf("%d operators", n)
	}
	if _, err := db.ChangeAccount(t.Context(), ids[2], account.OverviewPatch{Disabled: &yes}); err != nil {
		t.Errorf("an ordinary account: %v", err)
	}
	if _, err := db.ChangeAccount(t.Context(), 1_000_000, account.OverviewPatch{Disabled: &yes}); !errors.Is(err, uptime.ErrNotFound) {
		t.Errorf("nobody: %v", err)
	}
}

func TestAccountsAreFoundByAPartOfTheirAddressOrTheirID(t *testing.T) {
	t.Parallel()
	owner, _ := newDB(t)
	db := inRole(t, owner, RoleWatch)
	a, b := seedAccount(t, owner, "Akane%1@example.jp", 2), seedAccount(t, owner, "aoi@example.com", 1)
	seedTarget(t, owner, a, "a.example.jp", uptime.Ping, uptime.HTTP)
	disable(t, db, b, true)
	yes, no := true, false
	for _, c := range []struct {
		f    account.OverviewFilter
		want []int64
	}{
		{account.OverviewFilter{}, []int64{a, b}},
		{account.OverviewFilter{Text: "AKANE%"}, []int64{a}},
		{account.OverviewFilter{Text: "_"}, nil},
		{account.OverviewFilter{Text: "example.com"}, []int64{b}},
		{account.OverviewFilter{Disabled: &yes}, []int64{b}},
		{account.OverviewFilter{Disabled: &no}, []int64{a}},
		{account.OverviewFilter{Role: account.Operator}, nil},
		{account.OverviewFilter{After: a}, []int64{b}},
	} {
		c.f.Limit = 10
		all, err := db.Overviews(t.Context(), c.f)
		must(t, err)
		var got []int64
		for _, o := range all {
			got = append(got, o.ID)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v, want %v", c.f, got, c.want)
		}
	}
	o, err := db.Overview(t.Context(), a)
	if err != nil || o.Used != (account.Used{Targets: 1, Monitors: 2, Contacts: 2}) || o.Email != "Akane%1@example.jp" {
		t.Errorf("%+v, %v", o, err)
	}
}
