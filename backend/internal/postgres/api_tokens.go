package postgres

import (
	"context"
	"database/sql"
	"time"

	"github.com/lib/pq"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

type apiTokenRow struct {
	ID         int64          `db:"token_id"`
	AccountID  int64          `db:"account_id"`
	Name       string         `db:"name"`
	Prefix     string         `db:"prefix"`
	Scopes     pq.StringArray `db:"scopes"`
	CreatedAt  time.Time      `db:"token_created_at"`
	ExpiresAt  sql.NullTime   `db:"token_expires_at"`
	LastUsedAt sql.NullTime   `db:"last_used_at"`
}

const apiTokenColumns = `api_tokens.id as token_id, api_tokens.account_id, api_tokens.name, api_tokens.prefix, api_tokens.scopes,
	api_tokens.created_at as token_created_at, api_tokens.expires_at as token_expires_at, api_tokens.last_used_at`

func (r apiTokenRow) token() account.APIToken {
	scopes := make([]account.Scope, len(r.Scopes))
	for i, s := range r.Scopes {
		scopes[i] = account.Scope(s)
	}
	return account.APIToken{
		ID: r.ID, AccountID: r.AccountID, Name: r.Name, Prefix: r.Prefix, Scopes: scopes,
		CreatedAt: r.CreatedAt.UTC(), ExpiresAt: timeOf(r.ExpiresAt), LastUsedAt: timeOf(r.LastUsedAt),
	}
}

// notedUse is how long another use of an API token is not written down again.
const notedUse = time.Minute

// Of many at once that find the use due, one writes it: the others look again
// when they get the row.
const useAPITokenSQL = `
with known as (
    select ` + apiTokenColumns + `, ` + accountColumns + `
    from api_tokens
    join accounts on accounts.id = api_tokens.account_id
    where api_tokens.hash = $1 and (api_tokens.expires_at is null or api_tokens.expires_at > $2) and accounts.disabled_at is null
), used as (
    update api_tokens
    set last_used_at = $2
    from known
    where api_tokens.id = known.token_id and (api_tokens.last_used_at is null or api_tokens.last_used_at <= $3)
)
select * from known`

// UseAPIToken gives the account of an API token that has not expired and whose
// account is not disabled, and notes the use, once a minute.
func (db *DB) UseAPIToken(ctx context.Context, hash []byte) (account.APIToken, account.Account, error) {
	var row struct {
		apiTokenRow
		accountRow
	}
	now := db.now()
	if err := db.x.GetContext(ctx, &row, useAPITokenSQL, hash, now, now.Add(-notedUse)); err != nil {
		return account.APIToken{}, account.Account{}, fault("use api token", err)
	}
	return row.token(), row.account(), nil
}

const apiTokensSQL = `
select ` + apiTokenColumns + `
from api_tokens
where account_id = $1
order by id`

// APITokens lists an account's API tokens, expired ones too, ascending by id.
func (db *DB) APITokens(ctx context.Context, accountID int64) ([]account.APIToken, error) {
	var rows []apiTokenRow
	if err := db.as(accountID).list(ctx, "list api tokens", &rows, ask(apiTokensSQL, accountID)); err != nil {
		return nil, err
	}
	tokens := make([]account.APIToken, len(rows))
	for i, r := range rows {
		tokens[i] = r.token()
	}
	return tokens, nil
}

const (
	countAPITokensSQL = `select count(*) from api_tokens where account_id = $1`

	insertAPITokenSQL = `
insert into api_tokens (account_id, name, prefix, hash, scopes, created_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7)
returning ` + apiTokenColumns
)

// CreateAPIToken keeps a new API token.
func (db *DB) CreateAPIToken(ctx context.Context, n account.NewAPIToken) (account.APIToken, error) {
	scopes := make(pq.StringArray, len(n.Scopes))
	for i, s := range n.Scopes {
		scopes[i] = string(s)
	}
	var row apiTokenRow
	err := db.as(n.AccountID).inTx(ctx, "create api token", func(tx txn) error {
		var id int64
		if err := tx.GetContext(ctx, &id, lockAccountSQL, n.AccountID); err != nil {
			return err
		}
		var count int
		if err := tx.GetContext(ctx, &count, countAPITokensSQL, n.AccountID); err != nil {
			return err
		}
		if count >= account.MaxAPITokens {
			return uptime.ErrTooMany
		}
		return tx.GetContext(ctx, &row, insertAPITokenSQL, n.AccountID, n.Name, n.Prefix, n.Hash, scopes, tx.now, nullTime(n.ExpiresAt))
	})
	if err != nil {
		return account.APIToken{}, err
	}
	return row.token(), nil
}

const deleteAPITokenSQL = `delete from api_tokens where account_id = $1 and id = $2`

// DeleteAPIToken revokes an API token of the account.
func (db *DB) DeleteAPIToken(ctx context.Context, accountID, id int64) error {
	return db.as(accountID).inTx(ctx, "delete api token", func(tx txn) error {
		return mustHit(tx.ExecContext(ctx, deleteAPITokenSQL, accountID, id))
	})
}
