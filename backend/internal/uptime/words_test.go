package uptime_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// Numbers and words of reasons lie in databases and scripts: they never change.
func TestReasonsAreForEver(t *testing.T) {
	t.Parallel()
	want := []struct {
		number uptime.Reason
		word   string
		status uptime.Status
	}{
		{1, "reply", uptime.OK}, {2, "connected", uptime.OK},
		{3, "refused", uptime.NG}, {4, "host_unreachable", uptime.NG}, {5, "net_unreachable", uptime.NG}, {6, "port_unreachable", uptime.NG},
		{7, "admin_prohibited", uptime.NG}, {8, "ttl_exceeded", uptime.NG}, {9, "icmp_other", uptime.NG},
		{10, "timeout", uptime.WR},
		{11, "dns_not_found", uptime.ERR}, {12, "dns_no_address", uptime.ERR}, {13, "dns_failed", uptime.ERR}, {14, "forbidden_address", uptime.ERR},
		{15, "line_down", uptime.Unknown}, {16, "no_route", uptime.Unknown}, {17, "source_unavailable", uptime.Unknown},
		{18, "dns_unavailable", uptime.Unknown}, {19, "overload", uptime.Unknown}, {20, "internal", uptime.Unknown},
	}
	for _, w := range want {
		var read uptime.Reason
		if err := read.UnmarshalText([]byte(w.word)); err != nil || read != w.number {
			t.Errorf("%s is read as %d, %v", w.word, read, err)
		}
		if w.number.String() != w.word || w.number.Status() != w.status {
			t.Errorf("%d is %s, %s", w.number, w.number, w.number.Status())
		}
	}
	all := uptime.Reasons()
	if len(all) < len(want) || all[len(all)-1] >= 32 {
		t.Errorf("reasons %v: none may go, and a sample has 5 bits for them", all)
	}
	if err := new(uptime.Reason).UnmarshalText([]byte("lost")); err == nil {
		t.Error("a reason that does not exist was read")
	}
}

func TestEveryReasonAndStatusHasWordsInBothLanguages(t *testing.T) {
	t.Parallel()
	for _, l := range []uptime.Language{uptime.Japanese, uptime.English} {
		said := map[string]uptime.Reason{}
		for _, r := range uptime.Reasons() {
			words := r.Words(l, 5*time.Second)
			if words == "" || strings.ContainsAny(words, "{}") {
				t.Errorf("%s in %s: %q", r, l, words)
			}
			if other, twice := said[words]; twice {
				t.Errorf("%s and %s are both %q in %s", r, other, words, l)
			}
			said[words] = r
			if r.Status().Words(l) == "" {
				t.Errorf("status %s has no words in %s", r.Status(), l)
			}
		}
	}
	if got := uptime.Timeout.Words(uptime.Japanese, 1500*time.Millisecond); got != "1.5秒待っても応答なし" {
		t.Errorf("got %q", got)
	}
	if got := uptime.Timeout.Words(uptime.ParseLanguage("fr"), 5*time.Second); got != "no answer in 5 s" {
		t.Errorf("got %q", got)
	}
}

func TestOnlyThreeStatusesCountAgainstATarget(t *testing.T) {
	t.Parallel()
	for status, want := range map[uptime.Status]bool{uptime.OK: false, uptime.NG: true, uptime.WR: true, uptime.ERR: true, uptime.Unknown: false} {
		if status.Failure() != want {
			t.Errorf("%s: %t", status, status.Failure())
		}
	}
	for _, r := range []uptime.Reason{0, 21, 255} {
		if r.Valid() || r.Status() != uptime.Unknown {
			t.Errorf("reason %d: %t, %s", r, r.Valid(), r.Status())
		}
	}
}

