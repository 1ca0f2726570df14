package api

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

func stopperOf(t *testing.T, secret string) account.Unsubscriber {
	t.Helper()
	u, err := account.NewUnsubscriber([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func (a *app) contact(id int64) ContactResponse {
	a.t.Helper()
	var list ContactList
	a.ok(200, request{method: "GET", path: "/contacts"}, &list)
	for _, c := range list.Items {
		if c.ID == id {
			return c
		}
	}
	a.t.Fatalf("no contact %d", id)
	return ContactResponse{}
}

func TestMailsToAContactAreStoppedByOneClick(t *testing.T) {
	a := newApp(t)
	token := stopperOf(t, testSecret).Token(1, 1)
	page := a.ok(303, request{method: "GET", path: "/unsubscribe/" + token, bearer: "-"}, nil)
	if got := page.Header().Get("Location"); got != "https://watch.example.jp/unsubscribe#token="+token {
		t.Errorf("the page is at %s", got)
	}
	if a.contact(1).UnsubscribedAt != nil {
		t.Error("who follows a link unsubscribes")
	}
	// As mail programs send it (RFC 8058 §3.1), from anywhere and without cookies.
	click := request{
		method: "POST", path: "/unsubscribe/" + token, bearer: "-", body: "List-Unsubscribe=One-Click",
		header: map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Origin": "https://mail.example.com"},
	}
	for range 2 {
		a.ok(204, click, nil)
	}
	if c := a.contact(1); c.UnsubscribedAt == nil || !c.UnsubscribedAt.Equal(at(12, 0)) || c.VerifiedAt == nil || a.f.written != 1 {
		t.Errorf("contact %+v, %d writes", c, a.f.written)
	}
	var me MeResponse
	a.ok(200, request{method: "GET", path: "/me"}, &me)
	if me.VerifiedContacts != 0 {
		t.Errorf("%d contacts get mails", me.VerifiedContacts)
	}
	gone := click
	gone.path = "/unsubscribe/" + stopperOf(t, testSecret).Token(1, 99)
	a.ok(204, gone, nil)
	for _, bad := range []string{"x", strings.Repeat("A", 43), stopperOf(t, testSecret+"x").Token(1, 1), token[:42]} {
		for _, method := range []string{"GET", "POST"} {
			a.refused(422, "token_invalid", request{method: method, path: "/unsubscribe/" + bad, bearer: "-"})
		}
	}
}

func TestWhoUnsubscribedGetsMailsAgainOnlyByConfirming(t *testing.T) {
	a := newApp(t)
	again := request{method: "POST", path: "/contacts/1/resubscribe"}
	a.refused(409, "conflict", again)
	a.ok(204, request{method: "POST", path: "/unsubscribe/" + stopperOf(t, testSecret).Token(1, 1), bearer: "-"}, nil)
	a.ok(204, again, nil)
	if a.contact(1).UnsubscribedAt == nil {
		t.Error("it did not have to confirm")
	}
	a.refused(409, "already_verified", request{method: "POST", path: "/contacts/1/resend"})
	token := a.f.sent[len(a.f.sent)-1]
	var c ContactResponse
	a.ok(200, request{method: "POST", path: "/contacts/1/verify", body: fmt.Sprintf(`{"code":%q}`, account.CodeOf(token.Raw))}, &c)
	if c.UnsubscribedAt != nil {
		t.Errorf("contact %+v", c)
	}
	a.refused(404, "not_found", request{method: "POST", path: "/contacts/1/resubscribe", bearer: a.other})
}

func TestABounceIsShownToItsOwner(t *testing.T) {
	a := newApp(t)
	w := a.ok(200, request{method: "GET", path: "/contacts"}, nil)
	if !strings.Contains(w.Body.String(), `"unsubscribed_at":null,"bounced_at":null,"bounce":null`) {
		t.Errorf("contacts %s", w.Body)
	}
	a.f.contacts[0].Bounce, a.f.contacts[0].BouncedAt = "550 Unknown user", at(11, 0)
	if c := a.contact(1); c.Bounce == nil || *c.Bounce != "550 Unknown user" || c.BouncedAt == nil || !c.BouncedAt.Equal(at(11, 0)) {
		t.Errorf("contact %+v", c)
	}
	a.ok(204, request{method: "POST", path: "/contacts/1/resubscribe"}, nil)
}
