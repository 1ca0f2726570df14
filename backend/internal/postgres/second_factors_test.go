package postgres

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// enable proposes a second factor and turns it on by step 100, with two
// recovery codes.
func enable(t *testing.T, db *DB, owner int64, keep string) {
	t.Helper()
	must(t, db.ProposeSecondFactor(t.Context(), owner, []byte("sealed")))
	must(t, db.EnableSecondFactor(t.Context(), account.SecondFactorChange{
		AccountID: owner, Sealed: []byte("sealed"), Step: 100, CodeHashes: [][]byte{{1}, {2}}, KeepSession: keep,
	}))
}

func TestASecondFactorIsProposedThenTurnedOn(t *testing.T) {
	t.Parallel()
	owner, _ := newDB(t)
	db := inRole(t, owner, RoleAPI)
	id, other := seedAccount(t, owner, "a@example.jp", 0), seedAccount(t, owner, "b@example.jp", 0)
	kept, ended, foreign := newSession(t, db, id), newSession(t, db, id), newSession(t, db, other)
	_, err := db.SecondFactor(t.Context(), id)
	want(t, uptime.ErrNotFound, err)
	change := account.SecondFactorChange{AccountID: id, Sealed: []byte("first"), Step: 100, CodeHashes: [][]byte{{1}}, KeepSession: kept}
	want(t, uptime.ErrConflict, db.EnableSecondFactor(t.Context(), change)) // nothing was proposed
	must(t, db.ProposeSecondFactor(t.Context(), id, []byte("first")))
	must(t, db.ProposeSecondFactor(t.Context(), id, []byte("sealed")))
	want(t, uptime.ErrConflict, db.EnableSecondFactor(t.Context(), change)) // was replaced
	want(t, uptime.ErrNotFound, db.TakeStep(t.Context(), id, 101))          // is only proposed
	want(t, uptime.ErrNotFound, db.ReplaceRecoveryCodes(t.Context(), id, [][]byte{{1}}))
	want(t, uptime.ErrNotFound, db.DisableSecondFactor(t.Context(), id))
	_, err = db.SessionAccount(t.Context(), ended)
	must(t, err) // nothing was changed

	enable(t, db, id, kept)
	known, err := db.SecondFactor(t.Context(), id)
	if err != nil || string(known.Sealed) != "sealed" || !known.EnabledAt.Equal(noon) || known.CodesLeft != 2 {
		t.Errorf("%+v %v", known, err)
	}
	_, err = db.SessionAccount(t.Context(), ended)
	want(t, uptime.ErrNotFound, err)
	a, err := db.SessionAccount(t.Context(), kept)
	if err != nil || !a.SecondFactorAt.Equal(noon) {
		t.Errorf("%+v %v", a, err)
	}
	b, err := db.SessionAccount(t.Context(), foreign)
	if err != nil || !b.SecondFactorAt.IsZero() {
		t.Errorf("another account: %+v %v", b, err)
	}
	want(t, uptime.ErrConflict, db.ProposeSecondFactor(t.Context(), id, []byte("x")))
	change.Sealed = []byte("sealed")
	want(t, uptime.ErrConflict, db.EnableSecondFactor(t.Context(), change))
}

