package api

import (
	"fmt"
	"testing"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

func TestNewTermsAreAcceptedBeforeTheNextSignIn(t *testing.T) {
	a := newApp(t)
	a.f.accounts[1].TermsVersion = "2020-01-01"
	sessions := len(a.f.sessions)
	login := func(password, accept string) request {
		return request{method: "POST", path: "/auth/login", bearer: "-",
			body: fmt.Sprintf(`{"email":"user@example.jp","password":%q,"accept_terms":%q}`, password, accept)}
	}
	a.refused(401, "invalid_credentials", login("another password", account.TermsVersion))
	for _, accept := range []string{"", "2020-01-01", "9999-12-31"} {
		if p := a.refused(403, "terms_changed", login(testPassword, accept)); p.TermsVersion != account.TermsVersion {
			t.Errorf("accepting %q: the answer names version %q", accept, p.TermsVersion)
		}
	}
	if len(a.f.sessions) != sessions || a.f.accounts[1].TermsVersion != "2020-01-01" {
		t.Errorf("%d sessions instead of %d, terms %s", len(a.f.sessions), sessions, a.f.accounts[1].TermsVersion)
	}
	a.ok(200, login(testPassword, account.TermsVersion), nil)
	if got := a.f.accounts[1].TermsVersion; got != account.TermsVersion {
		t.Errorf("accepted %q", got)
	}
	a.ok(200, login(testPassword, ""), nil)
}
