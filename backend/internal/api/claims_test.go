package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/hinomi-watch/hinomi/backend/internal/api"
	"github.com/hinomi-watch/hinomi/backend/internal/postgres"
	"github.com/hinomi-watch/hinomi/backend/internal/postgres/pgtest"
)

// newClaims is a system in which one account has a host or an address.
func newClaims(t *testing.T) *system {
	t.Helper()
	address := pgtest.URL(t)
	db := pool(t, address, postgres.Owner)
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	desk := pool(t, address, postgres.RoleWatch)
	people, err := postgres.Open(address, postgres.Options{Role: postgres.RoleAPI, Claims: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = people.Close() })
	s := serve(t, people, func(_ *api.Config, d *api.Deps) {
		d.ClaimDesk, d.Hosts, d.Owners, d.ProofDesk = desk, hosts{desk}, &world{}, desk
	})
	s.db = db
	return s
}

func newHost(host string) object {
	return object{"host": host, "services": []string{"ping"}, "owned": true}
}

func TestARefusalSaysNothingOfWhoHasTheHost(t *testing.T) {
	t.Parallel()
	s := newClaims(t)
	s.operator()
	me, other, third := s.user("me@example.jp"), s.user("other@example.jp"), s.user("third@example.jp")
	other.watch("www.example.jp", "ping") // at 93.184.216.34
	third.watch("mail.example.jp", "ping")
	answers := map[string]bool{}
	for _, host := range []string{"www.example.jp", "WWW.Example.JP.", "93.184.216.34", "mail.example.jp"} {
		answer := s.answer("POST", call{"/targets", newHost(host)}, me.bearer)
		before, task, _ := strings.Cut(answer, `"proof":`) // of the asker and the host alone
		_, after, _ := strings.Cut(task, "}")
		answers[before+after] = true
	}
	if len(answers) != 1 {
		t.Errorf("%d different answers: %v", len(answers), answers)
	}
	for answer := range answers {
		if !strings.HasPrefix(answer, "409\n") || !strings.Contains(answer, `"code":"host_taken"`) || strings.Contains(answer, "other@") {
			t.Errorf("answer %s", answer)
		}
	}
	if p := want[api.Problem](other, 409, "POST", "/targets", newHost("www.example.jp")); p.Code != "host_exists" {
		t.Errorf("one's own: %+v", p)
	}
	own := want[api.TargetList](other, 200, "GET", "/targets", nil).Items
	if !own[0].Held {
		t.Errorf("%+v is not held", own[0])
	}
}

func TestTheOperatorListsSharedNetworks(t *testing.T) {
	t.Parallel()
	s := newClaims(t)
	operator, user := s.operator(), s.user("user@example.jp")
	for body, at := range map[string]string{
		`{}`: "items", `{"items":[{"prefix":"93.184.216.0/24","name":""}]}`: "items[0].name",
		`{"items":[{"prefix":"93.184.216.1/24","name":"n"}]}`: "items[0].prefix", `{"items":[{"prefix":"::ffff:1.2.3.0/120","name":"n"}]}`: "items[0].prefix",
		`{"items":[{"prefix":"0.0.0.0/0","name":"n"}]}`: "items[0].prefix", `{"items":[{"prefix":"2000::/3","name":"n"}]}`: "items[0].prefix",
		`{"items":[{"prefix":"1.2.3.0/24","name":"n"},{"prefix":"1.2.3.0/24","name":"m"}]}`: "items[1].prefix", `{"items":[{"prefix":"fe80::1%eth0","name":"n"}]}`: "items[0].prefix",
	} {
		p := want[api.Problem](operator, 422, "PUT", "/operator/shared-networks", json.RawMessage(body))
		if len(p.Errors) != 1 || p.Errors[0].Field != at {
			t.Errorf("%s: %+v, want %s", body, p, at)
		}
	}
	many := make([]object, 1001)
	for i := range many {
		many[i] = object{"prefix": fmt.Sprintf("11.%d.%d.0/24", i/256, i%256), "name": "n"}
	}
	if p := want[api.Problem](operator, 422, "PUT", "/operator/shared-networks", object{"items": many}); p.Errors[0].Code != "too_many" {
		t.Errorf("1001 networks: %+v", p)
	}
	list := object{"items": []object{{"prefix": "93.184.216.0/24", "name": "Example CDN"}, {"prefix": "1.2.3.4", "name": "one"}}}
	got := want[api.SharedNetworkList](operator, 200, "PUT", "/operator/shared-networks", list)
	if len(got.Items) != 2 || got.Items[0] != (api.SharedNetwork{Prefix: "1.2.3.4/32", Name: "one"}) {
		t.Errorf("list %+v", got)
	}
	if code := user.refusal("www.example.jp"); code != "shared_network" {
		t.Errorf("refused as %s", code)
	}
	want[api.SharedNetworkList](operator, 200, "PUT", "/operator/shared-networks", object{"items": []object{}})
	if got := want[api.SharedNetworkList](operator, 200, "GET", "/operator/shared-networks", nil); len(got.Items) != 0 {
		t.Errorf("emptied: %+v", got)
	}
	user.watch("www.example.jp", "ping")
	found := want[api.ClaimedTargetList](operator, 200, "GET", "/operator/targets?host=WWW.example.jp", nil)
	if len(found.Items) != 1 || found.Items[0].Email != "user@example.jp" || found.Items[0].Addresses[0] != "93.184.216.34" || !found.Items[0].Held {
		t.Errorf("found %+v", found)
	}
	want[api.Problem](operator, 422, "GET", "/operator/targets", nil)
	if none := want[api.CollisionList](operator, 200, "GET", "/operator/collisions", nil); none.Items == nil || len(none.Items) != 0 {
		t.Errorf("collisions %+v", none)
	}
}

func TestAnAddressTakesEighteenMonitors(t *testing.T) {
	t.Parallel()
	s := newClaims(t)
	s.operator()
	user := s.user("user@example.jp")
	for n := range 3 {
		made := user.watch("www.example.jp", "ping", "http", "ftp", "pop3", "smtp", "dns")
		if n == 2 {
			if p := want[api.Problem](user, 422, "POST", "/targets", newHost("93.184.216.34")); p.Code != "address_full" {
				t.Errorf("%+v", p)
			}
		}
		// Another name of the same address.
		if _, err := s.db.SQL().ExecContext(t.Context(), `update targets set host = $2 where id = $1`, made.ID, fmt.Sprintf("h%d.example.jp", n)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.db.SQL().ExecContext(t.Context(), `delete from host_claims`); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheServiceTellsWhetherHostsAreClaimed(t *testing.T) {
	t.Parallel()
	if s := want[api.ServiceResponse](newClaims(t).client(), 200, "GET", "/service", nil); !s.Claims {
		t.Errorf("policy public: %+v", s)
	}
	free := newSystem(t, func(c *api.Config, _ *api.Deps) { c.TargetPolicy = "any" })
	if s := want[api.ServiceResponse](free.client(), 200, "GET", "/service", nil); s.Claims {
		t.Errorf("policy any: %+v", s)
	}
}
