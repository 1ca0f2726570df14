package postgres

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func codeKey() []byte { return []byte("0123456789abcdef0123456789abcdef") }

// coded is a token with a code that is good for an hour from noon.
func coded() account.Token { return token().WithCode(codeKey()) }

func codeOf(t *testing.T, tok account.Token) account.CodeTry {
	t.Helper()
	return parse(t, account.CodeOf(tok.Raw))
}

func parse(t *testing.T, text string) account.CodeTry {
	t.Helper()
	try, err := account.ParseCode(codeKey(), text)
	must(t, err)
	return try
}

// wrongCode is one that none of the tokens has.
func wrongCode(t *testing.T, tokens ...account.Token) account.CodeTry {
	t.Helper()
	taken := map[string]bool{}
	for _, tok := range tokens {
		taken[account.CodeOf(tok.Raw)] = true
	}
	for _, text := range []string{"000000", "000001", "000002", "000003"} {
		if !taken[text] {
			return parse(t, text)
		}
	}
	t.Fatal("too many tokens")
	return account.CodeTry{}
}

func withPassword(r account.Registration, hash string) account.Registration {
	r.PasswordHash = hash
	return r
}

func passwordOf(t *testing.T, db *DB, email string) string {
	t.Helper()
	c, err := db.CredentialsByEmail(t.Context(), email)
	must(t, err)
	return c.PasswordHash
}

// A stranger who registers somebody's address before its owner has opened the
// mail gets nothing by it: a link confirms the registration that made it.
func TestALinkConfirmsTheRegistrationThatMadeIt(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"link", "code"} {
		db, _ := newDB(t)
		owner, stranger := coded(), coded()
		mine := withPassword(registration("a@example.jp"), "owner's")
		theirs := withPassword(registration("A@example.jp"), "stranger's")
		theirs.Locale, theirs.Zone, theirs.TermsVersion = account.English, "Europe/London", "2"
		must(t, db.Register(t.Context(), mine, owner))
		must(t, db.Register(t.Context(), theirs, stranger))
		if n := one[int](t, db, `select count(*) from mails where kind = 'account'`); n != 2 {
			t.Errorf("%d mails", n)
		}
		var a account.Account
		var err error
		if way == "link" {
			a, err = db.VerifyAccount(t.Context(), owner.Hash)
		} else {
			a, err = db.VerifyAccountByCode(t.Context(), "a@example.jp", codeOf(t, owner))
		}
		must(t, err)
		if a.Locale != account.Japanese || a.Zone != "Asia/Tokyo" || a.TermsVersion != "1" || !a.VerifiedAt.Equal(noon) {
			t.Errorf("%s: account %+v", way, a)
		}
		if got := passwordOf(t, db, "a@example.jp"); got != "owner's" {
			t.Errorf("%s: the password is the %s", way, got)
		}
		_, err = db.VerifyAccount(t.Context(), stranger.Hash)
		want(t, uptime.ErrNotFound, err)
		_, err = db.VerifyAccountByCode(t.Context(), "a@example.jp", codeOf(t, stranger))
		want(t, uptime.ErrNotFound, err)
	}
}

func TestOnlyTheNewestRegistrationsOfAnAddressWait(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	var tokens []account.Token
	for range livingRegistrations + 2 {
		clock.pass(time.Second)
		tok := coded()
		tokens = append(tokens, tok)
		must(t, db.Register(t.Context(), registration("a@example.jp"), tok))
	}
	if n := one[int](t, db, `select count(*) from tokens`); n != livingRegistrations {
		t.Errorf("%d wait", n)
	}
	for _, tok := range tokens[:2] {
		_, err := db.VerifyAccount(t.Context(), tok.Hash)
		want(t, uptime.ErrNotFound, err)
	}
	_, err := db.VerifyAccount(t.Context(), tokens[2].Hash)
	must(t, err)
}

func TestARegistrationIsMailedAgainOnlyIfItIsTheOnlyOne(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	first, second, third, fourth := coded(), coded(), coded(), coded()
	must(t, db.Register(t.Context(), withPassword(registration("a@example.jp"), "owner's"), first))
	must(t, db.ResendVerification(t.Context(), "A@example.jp", second))
	_, err := db.VerifyAccount(t.Context(), first.Hash)
	want(t, uptime.ErrNotFound, err)
	must(t, db.Register(t.Context(), withPassword(registration("a@example.jp"), "stranger's"), third))
	must(t, db.ResendVerification(t.Context(), "a@example.jp", fourth))
	if kind := one[string](t, db, `select kind from mails order by id desc limit 1`); kind != "reset" {
		t.Errorf("a mail of kind %s", kind)
	}
	_, err = db.VerifyAccount(t.Context(), fourth.Hash)
	want(t, uptime.ErrNotFound, err)
	a, err := db.ResetPassword(t.Context(), fourth.Hash, "chosen")
	if err != nil || !a.Verified() {
		t.Errorf("%+v, %v", a, err)
	}
	for _, tok := range []account.Token{second, third} {
		_, err = db.VerifyAccount(t.Context(), tok.Hash)
		want(t, uptime.ErrNotFound, err)
	}
	if got := passwordOf(t, db, "a@example.jp"); got != "chosen" {
		t.Errorf("the password is the %s", got)
	}
}

