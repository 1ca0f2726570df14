package notify

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// pair are two monitors of a host.
func pair(label, host string) []uptime.NoticedMonitor {
	m := uptime.NoticedMonitor{ID: 41, TargetID: 9, Host: host, Label: label, Service: uptime.Ping, StoppedAt: jst(3, 11)}
	web := m
	web.ID, web.Service, web.Port = 42, uptime.HTTP, 80
	return []uptime.NoticedMonitor{m, web}
}

func noticeExamples() map[string]example {
	abroad := uptime.Notice{Monitors: pair("本社ウェブ", "www.example.jp"), Addr: netip.MustParseAddr("192.0.2.99"), Country: "US"}
	unknown := uptime.Notice{Monitors: pair("", "xn--wgv71a119e.jp"), Addr: netip.MustParseAddr("2001:db8::99")}
	day, week, host := stillStopped(25*time.Hour), stillStopped(7*24*time.Hour), stillStopped(24*time.Hour, "ns.example.jp", "mail.example.jp")
	var many uptime.Notice
	for i := range 60 {
		m := stillStopped(24*time.Hour, fmt.Sprintf("h%d.example.jp", i)).Monitors[2]
		m.ID, m.TargetID = int64(100+i), int64(20+i)
		many.Monitors = append(many.Monitors, m)
	}
	resumed := stillStopped(24 * time.Hour)
	resumed.Monitors[0].StoppedAt = time.Time{}
	lost := func(why uptime.Loss) uptime.Notice {
		return uptime.Notice{Monitors: pair("本社ウェブ", "www.example.jp"), Lost: why}
	}
	return map[string]example{
		"claim-proven":          {kind: uptime.ClaimLostMail, notice: lost(uptime.LostToProof)},
		"claim-released":        {kind: uptime.ClaimLostMail, notice: lost(uptime.LostByRelease)},
		"claim-denied":          {kind: uptime.ClaimLostMail, notice: lost(uptime.LostByDenial)},
		"claim-proof-lost":      {kind: uptime.ClaimLostMail, notice: lost(uptime.LostProof)},
		"short-claim-proven":    {kind: uptime.ClaimLostMail, notice: lost(uptime.LostToProof), short: true},
		"short-claim-released":  {kind: uptime.ClaimLostMail, notice: lost(uptime.LostByRelease), short: true},
		"short-claim-denied":    {kind: uptime.ClaimLostMail, notice: lost(uptime.LostByDenial), short: true},
		"short-claim-lost":      {kind: uptime.ClaimLostMail, notice: lost(uptime.LostProof), short: true},
		"reminder":              {kind: uptime.ReminderMail, notice: uptime.Notice{Monitors: day.Monitors[:1]}},
		"reminder-host":         {kind: uptime.ReminderMail, notice: host},
		"reminder-last":         {kind: uptime.ReminderMail, notice: week},
		"reminder-many":         {kind: uptime.ReminderMail, notice: many},
		"reminder-one-resumed":  {kind: uptime.ReminderMail, notice: resumed},
		"short-reminder":        {kind: uptime.ReminderMail, notice: day, short: true},
		"again":                 {kind: uptime.AgainMail, notice: uptime.Notice{Monitors: day.Monitors[:1]}},
		"again-host":            {kind: uptime.AgainMail, notice: day},
		"short-again":           {kind: uptime.AgainMail, notice: day, short: true},
		"country":               {kind: uptime.CountryMail, notice: abroad},
		"country-unknown":       {kind: uptime.CountryMail, notice: unknown},
		"country-berlin":        {kind: uptime.CountryMail, notice: abroad, zone: "Europe/Berlin"},
		"short-country":         {kind: uptime.CountryMail, notice: abroad, short: true},
		"short-country-unknown": {kind: uptime.CountryMail, notice: unknown, short: true},
	}
}

// stillStopped are monitors of a web server, or one of each host, that stopped
// that long before their mail.
func stillStopped(age time.Duration, hosts ...string) (n uptime.Notice) {
	n.Monitors = pair("本社ウェブ", "www.example.jp")
	for i, host := range hosts {
		m := n.Monitors[1]
		m.ID, m.TargetID, m.Host, m.Label = 100+int64(i), 20+int64(i), host, ""
		n.Monitors = append(n.Monitors, m)
	}
	for i := range n.Monitors {
		n.Monitors[i].StoppedAt = jst(3, 11).Add(-age)
	}
	return n
}

func TestANoticeAboutNothingIsGivenUp(t *testing.T) {
	t.Parallel()
	watched := stillStopped(24 * time.Hour)
	for i := range watched.Monitors {
		watched.Monitors[i].StoppedAt = time.Time{}
	}
	for _, e := range []example{
		{kind: uptime.CountryMail}, {kind: uptime.ClaimLostMail}, {kind: uptime.ReminderMail}, {kind: uptime.AgainMail},
		{kind: uptime.ReminderMail, notice: watched}, {kind: uptime.AgainMail, notice: watched},
	} {
		if _, err := testWriter(t, nil).write(e.mail("ja")); !errors.Is(err, errRefused) {
			t.Errorf("%s of %d: error %v", e.kind, len(e.notice.Monitors), err)
		}
	}
}
