package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// oldest is the first major version whose features are used.
const oldest = 15

// debianBinaries is where Debian and Ubuntu keep a version's programs.
const debianBinaries = "/usr/lib/postgresql/*/bin"

// ErrNoBinaries is the kind of error that means: install PostgreSQL, or fill
// the cache.
var ErrNoBinaries = errors.New("no usable PostgreSQL programs")

// binaries is a directory with the programs of one version.
type binaries struct {
	dir     string
	version string // as the program says it, such as "15.14"
	major   int
}

func (b binaries) path(program string) string { return filepath.Join(b.dir, program) }

// CacheDir is where scripts/run puts downloaded programs, a directory a
// version: readable by everybody, because a dropped user runs them.
func CacheDir(getenv func(string) string) string {
	if os.Geteuid() == 0 {
		return "/var/cache/hinomi/postgres"
	}
	if dir := getenv("XDG_CACHE_HOME"); dir != "" {
		return filepath.Join(dir, "hinomi", "postgres")
	}
	return filepath.Join(getenv("HOME"), ".cache", "hinomi", "postgres")
}

// find chooses the programs: those of the data's major version if there is
// data, otherwise the newest; among equals the first place looked at.
func (s *Server) find(ctx context.Context) (binaries, error) {
	wanted, err := dataMajor(s.data())
	if err != nil {
		return binaries{}, err
	}
	var best binaries
	var seen []string
	for _, dir := range s.places() {
		b, err := inspect(ctx, dir, s.owner)
		if err != nil {
			seen = append(seen, err.Error())
			continue
		}
		seen = append(seen, fmt.Sprintf("%s has version %s", dir, b.version))
		if b.major < oldest || (wanted != 0 && b.major != wanted) {
			continue
		}
		if b.major > best.major {
			best = b
		}
	}
	if best.dir != "" {
		return best, nil
	}
	need := fmt.Sprintf("%d or newer", oldest)
	if wanted != 0 {
		need = fmt.Sprintf("%d, which made %s,", wanted, s.data())
	}
	return binaries{}, fmt.Errorf("%w: version %s is needed; %s; install it or set HINOMI_POSTGRES_BIN or DATABASE_URL",
		ErrNoBinaries, need, describe(seen))
}

func describe(seen []string) string {
	if len(seen) == 0 {
		return "none was found"
	}
	return strings.Join(seen, "; ")
}

// places lists the directories in the order of preference.
func (s *Server) places() []string {
	if s.cfg.BinDir != "" {
		return []string{s.cfg.BinDir}
	}
	dirs, _ := filepath.Glob(debianBinaries)
	if path, err := exec.LookPath("postgres"); err == nil {
		if resolved, err := filepath.EvalSymlinks(path); err == nil {
			path = resolved
		}
		if dir := filepath.Dir(path); !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	if s.cfg.Cache != "" {
		cached, _ := filepath.Glob(filepath.Join(s.cfg.Cache, "*", "bin"))
		dirs = append(dirs, cached...)
	}
	return dirs
}

// versionOutput matches "postgres (PostgreSQL) 15.14 (Debian …)" and "… 18beta1".
var versionOutput = regexp.MustCompile(`\(PostgreSQL\) ((\d+)\S*)`)

// inspect asks a directory's server for its version, as the user that will run
// it: what that user cannot run is of no use.
func inspect(ctx context.Context, dir string, as owner) (binaries, error) {
	b := binaries{dir: dir}
	if there, err := exists(b.path("initdb")); err != nil || !there {
		return b, fmt.Errorf("%s has no initdb", dir)
	}
	cmd := exec.CommandContext(ctx, b.path("postgres"), "--version")
	cmd.Dir, cmd.Env, cmd.SysProcAttr = "/", environment(), as.attributes()
	out, err := cmd.Output()
	if err != nil {
		return b, fmt.Errorf("%s cannot be run: %w", b.path("postgres"), err)
	}
	found := versionOutput.FindStringSubmatch(string(out))
	if found == nil {
		return b, fmt.Errorf("%s tells no version: %q", b.path("postgres"), strings.TrimSpace(string(out)))
	}
	b.version = found[1]
	b.major, err = strconv.Atoi(found[2])
	if err != nil {
		return b, fmt.Errorf("version of %s: %w", b.path("postgres"), err)
	}
	return b, nil
}

// environment is what PostgreSQL's programs get: none of the caller's PG
// variables, and messages in English whatever the locale.
func environment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "LANG=C", "TZ=UTC"}
}
