//go:build lab

package lab

import (
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// postgres runs an empty PostgreSQL of its own and gives its unix socket.
func postgres(t testing.TB) (socket string) {
	t.Helper()
	bins, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(bins) == 0 {
		t.Fatal("no PostgreSQL in /usr/lib/postgresql: see scripts/lab-packages.txt")
	}
	bin := bins[len(bins)-1]
	u, err := user.Lookup("postgres")
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	dir, err := os.MkdirTemp("/var/tmp", "hinomi-pg-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chown(dir, uid, gid); err != nil {
		t.Fatal(err)
	}
	as := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(bin, name), args...)
		cmd.Dir = dir
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, Pdeathsig: syscall.SIGINT,
		}
		return cmd
	}
	data := filepath.Join(dir, "data")
	if out, err := as("initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync").CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v: %s", err, out)
	}
	main := as("postgres", "-D", data, "-k", dir, "-c", "listen_addresses=")
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(log.Name(), 0o644); err != nil {
		t.Fatal(err)
	}
	main.Stdout, main.Stderr = log, log
	exited, started := make(chan struct{}), make(chan error, 1)
	go func() {
		runtime.LockOSThread() // Pdeathsig counts from this thread
		defer runtime.UnlockOSThread()
		err := main.Start()
		started <- err
		if err == nil {
			_ = main.Wait()
		}
		log.Close()
		close(exited)
	}()
	if err := <-started; err != nil {
		t.Fatalf("start postgres: %v", err)
	}
	t.Cleanup(func() {
		_ = main.Process.Signal(syscall.SIGINT)
		<-exited
	})
	until(t, 20*time.Second, "PostgreSQL", func() (bool, string) {
		out, err := as("psql", "-h", dir, "-c", "create database hinomi", "postgres").CombinedOutput()
		return err == nil || strings.Contains(string(out), "already exists"), string(out)
	})
	return filepath.Join(dir, ".s.PGSQL.5432")
}

// behindProxy prepares a server whose database is reached through a proxy.
func behindProxy(t testing.TB, name string, failuresToStop int) (*server, *proxy) {
	t.Helper()
	p := startProxy(t, postgres(t))
	s := newServer(t, name, map[string]string{
		"DATABASE_URL":    "postgres://postgres@" + p.listener.Addr().String() + "/hinomi?sslmode=disable",
		"HINOMI_INTERVAL": killInterval.String(), "HINOMI_PROBE_TIMEOUT": "500ms", "HINOMI_FAILURES_TO_STOP": strconv.Itoa(failuresToStop),
	})
	return s, p
}

// TestKillCommit cuts the connection between COMMIT and its answer, again and
// again, while hosts fail and recover: no streak is off by one, no result is
// written twice or lost, no alert doubled.
func TestKillCommit(t *testing.T) {
	t.Parallel()
	cuts := number(t, "HINOMI_LAB_CUTS", 10)
	hosts := hostList("219.101.21.", 24)
	s, p := behindProxy(t, "commit", killStop)
	s.start()
	c := s.setUp()
	watchHosts(c, hosts)
	stop := timetable(t, hosts, uint64(number(t, "HINOMI_LAB_SEED", 1)))
	defer stop()
	memory := &readMemory{}
	for n := range cuts {
		p.cutNext()
		memory.stretched(c.effectiveInterval())
		until(t, 30*time.Second, "cut "+strconv.Itoa(n+1), func() (bool, string) { return p.cutSoFar() > n, "no commit of results" })
	}
	stop()
	settle(c, hosts)
	checkStories(t, s, c, memory.rules(killStop))
	t.Logf("%d commits cut", p.cutSoFar())
}

// TestKillDatabaseAway takes the database away for some rounds. What was
// measured meanwhile is written when it is back; nothing that the targets' side
// saw is missing.
func TestKillDatabaseAway(t *testing.T) {
	t.Parallel()
	hosts := hostList("219.101.22.", 10)
	seen := startCapture(t, "edge/core0")
	s, p := behindProxy(t, "away", 0)
	s.start()
	c := s.setUp()
	watchHosts(c, hosts)
	untilResults(c, 4)
	wantStatus(t, s, "/readyz", 200)

	refuse(t, hosts[:3]...)
	p.setAway(true)
	gone := time.Now()
	until(t, 20*time.Second, "six rounds without a database", func() (bool, string) {
		return time.Since(gone) > 7*killInterval, "waiting"
	})
	accept(t, hosts[:3]...)
	wantStatus(t, s, "/healthz", 200)
	wantStatus(t, s, "/readyz", 503)
	asked := time.Now()
	c.wantProblem(t, 503, "GET", "/monitors", nil, "")
	if took := time.Since(asked); took > 2*time.Second {
		t.Errorf("503 came after %v", took)
	}
	p.setAway(false)
	back := time.Now()
	s.waitReady(10 * time.Second)
	memory := &readMemory{}
	memory.stretched(c.effectiveInterval())
	untilResults(c, 16)
	settle(c, hosts)
	for _, m := range stories(c) {
		addr := netip.MustParseAddr(m.monitor.Host)
		during := 0
		for _, probe := range seen.probes(addr, ports[m.monitor.Service], 600*time.Millisecond) {
			if probe.at.Before(gone.Add(-time.Second)) || probe.at.After(back.Add(time.Second)) {
				continue
			}
			during++
			if !slices.ContainsFunc(m.results, func(r result) bool { return sameProbe(probe, r) }) {
				t.Errorf("%s %s: the probe of %s over %s is lost", m.monitor.Host, m.monitor.Service, probe.at.Format("15:04:05.000"), probe.src)
			}
		}
		if during < 6 {
			t.Errorf("%s %s: only %d probes while the database was away", m.monitor.Host, m.monitor.Service, during)
		}
	}
	checkStories(t, s, c, memory.rules(0))
}

// untilResults waits until every monitor has n results.
func untilResults(c *client, n int) {
	c.t.Helper()
	for _, m := range c.monitors() {
		until(c.t, time.Duration(n)*3*killInterval+20*time.Second, strconv.Itoa(n)+" results of "+m.Host, func() (bool, string) {
			got := len(c.results(m.id()))
			return got >= n, strconv.Itoa(got)
		})
	}
}

func wantStatus(t testing.TB, s *server, path string, want int) {
	t.Helper()
	client := &http.Client{Timeout: 2 * time.Second}
	res, err := client.Get(s.url + path)
	if err != nil {
		t.Errorf("GET %s: %v", path, err)
		return
	}
	res.Body.Close()
	if res.StatusCode != want {
		t.Errorf("GET %s: %d, want %d", path, res.StatusCode, want)
	}
}
