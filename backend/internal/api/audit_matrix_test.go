package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/api"
)

// scene is who takes part in the calls whose entries are looked at.
type scene struct {
	s            *system
	me, operator *client
	n            int
}

// fresh is an account that nobody else uses.
func (sc *scene) fresh() (email string, who *client) {
	sc.n++
	email = fmt.Sprintf("fresh%d@example.jp", sc.n)
	return email, sc.s.user(email)
}

// unsubscribable is a contact of mine, and the token of the links in its mails.
func (sc *scene) unsubscribable(email string) (token string, id int64) {
	sc.s.t.Helper()
	id = want[api.ContactResponse](sc.me, 201, "POST", "/contacts", object{"email": email}).ID
	u, err := account.NewUnsubscriber([]byte(signingSecret))
	if err != nil {
		sc.s.t.Fatal(err)
	}
	return u.Token(one[int64](sc.s, `select account_id from contacts where id = $1`, id), id), id
}

func (sc *scene) freshID() int64 {
	email, _ := sc.fresh()
	return one[int64](sc.s, `select id from accounts where email = $1`, email)
}

// succeeding are calls that succeed, of the routes for which the matrix of
// callers has none: each prepares what it needs and gives the request.
func succeeding() map[string]func(sc *scene) (*client, call) {
	registration := func(email string) object {
		return object{"email": email, "password": password, "locale": "ja", "time_zone": "Asia/Tokyo", "accept_terms": account.TermsVersion}
	}
	return map[string]func(sc *scene) (*client, call){
		"POST /auth/register": func(sc *scene) (*client, call) {
			return sc.s.client(), call{"/auth/register", registration("new@example.jp")}
		},
		"POST /auth/verify": func(sc *scene) (*client, call) {
			sc.s.client().register("verify@example.jp", "")
			return sc.s.client(), call{"/auth/verify", object{"token": sc.s.mailed("account", "verify@example.jp")}}
		},
		"POST /auth/resend": func(sc *scene) (*client, call) {
			return sc.s.client(), call{"/auth/resend", object{"email": "nobody@example.jp"}}
		},
		"POST /auth/password/forgot": func(sc *scene) (*client, call) {
			return sc.s.client(), call{"/auth/password/forgot", object{"email": "nobody@example.jp"}}
		},
		"POST /auth/password/reset": func(sc *scene) (*client, call) {
			email, who := sc.fresh()
			want[object](who, 202, "POST", "/auth/password/forgot", object{"email": email})
			return sc.s.client(), call{"/auth/password/reset", object{"token": sc.s.mailed("reset", email), "new_password": "other " + password}}
		},
		"POST /auth/login": func(sc *scene) (*client, call) {
			return sc.s.client(), call{"/auth/login", object{"email": "me@example.jp", "password": password}}
		},
		"POST /auth/logout": func(sc *scene) (*client, call) {
			_, who := sc.fresh()
			return who, call{path: "/auth/logout"}
		},
		"POST /contacts/verify": func(sc *scene) (*client, call) {
			want[api.ContactResponse](sc.me, 201, "POST", "/contacts", object{"email": "confirm@example.jp"})
			return sc.s.client(), call{"/contacts/verify", object{"token": sc.s.mailed("contact", "confirm@example.jp")}}
		},
		"POST /contacts/:id/verify": func(sc *scene) (*client, call) {
			made := want[api.ContactResponse](sc.me, 201, "POST", "/contacts", object{"email": "code@example.jp"})
			return sc.me, call{path("/contacts/%d/verify", made.ID), object{"code": account.CodeOf(sc.s.mailed("contact", "code@example.jp"))}}
		},
		"POST /contacts/:id/resubscribe": func(sc *scene) (*client, call) {
			_, id := sc.unsubscribable("away@example.jp")
			if _, err := sc.s.db.SQL().ExecContext(sc.s.t.Context(), `update contacts set unsubscribed_at = now() where id = $1`, id); err != nil {
				sc.s.t.Fatal(err)
			}
			return sc.me, call{path: path("/contacts/%d/resubscribe", id)}
		},
		"POST /contacts/:id/test": func(sc *scene) (*client, call) {
			own := want[api.ContactList](sc.me, 200, "GET", "/contacts", nil).Items[0] // its address was confirmed by signing up
			return sc.me, call{path: path("/contacts/%d/test", own.ID)}
		},
		"POST /unsubscribe/:token": func(sc *scene) (*client, call) {
			token, _ := sc.unsubscribable("stop@example.jp")
			return sc.s.client(), call{path: "/unsubscribe/" + token}
		},
		"POST /me/password": func(sc *scene) (*client, call) {
			_, who := sc.fresh()
			return who, call{"/me/password", object{"current_password": password, "new_password": "other " + password}}
		},
		"POST /me/email": func(sc *scene) (*client, call) {
			_, who := sc.fresh()
			return who, call{"/me/email", object{"new_email": "moved@example.jp", "password": password}}
		},
		"POST /me/email/confirm": func(sc *scene) (*client, call) {
			_, who := sc.fresh()
			want[object](who, 202, "POST", "/me/email", object{"new_email": "moved1@example.jp", "password": password})
			return sc.s.client(), call{"/me/email/confirm", object{"token": sc.s.mailed("address", "moved1@example.jp")}}
		},
		"POST /me/email/code": func(sc *scene) (*client, call) {
			_, who := sc.fresh()
			want[object](who, 202, "POST", "/me/email", object{"new_email": "moved2@example.jp", "password": password})
			return who, call{"/me/email/code", object{"code": account.CodeOf(sc.s.mailed("address", "moved2@example.jp"))}}
		},
		"DELETE /me": func(sc *scene) (*client, call) {
			_, who := sc.fresh()
			return who, call{"/me", object{"password": password}}
		},
		"DELETE /me/sessions/:id": func(sc *scene) (*client, call) {
			email, who := sc.fresh()
			who.login(email)
			id := one[string](sc.s, `select s.id from sessions s join accounts a on a.id = s.account_id where a.email = $1 order by s.created_at limit 1`, email)
			return who, call{path: "/me/sessions/" + id}
		},
		"POST /me/totp/enable": func(sc *scene) (*client, call) {
			_, who := sc.fresh()
			return who, call{"/me/totp/enable", object{"code": account.TOTP(who.newTOTP(), time.Now())}}
		},
		"POST /me/totp/disable": func(sc *scene) (*client, call) {
			_, who := sc.fresh()
			_, recovery := who.secondFactor()
			return who, call{"/me/totp/disable", object{"password": password, "recovery_code": recovery[0]}}
		},
		"POST /me/totp/recovery": func(sc *scene) (*client, call) {
			_, who := sc.fresh()
			secret, _ := who.secondFactor()
			fast := account.TOTP(secret, time.Now().Add(30*time.Second)) // the step that turned it on is spent
			return who, call{"/me/totp/recovery", object{"password": password, "code": fast}}
		},
		"POST /operator/invites": func(sc *scene) (*client, call) {
			return sc.operator, call{"/operator/invites", object{}}
		},
		"DELETE /operator/invites/:id": func(sc *scene) (*client, call) {
			made := want[api.NewInviteResponse](sc.operator, 201, "POST", "/operator/invites", object{})
			return sc.operator, call{path: path("/operator/invites/%d", made.ID)}
		},
		"PUT /operator/accounts/:id/quotas": func(sc *scene) (*client, call) {
			return sc.operator, call{path("/operator/accounts/%d/quotas", sc.freshID()), object{"targets": 9}}
		},
		"PATCH /operator/accounts/:id": func(sc *scene) (*client, call) {
			return sc.operator, call{path("/operator/accounts/%d", sc.freshID()), object{"disabled": true}}
		},
		"POST /operator/accounts/:id/open": func(sc *scene) (*client, call) {
			return sc.operator, call{path("/operator/accounts/%d/open", sc.freshID()), object{"reason": "asked to"}}
		},
		"POST /operator/targets/:id/release": func(sc *scene) (*client, call) { // its own
			return sc.operator, call{path: path("/operator/targets/%d/release", sc.operator.watch("released.example.jp", "ping").ID)}
		},
		"POST /operator/mails/:id/retry": func(sc *scene) (*client, call) { // one to the operator
			want[object](sc.s.client(), 202, "POST", "/auth/password/forgot", object{"email": "operator@example.jp"})
			return sc.operator, call{path: path("/operator/mails/%d/retry", one[int64](sc.s, `select max(id) from mails where kind = 'reset'`))}
		},
		"POST /operator/stop": func(sc *scene) (*client, call) {
			want[object](sc.operator, 200, "POST", "/operator/resume", nil)
			return sc.operator, call{path: "/operator/stop"}
		},
		"POST /operator/resume": func(sc *scene) (*client, call) {
			want[object](sc.operator, 200, "POST", "/operator/stop", nil)
			return sc.operator, call{path: "/operator/resume"}
		},
		"POST /operator/terms": func(sc *scene) (*client, call) { // after today, so that nobody else is asked
			next := time.Now().UTC().AddDate(0, 0, 9).Format(time.DateOnly)
			return sc.operator, call{"/operator/terms", object{"version": next, "ja": "規約", "en": "terms"}}
		},
		"PATCH /operator/settings": func(sc *scene) (*client, call) {
			return sc.operator, call{"/operator/settings", object{"stop_after": nil}}
		},
		"PUT /operator/shared-networks": func(sc *scene) (*client, call) {
			return sc.operator, call{"/operator/shared-networks", object{"items": []object{}}}
		},
		"POST /operator/targets/allow": func(sc *scene) (*client, call) {
			return sc.operator, call{"/operator/targets/allow", object{"host": "allowed.example.com"}}
		},
		"DELETE /operator/targets/allow/:id": func(sc *scene) (*client, call) {
			made := want[api.AllowedHostResponse](sc.operator, 201, "POST", "/operator/targets/allow", object{"host": "elsewhere.example.com"})
			return sc.operator, call{path: path("/operator/targets/allow/%d", made.ID)}
		},
		"DELETE /operator/requests/:id": func(sc *scene) (*client, call) {
			want[object](sc.me, 202, "POST", "/targets/ask", object{"host": "nowhere.example.com", "note": "n"})
			return sc.operator, call{path: path("/operator/requests/%d", one[int64](sc.s, `select max(id) from host_requests`))}
		},
	}
}

