package postgres

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

// stranger is an address that never asked for anything.
const stranger = "Stra.nger@example.jp"

func spelled(i int) string {
	if i%2 == 0 {
		return strings.ToUpper(stranger)
	}
	return strings.ToLower(stranger)
}

func mailsTo(t *testing.T, db *DB, address string) int {
	t.Helper()
	return one[int](t, db, `select count(*) from mails where lower(email) = lower($1)`, address)
}

// addStranger makes the address a contact of an account.
func addStranger(t *testing.T, db *DB, owner int64, address string) (account.Contact, account.Token) {
	t.Helper()
	tok := coded()
	c, err := db.AddContact(t.Context(), account.NewContact{AccountID: owner, Email: address, Locale: "ja"}, tok)
	must(t, err)
	if c.Email != address || !c.VerifiedAt.IsZero() {
		t.Errorf("contact %+v", c)
	}
	return c, tok
}

func TestAStrangersAddressAddedFiftyTimesIsMailedOnceADay(t *testing.T) {
	t.Parallel()
	owner, clock := newDB(t)
	db := inRole(t, owner, RoleAPI)
	accounts := make([]int64, 51)
	for i := range accounts {
		accounts[i] = seedAccount(t, owner, fmt.Sprintf("%d@example.com", i), 0)
	}
	var wg sync.WaitGroup
	for i, a := range accounts[:50] {
		wg.Go(func() { addStranger(t, db, a, spelled(i)) })
	}
	wg.Wait()
	if n := one[int](t, owner, `select count(*) from contacts where lower(email) = lower($1)`, stranger); n != 50 {
		t.Errorf("%d contacts, want 50: answers must be the same", n)
	}
	if n := mailsTo(t, owner, stranger); n != 1 {
		t.Errorf("%d mails, want 1", n)
	}
	if n := one[int](t, owner, `select count(*) from tokens`); n != 1 {
		t.Errorf("%d tokens, want that of the mail", n)
	}

	clock.pass(24*time.Hour - time.Millisecond)
	must(t, db.DeleteContact(t.Context(), accounts[0], one[int64](t, owner, `select id from contacts where account_id = $1`, accounts[0])))
	addStranger(t, db, accounts[0], stranger)
	before := mailsTo(t, owner, stranger)
	clock.pass(time.Millisecond)
	addStranger(t, db, accounts[50], stranger)
	if after := mailsTo(t, owner, stranger); after != before+1 {
		t.Errorf("%d mails within a day, then %d", before, after)
	}
}

func TestAContactsMailIsSentAgainAFewTimesADayOverAllAccounts(t *testing.T) {
	t.Parallel()
	owner, clock := newDB(t)
	db := inRole(t, owner, RoleAPI)
	a, b := seedAccount(t, owner, "a@example.com", 0), seedAccount(t, owner, "b@example.com", 0)
	first, _ := addStranger(t, db, a, stranger)
	second, _ := addStranger(t, db, b, stranger)
	var last account.Token
	sent := 1
	exec(t, owner, `update mails set sent_at = created_at`)
	for i := range 10 {
		clock.pass(time.Minute)
		tok, of, contact := coded(), a, first
		if i%2 == 0 {
			of, contact = b, second
		}
		must(t, db.ResendContact(t.Context(), of, contact.ID, tok))
		if n := mailsTo(t, owner, stranger); n > sent {
			sent, last = n, tok
		}
		exec(t, owner, `update mails set sent_at = created_at`)
	}
	if sent != 5 {
		t.Errorf("%d mails, want the first and four more", sent)
	}
	// What was asked for in vain has not made void what was mailed before.
	c, err := db.VerifyContact(t.Context(), last.Hash)
	must(t, err)
	if c.ID != first.ID || c.VerifiedAt.IsZero() {
		t.Errorf("verified %+v", c)
	}
	// Its reader wants our mails: the other account's contact may be confirmed too.
	must(t, db.ResendContact(t.Context(), b, second.ID, coded()))
	if n := mailsTo(t, owner, stranger); n != sent+1 {
		t.Errorf("%d mails after it confirmed, want %d", n, sent+1)
	}
}

func TestAnAddressIsMailedFiveTimesADayForSigningUp(t *testing.T) {
	t.Parallel()
	owner, clock := newDB(t)
	db := inRole(t, owner, RoleAPI)
	var wg sync.WaitGroup
	first := coded()
	must(t, db.Register(t.Context(), withPassword(registration(stranger), "somebody's"), first))
	for i := range 49 {
		wg.Go(func() {
			if err := db.Register(t.Context(), withPassword(registration(spelled(i)), "another's"), coded()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for range 3 {
		must(t, db.ResendVerification(t.Context(), stranger, coded()))
		must(t, db.ForgotPassword(t.Context(), stranger, coded()))
	}
	mine := seedAccount(t, owner, "mine@example.com", 0)
	must(t, db.OweAddress(t.Context(), account.AddressChange{AccountID: mine, NewAddress: stranger}, coded()))
	if n := mailsTo(t, owner, stranger); n != 5 {
		t.Errorf("%d mails, want 5", n)
	}
	clock.pass(24 * time.Hour)
	must(t, db.ResendVerification(t.Context(), stranger, coded()))
	if n := one[int](t, owner, `select count(*) from mails where kind in ('account', 'reset') and created_at = $1`, clock.now()); n != 1 {
		t.Errorf("%d mails on the next day", n)
	}
}

// Its owner registers when others have used the mails up, and finds only theirs.
func TestWhatCannotBeMailedConfirmsNobodysPassword(t *testing.T) {
	t.Parallel()
	owner, _ := newDB(t)
	db := inRole(t, owner, RoleAPI)
	var theirs account.Token
	for range 5 {
		theirs = coded()
		must(t, db.Register(t.Context(), withPassword(registration(stranger), "stranger's"), theirs))
	}
	must(t, db.Register(t.Context(), withPassword(registration(stranger), "owner's"), coded()))
	a, err := db.VerifyAccount(t.Context(), theirs.Hash)
	must(t, err)
	if !a.Verified() {
		t.Errorf("account %+v", a)
	}
	if got := passwordOf(t, db, stranger); got != "" {
		t.Errorf("the password is the %s", got)
	}
	reset := coded()
	must(t, db.ForgotPassword(t.Context(), stranger, reset))
	_, err = db.ResetPassword(t.Context(), reset.Hash, "owner's choice")
	must(t, err)
	if got := passwordOf(t, db, stranger); got != "owner's choice" {
		t.Errorf("the password is the %s", got)
	}
}

func TestWhomWeMailedIsForgottenAfterADay(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	a := seedAccount(t, db, "a@example.com", 0)
	addStranger(t, db, a, stranger)
	clock.pass(24*time.Hour - time.Millisecond)
	must(t, db.Upkeep(t.Context()))
	if n := one[int](t, db, `select count(*) from mailed_addresses`); n != 1 {
		t.Errorf("%d rows within the day", n)
	}
	clock.pass(time.Millisecond)
	must(t, inRole(t, db, RoleWatch).Upkeep(t.Context()))
	if n := one[int](t, db, `select count(*) from mailed_addresses`); n != 0 {
		t.Errorf("%d rows after it", n)
	}
	if one[bool](t, db, `select exists (select from information_schema.columns where table_name = 'mailed_addresses' and data_type = 'text' and column_name <> 'about')`) {
		t.Error("addresses stand there themselves")
	}
}
