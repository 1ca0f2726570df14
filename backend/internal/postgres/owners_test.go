package postgres

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// names are the hosts of looks at owners that are due.
func names(t *testing.T, db *DB, limit int) (hosts []string) {
	t.Helper()
	looks, err := db.ClaimOwners(t.Context(), limit)
	must(t, err)
	for _, l := range looks {
		hosts = append(hosts, l.Challenge.Host)
	}
	slices.Sort(hosts)
	return hosts
}

func seen(t *testing.T, db *DB, target uptime.Target, f uptime.OwnerFound) {
	t.Helper()
	must(t, db.RecordOwner(t.Context(), uptime.OwnerLook{TargetID: target.ID, AccountID: target.AccountID, Challenge: uptime.NewChallenge(nil, target.Host)}, f))
}

func TestNamesAreLookedAtInSlicesWithinTheDay(t *testing.T) {
	t.Parallel()
	owners, clock := newDB(t)
	db, work := claiming(t, owners), desk(t, owners)
	a := seedAccount(t, owners, "a@example.jp", 0)
	var made []uptime.Target
	for n := range 5 {
		made = append(made, register(t, db, placed(a, fmt.Sprintf("h%d.example.jp", n))))
	}
	register(t, db, placed(a, "192.0.2.1", "192.0.2.1"))
	register(t, db, placed(a, "2001:db8::1", "2001:db8::1"))
	first, second := names(t, work, 3), names(t, work, 3)
	if len(first) != 3 || len(second) != 2 || names(t, work, 3) != nil {
		t.Errorf("%v, then %v", first, second)
	}
	seen(t, work, made[0], uptime.OwnerFound{}) // DNS could not be asked
	clock.pass(time.Hour)
	if got := names(t, work, 9); !slices.Equal(got, []string{"h0.example.jp"}) {
		t.Errorf("after an hour: %v", got)
	}
	_, err := work.ReleaseTarget(t.Context(), made[4].ID)
	must(t, err)
	clock.pass(uptime.OwnerLookEvery)
	if got := names(t, work, 9); len(got) != 4 || slices.Contains(got, "h4.example.jp") {
		t.Errorf("the next day: %v", got)
	}
	if uptime.OwnerLookEvery > 23*time.Hour {
		t.Error("names are not looked at daily")
	}
}

func TestWhoOptsOutIsNotWatchedAndHisWatchersAreMailedOnce(t *testing.T) {
	t.Parallel()
	owners, clock := newDB(t)
	db, work := claiming(t, owners), desk(t, owners)
	a := seedAccount(t, owners, "a@example.jp", 2)
	made := register(t, db, placed(a, "www.example.jp", "192.0.2.1"))
	prove(t, work, made, found(true, 0))
	keep := true
	_, err := db.UpdateMonitor(t.Context(), a, made.Monitors[0].ID, uptime.MonitorPatch{KeepWatching: &keep})
	must(t, err)
	for range 3 {
		seen(t, work, made, uptime.OwnerFound{Known: true, Denied: true})
		clock.pass(24 * time.Hour)
	}
	after := reread(t, db, made)
	if !slices.Equal(states(after), []uptime.State{uptime.Stopped}) || after.DeniedAt.IsZero() {
		t.Errorf("%v, denied %v", states(after), after.DeniedAt)
	}
	if got := losses(t, owners); got != "0-a@example.jp denied, 1-a@example.jp denied" {
		t.Errorf("mails %s", got)
	}
	_, err = db.ResumeTarget(t.Context(), a, made.ID)
	want(t, uptime.ErrHostDenied, err)
	_, err = db.CreateMonitor(t.Context(), uptime.NewMonitor{AccountID: a, TargetID: made.ID, Service: uptime.DNS})
	want(t, uptime.ErrHostDenied, err)
	must(t, work.NoteStops(t.Context()))
	if looks, err := work.ClaimLooks(t.Context(), time.Hour, 10); err != nil || len(looks) != 0 {
		t.Errorf("looked at all the same: %+v, %v", looks, err)
	}
	if n := remind(t, work); n != 0 {
		t.Errorf("%d accounts are reminded to resume it", n)
	}

	seen(t, work, made, uptime.OwnerFound{}) // nothing was learnt
	if reread(t, db, made).DeniedAt.IsZero() {
		t.Error("an opt-out ended because DNS could not be asked")
	}
	seen(t, work, made, uptime.OwnerFound{Known: true})
	if got := states(reread(t, db, made)); !slices.Equal(got, []uptime.State{uptime.Stopped}) {
		t.Errorf("resumed by itself: %v", got)
	}
	_, err = db.ResumeTarget(t.Context(), a, made.ID)
	must(t, err)
}

