package notify

import (
	"flag"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

var update = flag.Bool("update", false, "write the golden files anew, to be read aloud before they are committed")

// jst is a time of Sunday 22 November 2026 in Japan.
func jst(hour, minute int) time.Time {
	return time.Date(2026, 11, 22, hour, minute, 0, 0, time.FixedZone("", 9*3600)).UTC()
}

func testWriter(t testing.TB, change func(*Config)) *writer {
	t.Helper()
	base, err := url.Parse("https://watch.example.jp")
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{
		PublicURL: base, Policy: uptime.DefaultPolicy(), Unsubscribe: stopToken,
		Lines: []uptime.Line{
			{ID: 1, Name: "a", Source4: netip.MustParseAddr("192.0.2.10")},
			{ID: 2, Name: "b", Source4: netip.MustParseAddr("198.51.100.20")},
		},
	}
	cfg.Interval = func() time.Duration { return cfg.Policy.Interval }
	if change != nil {
		change(&cfg)
	}
	w, err := newWriter(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func stopToken(accountID, contactID int64) string {
	return fmt.Sprintf("stop-%d-%d", accountID, contactID)
}

func oneLineInstallation(c *Config) { c.Lines = []uptime.Line{{ID: 1, Name: "default"}} }

func threeLines(c *Config) {
	c.Lines = append(c.Lines, uptime.Line{ID: 3, Name: "c", Label: "衛星"})
}

func neverStops(c *Config) { c.Policy.FailuresToStop = 0 }

func sample(at time.Time, line uptime.LineID, r uptime.Reason, rtt time.Duration) uptime.Sample {
	return uptime.Sample{At: at, Line: line, Reason: r, RTT: rtt}
}

// failed is an anomaly of two failures at 3:05 and 3:10.
func failed() uptime.Alert {
	return uptime.Alert{
		Event: uptime.Event{Kind: uptime.Anomaly, At: jst(3, 10), Since: jst(3, 5), Streak: 2, Evidence: []uptime.Sample{
			sample(jst(3, 5), 1, uptime.Timeout, 0), sample(jst(3, 10), 2, uptime.Refused, 0),
		}},
		ID: 1, IncidentID: 7, MonitorID: 42, TargetID: 9, Host: "www.example.jp", Label: "本社ウェブ", Service: uptime.HTTP, Port: 80,
	}
}

func recovered() uptime.Alert {
	a := failed()
	a.Kind, a.At = uptime.Recovery, jst(3, 20)
	a.Evidence = []uptime.Sample{
		sample(jst(3, 15), 1, uptime.Connected, 11*time.Millisecond), sample(jst(3, 20), 2, uptime.Connected, 14*time.Millisecond),
	}
	return a
}

func stopped() uptime.Alert {
	a := failed()
	a.Kind, a.At, a.Streak = uptime.StoppedAlert, jst(3, 20), 4
	return a
}

func with(a uptime.Alert, change func(a *uptime.Alert)) uptime.Alert {
	a.Evidence = append([]uptime.Sample(nil), a.Evidence...)
	change(&a)
	return a
}

func service(s uptime.Service) func(*uptime.Alert) {
	return func(a *uptime.Alert) { a.Service, a.Port, a.MonitorID, a.Label = s, s.Port(), 40+int64(s), "" }
}

func tcp(port uint16) func(*uptime.Alert) {
	return func(a *uptime.Alert) { a.Service, a.Port, a.MonitorID = uptime.TCP, port, 1000+int64(port) }
}

func reason(r uptime.Reason) func(*uptime.Alert) {
	return func(a *uptime.Alert) { a.Evidence[0].Reason, a.Evidence[1].Reason = r, r }
}

type example struct {
	alerts  []uptime.Alert
	install func(*Config)
	short   bool
	kind    uptime.MailKind
	zone    string
	notice  uptime.Notice
	contact int64
}

func examples() map[string]example {
	gap := with(recovered(), func(a *uptime.Alert) {
		a.At, a.GapFrom, a.GapTo = jst(9, 15), jst(3, 20), jst(9, 10)
		a.Evidence[0].At, a.Evidence[1].At = jst(9, 10), jst(9, 15)
	})
	again := with(failed(), func(a *uptime.Alert) {
		a.At, a.Again = jst(9, 15), true
		a.Evidence[0].At, a.Evidence[1].At = jst(9, 10), jst(9, 15)
	})
	oneLine := with(failed(), func(a *uptime.Alert) { a.Evidence[1].Line = 1 })
	unnamed := with(failed(), func(a *uptime.Alert) { a.Label = "" })
	var six, sixBack, many []uptime.Alert
	for _, s := range uptime.Services() {
		six = append(six, with(failed(), service(s)))
		sixBack = append(sixBack, with(recovered(), service(s)))
	}
	for i := range 120 {
		many = append(many, with(failed(), func(a *uptime.Alert) { a.MonitorID, a.TargetID = int64(i), int64(i) }))
	}
	other := func(a *uptime.Alert) { a.TargetID, a.MonitorID, a.Host, a.Label = 10, 50, "ns.example.jp", "" }
	mixed := []uptime.Alert{
		with(recovered(), other), failed(), with(failed(), service(uptime.SMTP)), with(stopped(), service(uptime.Ping)),
		with(recovered(), func(a *uptime.Alert) { other(a); a.Service, a.Port, a.MonitorID = uptime.DNS, 53, 51 }),
		with(failed(), func(a *uptime.Alert) { other(a); a.Service, a.Port, a.MonitorID = uptime.Ping, 0, 52 }),
	}
	one := func(a uptime.Alert) []uptime.Alert { return []uptime.Alert{a} }
	all := map[string]example{
		"anomaly":                {alerts: one(failed())},
		"anomaly-contact":        {alerts: one(failed()), contact: 6},
		"short-contact":          {alerts: one(failed()), contact: 6, short: true},
		"test":                   {kind: uptime.TestMail, contact: 6},
		"short-test":             {kind: uptime.TestMail, contact: 6, short: true},
		"contact-contact":        {kind: uptime.ContactMail, contact: 6},
		"anomaly-unnamed":        {alerts: one(unnamed)},
		"anomaly-ping":           {alerts: one(with(failed(), func(a *uptime.Alert) { a.Service, a.Port = uptime.Ping, 0; reason(uptime.Timeout)(a) }))},
		"anomaly-never-answered": {alerts: one(with(failed(), func(a *uptime.Alert) { a.NeverUp = true; a.Service, a.Port = uptime.SMTP, 25 }))},
		"anomaly-one-line-only":  {alerts: one(oneLine)},
		"anomaly-one-of-three":   {alerts: one(oneLine), install: threeLines},
		"anomaly-after-resume":   {alerts: one(again)},
		"anomaly-single-line":    {alerts: one(oneLine), install: oneLineInstallation},
		"anomaly-never-stops":    {alerts: one(failed()), install: neverStops},
		"anomaly-kept-going":     {alerts: one(with(failed(), func(a *uptime.Alert) { a.KeepWatching = true }))},
		"anomaly-tcp":            {alerts: one(with(failed(), tcp(8443)))},
		"stopped-tcp":            {alerts: one(with(stopped(), tcp(8443)))},
		"digest-tcp":             {alerts: []uptime.Alert{with(failed(), tcp(8443)), with(failed(), tcp(8080))}},
		"short-digest-tcp":       {alerts: []uptime.Alert{with(failed(), tcp(8443)), with(failed(), tcp(8080))}, short: true},
		"anomaly-yesterday": {alerts: one(with(failed(), func(a *uptime.Alert) {
			a.Since = jst(-1, 55)
			a.Evidence[0].At = a.Since
			a.At = jst(0, 0)
			a.Evidence[1].At = a.At
		}))},
		"anomaly-idn":           {alerts: one(with(unnamed, func(a *uptime.Alert) { a.Host = "xn--wgv71a119e.jp" }))},
		"anomaly-berlin":        {alerts: one(failed()), zone: "Europe/Berlin"},
		"recovery":              {alerts: one(recovered())},
		"recovery-after-resume": {alerts: one(gap)},
		"recovery-single-line":  {alerts: one(recovered()), install: oneLineInstallation},
		"recovery-long":         {alerts: one(with(recovered(), func(a *uptime.Alert) { a.Since = jst(-50, 5); a.Evidence[0].RTT = 400 * time.Microsecond }))},
		"stopped":               {alerts: one(stopped())},
		"stopped-one-line-only": {alerts: one(with(stopped(), func(a *uptime.Alert) { a.Evidence[1].Line = 1 }))},
		"digest-host":           {alerts: six},
		"digest-host-back":      {alerts: sixBack},
		"digest-two":            {alerts: six[:2], install: oneLineInstallation},
		"digest-mixed":          {alerts: mixed},
		"digest-one-monitor":    {alerts: []uptime.Alert{failed(), stopped()}},
		"digest-many":           {alerts: many, install: threeLines},
		"short-anomaly":         {alerts: one(failed()), short: true},
		"short-one-line-only":   {alerts: one(oneLine), short: true},
		"short-single-line":     {alerts: one(oneLine), short: true, install: oneLineInstallation},
		"short-recovery":        {alerts: one(recovered()), short: true},
		"short-recovery-gap":    {alerts: one(gap), short: true},
		"short-stopped":         {alerts: one(stopped()), short: true},
		"short-digest":          {alerts: mixed, short: true},
		"account":               {kind: uptime.AccountMail},
		"contact":               {kind: uptime.ContactMail},
		"reset":                 {kind: uptime.ResetMail},
		"exists":                {kind: uptime.ExistsMail},
		"address":               {kind: uptime.AddressMail},
		"address_old":           {kind: uptime.AddressOldMail},
	}
	maps.Copy(all, noticeExamples())
	for _, r := range uptime.Reasons() {
		if r.Status().Failure() {
			all["reason-"+r.String()] = example{alerts: one(with(failed(), reason(r)))}
		}
	}
	all["reason-dns-port-timeout"] = example{alerts: one(with(failed(), func(a *uptime.Alert) { service(uptime.DNS)(a); reason(uptime.Timeout)(a) }))}
	all["reason-dns-port-refused"] = example{alerts: one(with(failed(), func(a *uptime.Alert) { service(uptime.DNS)(a); reason(uptime.Refused)(a) }))}
	return all
}

func (e example) mail(locale string) uptime.Mail {
	m := uptime.Mail{
		ID: 3, Kind: uptime.AlertMail, To: "you@example.jp", Locale: locale, Zone: "Asia/Tokyo", ShortForm: e.short,
		CreatedAt: jst(3, 11), Alerts: e.alerts, AccountID: 5, ContactID: e.contact,
	}
	if e.zone != "" {
		m.Zone = e.zone
	}
	if e.kind != "" {
		m.Notice = e.notice
		m.Kind, m.Token, m.NewAddress = e.kind, "abc-DEF_123", "new@example.jp"
	}
	return m
}

func TestMailsReadAsTheyWereAgreedUpon(t *testing.T) {
	t.Parallel()
	for name, e := range examples() {
		for _, locale := range []string{"ja", "en"} {
			t.Run(name+"/"+locale, func(t *testing.T) {
				l, err := testWriter(t, e.install).write(e.mail(locale))
				if err != nil {
					t.Fatal(err)
				}
				got := "Subject: " + l.subject + "\n\n" + l.body
				checkText(t, l)
				path := filepath.Join("testdata", locale, name+".txt")
				if *update {
					if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if got != string(want) {
					t.Errorf("got\n%s\nwant\n%s", got, want)
				}
			})
		}
	}
}

// checkText: what holds for every mail.
func checkText(t *testing.T, l letter) {
	t.Helper()
	if n := len([]rune(l.subject)); n == 0 || n > maxSubject {
		t.Errorf("the subject has %d characters: %s", n, l.subject)
	}
	for _, bad := range []string{"%!", "0001", "\r", "  \n", "line default", "回線default", "!", "。。", "..", " ."} {
		if strings.Contains(l.subject+l.body, bad) {
			t.Errorf("%q in\n%s\n%s", bad, l.subject, l.body)
		}
	}
	if !strings.HasSuffix(l.body, "\n") {
		t.Error("the last line does not end")
	}
}

func TestGoldenFilesAllBelongToAnExample(t *testing.T) {
	t.Parallel()
	all := examples()
	for _, locale := range []string{"ja", "en"} {
		entries, err := os.ReadDir(filepath.Join("testdata", locale))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if _, ok := all[strings.TrimSuffix(e.Name(), ".txt")]; !ok {
				t.Errorf("%s/%s is nobody's", locale, e.Name())
			}
		}
	}
}

func TestSubjectsStayShortWhateverPeopleWrite(t *testing.T) {
	t.Parallel()
	for _, label := range []string{strings.Repeat("長い名前", 30), strings.Repeat("Long name ", 30), "a\r\nBcc: x@example.jp", "\u202etxt"} {
		for name, e := range examples() {
			for _, locale := range []string{"ja", "en"} {
				m := e.mail(locale)
				m.Alerts = append([]uptime.Alert(nil), m.Alerts...)
				for i := range m.Alerts {
					m.Alerts[i].Label = label
				}
				m.Notice.Monitors = slices.Clone(m.Notice.Monitors)
				for i := range m.Notice.Monitors {
					m.Notice.Monitors[i].Label = label
				}
				l, err := testWriter(t, e.install).write(m)
				if err != nil {
					t.Fatal(name, err)
				}
				if n := len([]rune(l.subject)); n > maxSubject || strings.ContainsAny(l.subject, "\r\n\u202e") {
					t.Errorf("%s %s: %d characters: %q", name, locale, n, l.subject)
				}
			}
		}
	}
}

func TestTheStretchedIntervalDecidesWhenTheNextCheckIs(t *testing.T) {
	t.Parallel()
	w := testWriter(t, func(c *Config) { c.Interval = func() time.Duration { return 10 * time.Minute } })
	f := w.facts(failed())
	if !f.next.Equal(jst(3, 20)) || !f.stop.Equal(jst(3, 30)) {
		t.Errorf("next %v, stop %v", f.next, f.stop)
	}
}

func TestTheFailuresThatStopNowDecideWhenItIsStopped(t *testing.T) {
	t.Parallel()
	for after, stop := range map[int]time.Time{0: {}, 2: {}, 3: jst(3, 15), 6: jst(3, 30)} {
		w := testWriter(t, func(c *Config) { c.StopAfter = func() int { return after } })
		if f := w.facts(failed()); !f.stop.Equal(stop) {
			t.Errorf("after %d: stop %v, want %v", after, f.stop, stop)
		}
	}
}

func TestAMailWithoutAlertsIsGivenUp(t *testing.T) {
	t.Parallel()
	_, err := testWriter(t, nil).write(example{}.mail("ja"))
	if err == nil || !strings.Contains(fmt.Sprint(err), "refused") {
		t.Errorf("error %v", err)
	}
}

func TestStretchesAreSaidToTheMinute(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		d      time.Duration
		ja, en string
	}{
		{0, "1分未満", "less than a minute"},
		{59 * time.Second, "1分未満", "less than a minute"},
		{time.Minute, "約1分", "about 1 minute"},
		{10*time.Minute + 29*time.Second, "約10分", "about 10 minutes"},
		{59*time.Minute + 40*time.Second, "約1時間", "about 1 h"},
		{125 * time.Minute, "約2時間5分", "about 2 h 5 min"},
		{24 * time.Hour, "約1日", "about 1 d"},
		{76*time.Hour + 10*time.Minute, "約3日4時間", "about 3 d 4 h"},
	} {
		s := newStretch(c.d)
		if s.ja() != c.ja || s.en(longMinutes) != c.en {
			t.Errorf("%v: %s, %s; want %s, %s", c.d, s.ja(), s.en(longMinutes), c.ja, c.en)
		}
	}
}