// call of a route that must succeed; nil if nobody knows one.
func (sc *scene) call(route string) (*client, call) {
	if prepare := succeeding()[route]; prepare != nil {
		return prepare(sc)
	}
	r, known := matrix()[route]
	switch {
	case known && r.names != nil && r.ok < 400:
		sc.n++
		return sc.me, r.names(sc.me.own(1000 + sc.n))
	case known && !r.open && !r.operator && r.ok < 400:
		return sc.me, r.plain
	}
	return nil, call{}
}

func TestEveryRouteThatChangesSomethingWritesOneEntry(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	sc := &scene{s: s, operator: s.operator(), me: s.user("me@example.jp")}
	exempt := api.Unaudited()
	for _, r := range s.server.Routes() {
		name, inside := strings.CutPrefix(r.Path, "/api/v1")
		if !inside || r.Method == http.MethodGet {
			continue
		}
		route := r.Method + " " + name
		if reason := exempt[route]; reason != "" {
			delete(exempt, route)
			continue
		}
		s.server.ForgetThrottles() // callers from one address register five times an hour
		who, c := sc.call(route)
		if who == nil {
			t.Errorf("%s: nobody knows a call that succeeds; add one to succeeding() in audit_matrix_test.go", route)
			continue
		}
		sc.wantEntry(route, who, c)
		if route == "POST /operator/stop" { // else others would be refused
			want[object](sc.operator, 200, "POST", "/operator/resume", nil)
		}
		sc.me.leave()
	}
	for route := range exempt {
		t.Errorf("%s is exempt and not in the router", route)
	}
}

