package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/api"
)

// token makes an API token.
func (c *client) token(n int, scopes ...account.Scope) api.NewAPITokenResponse {
	c.s.t.Helper()
	return want[api.NewAPITokenResponse](c, 201, "POST", "/me/tokens", object{"name": fmt.Sprintf("token %d", n), "scopes": scopes})
}

// badTokens are API tokens that nobody may be let in with, by what is wrong
// with them; but for that they may do everything, and were used.
func (s *system) badTokens(script *client) map[string]string {
	s.t.Helper()
	revoked, expired := script.token(1, account.Scopes()...), script.token(2, account.Scopes()...)
	for _, raw := range []string{revoked.Token, expired.Token} {
		want[object](&client{s: s, web: http.DefaultClient, bearer: raw}, 200, "GET", "/me", nil)
	}
	want[object](script, 204, "DELETE", path("/me/tokens/%d", revoked.ID), nil)
	if _, err := s.db.SQL().ExecContext(s.t.Context(), `update api_tokens set expires_at = now() where id = $1`, expired.ID); err != nil {
		s.t.Fatal(err)
	}
	return map[string]string{
		"a revoked API token": revoked.Token, "an expired API token": expired.Token,
		"an API token that nobody made": account.NewAPISecret().Raw,
	}
}

// without are all scopes that do not contain one.
func without(need account.Scope) (others []account.Scope) {
	for _, s := range account.Scopes() {
		if !(account.APIToken{Scopes: []account.Scope{s}}).Allows(need) {
			others = append(others, s)
		}
	}
	return others
}

func TestAnAPITokenReachesWhatItsScopeSaysAndNothingElse(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	operator := s.operator()
	me, other := s.user("me@example.jp"), s.user("other@example.jp")
	theirs := other.own(1)
	before := other.all()
	scopes := api.RouteScopes()
	n := 1
	for name, r := range matrix() {
		if r.open {
			continue
		}
		method, _, _ := strings.Cut(name, " ")
		n++
		own, c := me.own(n), r.plain
		if r.names != nil {
			c = r.names(own)
		}
		need := scopes[name]
		everything := me.token(n, account.Scopes()...).Token
		if need == "" {
			for what, raw := range map[string]string{"a token": everything, "an operator's token": operator.token(n, account.Scopes()...).Token} {
				if got := s.answer(method, c, raw); !missesScope(got) {
					t.Errorf("%s with %s: %s", name, what, got)
				}
			}
			operator.leave()
			me.leave()
			continue
		}
		if got := s.answer(method, c, me.token(n, without(need)...).Token); !missesScope(got) {
			t.Errorf("%s without %s: %s", name, need, got)
		}
		only := me.token(n, need).Token
		if r.names != nil {
			foreign, nobodys := s.answer(method, r.names(theirs), only), s.answer(method, r.names(strange), only)
			if foreign != nobodys || !strings.HasPrefix(foreign, "404\n") {
				t.Errorf("%s: another's:\n%s\nnobody's:\n%s", name, foreign, nobodys)
			}
		}
		if got := s.answer(method, c, only); !strings.HasPrefix(got, fmt.Sprintf("%d\n", r.ok)) {
			t.Errorf("%s with %s: %s", name, need, got)
		}
		me.leave()
	}
	if after := other.all(); after != before {
		t.Errorf("the other account had %s\nand has %s", before, after)
	}
}

func missesScope(answer string) bool {
	return strings.HasPrefix(answer, "403\n") && strings.Contains(answer, `"code":"scope_missing"`)
}
