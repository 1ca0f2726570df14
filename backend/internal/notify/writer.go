package notify

import (
	"fmt"
	netmail "net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/idna"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// maxSubject is in characters.
const maxSubject = 60

// writer makes letters of mails.
type writer struct {
	host string // of the installation, in Message-IDs
	base string // public address without a slash at its end
	from netmail.Address

	lines     []uptime.Line
	timeout   time.Duration // of a probe
	interval  func() time.Duration
	stopAfter func() int

	unsubscribe func(accountID, contactID int64) string
}

func newWriter(cfg Config) (*writer, error) {
	w := &writer{
		host: idHost(cfg.PublicURL), base: strings.TrimRight(cfg.PublicURL.String(), "/"),
		lines: cfg.Lines, timeout: cfg.Policy.Timeout, interval: cfg.Interval, stopAfter: cfg.StopAfter, unsubscribe: cfg.Unsubscribe,
	}
	if w.stopAfter == nil {
		w.stopAfter = func() int { return cfg.Policy.FailuresToStop }
	}
	if cfg.From == "" && cfg.SMTPURL == "" {
		w.from = netmail.Address{Name: "Hinomi", Address: "hinomi@" + w.host}
		return w, nil
	}
	from, err := netmail.ParseAddress(cfg.From)
	if err != nil {
		return nil, fmt.Errorf("sender's address %q: %w", cfg.From, err)
	}
	w.from = *from
	if w.from.Name == "" {
		w.from.Name = "Hinomi"
	}
	return w, nil
}

// idHost is the installation's name as it may stand after the @ of an id.
func idHost(u *url.URL) string {
	host := strings.Trim(strings.ReplaceAll(plainHost(u.Hostname()), ":", "-"), ".-")
	if host == "" {
		return "localhost"
	}
	return host
}

// text is what a person reads.
type text struct{ subject, body string }

// speech is a language.
type speech interface {
	single(f facts) text
	digest(d digest) text
	short(f facts) string
	noticeSpeech
	test(at time.Time, link string) text
	shortTest() string
}

func (w *writer) speech(m uptime.Mail) speech {
	zone, err := time.LoadLocation(m.Zone)
	if err != nil {
		zone = time.UTC
	}
	if m.Locale == "ja" {
		return japanese{clock{zone: zone}, w.timeout}
	}
	return english{clock{zone: zone}, w.timeout}
}

func (w *writer) write(m uptime.Mail) (letter, error) {
	l := letter{
		id: m.ID, from: w.from, to: m.To, date: m.CreatedAt.UTC().Truncate(time.Second), base64: m.Locale == "ja",
		messageID: fmt.Sprintf("mail-%d.%d@%s", m.ID, m.CreatedAt.UnixMilli(), w.host),
	}
	t, err := w.words(m)
	if err != nil {
		return letter{}, err
	}
	l.subject, l.body = t.subject, t.body
	w.letStop(&l, m)
	for _, a := range m.Alerts {
		if len(l.events) < maxEvents {
			l.events = append(l.events, eventField(a))
		}
		thread := fmt.Sprintf("incident-%d.%d@%s", a.IncidentID, a.Since.UnixMilli(), w.host)
		if len(l.references) < maxReferences && !slices.Contains(l.references, thread) {
			l.references = append(l.references, thread)
		}
	}
	return l, nil
}

func (w *writer) words(m uptime.Mail) (text, error) {
	if t, ok := w.identity(m); ok {
		return t, nil
	}
	s := w.speech(m)
	switch m.Kind {
	case uptime.CountryMail, uptime.ClaimLostMail, uptime.ReminderMail, uptime.AgainMail:
		return w.notice(s, m)
	case uptime.TestMail:
		return w.test(s, m), nil
	case uptime.AlertMail:
	default:
		return text{}, fmt.Errorf("a mail of kind %q cannot be written", m.Kind)
	}
	all := make([]facts, 0, len(m.Alerts))
	for _, a := range m.Alerts {
		if len(a.Evidence) == 0 {
			return text{}, fmt.Errorf("alert %d has no evidence", a.ID)
		}
		all = append(all, w.facts(a))
	}
	switch len(all) {
	case 0: // what it told of was deleted meanwhile
		return text{}, fmt.Errorf("%w: what it tells of does not exist any more", errRefused)
	case 1:
		t := s.single(all[0])
		if m.ShortForm {
			t.body = s.short(all[0]) + "\n"
		}
		return t, nil
	}
	d := newDigest(all, w.link("/"))
	t := s.digest(d)
	if m.ShortForm {
		t.body = shortDigest(s, d)
	}
	return t, nil
}

func (w *writer) link(path string) string { return w.base + path }

// facts is an alert with all that its words depend on.
type facts struct {
	uptime.Alert
	name  string    // label, else host
	host  string    // as people write it
	ascii string    // the host's other form; "" if it has none
	link  string    // to the monitor
	next  time.Time // check; zero if none is known
	stop  time.Time // if it goes on failing; zero if never or not known

	lines []uptime.Line // that found the evidence, in its order; none if there is only one line at all
	out   []uptime.Line // that could not measure, if a single line confirmed
	all   int           // configured lines
	ours  []string      // addresses that targets see
}

func (w *writer) facts(a uptime.Alert) facts {
	f := facts{
		Alert: a, link: w.link("/monitors/" + strconv.FormatInt(a.MonitorID, 10)), all: len(w.lines), ours: w.addresses(),
	}
	f.call()
	if every := w.interval(); a.Kind == uptime.Anomaly && every > 0 {
		f.next = a.At.Add(every)
		after := w.stopAfter()
		if a.KeepWatching {
			after = 0
		}
		if left := after - int(a.Streak); after > 0 && left > 0 {
			f.stop = a.At.Add(time.Duration(left) * every)
		}
	}
	if len(w.lines) > 1 {
		w.addLines(&f)
	}
	return f
}

// title is the service as subjects name it: HTTP, or TCP 8443.
func (f *facts) title() string {
	if f.Service == uptime.TCP {
		return fmt.Sprintf("%s %d", f.Service.Label(), f.Port)
	}
	return f.Service.Label()
}

// call finds the words by which people know the host.
func (f *facts) call() {
	f.host, f.Label = f.Host, oneLine(f.Label)
	if shown, err := idna.Display.ToUnicode(f.Host); err == nil && shown != f.Host {
		f.host, f.ascii = oneLine(shown), f.Host
	}
	if f.name = f.Label; f.name == "" {
		f.name = f.host
	}
}

func (w *writer) addLines(f *facts) {
	confirmed := f.ConfirmedBy()
	for _, id := range confirmed {
		if i := slices.IndexFunc(w.lines, func(l uptime.Line) bool { return l.ID == id }); i >= 0 {
			f.lines = append(f.lines, w.lines[i])
		}
	}
	// The evidence of a stop is only the beginning of its run.
	if len(confirmed) != 1 || len(f.lines) != 1 || len(f.Evidence) < 2 || f.Kind == uptime.StoppedAlert {
		return
	}
	for _, l := range w.lines {
		if l.ID != confirmed[0] {
			f.out = append(f.out, l)
		}
	}
}

// lineOf gives the line over which a sample was measured; false if it is not
// to be named.
func (f facts) lineOf(s uptime.Sample) (uptime.Line, bool) {
	i := slices.IndexFunc(f.lines, func(l uptime.Line) bool { return l.ID == s.Line })
	if i < 0 {
		return uptime.Line{}, false
	}
	return f.lines[i], true
}

// addresses are those that a target's firewall must let in.
func (w *writer) addresses() (all []string) {
	for _, l := range w.lines {
		shown := l.Shown
		if len(shown) == 0 {
			shown = append(shown, l.Source4, l.Source6)
		}
		for _, a := range shown {
			if a.IsValid() {
				all = append(all, a.String())
			}
		}
	}
	return all
}

// fit shortens name until make of it is short enough for a subject.
func fit(name string, subject func(name string) string) string {
	s := subject(name)
	for r := []rune(name); len([]rune(s)) > maxSubject && len(r) > 1; {
		r = r[:len(r)-1]
		s = subject(strings.TrimRight(string(r), " ") + "…")
	}
	if r := []rune(s); len(r) > maxSubject {
		s = string(r[:maxSubject-1]) + "…"
	}
	return s
}
