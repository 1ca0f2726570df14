package postgres

import (
	"context"
	"fmt"

	"github.com/lib/pq"
)

const (
	deleteTargetSQL  = `delete from targets where account_id = $1 and id = $2`
	deleteMonitorSQL = `delete from monitors where account_id = $1 and id = $2`

	// Samples are nobody's once their monitor is gone.
	forgetSamplesSQL = `select hinomi_forget_samples($1)`

	// What was to be mailed only of deleted monitors.
	deleteEmptyMailsSQL = `
delete from mails m
where m.account_id = $1 and m.kind = 'alert' and m.sent_at is null and m.failed_at is null
	and not exists (select from deliveries d where d.mail_id = m.id)`
)

// DeleteTarget deletes a target, its monitors and all that was recorded of them.
func (db *DB) DeleteTarget(ctx context.Context, accountID, id int64) error {
	return db.as(accountID).inTx(ctx, "delete target", func(tx txn) error {
		var ids []int64
		if err := tx.SelectContext(ctx, &ids, monitorIDsOfTargetSQL, accountID, id); err != nil {
			return err
		}
		if err := mustHit(tx.ExecContext(ctx, deleteTargetSQL, accountID, id)); err != nil {
			return err
		}
		return forgetMonitors(ctx, tx, accountID, ids)
	})
}

// DeleteMonitor deletes a monitor and all that was recorded of it.
func (db *DB) DeleteMonitor(ctx context.Context, accountID, id int64) error {
	return db.as(accountID).inTx(ctx, "delete monitor", func(tx txn) error {
		if err := mustHit(tx.ExecContext(ctx, deleteMonitorSQL, accountID, id)); err != nil {
			return err
		}
		return forgetMonitors(ctx, tx, accountID, []int64{id})
	})
}

// forgetMonitors deletes what no foreign key deletes with the monitors. It must
// come after their deletion, which waits for a recorder that is just writing
// of them; none writes afterwards. Only a day row that the nightly job makes in
// the same moment can stay, until the day is dropped.
func forgetMonitors(ctx context.Context, tx txn, accountID int64, ids []int64) error {
	if _, err := tx.ExecContext(ctx, forgetSamplesSQL, pq.Array(ids)); err != nil {
		return fmt.Errorf("delete samples: %w", err)
	}
	if _, err := tx.ExecContext(ctx, deleteEmptyMailsSQL, accountID); err != nil {
		return fmt.Errorf("delete empty mails: %w", err)
	}
	return announce(ctx, tx, ids)
}