func TestATimeStepAndARecoveryCodeAreTakenByOneOfMany(t *testing.T) {
	t.Parallel()
	owner, _ := newDB(t)
	db := inRole(t, owner, RoleAPI)
	id, other := seedAccount(t, owner, "a@example.jp", 0), seedAccount(t, owner, "b@example.jp", 0)
	enable(t, db, id, newSession(t, db, id))
	want(t, uptime.ErrNotFound, db.TakeStep(t.Context(), id, 100)) // turned it on
	want(t, uptime.ErrNotFound, db.TakeStep(t.Context(), other, 101))
	want(t, uptime.ErrNotFound, db.TakeRecoveryCode(t.Context(), other, []byte{1}))
	var steps, codes atomic.Int32
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if db.TakeStep(t.Context(), id, 101) == nil {
				steps.Add(1)
			}
			if db.TakeRecoveryCode(t.Context(), id, []byte{1}) == nil {
				codes.Add(1)
			}
		})
	}
	wg.Wait()
	if steps.Load() != 1 || codes.Load() != 1 {
		t.Errorf("taken %d and %d times", steps.Load(), codes.Load())
	}
	must(t, db.TakeStep(t.Context(), id, 103))
	want(t, uptime.ErrNotFound, db.TakeStep(t.Context(), id, 102)) // is older
	want(t, uptime.ErrNotFound, db.TakeRecoveryCode(t.Context(), id, []byte{1}))
	must(t, db.ReplaceRecoveryCodes(t.Context(), id, [][]byte{{3}, {4}, {5}}))
	want(t, uptime.ErrNotFound, db.TakeRecoveryCode(t.Context(), id, []byte{2}))
	must(t, db.TakeRecoveryCode(t.Context(), id, []byte{3}))
	if known, err := db.SecondFactor(t.Context(), id); err != nil || known.CodesLeft != 2 {
		t.Errorf("%+v %v", known, err)
	}
}

func TestNothingIsLeftOfASecondFactorThatIsOff(t *testing.T) {
	t.Parallel()
	owner, _ := newDB(t)
	db := inRole(t, owner, RoleAPI)
	id, other := seedAccount(t, owner, "a@example.jp", 0), seedAccount(t, owner, "b@example.jp", 0)
	enable(t, db, id, newSession(t, db, id))
	enable(t, db, other, newSession(t, db, other))
	must(t, db.DisableSecondFactor(t.Context(), id))
	want(t, uptime.ErrNotFound, db.DisableSecondFactor(t.Context(), id))
	want(t, uptime.ErrNotFound, db.TakeStep(t.Context(), id, 200))
	if n := one[int](t, owner, `select (select count(*) from second_factors) * 10 + (select count(*) from recovery_codes)`); n != 12 {
		t.Errorf("left: %d", n)
	}
	newSession(t, db, id) // with the password only
	exec(t, owner, `delete from accounts where id = $1`, other)
	if n := one[int](t, owner, `select (select count(*) from second_factors) + (select count(*) from recovery_codes)`); n != 0 {
		t.Errorf("left of a deleted account: %d", n)
	}
}

func TestASignInThatMissedTheSecondFactorGetsNoSession(t *testing.T) {
	t.Parallel()
	owner, _ := newDB(t)
	db := inRole(t, owner, RoleAPI)
	id := seedAccount(t, owner, "a@example.jp", 0)
	late := account.NewSession{ID: account.NewID(), AccountID: id, RefreshHash: token().Hash, ExpiresAt: noon.Add(time.Hour)}
	keep := newSession(t, db, id)

	// The sign-in waits for the one who is just turning it on.
	must(t, db.ProposeSecondFactor(t.Context(), id, []byte("sealed")))
	tx, err := db.x.BeginTxx(t.Context(), nil)
	must(t, err)
	must(t, txn{tx, noon}.as(t.Context(), id))
	_, err = tx.ExecContext(t.Context(), enableFactorSQL, id, noon)
	must(t, err)
	signedIn := make(chan error, 1)
	go func() { signedIn <- db.CreateSession(t.Context(), late) }()
	waitForLock(t, owner)
	must(t, tx.Commit())
	want(t, uptime.ErrNotFound, <-signedIn)

	_, err = db.SessionAccount(t.Context(), keep)
	must(t, err)
	late.SecondFactor = true
	must(t, db.CreateSession(t.Context(), late))
}

// waitForLock returns once somebody in the database waits for a row.
func waitForLock(t *testing.T, db *DB) {
	t.Helper()
	const waiting = `
select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')`
	for deadline := time.Now().Add(20 * time.Second); !one[bool](t, db, waiting); {
		if time.Now().After(deadline) {
			t.Fatal("nobody waits")
		}
	}
}
