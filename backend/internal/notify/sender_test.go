package notify

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net"
	netmail "net/mail"
	"net/textproto"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func parse(t *testing.T, content string) *netmail.Message {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(content))
	if err != nil {
		t.Fatalf("%v in\n%s", err, content)
	}
	return m
}

func TestAMailArrivesAsItShould(t *testing.T) {
	t.Parallel()
	server := newMailServer(t)
	r := newRig(t, "smtp://"+server.addr, nil)
	m := example{alerts: []uptime.Alert{failed(), with(recovered(), func(a *uptime.Alert) { a.IncidentID = 8 })}}.mail("ja")
	r.box.owe(m, 1)
	r.run(t)
	got := server.got()
	if len(got) != 1 || got[0].from != "watch@example.jp" || got[0].to != "you@example.jp" {
		t.Fatalf("received %+v", got)
	}
	msg := parse(t, got[0].content)
	for name, want := range map[string]string{
		"From": `"Hinomi" <watch@example.jp>`, "To": "<you@example.jp>", "Auto-Submitted": "auto-generated",
		"Date": "Sat, 21 Nov 2026 18:11:00 +0000", "Message-Id": "<mail-3.1795284660000@watch.example.jp>",
		"References":   "<incident-7.1795284300000@watch.example.jp> <incident-8.1795284300000@watch.example.jp>",
		"Content-Type": "text/plain; charset=UTF-8", "Mime-Version": "1.0",
	} {
		if v := msg.Header.Get(name); v != want {
			t.Errorf("%s: %q, want %q", name, v, want)
		}
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject"))
	if err != nil || subject != "【異常1・復旧1】本社ウェブ HTTP" {
		t.Errorf("subject %q, %v", subject, err)
	}
	events := msg.Header[textproto.CanonicalMIMEHeaderKey("X-Hinomi-Event")]
	want := []string{
		"anomaly; host=www.example.jp; service=http; at=2026-11-21T18:10:00Z",
		"recovery; host=www.example.jp; service=http; at=2026-11-21T18:20:00Z",
	}
	if fmt.Sprint(events) != fmt.Sprint(want) {
		t.Errorf("events %q", events)
	}
	for _, line := range strings.Split(strings.TrimSuffix(got[0].content, "\r\n"), "\r\n") {
		if len(line) > 998 || strings.ContainsAny(line, "\r\n") || strings.IndexFunc(line, func(c rune) bool { return c > 126 }) >= 0 {
			t.Errorf("line %q", line)
		}
	}
	if at := r.box.get(3).sentAt; !at.Equal(jst(3, 11)) {
		t.Errorf("sent at %v", at)
	}
}

func TestSubjectsAreFoldedIntoWholeCharacters(t *testing.T) {
	t.Parallel()
	for _, subject := range []string{
		"DOWN: www.example.jp HTTP, no answer since 03:05", "【異常6件】www.example.jp PING・HTTPほか 3:05から", strings.Repeat("長", 60),
		strings.Repeat("😀", 60), "DOWN ×6: www.example.jp PING, HTTP and 4 more, since 03:05", "=?UTF-8?B?eA==?=", "a\r\nBcc: x@example.jp",
	} {
		got := encodeSubject(subject)
		for i, line := range strings.Split("Subject: "+got, "\r\n") {
			if len(line) > 76 || (i > 0 && line[0] != ' ') || strings.ContainsAny(line, "\r\n") {
				t.Errorf("%q: line %q", subject, line)
			}
		}
		msg := parse(t, "Subject: "+got+"\r\n\r\n")
		if back, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject")); err != nil || back != subject {
			t.Errorf("%q came back as %q, %v", subject, back, err)
		}
	}
}

func TestNothingIsAskedOfServersThatALaterOneMayLack(t *testing.T) {
	t.Parallel()
	server := newMailServer(t, func(s *mailServer) { s.server.EnableSMTPUTF8 = true })
	r := newRig(t, "smtp://"+server.addr, nil)
	r.box.owe(anomalyMail(1), 1)
	r.run(t)
	if got := server.got(); len(got) != 1 || got[0].utf8 {
		t.Errorf("%+v", got)
	}
}

