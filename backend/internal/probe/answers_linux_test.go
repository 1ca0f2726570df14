package probe

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// These tests ask addresses that are themselves the script: behind a TUN device
// 210.132.T.C answers ICMP type T code C from a router far away, 210.133.T.C the
// same from our own gateway, 210.134.0.N does N of the oddities below, and the
// same in IPv6 under 2a0e:132::T:C and 2a0e:133::T:C.
const (
	tunSource6  = "2a0e:1::1"
	tunGateway  = "210.130.9.254"
	tunGateway6 = "2a0e:1::fe"
	tunRouter   = "61.0.0.1"
	tunRouter6  = "2a0e:61::1"
)

// Oddities: 210.134.0.N.
const (
	oddSilent      = iota + 1
	oddElsewhere   // the reply comes from another address
	oddSpoiled     // the payload is another's
	oddTwice       // the reply comes twice
	oddSecond      // only the second request is answered
	oddReset       // RST
	oddForeign     // an ICMP error that quotes another packet
	oddHalfQuoted  // an ICMP error that quotes 8 bytes only, as RFC 792 asks
	oddRequestBack // our own request comes back
)

// probeChild asks the attempts of its standard input, at once, and prints the
// reasons.
const (
	probeChild    = "HINOMI_PROBE_CHILD" // its lines' source addresses and device, as JSON
	probeChildRun = "TestProbeChild"
)

type childTask struct {
	Lines    []uptime.Line
	Attempts []uptime.Attempt
	Timeout  time.Duration
	Diagnose string   // an address to be pinged by "probe now"
	GiveUp   bool     // stop at once and tell what the probes become
	Then     []string // ip commands after which all is asked again until it answers, for up to 20 s
}

type childAnswer struct {
	Error   string
	Raw     bool
	Reasons []uptime.Reason
	Foreign int64

	Afterwards []uptime.Reason
	Diagnoses  []uptime.Diagnosis
	Ended      []int // by attempt, how often it ended without a reason
}

func TestProbeChild(t *testing.T) {
	task := childTask{}
	if json.Unmarshal([]byte(os.Getenv(probeChild)), &task) != nil {
		return
	}
	answer := childAnswer{}
	p, err := New(Config{Lines: task.Lines, Timeout: task.Timeout, Policy: AnyPolicy()})
	if err != nil {
		answer.Error = err.Error()
	} else if task.GiveUp {
		answer.Ended = giveUp(t, p, task.Attempts)
	} else {
		answer.Reasons = askAll(t, p, task.Attempts)
		for range 10 { // what a busy machine could not measure is asked again
			for i, reason := range answer.Reasons {
				if reason == uptime.Overload {
					answer.Reasons[i] = askAll(t, p, task.Attempts[i:i+1])[0]
				}
			}
		}
		answer.Afterwards = askAfter(t, p, task)
		if task.Diagnose != "" {
			answer.Diagnoses = p.Diagnose(t.Context(), task.Diagnose, uptime.Ping, 0)
		}
		answer.Foreign = p.Stats().Foreign.Load()
		for key := range p.pings {
			answer.Raw = p.rawPing(key.line, key.src)
		}
		p.Stop()
	}
	_ = json.NewEncoder(os.Stdout).Encode(answer)
}

// giveUp stops the prober while it waits.
func giveUp(t *testing.T, p *Prober, attempts []uptime.Attempt) []int {
	ended := make([]int, len(attempts))
	var mu sync.Mutex
	for i, a := range attempts {
		p.Probe(t.Context(), a, func(f uptime.Finding) {
			mu.Lock()
			defer mu.Unlock()
			if f.Reason == 0 {
				ended[i]++
			}
		})
	}
	p.Stop()
	p.Stop()
	mu.Lock()
	defer mu.Unlock()
	return ended
}

// askAfter changes the network and asks again until all answer, or for 20 s: a
// prober looks at its devices only now and then.
func askAfter(t *testing.T, p *Prober, task childTask) (reasons []uptime.Reason) {
	if len(task.Then) == 0 {
		return nil
	}
	for _, words := range task.Then {
		if out, err := exec.Command("ip", strings.Fields(words)...).CombinedOutput(); err != nil {
			t.Fatalf("ip %s: %v: %s", words, err, out)
		}
	}
	for until := time.Now().Add(20 * time.Second); time.Now().Before(until); <-time.After(100 * time.Millisecond) {
		reasons = askAll(t, p, task.Attempts)
		if !slices.ContainsFunc(reasons, func(r uptime.Reason) bool { return r.Status() != uptime.OK }) {
			break
		}
	}
	return reasons
}

