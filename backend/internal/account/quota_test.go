package account

import (
	"errors"
	"testing"
)

func TestTheAccountsOwnQuotasCountBeforeTheServices(t *testing.T) {
	t.Parallel()
	number := func(n int) *int { return &n }
	service := StandardQuotas()
	for _, c := range []struct {
		own     OwnQuotas
		service Quotas
		role    Role
		want    Quotas
	}{
		{OwnQuotas{}, service, User, Quotas{20, 100, 5}},
		{OwnQuotas{}, service, Operator, Quotas{0, 0, MaxContacts}},
		{OwnQuotas{}, Quotas{}, User, Quotas{0, 0, MaxContacts}},
		{OwnQuotas{Targets: number(3)}, service, User, Quotas{3, 100, 5}},
		{OwnQuotas{Targets: number(0), Monitors: number(0), Contacts: number(0)}, service, User, Quotas{0, 0, MaxContacts}},
		{OwnQuotas{Contacts: number(1000)}, service, User, Quotas{20, 100, MaxContacts}},
		{OwnQuotas{Monitors: number(7)}, service, Operator, Quotas{0, 7, MaxContacts}},
	} {
		if got := c.own.Over(c.service, c.role); got != c.want {
			t.Errorf("%+v over %+v for %s: %+v, want %+v", c.own, c.service, c.role, got, c.want)
		}
	}
}

func TestAQuotaIsReachedAndNeverExceeded(t *testing.T) {
	t.Parallel()
	a := Allowance{Quotas: Quotas{2, 4, 1}, Used: Used{1, 3, 2}}
	for _, c := range []struct {
		more Used
		want string
	}{
		{Used{1, 1, 0}, ""}, {Used{2, 0, 0}, "targets"}, {Used{1, 2, 0}, "monitors"}, {Used{0, 0, 1}, "contacts"}, {Used{}, ""},
	} {
		var full *QuotaError
		err := a.More(c.more)
		if errors.As(err, &full) != (c.want != "") || full != nil && full.Quota != c.want {
			t.Errorf("%+v: %v, want %q", c.more, err, c.want)
		}
	}
	if err := (Allowance{Used: Used{Targets: 1000}}).More(Used{Targets: 1}); err != nil {
		t.Errorf("without a quota: %v", err)
	}
}