func TestPhoneAddressesWithDotsAreSentQuoted(t *testing.T) {
	t.Parallel()
	server := newMailServer(t)
	r := newRig(t, "smtp://"+server.addr, nil)
	addresses := []string{"abc..def@docomo.ne.jp", "abc.@ezweb.ne.jp", ".a@docomo.ne.jp", "a.b@example.jp"}
	for i, a := range addresses {
		m := anomalyMail(int64(i))
		m.To = a
		r.box.owe(m, m.ID)
	}
	envelope := make(chan string, len(addresses))
	server.answer(answers{rcpt: func(to string) error { envelope <- to; return nil }})
	r.run(t)
	close(envelope)
	arrived := map[string]bool{}
	for to := range envelope {
		arrived[to] = true
	}
	header := map[string]bool{}
	for _, m := range server.got() {
		header[parse(t, m.content).Header.Get("To")] = true
	}
	for i, a := range addresses {
		// The server takes the quotes off the envelope's address; it would not
		// have read it without them.
		if !arrived[a] || !r.box.get(int64(i)).retriedNever() {
			t.Errorf("%s did not arrive: %v", a, arrived)
		}
	}
	for _, want := range []string{`<"abc..def"@docomo.ne.jp>`, `<"abc."@ezweb.ne.jp>`, `<".a"@docomo.ne.jp>`, "<a.b@example.jp>"} {
		if !header[want] {
			t.Errorf("no To: %s in %v", want, header)
		}
	}
}

func (m owed) retriedNever() bool { return len(m.retried) == 0 && !m.sentAt.IsZero() }

func TestNobodyCanSmuggleALineIntoAMail(t *testing.T) {
	t.Parallel()
	server := newMailServer(t)
	r := newRig(t, "smtp://"+server.addr, nil)
	evil := "x\r\nBcc: evil@example.jp\r\n\r\nbody"
	m := anomalyMail(1)
	m.Alerts[0].Label, m.Alerts[0].Host = evil, "www.example.jp\r\nX-Evil: 1"
	r.box.owe(m, 1)
	bad := anomalyMail(2)
	bad.To = "you@example.jp>\r\nRCPT TO:<evil@example.jp"
	r.box.owe(bad, 2)
	r.run(t)
	got := server.got()
	if len(got) != 1 {
		t.Fatalf("%d mails", len(got))
	}
	h := parse(t, got[0].content).Header
	if h.Get("Bcc") != "" || h.Get("X-Evil") != "" || len(h["X-Hinomi-Event"]) != 1 {
		t.Errorf("headers %v", h)
	}
	if r.box.get(2).failed == "" {
		t.Error("a mail to an impossible address was not given up")
	}
}

func TestAnAnswerOf4xxIsTriedAgainLaterAnd5xxEndsIt(t *testing.T) {
	t.Parallel()
	stages := map[string]func(s *mailServer, code int){
		"mail": func(s *mailServer, code int) { s.answer(answers{mail: func(string) error { return says(code) }}) },
		"rcpt": func(s *mailServer, code int) { s.answer(answers{rcpt: func(string) error { return says(code) }}) },
		"data": func(s *mailServer, code int) {
			s.answer(answers{data: func(received) (error, bool) { return says(code), false }})
		},
	}
	for stage, set := range stages {
		for _, code := range []int{421, 450, 452, 550, 554} {
			t.Run(fmt.Sprint(stage, code), func(t *testing.T) {
				t.Parallel()
				server := newMailServer(t)
				set(server, code)
				r := newRig(t, "smtp://"+server.addr, nil)
				r.box.owe(anomalyMail(1), 1)
				r.run(t)
				m := r.box.get(1)
				if code >= 500 {
					if m.failed == "" || !strings.Contains(m.failed, fmt.Sprint(code)) {
						t.Errorf("not given up: %+v", m)
					}
					return
				}
				wait := m.next.Sub(r.clock.Now())
				if m.failed != "" || len(m.retried) != 1 || wait < 30*time.Second || wait > 38*time.Second {
					t.Fatalf("%+v, waits %v", m, wait)
				}
				server.answer(answers{})
				r.run(t)
				if m := r.box.get(1); !m.sentAt.IsZero() {
					t.Error("it did not wait")
				}
				r.clock.add(wait)
				r.run(t)
				if m := r.box.get(1); m.sentAt.IsZero() || m.Attempt != 2 {
					t.Errorf("after the wait: %+v", m)
				}
			})
		}
	}
}

func TestALost250ComesAgainUnderTheSameMessageID(t *testing.T) {
	t.Parallel()
	server := newMailServer(t)
	server.answer(answers{data: func(received) (error, bool) { return nil, true }})
	r := newRig(t, "smtp://"+server.addr, nil)
	r.box.owe(anomalyMail(7), 1)
	r.run(t)
	if m := r.box.get(7); !m.sentAt.IsZero() || len(m.retried) != 1 {
		t.Fatalf("without a 250: %+v", m)
	}
	server.answer(answers{})
	r.clock.add(time.Minute)
	r.run(t)
	got := server.got()
	if len(got) != 2 || got[0].content != got[1].content || !strings.Contains(got[0].content, "Message-ID: <mail-7.") {
		t.Fatalf("%d mails: %v", len(got), got)
	}
	if r.box.get(7).sentAt.IsZero() {
		t.Error("it is not recorded as sent")
	}
}

