package postgres

import (
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func TestAResetReplacesThePasswordAndEndsEverySession(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"link", "code"} {
		db, _ := newDB(t)
		owner, other := seedAccount(t, db, "a@example.jp", 0), seedAccount(t, db, "b@example.jp", 0)
		session, foreign := newSession(t, db, owner), newSession(t, db, other)
		old, tok := coded(), coded()
		must(t, db.ForgotPassword(t.Context(), "a@example.jp", old))
		must(t, db.ForgotPassword(t.Context(), "A@example.jp", tok))
		must(t, db.ForgotPassword(t.Context(), "nobody@example.jp", coded()))
		if mails := one[string](t, db, `select string_agg(kind || ' ' || email || ' ' || token, ', ') from mails`); mails != "reset a@example.jp "+tok.Raw {
			t.Errorf("owed: %s", mails)
		}
		_, err := db.ResetAccount(t.Context(), old.Hash)
		want(t, uptime.ErrNotFound, err)
		_, err = db.ResetPassword(t.Context(), old.Hash, "new")
		want(t, uptime.ErrNotFound, err)
		a, err := db.ResetAccount(t.Context(), tok.Hash)
		if err != nil || a.ID != owner {
			t.Errorf("%+v, %v", a, err)
		}
		if way == "link" {
			_, err = db.ResetPassword(t.Context(), tok.Hash, "new")
		} else {
			_, err = db.ResetPasswordByCode(t.Context(), "a@example.jp", codeOf(t, tok), "new")
		}
		must(t, err)
		if got := passwordOf(t, db, "a@example.jp") + " " + passwordOf(t, db, "b@example.jp"); got != "new " {
			t.Errorf("passwords %q", got)
		}
		_, err = db.SessionAccount(t.Context(), session)
		want(t, uptime.ErrNotFound, err)
		_, err = db.SessionAccount(t.Context(), foreign)
		must(t, err)
		_, err = db.ResetPassword(t.Context(), tok.Hash, "again")
		want(t, uptime.ErrNotFound, err)
	}
}

func TestAResetOfAnUnverifiedAccountVerifiesIt(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	registered, tok := coded(), coded()
	must(t, db.Register(t.Context(), registration("a@example.jp"), registered))
	must(t, db.ForgotPassword(t.Context(), "a@example.jp", tok))
	a, err := db.ResetPassword(t.Context(), tok.Hash, "new")
	if err != nil || !a.VerifiedAt.Equal(noon) {
		t.Errorf("%+v, %v", a, err)
	}
	contacts, err := db.Contacts(t.Context(), a.ID)
	if err != nil || len(contacts) != 1 || !contacts[0].VerifiedAt.Equal(noon) {
		t.Errorf("contacts %+v, %v", contacts, err)
	}
	_, err = db.VerifyAccount(t.Context(), registered.Hash) // would bring the old password
	want(t, uptime.ErrNotFound, err)
}

func TestAResetEndsWithItsTimeTheAccountAndAChangeOfThePassword(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 0)
	tok := account.NewToken(noon.Add(24 * time.Hour)).WithCode(codeKey())
	must(t, db.ForgotPassword(t.Context(), "a@example.jp", tok))
	clock.pass(account.ResetLife)
	_, err := db.ResetPassword(t.Context(), tok.Hash, "new")
	want(t, uptime.ErrNotFound, err)
	clock.pass(-time.Second)
	must(t, db.ChangePassword(t.Context(), account.PasswordChange{AccountID: owner, NewHash: "changed", KeepSession: account.NewID()}))
	_, err = db.ResetPassword(t.Context(), tok.Hash, "new")
	want(t, uptime.ErrNotFound, err)
	tok = coded()
	must(t, db.ForgotPassword(t.Context(), "a@example.jp", tok))
	exec(t, db, `update accounts set disabled_at = now()`)
	_, err = db.ResetAccount(t.Context(), tok.Hash)
	want(t, uptime.ErrNotFound, err)
	_, err = db.ResetPassword(t.Context(), tok.Hash, "new")
	want(t, uptime.ErrNotFound, err)
	_, err = db.ResetPasswordByCode(t.Context(), "a@example.jp", codeOf(t, tok), "new")
	want(t, uptime.ErrNotFound, err)
	if got := passwordOf(t, db, "a@example.jp"); got != "changed" {
		t.Errorf("the password is %s", got)
	}
}

func TestForgottenPasswordsAreMailedTenTimesADay(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	seedAccount(t, db, "a@example.jp", 0)
	for range 2 * resetsAtMost {
		must(t, db.ForgotPassword(t.Context(), "a@example.jp", coded()))
		exec(t, db, `update mails set sent_at = created_at, token = ''`)
		clock.pass(time.Minute)
	}
	if n := one[int](t, db, `select count(*) from mails`); n != resetsAtMost {
		t.Errorf("%d mails", n)
	}
	clock.pass(resetsWithin)
	must(t, db.ForgotPassword(t.Context(), "a@example.jp", coded()))
	if n := one[int](t, db, `select count(*) from mails`); n != resetsAtMost+1 {
		t.Errorf("%d mails a day later", n)
	}
}
