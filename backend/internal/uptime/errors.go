package uptime

import "errors"

// The kinds of errors by which a caller of a store decides. Everything else is
// a fault of ours.
var (
	ErrNotFound    = errors.New("not found")           // the account has no such thing
	ErrConflict    = errors.New("conflict")            // it exists already, or its state forbids the act
	ErrUnavailable = errors.New("storage unavailable") // the database could not be asked; later it can
)
