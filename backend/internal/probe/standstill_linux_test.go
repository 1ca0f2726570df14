package probe

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// These tests keep a thousand probes under way in a process of their own, in a
// network namespace whose only way out is a TUN device: behind it this test
// answers for all addresses, each after a delay.
const (
	inFlight   = 1000
	tunSource  = "210.130.9.1"
	childBuf   = "HINOMI_STANDSTILL_BUFFER"
	standEnv   = "HINOMI_STANDSTILL_SECONDS" // how long the process is stopped; the proof's 20, in CI less
	childName  = "TestStandstillChild"
	childTimer = 5 * time.Second
)

// TestStandstillChild is the process that is stopped; alone it has nothing to
// do.
func TestStandstillChild(t *testing.T) {
	buffer, err := strconv.Atoi(os.Getenv(childBuf))
	if err != nil {
		return
	}
	p, err := New(Config{
		Lines:   []uptime.Line{{ID: 1, Name: "a", Source4: netip.MustParseAddr(tunSource)}},
		Timeout: childTimer, Policy: AnyPolicy(), RecvBuffer: buffer,
	})
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	counts := map[string]int{}
	tokens, over := make(chan struct{}, inFlight), make(chan struct{})
	go func() { _, _ = io.Copy(io.Discard, os.Stdin); close(over) }()
	for n := 0; ; n++ {
		if n == inFlight {
			fmt.Println("ready")
		}
		select {
		case <-over:
			for range inFlight {
				tokens <- struct{}{}
			}
			counts["drops"] = int(p.Stats().Drops.Load())
			_ = json.NewEncoder(os.Stdout).Encode(counts)
			return
		case tokens <- struct{}{}:
		}
		a := uptime.Attempt{Line: 1, Addr: netip.AddrFrom4([4]byte{210, 131, byte(n >> 8), byte(n)}), Service: uptime.Ping}
		if n%2 == 1 {
			a.Service, a.Port = uptime.HTTP, 80
		}
		p.Probe(t.Context(), a, func(f uptime.Finding) {
			mu.Lock()
			counts[f.Reason.String()]++
			mu.Unlock()
			<-tokens
		})
	}
}

// child runs TestStandstillChild in the namespace. finish lets it end and gives
// its counts.
func child(t *testing.T, ns string, buffer int) (cmd *exec.Cmd, finish func() map[string]int) {
	t.Helper()
	cmd = exec.Command("ip", "netns", "exec", ns, os.Args[0], "-test.run=^"+childName+"$")
	cmd.Env = append(os.Environ(), childBuf+"="+strconv.Itoa(buffer))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	lines := bufio.NewScanner(out)
	if !lines.Scan() || lines.Text() != "ready" {
		t.Fatalf("the child said %q", lines.Text())
	}
	return cmd, func() map[string]int {
		_ = in.Close()
		var counts map[string]int
		if !lines.Scan() || json.Unmarshal(lines.Bytes(), &counts) != nil {
			t.Fatalf("the child said %q", lines.Text())
		}
		return counts
	}
}

func TestAProcessThatWasStoppedBlamesNobody(t *testing.T) {
	needRoot(t)
	t.Parallel()
	stopped := 7 * time.Second
	if s, err := strconv.Atoi(os.Getenv(standEnv)); err == nil {
		stopped = time.Duration(s) * time.Second
	}
	world := newFakeInternet(t, time.Second)
	cmd, finish := child(t, world.ns, 0)
	if err := cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	<-time.After(stopped) // the standstill itself
	if err := cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	counts := finish()
	t.Logf("stopped for %s with %d under way: %v", stopped, inFlight, counts)
	// What was just being sent when the process was stopped is unknown.
	const most = inFlight / 2 * 9 / 10
	if counts["timeout"] != 0 || counts["reply"] < most || counts["connected"] < most {
		t.Errorf("%v: want what came meanwhile, and no timeout", counts)
	}
}

func TestAFloodedReceiveBufferBlamesNobody(t *testing.T) {
	needRoot(t)
	t.Parallel()
	world := newFakeInternet(t, 300*time.Millisecond)
	_, finish := child(t, world.ns, 64<<10)
	for range 60 {
		world.flood(2000)
		<-time.After(50 * time.Millisecond) // bounds the load
	}
	counts := finish()
	t.Logf("flooded: %v", counts)
	if counts["timeout"] != 0 || counts["drops"] == 0 || counts["reply"] == 0 {
		t.Errorf("%v: want drops and replies, no timeout", counts)
	}
}
