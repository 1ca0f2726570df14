package probe

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// link is a cable between the namespace of a prober, where its end is called
// hpa0, and another one.
type link struct {
	t           *testing.T
	near, other string
}

func newLink(t *testing.T) link {
	t.Helper()
	l := link{t: t}
	for _, ns := range []*string{&l.near, &l.other} {
		*ns = fmt.Sprintf("hp-%d-%d", os.Getpid(), internets.Add(1))
		l.ip("netns add " + *ns)
		t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", *ns).Run() })
	}
	for _, words := range l.cable() {
		l.ip(words)
	}
	return l
}

// cable lists the commands that lay it.
func (l link) cable() []string {
	return []string{
		"-n " + l.near + " link add hpa0 type veth peer name hpa1 netns " + l.other,
		"-n " + l.near + " addr add 210.150.0.1/24 dev hpa0", "-n " + l.near + " addr add 2a0e:150::1/64 dev hpa0 nodad",
		"-n " + l.near + " link set hpa0 up", "-n " + l.other + " link set hpa1 up",
		"-n " + l.near + " route add default via 210.150.0.254", "-n " + l.near + " route add default via 2a0e:150::fe dev hpa0",
	}
}

func (l link) ip(words string) {
	l.t.Helper()
	if out, err := exec.Command("ip", strings.Fields(words)...).CombinedOutput(); err != nil {
		l.t.Fatalf("ip %s: %v: %s (the test needs iproute2 and network namespaces)", words, err, out)
	}
}

// Lines of a link: one by its addresses, one by its device.
func linkLines() []uptime.Line {
	return []uptime.Line{
		{ID: 1, Name: "a", Source4: netip.MustParseAddr("210.150.0.1"), Source6: netip.MustParseAddr("2a0e:150::1")},
		{ID: 2, Name: "b", Device: "hpa0"},
	}
}

// A gateway that answers no ARP or ND is our line; a neighbour that does not is
// a silent target. Before the kernel gives up, after 3 s, as well as then.
func TestADeadGatewayIsOurLineAndADeadNeighbourIsSilent(t *testing.T) {
	needRoot(t)
	t.Parallel()
	l := newLink(t)
	want := map[string]uptime.Reason{
		"210.151.0.1": uptime.LineDown, "210.150.0.77": uptime.Timeout, "2a0e:151::1": uptime.LineDown, "2a0e:150::77": uptime.Timeout,
	}
	for _, timeout := range []time.Duration{1200 * time.Millisecond, 4 * time.Second} {
		t.Run(timeout.String(), func(t *testing.T) {
			t.Parallel()
			task := childTask{Timeout: timeout, Lines: linkLines()}
			for addr := range want {
				for _, s := range []uptime.Service{uptime.Ping, uptime.HTTP} {
					for _, line := range task.Lines {
						task.Attempts = append(task.Attempts, uptime.Attempt{Line: line.ID, Addr: netip.MustParseAddr(addr), Service: s, Port: s.Port()})
					}
				}
			}
			answer := inNamespace(t, l.near, true, task)
			if answer.Error != "" || len(answer.Reasons) != len(task.Attempts) {
				t.Fatalf("%+v", answer)
			}
			for i, a := range task.Attempts {
				if got := answer.Reasons[i]; got != want[a.Addr.String()] {
					t.Errorf("%s %s over line %d: %s, want %s", a.Addr, a.Service, a.Line, got, want[a.Addr.String()])
				}
			}
		})
	}
}

// A PPPoE redial makes the device anew, often with the same address.
func TestALineFollowsItsDeviceThatIsMadeAnew(t *testing.T) {
	needRoot(t)
	t.Parallel()
	l := newLink(t)
	far := []string{"-n " + l.other + " addr add 210.150.0.77/24 dev hpa1", "-n " + l.other + " addr add 2a0e:150::77/64 dev hpa1 nodad"}
	for _, words := range far {
		l.ip(words)
	}
	task := childTask{Timeout: time.Second, Lines: linkLines()}
	for _, addr := range []string{"210.150.0.77", "2a0e:150::77"} {
		for _, line := range task.Lines {
			task.Attempts = append(task.Attempts, uptime.Attempt{Line: line.ID, Addr: netip.MustParseAddr(addr), Service: uptime.Ping})
		}
	}
	task.Then = append(append([]string{"-n " + l.near + " link del hpa0"}, l.cable()...), far...)
	answer := inNamespace(t, l.near, true, task)
	for i := range task.Attempts {
		if answer.Reasons[i] != uptime.Reply || answer.Afterwards[i] != uptime.Reply {
			t.Errorf("%s over line %d: %s, then %s", task.Attempts[i].Addr, task.Attempts[i].Line, answer.Reasons[i], answer.Afterwards[i])
		}
	}
}
