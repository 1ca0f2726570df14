package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/api"
	"github.com/hinomi-watch/hinomi/backend/internal/postgres"
	"github.com/hinomi-watch/hinomi/backend/internal/postgres/pgtest"
)

// refusal registers a host and gives the word by which it is refused.
func (c *client) refusal(host string) string {
	c.s.t.Helper()
	p := want[api.Problem](c, 422, "POST", "/targets", object{"host": host, "services": []string{"ping"}, "owned": true})
	if p.Code != "invalid_input" || len(p.Errors) != 1 || p.Errors[0].Field != "host" {
		c.s.t.Errorf("%s: %+v", host, p)
		return ""
	}
	return p.Errors[0].Code
}

func TestAHostAbroadIsRefusedUntilTheOperatorAllowsIt(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	operator, user := s.operator(), s.user("user@example.jp")
	if code := user.refusal("abroad.example.com"); code != "country_forbidden" {
		t.Errorf("abroad: %s", code)
	}
	if code := user.refusal("nowhere.example.com"); code != "country_unknown" {
		t.Errorf("nobody knows where: %s", code)
	}
	want[object](user, 202, "POST", "/targets/ask", object{"host": "Nowhere.example.com", "note": "please"})
	want[object](user, 202, "POST", "/targets/ask", object{"host": "nowhere.example.com", "note": "our branch in Berlin"})
	want[object](user, 202, "POST", "/targets/ask", object{"host": "abroad.example.com"})

	asked := want[api.HostRequestList](operator, 200, "GET", "/operator/requests", nil).Items
	if len(asked) != 2 || asked[0].Host != "nowhere.example.com" || asked[0].Note != "our branch in Berlin" || asked[0].Email != "user@example.jp" {
		t.Fatalf("asked %+v", asked)
	}
	want[object](operator, 204, "DELETE", path("/operator/requests/%d", asked[1].ID), nil)
	want[api.Problem](operator, 404, "DELETE", path("/operator/requests/%d", asked[1].ID), nil)

	made := want[api.AllowedHostResponse](operator, 201, "POST", "/operator/targets/allow", object{"host": "nowhere.example.com"})
	if p := want[api.Problem](operator, 409, "POST", "/operator/targets/allow", object{"host": "NOWHERE.example.com"}); p.Code != "host_exists" {
		t.Errorf("allowed twice: %+v", p)
	}
	if left := want[api.HostRequestList](operator, 200, "GET", "/operator/requests", nil).Items; len(left) != 0 {
		t.Errorf("requests %+v are left", left)
	}
	if list := want[api.AllowedHostList](operator, 200, "GET", "/operator/targets/allow", nil).Items; len(list) != 1 || list[0] != made {
		t.Errorf("allowed %+v", list)
	}
	user.watch("nowhere.example.com", "ping")
	want[object](operator, 204, "DELETE", path("/operator/targets/allow/%d", made.ID), nil)
	if code := operator.refusal("nowhere.example.com"); code != "country_unknown" {
		t.Errorf("after the permission was taken back: %s", code)
	}
}

func TestOnlyWhatIsRefusedForItsCountryIsAskedFor(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.operator()
	user, other := s.user("user@example.jp"), s.user("other@example.jp")
	for host, code := range map[string]string{
		"www.example.jp": "not_needed", "private.example.jp": "forbidden_address", "10.0.0.1": "forbidden_address", "": "required", "a b": "host_syntax",
	} {
		p := want[api.Problem](user, 422, "POST", "/targets/ask", object{"host": host, "note": ""})
		if len(p.Errors) != 1 || p.Errors[0].Code != code {
			t.Errorf("%q: %+v, want %s", host, p, code)
		}
	}
	p := want[api.Problem](user, 422, "POST", "/targets/ask", object{"host": "abroad.example.com", "note": strings.Repeat("あ", 1001)})
	if len(p.Errors) != 1 || p.Errors[0].Field != "note" {
		t.Errorf("a long note: %+v", p)
	}
	for i := range 20 {
		if _, err := s.db.SQL().ExecContext(t.Context(), `insert into host_requests (account_id, host, note, created_at)
select id, $1, '', now() from accounts where email = 'user@example.jp'`, fmt.Sprintf("h%d.example.com", i)); err != nil {
			t.Fatal(err)
		}
	}
	if p := want[api.Problem](user, 422, "POST", "/targets/ask", object{"host": "abroad.example.com"}); p.Code != "too_many" {
		t.Errorf("the 21st: %+v", p)
	}
	want[object](other, 202, "POST", "/targets/ask", object{"host": "abroad.example.com"})
	if n := one[int](s, `select count(*) from host_requests`); n != 21 {
		t.Errorf("%d requests", n)
	}
}

// japan is where hosts may stand.
type japan struct{}

func (japan) AllowedCountries() []string { return []string{"JP"} }
func (japan) BuiltAt() time.Time         { return time.Date(2026, 6, 17, 0, 0, 0, 0, time.UTC) }
func (japan) Old() bool                  { return true }

func TestTheServiceTellsWhereHostsMayStand(t *testing.T) {
	t.Parallel()
	address := pgtest.URL(t)
	if _, err := pool(t, address, postgres.Owner).Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	people := pool(t, address, postgres.RoleAPI)
	if s := want[api.ServiceResponse](serve(t, people).client(), 200, "GET", "/service", nil); s.AllowedCountries != nil || s.CountryBuiltAt != nil || s.CountryOld {
		t.Errorf("without a rule: %+v", s)
	}
	s := want[api.ServiceResponse](serve(t, people, func(_ *api.Config, d *api.Deps) { d.Countries = japan{} }).client(), 200, "GET", "/service", nil)
	if !slices.Equal(s.AllowedCountries, []string{"JP"}) || !s.CountryBuiltAt.Equal(japan{}.BuiltAt()) || !s.CountryOld {
		t.Errorf("with one: %+v", s)
	}
}
