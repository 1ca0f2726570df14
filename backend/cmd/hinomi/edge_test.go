package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/hinomi-watch/hinomi/backend/internal/postgres"
	"github.com/hinomi-watch/hinomi/backend/internal/postgres/pgtest"
)

// caller speaks to a service that runs.
type caller struct {
	t      *testing.T
	base   string
	header http.Header
}

// call insists on a status and gives what is answered.
func (c caller) call(want int, method, path, body string) (answer map[string]any) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header = c.header.Clone()
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != want {
		c.t.Fatalf("%s %s: %d instead of %d: %s, %v", method, path, res.StatusCode, want, text, err)
	}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &answer); err != nil {
			c.t.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
	return answer
}

// firstAccount makes it and signs it in.
func firstAccount(t *testing.T, addr string) caller {
	t.Helper()
	register(t, addr, secretValues()["set-up code"], http.StatusCreated)
	c := caller{t, "http://" + addr + "/api/v1", http.Header{}}
	answer := c.call(http.StatusOK, "POST", "/auth/login", `{"email":"a@example.jp","password":"correct horse battery"}`)
	c.header.Set("Authorization", fmt.Sprintf("Bearer %s", answer["access_token"]))
	return c
}

// The setting reaches from the environment to what is written down of a caller.
func TestOnlyATrustedProxyIsBelievedWhoCalls(t *testing.T) {
	t.Parallel()
	for proxies, want := range map[string]string{"127.0.0.0/8": "203.0.113.7", "192.0.2.1": "127.0.0.1", "": "127.0.0.1"} {
		t.Run(proxies, func(t *testing.T) {
			t.Parallel()
			addr, url := freeAddr(t), pgtest.URL(t)
			cmd, out := program(t, "serve", map[string]string{"HINOMI_ADDR": addr, "DATABASE_URL": url, "HINOMI_TRUSTED_PROXIES": proxies})
			stop := begin(t, cmd, out)
			c := firstAccount(t, addr)
			c.header.Set("X-Forwarded-For", "198.51.100.1, 203.0.113.7")
			c.call(http.StatusOK, "PATCH", "/me", `{"time_zone":"Europe/Berlin"}`)
			var got string
			if err := pool(t, url, postgres.Owner).SQL().GetContext(t.Context(), &got, `select address from audit_log where action = 'updateMe'`); err != nil || got != want {
				t.Errorf("written down: %s, %v, want %s", got, err, want)
			}
			stop()
		})
	}
}

// letter is what a mail server was given.
type letter struct{ to, content string }

// postOffice is a real mail server: it reads addresses strictly.
type postOffice struct {
	arrived chan letter
	to      string
}

func (p *postOffice) NewSession(*smtp.Conn) (smtp.Session, error) {
	return &postOffice{arrived: p.arrived}, nil
}
func (p *postOffice) Reset()                               { p.to = "" }
func (p *postOffice) Logout() error                        { return nil }
func (p *postOffice) Mail(string, *smtp.MailOptions) error { return nil }
func (p *postOffice) Rcpt(to string, _ *smtp.RcptOptions) error {
	p.to = to
	return nil
}

func (p *postOffice) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	if err == nil {
		p.arrived <- letter{p.to, strings.ReplaceAll(string(content), "=\r\n", "")}
	}
	return err
}

// openPostOffice gives its address and what arrives there.
func openPostOffice(t *testing.T) (addr string, arrived chan letter) {
	t.Helper()
	arrived = make(chan letter, 100)
	server := smtp.NewServer(&postOffice{arrived: arrived})
	server.Domain = "mx.test"
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return l.Addr().String(), arrived
}

func next(t *testing.T, arrived chan letter) letter {
	t.Helper()
	select {
	case l := <-arrived:
		return l
	case <-time.After(30 * time.Second):
		t.Fatal("no mail arrived")
		return letter{}
	}
}

// From the API to the mail server and back: phone carriers gave out addresses
// that RFC 5322 wants quoted.
func TestPhoneCarrierAddressesAreAcceptedAndDeliveredTo(t *testing.T) {
	t.Parallel()
	office, arrived := openPostOffice(t)
	addr := freeAddr(t)
	cmd, out := program(t, "serve", map[string]string{
		"HINOMI_ADDR": addr, "DATABASE_URL": pgtest.URL(t), "HINOMI_SMTP_URL": "smtp://" + office + "/?tls=off", "HINOMI_PUBLIC_URL": "https://watch.example.jp",
	})
	stop := begin(t, cmd, out)
	c := firstAccount(t, addr)
	code := regexp.MustCompile(`entered the address: (\d{3} \d{3})`)
	for _, address := range []string{"abc..def@docomo.ne.jp", "abc.@ezweb.ne.jp", ".a-b_c@docomo.ne.jp", "t.a.r.o...@softbank.ne.jp", "a/b+c@i.softbank.jp"} {
		made := c.call(http.StatusCreated, "POST", "/contacts", fmt.Sprintf(`{"email":%q,"locale":"en"}`, address))
		contact := fmt.Sprintf("/contacts/%.0f", made["id"])
		confirm := next(t, arrived)
		digits := code.FindStringSubmatch(confirm.content)
		if made["email"] != address || confirm.to != address || digits == nil {
			t.Fatalf("%s: contact %v, mail %+v", address, made, confirm)
		}
		c.call(http.StatusOK, "POST", contact+"/verify", fmt.Sprintf(`{"code":%q}`, digits[1]))
		c.call(http.StatusAccepted, "POST", contact+"/test", "")
		test := next(t, arrived)
		if test.to != address || !strings.Contains(test.content, "Subject: TEST") || !strings.Contains(test.content, "List-Unsubscribe-Post: List-Unsubscribe=One-Click") {
			t.Errorf("%s: mail %+v", address, test)
		}
	}
	stop()
}
