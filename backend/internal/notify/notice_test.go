package notify

import (
	"errors"
	"net/netip"
	"testing"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// noticed are two monitors of a host.
func noticed(label, host string) []uptime.NoticedMonitor {
	m := uptime.NoticedMonitor{ID: 41, TargetID: 9, Host: host, Label: label, Service: uptime.Ping, StoppedAt: jst(3, 11)}
	web := m
	web.ID, web.Service, web.Port = 42, uptime.HTTP, 80
	return []uptime.NoticedMonitor{m, web}
}

func noticeExamples() map[string]example {
	abroad := uptime.Notice{Monitors: noticed("本社ウェブ", "www.example.jp"), Addr: netip.MustParseAddr("192.0.2.99"), Country: "US"}
	unknown := uptime.Notice{Monitors: noticed("", "xn--wgv71a119e.jp"), Addr: netip.MustParseAddr("2001:db8::99")}
	return map[string]example{
		"country":               {kind: uptime.CountryMail, notice: abroad},
		"country-unknown":       {kind: uptime.CountryMail, notice: unknown},
		"country-berlin":        {kind: uptime.CountryMail, notice: abroad, zone: "Europe/Berlin"},
		"short-country":         {kind: uptime.CountryMail, notice: abroad, short: true},
		"short-country-unknown": {kind: uptime.CountryMail, notice: unknown, short: true},
	}
}

func TestANoticeAboutNothingIsGivenUp(t *testing.T) {
	t.Parallel()
	_, err := testWriter(t, nil).write(example{kind: uptime.CountryMail}.mail("ja"))
	if !errors.Is(err, errRefused) {
		t.Errorf("error %v", err)
	}
}
