package postgres

import (
	"testing"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

const owedSQL = `select coalesce(string_agg(kind || ' ' || email || coalesce(' ' || (params->>'new_address'), ''), ', ' order by id), '') from mails`

func TestANewAddressIsProvenAndTheOldOneTold(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"link", "code"} {
		db, _ := newDB(t)
		owner := seedAccount(t, db, "a@example.jp", 0)
		api := inRole(t, db, RoleAPI)
		first, second, reset := coded(), coded(), coded()
		must(t, api.ForgotPassword(t.Context(), "a@example.jp", reset))
		change := account.AddressChange{AccountID: owner, NewAddress: "other@example.jp"}
		must(t, api.OweAddress(t.Context(), change, first))
		change.NewAddress = "new@example.jp"
		must(t, api.OweAddress(t.Context(), change, second))
		if owed := one[string](t, db, owedSQL); owed != "reset a@example.jp, address_old a@example.jp new@example.jp, address new@example.jp" {
			t.Errorf("owed: %s", owed)
		}
		mails, err := db.ClaimMails(t.Context(), noon, 1, 10)
		if err != nil || len(mails) != 3 || mails[1].Kind != uptime.AddressOldMail || mails[1].NewAddress != "new@example.jp" || mails[2].Token != second.Raw {
			t.Errorf("claimed %+v, %v", mails, err)
		}
		_, err = api.ChangeAddress(t.Context(), first.Hash)
		want(t, uptime.ErrNotFound, err)
		_, err = api.ChangeAddressByCode(t.Context(), owner+1, codeOf(t, second))
		want(t, uptime.ErrNotFound, err)
		var a account.Account
		if way == "link" {
			a, err = api.ChangeAddress(t.Context(), second.Hash)
		} else {
			_, err = api.ChangeAddressByCode(t.Context(), owner, wrongCode(t, second))
			want(t, uptime.ErrNotFound, err)
			a, err = api.ChangeAddressByCode(t.Context(), owner, codeOf(t, second))
		}
		if err != nil || a.Email != "new@example.jp" {
			t.Errorf("%s: %+v, %v", way, a, err)
		}
		_, err = api.CredentialsByEmail(t.Context(), "a@example.jp")
		want(t, uptime.ErrNotFound, err)
		_, err = api.ResetPassword(t.Context(), reset.Hash, "x") // lies in the old mailbox
		want(t, uptime.ErrNotFound, err)
		_, err = api.ChangeAddress(t.Context(), second.Hash)
		want(t, uptime.ErrNotFound, err)
	}
}

func TestAnAddressOfAnotherAccountIsNotTaken(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 0)
	api := inRole(t, db, RoleAPI)
	late, none := coded(), coded()
	change := account.AddressChange{AccountID: owner, NewAddress: "B@example.jp"}
	must(t, api.OweAddress(t.Context(), change, late))
	seedAccount(t, db, "b@example.jp", 0)
	_, err := api.ChangeAddress(t.Context(), late.Hash)
	want(t, uptime.ErrConflict, err)
	must(t, api.OweAddress(t.Context(), change, none))
	if owed := one[string](t, db, owedSQL); owed != "address_old a@example.jp B@example.jp, exists b@example.jp" {
		t.Errorf("owed: %s", owed)
	}
	for _, tok := range []account.Token{late, none} {
		_, err = api.ChangeAddress(t.Context(), tok.Hash)
		want(t, uptime.ErrNotFound, err)
	}
	change.PasswordHash = "another"
	want(t, uptime.ErrConflict, api.OweAddress(t.Context(), change, coded()))
}

// Whoever only registered an address does not keep its owner from it.
func TestAnUnverifiedAccountYieldsItsAddress(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 0)
	api := inRole(t, db, RoleAPI)
	squatter, tok := coded(), coded()
	must(t, api.Register(t.Context(), registration("new@example.jp"), squatter))
	must(t, api.OweAddress(t.Context(), account.AddressChange{AccountID: owner, NewAddress: "new@example.jp"}, tok))
	if a, err := api.ChangeAddress(t.Context(), tok.Hash); err != nil || a.ID != owner {
		t.Errorf("%+v, %v", a, err)
	}
	_, err := api.VerifyAccount(t.Context(), squatter.Hash)
	want(t, uptime.ErrNotFound, err)
	if n := one[int](t, db, `select count(*) from accounts`); n != 1 {
		t.Errorf("%d accounts", n)
	}
}

func TestAChangedPasswordStopsAChangeOfTheAddress(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 0)
	tok := coded()
	must(t, db.OweAddress(t.Context(), account.AddressChange{AccountID: owner, NewAddress: "thief@example.jp"}, tok))
	reset := coded()
	must(t, db.ForgotPassword(t.Context(), "a@example.jp", reset))
	_, err := db.ResetPassword(t.Context(), reset.Hash, "new")
	must(t, err)
	_, err = db.ChangeAddress(t.Context(), tok.Hash)
	want(t, uptime.ErrNotFound, err)
}
