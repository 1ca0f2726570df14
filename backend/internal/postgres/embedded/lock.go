package embedded

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// ErrInUse means that another Hinomi holds the data directory.
var ErrInUse = errors.New("data directory is in use")

// DirLock keeps a data directory for one process; the kernel lets go of it when
// that process ends, however it ends.
type DirLock struct{ file *os.File }

// Lock takes a data directory, which must exist, without waiting. If another
// process has it the error is ErrInUse and names that process.
func Lock(path string) (*DirLock, error) {
	f, err := os.OpenFile(filepath.Join(path, lockFile), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("lock data directory: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer f.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock data directory %s: %w", path, err)
		}
		return nil, fmt.Errorf("%w: another Hinomi%s uses %s; stop it or set another HINOMI_DATA_DIR", ErrInUse, holder(f), path)
	}
	if err := writePid(f); err != nil {
		f.Close()
		return nil, err
	}
	return &DirLock{file: f}, nil
}

// Unlock lets go of the directory; safe twice.
func (l *DirLock) Unlock() { _ = l.file.Close() }

func writePid(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return fmt.Errorf("write lock file: %w", err)
	}
	if _, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0); err != nil {
		return fmt.Errorf("write lock file: %w", err)
	}
	return nil
}

// holder names the process that has the lock, as far as it can be read.
func holder(f *os.File) string {
	content, err := io.ReadAll(io.LimitReader(f, 32))
	pid := strings.TrimSpace(string(content))
	if err != nil || pid == "" {
		return ""
	}
	return " (process " + pid + ")"
}