// wantEntry insists on one entry of a call, in the log of whoever called.
func (sc *scene) wantEntry(route string, who *client, c call) {
	t := sc.s.t
	t.Helper()
	method, _, _ := strings.Cut(route, " ")
	last := one[int64](sc.s, `select coalesce(max(id), 0) from audit_log`)
	if status, body := who.do(method, "/api/v1"+c.path, c.body); status >= 400 {
		t.Errorf("%s: %d %s", route, status, body)
		return
	}
	var rows []struct {
		Account   int64  `db:"account"`
		Actor     string `db:"actor"`
		Action    string `db:"action"`
		Address   string `db:"address"`
		UserAgent string `db:"user_agent"`
	}
	err := sc.s.db.SQL().SelectContext(t.Context(), &rows,
		`select coalesce(account_id, 0) as account, actor, action, address, user_agent from audit_log where id > $1 and actor <> 'operator'`, last) // an account's copy is another test's
	if err != nil || len(rows) != 1 {
		t.Errorf("%s: %d entries, %v", route, len(rows), err)
		return
	}
	row := rows[0]
	if route == "DELETE /me" { // names nobody any more
		if row.Account != 0 || row.Actor != "nobody" || row.Action != "deleteMe" || row.Address+row.UserAgent != "" {
			t.Errorf("%s: %+v", route, row)
		}
		return
	}
	if row.Action == "" || row.Action == route || row.Address == "" || row.UserAgent == "" {
		t.Errorf("%s: %+v", route, row)
	}
	if anonymous := row.Actor == "nobody"; anonymous != (row.Account == 0) || anonymous && who.bearer != "" {
		t.Errorf("%s: %+v", route, row)
	}
}
