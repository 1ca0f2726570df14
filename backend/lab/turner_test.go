//go:build lab

package lab

import (
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// turner is a hostile name server on loopback. Every name has a public address,
// until it turns: then it says whatever its master told it. Nothing that it
// says may be remembered (TTL 0).
type turner struct {
	t    testing.TB
	addr string

	mu     sync.Mutex
	turned bool
	names  map[string]turning // by "name.zone."
	asked  map[string]int
}

// turning is what a name is before and after.
type turning struct {
	public   string
	then     []string // addresses
	alias    bool     // behind a CNAME
	flickers bool     // after the turn, every other answer is still the public one
	text     string   // its TXT record, all the time
}

func newTurner(t testing.TB) *turner {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	s := &turner{t: t, addr: conn.LocalAddr().String(), names: map[string]turning{}, asked: map[string]int{}}
	go func() {
		buf := make([]byte, 2048)
		for {
			n, from, err := conn.ReadFromUDP(buf)
			if err != nil {
				return
			}
			if answer := s.answer(buf[:n]); answer != nil {
				_, _ = conn.WriteToUDP(answer, from)
			}
		}
	}()
	return s
}

func (s *turner) add(host string, to turning) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.names[host+"."] = to
}

// turn makes all names show their other face.
func (s *turner) turn() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turned = true
}

func (s *turner) answer(packet []byte) []byte {
	var m dnsmessage.Message
	if m.Unpack(packet) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	name, known := s.face(q)
	if !known && q.Name.String() != "." {
		m.RCode = dnsmessage.RCodeNameError
	}
	owner := q.Name
	if name.alias {
		owner = dnsmessage.MustNewName("inside." + q.Name.String())
		m.Answers = append(m.Answers, dnsmessage.Resource{Header: header(q.Name), Body: &dnsmessage.CNAMEResource{CNAME: owner}})
	}
	if name.text != "" && q.Type == dnsmessage.TypeTXT {
		m.Answers = append(m.Answers, dnsmessage.Resource{Header: header(owner), Body: &dnsmessage.TXTResource{TXT: []string{name.text}}})
	}
	for _, text := range name.then {
		a := netip.MustParseAddr(text)
		switch {
		case a.Is4() && q.Type == dnsmessage.TypeA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: header(owner), Body: &dnsmessage.AResource{A: a.As4()}})
		case a.Is6() && q.Type == dnsmessage.TypeAAAA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: header(owner), Body: &dnsmessage.AAAAResource{AAAA: a.As16()}})
		}
	}
	b, err := m.Pack()
	if err != nil {
		s.t.Error(err)
	}
	return b
}

// face gives what a name is at this question: then holds its addresses.
func (s *turner) face(q dnsmessage.Question) (turning, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	host := strings.ToLower(q.Name.String())
	to, known := s.names[host]
	if !known {
		return turning{}, false
	}
	key := q.Type.String() + host
	s.asked[key]++
	if to.text != "" {
		return to, true
	}
	if !s.turned || to.flickers && s.asked[key]%2 == 0 {
		return turning{then: []string{to.public}}, true
	}
	return to, true
}

func header(name dnsmessage.Name) dnsmessage.ResourceHeader {
	return dnsmessage.ResourceHeader{Name: name, Class: dnsmessage.ClassINET}
}
