package postgres

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// signIn makes a session that is good for a day from noon.
func signIn(t *testing.T, db *DB) (session string, newest account.Token) {
	t.Helper()
	owner := seedAccount(t, db, "a@example.jp", 0)
	session, newest = account.NewID(), token()
	must(t, db.CreateSession(t.Context(), account.NewSession{
		ID: session, AccountID: owner, RefreshHash: newest.Hash, ExpiresAt: noon.Add(24 * time.Hour),
	}))
	return session, newest
}

func rotation(session string, from, to account.Token) account.Rotation {
	return account.Rotation{SessionID: session, OldHash: from.Hash, NewHash: to.Hash, ExpiresAt: noon.Add(48 * time.Hour)}
}

func TestARefreshTokenIsExchangedForTheNext(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	session, first := signIn(t, db)
	second := token()
	a, rotated, err := db.RotateSession(t.Context(), rotation(session, first, second))
	if err != nil || !rotated || a.Email != "a@example.jp" {
		t.Fatalf("%+v %v %v", a, rotated, err)
	}
	clock.pass(30 * time.Hour) // the first expiry has moved
	if _, rotated, err = db.RotateSession(t.Context(), rotation(session, second, token())); err != nil || !rotated {
		t.Errorf("%v %v", rotated, err)
	}
}

func TestTheTokenBeforeIsTakenForAMomentOnly(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	session, first := signIn(t, db)
	second := token()
	_, _, err := db.RotateSession(t.Context(), rotation(session, first, second))
	must(t, err)
	clock.pass(account.RefreshGrace)
	if _, rotated, err := db.RotateSession(t.Context(), rotation(session, first, token())); err != nil || rotated {
		t.Errorf("within the grace: %v %v", rotated, err)
	}
	clock.pass(time.Millisecond)
	_, _, err = db.RotateSession(t.Context(), rotation(session, first, token()))
	want(t, uptime.ErrNotFound, err)
	_, err = db.SessionAccount(t.Context(), session)
	want(t, uptime.ErrNotFound, err) // a stolen token ends the session
	_, _, err = db.RotateSession(t.Context(), rotation(session, second, token()))
	want(t, uptime.ErrNotFound, err)
}

func TestTwoTabsThatRefreshAtOnceBothStaySignedIn(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	session, first := signIn(t, db)
	var exchanged atomic.Int32
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			_, rotated, err := db.RotateSession(t.Context(), rotation(session, first, token()))
			if err != nil {
				t.Error(err)
			}
			if rotated {
				exchanged.Add(1)
			}
		})
	}
	wg.Wait()
	if exchanged.Load() != 1 {
		t.Errorf("%d exchanges", exchanged.Load())
	}
}

func TestASessionThatIsOverSignsNobodyIn(t *testing.T) {
	t.Parallel()
	cases := map[string]func(t *testing.T, db *DB, c *clock, session string){
		"ended":   func(t *testing.T, db *DB, _ *clock, session string) { must(t, db.EndSession(t.Context(), session)) },
		"expired": func(_ *testing.T, _ *DB, c *clock, _ string) { c.pass(24 * time.Hour) },
		"its account disabled": func(t *testing.T, db *DB, _ *clock, _ string) {
			exec(t, db, `update accounts set disabled_at = now()`)
		},
	}
	for name, end := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, clock := newDB(t)
			session, newest := signIn(t, db)
			if _, err := db.SessionAccount(t.Context(), session); err != nil {
				t.Fatal(err)
			}
			end(t, db, clock, session)
			_, err := db.SessionAccount(t.Context(), session)
			want(t, uptime.ErrNotFound, err)
			_, _, err = db.RotateSession(t.Context(), rotation(session, newest, token()))
			want(t, uptime.ErrNotFound, err)
		})
	}
}

func TestAnUnknownSessionIsNotFoundAndEndsWithoutError(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	for _, id := range []string{account.NewID(), "no uuid", ""} {
		_, err := db.SessionAccount(t.Context(), id)
		want(t, uptime.ErrNotFound, err)
		_, _, err = db.RotateSession(t.Context(), rotation(id, token(), token()))
		want(t, uptime.ErrNotFound, err)
		must(t, db.EndSession(t.Context(), id))
	}
}
