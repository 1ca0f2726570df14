package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const pidFile = "postmaster.pid"

// endLeftover deals with the server of an earlier run that was killed: it is
// ending by itself as a rule, so it is waited for; then it gets SIGINT, and has
// as long again.
func (s *Server) endLeftover(ctx context.Context, wait time.Duration) error {
	for _, sig := range []syscall.Signal{0, syscall.SIGINT} {
		pid, err := s.leftover()
		if err != nil || pid == 0 {
			return err
		}
		if sig != 0 {
			s.cfg.Log.Warn("ending a postgres that an earlier run has left", "pid", pid)
			_ = syscall.Kill(pid, sig) // an error means that it has ended
		} else {
			s.cfg.Log.Info("waiting for a postgres that an earlier run has left", "pid", pid)
		}
		if gone, err := s.waitGone(ctx, wait); err != nil || gone {
			return err
		}
	}
	pid, err := s.leftover()
	if err != nil || pid == 0 {
		return err
	}
	return fmt.Errorf("a postgres that an earlier run has left (process %d) does not end: end it by hand", pid)
}

func (s *Server) waitGone(ctx context.Context, limit time.Duration) (bool, error) {
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); {
		pid, err := s.leftover()
		if err != nil || pid == 0 {
			return err == nil, err
		}
		if err := sleep(ctx, pollEvery); err != nil {
			return false, fmt.Errorf("wait for the postgres before: %w", err)
		}
	}
	return false, nil
}

// leftover gives the pid of a living server of this data directory, 0 if there
// is none. A pid file whose number now belongs to another program (numbers
// start anew in a container) is removed: PostgreSQL itself would refuse.
func (s *Server) leftover() (int, error) {
	path := filepath.Join(s.data(), pidFile)
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the pid file: %w", err)
	}
	pid := firstNumber(string(content))
	if !alive(pid) {
		return 0, nil
	}
	if s.serves(pid) {
		return pid, nil
	}
	s.cfg.Log.Warn("removing a stale pid file", "path", path, "pid", pid)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("remove a stale pid file: %w", err)
	}
	return 0, nil
}

// firstNumber reads the first line of a pid file; 0 is an unfinished one, of
// which PostgreSQL says what is wrong with it.
func firstNumber(content string) int {
	line, _, _ := strings.Cut(content, "\n")
	n, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil || n <= 1 {
		return 0
	}
	return n
}

// alive tells whether a process of this user exists; root sees all.
func alive(pid int) bool { return pid > 0 && syscall.Kill(pid, 0) == nil }

// serves tells whether a process is a server of this data directory: it works
// in it, and runs as its owner. Where /proc is not, the pid file is believed.
func (s *Server) serves(pid int) bool {
	if runtime.GOOS != "linux" {
		return true
	}
	proc := "/proc/" + strconv.Itoa(pid)
	info, err := os.Stat(proc)
	if err != nil || uidOf(info) != s.owner.uid {
		return false
	}
	works, err := os.Stat(filepath.Join(proc, "cwd"))
	if err != nil {
		return false
	}
	data, err := os.Stat(s.data())
	return err == nil && os.SameFile(works, data)
}
