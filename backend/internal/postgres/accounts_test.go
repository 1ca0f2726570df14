package postgres

import (
	"errors"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func registration(email string) account.Registration {
	return account.Registration{
		Email: email, PasswordHash: "hash", Locale: account.Japanese, Zone: "Asia/Tokyo", TermsVersion: "1",
	}
}

// token is good for an hour from noon.
func token() account.Token { return account.NewToken(noon.Add(time.Hour)) }

// want fails the test unless err is of a kind.
func want(t *testing.T, kind, err error) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Errorf("error %v, want %v", err, kind)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestOneOfManySetUpsMakesTheOperator(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	if yes, err := db.HasOperator(t.Context()); err != nil || yes {
		t.Errorf("before: %v, %v", yes, err)
	}
	var made, refused atomic.Int32
	var wg sync.WaitGroup
	for _, email := range []string{"a@example.jp", "b@example.jp", "c@example.jp"} {
		wg.Go(func() {
			a, err := db.RegisterOperator(t.Context(), registration(email))
			switch {
			case errors.Is(err, uptime.ErrConflict):
				refused.Add(1)
			case err != nil:
				t.Error(err)
			default:
				made.Add(1)
				contacts, err := db.Contacts(t.Context(), a.ID)
				if !a.Operates() || !a.Verified() || err != nil || len(contacts) != 1 || contacts[0].Email != email || contacts[0].VerifiedAt.IsZero() {
					t.Errorf("%+v with contacts %+v, %v", a, contacts, err)
				}
			}
		})
	}
	wg.Wait()
	if made.Load() != 1 || refused.Load() != 2 {
		t.Errorf("%d made, %d refused", made.Load(), refused.Load())
	}
}

func TestAMailedTokenVerifiesTheAccountOnce(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	tok := token()
	must(t, db.Register(t.Context(), registration("Taro@example.jp"), tok))
	mailed := one[string](t, db, `select kind || ' ' || email || ' ' || token from mails`)
	if mailed != "account Taro@example.jp "+tok.Raw {
		t.Errorf("mailed %q", mailed)
	}
	a, err := db.VerifyAccount(t.Context(), tok.Hash)
	must(t, err)
	if !a.VerifiedAt.Equal(noon) || a.Role != account.User || a.Zone != "Asia/Tokyo" {
		t.Errorf("account %+v", a)
	}
	contacts, err := db.Contacts(t.Context(), a.ID)
	if err != nil || len(contacts) != 1 || !contacts[0].VerifiedAt.Equal(noon) {
		t.Errorf("contacts %+v, %v", contacts, err)
	}
	_, err = db.VerifyAccount(t.Context(), tok.Hash)
	want(t, uptime.ErrNotFound, err)
	c, err := db.CredentialsByEmail(t.Context(), "TARO@EXAMPLE.JP")
	if err != nil || c.ID != a.ID || c.PasswordHash != "hash" {
		t.Errorf("credentials %+v, %v", c, err)
	}
	_, err = db.CredentialsByEmail(t.Context(), "nobody@example.jp")
	want(t, uptime.ErrNotFound, err)
}

func TestAnExpiredTokenVerifiesNothing(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	tok := token()
	must(t, db.Register(t.Context(), registration("a@example.jp"), tok))
	clock.pass(time.Hour)
	_, err := db.VerifyAccount(t.Context(), tok.Hash)
	want(t, uptime.ErrNotFound, err)
	fresh := account.NewToken(clock.now().Add(time.Hour))
	must(t, db.ResendVerification(t.Context(), "a@example.jp", fresh))
	_, err = db.VerifyAccount(t.Context(), fresh.Hash)
	must(t, err)
}

func TestAContactIsMailedItsTokenAndVerifiedByItAlone(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	owner, stranger := seedAccount(t, db, "a@example.jp", 0), seedAccount(t, db, "b@example.jp", 0)
	first := token()
	c, err := db.AddContact(t.Context(), account.NewContact{AccountID: owner, Email: "abc..def@docomo.ne.jp", Locale: "ja", ShortForm: true}, first)
	must(t, err)
	if !c.VerifiedAt.IsZero() || !c.ShortForm {
		t.Errorf("contact %+v", c)
	}
	_, err = db.AddContact(t.Context(), account.NewContact{AccountID: owner, Email: "ABC..def@docomo.ne.jp", Locale: "ja"}, token())
	want(t, uptime.ErrConflict, err)
	want(t, uptime.ErrNotFound, db.ResendContact(t.Context(), stranger, c.ID, token()))
	want(t, uptime.ErrNotFound, db.DeleteContact(t.Context(), stranger, c.ID))
	second := token()
	must(t, db.ResendContact(t.Context(), owner, c.ID, second))
	_, err = db.VerifyContact(t.Context(), first.Hash)
	want(t, uptime.ErrNotFound, err)
	_, err = db.VerifyAccount(t.Context(), second.Hash)
	want(t, uptime.ErrNotFound, err)
	c, err = db.VerifyContact(t.Context(), second.Hash)
	if err != nil || !c.VerifiedAt.Equal(noon) {
		t.Errorf("%+v, %v", c, err)
	}
	want(t, uptime.ErrConflict, db.ResendContact(t.Context(), owner, c.ID, token()))
	must(t, db.DeleteContact(t.Context(), owner, c.ID))
	want(t, uptime.ErrNotFound, db.DeleteContact(t.Context(), owner, c.ID))
}

func TestADownloadLinkIsGivenOnce(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 0)
	tok, late := token(), account.NewToken(noon.Add(time.Second))
	d := uptime.Download{
		AccountID: owner, MonitorID: 7, Format: uptime.CSV, Excel: true, Part: uptime.ResultsPart,
		Locale: "ja", Zone: "Asia/Tokyo", From: noon.Add(-time.Hour), To: noon,
	}
	must(t, db.CreateLink(t.Context(), d, tok))
	must(t, db.CreateLink(t.Context(), d, late))
	clock.pass(time.Second)
	_, err := db.TakeLink(t.Context(), late.Hash)
	want(t, uptime.ErrNotFound, err)
	var got atomic.Int32
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			back, err := db.TakeLink(t.Context(), tok.Hash)
			if err == nil && reflect.DeepEqual(back, d) {
				got.Add(1)
			} else if !errors.Is(err, uptime.ErrNotFound) {
				t.Errorf("%+v, %v", back, err)
			}
		})
	}
	wg.Wait()
	if got.Load() != 1 {
		t.Errorf("%d got it", got.Load())
	}
}
