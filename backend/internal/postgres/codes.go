package postgres

import (
	"context"

	"github.com/lib/pq"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

type codeRow struct {
	Hash     []byte `db:"hash"`
	CodeHash []byte `db:"code_hash"`
}

const (
	// Tokens whose codes may still be tried. Who tries at the same time waits, so
	// that no guess goes uncounted.
	triableSQL = `
select t.hash, t.code_hash
from tokens t
join accounts a on a.id = t.account_id
where t.purpose = $1 and t.expires_at > $2 and t.code_hash is not null and t.code_tries < $3`

	codesOfEmailSQL = triableSQL + ` and lower(a.email) = lower($4) order by t.hash for update of t`

	codesOfContactSQL = triableSQL + ` and t.account_id = $4 and t.contact_id is not distinct from $5 order by t.hash for update of t`

	countTrySQL = `update tokens set code_tries = code_tries + 1 where hash = any($1)`
)

// codeUse is the try of a code.
type codeUse struct {
	account int64 // in whose name; 0 is of nobody who is known
	purpose string
	try     account.CodeTry
	find    string // triableSQL with conditions
	args    []any  // of the conditions, from $4 on
	use     func(tx txn, token spentToken) error
}

// byEmail uses a code that was mailed to an account's address.
func (u codeUse) byEmail(email string) codeUse {
	u.find, u.args = codesOfEmailSQL, []any{email}
	return u
}

// useCode spends the token to which the code belongs. A wrong one counts
// against all tokens that it might have been meant for: from account.CodeTries
// on only their links work. Wrong, used up, expired and unknown is
// uptime.ErrNotFound.
func (db *DB) useCode(ctx context.Context, act string, u codeUse) error {
	right := false
	err := db.inTx(ctx, act, func(tx txn) error {
		if u.account != 0 {
			if err := tx.as(ctx, u.account); err != nil {
				return err
			}
		}
		var rows []codeRow
		if err := tx.SelectContext(ctx, &rows, u.find, append([]any{u.purpose, tx.now, account.CodeTries}, u.args...)...); err != nil {
			return err
		}
		meant, tried := u.compare(rows)
		if right = meant != nil; !right {
			_, err := tx.ExecContext(ctx, countTrySQL, pq.ByteaArray(tried))
			return wrap("count try", err)
		}
		token, err := spendToken(ctx, tx, u.purpose, meant)
		if err != nil {
			return err
		}
		return u.use(tx, token)
	})
	if err == nil && !right {
		err = fault(act, uptime.ErrNotFound)
	}
	return err
}

// compare looks at all tokens, whichever it is.
func (u codeUse) compare(rows []codeRow) (meant []byte, tried [][]byte) {
	for _, r := range rows {
		tried = append(tried, r.Hash)
		if u.try.Matches(r.Hash, r.CodeHash) {
			meant = r.Hash
		}
	}
	return meant, tried
}