func askAll(t *testing.T, p *Prober, attempts []uptime.Attempt) []uptime.Reason {
	reasons := make([]uptime.Reason, len(attempts))
	var waiting sync.WaitGroup
	for i, a := range attempts {
		waiting.Add(1)
		p.Probe(t.Context(), a, func(f uptime.Finding) {
			reasons[i] = f.Reason
			waiting.Done()
		})
	}
	waiting.Wait()
	return reasons
}

// inNamespace lets a child of ours carry out the task, without CAP_NET_RAW if
// raw is false.
func inNamespace(t *testing.T, ns string, raw bool, task childTask) childAnswer {
	t.Helper()
	text, err := json.Marshal(task)
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"netns", "exec", ns}
	if !raw {
		if _, err := exec.LookPath("setpriv"); err != nil {
			t.Fatalf("%v (util-linux)", err)
		}
		args = append(args, "setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw")
	}
	cmd := exec.Command("ip", append(args, os.Args[0], "-test.run=^"+probeChildRun+"$")...)
	cmd.Env = append(os.Environ(), probeChild+"="+string(text))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var answer childAnswer
	line, _, _ := strings.Cut(string(out), "\n")
	if err := json.Unmarshal([]byte(line), &answer); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return answer
}

// scripted is a fake internet that answers as the addresses say.
func scripted(t *testing.T) *fakeInternet {
	t.Helper()
	f := &fakeInternet{t: t, delay: 20 * time.Millisecond}
	s := &script{seen: map[netip.Addr]int{}}
	f.script = s.answer
	f.open()
	for _, words := range []string{
		"addr add " + tunSource6 + "/128 dev hp0 nodad", "route replace default via " + tunGateway + " dev hp0 onlink",
		"route add default via " + tunGateway6 + " dev hp0 onlink",
		"route add unreachable 210.135.0.1", "route add prohibit 210.135.0.2", "route add blackhole 210.135.0.3",
		"route add unreachable 2a0e:135::1", "route add prohibit 2a0e:135::2", "route add blackhole 2a0e:135::3",
	} {
		f.ip(append([]string{"-n", f.ns}, strings.Fields(words)...)...)
	}
	f.inside("sysctl", "-qw", "net.ipv4.ping_group_range=0 2147483647")
	return f
}

func (f *fakeInternet) inside(args ...string) {
	f.t.Helper()
	f.ip(append([]string{"netns", "exec", f.ns}, args...)...)
}

type script struct{ seen map[netip.Addr]int }

func (s *script) answer(b []byte) (answers [][]byte, known bool) {
	if len(b) >= 48 && b[0]>>4 == 6 {
		return s.answer6(b), true
	}
	if len(b) < 28 || b[0]>>4 != 4 || b[9] == unix.IPPROTO_ICMP && b[20] != icmp4Echo {
		return nil, true
	}
	dst := [4]byte(b[16:20])
	switch [2]byte(dst[:2]) {
	case [2]byte{210, 132}:
		return [][]byte{icmp4(b, tunRouter, dst[2], dst[3], len(b))}, true
	case [2]byte{210, 133}:
		return [][]byte{icmp4(b, tunGateway, dst[2], dst[3], len(b))}, true
	case [2]byte{210, 134}:
		return s.odd(b, int(dst[3])), true
	}
	return nil, false
}

