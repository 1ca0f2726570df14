package notify

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// notice is what a mail tells of monitors that are not watched any more.
type notice struct {
	facts              // of the first of them, for the words of its host
	monitors []noticed // all of them
	more     int       // that are not named
	overview string    // link to all monitors

	addr    string // of CountryMail: where the name points now
	country string // its two-letter code; "" if it is not known
	lost    uptime.Loss
	at      time.Time
	last    bool // of ReminderMail: no other one follows
}

// noticed is one monitor of a notice.
type noticed struct {
	facts
	stopped time.Time
}

// noticeSpeech is a language's words for notices.
type noticeSpeech interface {
	country(n notice) text
	shortCountry(n notice) string
	claimLost(n notice) text
	shortClaimLost(n notice) string
	reminder(n notice) text
	shortReminder(n notice) string
	again(n notice) text
	shortAgain(n notice) string
}

// maxNoticed bounds the monitors that one mail names.
const maxNoticed = 50

// remindersApart is how much two monitors of one reminder may differ in age.
const remindersApart = 2 * time.Hour

// notice words a mail about monitors.
func (w *writer) notice(s speech, m uptime.Mail) (text, error) {
	monitors := m.Notice.Monitors
	if m.Kind != uptime.CountryMail && m.Kind != uptime.ClaimLostMail { // who was resumed meanwhile need not be told
		monitors = slices.DeleteFunc(slices.Clone(monitors), func(m uptime.NoticedMonitor) bool { return m.StoppedAt.IsZero() })
	}
	if len(monitors) == 0 {
		return text{}, fmt.Errorf("%w: what it tells of does not exist any more", errRefused)
	}
	n := notice{country: m.Notice.Country, lost: m.Notice.Lost, at: m.CreatedAt, overview: w.link("/"), last: true, more: max(len(monitors)-maxNoticed, 0)}
	if m.Notice.Addr.IsValid() {
		n.addr = m.Notice.Addr.String()
	}
	for i, monitor := range monitors {
		if i < maxNoticed {
			n.monitors = append(n.monitors, w.noticed(monitor))
		}
		n.last = n.last && m.CreatedAt.Sub(monitor.StoppedAt) >= uptime.LastReminder-remindersApart
	}
	n.facts = n.monitors[0].facts
	return n.say(s, m.Kind, m.ShortForm, w.link("/targets/"+strconv.FormatInt(n.TargetID, 10))), nil
}

func (n notice) say(s speech, kind uptime.MailKind, short bool, target string) (t text) {
	var brief string
	switch kind {
	case uptime.ReminderMail:
		t, brief = s.reminder(n), s.shortReminder(n)
	case uptime.AgainMail:
		t, brief = s.again(n), s.shortAgain(n)
	case uptime.ClaimLostMail:
		n.link = target
		t, brief = s.claimLost(n), s.shortClaimLost(n)
	default:
		n.link = target
		t, brief = s.country(n), s.shortCountry(n)
	}
	if short {
		t.body = brief + "\n"
	}
	return t
}

// noticed is a monitor with the words of its host.
func (w *writer) noticed(m uptime.NoticedMonitor) noticed {
	f := facts{
		Alert: uptime.Alert{MonitorID: m.ID, TargetID: m.TargetID, Host: m.Host, Label: m.Label, Service: m.Service, Port: m.Port},
		link:  w.link("/monitors/" + strconv.FormatInt(m.ID, 10)),
	}
	f.call()
	return noticed{f, m.StoppedAt}
}

// all is the number of monitors, named or not.
func (n notice) all() int { return len(n.monitors) + n.more }

// list says each monitor as an item.
func (n notice) list(bullet string, f func(noticed) string) string {
	var b strings.Builder
	for _, m := range n.monitors {
		b.WriteString(bullet + f(m) + "\n")
	}
	return b.String()
}
