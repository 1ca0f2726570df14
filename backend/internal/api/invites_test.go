package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/api"
)

// registering is a system in which not everybody may register.
func registering(t *testing.T, mode string) *system {
	t.Helper()
	return newSystem(t, func(c *api.Config, _ *api.Deps) { c.Registration = mode })
}

func signUp(email, invite string) object {
	return object{
		"email": email, "password": password, "locale": "ja", "time_zone": "Asia/Tokyo", "accept_terms": account.TermsVersion, "invite": invite,
	}
}

func TestAClosedInstallationTakesTheFirstAccountOnly(t *testing.T) {
	t.Parallel()
	s := registering(t, account.RegistrationClosed)
	operator := s.operator() // by the set-up code
	invite := want[api.NewInviteResponse](operator, 201, "POST", "/operator/invites", object{})
	for _, code := range []string{"", invite.Code} {
		if p := want[api.Problem](s.client(), 403, "POST", "/auth/register", signUp("a@example.jp", code)); p.Code != "registration_closed" {
			t.Errorf("%+v", p)
		}
	}
	if got := want[api.ServiceResponse](s.client(), 200, "GET", "/service", nil).Registration; got != "closed" {
		t.Errorf("registration %s", got)
	}
	if n := one[int](s, `select count(*) from accounts`); n != 1 {
		t.Errorf("%d accounts", n)
	}
}

func TestWhereAnInvitationIsNeededItLetsOneIn(t *testing.T) {
	t.Parallel()
	s := registering(t, account.RegistrationInvite)
	operator := s.operator()
	invite := want[api.NewInviteResponse](operator, 201, "POST", "/operator/invites", object{"email": "Taro@example.jp", "expires_days": 3})
	if !strings.HasSuffix(invite.URL, "/sign-up#invite="+invite.Code) || invite.ExpiresAt.Sub(invite.CreatedAt).Round(time.Hour) != 72*time.Hour || *invite.Email != "Taro@example.jp" {
		t.Errorf("invite %+v", invite)
	}
	for email, code := range map[string]string{"a@example.jp": invite.Code, "taro@example.jp": account.NewToken(time.Time{}).Raw, "b@example.jp": "", "c@example.jp": "x"} {
		if p := want[api.Problem](s.client(), 403, "POST", "/auth/register", signUp(email, code)); p.Code != "invite_invalid" {
			t.Errorf("%s: %+v", email, p)
		}
	}
	c := s.client()
	want[object](c, 201, "POST", "/auth/register", signUp("taro@example.jp", invite.Code))
	want[object](c, 200, "POST", "/auth/verify", object{"token": s.mailed("account", "taro@example.jp")})
	c.login("taro@example.jp")

	list := want[api.InviteList](operator, 200, "GET", "/operator/invites", nil)
	if len(list.Items) != 1 || list.Items[0].UsedAt == nil {
		t.Errorf("list %+v", list)
	}
	for _, bad := range []object{{"expires_days": 0}, {"expires_days": 91}, {"email": "nobody"}, {"used_at": nil}} {
		want[api.Problem](operator, 422, "POST", "/operator/invites", bad)
	}
	want[object](operator, 204, "DELETE", path("/operator/invites/%d", invite.ID), nil)
	want[api.Problem](operator, 404, "DELETE", path("/operator/invites/%d", invite.ID), nil)
	want[api.Problem](c, 403, "POST", "/operator/invites", object{})
}

func TestAnOpenInstallationNeedsNoInvitation(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.operator()
	want[object](s.client(), 201, "POST", "/auth/register", signUp("a@example.jp", "whatever"))
	if got := want[api.ServiceResponse](s.client(), 200, "GET", "/service", nil).Registration; got != "open" {
		t.Errorf("registration %s", got)
	}
}
