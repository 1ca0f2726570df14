//go:build lab

package lab

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const setupCode = "lab-setup-code-0123456789"

// server is one hinomi with its own data directory and its own contact.
type server struct {
	t       testing.TB
	name    string
	dir     string
	url     string
	env     []string
	contact string // where its alerts go
	cmd     *exec.Cmd
	exited  chan struct{} // closed when cmd has ended
}

// newServer prepares a server that is not started yet. Options are
// environment variables; "" takes one away.
func newServer(t testing.TB, name string, options map[string]string) *server {
	t.Helper()
	dir, err := os.MkdirTemp("/var/tmp", "hinomi-lab-")
	if err != nil {
		t.Fatal(err)
	}
	// The embedded database's own user must reach its directory.
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	addr := freeAddr(t)
	all := map[string]string{
		"HINOMI_ADDR": addr, "HINOMI_ADMIN_ADDR": "off", "HINOMI_PUBLIC_URL": "http://" + addr,
		"HINOMI_DATA_DIR": filepath.Join(dir, "data"), "HINOMI_SETUP_CODE": setupCode,
		"HINOMI_INTERVAL": "2s", "HINOMI_PROBE_TIMEOUT": "1s", "HINOMI_DIGEST_WINDOW": "0s",
		"HINOMI_RATE_LIMITS":   "session=0 downloads=0 probes=0", // the lab asks all the time
		"HINOMI_TARGET_POLICY": "public", "HINOMI_LINES": lines, "HINOMI_RESOLVERS": resolver,
		"HINOMI_SMTP_URL": smtpURL, "HINOMI_MAIL_FROM": "Hinomi <hinomi@" + zone + ">",
		"PATH": os.Getenv("PATH"), "HOME": dir, "TMPDIR": os.TempDir(),
	}
	for k, v := range options {
		all[k] = v
	}
	s := &server{t: t, name: name, dir: dir, url: "http://" + addr, contact: uniqueContact(name)}
	for k, v := range all {
		if v != "" {
			s.env = append(s.env, k+"="+v)
		}
	}
	t.Cleanup(s.cleanup)
	return s
}

func uniqueContact(name string) string {
	return fmt.Sprintf("%s-%d@mail.%s", name, time.Now().UnixNano(), zone)
}

func freeAddr(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// start runs the server and waits until it is ready. Extra variables are
// "NAME=value" and count for this run only.
func (s *server) start(extra ...string) {
	s.t.Helper()
	s.launch(extra...)
	s.waitReady(60 * time.Second)
}

// launch runs the server without waiting. It dies with this process.
func (s *server) launch(extra ...string) {
	s.t.Helper()
	log, err := os.OpenFile(s.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.Command(env(s.t, "HINOMI_LAB_BIN"), "serve")
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.dir, log, log
	cmd.Env = append(append([]string{}, s.env...), extra...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	exited, started := make(chan struct{}), make(chan error, 1)
	go func() {
		// Pdeathsig counts from the thread that starts the child: it must live on.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended is in cmd.ProcessState
		}
		log.Close()
		close(exited)
	}()
	if err := <-started; err != nil {
		s.t.Fatalf("start hinomi: %v", err)
	}
	s.cmd, s.exited = cmd, exited
}

func (s *server) logFile() string { return filepath.Join(s.dir, "hinomi.log") }

func (s *server) waitReady(limit time.Duration) {
	s.t.Helper()
	client := &http.Client{Timeout: 2 * time.Second}
	s.until(limit, "server ready", func() (bool, string) {
		select {
		case <-s.exited:
			s.t.Fatalf("%s: the server ended: %v\n%s", s.name, s.cmd.ProcessState, s.tail(60))
		default:
		}
		res, err := client.Get(s.url + "/readyz")
		if err != nil {
			return false, err.Error()
		}
		res.Body.Close()
		return res.StatusCode == http.StatusOK, res.Status
	})
}

func (s *server) running() bool {
	if s.exited == nil {
		return false
	}
	select {
	case <-s.exited:
		return false
	default:
		return true
	}
}

// stop ends the server by SIGTERM; it has 15 seconds, its promise.
func (s *server) stop() {
	s.t.Helper()
	if !s.running() {
		s.t.Fatalf("%s: not running\n%s", s.name, s.tail(40))
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.exited:
	case <-time.After(20 * time.Second):
		s.t.Errorf("%s: still alive 20 s after SIGTERM", s.name)
		s.kill()
		return
	}
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		s.t.Errorf("%s: ended with %v after SIGTERM\n%s", s.name, s.cmd.ProcessState, s.tail(30))
	}
}

// kill ends the server by SIGKILL and waits until it is gone.
func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	<-s.exited
}

// killDatabase ends the embedded PostgreSQL, if one runs, by SIGKILL to all of it.
func (s *server) killDatabase() {
	main := s.postmaster()
	if main == 0 {
		return
	}
	for _, pid := range append(children(main), main) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// postmaster gives the pid of the embedded PostgreSQL, 0 if none runs.
func (s *server) postmaster() int {
	found := 0
	_ = filepath.WalkDir(filepath.Join(s.dir, "data"), func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Name() == "postmaster.pid" {
			content, _ := os.ReadFile(path)
			line, _, _ := strings.Cut(string(content), "\n")
			found, _ = strconv.Atoi(strings.TrimSpace(line))
		}
		return nil
	})
	if found != 0 && syscall.Kill(found, 0) != nil {
		return 0
	}
	return found
}

func children(parent int) []int {
	var out []int
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		content, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		_, after, ok := strings.Cut(string(content), ") ")
		fields := strings.Fields(after)
		if !ok || len(fields) < 2 || fields[1] != strconv.Itoa(parent) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
			out = append(out, pid)
		}
	}
	return out
}

func (s *server) cleanup() {
	if s.running() {
		_ = s.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-s.exited:
		case <-time.After(20 * time.Second):
			s.kill()
		}
	}
	if s.t.Failed() {
		s.t.Logf("%s: last lines of its log (%s is kept):\n%s", s.name, s.dir, s.tail(30))
		return
	}
	s.killDatabase()
	_ = os.RemoveAll(s.dir)
}

// tail gives the last lines of the server's log.
func (s *server) tail(n int) string {
	content, err := os.ReadFile(s.logFile())
	if errors.Is(err, os.ErrNotExist) {
		return "(no log)"
	}
	all := strings.Split(strings.TrimSpace(string(content)), "\n")
	return strings.Join(all[max(0, len(all)-n):], "\n")
}

// until asks ten times a second whether something has come true.
func (s *server) until(limit time.Duration, what string, done func() (bool, string)) {
	s.t.Helper()
	until(s.t, limit, s.name+": "+what, done)
}

func until(t testing.TB, limit time.Duration, what string, done func() (bool, string)) {
	t.Helper()
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, state := done()
		if ok {
			return
		}
		select {
		case <-deadline.C:
			t.Fatalf("waited %v for %s; it is: %s", limit, what, state)
		case <-tick.C:
		}
	}
}
