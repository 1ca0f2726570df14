package account

import (
	"errors"
	"strings"
)

// Bounds of an address (RFC 5321 §4.5.3.1; RFC 3696 erratum 1690).
const (
	maxEmail     = 254
	maxLocalPart = 64
	maxLabel     = 63
)

// ErrEmail says that mail cannot be sent to a text.
var ErrEmail = errors.New("not an e-mail address")

// ParseEmail checks an address and gives it with its domain in lower case. Dots
// may stand anywhere in the part before the @: abc..def@docomo.ne.jp and
// abc.@ezweb.ne.jp exist, although RFC 5322 wants them quoted. Quoted parts,
// comments, address literals and single-label domains are refused.
func ParseEmail(s string) (string, error) {
	at := strings.LastIndexByte(s, '@')
	if at < 1 || len(s) > maxEmail || at > maxLocalPart {
		return "", ErrEmail
	}
	local, domain := s[:at], strings.ToLower(s[at+1:])
	if strings.Trim(local, ".") == "" || strings.ContainsFunc(local, func(r rune) bool { return r != '.' && !isAtext(r) }) {
		return "", ErrEmail
	}
	if !isMailDomain(domain) {
		return "", ErrEmail
	}
	return local + "@" + domain, nil
}

// isAtext is RFC 5322 §3.2.3.
func isAtext(r rune) bool {
	return isAlnum(r) || strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
}

func isAlnum(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

// isMailDomain wants letters, digits and hyphens in at least two labels, the
// last of which is not a number (RFC 1123 §2.1).
func isMailDomain(domain string) bool {
	labels := strings.Split(domain, ".")
	if len(labels) < 2 {
		return false
	}
	for _, l := range labels {
		if l == "" || len(l) > maxLabel || l[0] == '-' || l[len(l)-1] == '-' ||
			strings.ContainsFunc(l, func(r rune) bool { return r != '-' && !isAlnum(r) }) {
			return false
		}
	}
	return strings.ContainsFunc(labels[len(labels)-1], func(r rune) bool { return r < '0' || r > '9' })
}
