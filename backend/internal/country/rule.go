package country

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
)

// The ways in which an address breaks a rule.
var (
	ErrForbidden = errors.New("stands in a country that may not be watched")
	ErrUnknown   = errors.New("it is not known in which country it stands")
)

// Rule says in which countries hosts may stand.
type Rule struct {
	*Book
	Allowed []string                // two-letter codes, upper case
	Global  func(a netip.Addr) bool // tells whether the internet can reach an address: the others stand nowhere
}

// Check judges addresses. The error of the first that may not be watched wraps
// ErrForbidden or ErrUnknown. What only our own network can reach is the address
// policy's affair.
func (r *Rule) Check(addrs ...netip.Addr) error {
	for _, a := range addrs {
		if !r.Global(a) {
			continue
		}
		switch code := r.Country(a); {
		case code == "":
			return fmt.Errorf("%s: %w", a, ErrUnknown)
		case !slices.Contains(r.Allowed, code):
			return fmt.Errorf("%s (%s): %w", a, code, ErrForbidden)
		}
	}
	return nil
}