func (s *script) odd(b []byte, which int) [][]byte {
	dst := netip.AddrFrom4([4]byte(b[16:20]))
	s.seen[dst]++
	switch which {
	case oddElsewhere:
		reply := echoReply(b)
		copy(reply[12:16], []byte{210, 134, 9, 9})
		return [][]byte{sum4(reply)}
	case oddSpoiled:
		reply := echoReply(b)
		reply[30]++
		reply[22], reply[23] = 0, 0
		binary.BigEndian.PutUint16(reply[22:], checksum(reply[20:]))
		return [][]byte{reply}
	case oddTwice:
		return [][]byte{echoReply(b), echoReply(b)}
	case oddSecond:
		if s.seen[dst] == 2 {
			return [][]byte{echoReply(b)}
		}
	case oddReset:
		return [][]byte{segment(b, 0x14)}
	case oddForeign:
		other := append([]byte(nil), b...)
		other[len(other)-20]++ // inside the payload, or the TCP ports
		other[25]++
		return [][]byte{icmp4(other, tunRouter, 3, 1, len(other))}
	case oddHalfQuoted:
		return [][]byte{icmp4(b, tunRouter, 3, 1, 28)}
	case oddRequestBack:
		back := turn(b, len(b))
		copy(back[20:], b[20:])
		return [][]byte{back}
	}
	return nil
}

// icmp4 is an ICMP error about a packet, of which it quotes some bytes.
func icmp4(about []byte, from string, kind, code byte, quote int) []byte {
	b := turn(about, 28+quote)
	src := netip.MustParseAddr(from).As4()
	b[6], b[7], b[8], b[9] = 0, 0, 60, unix.IPPROTO_ICMP
	copy(b[12:16], src[:])
	copy(b[28:], about[:quote])
	b[20], b[21] = kind, code
	binary.BigEndian.PutUint16(b[22:], checksum(b[20:]))
	return sum4(b)
}

func sum4(b []byte) []byte {
	b[10], b[11] = 0, 0
	binary.BigEndian.PutUint16(b[10:], checksum(b[:20]))
	return b
}

func (s *script) answer6(b []byte) [][]byte {
	dst := [16]byte(b[24:40])
	kind, code := dst[13], dst[15]
	switch binary.BigEndian.Uint16(dst[2:]) {
	case 0x132:
		return [][]byte{icmp6(b, netip.MustParseAddr(tunRouter6).As16(), kind, code, b)}
	case 0x133:
		return [][]byte{icmp6(b, netip.MustParseAddr(tunGateway6).As16(), kind, code, b)}
	case 0x134:
		if b[6] == unix.IPPROTO_ICMPV6 && b[40] == icmp6Echo {
			return [][]byte{icmp6(b, dst, icmp6EchoReply, 0, nil)}
		}
	}
	return nil
}

// icmp6 is an ICMPv6 error that quotes a packet, or if it quotes none the reply
// to the echo request.
func icmp6(about []byte, src [16]byte, kind, code byte, quoted []byte) []byte {
	body := append([]byte(nil), about[40:]...)
	if quoted != nil {
		body = append(make([]byte, 8), quoted...)
	}
	body[0], body[1], body[2], body[3] = kind, code, 0, 0
	b := make([]byte, 40, 40+len(body))
	b[0], b[6], b[7] = 0x60, unix.IPPROTO_ICMPV6, 60
	binary.BigEndian.PutUint16(b[4:], uint16(len(body)))
	copy(b[8:24], src[:])
	copy(b[24:40], about[8:24])
	pseudo := append([]byte(nil), b[8:40]...)
	pseudo = binary.BigEndian.AppendUint32(pseudo, uint32(len(body)))
	pseudo = append(pseudo, 0, 0, 0, unix.IPPROTO_ICMPV6)
	pseudo = append(pseudo, body...)
	if len(pseudo)%2 == 1 {
		pseudo = append(pseudo, 0)
	}
	binary.BigEndian.PutUint16(body[2:], checksum(pseudo))
	return append(b, body...)
}

// asked is an address and what it must be found to be; 0: not asked.
type asked struct {
	addr       string
	ping, http uptime.Reason
}

