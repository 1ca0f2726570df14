package embedded

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Names of the settings files in PostgreSQL's directory.
const (
	mainFile = "postgresql.conf"
	oursFile = "hinomi.conf"
)

// mainText is postgresql.conf, written once. What an operator adds, there or by
// ALTER SYSTEM, comes after ours and wins.
const mainText = `# Settings of Hinomi's own PostgreSQL. hinomi.conf is written anew at every start;
# a setting below this line wins over it.
include_if_exists 'hinomi.conf'
`

// oursText suits a machine of two cores that writes many narrow rows: state
// rows are updated in place (HOT) all the time and sweep their own pages, and
// checkpoints should be few and slow.
const oursText = `# Written by Hinomi at every start: set yours in postgresql.conf.
max_connections = 100
shared_buffers = 256MB
effective_cache_size = 1GB
work_mem = 8MB
maintenance_work_mem = 128MB

# A result that is recorded is on disk.
synchronous_commit = on
wal_level = minimal
max_wal_senders = 0
wal_compression = on
wal_buffers = 16MB
min_wal_size = 256MB
max_wal_size = 4GB
checkpoint_timeout = 15min
checkpoint_completion_target = 0.9

# Short transactions only: a forgotten one would stop the sweeping of old rows.
idle_in_transaction_session_timeout = 60s
jit = off
random_page_cost = 1.1

autovacuum_naptime = 60s
autovacuum_vacuum_scale_factor = 0.05
autovacuum_vacuum_insert_scale_factor = 0.5
autovacuum_analyze_scale_factor = 0.1
autovacuum_vacuum_cost_delay = 1ms
autovacuum_vacuum_cost_limit = 1000
autovacuum_max_workers = 2

timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
`

// throwawayText is for a database whose loss nobody minds.
const throwawayText = `
fsync = off
full_page_writes = off
max_connections = 300
shared_buffers = 64MB
min_wal_size = 32MB
max_wal_size = 256MB
`

// arguments are the settings that nobody may change: no TCP, our socket, and
// log lines that logLines can read.
func (s *Server) arguments() []string {
	settings := []string{
		"listen_addresses=", "unix_socket_directories=" + s.sockets, "unix_socket_permissions=0700", "port=5432",
		"logging_collector=off", "log_destination=stderr", "log_line_prefix=",
		// Statements hold people's data; errors are told by those who caused them.
		"log_min_error_statement=panic", "log_statement=none", "log_error_verbosity=terse",
	}
	args := make([]string, 0, 2*len(settings))
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	return args
}

// writeMainFile replaces initdb's example settings.
func (s *Server) writeMainFile(dir string) error {
	return s.writeFile(dir, mainFile, mainText)
}

// writeSettings writes our settings anew.
func (s *Server) writeSettings() error {
	text := oursText
	if s.cfg.Throwaway {
		text += throwawayText
	}
	return s.writeFile(s.data(), oursFile, text)
}

// writeFile writes a file into a directory that belongs to the less privileged
// owner: os.Root keeps a planted link from leading out of it.
func (s *Server) writeFile(dir, name, text string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	defer root.Close()
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, fs.FileMode(0o600))
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if s.owner.dropped {
		err = f.Chown(int(s.owner.uid), int(s.owner.gid))
	}
	if err == nil {
		_, err = f.WriteString(text)
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// longestSocketDir keeps "<dir>/.s.PGSQL.5432.lock" within the 107 bytes of a
// unix socket's address (sun_path) on every system: macOS has 103.
const longestSocketDir = 80

// socketDir makes the directory of the socket: in the data directory, or in the
// temporary one if that path is too long for a socket.
func (s *Server) socketDir() (string, error) {
	dir := filepath.Join(s.cfg.DataDir, dirSockets)
	if len(dir) > longestSocketDir || strings.Contains(dir, ",") {
		short, err := os.MkdirTemp("/tmp", "hinomi-")
		if err != nil {
			return "", fmt.Errorf("make a directory for the socket: %w", err)
		}
		return short, s.owner.take(short)
	}
	if err := os.RemoveAll(dir); err != nil {
		return "", fmt.Errorf("remove an old socket: %w", err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", fmt.Errorf("make a directory for the socket: %w", err)
	}
	return dir, s.owner.take(dir)
}