func TestACrashBetween250AndItsRecordRepeatsTheSameMail(t *testing.T) {
	t.Parallel()
	server := newMailServer(t)
	first := newRig(t, "smtp://"+server.addr, nil)
	first.box.owe(anomalyMail(7), 1)
	first.box.set(false, true)
	if err := first.RunOnce(t.Context(), first.clock.Now()); !errors.Is(err, errDown) {
		t.Fatalf("error %v", err)
	}
	// The process ends here; another one takes over when the lease is over.
	first.box.set(false, false)
	next := newRig(t, "smtp://"+server.addr, func(c *Config) { c.Outbox = first.box })
	next.run(t)
	if n := len(server.got()); n != 1 {
		t.Fatalf("%d mails within the lease", n)
	}
	next.clock.add(leaseFor)
	next.run(t)
	got := server.got()
	if len(got) != 2 || got[0].content != got[1].content {
		t.Fatalf("%d mails: %v", len(got), got)
	}
}

func TestAnAcceptedMailIsNotSentAgainWhenTheDatabaseComesBack(t *testing.T) {
	t.Parallel()
	server := newMailServer(t)
	r := newRig(t, "smtp://"+server.addr, nil)
	r.box.owe(anomalyMail(7), 1)
	r.box.set(false, true)
	for range 3 {
		if err := r.RunOnce(t.Context(), r.clock.Now()); !errors.Is(err, errDown) {
			t.Fatalf("error %v", err)
		}
		r.clock.add(2 * leaseFor) // the lease is long over
	}
	r.box.set(false, false)
	r.run(t)
	if n := len(server.got()); n != 1 || r.box.get(7).sentAt.IsZero() {
		t.Errorf("%d mails, sent at %v", n, r.box.get(7).sentAt)
	}
}

func TestAMailIsGivenUpAfterADay(t *testing.T) {
	t.Parallel()
	r := newRig(t, "smtp://"+closedPort(t), nil)
	r.box.owe(anomalyMail(1), 1)
	attempts := 0
	for r.box.get(1).failed == "" && attempts < 200 {
		r.run(t)
		attempts++
		if next := r.box.get(1).next; next.After(r.clock.Now()) {
			r.clock.add(next.Sub(r.clock.Now()))
		}
	}
	m := r.box.get(1)
	age := r.clock.Now().Sub(m.CreatedAt)
	if m.failed == "" || age < 24*time.Hour || age > 25*time.Hour {
		t.Errorf("after %d attempts and %v: %q", attempts, age, m.failed)
	}
	if attempts < 40 || attempts > 70 {
		t.Errorf("%d attempts in a day", attempts)
	}
}

func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestBackOffGrowsFromHalfAMinuteToHalfAnHour(t *testing.T) {
	t.Parallel()
	last := time.Duration(0)
	for attempt := 1; attempt < 100; attempt++ {
		least, most := backOff(attempt, 0), backOff(attempt, 0.999999)
		if least < 30*time.Second || most > 30*time.Minute || least < last || most <= least {
			t.Fatalf("attempt %d: %v to %v after %v", attempt, least, most, last)
		}
		last = least
	}
	if backOff(1, 0) != 30*time.Second || last < 20*time.Minute {
		t.Errorf("from %v to %v", backOff(1, 0), last)
	}
}

func TestAContactsMailsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	server := newMailServer(t)
	r := newRig(t, "smtp://"+server.addr, nil)
	var refused atomic.Bool
	server.answer(answers{rcpt: func(string) error {
		if refused.CompareAndSwap(false, true) {
			return says(450)
		}
		return nil
	}})
	for id := range int64(5) {
		r.box.owe(anomalyMail(id), 1)
	}
	r.run(t)
	if n := len(server.got()); n != 0 {
		t.Fatalf("%d mails overtook the first one", n)
	}
	r.clock.add(time.Minute)
	r.run(t)
	got := server.got()
	if len(got) != 5 {
		t.Fatalf("%d mails", len(got))
	}
	for i, m := range got {
		if !strings.Contains(m.content, fmt.Sprintf("Message-ID: <mail-%d.", i)) {
			t.Errorf("mail %d is\n%s", i, m.content)
		}
	}
}

