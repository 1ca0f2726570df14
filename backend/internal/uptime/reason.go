package uptime

import "fmt"

// Status is what one result says of the service.
type Status uint8

// The statuses. Only NG, WR and ERR are failures of the target; Unknown means
// that we could not measure and is invisible to the judge.
const (
	Unknown Status = iota // not measured, our side
	OK                    // answered
	NG                    // answered by something that says no
	WR                    // no answer within the timeout
	ERR                   // the name has no usable address
)

var statusNames = [...]string{Unknown: "unknown", OK: "ok", NG: "ng", WR: "wr", ERR: "err"}

func (s Status) String() string {
	if int(s) < len(statusNames) {
		return statusNames[s]
	}
	return fmt.Sprintf("status(%d)", s)
}

// MarshalText gives the wire word.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Failure tells whether the status counts against the target.
func (s Status) Failure() bool { return s == NG || s == WR || s == ERR }

// Reason says why a result has its status. Its numbers are stored in packed
// samples for ever: never change or reuse one, and stay below 32.
type Reason uint8

// The reasons, in the order of DESIGN's table.
const (
	Reply Reason = iota + 1
	Connected
	Refused
	HostUnreachable
	NetUnreachable
	PortUnreachable
	AdminProhibited
	TTLExceeded
	ICMPOther
	Timeout
	DNSNotFound
	DNSNoAddress
	DNSFailed
	ForbiddenAddress
	LineDown
	NoRoute
	SourceUnavailable
	DNSUnavailable
	Overload
	Internal
	reasonEnd
)

var reasons = [reasonEnd]struct {
	name   string
	status Status
}{
	Reply:             {"reply", OK},
	Connected:         {"connected", OK},
	Refused:           {"refused", NG},
	HostUnreachable:   {"host_unreachable", NG},
	NetUnreachable:    {"net_unreachable", NG},
	PortUnreachable:   {"port_unreachable", NG},
	AdminProhibited:   {"admin_prohibited", NG},
	TTLExceeded:       {"ttl_exceeded", NG},
	ICMPOther:         {"icmp_other", NG},
	Timeout:           {"timeout", WR},
	DNSNotFound:       {"dns_not_found", ERR},
	DNSNoAddress:      {"dns_no_address", ERR},
	DNSFailed:         {"dns_failed", ERR},
	ForbiddenAddress:  {"forbidden_address", ERR},
	LineDown:          {"line_down", Unknown},
	NoRoute:           {"no_route", Unknown},
	SourceUnavailable: {"source_unavailable", Unknown},
	DNSUnavailable:    {"dns_unavailable", Unknown},
	Overload:          {"overload", Unknown},
	Internal:          {"internal", Unknown},
}

// Reasons lists every reason that exists.
func Reasons() []Reason {
	all := make([]Reason, 0, reasonEnd-1)
	for r := Reply; r < reasonEnd; r++ {
		all = append(all, r)
	}
	return all
}

// Valid tells whether r is one of the reasons above.
func (r Reason) Valid() bool { return r > 0 && r < reasonEnd }

// Status is the status that the reason belongs to.
func (r Reason) Status() Status {
	if !r.Valid() {
		return Unknown
	}
	return reasons[r].status
}

func (r Reason) String() string {
	if !r.Valid() {
		return fmt.Sprintf("reason(%d)", uint8(r))
	}
	return reasons[r].name
}

// MarshalText gives the wire word.
func (r Reason) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads the wire word.
func (r *Reason) UnmarshalText(b []byte) error {
	for v := Reply; v < reasonEnd; v++ {
		if reasons[v].name == string(b) {
			*r = v
			return nil
		}
	}
	return fmt.Errorf("unknown reason %q", b)
}
