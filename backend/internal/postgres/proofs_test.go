package postgres

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// desk is the watchman's pool where hosts are claimed.
func desk(t *testing.T, owners *DB) *DB {
	t.Helper()
	db := inRole(t, owners, RoleWatch)
	db.opts.Claims = true
	return db
}

// found is evidence of the host's addresses, the first of which serve the file.
func found(dns bool, files int, addrs ...string) uptime.Evidence {
	e := uptime.Evidence{DNS: dns}
	for i, a := range addrs {
		e.Addrs = append(e.Addrs, netip.MustParseAddr(a))
		if i < files {
			e.Files = append(e.Files, netip.MustParseAddr(a))
		}
	}
	return e
}

func prove(t *testing.T, db *DB, target uptime.Target, e uptime.Evidence) uptime.Target {
	t.Helper()
	after, err := db.Prove(t.Context(), target.AccountID, target.ID, e)
	must(t, err)
	return after
}

// lookedAt keeps what a weekly look found.
func lookedAt(t *testing.T, db *DB, target uptime.Target, e uptime.Evidence) {
	t.Helper()
	must(t, db.RecordProof(t.Context(), uptime.OwnerLook{TargetID: target.ID, AccountID: target.AccountID, Challenge: target.Proof.Challenge}, e))
}

func reread(t *testing.T, db *DB, target uptime.Target) uptime.Target {
	t.Helper()
	again, err := db.Target(t.Context(), target.AccountID, target.ID)
	must(t, err)
	return again
}

func states(target uptime.Target) (all []uptime.State) {
	for _, m := range target.Monitors {
		all = append(all, m.Standing.State)
	}
	return all
}

func losses(t *testing.T, db *DB) string {
	t.Helper()
	return one[string](t, db, `select coalesce(string_agg(email || ' ' || (params->>'lost'), ', ' order by id), '') from mails where kind = 'claim_lost'`)
}

func TestAProofHasItsStates(t *testing.T) {
	t.Parallel()
	owners, clock := newDB(t)
	db, work := claiming(t, owners), desk(t, owners)
	a := seedAccount(t, owners, "a@example.jp", 0)
	made := register(t, db, placed(a, "www.example.jp", "192.0.2.1"))
	if p := made.Proof; p.State != uptime.ProofNone || p.Method != "" || !p.CheckedAt.IsZero() || len(p.Token) != 26 {
		t.Errorf("new: %+v", p)
	}
	if c, err := db.Challenge(t.Context(), a, "www.example.jp"); err != nil || c != made.Proof.Challenge {
		t.Errorf("challenge %v, %v", c, err)
	}
	if p := prove(t, work, made, found(false, 0, "192.0.2.1")).Proof; p.State != uptime.ProofPending || !p.CheckedAt.Equal(clock.now()) {
		t.Errorf("looked for in vain: %+v", p)
	}
	clock.pass(time.Hour)
	won := clock.now()
	if p := prove(t, work, made, found(false, 1, "192.0.2.1")).Proof; p.State != uptime.ProofProven || p.Method != "http" || !p.ProvenAt.Equal(won) {
		t.Errorf("found: %+v", p)
	}
	proven, err := db.Proven(t.Context(), a, made.ID)
	if err != nil || !proven {
		t.Errorf("proven %v, %v", proven, err)
	}
	clock.pass(time.Hour)
	if p := prove(t, work, made, found(true, 0, "192.0.2.1")).Proof; p.Method != "dns" || !p.ProvenAt.Equal(won) || !p.CheckedAt.Equal(clock.now()) {
		t.Errorf("found elsewhere: %+v", p)
	}
	other := seedAccount(t, owners, "b@example.jp", 0)
	_, err = db.Proven(t.Context(), other, made.ID)
	want(t, uptime.ErrNotFound, err)
	_, err = work.Prove(t.Context(), other, made.ID, found(true, 0))
	want(t, uptime.ErrNotFound, err)
}

