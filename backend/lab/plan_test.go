//go:build lab

package lab

import (
	"net/netip"
	"os"
	"path/filepath"
	"testing"
)

// The lab's numbering; scripts/lab is its source.
const (
	lineA, lineB = "210.130.1.2", "202.216.2.2"
	lines        = "a=210.130.1.2,2400:a::2 label=LineA; b=202.216.2.2,2400:b::2 label=LineB"
	resolver     = "219.101.4.53"
	deadResolver = "219.101.4.99"
	smtpURL      = "smtp://211.9.3.1:25"
	zone         = "lab-hinomi.jp"

	allServices  = "219.101.5.10"
	allServices6 = "2400:5::10"
	deadRouted   = "219.101.5.66" // its last router finds nobody, and says so after 3 s
	deadRouted2  = "219.101.5.67"
	shut         = "219.101.6.10"
	shut6        = "2400:6::10"
	onLink       = "211.9.3.5"
	deadOnLink   = "211.9.3.66"
	deadOnLink2  = "211.9.3.67"
	deadOnLink3  = "211.9.3.68"
)

// env gives what scripts/lab hands over; the tests cannot run without it.
func env(t testing.TB, name string) string {
	t.Helper()
	v := os.Getenv(name)
	if v == "" {
		t.Fatalf("%s is not set: run these tests by scripts/lab test", name)
	}
	return v
}

func runFile(t testing.TB, name string) string {
	t.Helper()
	return filepath.Join(env(t, "HINOMI_LAB_RUN"), name)
}

// vantage names the interfaces on the targets' side where every probe of dst
// passes. ok is false where none can pass: a dead host on-link, or a name.
func vantage(dst netip.Addr) (points []string, ok bool) {
	in := func(prefix string) bool { return netip.MustParsePrefix(prefix).Contains(dst) }
	switch {
	case dst == netip.MustParseAddr(onLink):
		return []string{"lan/lan0"}, true
	case in("211.9.3.0/24"):
		return nil, false
	case in("219.101.17.0/27"):
		// Their gateways answer for some of these: looked at in front of them.
		return []string{"cara/up0", "carb/up0"}, true
	case in("219.101.10.0/24"), in("2400:10::/64"):
		return []string{"cara/up0", "carb/up0"}, true
	default:
		return []string{"edge/core0"}, true
	}
}
