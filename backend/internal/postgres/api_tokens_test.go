package postgres

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// newAPIToken makes an API token of an account that may read.
func newAPIToken(t *testing.T, db *DB, owner int64, expires time.Time) (account.APIToken, account.APISecret) {
	t.Helper()
	secret := account.NewAPISecret()
	made, err := db.CreateAPIToken(t.Context(), account.NewAPIToken{
		AccountID: owner, Name: "script", Prefix: secret.Prefix, Hash: secret.Hash,
		Scopes: []account.Scope{account.ScopeRead, account.ScopeTargetsWrite}, ExpiresAt: expires,
	})
	must(t, err)
	return made, secret
}

func TestAnAPITokenIsFoundByItsHashUntilItIsOver(t *testing.T) {
	t.Parallel()
	cases := map[string]func(t *testing.T, db *DB, c *clock, made account.APIToken){
		"revoked": func(t *testing.T, db *DB, _ *clock, made account.APIToken) {
			must(t, db.DeleteAPIToken(t.Context(), made.AccountID, made.ID))
		},
		"expired": func(_ *testing.T, _ *DB, c *clock, _ account.APIToken) { c.pass(time.Hour) },
		"its account disabled": func(t *testing.T, db *DB, _ *clock, _ account.APIToken) {
			exec(t, db, `update accounts set disabled_at = now()`)
		},
	}
	for name, end := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			owner, clock := newDB(t)
			db := inRole(t, owner, RoleAPI)
			id := seedAccount(t, owner, "a@example.jp", 0)
			made, secret := newAPIToken(t, db, id, noon.Add(time.Hour))
			used, a, err := db.UseAPIToken(t.Context(), secret.Hash)
			if err != nil || a.ID != id || a.Email != "a@example.jp" || used.ID != made.ID || used.Name != "script" || used.Prefix != secret.Prefix ||
				len(used.Scopes) != 2 || !used.Allows(account.ScopeResultsRead) || !used.Allows(account.ScopeTargetsWrite) || !used.ExpiresAt.Equal(noon.Add(time.Hour)) {
				t.Fatalf("%+v %+v %v", used, a, err)
			}
			_, _, err = db.UseAPIToken(t.Context(), account.NewAPISecret().Hash)
			want(t, uptime.ErrNotFound, err)
			end(t, owner, clock, made)
			_, _, err = db.UseAPIToken(t.Context(), secret.Hash)
			want(t, uptime.ErrNotFound, err)
		})
	}
}

func TestTheUseOfAnAPITokenIsNotedOnceAMinute(t *testing.T) {
	t.Parallel()
	owner, clock := newDB(t)
	db := inRole(t, owner, RoleAPI)
	id := seedAccount(t, owner, "a@example.jp", 0)
	_, secret := newAPIToken(t, db, id, time.Time{})
	lastUse := func() time.Time {
		list, err := db.APITokens(t.Context(), id)
		if err != nil || len(list) != 1 || !list[0].ExpiresAt.IsZero() {
			t.Fatalf("%+v %v", list, err)
		}
		return list[0].LastUsedAt
	}
	if at := lastUse(); !at.IsZero() {
		t.Errorf("used at %s before it was", at)
	}
	for _, step := range []struct{ pass, noted time.Duration }{{0, 0}, {59 * time.Second, 0}, {time.Second, time.Minute}, {30 * time.Second, time.Minute}} {
		clock.pass(step.pass)
		version := one[string](t, owner, `select xmin::text || ctid::text from api_tokens`)
		for range 2 {
			_, _, err := db.UseAPIToken(t.Context(), secret.Hash)
			must(t, err)
		}
		if at := lastUse(); !at.Equal(noon.Add(step.noted)) {
			t.Errorf("after %s: used at %s", step.pass, at)
		}
		written := version != one[string](t, owner, `select xmin::text || ctid::text from api_tokens`)
		if due := step.pass == 0 || step.pass == time.Second; written != due {
			t.Errorf("after %s: written %v", step.pass, written)
		}
	}
}

func TestFiftyAtOnceMakeNoMoreAPITokensThanAnAccountMayHave(t *testing.T) {
	t.Parallel()
	owner, _ := newDB(t)
	db := inRole(t, owner, RoleAPI)
	id, other := seedAccount(t, owner, "a@example.jp", 0), seedAccount(t, owner, "b@example.jp", 0)
	var refused atomic.Int32
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			secret := account.NewAPISecret()
			_, err := db.CreateAPIToken(t.Context(), account.NewAPIToken{AccountID: id, Name: "n", Hash: secret.Hash, Scopes: []account.Scope{account.ScopeRead}})
			switch {
			case errors.Is(err, uptime.ErrTooMany):
				refused.Add(1)
			case err != nil:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := one[int](t, owner, `select count(*) from api_tokens`); n != account.MaxAPITokens || int(refused.Load()) != 50-n {
		t.Errorf("%d made, %d refused", n, refused.Load())
	}
	newAPIToken(t, db, other, time.Time{})
}

func TestAPITokensBelongToTheirAccount(t *testing.T) {
	t.Parallel()
	owner, _ := newDB(t)
	db := inRole(t, owner, RoleAPI)
	id, other := seedAccount(t, owner, "a@example.jp", 0), seedAccount(t, owner, "b@example.jp", 0)
	made, _ := newAPIToken(t, db, id, time.Time{})
	want(t, uptime.ErrNotFound, db.DeleteAPIToken(t.Context(), other, made.ID))
	want(t, uptime.ErrNotFound, db.DeleteAPIToken(t.Context(), id, made.ID+1))
	if list, err := db.APITokens(t.Context(), other); err != nil || len(list) != 0 {
		t.Errorf("%+v %v", list, err)
	}
	exec(t, owner, `delete from accounts where id = $1`, id)
	if n := one[int](t, owner, `select count(*) from api_tokens`); n != 0 {
		t.Errorf("%d outlived their account", n)
	}
}
