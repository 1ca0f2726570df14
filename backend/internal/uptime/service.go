package uptime

import "fmt"

// Service is what is watched on a target. Its numbers are stored.
type Service uint8

// The services that a monitor can watch.
const (
	Ping Service = iota + 1 // ICMP echo
	HTTP                    // TCP 80
	FTP                     // TCP 21
	POP3                    // TCP 110
	SMTP                    // TCP 25
	DNS                     // TCP 53, not UDP
	TCP                     // any TCP port: of one's own hosts
	serviceEnd
)

var services = [serviceEnd]struct {
	name  string
	label string // as people read it, the same in both languages
	port  uint16 // 0 for ping
}{
	Ping: {"ping", "PING", 0},
	HTTP: {"http", "HTTP", 80},
	FTP:  {"ftp", "FTP", 21},
	POP3: {"pop3", "POP3", 110},
	SMTP: {"smtp", "SMTP", 25},
	DNS:  {"dns", "DNS", 53},
	TCP:  {"tcp", "TCP", 0},
}

// Services lists those with a port of their own in the order in which people see
// them. TCP comes after them.
func Services() []Service { return []Service{Ping, HTTP, FTP, POP3, SMTP, DNS} }

// ParseService reads the wire word.
func ParseService(s string) (Service, error) {
	for v := Ping; v < serviceEnd; v++ {
		if services[v].name == s {
			return v, nil
		}
	}
	return 0, fmt.Errorf("unknown service %q", s)
}

// Valid tells whether s is one of the services above.
func (s Service) Valid() bool { return s > 0 && s < serviceEnd }

// Port is the registered TCP port (IANA service names), 0 for ping and TCP.
func (s Service) Port() uint16 {
	if !s.Valid() {
		return 0
	}
	return services[s].port
}

// Label is the service's name as people read it: "HTTP".
func (s Service) Label() string {
	if !s.Valid() {
		return s.String()
	}
	return services[s].label
}

func (s Service) String() string {
	if !s.Valid() {
		return fmt.Sprintf("service(%d)", uint8(s))
	}
	return services[s].name
}

// MarshalText gives the wire word.
func (s Service) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the wire word.
func (s *Service) UnmarshalText(b []byte) (err error) {
	*s, err = ParseService(string(b))
	return err
}
