package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

const (
	targetIDsSQL  = `select id from targets where account_id = $1 order by id`
	monitorIDsSQL = `select id from monitors where account_id = $1`

	// The service needs an operator as long as others use it.
	lastOperatorSQL = `
` + onlyOperatorSQL + ` and exists (select from accounts where id <> $1)`

	deleteAccountSQL = `delete from accounts where id = $1 and password_hash = $2`
)

// DeleteAccount deletes an account and all that was recorded for it. Targets go
// one by one, each whole: samples are many, and no statement may take long.
// When it breaks off on the way the account is still there, to be deleted again.
// It is uptime.ErrConflict if the password is another by now, and
// account.ErrLastOperator if others would be left without an operator.
func (db *DB) DeleteAccount(ctx context.Context, accountID int64, passwordHash string) error {
	err := db.inTx(ctx, "delete account", func(tx txn) error { return mayLeave(ctx, tx, accountID, passwordHash) })
	if err != nil {
		return err
	}
	var targets []int64
	if err := db.as(accountID).list(ctx, "list targets", &targets, ask(targetIDsSQL, accountID)); err != nil {
		return err
	}
	for _, id := range targets {
		if err := db.DeleteTarget(ctx, accountID, id); err != nil && !errors.Is(err, uptime.ErrNotFound) {
			return err
		}
	}
	return db.inTx(ctx, "delete account", func(tx txn) error {
		if err := mayLeave(ctx, tx, accountID, passwordHash); err != nil {
			return err
		}
		if err := tx.as(ctx, accountID); err != nil {
			return err
		}
		var added []int64 // meanwhile
		if err := tx.SelectContext(ctx, &added, monitorIDsSQL, accountID); err != nil {
			return fmt.Errorf("list monitors: %w", err)
		}
		if err := mustHit(tx.ExecContext(ctx, deleteAccountSQL, accountID, passwordHash)); err != nil {
			return err
		}
		return forgetMonitors(ctx, tx, accountID, added)
	})
}

// mayLeave locks the account: nothing is added to it any more. Operators leave
// one after the other.
func mayLeave(ctx context.Context, tx txn, accountID int64, passwordHash string) error {
	if _, err := tx.ExecContext(ctx, lockSQL, setupLock); err != nil {
		return err
	}
	var rows []accountRow
	if err := tx.SelectContext(ctx, &rows, passwordStillSQL, accountID, passwordHash); err != nil {
		return err
	}
	if len(rows) == 0 {
		return uptime.ErrConflict
	}
	if rows[0].Role != string(account.Operator) {
		return nil
	}
	var last bool
	if err := tx.GetContext(ctx, &last, lastOperatorSQL, accountID); err != nil {
		return err
	}
	if last {
		return account.ErrLastOperator
	}
	return nil
}
