package api

import (
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func TestOperatorsAreWarnedOfWhatIsWrongWithTheService(t *testing.T) {
	t.Parallel()
	at := func(address string) *url.URL {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	for what, c := range map[string]struct {
		change   func(*Config)
		failed   time.Duration // ago, of the last mail that was given up; 0: none was
		warnings []string
	}{
		"nothing":         {},
		"localhost":       {change: func(c *Config) { c.PublicURL = at("http://localhost:8080") }, warnings: []string{"links_local"}},
		"private address": {change: func(c *Config) { c.PublicURL = at("https://192.168.1.2") }, warnings: []string{"links_local"}},
		"loopback":        {change: func(c *Config) { c.PublicURL = at("https://[::1]:8443") }, warnings: []string{"links_local"}},
		"no TLS":          {change: func(c *Config) { c.PublicURL = at("http://203.0.114.5") }, warnings: []string{"links_plain"}},
		"files":           {change: func(c *Config) { c.MailMode = MailStored }, warnings: []string{"mail_stored"}},
		"strangers":       {change: func(c *Config) { c.TargetPolicy = "any" }, warnings: []string{"strangers_at_home"}},
		"friends":         {change: func(c *Config) { c.TargetPolicy, c.Registration = "any", "invite" }},
		"too much":        {change: func(c *Config) { c.EffectiveInterval = func() time.Duration { return 301 * time.Second } }, warnings: []string{"interval_stretched"}},
		"failed today":    {failed: 23 * time.Hour, warnings: []string{"mail_failed"}},
		"failed long ago": {failed: 24 * time.Hour},
	} {
		a := newApp(t, func(cfg *Config) {
			cfg.MailMode = MailSMTP
			if c.change != nil {
				c.change(cfg)
			}
		})
		var failed []uptime.MailRecord
		if c.failed > 0 {
			failed = []uptime.MailRecord{{FailedAt: a.f.now.Add(-c.failed)}}
		}
		if got := a.server.warnings(failed); got == nil || !slices.Equal(got, c.warnings) {
			t.Errorf("%s: %v", what, got)
		}
	}
}
