package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/api"
	"github.com/hinomi-watch/hinomi/backend/internal/postgres"
)

// quotas of an account as GET /me shows them, "limit/used" each.
func (c *client) quotas() string {
	c.s.t.Helper()
	q := want[api.MeResponse](c, 200, "GET", "/me", nil).Quotas
	var shown []string
	for _, u := range []api.QuotaUse{q.Targets, q.Monitors, q.Contacts} {
		limit := "-"
		if u.Limit != nil {
			limit = fmt.Sprint(*u.Limit)
		}
		shown = append(shown, fmt.Sprintf("%s/%d", limit, u.Used))
	}
	return strings.Join(shown, " ")
}

// tooMany insists on a refusal that names a quota.
func (c *client) tooMany(path string, body object, quota string, limit int) {
	c.s.t.Helper()
	status, content := c.do("POST", "/api/v1"+path, body)
	var p api.Problem
	if err := json.Unmarshal(content, &p); err != nil || status != 422 || p.Code != "too_many" || p.Quota == nil || p.Quota.Name != quota || p.Quota.Limit != limit {
		c.s.t.Errorf("POST %s: %d %s", path, status, content)
	}
}

func TestQuotasAreShownAndHeld(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.serve(postgres.Options{Role: postgres.RoleAPI, Quotas: account.Quotas{Targets: 2, Monitors: 4, Contacts: 2}})
	operator, me := s.operator(), s.user("me@example.jp")
	if got := operator.quotas(); got != fmt.Sprintf("-/0 -/0 %d/1", account.MaxContacts) {
		t.Errorf("the operator's %s", got)
	}
	if got := me.quotas(); got != "2/0 4/0 2/1" {
		t.Errorf("at first %s", got)
	}
	host := func(n int, services ...string) object {
		return object{"host": fmt.Sprintf("h%d.example.jp", n), "services": services, "owned": true}
	}
	me.tooMany("/targets", host(1, "ping", "http", "ftp", "smtp", "dns"), "monitors", 4)
	one := me.watch("h1.example.jp", "ping", "http", "ftp")
	me.watch("h2.example.jp", "ping")
	me.tooMany("/targets", host(3, "ping"), "targets", 2)
	me.tooMany("/monitors", object{"target_id": one.ID, "service": "dns"}, "monitors", 4)
	want[object](me, 201, "POST", "/contacts", object{"email": "second@example.jp"})
	me.tooMany("/contacts", object{"email": "third@example.jp"}, "contacts", 2)
	if got := me.quotas(); got != "2/2 4/4 2/2" {
		t.Errorf("when full %s", got)
	}
	for n := range 3 {
		operator.watch(fmt.Sprintf("o%d.example.jp", n), "ping", "http")
	}

	mine := path("/operator/accounts/%d/quotas", want[api.MeResponse](me, 200, "GET", "/me", nil).ID)
	set := want[api.AccountQuotas](operator, 200, "PUT", mine, object{"targets": 3, "monitors": 0})
	if *set.Own.Targets != 3 || *set.Own.Monitors != 0 || set.Own.Contacts != nil || *set.Quotas.Targets.Limit != 3 || set.Quotas.Monitors.Limit != nil {
		t.Errorf("set %+v", set)
	}
	me.watch("h3.example.jp", "ping", "http", "ftp", "smtp", "dns")
	me.tooMany("/targets", host(4, "ping"), "targets", 3)
	if got := me.quotas(); got != "3/3 -/9 2/2" {
		t.Errorf("with one's own %s", got)
	}
	want[object](operator, 200, "PUT", mine, object{"targets": nil})
	if got := want[api.AccountQuotas](operator, 200, "GET", mine, nil); got.Own.Targets != nil || *got.Quotas.Targets.Limit != 2 || got.Quotas.Targets.Used != 3 {
		t.Errorf("lowered %+v", got)
	}
	for _, body := range []object{{"targets": -1}, {"monitors": 1_000_001}, {"contacts": "5"}, {"contacts": 1.5}, {"role": "operator"}} {
		want[object](operator, 422, "PUT", mine, body)
	}
	want[object](operator, 404, "PUT", "/operator/accounts/424242/quotas", object{"targets": 1})
	want[object](operator, 404, "GET", "/operator/accounts/x/quotas", nil)
	want[object](me, 403, "PUT", mine, object{"targets": 1000})
}
