package uptime_test

import (
	"slices"
	"testing"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func TestOnlyTCPHasAPortOfItsOwnChoice(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]uptime.Endpoint{
		"ping": {Service: uptime.Ping}, "http": {Service: uptime.HTTP, Port: 80}, "dns": {Service: uptime.DNS, Port: 53},
		"tcp:1": {Service: uptime.TCP, Port: 1}, "tcp:80": {Service: uptime.TCP, Port: 80}, "tcp:65535": {Service: uptime.TCP, Port: 65535},
	} {
		if got, err := uptime.ParseEndpoint(text); err != nil || got != want || !got.Valid() {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "tcp", "tcp:", "tcp:0", "tcp:65536", "tcp:-1", "tcp:+80", "tcp:080", "tcp:8443 ", "tcp: 8443", "tcp:80:80", "tcp:0x50", "tcp:８０",
		"TCP:80", "http:80", "http:8080", "ping:0", "udp:53", ":80",
	} {
		if got, err := uptime.ParseEndpoint(text); err == nil {
			t.Errorf("%q was read as %+v", text, got)
		}
	}
	for _, e := range []uptime.Endpoint{
		{}, {Service: uptime.TCP}, {Service: uptime.HTTP, Port: 8080}, {Service: uptime.HTTP}, {Service: uptime.Ping, Port: 80}, {Service: 99},
	} {
		if e.Valid() {
			t.Errorf("%+v is valid", e)
		}
	}
}

func TestEndpointsStandInTheOrderInWhichPeopleSeeThem(t *testing.T) {
	t.Parallel()
	got := uptime.NewTarget{Services: []uptime.Service{uptime.DNS, uptime.Ping}, TCP: []uint16{8443, 80}}.Endpoints()
	want := []uptime.Endpoint{{Service: uptime.Ping}, {Service: uptime.DNS, Port: 53}, {Service: uptime.TCP, Port: 80}, {Service: uptime.TCP, Port: 8443}}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v", got)
	}
}

func TestAMonitorThatIsKeptGoingNeverStops(t *testing.T) {
	t.Parallel()
	p := uptime.DefaultPolicy()
	if got := p.For(false); got != p {
		t.Errorf("an ordinary one: %+v", got)
	}
	s := uptime.NewStanding(midnight)
	var kinds []uptime.AlertKind
	for i := range 40 {
		var events []uptime.Event
		s, events = uptime.Judge(p.For(true), s, uptime.Result{Sample: uptime.Sample{At: turn(i), Reason: uptime.Timeout, Line: 1}, Generation: 1})
		for _, e := range events {
			kinds = append(kinds, e.Kind)
		}
	}
	if !slices.Equal(kinds, []uptime.AlertKind{uptime.Anomaly}) || s.State != uptime.Active || s.BadStreak != 40 {
		t.Errorf("alerts %v, standing %+v", kinds, s)
	}
	s, events := uptime.Judge(p, s, uptime.Result{Sample: uptime.Sample{At: turn(40), Reason: uptime.Timeout, Line: 1}, Generation: 1})
	if s.State != uptime.Stopped || len(events) != 1 || events[0].Kind != uptime.StoppedAlert {
		t.Errorf("no longer kept going: %+v, %+v", s, events)
	}
}
