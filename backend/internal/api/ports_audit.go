package api

import (
	"context"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

// Audit keeps the audit log. Nobody alters it.
type Audit interface {
	// WriteAudit sets ID and At itself. If the account is gone, a line is kept
	// that names nobody.
	WriteAudit(ctx context.Context, e account.AuditEntry) error

	// Audit gives at most p.Limit entries of the account p.AccountID, newest first.
	Audit(ctx context.Context, p account.AuditPage) ([]account.AuditEntry, error)
}

// AuditDesk is the operator's view of it.
type AuditDesk interface {
	// AllAudit is Audit over everybody's entries if p.AccountID is 0.
	AllAudit(ctx context.Context, p account.AuditPage) ([]account.AuditEntry, error)
}
