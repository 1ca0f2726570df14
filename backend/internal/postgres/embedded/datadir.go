package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// What a data directory holds.
const (
	dirPostgres = "postgres"
	dirSecrets  = "secrets"
	dirMail     = "mail"
	dirSockets  = "socket"
	dirUnborn   = "postgres.new" // a database that initdb has not finished
	lockFile    = "hinomi.lock"
)

// versionFile is PostgreSQL's own mark of an initialised directory.
const versionFile = "PG_VERSION"

// PrepareDataDir makes a data directory that others may pass through but not
// list (0711: PostgreSQL's user must reach its part) with children that only
// their owner enters. A directory that holds other people's files is refused.
func PrepareDataDir(path string) error {
	if !filepath.IsAbs(path) {
		return fmt.Errorf("data directory %q must be an absolute path", path)
	}
	if err := os.MkdirAll(path, 0o755); err != nil {
		return fmt.Errorf("make data directory: %w", err)
	}
	if err := refuseForeign(path); err != nil {
		return err
	}
	if err := chmod(path, 0o711); err != nil {
		return err
	}
	for _, child := range []string{dirPostgres, dirSecrets, dirMail} {
		dir := filepath.Join(path, child)
		if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("make data directory: %w", err)
		}
		if err := chmod(dir, 0o700); err != nil {
			return err
		}
	}
	return nil
}

// chmod changes a mode only if it differs: a directory may belong to another
// user who has set it rightly.
func chmod(path string, mode fs.FileMode) error {
	info, err := os.Lstat(path)
	if err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	if !info.IsDir() {
		return fmt.Errorf("data directory: %s is not a directory", path)
	}
	if info.Mode().Perm() == mode {
		return nil
	}
	if err := os.Chmod(path, mode); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	return nil
}

func refuseForeign(path string) error {
	entries, err := os.ReadDir(path)
	if err != nil {
		return fmt.Errorf("read data directory: %w", err)
	}
	ours := []string{dirPostgres, dirSecrets, dirMail, dirUnborn, dirSockets, lockFile}
	for _, e := range entries {
		if slices.Contains(ours, e.Name()) {
			return nil
		}
	}
	for _, e := range entries {
		if e.Name() != "lost+found" {
			return fmt.Errorf("%s holds other files (%s): choose an empty directory as HINOMI_DATA_DIR", path, e.Name())
		}
	}
	return nil
}

// dataMajor is the major version that made the data, 0 if there is none yet.
func dataMajor(data string) (int, error) {
	content, err := os.ReadFile(filepath.Join(data, versionFile))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the data's version: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(content)))
	if err != nil {
		return 0, fmt.Errorf("read the data's version: %w", err)
	}
	return major, nil
}

// initialise makes a new database, but never in a directory that holds
// anything. It works aside and renames at the end, so that a kill in the middle
// leaves nothing that looks like data.
func (s *Server) initialise(ctx context.Context) error {
	major, err := dataMajor(s.data())
	if err != nil || major != 0 {
		return err
	}
	entries, err := os.ReadDir(s.data())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read data directory: %w", err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s holds files (%s) but no %s: it is left as it is; restore it or move it away",
			s.data(), entries[0].Name(), versionFile)
	}
	unborn := filepath.Join(s.cfg.DataDir, dirUnborn)
	if err := os.RemoveAll(unborn); err != nil {
		return fmt.Errorf("remove an unfinished database: %w", err)
	}
	if err := os.Mkdir(unborn, 0o700); err != nil {
		return fmt.Errorf("make a directory for the database: %w", err)
	}
	if err := s.owner.take(unborn); err != nil {
		return err
	}
	if err := s.initdb(ctx, unborn); err != nil {
		return err
	}
	if err := s.writeMainFile(unborn); err != nil {
		return err
	}
	// os.Rename does not replace a directory, not even an empty one.
	if err := os.Remove(s.data()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("put the new database in place: %w", err)
	}
	if err := os.Rename(unborn, s.data()); err != nil {
		return fmt.Errorf("put the new database in place: %w", err)
	}
	return nil
}

func (s *Server) initdb(ctx context.Context, dir string) error {
	args := []string{
		"-D", dir, "-U", Name, "-E", "UTF8", "--locale=C", "--auth=trust",
		"--data-checksums", "--no-instructions",
	}
	if s.cfg.Throwaway {
		args = append(args, "--no-sync")
	}
	var out bytes.Buffer
	p, err := startProcess(s.bin.path("initdb"), args, s.owner, &out)
	if err != nil {
		return err
	}
	select {
	case <-p.done:
	case <-ctx.Done():
		p.signal(syscall.SIGINT)
		<-p.done
		return fmt.Errorf("initialise the database: %w", ctx.Err())
	}
	if !p.cmd.ProcessState.Success() {
		return fmt.Errorf("initialise the database: initdb: %s: %s", p.state(), strings.TrimSpace(out.String()))
	}
	return nil
}
