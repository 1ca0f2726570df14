package api

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

func TestEveryRouteSaysWhatAnAPITokenNeeds(t *testing.T) {
	doc, err := description()
	if err != nil {
		t.Fatal(err)
	}
	scopes := routeScopes()
	listed := 0
	for _, routes := range scopedRoutes() {
		listed += len(routes)
	}
	if listed != len(scopes) {
		t.Errorf("%d of %d routes stand twice", listed-len(scopes), listed)
	}
	param := regexp.MustCompile(`:(\w+)`)
	for _, r := range newEmptyApp(t).server.engine.Routes() {
		path, inside := strings.CutPrefix(r.Path, "/api/v1")
		if !inside {
			continue
		}
		name := routeName(r.Method, r.Path)
		need, decided := scopes[name]
		if delete(scopes, name); !decided {
			t.Errorf("%s: nobody has decided what an API token needs (scopes.go)", name)
			continue
		}
		op := doc.Paths.Value(param.ReplaceAllString(path, "{$1}")).GetOperation(r.Method)
		if public := len(*op.Security) == 0; public != (need == openRoute) {
			t.Errorf("%s: needs %q, and its description says that it is public: %v", name, need, public)
		}
		if need != openRoute && need != sessionOnly && !slices.Contains(account.Scopes(), need) {
			t.Errorf("%s needs %q, which is no scope", name, need)
		}
		if neverByToken.MatchString(name) && need != sessionOnly && name != "POST /me/email/confirm" { // by a mailed token
			t.Errorf("%s is open to API tokens with %q", name, need)
		}
		if r.Method != http.MethodGet && strings.HasSuffix(string(need), "read") && name != "POST /report/links" {
			t.Errorf("%s changes something and needs %q only", name, need)
		}
	}
	for name := range scopes {
		t.Errorf("%s is in the list and not in the router", name)
	}
}

// neverByToken is what decides over the account itself or over everybody.
var neverByToken = regexp.MustCompile(`^(\S+ /operator/|\S+ /me/(password|email|tokens|sessions|totp|export|audit)|DELETE /me$)`)

func TestARouteThatIsNotInTheListRefusesAPITokens(t *testing.T) {
	a := newApp(t)
	raw := a.apiToken(1, account.Scopes()...)
	get := request{method: "GET", path: "/contacts", bearer: raw}
	a.ok(200, get, nil)
	delete(a.server.scopes, "GET /contacts")
	a.refused(403, "scope_missing", get)
	get.bearer = ""
	a.ok(200, get, nil)
}
