package probe

import (
	"net/netip"
	"slices"
)

// AddressPolicy says which addresses may be probed.
type AddressPolicy struct {
	any bool
	own []netip.Addr
}

// AnyPolicy lets a private installation watch its own network.
func AnyPolicy() AddressPolicy { return AddressPolicy{any: true} }

// PublicPolicy allows what the internet can reach, but for our own addresses.
func PublicPolicy(own []netip.Addr) AddressPolicy { return AddressPolicy{own: slices.Clone(own)} }

// Allows tells whether the address may be probed. Multicast, unspecified and
// IPv4-mapped addresses are never allowed.
func (p AddressPolicy) Allows(a netip.Addr) bool {
	if !a.IsValid() || a.Zone() != "" || a.Is4In6() || a.IsUnspecified() || a.IsMulticast() {
		return false
	}
	if p.any {
		return a != netip.AddrFrom4([4]byte{255, 255, 255, 255})
	}
	return !slices.Contains(p.own, a) && Global(a)
}

// notGlobal are the ranges that the IANA IPv4 and IPv6 Special-Purpose Address
// Registries (RFC 6890) do not call globally reachable, multicast, and the forms
// that carry an IPv4 address inside.
//
//nolint:gochecknoglobals // a table that nobody changes
var notGlobal = mustPrefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
	"192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23",
	"2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
)

// global are the exceptions inside notGlobal that the registries call globally
// reachable.
//
//nolint:gochecknoglobals // a table that nobody changes
var global = mustPrefixes(
	"192.0.0.9/32", "192.0.0.10/32", "2001:1::1/128", "2001:1::2/128", "2001:1::3/128", "2001:3::/32",
	"2001:4:112::/48", "2001:20::/28", "2001:30::/28",
)

// unicast6 is all that IANA has given out as global unicast.
//
//nolint:gochecknoglobals // a table that nobody changes
var unicast6 = netip.MustParsePrefix("2000::/3")

// Global tells whether IANA calls the address globally reachable.
func Global(a netip.Addr) bool {
	if slices.ContainsFunc(global, func(p netip.Prefix) bool { return p.Contains(a) }) {
		return true
	}
	if slices.ContainsFunc(notGlobal, func(p netip.Prefix) bool { return p.Contains(a) }) {
		return false
	}
	return a.Is4() || unicast6.Contains(a)
}

func mustPrefixes(texts ...string) (ps []netip.Prefix) {
	for _, t := range texts {
		ps = append(ps, netip.MustParsePrefix(t))
	}
	return ps
}