// Ports are those of the IANA service names registry.
func TestServices(t *testing.T) {
	t.Parallel()
	want := map[uptime.Service]struct {
		word, title string
		port        uint16
	}{
		1: {"ping", "PING", 0}, 2: {"http", "HTTP(80)", 80}, 3: {"ftp", "FTP(21)", 21},
		4: {"pop3", "POP3(110)", 110}, 5: {"smtp", "SMTP(25)", 25}, 6: {"dns", "DNS(53)", 53},
	}
	if len(uptime.Services()) != len(want) {
		t.Fatalf("got %v", uptime.Services())
	}
	for _, s := range uptime.Services() {
		w := want[s]
		if read, err := uptime.ParseService(w.word); err != nil || read != s {
			t.Errorf("%s is read as %v, %v", w.word, read, err)
		}
		if s.String() != w.word || s.Port() != w.port || s.Title(s.Port()) != w.title {
			t.Errorf("%d: %s, %d, %s", s, s, s.Port(), s.Title(s.Port()))
		}
	}
	if s, err := uptime.ParseService("tcp"); err != nil || s != 7 || s.Port() != 0 || s.Title(8443) != "TCP(8443)" {
		t.Errorf("tcp is %v, %v, %s", s, err, s.Title(8443))
	}
	for _, word := range []string{"", "HTTP", "https", "service(0)"} {
		if _, err := uptime.ParseService(word); err == nil {
			t.Errorf("%q was read", word)
		}
	}
}

func TestStatesAndVerdictsAreReadAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	for _, s := range []uptime.State{uptime.Active, uptime.Paused, uptime.Stopped} {
		if read, err := uptime.ParseState(s.String()); err != nil || read != s {
			t.Errorf("%s is read as %v, %v", s, read, err)
		}
	}
	for _, v := range []uptime.Verdict{uptime.Pending, uptime.Up, uptime.Down} {
		if read, err := uptime.ParseVerdict(v.String()); err != nil || read != v {
			t.Errorf("%s is read as %v, %v", v, read, err)
		}
	}
	_, stateErr := uptime.ParseState("")
	_, verdictErr := uptime.ParseVerdict("")
	if stateErr == nil || verdictErr == nil {
		t.Error("an empty word was read")
	}
}

func TestPoliciesThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	if err := uptime.DefaultPolicy().Validate(); err != nil {
		t.Errorf("the default: %v", err)
	}
	for name, c := range map[string]struct {
		change func(*uptime.Policy)
		faults int
	}{
		"never stops":                       {func(p *uptime.Policy) { p.FailuresToStop = 0 }, 0},
		"stops just after it told":          {func(p *uptime.Policy) { p.FailuresToStop = 3 }, 0},
		"stops when it tells":               {func(p *uptime.Policy) { p.FailuresToStop = 2 }, 1},
		"stops before it tells":             {func(p *uptime.Policy) { p.FailuresToStop = 1 }, 1},
		"stops after less than nothing":     {func(p *uptime.Policy) { p.FailuresToStop = -1 }, 1},
		"an interval below a second":        {func(p *uptime.Policy) { p.Interval, p.Timeout = time.Second-1, time.Millisecond }, 1},
		"waits as long as the interval":     {func(p *uptime.Policy) { p.Timeout = p.Interval }, 1},
		"does not wait":                     {func(p *uptime.Policy) { p.Timeout = 0 }, 1},
		"confirmed by nothing":              {func(p *uptime.Policy) { p.FailuresToDown = 0 }, 1},
		"recovered by more than is carried": {func(p *uptime.Policy) { p.SuccessesToUp = 17 }, 1},
		"everything at once":                {func(p *uptime.Policy) { *p = uptime.Policy{FailuresToStop: -1} }, 4},
	} {
		p := uptime.DefaultPolicy()
		c.change(&p)
		faults := 0
		if err := p.Validate(); err != nil {
			faults = strings.Count(err.Error(), "\n") + 1
		}
		if faults != c.faults {
			t.Errorf("%s: %d faults, want %d", name, faults, c.faults)
		}
	}
}

func TestThePinStaysWhileTheNameHasIt(t *testing.T) {
	t.Parallel()
	a, b := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")
	for _, c := range []struct {
		pinned netip.Addr
		addrs  []netip.Addr
		want   netip.Addr
	}{{netip.Addr{}, []netip.Addr{a, b}, a}, {b, []netip.Addr{a, b}, b}, {a, []netip.Addr{b}, b}} {
		if got := uptime.Pin(c.pinned, c.addrs); got != c.want {
			t.Errorf("pinned to %s of %v: %s, want %s", c.pinned, c.addrs, got, c.want)
		}
	}
}
