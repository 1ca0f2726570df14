package embedded

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakeBinaries is a directory whose server only tells a version.
func fakeBinaries(t *testing.T, at, version string) string {
	t.Helper()
	if err := os.MkdirAll(at, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{"postgres", "initdb"} {
		script := "#!/bin/sh\necho 'postgres (PostgreSQL) " + version + " (Test)'\n"
		if err := os.WriteFile(filepath.Join(at, program), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return at
}

func TestNewestProgramsAreChosenAndOldOnesNever(t *testing.T) {
	t.Parallel()
	cache := filepath.Join(filepath.Dir(dataDir(t)), "cache")
	for name, version := range map[string]string{"a": "14.9", "b": "97.2", "c": "98beta1", "d": "98.1"} {
		fakeBinaries(t, filepath.Join(cache, name, "bin"), version)
	}
	cfg := config(dataDir(t))
	cfg.Cache = cache
	s := serverOf(t, cfg)
	b, err := s.find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if b.major != 98 || b.version != "98beta1" {
		t.Errorf("chose %+v, want the first of the newest major version", b)
	}
}

func serverOf(t *testing.T, cfg Config) *Server {
	t.Helper()
	s := &Server{cfg: cfg}
	var err error
	if s.owner, err = ownerOf(s.data()); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestDataOfAnotherMajorVersionIsLeftAlone(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustStart(t, config(dir))
	s.Stop()
	version := filepath.Join(s.data(), versionFile)
	made, err := os.ReadFile(version)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(version, []byte("96\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = Start(t.Context(), config(dir))
	if !errors.Is(err, ErrNoBinaries) || !strings.Contains(err.Error(), "version 96, which made "+s.data()) {
		t.Errorf("error %v", err)
	}
	if err := os.WriteFile(version, made, 0o600); err != nil {
		t.Fatal(err)
	}
	mustStart(t, config(dir))
}

func TestProgramsOfTheDatasVersionArePreferredToNewerOnes(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustStart(t, config(dir))
	s.Stop()
	cfg := config(dir)
	cfg.Cache = filepath.Join(filepath.Dir(dir), "cache")
	fakeBinaries(t, filepath.Join(cfg.Cache, "99.1", "bin"), "99.1")
	b, err := serverOf(t, cfg).find(t.Context())
	if err != nil || b.major != s.bin.major {
		t.Errorf("chose %+v, %v; want major %d", b, err, s.bin.major)
	}
}

func TestNamedDirectoryIsTheOnlyOne(t *testing.T) {
	t.Parallel()
	home := filepath.Dir(dataDir(t))
	cfg := config(dataDir(t))
	cfg.BinDir = filepath.Join(home, "nothing")
	if _, err := serverOf(t, cfg).find(t.Context()); !errors.Is(err, ErrNoBinaries) || !strings.Contains(err.Error(), cfg.BinDir) {
		t.Errorf("error %v", err)
	}
	cfg.BinDir = fakeBinaries(t, filepath.Join(home, "bin"), "15.1")
	if b, err := serverOf(t, cfg).find(t.Context()); err != nil || b.dir != cfg.BinDir {
		t.Errorf("chose %+v, %v", b, err)
	}
}

func TestOneHinomiADirectory(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	first, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(dir); !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), "another Hinomi (process ") {
		t.Errorf("second: %v", err)
	}
	first.Unlock()
	second, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	second.Unlock()
}

func TestDirectoryWithOtherFilesIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "thesis.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	before, _ := os.Stat(dir)
	if err := PrepareDataDir(dir); err == nil || !strings.Contains(err.Error(), "thesis.txt") {
		t.Errorf("error %v", err)
	}
	if after, _ := os.Stat(dir); after.Mode() != before.Mode() {
		t.Errorf("its mode was changed to %v", after.Mode())
	}
	if err := PrepareDataDir("relative"); err == nil {
		t.Error("a relative path was accepted")
	}
}

func TestPreparingTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	if err := PrepareDataDir(dir); err != nil {
		t.Error(err)
	}
}

func TestLogLevelsFitTheirWords(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	l := &logLines{to: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	l.serving.Store(true)
	// Lines come in pieces, as a pipe gives them.
	for _, piece := range []string{"LOG:  check", "point\nERROR:  duplicate key\nWARN", "ING:  no space\nFATAL:  cut off\nPANIC:  broken\n"} {
		if _, err := l.Write([]byte(piece)); err != nil {
			t.Fatal(err)
		}
	}
	l.quiet.Store(true)
	_, _ = l.Write([]byte("FATAL:  stopping\n"))
	for _, want := range []string{
		`level=DEBUG msg="LOG:  checkpoint"`, `level=DEBUG msg="ERROR:  duplicate key"`, `level=WARN msg="WARNING:  no space"`,
		`level=WARN msg="FATAL:  cut off"`, `level=ERROR msg="PANIC:  broken"`, `level=DEBUG msg="FATAL:  stopping"`,
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in:\n%s", want, out.String())
		}
	}
	if got := l.tail(); !strings.HasSuffix(got, "PANIC:  broken | FATAL:  stopping") {
		t.Errorf("tail %q", got)
	}
}
