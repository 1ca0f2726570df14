package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// fault names what was being done when err came, and its kind where a caller
// decides by it. It passes nil on.
func fault(act string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("%s: %w", act, uptime.ErrNotFound)
	case unavailable(err):
		return fmt.Errorf("%s: %w: %w", act, uptime.ErrUnavailable, err)
	}
	return fmt.Errorf("%s: %w", act, err)
}

// unavailable tells whether the server could not be asked, or could not answer
// for reasons that pass: shutting down, overloaded, read-only, a lock.
func unavailable(err error) bool {
	if e := pq.As(err); e != nil {
		return passing(e.Code)
	}
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.DeadlineExceeded)
}

// passing tells whether an SQLSTATE may be gone at the next try (PostgreSQL
// manual, appendix A).
func passing(code pqerror.Code) bool {
	switch code[:2] {
	case "08", "53", "57", "58": // connection, resources, operator intervention, system
		return true
	}
	switch code {
	case "25006", "40001", "40P01", "55P03": // read only, serialization, deadlock, lock timeout
		return true
	}
	return false
}

// violates tells whether err is the violation of the named constraint or
// unique index.
func violates(err error, constraint string) bool {
	e := pq.As(err)
	return e != nil && e.Constraint == constraint
}
