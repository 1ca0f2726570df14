package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

const insertLinkSQL = `
insert into tokens (hash, purpose, account_id, params, created_at, expires_at)
values ($1, 'download', $2, $3, $4, $5)
on conflict (hash) do nothing`

// CreateLink keeps what a single-use link gives.
func (db *DB) CreateLink(ctx context.Context, d uptime.Download, token account.Token) error {
	params, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("create link: %w", err)
	}
	return db.as(d.AccountID).inTx(ctx, "create link", func(tx txn) error {
		_, err := tx.ExecContext(ctx, insertLinkSQL, token.Hash, d.AccountID, string(params), tx.now, wholeMillis(token.ExpiresAt))
		return err
	})
}

const activeAccountSQL = `select id from accounts where id = $1 and disabled_at is null`

// TakeLink spends a link: of two at once one gets it.
func (db *DB) TakeLink(ctx context.Context, tokenHash []byte) (uptime.Download, error) {
	var d uptime.Download
	err := db.inTx(ctx, "take link", func(tx txn) error {
		token, err := spendToken(ctx, tx, "download", tokenHash)
		if err != nil {
			return err
		}
		var id int64
		if err := tx.GetContext(ctx, &id, activeAccountSQL, token.AccountID); err != nil {
			return err
		}
		if err := json.Unmarshal(token.Params, &d); err != nil {
			return fmt.Errorf("params of a link: %w", err)
		}
		d.AccountID = id
		return nil
	})
	return d, err
}
