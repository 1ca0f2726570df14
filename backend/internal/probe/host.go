package probe

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/idna"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// Host is a checked host.
type Host struct {
	uptime.Host
	Addr netip.Addr // zero for a name
}

// HostError says why a host is refused. It wraps uptime.ErrHostInvalid.
type HostError struct {
	code string
	text string
}

func (e *HostError) Error() string { return e.text }

// Code is a stable word for scripts.
func (e *HostError) Code() string { return e.code }

// Unwrap gives the kind.
func (e *HostError) Unwrap() error { return uptime.ErrHostInvalid }

// maxName is the longest name without its final dot (RFC 1035 §2.3.4).
const maxName = 253

// names reads domain names by UTS 46, strictly: LDH labels of at most 63
// octets, no empty ones.
//
//nolint:gochecknoglobals // a table that nobody changes
var names = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true), idna.VerifyDNSLength(true),
	idna.Transitional(false))

// ParseHost reads what people enter: a domain name, with or without a final
// dot, or an address literal in its one canonical form.
func ParseHost(s string) (Host, error) {
	s = strings.TrimSpace(s)
	if a, err := netip.ParseAddr(s); err == nil {
		return literal(s, a)
	}
	if s == "" || strings.ContainsAny(s, ":/@?#%[]\\ \t\r\n") {
		return Host{}, &HostError{"host_syntax", "enter a name such as www.example.jp or an IP address, without scheme, port or path"}
	}
	ascii, err := names.ToASCII(s)
	if err != nil {
		return Host{}, &HostError{"host_syntax", fmt.Sprintf("%q is not a domain name", s)}
	}
	ascii = strings.TrimSuffix(ascii, ".")                                // also one of the other full stops of UTS 46
	if again, err := names.ToASCII(ascii); err != nil || again != ascii { // not UTF-8, say
		return Host{}, &HostError{"host_syntax", fmt.Sprintf("%q is not a domain name", s)}
	}
	if err := checkName(ascii); err != nil {
		return Host{}, err
	}
	unicode, err := names.ToUnicode(ascii)
	if err != nil {
		unicode = ascii
	}
	return Host{Host: uptime.Host{ASCII: ascii, Unicode: unicode}}, nil
}

func literal(s string, a netip.Addr) (Host, error) {
	if a.Zone() != "" || a.Is4In6() || a.String() != s {
		return Host{}, &HostError{"host_not_canonical", fmt.Sprintf("write the address as %s", a.Unmap().WithZone(""))}
	}
	return Host{Host: uptime.Host{ASCII: s, Unicode: s}, Addr: a}, nil
}

// checkName refuses what is a name by syntax only.
func checkName(name string) error {
	labels := strings.Split(name, ".")
	last := labels[len(labels)-1]
	switch {
	case slices.Contains(labels, ""):
		return &HostError{"host_syntax", "the name has an empty part"}
	case len(name) > maxName:
		return &HostError{"host_syntax", "the name is too long"}
	case len(labels) < 2:
		return &HostError{"host_not_public", "enter the full name, with its domain"}
	case isNumber(last): // 127.1, 0x7f.1, 1.2.3.04: other spellings of addresses
		return &HostError{"host_not_canonical", "write an IPv4 address as four decimal numbers"}
	case last == "localhost" || last == "local" || last == "internal" || last == "invalid" || last == "onion" || last == "arpa":
		return &HostError{"host_not_public", fmt.Sprintf("names under .%s are not of the public internet", last)}
	}
	return nil
}

// isNumber tells whether resolvers of the C kind could read a last label as a
// number (WHATWG URL, "ends in a number").
func isNumber(label string) bool {
	if rest, ok := strings.CutPrefix(strings.ToLower(label), "0x"); ok {
		return strings.Trim(rest, "0123456789abcdef") == ""
	}
	return strings.Trim(label, "0123456789") == ""
}
