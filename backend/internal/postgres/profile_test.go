package postgres

import (
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// newSession is a sign-in of an account that is good for a day from now.
func newSession(t *testing.T, db *DB, owner int64) string {
	t.Helper()
	id := account.NewID()
	must(t, db.CreateSession(t.Context(), account.NewSession{
		ID: id, AccountID: owner, RefreshHash: token().Hash, UserAgent: "browser", ExpiresAt: db.now().Add(24 * time.Hour),
	}))
	return id
}

func TestAProfilePatchChangesWhatItNames(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	owner, other := seedAccount(t, db, "a@example.jp", 0), seedAccount(t, db, "b@example.jp", 0)
	english, london := account.English, "Europe/London"
	a, err := db.UpdateProfile(t.Context(), owner, account.ProfilePatch{Locale: &english})
	if err != nil || a.Locale != account.English || a.Zone != "Asia/Tokyo" {
		t.Errorf("%+v %v", a, err)
	}
	a, err = db.UpdateProfile(t.Context(), owner, account.ProfilePatch{Zone: &london})
	if err != nil || a.Locale != account.English || a.Zone != london {
		t.Errorf("%+v %v", a, err)
	}
	if zone := one[string](t, db, `select time_zone from accounts where id = $1`, other); zone != "Asia/Tokyo" {
		t.Errorf("another account is in %s", zone)
	}
	_, err = db.UpdateProfile(t.Context(), owner+other, account.ProfilePatch{Zone: &london})
	want(t, uptime.ErrNotFound, err)
}

func TestAChangedPasswordKeepsOneSession(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	owner, other := seedAccount(t, db, "a@example.jp", 0), seedAccount(t, db, "b@example.jp", 0)
	kept, ended, foreign := newSession(t, db, owner), newSession(t, db, owner), newSession(t, db, other)
	change := account.PasswordChange{AccountID: owner, OldHash: "stale", NewHash: "new", KeepSession: kept}
	want(t, uptime.ErrConflict, db.ChangePassword(t.Context(), change))
	_, err := db.SessionAccount(t.Context(), ended)
	must(t, err) // nothing was changed

	change.OldHash = "" // as seeded
	must(t, db.ChangePassword(t.Context(), change))
	if hash := one[string](t, db, `select password_hash from accounts where id = $1`, owner); hash != "new" {
		t.Errorf("hash %q", hash)
	}
	_, err = db.SessionAccount(t.Context(), ended)
	want(t, uptime.ErrNotFound, err)
	for _, id := range []string{kept, foreign} {
		_, err = db.SessionAccount(t.Context(), id)
		must(t, err)
	}
	if hash := one[string](t, db, `select password_hash from accounts where id = $1`, other); hash != "" {
		t.Errorf("another account's hash is %q", hash)
	}
}

func TestSessionsAreListedAndRevokedForTheirAccountOnly(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner, other := seedAccount(t, db, "a@example.jp", 0), seedAccount(t, db, "b@example.jp", 0)
	first := newSession(t, db, owner)
	clock.pass(time.Minute)
	second, foreign := newSession(t, db, owner), newSession(t, db, other)
	got, err := db.LivingSessions(t.Context(), owner)
	if err != nil || len(got) != 2 || got[0].ID != second || got[1].ID != first || got[0].UserAgent != "browser" {
		t.Fatalf("%+v %v", got, err)
	}
	for _, id := range []string{foreign, account.NewID(), "no uuid"} {
		want(t, uptime.ErrNotFound, db.RevokeSession(t.Context(), owner, id))
	}
	must(t, db.RevokeSession(t.Context(), owner, first))
	want(t, uptime.ErrNotFound, db.RevokeSession(t.Context(), owner, first))
	_, err = db.SessionAccount(t.Context(), foreign)
	must(t, err)
	if got, err = db.LivingSessions(t.Context(), owner); err != nil || len(got) != 1 || got[0].ID != second {
		t.Errorf("%+v %v", got, err)
	}
	clock.pass(24 * time.Hour)
	if got, err = db.LivingSessions(t.Context(), owner); err != nil || len(got) != 0 {
		t.Errorf("expired ones are listed: %+v %v", got, err)
	}
}

func TestASignInThatCheckedAnOlderPasswordGetsNoSession(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 0)
	kept := newSession(t, db, owner)
	must(t, db.ChangePassword(t.Context(), account.PasswordChange{AccountID: owner, OldHash: "", NewHash: "new", KeepSession: kept}))
	late := account.NewSession{ID: account.NewID(), AccountID: owner, RefreshHash: token().Hash, ExpiresAt: db.now().Add(time.Hour)}
	want(t, uptime.ErrNotFound, db.CreateSession(t.Context(), late))
	_, err := db.SessionAccount(t.Context(), late.ID)
	want(t, uptime.ErrNotFound, err)
	late.PasswordHash = "new"
	must(t, db.CreateSession(t.Context(), late))
	must(t, db.CreateSession(t.Context(), late)) // repeated by the driver
	exec(t, db, `update accounts set disabled_at = now() where id = $1`, owner)
	late.ID = account.NewID()
	want(t, uptime.ErrNotFound, db.CreateSession(t.Context(), late))
}