func TestManyMailsShareAFewConnections(t *testing.T) {
	t.Parallel()
	server := newMailServer(t)
	r := newRig(t, "smtp://"+server.addr, nil)
	for id := range int64(100) {
		r.box.owe(anomalyMail(id), id)
	}
	r.run(t)
	got := server.got()
	most := 0
	for _, m := range got {
		most = max(most, m.session)
	}
	if len(got) != 100 || most > parallel {
		t.Errorf("%d mails over %d connections", len(got), most)
	}
}

func TestAConnectionThatTheServerClosedMeanwhileIsReplaced(t *testing.T) {
	t.Parallel()
	server := newMailServer(t)
	r := newRig(t, "smtp://"+server.addr, nil)
	r.box.owe(anomalyMail(1), 1)
	r.run(t)
	server.cutAll()
	r.box.owe(anomalyMail(2), 1)
	r.run(t)
	if m := r.box.get(2); m.sentAt.IsZero() || m.Attempt != 1 {
		t.Errorf("%+v", m)
	}
}

func TestTLSIsRequiredWhereItIsAskedFor(t *testing.T) {
	t.Parallel()
	server := newMailServer(t)
	r := newRig(t, "smtp://"+server.addr+"?tls=required", nil)
	r.box.owe(anomalyMail(1), 1)
	r.run(t)
	m := r.box.get(1)
	if len(server.got()) != 0 || len(m.retried) != 1 || !strings.Contains(m.retried[0], "does not support STARTTLS") {
		t.Errorf("%+v", m)
	}
}

func TestSTARTTLSIsUsedWhenOffered(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]bool{"": true, "?tls=off": false} {
		cfg, _ := certificate(t)
		server := newMailServer(t, withTLS(cfg))
		r := newRig(t, "smtp://"+server.addr+query, nil)
		r.box.owe(anomalyMail(1), 1)
		r.run(t)
		if got := server.got(); len(got) != 1 || got[0].tls != want {
			t.Errorf("%q: %+v, %+v", query, got, r.box.get(1))
		}
	}
}

func TestAFalseCertificateIsRefusedWhereItMatters(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"smtp://%s?tls=required", "smtp://user:secret@%s", "smtps://%s"} {
		cfg, _ := certificate(t)
		server := newMailServer(t, withTLS(cfg), func(s *mailServer) { s.password = "secret" })
		if strings.HasPrefix(address, "smtps") {
			server = newImplicitServer(t, "secret")
		}
		r := newRig(t, fmt.Sprintf(address, server.addr), nil)
		r.box.owe(anomalyMail(1), 1)
		r.run(t)
		m := r.box.get(1)
		if len(server.got()) != 0 || len(m.retried) != 1 || !strings.Contains(m.retried[0], "certificate") {
			t.Errorf("%s: %+v", address, m)
		}
	}
}

func TestAPasswordIsUsedOverTLSOnlyAndNeverShown(t *testing.T) {
	t.Parallel()
	cfg, pool := certificate(t)
	offered := newMailServer(t, withTLS(cfg), func(s *mailServer) { s.password = "se%cret" })
	implicit := newImplicitServer(t, "se%cret")
	for _, address := range []string{"smtp://me:se%25cret@" + offered.addr, "smtps://me:se%25cret@" + implicit.addr} {
		r := newRig(t, address, nil)
		trust(r, pool, implicit)
		r.box.owe(anomalyMail(1), 1)
		r.run(t)
		if m := r.box.get(1); m.sentAt.IsZero() {
			t.Errorf("%s: %+v", address, m)
		}
	}
	for _, s := range []*mailServer{offered, implicit} {
		if got := s.got(); len(got) != 1 || got[0].user != "me" {
			t.Errorf("%+v", got)
		}
	}
	plain := newMailServer(t, func(s *mailServer) { s.password = "se%cret"; s.server.AllowInsecureAuth = true })
	r := newRig(t, "smtp://me:se%25cret@"+plain.addr, nil)
	r.box.owe(anomalyMail(1), 1)
	r.run(t)
	if m := r.box.get(1); len(plain.got()) != 0 || len(m.retried) != 1 || strings.Contains(m.retried[0], "cret") {
		t.Errorf("without TLS: %+v", m)
	}
	r = newRig(t, "smtp://me:se%25cret@"+plain.addr+"?tls=off", nil)
	r.box.owe(anomalyMail(1), 1)
	r.run(t)
	if got := plain.got(); len(got) != 1 || got[0].user != "me" {
		t.Errorf("although the operator said tls=off: %+v, %+v", got, r.box.get(1))
	}
}

