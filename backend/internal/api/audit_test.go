package api

import (
	"context"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func TestAnEntrySaysWhoDidWhatWhenAndFromWhere(t *testing.T) {
	a := newApp(t)
	a.ok(200, request{method: "PATCH", path: "/me", bearer: a.other, body: `{"time_zone":"Asia/Tokyo"}`, remote: "198.51.100.7:1234",
		header: map[string]string{"User-Agent": "Firefox"}}, nil)
	if len(a.f.audit) != 1 {
		t.Fatalf("%+v", a.f.audit)
	}
	e := a.f.audit[0]
	if e.AccountID != 2 || e.ActorID != 2 || e.Actor != account.ByAccount || !account.IsID(e.SessionID) || e.Action != "updateMe" ||
		e.Address != "198.51.100.7" || e.UserAgent != "Firefox" || !e.At.Equal(a.f.now) {
		t.Errorf("%+v", e)
	}
	var log AuditList
	a.ok(200, request{method: "GET", path: "/me/audit", bearer: a.other}, &log)
	if len(log.Items) != 1 || log.Items[0].Actor != "you" || *log.Items[0].Address != "198.51.100.7" || log.NextCursor != nil {
		t.Errorf("%+v", log)
	}
	a.ok(200, request{method: "GET", path: "/me/audit"}, &log)
	if len(log.Items) != 0 {
		t.Errorf("the operator's own log has %+v", log.Items)
	}
}

func TestTheAPITokenAndTheMadeObjectStandInTheEntry(t *testing.T) {
	a := newApp(t)
	raw := a.apiToken(2, account.Scopes()...)
	var made ContactResponse
	a.ok(201, request{method: "POST", path: "/contacts", bearer: raw, body: `{"email":"c@example.jp"}`}, &made)
	a.ok(204, request{method: "DELETE", path: "/contacts/" + strconv.FormatInt(made.ID, 10), bearer: raw}, nil)
	if len(a.f.audit) != 2 {
		t.Fatalf("%+v", a.f.audit)
	}
	for _, e := range a.f.audit {
		if e.APITokenID == 0 || e.SessionID != "" || e.Object != strconv.FormatInt(made.ID, 10) || strings.Contains(e.Detail+e.Action, "hnm_") {
			t.Errorf("%+v", e)
		}
	}
}

func TestWhatIsRefusedOrReadWritesNoEntry(t *testing.T) {
	a := newApp(t)
	a.refused(422, "invalid_input", request{method: "PATCH", path: "/me", body: `{"time_zone":"Moon"}`})
	a.refused(404, "not_found", request{method: "DELETE", path: "/contacts/99"})
	a.refused(401, "unauthenticated", request{method: "DELETE", path: "/contacts/1", bearer: "-"})
	a.ok(200, request{method: "GET", path: "/me"}, nil)
	a.ok(204, request{method: "POST", path: "/auth/logout", bearer: "-"}, nil) // nobody was signed in
	if len(a.f.audit) != 0 {
		t.Errorf("%+v", a.f.audit)
	}
}

func TestFailedSignInsAreWrittenAtMostTwentyTimesAnHour(t *testing.T) {
	a := newApp(t)
	for i := range 30 {
		a.do(request{method: "POST", path: "/auth/login", bearer: "-", remote: "198.51.100." + strconv.Itoa(i+1) + ":1",
			body: loginBody("User@example.jp", "wrong password "+strconv.Itoa(i))})
	}
	if len(a.f.audit) != 20 {
		t.Fatalf("%d entries", len(a.f.audit))
	}
	e := a.f.audit[0]
	if e.AccountID != 2 || e.Actor != account.ByNobody || e.ActorID != 0 || e.Detail != "invalid_credentials" || e.Action != "login" {
		t.Errorf("%+v", e)
	}
	a.f.now = a.f.now.Add(61 * time.Minute)
	a.refused(401, "invalid_credentials", request{method: "POST", path: "/auth/login", bearer: "-", body: loginBody("nobody@example.jp", "x")})
	if e := a.f.audit[len(a.f.audit)-1]; len(a.f.audit) != 21 || e.AccountID != 0 {
		t.Errorf("an unknown address: %d entries, %+v", len(a.f.audit), e)
	}
	var log AuditList
	a.bearer, a.other = a.session(1), a.session(2)
	a.ok(200, request{method: "GET", path: "/me/audit?limit=5", bearer: a.other}, &log)
	if len(log.Items) != 5 || log.Items[0].Actor != "unknown" || log.NextCursor == nil {
		t.Errorf("%+v", log)
	}
}

func TestAnEntryHasNoSecretsNorWhatWasSent(t *testing.T) {
	a := newApp(t)
	a.ok(200, request{method: "POST", path: "/auth/login", bearer: "-", body: loginBody("user@example.jp", testPassword)}, nil)
	a.ok(201, request{method: "POST", path: "/me/tokens", body: `{"name":"secret name","scopes":["read"]}`}, nil)
	a.refused(401, "invalid_credentials", request{method: "POST", path: "/auth/login", bearer: "-", body: loginBody("user@example.jp", "secret word")})
	if len(a.f.audit) != 3 {
		t.Fatalf("%+v", a.f.audit)
	}
	for _, e := range a.f.audit {
		text := strings.Join([]string{e.Action, e.Object, e.Detail, e.UserAgent, e.Address}, " ")
		for _, secret := range []string{"secret", testPassword, "user@example.jp", "hnm_"} {
			if strings.Contains(text, secret) {
				t.Errorf("%q is in %s", secret, text)
			}
		}
	}
}

func TestWhatAnOperatorDoesToAnAccountStandsInBothLogs(t *testing.T) {
	a := newApp(t)
	a.server.engine.POST("/api/v1/test", a.server.audit, a.server.quick(a.server.operating(func(c *gin.Context) error {
		actsOn(c, 2)
		return done(c)
	})))
	a.ok(204, request{method: "POST", path: "/test", header: map[string]string{"User-Agent": "Operator's browser"}}, nil)
	var own, theirs AuditList
	a.ok(200, request{method: "GET", path: "/me/audit"}, &own)
	a.ok(200, request{method: "GET", path: "/me/audit", bearer: a.other}, &theirs)
	if len(own.Items) != 1 || own.Items[0].Actor != "you" || own.Items[0].UserAgent == nil {
		t.Errorf("the operator's: %+v", own.Items)
	}
	if len(theirs.Items) != 1 || theirs.Items[0].Actor != "operator" || theirs.Items[0].UserAgent != nil || theirs.Items[0].Address != nil {
		t.Errorf("the account's: %+v", theirs.Items)
	}
	var all OperatorAuditList
	a.ok(200, request{method: "GET", path: "/operator/audit?account_id=2"}, &all)
	if len(all.Items) != 1 || *all.Items[0].ActorID != 1 || all.Items[0].Actor != "operator" {
		t.Errorf("everybody's: %+v", all.Items)
	}
	a.refused(403, "forbidden", request{method: "GET", path: "/operator/audit", bearer: a.other})
}

func TestAChangeThatTheLogDoesNotTakeStandsInTheLogOfTheProcess(t *testing.T) {
	a := newApp(t)
	var text strings.Builder
	a.server.log = slog.New(slog.NewTextHandler(&text, nil))
	a.server.deps.Audit = deafAudit{a.f}
	a.ok(200, request{method: "PATCH", path: "/me", bearer: a.other, body: `{"time_zone":"Asia/Tokyo"}`}, nil)
	if !strings.Contains(text.String(), "audit entry not written") || !strings.Contains(text.String(), "action=updateMe") {
		t.Errorf("the log says %q", text.String())
	}
}

// deafAudit takes nothing.
type deafAudit struct{ *fake }

func (deafAudit) WriteAudit(context.Context, account.AuditEntry) error { return uptime.ErrUnavailable }
