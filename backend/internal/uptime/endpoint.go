package uptime

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Endpoint is what a monitor watches on its target.
type Endpoint struct {
	Service Service
	Port    uint16 // 0 for Ping
}

// ParseEndpoint reads "http", or "tcp:8443": a port from 1 to 65535 in its one
// spelling, and of TCP alone.
func ParseEndpoint(text string) (Endpoint, error) {
	word, port, given := strings.Cut(text, ":")
	s, err := ParseService(word)
	if err != nil {
		return Endpoint{}, err
	}
	if (s == TCP) != given {
		return Endpoint{}, fmt.Errorf("%q: a port belongs to tcp, and tcp needs one", text)
	}
	if !given {
		return Endpoint{s, s.Port()}, nil
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 || strconv.FormatUint(n, 10) != port {
		return Endpoint{}, fmt.Errorf("%q: the port must be 1 to 65535", text)
	}
	return Endpoint{s, uint16(n)}, nil
}

// Valid tells whether the port is one that the service can have.
func (e Endpoint) Valid() bool {
	if e.Service == TCP {
		return e.Port != 0
	}
	return e.Service.Valid() && e.Port == e.Service.Port()
}

// Compare puts endpoints into the order in which people see them.
func (e Endpoint) Compare(other Endpoint) int {
	return cmp.Or(cmp.Compare(e.Service, other.Service), cmp.Compare(e.Port, other.Port))
}
