package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/hinomi-watch/hinomi/backend/internal/api"
)

func TestOperatorsSeeWhatBecameOfMailsAndNotWhatTheySay(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	operator := s.operator()
	s.client().register("new@example.jp", "")
	secret := s.mailed("account", "new@example.jp")
	list := want[api.MailList](operator, 200, "GET", "/operator/mails?state=pending", nil)
	if len(list.Items) != 1 {
		t.Fatalf("%+v", list)
	}
	m := list.Items[0]
	if m.State != "pending" || *m.Kind != "account" || m.To != "new@example.jp" || m.Subject+m.Body != "" || m.NextTryAt == nil || m.SentAt != nil || m.FailedAt != nil || m.Error != nil {
		t.Errorf("%+v", m)
	}
	raw, err := json.Marshal(list)
	if err != nil || strings.Contains(string(raw), secret) {
		t.Errorf("%v, %s", err, raw)
	}
	for _, state := range []string{"failed", "sent", "stored"} {
		if others := want[api.MailList](operator, 200, "GET", "/operator/mails?state="+state, nil); len(others.Items) != 0 {
			t.Errorf("%s %+v", state, others)
		}
	}
	want[api.Problem](operator, 422, "GET", "/operator/mails?state=all", nil)
	want[api.Problem](operator, 422, "GET", "/operator/mails?state=sent&cursor=x", nil)

	s.client().register("newer@example.jp", "")
	first := want[api.MailList](operator, 200, "GET", "/operator/mails?state=pending&limit=1", nil)
	if len(first.Items) != 1 || first.Items[0].To != "newer@example.jp" || first.NextCursor == nil {
		t.Fatalf("first page %+v", first)
	}
	second := want[api.MailList](operator, 200, "GET", "/operator/mails?state=pending&limit=1&cursor="+*first.NextCursor, nil)
	if len(second.Items) != 1 || second.Items[0].ID != m.ID || second.NextCursor != nil {
		t.Errorf("second page %+v", second)
	}
}

func TestAMailThatWasGivenUpIsSentAgainAndBothLogsSaySo(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	operator, me := s.operator(), s.user("me@example.jp")
	want[object](s.client(), 202, "POST", "/auth/password/forgot", object{"email": "me@example.jp"})
	id := one[int64](s, `update mails set kind = 'exists', failed_at = now(), last_error = '550 no' where email = 'me@example.jp' returning id`)
	failed := want[api.MailList](operator, 200, "GET", "/operator/mails?state=failed", nil)
	if len(failed.Items) != 1 || *failed.Items[0].Error != "550 no" {
		t.Fatalf("%+v", failed)
	}
	want[object](operator, 204, "POST", path("/operator/mails/%d/retry", id), nil)
	if pending := want[api.MailList](operator, 200, "GET", "/operator/mails?state=pending", nil); len(pending.Items) != 1 {
		t.Errorf("%+v", pending)
	}
	seen := want[api.AuditList](me, 200, "GET", "/me/audit?limit=1", nil).Items[0]
	if seen.Action != "retryMail" || seen.Actor != "operator" {
		t.Errorf("the account sees %+v", seen)
	}
	one[int64](s, `update mails set sent_at = now() where id = $1 returning id`, id)
	if p := want[api.Problem](operator, 409, "POST", path("/operator/mails/%d/retry", id), nil); p.Code != "not_sendable" {
		t.Errorf("%+v", p)
	}
	for _, nobodys := range []string{"999999", "x", "0"} {
		want[api.Problem](operator, 404, "POST", "/operator/mails/"+nobodys+"/retry", nil)
	}
}