func TestAProofIsLostAfterThreeDaysOfLooksInVain(t *testing.T) {
	t.Parallel()
	owners, clock := newDB(t)
	db, work := claiming(t, owners), desk(t, owners)
	a := seedAccount(t, owners, "a@example.jp", 1)
	n := placed(a, "www.example.jp", "192.0.2.1")
	made := prove(t, work, register(t, db, n), found(true, 0, "192.0.2.1"))
	_, err := db.CreateMonitor(t.Context(), uptime.NewMonitor{AccountID: a, TargetID: made.ID, Service: uptime.TCP, Port: 8443})
	must(t, err)
	keep := true
	_, err = db.UpdateMonitor(t.Context(), a, made.Monitors[0].ID, uptime.MonitorPatch{KeepWatching: &keep})
	must(t, err)
	due := func() int {
		looks, err := work.ClaimProofs(t.Context(), 10)
		must(t, err)
		for _, l := range looks {
			if l.TargetID != made.ID || l.Challenge != made.Proof.Challenge {
				t.Errorf("look %+v", l)
			}
		}
		return len(looks)
	}
	clock.pass(7*24*time.Hour - time.Minute)
	if due() != 0 {
		t.Error("looked at within a week")
	}
	clock.pass(time.Minute)
	if due() != 1 || due() != 0 {
		t.Error("a look that is due was not claimed once")
	}
	vain := uptime.Evidence{}
	lookedAt(t, work, made, vain)
	for day := 1; day <= 2; day++ {
		clock.pass(24 * time.Hour)
		if due() != 1 {
			t.Errorf("day %d: nothing is due", day)
		}
		lookedAt(t, work, made, vain)
		lookedAt(t, work, made, uptime.Evidence{Unknown: true})
		if p := reread(t, db, made).Proof; p.State != uptime.ProofProven {
			t.Fatalf("lost on day %d", day)
		}
	}
	clock.pass(24 * time.Hour)
	lookedAt(t, work, made, vain)
	after := reread(t, db, made)
	if p := after.Proof; p.State != uptime.ProofLost || p.Method != "" || !p.ProvenAt.IsZero() {
		t.Errorf("after three days %+v", p)
	}
	if after.Monitors[0].KeepWatching || !slices.Equal(states(after), []uptime.State{uptime.Active, uptime.Stopped}) {
		t.Errorf("kept going %v, states %v", after.Monitors[0].KeepWatching, states(after))
	}
	if got := losses(t, owners); got != "0-a@example.jp proof_lost" {
		t.Errorf("mails %s", got)
	}
	_, err = db.ResumeMonitor(t.Context(), a, after.Monitors[1].ID)
	want(t, uptime.ErrProofRequired, err)
	prove(t, work, made, found(true, 0))
	_, err = db.ResumeMonitor(t.Context(), a, after.Monitors[1].ID)
	must(t, err)
}

func TestAGoodLookForgivesThoseInVain(t *testing.T) {
	t.Parallel()
	owners, clock := newDB(t)
	db, work := claiming(t, owners), desk(t, owners)
	a := seedAccount(t, owners, "a@example.jp", 0)
	made := prove(t, work, register(t, db, placed(a, "www.example.jp")), found(true, 0))
	for range 4 {
		for range 2 {
			lookedAt(t, work, made, uptime.Evidence{})
			clock.pass(24 * time.Hour)
		}
		lookedAt(t, work, made, found(true, 0))
		clock.pass(24 * time.Hour)
	}
	for range 10 { // many looks on one day are not three days
		prove(t, work, made, uptime.Evidence{})
	}
	if p := reread(t, db, made).Proof; p.State != uptime.ProofProven {
		t.Errorf("%+v", p)
	}
}

