package postgres

import (
	"context"
	"fmt"
)

// mailBudget is how many mails in 24 hours ask one address to confirm
// something, over all accounts: anybody can enter anybody's address.
type mailBudget int

const (
	// Adding an address as a contact mails it once a day, whoever does.
	addedContact mailBudget = iota + 1

	// Asked for again by an account that has added it, it is mailed a few times
	// more.
	askedAgain

	// Sign-up, the mail for it asked for again, the forgotten password of an
	// account that was never confirmed, and a new sign-in address.
	signingUp
)

// limit gives the mails that are counted together (mailed_addresses.about) and
// how many of them there may be.
func (b mailBudget) limit() (about string, most int) {
	switch b {
	case addedContact:
		return "contact", 1
	case askedAgain:
		return "contact", 5
	default:
		return "account", 5
	}
}

const (
	mayMailSQL   = `select hinomi_may_mail($1, $2, $3, $4)`
	confirmedSQL = `select hinomi_address_confirmed($1)`
)

// allows counts a mail to the address, whatever the case of its letters, and
// tells whether it may be owed. Until the transaction ends nobody else gets an
// answer for that address.
func (b mailBudget) allows(ctx context.Context, tx txn, address string) (ok bool, err error) {
	about, most := b.limit()
	err = tx.GetContext(ctx, &ok, mayMailSQL, address, about, most, tx.now)
	return ok, wrap("count mails to an address", err)
}

// forgetMailed counts mails to an address anew: its reader has confirmed one.
func forgetMailed(ctx context.Context, tx txn, address string) error {
	_, err := tx.ExecContext(ctx, confirmedSQL, address)
	return wrap("address confirmed", err)
}

const (
	loseRegisteredPasswordSQL = `update accounts set password_hash = '' where id = $1 and verified_at is null`

	losePasswordsSQL = `
update tokens
set params = jsonb_set(params, '{password_hash}', '""')
where account_id = $1 and purpose = 'account' and params ? 'password_hash'`
)

// losePasswords makes what waits for confirmation confirm no password: a
// registration that cannot be mailed leaves its owner with the links of others
// only. Whoever confirms then chooses a password, as after a forgotten one.
func losePasswords(ctx context.Context, tx txn, account int64) error {
	for _, query := range []string{loseRegisteredPasswordSQL, losePasswordsSQL} {
		if _, err := tx.ExecContext(ctx, query, account); err != nil {
			return fmt.Errorf("lose passwords: %w", err)
		}
	}
	return nil
}
