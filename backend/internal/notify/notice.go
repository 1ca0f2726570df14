package notify

import (
	"fmt"
	"strconv"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// notice is what a mail tells of a host that is not watched any more.
type notice struct {
	facts            // of its first monitor, for the words of the host
	monitors []facts // all of it
	addr     string  // where the name points now
	country  string  // its two-letter code; "" if it is not known
	stopped  time.Time
}

// notice words a mail about monitors.
func (w *writer) notice(s speech, m uptime.Mail) (text, error) {
	if len(m.Notice.Monitors) == 0 {
		return text{}, fmt.Errorf("%w: what it tells of does not exist any more", errRefused)
	}
	n := notice{country: m.Notice.Country, stopped: m.CreatedAt}
	if m.Notice.Addr.IsValid() {
		n.addr = m.Notice.Addr.String()
	}
	for _, monitor := range m.Notice.Monitors {
		n.monitors = append(n.monitors, w.noticed(monitor))
	}
	n.facts = n.monitors[0]
	n.link = w.link("/targets/" + strconv.FormatInt(n.TargetID, 10))
	t := s.country(n)
	if m.ShortForm {
		t.body = s.shortCountry(n) + "\n"
	}
	return t, nil
}

// noticed is a monitor with the words of its host.
func (w *writer) noticed(m uptime.NoticedMonitor) facts {
	f := facts{Alert: uptime.Alert{
		MonitorID: m.ID, TargetID: m.TargetID, Host: m.Host, Label: m.Label, Service: m.Service, Port: m.Port,
	}}
	f.call()
	return f
}
