package postgres

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

const (
	// Ids are given in one sequence; the lock keeps two from getting the same.
	lockLinesSQL = `lock table lines in share row exclusive mode`

	addLinesSQL = `
insert into lines (id, name, created_at)
select (select coalesce(max(id), 0) from lines) + row_number() over (order by w.n), w.name, $2
from unnest($1::text[]) with ordinality as w (name, n)
where not exists (select from lines l where l.name = w.name)`

	selectLinesSQL = `select id, name from lines order by id`
)

// EnsureLines gives every name an id, once and for ever: it stands in packed
// samples. It returns the ids of all lines that ever were.
func (db *DB) EnsureLines(ctx context.Context, names []string) (map[string]uptime.LineID, error) {
	var ids map[string]uptime.LineID
	err := db.inTx(ctx, "ensure lines", func(tx txn) error {
		if _, err := tx.ExecContext(ctx, lockLinesSQL); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, addLinesSQL, pq.Array(names), tx.now); err != nil {
			return err
		}
		var err error
		ids, err = selectLines(ctx, tx)
		return err
	})
	return ids, err
}

func selectLines(ctx context.Context, q sqlx.QueryerContext) (map[string]uptime.LineID, error) {
	var rows []struct {
		ID   int16  `db:"id"`
		Name string `db:"name"`
	}
	if err := sqlx.SelectContext(ctx, q, &rows, selectLinesSQL); err != nil {
		return nil, fmt.Errorf("select lines: %w", err)
	}
	ids := make(map[string]uptime.LineID, len(rows))
	for _, r := range rows {
		ids[r.Name] = uptime.LineID(r.ID)
	}
	return ids, nil
}
