package postgres

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// addressParams stands with the token that proves a new sign-in address, and
// with the mail that tells the old one.
type addressParams struct {
	NewAddress string `json:"new_address"`
}

const (
	passwordStillSQL = `
select ` + accountColumns + `
from accounts
where id = $1 and password_hash = $2 and disabled_at is null
for update`

	takenSQL = `
select ` + accountColumns + `
from accounts
where lower(email) = lower($1) and id <> $2`

	insertNoticeOfAddressSQL = `
insert into mails (kind, account_id, email, locale, params, created_at, next_try_at)
values ('address_old', $1, $2, $3, $4, $5, $5)`
)

// OweAddress owes the new address a mail with the token, and the old one a mail
// that tells of it. If another account has the new address its owner is told
// so, and nobody else.
func (db *DB) OweAddress(ctx context.Context, c account.AddressChange, token account.Token) error {
	return db.inTx(ctx, "change address", func(tx txn) error {
		var row, taken accountRow
		err := tx.GetContext(ctx, &row, passwordStillSQL, c.AccountID, c.PasswordHash)
		if errors.Is(err, sql.ErrNoRows) {
			return uptime.ErrConflict
		}
		if err != nil {
			return err
		}
		err = tx.GetContext(ctx, &taken, takenSQL, c.NewAddress, row.ID)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if err := tx.as(ctx, row.ID); err != nil {
			return err
		}
		if err := tellOldAddress(ctx, tx, row, c.NewAddress); err != nil {
			return err
		}
		if err := voidMailed(ctx, tx, row.ID, "address"); err != nil {
			return err
		}
		switch {
		case taken.DisabledAt.Valid:
			return nil
		case taken.VerifiedAt.Valid:
			if err := tx.as(ctx, taken.ID); err != nil {
				return err
			}
			return oweExists(ctx, tx, taken)
		}
		return oweWithin(ctx, tx, signingUp, verification{
			purpose: "address", account: row.ID, email: c.NewAddress, locale: row.Locale, params: addressParams{c.NewAddress},
		}, token)
	})
}

func tellOldAddress(ctx context.Context, tx txn, a accountRow, newAddress string) error {
	if err := voidMailed(ctx, tx, a.ID, "address_old"); err != nil {
		return err
	}
	params, err := json.Marshal(addressParams{newAddress})
	if err != nil {
		return fmt.Errorf("write mail's parameters: %w", err)
	}
	_, err = tx.ExecContext(ctx, insertNoticeOfAddressSQL, a.ID, a.Email, a.Locale, string(params), tx.now)
	return wrap("insert mail", err)
}

const (
	// An account that was never confirmed has no right to its address.
	yieldAddressSQL = `delete from accounts where lower(email) = lower($1) and id <> $2 and verified_at is null and disabled_at is null`

	changeAddressSQL = `
update accounts
set email = $2
where id = $1 and disabled_at is null
returning ` + accountColumns
)

// changeAddress takes the address that a spent token has proven.
func changeAddress(ctx context.Context, tx txn, token spentToken) (row accountRow, err error) {
	var params addressParams
	if err := json.Unmarshal(token.Params, &params); err != nil {
		return row, fmt.Errorf("read token's parameters: %w", err)
	}
	if _, err := tx.ExecContext(ctx, yieldAddressSQL, params.NewAddress, token.AccountID); err != nil {
		return row, fmt.Errorf("make room: %w", err)
	}
	err = tx.GetContext(ctx, &row, changeAddressSQL, token.AccountID, params.NewAddress)
	if violates(err, "accounts_email") {
		return row, uptime.ErrConflict
	}
	if err != nil {
		return row, err
	}
	if err := tx.as(ctx, row.ID); err != nil {
		return row, err
	}
	return row, voidMailed(ctx, tx, row.ID, "reset", "address") // of the old address
}

// ChangeAddress spends a token: from now on the account signs in with the
// address that it was mailed to.
func (db *DB) ChangeAddress(ctx context.Context, tokenHash []byte) (account.Account, error) {
	var row accountRow
	err := db.inTx(ctx, "change address", func(tx txn) error {
		token, err := spendToken(ctx, tx, "address", tokenHash)
		if err != nil {
			return err
		}
		row, err = changeAddress(ctx, tx, token)
		return err
	})
	return row.account(), err
}

const codesOfAccountSQL = triableSQL + ` and t.account_id = $4 order by t.hash for update of t`

// ChangeAddressByCode is ChangeAddress by the code that stood in the mail.
func (db *DB) ChangeAddressByCode(ctx context.Context, accountID int64, try account.CodeTry) (account.Account, error) {
	var row accountRow
	err := db.useCode(ctx, "change address by code", codeUse{
		purpose: "address", try: try, find: codesOfAccountSQL, args: []any{accountID},
		use: func(tx txn, token spentToken) (err error) {
			row, err = changeAddress(ctx, tx, token)
			return err
		},
	})
	return row.account(), err
}
