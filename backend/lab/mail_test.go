//go:build lab

package lab

import (
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// event is one alert as the mail's header names it.
type event struct {
	Kind, Host, Service string
	At                  time.Time
}

func (e event) String() string {
	return fmt.Sprintf("%s %s %s at %s", e.Kind, e.Host, e.Service, e.At.Format("15:04:05"))
}

type letter struct {
	arrived   time.Time
	messageID string
	subject   string
	body      string
	header    mail.Header
	events    []event
}

// letters gives the mails that the receiving server stored for a recipient,
// in the order of their arrival.
func letters(t testing.TB, recipient string) []letter {
	t.Helper()
	dir := runFile(t, "maildir/new")
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var out []letter
	for _, e := range entries {
		if l, ok := readLetter(t, filepath.Join(dir, e.Name()), recipient); ok {
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(a, b letter) int { return a.arrived.Compare(b.arrived) })
	return out
}

func readLetter(t testing.TB, path, recipient string) (letter, bool) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	m, err := mail.ReadMessage(f)
	if err != nil {
		t.Fatalf("mail %s: %v", path, err)
	}
	if !strings.Contains(m.Header.Get("X-RcptTo"), recipient) {
		return letter{}, false
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		t.Fatalf("mail %s: subject: %v", path, err)
	}
	l := letter{arrived: info.ModTime(), messageID: m.Header.Get("Message-Id"), subject: subject, header: m.Header, body: readBody(t, m)}
	for _, h := range m.Header["X-Hinomi-Event"] {
		l.events = append(l.events, parseEvent(t, h))
	}
	return l, true
}

func readBody(t testing.TB, m *mail.Message) string {
	t.Helper()
	r := m.Body
	switch strings.ToLower(m.Header.Get("Content-Transfer-Encoding")) {
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("mail body: %v", err)
	}
	return string(content)
}

// parseEvent reads "anomaly; host=h; service=s; at=RFC 3339".
func parseEvent(t testing.TB, header string) event {
	t.Helper()
	parts := strings.Split(header, ";")
	e := event{Kind: strings.TrimSpace(parts[0])}
	for _, p := range parts[1:] {
		name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		switch name {
		case "host":
			e.Host = value
		case "service":
			e.Service = value
		case "at":
			at, err := time.Parse(time.RFC3339Nano, value)
			if err != nil {
				t.Fatalf("X-Hinomi-Event %q: %v", header, err)
			}
			e.At = at
		}
	}
	if e.Host == "" || e.Service == "" || e.At.IsZero() {
		t.Fatalf("X-Hinomi-Event %q lacks something", header)
	}
	return e
}

// events gives the alerts mailed to the server's contact about one host, in
// order. A mail that came twice under one Message-ID counts once.
func (s *server) events(host string) []event {
	s.t.Helper()
	var out []event
	seen := map[string]bool{}
	for _, l := range letters(s.t, s.contact) {
		if seen[l.messageID] {
			continue
		}
		seen[l.messageID] = true
		for _, e := range l.events {
			if e.Host == host {
				out = append(out, e)
			}
		}
	}
	return out
}

// kinds gives the kinds of the alerts about one host as "anomaly recovery".
func (s *server) kinds(host string) string {
	s.t.Helper()
	var out []string
	for _, e := range s.events(host) {
		out = append(out, e.Kind)
	}
	return strings.Join(out, " ")
}

// untilKinds waits until exactly these alerts about host have arrived.
func (s *server) untilKinds(host, want string) {
	s.t.Helper()
	s.until(10*time.Second, "mails about "+host+" to be \""+want+"\"", func() (bool, string) {
		got := s.kinds(host)
		return got == want, got
	})
}

// letterOf gives the first mail that carries an alert of this kind about host.
func (s *server) letterOf(kind, host string) letter {
	s.t.Helper()
	for _, l := range letters(s.t, s.contact) {
		for _, e := range l.events {
			if e.Kind == kind && e.Host == host {
				return l
			}
		}
	}
	s.t.Fatalf("no mail with %s about %s", kind, host)
	return letter{}
}
