package probe

import (
	"errors"
	"syscall"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// ownFault names an error that our own kernel gave before anything was sent.
func ownFault(err error) uptime.Reason {
	switch {
	case errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.ENODEV):
		return uptime.SourceUnavailable
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.EACCES),
		errors.Is(err, syscall.EPERM), errors.Is(err, syscall.EINVAL), errors.Is(err, syscall.ENETDOWN):
		return uptime.NoRoute
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE), errors.Is(err, syscall.ENOBUFS), errors.Is(err, syscall.ENOMEM),
		errors.Is(err, syscall.EADDRINUSE), errors.Is(err, syscall.EAGAIN):
		return uptime.Overload
	}
	return uptime.Internal
}
