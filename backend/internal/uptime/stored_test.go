package uptime_test

import (
	"encoding"
	"encoding/json"
	"net/netip"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// Numbers lie in databases and words are read by scripts: they never change.
func TestStoredNumbersKeepTheirWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind  string
		word  func(n uint8) encoding.TextMarshaler
		first uint8
		words []string
	}{
		{"state", func(n uint8) encoding.TextMarshaler { return uptime.State(n) }, 1, []string{"active", "paused", "stopped"}},
		{"verdict", func(n uint8) encoding.TextMarshaler { return uptime.Verdict(n) }, 1, []string{"pending", "up", "down"}},
		{"told", func(n uint8) encoding.TextMarshaler { return uptime.Told(n) }, 1, []string{"well", "trouble"}},
		{"alert", func(n uint8) encoding.TextMarshaler { return uptime.AlertKind(n) }, 1, []string{"anomaly", "recovery", "stopped"}},
		{"status", func(n uint8) encoding.TextMarshaler { return uptime.Status(n) }, 0, []string{"unknown", "ok", "ng", "wr", "err"}},
	} {
		for i, want := range c.words {
			n := c.first + uint8(i)
			if got, err := c.word(n).MarshalText(); err != nil || string(got) != want {
				t.Errorf("%s %d is %q, %v; want %q", c.kind, n, got, err, want)
			}
		}
	}
}

func TestReasonsAndServicesSurviveJSON(t *testing.T) {
	t.Parallel()
	type both struct {
		Reasons  []uptime.Reason
		Services []string
		Service  map[uptime.Service]bool // as keys they are words too
	}
	want := both{Reasons: uptime.Reasons(), Service: map[uptime.Service]bool{}}
	for _, s := range uptime.Services() {
		want.Services, want.Service[s] = append(want.Services, s.String()), true
	}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got both
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	for i, r := range want.Reasons {
		if got.Reasons[i] != r {
			t.Errorf("%s came back as %s", r, got.Reasons[i])
		}
	}
	for i, s := range uptime.Services() {
		if !got.Service[s] || len(got.Service) != len(want.Service) || got.Services[i] != s.String() {
			t.Errorf("%s is lost in %s", s, text)
		}
	}
}

// A log line about a number that does not exist must not end the program.
func TestNumbersThatDoNotExistAreToldAsSuch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ got, want string }{
		{uptime.Reason(0).String(), "reason(0)"},
		{uptime.Reason(255).String(), "reason(255)"},
		{(uptime.Internal + 1).Words(uptime.English, 5*time.Second), "reason(21)"},
		{uptime.Service(0).String(), "service(0)"},
		{(uptime.TCP + 1).String(), "service(8)"},
		{uptime.State(0).String(), "state(0)"},
		{(uptime.Stopped + 1).String(), "state(4)"},
		{uptime.Verdict(0).String(), "verdict(0)"},
		{(uptime.Down + 1).String(), "verdict(4)"},
		{uptime.AlertKind(0).String(), "alert(0)"},
		{(uptime.StoppedAlert + 1).String(), "alert(4)"},
		{(uptime.ERR + 1).String(), "status(5)"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestConfirmingRunsAreOneToSixteenLong(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]bool{-1: false, 0: false, 1: true, 16: true, 17: false} {
		down, up := uptime.DefaultPolicy(), uptime.DefaultPolicy()
		down.FailuresToDown, down.FailuresToStop, up.SuccessesToUp = n, 0, n
		if err := down.Validate(); (err == nil) != want {
			t.Errorf("%d failures to down: %v", n, err)
		}
		if err := up.Validate(); (err == nil) != want {
			t.Errorf("%d successes to up: %v", n, err)
		}
	}
}

func TestALineIsBoundByASourceOrADevice(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		line  uptime.Line
		bound bool
		name  string
	}{
		{uptime.Line{Name: "default"}, false, "default"},
		{uptime.Line{Name: "a", Mark: 7}, false, "a"},
		{uptime.Line{Name: "a", Label: "Carrier A", Source4: netip.MustParseAddr("192.0.2.1")}, true, "Carrier A"},
		{uptime.Line{Name: "b", Source6: netip.MustParseAddr("2001:db8::1")}, true, "b"},
		{uptime.Line{Name: "c", Device: "eth1"}, true, "c"},
	} {
		if c.line.Bound() != c.bound || c.line.DisplayName() != c.name {
			t.Errorf("%+v: bound %t, named %s", c.line, c.line.Bound(), c.line.DisplayName())
		}
	}
}
