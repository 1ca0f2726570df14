package config

import (
	"slices"
	"strings"
	"testing"
)

func TestTrustedProxiesAreAddressesAndPrefixes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"":                                     nil,
		"192.0.2.1":                            {"192.0.2.1"},
		"10.0.0.0/8, 2001:db8::/32 ::1":        {"10.0.0.0/8", "2001:db8::/32", "::1"},
		" 127.0.0.1,192.0.2.0/24 ":             {"127.0.0.1", "192.0.2.0/24"},
		"proxy.example.jp":                     {"fault"},
		"10.0.0.0/33":                          {"fault"},
		"10.0.0.1:80":                          {"fault"},
		"192.0.2.1, everybody, 2001:db8::/129": {"fault"},
	} {
		c, err := readWith(map[string]string{"HINOMI_TRUSTED_PROXIES": text})
		if slices.Equal(want, []string{"fault"}) {
			if err == nil || !strings.Contains(err.Error(), "HINOMI_TRUSTED_PROXIES") {
				t.Errorf("%q: %v", text, err)
			}
			continue
		}
		if err != nil || !slices.Equal(c.TrustedProxies, want) {
			t.Errorf("%q: %v, %v", text, c.TrustedProxies, err)
		}
	}
}
