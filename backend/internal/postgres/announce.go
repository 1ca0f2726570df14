package postgres

import (
	"context"
	"encoding/json"
	"fmt"
)

// WatchChannel is where the watchman listens for changes of monitors.
const WatchChannel = "hinomi_watch"

// maxAnnouncement bounds a notification, in bytes; from 8,000 on PostgreSQL
// would abort the transaction.
const maxAnnouncement = 4096

// Announcement says which monitors changed.
type Announcement struct {
	Kind string  `json:"kind"`          // "monitors", or "all": too many to name
	IDs  []int64 `json:"ids,omitempty"` // of monitors that were made, changed or deleted
}

const announceSQL = `select pg_notify($1, $2)`

// announce tells the watchman at commit that monitors changed; none, nothing.
// Once a transaction is enough: the watchman reads them all at once.
func announce(ctx context.Context, tx txn, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	payload, err := json.Marshal(Announcement{Kind: "monitors", IDs: ids})
	if err == nil && len(payload) > maxAnnouncement {
		payload, err = json.Marshal(Announcement{Kind: "all"})
	}
	if err != nil {
		return fmt.Errorf("announce: %w", err)
	}
	_, err = tx.ExecContext(ctx, announceSQL, WatchChannel, string(payload))
	return wrap("announce", err)
}