var reasonsOfPath = []asked{
	{"210.132.3.0", uptime.NetUnreachable, uptime.NetUnreachable},
	{"210.132.3.1", uptime.HostUnreachable, uptime.HostUnreachable},
	{"210.132.3.2", uptime.ICMPOther, uptime.ICMPOther},
	{"210.132.3.3", uptime.PortUnreachable, uptime.PortUnreachable},
	{"210.132.3.5", uptime.ICMPOther, uptime.ICMPOther},
	{"210.132.3.6", uptime.NetUnreachable, uptime.NetUnreachable},
	{"210.132.3.7", uptime.HostUnreachable, uptime.HostUnreachable},
	{"210.132.3.8", uptime.HostUnreachable, uptime.HostUnreachable},
	{"210.132.3.9", uptime.AdminProhibited, uptime.AdminProhibited},
	{"210.132.3.10", uptime.AdminProhibited, uptime.AdminProhibited},
	{"210.132.3.11", uptime.NetUnreachable, uptime.NetUnreachable},
	{"210.132.3.12", uptime.HostUnreachable, uptime.HostUnreachable},
	{"210.132.3.13", uptime.AdminProhibited, uptime.AdminProhibited},
	{"210.132.11.0", uptime.TTLExceeded, uptime.TTLExceeded},
	{"210.132.12.0", uptime.ICMPOther, uptime.ICMPOther},
	{"210.132.4.0", uptime.Timeout, uptime.Timeout}, // source quench is no answer
	{"210.132.5.1", uptime.Timeout, uptime.Timeout}, // nor is a redirect
	{"210.133.3.0", uptime.LineDown, uptime.LineDown},
	{"210.133.3.1", uptime.HostUnreachable, uptime.HostUnreachable},
	{"210.133.3.13", uptime.AdminProhibited, uptime.AdminProhibited},
	{"210.133.11.0", uptime.TTLExceeded, uptime.TTLExceeded},
	{"210.134.0.1", uptime.Timeout, uptime.Timeout},
	{"210.134.0.2", uptime.Timeout, 0},
	{"210.134.0.3", uptime.Timeout, 0},
	{"210.134.0.4", uptime.Reply, 0},
	{"210.134.0.5", uptime.Reply, 0},
	{"210.134.0.6", 0, uptime.Refused},
	{"210.134.0.7", uptime.Timeout, uptime.Timeout},
	{"210.134.0.8", uptime.HostUnreachable, uptime.HostUnreachable},
	{"210.134.0.9", uptime.Timeout, 0},
	{"210.135.0.1", uptime.NoRoute, uptime.NoRoute},
	{"210.135.0.2", uptime.NoRoute, uptime.NoRoute},
	{"210.135.0.3", uptime.NoRoute, uptime.NoRoute},
	{"210.140.0.1", uptime.Reply, uptime.Connected},
	{"2a0e:132::1:0", uptime.NetUnreachable, uptime.NetUnreachable},
	{"2a0e:132::1:1", uptime.AdminProhibited, uptime.AdminProhibited},
	{"2a0e:132::1:2", uptime.ICMPOther, uptime.ICMPOther},
	{"2a0e:132::1:3", uptime.HostUnreachable, uptime.HostUnreachable},
	{"2a0e:132::1:4", uptime.PortUnreachable, uptime.PortUnreachable},
	{"2a0e:132::1:5", uptime.AdminProhibited, uptime.AdminProhibited},
	{"2a0e:132::1:6", uptime.AdminProhibited, uptime.AdminProhibited},
	{"2a0e:132::3:0", uptime.TTLExceeded, uptime.TTLExceeded},
	{"2a0e:132::4:1", uptime.ICMPOther, uptime.ICMPOther},
	{"2a0e:133::1:0", uptime.LineDown, uptime.LineDown},
	{"2a0e:133::1:3", uptime.HostUnreachable, uptime.HostUnreachable},
	{"2a0e:134::1", uptime.Reply, 0},
	{"2a0e:135::1", uptime.NoRoute, uptime.NoRoute},
	{"2a0e:135::2", uptime.NoRoute, uptime.NoRoute},
	{"2a0e:135::3", uptime.NoRoute, uptime.NoRoute},
}