func TestNobodyLearnsFromRegisteringWhoHasAnAccount(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	tok := token()
	must(t, db.Register(t.Context(), registration("a@example.jp"), tok))
	_, err := db.VerifyAccount(t.Context(), tok.Hash)
	must(t, err)
	intruder := withPassword(registration("A@example.jp"), "intruder")
	intruder.Locale, intruder.Zone, intruder.TermsVersion = account.English, "Europe/London", "2"
	for range 3 {
		must(t, db.Register(t.Context(), intruder, token()))
		clock.pass(time.Hour)
	}
	must(t, db.ResendVerification(t.Context(), "a@example.jp", token()))
	must(t, db.ResendVerification(t.Context(), "nobody@example.jp", token()))
	c, err := db.CredentialsByEmail(t.Context(), "a@example.jp")
	if err != nil || c.PasswordHash != "hash" || c.Locale != account.Japanese || c.Zone != "Asia/Tokyo" || c.TermsVersion != "1" {
		t.Errorf("%+v, %v", c, err)
	}
	mails := `select coalesce(string_agg(kind || ' ' || email || ' ' || locale || ' ' || token, ', ' order by id), '') from mails where kind <> 'account'`
	if got := one[string](t, db, mails); got != "exists a@example.jp ja " {
		t.Errorf("owed: %s", got)
	}
	clock.pass(21 * time.Hour)
	must(t, db.Register(t.Context(), intruder, token()))
	if n := one[int](t, db, `select count(*) from mails where kind = 'exists'`); n != 2 {
		t.Errorf("%d on the next day", n)
	}
	if n := one[int](t, db, `select count(*) from tokens`); n != 0 {
		t.Errorf("%d tokens", n)
	}
	exec(t, db, `update accounts set disabled_at = now()`)
	clock.pass(48 * time.Hour)
	must(t, db.Register(t.Context(), intruder, token()))
	must(t, db.ForgotPassword(t.Context(), "a@example.jp", token()))
	if n := one[int](t, db, `select count(*) from mails where kind <> 'account'`); n != 2 {
		t.Errorf("a disabled account is mailed: %d", n)
	}
}

func TestACodeHasFiveTriesHoweverManyAreMadeAtOnce(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	tok := coded()
	must(t, db.Register(t.Context(), registration("a@example.jp"), tok))
	_, err := db.VerifyAccountByCode(t.Context(), "b@example.jp", codeOf(t, tok))
	want(t, uptime.ErrNotFound, err)
	var wg sync.WaitGroup
	for range 2 * account.CodeTries {
		wg.Go(func() {
			_, err := db.VerifyAccountByCode(t.Context(), "a@example.jp", wrongCode(t, tok))
			want(t, uptime.ErrNotFound, err)
		})
	}
	wg.Wait()
	if n := one[int](t, db, `select code_tries from tokens`); n != account.CodeTries {
		t.Errorf("%d tries were counted", n)
	}
	_, err = db.VerifyAccountByCode(t.Context(), "a@example.jp", codeOf(t, tok))
	want(t, uptime.ErrNotFound, err)
	_, err = db.VerifyAccount(t.Context(), tok.Hash) // the link is no guess
	must(t, err)
}

func TestACodeIsSpentOnceAndExpires(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	tok := coded()
	must(t, db.Register(t.Context(), registration("a@example.jp"), tok))
	clock.pass(time.Hour)
	_, err := db.VerifyAccountByCode(t.Context(), "a@example.jp", codeOf(t, tok))
	want(t, uptime.ErrNotFound, err)
	clock.pass(-time.Second)
	_, err = db.ResetPasswordByCode(t.Context(), "a@example.jp", codeOf(t, tok), "new") // of another purpose
	want(t, uptime.ErrNotFound, err)
	var spent atomic.Int32
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := db.VerifyAccountByCode(t.Context(), "A@EXAMPLE.JP", codeOf(t, tok)); err == nil {
				spent.Add(1)
			}
		})
	}
	wg.Wait()
	if spent.Load() != 1 {
		t.Errorf("spent %d times", spent.Load())
	}
}

func TestAContactsCodeIsItsOwnAccountsOnly(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	owner, stranger := seedAccount(t, db, "a@example.jp", 0), seedAccount(t, db, "b@example.jp", 0)
	tok, foreign := coded(), coded()
	c, err := db.AddContact(t.Context(), account.NewContact{AccountID: owner, Email: "c@example.jp", Locale: "ja"}, tok)
	must(t, err)
	other, err := db.AddContact(t.Context(), account.NewContact{AccountID: stranger, Email: "c@example.jp", Locale: "ja"}, foreign)
	must(t, err)
	for _, id := range []int64{c.ID, other.ID} {
		_, err = db.VerifyContactByCode(t.Context(), stranger, id, codeOf(t, tok))
		want(t, uptime.ErrNotFound, err)
	}
	_, err = db.VerifyContactByCode(t.Context(), owner, c.ID, wrongCode(t, tok))
	want(t, uptime.ErrNotFound, err)
	if c, err = db.VerifyContactByCode(t.Context(), owner, c.ID, codeOf(t, tok)); err != nil || !c.VerifiedAt.Equal(noon) {
		t.Errorf("%+v, %v", c, err)
	}
}
