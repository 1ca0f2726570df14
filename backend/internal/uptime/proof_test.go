package uptime

import (
	"net/netip"
	"strings"
	"testing"
)

func TestAChallengeIsOfOneAccountAndOneHost(t *testing.T) {
	t.Parallel()
	c := NewChallenge([]byte("key of an account"), "www.example.jp")
	for name, other := range map[string]Challenge{
		"account": NewChallenge([]byte("key of another"), "www.example.jp"), "host": NewChallenge([]byte("key of an account"), "example.jp"),
	} {
		if other.Token == c.Token {
			t.Errorf("another %s has the same token", name)
		}
	}
	if again := NewChallenge([]byte("key of an account"), "www.example.jp"); again != c {
		t.Errorf("first %v, then %v", c, again)
	}
	if len(c.Token) != 26 || strings.Trim(c.Token, "abcdefghijklmnopqrstuvwxyz234567") != "" {
		t.Errorf("token %q", c.Token)
	}
	if c.Name() != "_hinomi.www.example.jp" || c.Text() != "hinomi-proof="+c.Token || c.URL() != "http://www.example.jp/.well-known/hinomi-"+c.Token+".txt" {
		t.Errorf("name %q, text %q, url %q", c.Name(), c.Text(), c.URL())
	}
	six := NewChallenge(nil, "2001:db8::1")
	if six.Name() != "" || six.URL() != "http://[2001:db8::1]/.well-known/hinomi-"+six.Token+".txt" {
		t.Errorf("of an address: name %q, url %q", six.Name(), six.URL())
	}
}

func TestWhatProvesAHost(t *testing.T) {
	t.Parallel()
	file := []netip.Addr{netip.MustParseAddr("192.0.2.1")}
	for _, c := range []struct {
		e    Evidence
		want string
	}{
		{Evidence{}, ""}, {Evidence{Addrs: file}, ""}, {Evidence{DNS: true}, ProvenByDNS}, {Evidence{Files: file}, ProvenByHTTP},
		{Evidence{DNS: true, Files: file}, ProvenByDNS}, {Evidence{Denied: true, DNS: true, Files: file}, ""}, {Evidence{DNS: true, Unknown: true}, ProvenByDNS},
	} {
		if got := c.e.Method(); got != c.want {
			t.Errorf("%+v proves by %q, want %q", c.e, got, c.want)
		}
	}
}
