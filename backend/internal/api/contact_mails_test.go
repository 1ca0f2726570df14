package api

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func TestAContactHasItsLanguageAndForm(t *testing.T) {
	a := newApp(t)
	var c ContactResponse
	a.ok(200, request{method: "PATCH", path: "/contacts/1", body: `{"locale":"en"}`}, &c)
	if c.Locale != "en" || c.ShortForm || c.ID != 1 {
		t.Errorf("contact %+v", c)
	}
	a.ok(200, request{method: "PATCH", path: "/contacts/1", body: `{"short_form":true}`}, &c)
	if c.Locale != "en" || !c.ShortForm {
		t.Errorf("contact %+v", c)
	}
	written := a.f.written
	for _, body := range []string{`{"locale":"fr"}`, `{"email":"other@example.jp"}`, `{"verified_at":"2026-11-22T00:00:00Z"}`, `{"unsubscribed_at":null}`} {
		a.refused(422, "invalid_input", request{method: "PATCH", path: "/contacts/1", body: body})
	}
	a.refused(404, "not_found", request{method: "PATCH", path: "/contacts/1", body: `{"locale":"en"}`, bearer: a.other})
	if a.f.written != written {
		t.Error("what was refused changed something")
	}
}

func TestTestMailsAreOnceAMinuteAndFiveADay(t *testing.T) {
	a := newApp(t)
	test := request{method: "POST", path: "/contacts/1/test"}
	begun := a.f.now
	for i := range 5 {
		a.ok(202, test, nil)
		a.f.now = a.f.now.Add(time.Minute - time.Second)
		if after := a.do(test).Header().Get("Retry-After"); i < 4 && after != "1" {
			t.Errorf("retry after %q", after)
		}
		a.refused(429, "too_many_requests", test)
		a.f.now = a.f.now.Add(time.Second)
	}
	a.refused(429, "too_many_requests", test)
	if a.f.written != 5 {
		t.Errorf("%d mails", a.f.written)
	}
	a.f.now = begun.Add(24 * time.Hour)
	a.bearer = a.session(1)
	a.ok(202, test, nil)
}

func TestTestMailsGoToOnesOwnContactsThatGetMails(t *testing.T) {
	a := newApp(t)
	test := request{method: "POST", path: "/contacts/1/test"}
	other := test
	other.bearer = a.other
	a.refused(404, "not_found", other)
	a.f.contacts[0].UnsubscribedAt = a.f.now
	for range 3 { // and spends no try
		a.refused(409, "not_verified", test)
	}
	a.f.contacts[0].UnsubscribedAt = time.Time{}
	a.ok(202, test, nil)
}

func TestTheMailThatConfirmsAContactIsAskedForOnceAMinuteAndFiveTimesADay(t *testing.T) {
	a := newApp(t)
	var made ContactResponse
	a.ok(201, request{method: "POST", path: "/contacts", body: `{"email":"new@example.jp"}`}, &made)
	resend := request{method: "POST", path: fmt.Sprintf("/contacts/%d/resend", made.ID)}
	for range 5 {
		a.ok(204, resend, nil)
		a.refused(429, "too_many_requests", resend)
		a.f.now = a.f.now.Add(time.Minute)
	}
	a.refused(429, "too_many_requests", resend)
	if len(a.f.sent) != 6 {
		t.Errorf("%d mails", len(a.f.sent))
	}
}

func TestMailsToAContactAreShownToItsOwner(t *testing.T) {
	a := newApp(t)
	a.f.contactMails = []account.ContactMail{
		{ID: 9, Kind: "alert", CreatedAt: at(11, 0), FailedAt: at(11, 1), Refusal: "550 Unknown user"},
		{ID: 8, Kind: "test", CreatedAt: at(10, 0), SentAt: at(10, 1)},
	}
	w := a.ok(200, request{method: "GET", path: "/contacts/1/mails"}, nil)
	const want = `{"items":[{"id":9,"kind":"alert","created_at":"2026-11-22T11:00:00Z","sent_at":null,"failed_at":"2026-11-22T11:01:00Z","error":"550 Unknown user"},` +
		`{"id":8,"kind":"test","created_at":"2026-11-22T10:00:00Z","sent_at":"2026-11-22T10:01:00Z","failed_at":null,"error":null}],"next_cursor":null}`
	if w.Body.String() != want {
		t.Errorf("mails %s", w.Body)
	}
	a.refused(404, "not_found", request{method: "GET", path: "/contacts/1/mails", bearer: a.other})
}

func TestATargetNamesItsContacts(t *testing.T) {
	a := newApp(t)
	target := a.f.watch(1, "a.example", uptime.Ping)
	path := fmt.Sprintf("/targets/%d", target.ID)
	var got TargetResponse
	patch := func(body string) []int64 {
		t.Helper()
		a.ok(200, request{method: "PATCH", path: path, body: body}, &got)
		return got.ContactIDs
	}
	a.f.contacts = append(a.f.contacts, account.Contact{ID: 7, AccountID: 1, Email: "7@example.jp"}, account.Contact{ID: 8, AccountID: 2, Email: "8@example.jp"})
	if ids := patch(`{"label":"x"}`); ids != nil {
		t.Errorf("at first %v", ids)
	}
	if ids := patch(`{"contact_ids":[7,1]}`); !slices.Equal(ids, []int64{1, 7}) || got.Label != "x" {
		t.Errorf("named %v of %+v", ids, got)
	}
	if ids := patch(`{"notes":"n"}`); !slices.Equal(ids, []int64{1, 7}) {
		t.Errorf("left out: %v", ids)
	}
	for _, bad := range []string{`[]`, `[7,7]`, `[8]`, `[99]`, `[0]`, `["7"]`, `7`, `{}`, `[1.5]`, `[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21]`} {
		a.refused(422, "invalid_input", request{method: "PATCH", path: path, body: `{"contact_ids":` + bad + `}`})
	}
	theirs := a.do(request{method: "PATCH", path: path, body: `{"contact_ids":[8]}`})
	nobodys := a.do(request{method: "PATCH", path: path, body: `{"contact_ids":[99]}`})
	if theirs.Body.String() != nobodys.Body.String() {
		t.Errorf("another's contact: %s\nnobody's: %s", theirs.Body, nobodys.Body)
	}
	if ids := patch(`{"contact_ids":null}`); ids != nil {
		t.Errorf("at last %v", ids)
	}
}
