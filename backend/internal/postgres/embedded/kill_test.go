package embedded

import (
	"bufio"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func ownerOfNobody() (owner, error) {
	u, err := user.Lookup("nobody")
	if err != nil {
		return owner{}, err
	}
	return ownerFrom(u)
}

// pidOf reads the pid file.
func pidOf(t *testing.T, dir string) int {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, "postgres", pidFile))
	if err != nil {
		t.Fatal(err)
	}
	pid := firstNumber(string(content))
	if pid == 0 {
		t.Fatalf("no number in the pid file: %q", content)
	}
	return pid
}

func TestServerDiesWithItsKilledParentAndLosesNothing(t *testing.T) {
	t.Parallel()
	if dir := os.Getenv("HINOMI_EMBEDDED_CHILD"); dir != "" {
		cfg := config(dir)
		cfg.Throwaway = false
		s := mustStart(t, cfg)
		exec1(t, open(t, s.URL()), "create table kept as select 1 as id")
		_, _ = os.Stdout.WriteString("\nserving\n")
		select {} // until it is killed
	}
	dir := dataDir(t)
	cmd := child(t, dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	var said strings.Builder
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "serving" {
		said.WriteString(lines.Text() + "\n")
	}
	if lines.Text() != "serving" {
		t.Fatalf("the child did not serve:\n%s", said.String())
	}
	pid := pidOf(t, dir)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	eventually(t, "postmaster gone", func() bool { return !alive(pid) })
	if there, _ := exists(filepath.Join(dir, "postgres", pidFile)); there {
		t.Error("the pid file is still there: it did not shut down but was cut off")
	}
	s := mustStart(t, config(dir))
	if n := text(t, open(t, s.URL()), "select count(*) from kept"); n != "1" {
		t.Errorf("%s rows, want 1", n)
	}
}

// orphan starts a server of a data directory that does not die with anybody, as
// a killed run on another system leaves it.
func orphan(t *testing.T, dir string) int {
	t.Helper()
	s := mustStart(t, config(dir))
	s.Stop()
	if err := os.Mkdir(s.sockets, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := s.owner.take(s.sockets); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(s.bin.path("postgres"), append([]string{"-D", s.data()}, s.arguments()...)...)
	cmd.Env, cmd.Dir = environment(), "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: s.owner.credential()}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	t.Cleanup(func() { _ = cmd.Process.Signal(syscall.SIGQUIT); <-ended })
	db := open(t, s.URL())
	eventually(t, "the orphan answers", func() bool { return db.PingContext(t.Context()) == nil })
	db.Close()
	return cmd.Process.Pid
}

func TestLeftoverServerIsEndedByItsPidFile(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	pid := orphan(t, dir)
	s := &Server{cfg: config(dir)}
	var err error
	if s.owner, err = ownerOf(s.data()); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	const wait = 300 * time.Millisecond
	if err := s.endLeftover(t.Context(), wait); err == nil {
		// Its pid file goes a moment before the process does.
		eventually(t, "the leftover has ended", func() bool { return !alive(pid) || !s.serves(pid) })
	} else if !strings.Contains(err.Error(), strconv.Itoa(pid)) {
		// A slow machine may need longer than that for its shutdown: then it is said.
		t.Error(err)
	}
	if took := time.Since(began); took < wait {
		t.Errorf("ended after %v, before it was waited for", took)
	}
	mustStart(t, config(dir))
}

func TestLeftoverThatEndsByItselfIsWaitedFor(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	pid := orphan(t, dir)
	s := &Server{cfg: config(dir)}
	var err error
	if s.owner, err = ownerOf(s.data()); err != nil {
		t.Fatal(err)
	}
	waited := make(chan error, 1)
	go func() { waited <- s.endLeftover(t.Context(), time.Minute) }()
	if err := syscall.Kill(pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := <-waited; err != nil {
		t.Error(err)
	}
	mustStart(t, config(dir))
}

func TestPidFileOfAnotherProgramDoesNotKeepUsFromStarting(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustStart(t, config(dir))
	s.Stop()
	// As after a crash in a container, where our own number is soon given again:
	// to a program of the same user.
	sleeper := exec.Command("/bin/sleep", "600")
	sleeper.SysProcAttr = s.owner.attributes()
	if err := sleeper.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sleeper.Process.Kill(); _ = sleeper.Wait() })
	stale := strconv.Itoa(sleeper.Process.Pid) + "\n" + s.data() + "\n1700000000\n5432\n"
	if err := s.writeFile(s.data(), pidFile, stale); err != nil {
		t.Fatal(err)
	}
	mustStart(t, config(dir))
	if !alive(sleeper.Process.Pid) {
		t.Error("the other program was ended")
	}
}
