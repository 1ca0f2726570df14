package config_test

import (
	"strings"
	"testing"

	"github.com/hinomi-watch/hinomi/backend/internal/config"
)

func TestRegistrationIsOpenByInvitationOrClosed(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{"": "open", "open": "open", "invite": "invite", "closed": "closed"} {
		c, err := config.Read(func(name string) string { return map[string]string{"HINOMI_REGISTRATION": given}[name] })
		if err != nil || c.Registration != want {
			t.Errorf("%q: %q, %v", given, c.Registration, err)
		}
	}
	for _, bad := range []string{"no", "Closed", "off"} {
		_, err := config.Read(func(name string) string { return map[string]string{"HINOMI_REGISTRATION": bad}[name] })
		if err == nil || !strings.Contains(err.Error(), "HINOMI_REGISTRATION") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
