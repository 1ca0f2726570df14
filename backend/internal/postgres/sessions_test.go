package postgres

import (
	"sync"
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
	a, err := db.RotateSession(t.Context(), rotation(session, first, second))
	if err != nil || a.Email != "a@example.jp" {
		t.Fatalf("%+v %v", a, err)
	}
	clock.pass(30 * time.Hour) // the first expiry has moved
	_, err = db.RotateSession(t.Context(), rotation(session, second, token()))
	must(t, err)
}

func TestTheTokenBeforeIsTakenForAMomentOnly(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	session, first := signIn(t, db)
	second := token()
	_, err := db.RotateSession(t.Context(), rotation(session, first, second))
	must(t, err)
	clock.pass(account.RefreshGrace)
	_, err = db.RotateSession(t.Context(), rotation(session, first, second))
	must(t, err) // for the same successor
	clock.pass(time.Millisecond)
	ended(t, db, session, rotation(session, first, second))
	_, err = db.RotateSession(t.Context(), rotation(session, second, token()))
	want(t, uptime.ErrNotFound, err)
}

// ended: a rotation is refused as a stolen token, which ends the session.
func ended(t *testing.T, db *DB, session string, r account.Rotation) {
	t.Helper()
	_, err := db.RotateSession(t.Context(), r)
	want(t, uptime.ErrNotFound, err)
	_, err = db.SessionAccount(t.Context(), session)
	want(t, uptime.ErrNotFound, err)
}

func TestTheTokenBeforeGetsNoOtherSuccessor(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	session, first := signIn(t, db)
	_, err := db.RotateSession(t.Context(), rotation(session, first, token()))
	must(t, err)
	ended(t, db, session, rotation(session, first, token()))
}

func TestATokenWhoseSuccessorWasUsedIsReuse(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	session, first := signIn(t, db)
	second, third := token(), token()
	_, err := db.RotateSession(t.Context(), rotation(session, first, second))
	must(t, err)
	_, err = db.RotateSession(t.Context(), rotation(session, second, third))
	must(t, err)
	ended(t, db, session, rotation(session, first, second))
}

func TestTwoTabsThatRefreshAtOnceBothStaySignedIn(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	session, first := signIn(t, db)
	second := token()
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if _, err := db.RotateSession(t.Context(), rotation(session, first, second)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	_, err := db.RotateSession(t.Context(), rotation(session, second, token()))
	must(t, err)
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
			_, err = db.RotateSession(t.Context(), rotation(session, newest, token()))
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
		_, err = db.RotateSession(t.Context(), rotation(id, token(), token()))
		want(t, uptime.ErrNotFound, err)
		must(t, db.EndSession(t.Context(), id))
	}
}
