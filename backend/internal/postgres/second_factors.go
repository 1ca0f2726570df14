package postgres

import (
	"context"
	"database/sql"

	"github.com/lib/pq"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

const (
	lockFactorSQL = `
select second_factor_at is not null
from accounts
where id = $1 and disabled_at is null
for update`

	proposeFactorSQL = `
insert into second_factors (account_id, secret, created_at)
values ($1, $2, $3)
on conflict (account_id) do update set secret = excluded.secret, last_step = 0, created_at = excluded.created_at`
)

// ProposeSecondFactor keeps a sealed secret until it is turned on, in place of
// an earlier one.
func (db *DB) ProposeSecondFactor(ctx context.Context, accountID int64, sealed []byte) error {
	return db.as(accountID).inTx(ctx, "propose second factor", func(tx txn) error {
		var on bool
		if err := tx.GetContext(ctx, &on, lockFactorSQL, accountID); err != nil {
			return err
		}
		if on {
			return uptime.ErrConflict
		}
		_, err := tx.ExecContext(ctx, proposeFactorSQL, accountID, sealed, tx.now)
		return err
	})
}

const factorSQL = `
select f.secret, a.second_factor_at, (select count(*) from recovery_codes where account_id = $1) as codes_left
from second_factors f
join accounts a on a.id = f.account_id
where f.account_id = $1`

// SecondFactor gives the account's second factor, or the proposal of one.
func (db *DB) SecondFactor(ctx context.Context, accountID int64) (account.SecondFactor, error) {
	var row struct {
		Secret    []byte       `db:"secret"`
		EnabledAt sql.NullTime `db:"second_factor_at"`
		CodesLeft int          `db:"codes_left"`
	}
	if err := db.as(accountID).get(ctx, "read second factor", &row, ask(factorSQL, accountID)); err != nil {
		return account.SecondFactor{}, err
	}
	return account.SecondFactor{Sealed: row.Secret, EnabledAt: timeOf(row.EnabledAt), CodesLeft: row.CodesLeft}, nil
}

const (
	// A sign-in that is just being kept waits for this row, and looks again.
	enableFactorSQL = `
update accounts
set second_factor_at = $2
where id = $1 and second_factor_at is null and disabled_at is null`

	keepFactorSQL = `update second_factors set last_step = $3 where account_id = $1 and secret = $2`

	deleteCodesSQL = `delete from recovery_codes where account_id = $1`

	insertCodesSQL = `insert into recovery_codes (account_id, hash) select $1, unnest($2::bytea[])`
)

// EnableSecondFactor turns the proposal on that the caller's code was checked
// against, and ends all sessions but one.
func (db *DB) EnableSecondFactor(ctx context.Context, c account.SecondFactorChange) error {
	return db.as(c.AccountID).inTx(ctx, "enable second factor", func(tx txn) error {
		if err := mustChange(tx.ExecContext(ctx, enableFactorSQL, c.AccountID, tx.now)); err != nil {
			return err
		}
		if err := mustChange(tx.ExecContext(ctx, keepFactorSQL, c.AccountID, c.Sealed, c.Step)); err != nil {
			return err
		}
		if err := replaceCodes(ctx, tx, c.AccountID, c.CodeHashes); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, endOtherSessionsSQL, c.AccountID, c.KeepSession, tx.now)
		return wrap("end other sessions", err)
	})
}

// mustChange is uptime.ErrConflict for a statement that found no row.
func mustChange(res sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		err = uptime.ErrConflict
	}
	return err
}

func replaceCodes(ctx context.Context, tx txn, accountID int64, hashes [][]byte) error {
	if _, err := tx.ExecContext(ctx, deleteCodesSQL, accountID); err != nil {
		return wrap("delete recovery codes", err)
	}
	_, err := tx.ExecContext(ctx, insertCodesSQL, accountID, pq.ByteaArray(hashes))
	return wrap("keep recovery codes", err)
}

const (
	// Of two who come with the same code, or an older one, one finds no row.
	takeStepSQL = `
update second_factors f
set last_step = $2
from accounts a
where f.account_id = $1 and f.last_step < $2 and a.id = f.account_id and a.second_factor_at is not null`

	takeCodeSQL = `delete from recovery_codes where account_id = $1 and hash = $2`
)

// TakeStep spends a time step, and with it those before.
func (db *DB) TakeStep(ctx context.Context, accountID, step int64) error {
	return db.as(accountID).inTx(ctx, "take step", func(tx txn) error {
		return mustHit(tx.ExecContext(ctx, takeStepSQL, accountID, step))
	})
}

// TakeRecoveryCode spends a recovery code.
func (db *DB) TakeRecoveryCode(ctx context.Context, accountID int64, hash []byte) error {
	return db.as(accountID).inTx(ctx, "take recovery code", func(tx txn) error {
		return mustHit(tx.ExecContext(ctx, takeCodeSQL, accountID, hash))
	})
}

// ReplaceRecoveryCodes makes all earlier codes void.
func (db *DB) ReplaceRecoveryCodes(ctx context.Context, accountID int64, hashes [][]byte) error {
	return db.as(accountID).inTx(ctx, "replace recovery codes", func(tx txn) error {
		var on bool
		if err := tx.GetContext(ctx, &on, lockFactorSQL, accountID); err != nil {
			return err
		}
		if !on {
			return uptime.ErrNotFound
		}
		return replaceCodes(ctx, tx, accountID, hashes)
	})
}

const (
	disableFactorSQL = `update accounts set second_factor_at = null where id = $1 and second_factor_at is not null`

	deleteFactorSQL = `delete from second_factors where account_id = $1`
)

// DisableSecondFactor forgets the second factor and its recovery codes.
func (db *DB) DisableSecondFactor(ctx context.Context, accountID int64) error {
	return db.as(accountID).inTx(ctx, "disable second factor", func(tx txn) error {
		if err := mustHit(tx.ExecContext(ctx, disableFactorSQL, accountID)); err != nil {
			return err
		}
		for _, statement := range []string{deleteFactorSQL, deleteCodesSQL} {
			if _, err := tx.ExecContext(ctx, statement, accountID); err != nil {
				return err
			}
		}
		return nil
	})
}