func TestAProvenHostDisplacesWhoHasNoProof(t *testing.T) {
	t.Parallel()
	owners, _ := newDB(t)
	db, work := claiming(t, owners), desk(t, owners)
	squatter, owner := seedAccount(t, owners, "squatter@example.jp", 1), seedAccount(t, owners, "owner@example.jp", 1)
	taken := register(t, db, placed(squatter, "www.example.jp", "192.0.2.1"))
	literal := register(t, db, placed(squatter, "192.0.2.2", "192.0.2.2"))
	apart := register(t, db, placed(squatter, "apart.example.jp", "198.51.100.1"))
	mine := placed(owner, "www.example.jp", "192.0.2.1", "192.0.2.2")

	if _, err := work.CreateProven(t.Context(), mine, found(false, 1, "192.0.2.1", "192.0.2.2")); err == nil {
		t.Fatal("an address that does not serve the proof was taken")
	}
	if got := losses(t, owners); got != "" || !reread(t, db, taken).DisplacedAt.IsZero() {
		t.Fatalf("a refusal left %s", got)
	}
	made, err := work.CreateProven(t.Context(), mine, found(false, 2, "192.0.2.1", "192.0.2.2"))
	if err != nil || made.Proof.State != uptime.ProofProven || !made.DisplacedAt.IsZero() || states(made)[0] != uptime.Active {
		t.Fatalf("%+v, %v", made, err)
	}
	for _, lost := range []uptime.Target{taken, literal} {
		after := reread(t, db, lost)
		if after.DisplacedAt.IsZero() || !slices.Equal(states(after), []uptime.State{uptime.Stopped}) {
			t.Errorf("%s: displaced %v, %v", lost.Host, after.DisplacedAt, states(after))
		}
	}
	if after := reread(t, db, apart); !after.DisplacedAt.IsZero() || states(after)[0] != uptime.Active {
		t.Errorf("another host of the account: %+v", after)
	}
	if got := losses(t, owners); got != "0-squatter@example.jp proven, 0-squatter@example.jp proven" {
		t.Errorf("mails %s", got)
	}
	must(t, work.SettleClaims(t.Context()))
	if n := one[int](t, owners, `select count(*) from address_claims where account_id = $1`, owner); n != 2 {
		t.Errorf("%d addresses are the owner's", n)
	}
	for name, try := range map[string]func() error{
		"a monitor":  func() error { _, err := db.ResumeMonitor(t.Context(), squatter, taken.Monitors[0].ID); return err },
		"the target": func() error { _, err := db.ResumeTarget(t.Context(), squatter, taken.ID); return err },
		"by their ids": func() error {
			_, err := db.ResumeMonitors(t.Context(), squatter, []int64{taken.Monitors[0].ID})
			return err
		},
		"a new one": func() error {
			_, err := db.CreateMonitor(t.Context(), uptime.NewMonitor{AccountID: squatter, TargetID: taken.ID, Service: uptime.DNS})
			return err
		},
		"by a proof": func() error {
			_, err := work.Prove(t.Context(), squatter, taken.ID, found(true, 1, "192.0.2.1"))
			return err
		},
	} {
		t.Log(name)
		want(t, uptime.ErrHostTaken, try())
	}
	if n, err := db.ResumeStopped(t.Context(), squatter); n != 0 || err != nil {
		t.Errorf("all stopped: %d resumed, %v", n, err)
	}
}

func TestDNSProvesANameAndNotItsAddresses(t *testing.T) {
	t.Parallel()
	owners, _ := newDB(t)
	db, work := claiming(t, owners), desk(t, owners)
	victim, thief := seedAccount(t, owners, "victim@example.jp", 1), seedAccount(t, owners, "thief@example.jp", 0)
	host := register(t, db, placed(victim, "192.0.2.1", "192.0.2.1"))
	_, err := work.CreateProven(t.Context(), placed(thief, "thief.example.jp", "192.0.2.1"), found(true, 0, "192.0.2.1"))
	want(t, uptime.ErrHostTaken, err)

	elsewhere := register(t, db, placed(thief, "thief.example.jp", "198.51.100.1"))
	prove(t, work, elsewhere, found(true, 0, "192.0.2.1")) // points there since then
	if after := reread(t, db, host); !after.DisplacedAt.IsZero() || states(after)[0] != uptime.Active || losses(t, owners) != "" {
		t.Errorf("the victim's: %+v", after)
	}
	if all, err := work.Collisions(t.Context(), 10); err != nil || len(all) != 1 || all[0].Target.ID != elsewhere.ID {
		t.Errorf("collisions %+v, %v", all, err)
	}
}

func TestAProvenHolderKeepsWhatIsHis(t *testing.T) {
	t.Parallel()
	owners, _ := newDB(t)
	db, work := claiming(t, owners), desk(t, owners)
	a, b := seedAccount(t, owners, "a@example.jp", 1), seedAccount(t, owners, "b@example.jp", 1)
	prove(t, work, register(t, db, placed(a, "www.example.jp", "192.0.2.1")), found(true, 0, "192.0.2.1"))
	second := register(t, db, placed(a, "mail.example.jp", "192.0.2.1")) // unproven, at an address where another is
	_, err := work.CreateProven(t.Context(), placed(b, "www.example.jp"), found(true, 0))
	want(t, uptime.ErrHostTaken, err)
	_, err = work.CreateProven(t.Context(), placed(b, "b.example.jp", "192.0.2.1"), found(true, 1, "192.0.2.1"))
	want(t, uptime.ErrHostTaken, err)
	if after := reread(t, db, second); !after.DisplacedAt.IsZero() || losses(t, owners) != "" {
		t.Errorf("%+v", after)
	}
}