func TestAnOptOutEndsAProof(t *testing.T) {
	t.Parallel()
	owners, _ := newDB(t)
	db, work := claiming(t, owners), desk(t, owners)
	a := seedAccount(t, owners, "a@example.jp", 0)
	made := prove(t, work, register(t, db, placed(a, "www.example.jp")), found(true, 0))
	keep := true
	_, err := db.UpdateMonitor(t.Context(), a, made.Monitors[0].ID, uptime.MonitorPatch{KeepWatching: &keep})
	must(t, err)
	lookedAt(t, work, made, uptime.Evidence{Denied: true})
	after := reread(t, db, made)
	if after.Proof.State != uptime.ProofLost || after.Monitors[0].KeepWatching || states(after)[0] != uptime.Stopped {
		t.Errorf("%+v", after)
	}
	if got := losses(t, owners); got != "a@example.jp denied" {
		t.Errorf("mails %s", got)
	}
}

func TestAddressesFollowTheName(t *testing.T) {
	t.Parallel()
	owners, clock := newDB(t)
	db, work := claiming(t, owners), desk(t, owners)
	a, b := seedAccount(t, owners, "a@example.jp", 0), seedAccount(t, owners, "b@example.jp", 0)
	made := register(t, db, placed(a, "www.example.jp", "192.0.2.1"))
	moved := uptime.OwnerFound{Known: true, Addrs: []netip.Addr{netip.MustParseAddr("192.0.2.2")}}
	seen(t, work, made, moved)
	refused(t, uptime.ErrHostTaken, db, placed(b, "b.example.jp", "192.0.2.2"))
	clock.pass(uptime.AddressMemory - time.Minute)
	seen(t, work, made, moved)
	refused(t, uptime.ErrHostTaken, db, placed(b, "b.example.jp", "192.0.2.1"))
	clock.pass(time.Hour)
	seen(t, work, made, uptime.OwnerFound{Known: true}) // does not resolve: where it was stays its own
	refused(t, uptime.ErrHostTaken, db, placed(b, "b.example.jp", "192.0.2.1"))
	seen(t, work, made, moved)
	register(t, db, placed(b, "b.example.jp", "192.0.2.1"))
	exec(t, owners, `update targets set pinned = '192.0.2.2', pinned_since = $2 where id = $1`, made.ID, clock.now())
	clock.pass(2 * uptime.AddressMemory)
	seen(t, work, made, uptime.OwnerFound{Known: true, Addrs: []netip.Addr{netip.MustParseAddr("192.0.2.3")}})
	refused(t, uptime.ErrHostTaken, db, placed(b, "c.example.jp", "192.0.2.2")) // it is still watched there
}

func TestACollisionIsAsOldAsTheMove(t *testing.T) {
	t.Parallel()
	owners, clock := newDB(t)
	db, work := claiming(t, owners), desk(t, owners)
	a, b := seedAccount(t, owners, "a@example.jp", 0), seedAccount(t, owners, "b@example.jp", 0)
	register(t, db, placed(a, "192.0.2.1", "192.0.2.1"))
	moved := register(t, db, placed(b, "b.example.jp", "198.51.100.1"))
	began := clock.now()
	for range 3 {
		seen(t, work, moved, uptime.OwnerFound{Known: true, Addrs: []netip.Addr{netip.MustParseAddr("192.0.2.1")}})
		clock.pass(24 * time.Hour)
	}
	if all, err := work.Collisions(t.Context(), 10); err != nil || len(all) != 1 || !all[0].Since.Equal(began) {
		t.Errorf("%+v, %v, want since %v", all, err, began)
	}
	clock.pass(uptime.AddressMemory)
	seen(t, work, moved, uptime.OwnerFound{Known: true, Addrs: []netip.Addr{netip.MustParseAddr("198.51.100.1")}})
	if all, err := work.Collisions(t.Context(), 10); err != nil || len(all) != 0 {
		t.Errorf("moved back: %+v, %v", all, err)
	}
}

func TestWhatIsGoneIsNotLookedAt(t *testing.T) {
	t.Parallel()
	owners, _ := newDB(t)
	db, work := claiming(t, owners), desk(t, owners)
	a := seedAccount(t, owners, "a@example.jp", 1)
	made := prove(t, work, register(t, db, placed(a, "www.example.jp")), found(true, 0))
	must(t, db.DeleteTarget(t.Context(), a, made.ID))
	lookedAt(t, work, made, uptime.Evidence{Denied: true})
	seen(t, work, made, uptime.OwnerFound{Known: true, Denied: true})
	if got := losses(t, owners); got != "" {
		t.Errorf("mails %s", got)
	}
}
