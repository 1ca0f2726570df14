package postgres

import (
	"context"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

const acceptTermsSQL = `update accounts set terms_version = $2 where id = $1 and disabled_at is null`

// AcceptTerms records the version that an account agreed to.
func (db *DB) AcceptTerms(ctx context.Context, accountID int64, version string) error {
	return db.as(accountID).inTx(ctx, "accept terms", func(tx txn) error {
		done, err := tx.ExecContext(ctx, acceptTermsSQL, accountID, version)
		if err != nil {
			return err
		}
		n, err := done.RowsAffected()
		if err == nil && n == 0 {
			err = uptime.ErrNotFound
		}
		return err
	})
}