func TestEveryAnswerOfThePathHasItsReason(t *testing.T) {
	needRoot(t)
	t.Parallel()
	for _, raw := range []bool{true, false} {
		t.Run(fmt.Sprintf("raw=%t", raw), func(t *testing.T) {
			t.Parallel()
			world := scripted(t)
			task := childTask{Timeout: 3 * time.Second, Lines: []uptime.Line{
				{ID: 1, Name: "a", Source4: netip.MustParseAddr(tunSource), Source6: netip.MustParseAddr(tunSource6)},
			}}
			var want []uptime.Reason
			ask := func(addr string, s uptime.Service, reason uptime.Reason) {
				if reason != 0 {
					task.Attempts = append(task.Attempts, uptime.Attempt{Line: 1, Addr: netip.MustParseAddr(addr), Service: s, Port: s.Port()})
					want = append(want, reason)
				}
			}
			for _, a := range reasonsOfPath {
				ask(a.addr, uptime.Ping, a.ping)
				ask(a.addr, uptime.HTTP, a.http)
			}
			answer := inNamespace(t, world.ns, raw, task)
			if answer.Error != "" || answer.Raw != raw || len(answer.Reasons) != len(want) {
				t.Fatalf("raw %t, %d reasons, error %q", answer.Raw, len(answer.Reasons), answer.Error)
			}
			for i, a := range task.Attempts {
				if answer.Reasons[i] != want[i] {
					t.Errorf("%s %s: %s, want %s", a.Addr, a.Service, answer.Reasons[i], want[i])
				}
			}
			if answer.Foreign == 0 {
				t.Error("no packet was taken for a foreign one")
			}
		})
	}
}

// pro-bing alone would never end there.
func TestProbeNowEndsWhereOurOwnRouteForbids(t *testing.T) {
	needRoot(t)
	t.Parallel()
	world := scripted(t)
	task := childTask{Timeout: time.Second, Lines: []uptime.Line{{ID: 1, Name: "a", Source4: netip.MustParseAddr(tunSource)}}}
	for addr, want := range map[string]uptime.Diagnosis{
		"210.135.0.2": {Finding: uptime.Finding{Reason: uptime.NoRoute}},
		"210.140.0.1": {Finding: uptime.Finding{Reason: uptime.Reply}, Sent: diagnoseEchoes, Received: diagnoseEchoes},
		"210.134.0.1": {Finding: uptime.Finding{Reason: uptime.Timeout}, Sent: diagnoseEchoes},
		"210.132.3.1": {Finding: uptime.Finding{Reason: uptime.HostUnreachable}, Sent: diagnoseEchoes},
	} {
		for _, raw := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s raw=%t", addr, raw), func(t *testing.T) {
				t.Parallel()
				task := task
				task.Diagnose = addr
				got := inNamespace(t, world.ns, raw, task).Diagnoses
				if len(got) != 1 || got[0].Finding.Reason != want.Finding.Reason || got[0].Sent != want.Sent || got[0].Received != want.Received {
					t.Errorf("%+v", got)
				}
			})
		}
	}
}

func TestWhatWaitsAtTheStopEndsOnceWithoutAReason(t *testing.T) {
	needRoot(t)
	t.Parallel()
	world := scripted(t)
	task := childTask{Timeout: time.Hour, GiveUp: true, Lines: []uptime.Line{{ID: 1, Name: "a", Source4: netip.MustParseAddr(tunSource)}}}
	for i := range 200 {
		a := uptime.Attempt{Line: 1, Addr: netip.MustParseAddr("210.134.0.1"), Service: uptime.Ping}
		if i%2 == 1 {
			a.Service, a.Port = uptime.HTTP, 80
		}
		task.Attempts = append(task.Attempts, a)
	}
	answer := inNamespace(t, world.ns, true, task)
	if len(answer.Ended) != len(task.Attempts) || slices.ContainsFunc(answer.Ended, func(n int) bool { return n != 1 }) {
		t.Errorf("%+v", answer)
	}
}

func TestForbiddenICMPIsToldWithTheLineToType(t *testing.T) {
	needRoot(t)
	t.Parallel()
	world := scripted(t)
	world.inside("sysctl", "-qw", "net.ipv4.ping_group_range=1 0")
	answer := inNamespace(t, world.ns, false, childTask{
		Timeout: time.Second, Lines: []uptime.Line{{ID: 1, Name: "a", Source4: netip.MustParseAddr(tunSource)}},
	})
	for _, words := range []string{`sysctl -w net.ipv4.ping_group_range="0 2147483647"`, "setcap cap_net_raw+ep"} {
		if !strings.Contains(answer.Error, words) {
			t.Errorf("%q lacks %q", answer.Error, words)
		}
	}
}
