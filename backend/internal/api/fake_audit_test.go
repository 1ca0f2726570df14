package api

import (
	"context"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

func (f *fake) WriteAudit(_ context.Context, e account.AuditEntry) error {
	leave, err := f.enter()
	defer leave()
	if err != nil {
		return err
	}
	e.ID, e.At = int64(len(f.audit)+1), f.now
	f.audit = append(f.audit, e)
	return nil
}

func (f *fake) Audit(ctx context.Context, p account.AuditPage) ([]account.AuditEntry, error) {
	return f.AllAudit(ctx, p)
}

func (f *fake) AllAudit(_ context.Context, p account.AuditPage) (out []account.AuditEntry, _ error) {
	leave, err := f.enter()
	defer leave()
	for i := len(f.audit) - 1; i >= 0; i-- {
		e := f.audit[i]
		if (p.AccountID == 0 || e.AccountID == p.AccountID) && (p.Before == 0 || e.ID < p.Before) && len(out) < p.Limit {
			out = append(out, e)
		}
	}
	return out, err
}
