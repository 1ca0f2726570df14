package postgres

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func invited(email string, code account.Token) account.Registration {
	r := registration(email)
	r.InviteHash = code.Hash
	return r
}

func newInvite(t *testing.T, db *DB, owner int64, email string) (account.Token, account.Invite) {
	t.Helper()
	code := token()
	i, err := db.CreateInvite(t.Context(), account.NewInvite{AccountID: owner, Email: email, CodeHash: code.Hash, ExpiresAt: code.ExpiresAt})
	must(t, err)
	return code, i
}

func TestAnInvitationIsUsedUpByOneAddress(t *testing.T) {
	t.Parallel()
	owner, _ := newDB(t)
	operator := seedAccount(t, owner, "operator@example.jp", 0)
	db := inRole(t, owner, RoleAPI)
	code, _ := newInvite(t, db, operator, "")
	want(t, account.ErrInvite, db.Register(t.Context(), invited("a@example.jp", token()), coded()))
	var in, out atomic.Int32
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			switch err := db.Register(t.Context(), invited(fmt.Sprintf("n%d@example.jp", i), code), coded()); {
			case err == nil:
				in.Add(1)
			case errors.Is(err, account.ErrInvite):
				out.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if in.Load() != 1 || out.Load() != 3 {
		t.Errorf("%d came in, %d did not", in.Load(), out.Load())
	}
	email := one[string](t, owner, `select email from accounts where verified_at is null`) // the refused left none
	must(t, db.Register(t.Context(), invited("N"+email[1:], code), coded()))               // again, in another case
	if n := one[int](t, owner, `select count(*) from mails`); n != 2 {
		t.Errorf("%d mails", n)
	}
}

// Whether an address has an account plays no part: else an invitation would
// tell.
func TestAnInvitationIsUsedUpByAnAddressThatHasAnAccountToo(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	operator := seedAccount(t, db, "operator@example.jp", 0)
	code, _ := newInvite(t, db, operator, "")
	must(t, db.Register(t.Context(), invited("operator@example.jp", code), coded()))
	want(t, account.ErrInvite, db.Register(t.Context(), invited("a@example.jp", code), coded()))
}

func TestAnInvitationEndsWithItsTimeAndByTheOperator(t *testing.T) {
	t.Parallel()
	owner, clock := newDB(t)
	operator := seedAccount(t, owner, "operator@example.jp", 0)
	db := inRole(t, owner, RoleAPI)
	named, first := newInvite(t, db, operator, "Taro@example.jp")
	want(t, account.ErrInvite, db.Register(t.Context(), invited("a@example.jp", named), coded()))
	must(t, db.Register(t.Context(), invited("taro@example.jp", named), coded()))
	dropped, second := newInvite(t, db, operator, "")
	late, third := newInvite(t, db, operator, "")

	all, err := db.Invites(t.Context(), 0, 10)
	if err != nil || len(all) != 3 || all[0].ID != third.ID || all[2].ID != first.ID || all[2].Email != "Taro@example.jp" || !all[2].UsedAt.Equal(noon) || !all[0].UsedAt.IsZero() {
		t.Errorf("%+v, %v", all, err)
	}
	if page, err := db.Invites(t.Context(), third.ID, 1); err != nil || len(page) != 1 || page[0].ID != second.ID {
		t.Errorf("%+v, %v", page, err)
	}
	must(t, db.DeleteInvite(t.Context(), second.ID))
	want(t, uptime.ErrNotFound, db.DeleteInvite(t.Context(), second.ID))
	want(t, account.ErrInvite, db.Register(t.Context(), invited("a@example.jp", dropped), coded()))
	clock.pass(time.Hour)
	want(t, account.ErrInvite, db.Register(t.Context(), invited("a@example.jp", late), coded()))
	want(t, account.ErrInvite, db.Register(t.Context(), invited("taro@example.jp", named), coded()))
	if n := one[int](t, owner, `select count(*) from accounts`); n != 2 {
		t.Errorf("%d accounts", n)
	}
}
