package notify

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func TestAContactStopsItsMailsByOneClick(t *testing.T) {
	t.Parallel()
	server := newMailServer(t)
	for _, c := range []struct {
		base, header, page string
		mail               func(m *uptime.Mail)
	}{
		{base: "https://watch.example.jp", header: "<https://watch.example.jp/api/v1/unsubscribe/stop-5-6>", page: "https://watch.example.jp/unsubscribe#token=stop-5-6"},
		{base: "https://example.jp/watch/", header: "<https://example.jp/watch/api/v1/unsubscribe/stop-5-6>", page: "https://example.jp/watch/unsubscribe#token=stop-5-6"},
		{base: "http://watch.example.jp", page: "http://watch.example.jp/unsubscribe#token=stop-5-6"}, // RFC 8058 wants https
		{base: "https://watch.example.jp", header: "<https://watch.example.jp/api/v1/unsubscribe/stop-5-6>", mail: func(m *uptime.Mail) { m.ShortForm = true }},
		{base: "https://watch.example.jp", mail: func(m *uptime.Mail) { m.ContactID = 0 }},
		{base: "https://watch.example.jp", mail: func(m *uptime.Mail) { m.Kind, m.Token = uptime.ContactMail, "abc" }},
	} {
		base, err := url.Parse(c.base)
		if err != nil {
			t.Fatal(err)
		}
		r := newRig(t, "smtp://"+server.addr, func(cfg *Config) { cfg.PublicURL = base })
		m := anomalyMail(1)
		m.AccountID, m.ContactID = 5, 6
		if c.mail != nil {
			c.mail(&m)
		}
		r.box.owe(m, 1)
		r.run(t)
		got := server.got()
		last := got[len(got)-1]
		h := parse(t, last.content).Header
		post := ""
		if c.header != "" {
			post = "List-Unsubscribe=One-Click"
		}
		if h.Get("List-Unsubscribe") != c.header || h.Get("List-Unsubscribe-Post") != post {
			t.Errorf("%s: headers %v", c.base, h)
		}
		body := strings.ReplaceAll(unfold(last), "=3D", "=")
		if has := strings.Contains(body, "/unsubscribe#"); has != (c.page != "") || !strings.Contains(body, c.page) {
			t.Errorf("%s: no %s in\n%s", c.base, c.page, body)
		}
	}
	if len(server.got()) != 6 {
		t.Errorf("%d mails", len(server.got()))
	}
}

// What a server says of an address counts against the contact; what it says of
// us does not.
func TestOnlyRefusalsOfTheAddressAreBounces(t *testing.T) {
	t.Parallel()
	code := func(code int, subject, detail int) error {
		enhanced := smtp.EnhancedCode{5, subject, detail}
		if subject == 0 {
			enhanced = smtp.NoEnhancedCode
		}
		return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: "Unknown user\tyou@example.jp"}
	}
	at := func(stage string, answer error) answers {
		switch stage {
		case "mail":
			return answers{mail: func(string) error { return answer }}
		case "rcpt":
			return answers{rcpt: func(string) error { return answer }}
		}
		return answers{data: func(received) (error, bool) { return answer, false }}
	}
	for _, c := range []struct {
		stage   string
		answer  error
		bounced bool
	}{
		{"rcpt", code(550, 1, 1), true},
		{"rcpt", code(550, 0, 0), true}, // as phone carriers say it
		{"rcpt", code(552, 2, 2), true},
		{"data", code(554, 2, 1), true},
		{"data", code(550, 0, 0), true},
		{"mail", code(550, 1, 1), false},
		{"mail", code(550, 0, 0), false},
		{"rcpt", code(550, 7, 1), false}, // relaying denied
		{"rcpt", code(550, 1, 8), false}, // our domain
		{"rcpt", code(530, 0, 0), false}, // sign in first
		{"data", code(554, 6, 0), false},
		{"rcpt", code(450, 1, 1), false},
	} {
		t.Run(fmt.Sprint(c.stage, c.answer), func(t *testing.T) {
			t.Parallel()
			server := newMailServer(t)
			server.answer(at(c.stage, c.answer))
			r := newRig(t, "smtp://"+server.addr, nil)
			r.box.owe(anomalyMail(1), 1)
			r.run(t)
			if bounced := len(r.box.bounces) == 1; bounced != c.bounced {
				t.Fatalf("bounces %q", r.box.bounces)
			}
			if !c.bounced {
				return
			}
			answer := r.box.bounces[0]
			if !strings.HasSuffix(answer, "Unknown user you@example.jp") || !strings.HasPrefix(answer, "55") || strings.Contains(answer, "mail-1.") {
				t.Errorf("the owner is shown %q", answer)
			}
		})
	}
}
