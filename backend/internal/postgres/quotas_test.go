package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// rush tries many times at once and counts who was let in; all others must
// have been told of the quota.
func rush(t *testing.T, quota account.QuotaError, try func(ctx context.Context, n int) error) (let int) {
	t.Helper()
	var in atomic.Int32
	var wg sync.WaitGroup
	for n := range 50 {
		wg.Go(func() {
			var full *account.QuotaError
			switch err := try(t.Context(), n); {
			case err == nil:
				in.Add(1)
			case !errors.As(err, &full) || *full != quota:
				t.Errorf("%d: %v", n, err)
			}
		})
	}
	wg.Wait()
	return int(in.Load())
}

func TestFiftyAtOnceNeverExceedAQuota(t *testing.T) {
	t.Parallel()
	owners, _ := newDB(t)
	db := crowd(t, owners, account.Quotas{Targets: 7, Monitors: 30, Contacts: 4})
	owner, other := seedAccount(t, owners, "a@example.jp", 1), seedAccount(t, owners, "b@example.jp", 1)

	host := func(owner int64) func(ctx context.Context, n int) error {
		return func(ctx context.Context, n int) error {
			_, err := db.CreateTarget(ctx, uptime.NewTarget{AccountID: owner, Host: fmt.Sprintf("h%d.example.jp", n), Services: []uptime.Service{uptime.Ping, uptime.HTTP}})
			return err
		}
	}
	if n := rush(t, account.QuotaError{Quota: "targets", Limit: 7}, host(owner)); n != 7 {
		t.Errorf("%d targets, want 7", n)
	}
	contact := func(ctx context.Context, n int) error {
		_, err := db.AddContact(ctx, account.NewContact{AccountID: owner, Email: fmt.Sprintf("c%d@example.jp", n), Locale: "en"}, token())
		return err
	}
	if n := rush(t, account.QuotaError{Quota: "contacts", Limit: 4}, contact); n != 3 {
		t.Errorf("%d contacts, want 3 more", n)
	}
	limit := 5
	if _, err := db.SetQuotas(t.Context(), other, account.OwnQuotas{Monitors: &limit}); err != nil {
		t.Fatal(err)
	}
	if n := rush(t, account.QuotaError{Quota: "monitors", Limit: 5}, host(other)); n != 2 {
		t.Errorf("%d targets of two monitors each, want 2", n)
	}
	allowed, err := db.Allowance(t.Context(), other)
	if err != nil || allowed.Used != (account.Used{Targets: 2, Monitors: 4, Contacts: 1}) {
		t.Errorf("%+v, %v", allowed, err)
	}
}

// crowd is a second pool for the API, with room for many at once.
func crowd(t *testing.T, owners *DB, quotas account.Quotas) *DB {
	t.Helper()
	db, err := Open(owners.url, Options{Role: RoleAPI, MaxConns: 20, StatementTimeout: 30 * time.Second, Quotas: quotas})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestWhatIsThereAlreadyIsNoMatterOfQuotas(t *testing.T) {
	t.Parallel()
	owners, _ := newDB(t)
	db := crowd(t, owners, account.Quotas{Targets: 1, Monitors: 1, Contacts: 1})
	owner := seedAccount(t, owners, "a@example.jp", 1)
	one := uptime.NewTarget{AccountID: owner, Host: "a.example.jp", Services: []uptime.Service{uptime.Ping}}
	if _, err := db.CreateTarget(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	_, err := db.CreateTarget(t.Context(), one)
	want(t, uptime.ErrConflict, err)
	_, err = db.Allowance(t.Context(), 424242)
	want(t, uptime.ErrNotFound, err)
	_, err = db.SetQuotas(t.Context(), 424242, account.OwnQuotas{})
	want(t, uptime.ErrNotFound, err)
}