func TestAWrongPasswordDoesNotEndAMail(t *testing.T) {
	t.Parallel()
	cfg, pool := certificate(t)
	server := newMailServer(t, withTLS(cfg), func(s *mailServer) { s.password = "secret" })
	r := newRig(t, "smtp://me:wrong@"+server.addr, nil)
	trust(r, pool, nil)
	r.box.owe(anomalyMail(1), 1)
	r.run(t)
	if m := r.box.get(1); m.failed != "" || len(m.retried) != 1 || !strings.Contains(m.retried[0], "535") {
		t.Errorf("%+v", m)
	}
}

func TestBadServerAddressesAreToldWithoutTheirPassword(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"http://me:secret@mx.test", "smtp://", "smtp://me:secret@mx.test:0", "smtp://me:secret@mx.test:99999", "smtp://mx.test?tls=maybe",
		"smtps://me:secret@mx.test?tls=off", "smtp://me:secret@mx.test/path", "smtp://me:se%zzcret@mx.test",
	} {
		if _, err := newSMTP(address, "watch.example.jp"); err == nil || strings.Contains(err.Error(), "cret") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestStartLooksByItselfAndWakesUpAtOnce(t *testing.T) {
	t.Parallel()
	server := newMailServer(t)
	arrived := make(chan struct{}, 10)
	server.answer(answers{data: func(received) (error, bool) { arrived <- struct{}{}; return nil, false }})
	r := newRig(t, "smtp://"+server.addr, nil)
	r.box.owe(anomalyMail(1), 1)
	r.Start(t.Context())
	wait(t, arrived)
	r.box.owe(anomalyMail(2), 1)
	r.Wake()
	wait(t, arrived)
	r.Stop()
	r.Stop()
	if r.box.get(1).sentAt.IsZero() || r.box.get(2).sentAt.IsZero() {
		t.Error("what was accepted before the end was not recorded")
	}
}

func wait(t *testing.T, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(10 * time.Second):
		t.Fatal("nothing came for 10 s")
	}
}

func TestASlowMailDoesNotHoldUpTheOthers(t *testing.T) {
	t.Parallel()
	server := newMailServer(t)
	slow, release, others := make(chan struct{}, 1), make(chan struct{}), make(chan struct{}, 30)
	server.answer(answers{data: func(m received) (error, bool) {
		if m.to == "slow@example.jp" {
			slow <- struct{}{}
			<-release
		} else {
			others <- struct{}{}
		}
		return nil, false
	}})
	r := newRig(t, "smtp://"+server.addr, nil)
	first := anomalyMail(1)
	first.To = "slow@example.jp"
	r.box.owe(first, 1)
	r.Start(t.Context())
	wait(t, slow)
	for id := range int64(30) {
		r.box.owe(anomalyMail(id+2), id+2)
	}
	r.Wake()
	for range 30 {
		wait(t, others)
	}
	close(release)
	r.Stop()
	if r.box.get(1).sentAt.IsZero() {
		t.Error("the slow mail was not recorded")
	}
}

func TestABrokenOffMailStaysOwed(t *testing.T) {
	t.Parallel()
	server := newMailServer(t)
	server.hold, server.holding = make(chan struct{}), make(chan struct{}, 1)
	defer close(server.hold)
	l, err := testWriter(t, nil).write(anomalyMail(1))
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSMTP("smtp://"+server.addr, "watch.example.jp")
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() { result <- s.carry(ctx, l) }()
	wait(t, server.holding)
	cancel()
	if err := <-result; err == nil || errors.Is(err, errRefused) || !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestAPanicIsAFailedAttempt(t *testing.T) {
	t.Parallel()
	r := newRig(t, "", nil)
	r.carry = panicking{}
	r.box.owe(anomalyMail(1), 1)
	r.run(t)
	if m := r.box.get(1); len(m.retried) != 1 || !strings.Contains(m.retried[0], "panic") {
		t.Errorf("%+v", m)
	}
}

type panicking struct{}

func (panicking) carry(context.Context, letter) error { panic("at the disco") }
func (panicking) close()                              {}

func TestADatabaseThatIsAwayIsLoggedOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, "", nil)
	var lines strings.Builder
	r.cfg.Log = testLog(&lines)
	for _, down := range []bool{true, true, true, false, false} {
		r.box.set(down, false)
		_, err := r.round(t.Context(), r.clock.Now())
		r.note(t.Context(), err)
	}
	if got := lines.String(); strings.Count(got, "\n") != 2 {
		t.Errorf("log:\n%s", got)
	}
}
