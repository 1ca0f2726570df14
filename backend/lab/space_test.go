//go:build lab

package lab

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// inSpace runs f on a thread that lives in the lab's namespace; sockets that
// f opens stay there.
func inSpace(t testing.TB, space string, f func() error) error {
	t.Helper()
	done := make(chan error, 1)
	prefix := env(t, "HINOMI_LAB_PREFIX")
	go func() {
		// Never unlocked: the thread ends with the goroutine, so no other one
		// finds itself in a foreign namespace.
		runtime.LockOSThread()
		ns, err := os.Open(filepath.Join("/run/netns", prefix+space))
		if err != nil {
			done <- err
			return
		}
		defer ns.Close()
		if err := unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET); err != nil {
			done <- fmt.Errorf("enter %s: %w", space, err)
			return
		}
		done <- f()
	}()
	return <-done
}

func sh(t testing.TB, space string, cmd ...string) string {
	t.Helper()
	args := append([]string{"netns", "exec", env(t, "HINOMI_LAB_PREFIX") + space}, cmd...)
	out, err := exec.Command("ip", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %s: %v: %s", space, strings.Join(cmd, " "), err, out)
	}
	return string(out)
}

// silence makes addresses of the "flip" host swallow everything.
func silence(t testing.TB, addrs ...string) { t.Helper(); element(t, "add", "silent", addrs) }

// refuse makes addresses of the "flip" host answer with RST and host-unreachable.
func refuse(t testing.TB, addrs ...string) { t.Helper(); element(t, "add", "refuse", addrs) }

// mend undoes silence.
func mend(t testing.TB, addrs ...string) { t.Helper(); element(t, "delete", "silent", addrs) }

// accept undoes refuse.
func accept(t testing.TB, addrs ...string) { t.Helper(); element(t, "delete", "refuse", addrs) }

func element(t testing.TB, verb, set string, addrs []string) {
	t.Helper()
	if len(addrs) == 0 {
		return
	}
	sh(t, "flip", "nft", verb, "element", "inet", "lab", set, "{", strings.Join(addrs, ", "), "}")
}

// freshSets forgets what an earlier run left broken.
func freshSets(t testing.TB) {
	t.Helper()
	sh(t, "flip", "nft", "flush", "set", "inet", "lab", "silent")
	sh(t, "flip", "nft", "flush", "set", "inet", "lab", "refuse")
}
