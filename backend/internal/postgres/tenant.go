package postgres

import (
	"context"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// tenant is the database as one account's transactions see it: a query that
// forgets the account finds only that account's rows all the same.
type tenant struct {
	db      *DB
	account int64
}

// as gives the database in the name of an account, which must come from the
// caller's credential.
func (db *DB) as(account int64) tenant { return tenant{db, account} }

const setAccountSQL = `select set_config('hinomi.account_id', $1::bigint::text, true)`

// as puts the rest of a transaction in the name of an account: for those who
// come without one and are known by what they hold.
func (tx txn) as(ctx context.Context, account int64) error {
	_, err := tx.ExecContext(ctx, setAccountSQL, account)
	return wrap("set account", err)
}

// inTx is DB.inTx in the name of the account.
func (t tenant) inTx(ctx context.Context, act string, f func(tx txn) error) error {
	return t.db.inTx(ctx, act, t.of(ctx, f))
}

// inSnapshot is DB.inSnapshot in the name of the account.
func (t tenant) inSnapshot(ctx context.Context, act string, f func(tx txn) error) error {
	return t.db.inSnapshot(ctx, act, t.of(ctx, f))
}

func (t tenant) of(ctx context.Context, f func(tx txn) error) func(tx txn) error {
	return func(tx txn) error {
		if err := tx.as(ctx, t.account); err != nil {
			return err
		}
		return f(tx)
	}
}

// get reads one row in a transaction of its own; sql.ErrNoRows becomes
// uptime.ErrNotFound, as everywhere.
func (t tenant) get(ctx context.Context, act string, into any, q query) error {
	return t.inTx(ctx, act, func(tx txn) error { return tx.GetContext(ctx, into, q.text, q.args...) })
}

// list reads rows in a transaction of its own.
func (t tenant) list(ctx context.Context, act string, into any, q query) error {
	return t.inTx(ctx, act, func(tx txn) error { return tx.SelectContext(ctx, into, q.text, q.args...) })
}

// query is a statement with its arguments.
type query struct {
	text string
	args []any
}

func ask(text string, args ...any) query { return query{text, args} }

// packedDays reads samples in a transaction of their one statement: no lock on
// a day's table is held while they are unpacked.
func (t tenant) packedDays(ctx context.Context, monitor int64, span uptime.Span) (days []packedDay, err error) {
	err = t.inTx(ctx, "read samples", func(tx txn) error {
		days, err = packedDays(ctx, tx, monitorKey{t.account, monitor}, span)
		return err
	})
	return days, err
}

// addresses reads on which addresses a monitor was measured.
func (t tenant) addresses(ctx context.Context, monitor int64) (book addressBook, err error) {
	err = t.inTx(ctx, "read addresses", func(tx txn) error {
		book, err = readAddresses(ctx, tx, monitorKey{t.account, monitor})
		return err
	})
	return book, err
}