func TestWhoWasDisplacedGetsTheHostBackByAProof(t *testing.T) {
	t.Parallel()
	owners, _ := newDB(t)
	db, work := claiming(t, owners), desk(t, owners)
	a, b := seedAccount(t, owners, "a@example.jp", 0), seedAccount(t, owners, "b@example.jp", 0)
	first := register(t, db, placed(a, "www.example.jp", "192.0.2.1"))
	account, err := work.ReleaseTarget(t.Context(), first.ID)
	if err != nil || account != a {
		t.Fatalf("released of %d, %v", account, err)
	}
	must(t, work.SettleClaims(t.Context()))
	second := register(t, db, placed(b, "www.example.jp", "192.0.2.1"))
	back := prove(t, work, first, found(false, 1, "192.0.2.1"))
	if !back.DisplacedAt.IsZero() || reread(t, db, second).DisplacedAt.IsZero() {
		t.Errorf("the first is displaced at %v, the second at %v", back.DisplacedAt, reread(t, db, second).DisplacedAt)
	}
	if got := losses(t, owners); got != "a@example.jp released, b@example.jp proven" {
		t.Errorf("mails %s", got)
	}
	resumed, err := db.ResumeTarget(t.Context(), a, first.ID)
	if err != nil || states(resumed)[0] != uptime.Active {
		t.Errorf("%v, %v", states(resumed), err)
	}
	_, err = work.ReleaseTarget(t.Context(), 424242)
	want(t, uptime.ErrNotFound, err)
}

func TestATargetThatIsDisplacedWhileItIsResumedStaysStopped(t *testing.T) {
	t.Parallel()
	owners, _ := newDB(t)
	db, work := claiming(t, owners), desk(t, owners)
	a := seedAccount(t, owners, "a@example.jp", 0)
	for round := range 15 {
		made := register(t, db, placed(a, fmt.Sprintf("h%d.example.jp", round), fmt.Sprintf("192.0.2.%d", round)))
		apply(t, owners, a, uptime.Standing.Pause, made.Monitors[0].ID)
		var wg sync.WaitGroup
		late := func(err error) {
			if err != nil && !errors.Is(err, uptime.ErrHostTaken) {
				t.Errorf("round %d: %v", round, err)
			}
		}
		wg.Go(func() {
			_, err := db.ResumeTarget(t.Context(), a, made.ID)
			late(err)
		})
		wg.Go(func() {
			_, err := db.CreateMonitor(t.Context(), uptime.NewMonitor{AccountID: a, TargetID: made.ID, Service: uptime.DNS})
			late(err)
		})
		wg.Go(func() {
			if _, err := work.ReleaseTarget(t.Context(), made.ID); err != nil {
				t.Errorf("release: %v", err)
			}
		})
		wg.Wait()
		if after := reread(t, db, made); slices.Contains(states(after), uptime.Active) || after.DisplacedAt.IsZero() {
			t.Errorf("round %d: %v, displaced %v", round, states(after), after.DisplacedAt)
		}
	}
}

func TestNothingIsWatchedWithoutProofWhereItIsRequired(t *testing.T) {
	t.Parallel()
	owners, _ := newDB(t)
	db, work := claiming(t, owners), desk(t, owners)
	db.opts.RequireProof, work.opts.RequireProof = true, true
	a := seedAccount(t, owners, "a@example.jp", 1)
	made := register(t, db, placed(a, "www.example.jp", "192.0.2.1"))
	more, err := db.CreateMonitor(t.Context(), uptime.NewMonitor{AccountID: a, TargetID: made.ID, Service: uptime.HTTP})
	if err != nil || more.Standing.State != uptime.Paused || states(made)[0] != uptime.Paused {
		t.Fatalf("%v and %v, %v", states(made), more.Standing.State, err)
	}
	_, err = db.ResumeTarget(t.Context(), a, made.ID)
	want(t, uptime.ErrProofRequired, err)
	prove(t, work, made, uptime.Evidence{})
	if got := states(reread(t, db, made)); slices.Contains(got, uptime.Active) {
		t.Errorf("looked for in vain: %v", got)
	}
	if got := states(prove(t, work, made, found(true, 0))); !slices.Equal(got, []uptime.State{uptime.Active, uptime.Active}) {
		t.Errorf("proven: %v", got)
	}
	exec(t, owners, `update proofs set failures = 9, failing_since = checked_at - interval '4 days'`)
	lookedAt(t, work, made, uptime.Evidence{})
	if got := states(reread(t, db, made)); !slices.Equal(got, []uptime.State{uptime.Stopped, uptime.Stopped}) {
		t.Errorf("lost: %v", got)
	}
	if got := losses(t, owners); got != "0-a@example.jp proof_lost" {
		t.Errorf("mails %s", got)
	}
}
