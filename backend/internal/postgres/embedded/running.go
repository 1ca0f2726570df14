package embedded

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// socketLine is where the pid file names the directory of the socket, from 0
// (PostgreSQL's miscadmin.h, LOCK_FILE_LINE_SOCKET_DIR).
const socketLine = 4

// errNotUp is that a pid file is not finished.
var errNotUp = errors.New("its database is just starting: try again")

// RunningURL is the address of the server that another Hinomi runs in a data
// directory, for commands beside it. The user must be that Hinomi's, or root.
func RunningURL(dataDir string) (string, error) {
	content, err := os.ReadFile(filepath.Join(dataDir, dirPostgres, pidFile))
	if err != nil {
		return "", fmt.Errorf("find the running database: %w", err)
	}
	lines := strings.Split(string(content), "\n")
	if len(lines) <= socketLine || !strings.HasPrefix(lines[socketLine], "/") {
		return "", fmt.Errorf("find the running database: %w", errNotUp)
	}
	return address(strings.TrimSpace(lines[socketLine]), Name), nil
}

// address is of a database behind a socket.
func address(sockets, database string) string {
	u := url.URL{Scheme: "postgres", User: url.User(Name), Path: "/" + database}
	u.RawQuery = url.Values{"host": {sockets}, "sslmode": {"disable"}}.Encode()
	return u.String()
}
