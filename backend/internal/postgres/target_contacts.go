package postgres

import (
	"context"
	"fmt"

	"github.com/lib/pq"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// targetContacts says whom the alerts of a target go to.
type targetContacts struct {
	account, target int64
	contacts        []int64
}

const (
	clearTargetContactsSQL = `delete from target_contacts where account_id = $1 and target_id = $2`

	// A contact that is just being deleted is waited for, and is none then.
	setTargetContactsSQL = `
insert into target_contacts (account_id, target_id, contact_id)
select $1, $2, c.id
from contacts c
where c.account_id = $1 and c.id = any($3::bigint[])
for key share of c`
)

// setTargetContacts replaces them. It is uptime.ErrConflict if one is not the
// account's.
func setTargetContacts(ctx context.Context, tx txn, t targetContacts) error {
	if _, err := tx.ExecContext(ctx, clearTargetContactsSQL, t.account, t.target); err != nil {
		return fmt.Errorf("clear contacts: %w", err)
	}
	res, err := tx.ExecContext(ctx, setTargetContactsSQL, t.account, t.target, pq.Array(t.contacts))
	if err != nil {
		return fmt.Errorf("set contacts: %w", err)
	}
	n, err := res.RowsAffected()
	if err == nil && n != int64(len(t.contacts)) {
		err = uptime.ErrConflict
	}
	return err
}
