package api

import (
	"fmt"
	"net/http"
	"testing"
)

// What a trusted proxy says counts, as far as it says it itself: of a chain the
// last address that is no proxy's.
func TestTheAddressThatATrustedProxySaysCounts(t *testing.T) {
	const proxy = "10.1.2.3:4000"
	n := 0
	register := func(a *app, remote, forwarded string) int {
		n++
		r := request{method: "POST", path: "/auth/register", body: registration(fmt.Sprintf("n%d@example.jp", n), "")}
		r.header = map[string]string{"X-Forwarded-For": forwarded}
		status, _ := a.from(remote, r)
		return status
	}
	for name, c := range map[string]struct{ remote, spent, same, other string }{
		"one proxy":                   {proxy, "203.0.113.5", "203.0.113.5", "203.0.113.6"},
		"what the caller says itself": {proxy, "203.0.113.5", "198.51.100.1, 203.0.113.5", "203.0.113.5, 203.0.113.6"},
		"a chain of proxies":          {proxy, "203.0.113.5", "203.0.113.5, 10.9.9.9", "203.0.113.6, 10.9.9.9"},
		"a proxy by IPv6":             {"[2001:db8:ffff::1]:4000", "203.0.113.5", "203.0.113.5", "203.0.113.6"},
		"callers by IPv6":             {proxy, "2001:db8:1:2::3", "2001:db8:1:2:ffff::4", "2001:db8:1:3::3"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, func(cfg *Config) { cfg.TrustedProxies = []string{"10.0.0.0/8", "2001:db8:ffff::/48"} })
			for i := range 5 {
				if status := register(a, c.remote, c.spent); status != http.StatusCreated {
					t.Fatalf("registration %d: %d", i, status)
				}
			}
			if status := register(a, c.remote, c.same); status != http.StatusTooManyRequests {
				t.Errorf("the sixth from %s: %d", c.same, status)
			}
			if status := register(a, c.remote, c.other); status != http.StatusCreated {
				t.Errorf("from %s: %d", c.other, status)
			}
		})
	}
	t.Run("who is no proxy", func(t *testing.T) {
		a := newApp(t, func(cfg *Config) { cfg.TrustedProxies = []string{"10.0.0.0/8"} })
		for i := range 6 {
			want := http.StatusCreated
			if i == 5 {
				want = http.StatusTooManyRequests
			}
			if status := register(a, "192.0.2.1:4000", fmt.Sprintf("203.0.113.%d", i)); status != want {
				t.Errorf("registration %d: %d", i, status)
			}
		}
	})
}
