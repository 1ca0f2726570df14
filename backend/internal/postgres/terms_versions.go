package postgres

import (
	"context"

	"github.com/jmoiron/sqlx"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

const (
	selectTermsSQL = `select to_char(version, 'YYYY-MM-DD') as version, ja, en from terms order by terms.version`

	// Nothing is put before what is there: people have agreed to it.
	insertTermsSQL = `
insert into terms (version, ja, en, created_at)
select $1::date, $2, $3, $4
where not exists (select from terms where version >= $1::date)`
)

// Terms are those that operators have published, ascending by version. They are
// not to be changed.
func (s *Settings) Terms() []account.TermsText { return *s.text.Load() }

func readTerms(ctx context.Context, q sqlx.QueryerContext) ([]account.TermsText, error) {
	var rows []struct {
		Version string `db:"version"`
		Ja      string `db:"ja"`
		En      string `db:"en"`
	}
	if err := sqlx.SelectContext(ctx, q, &rows, selectTermsSQL); err != nil {
		return nil, err
	}
	terms := make([]account.TermsText, len(rows))
	for i, r := range rows {
		terms[i] = account.TermsText(r)
	}
	return terms, nil
}

// PublishTerms adds a version. uptime.ErrConflict if there is one of that day or
// a later one.
func (s *Settings) PublishTerms(ctx context.Context, t account.TermsText) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var terms []account.TermsText
	err := s.db.inTx(ctx, "publish terms", func(tx txn) error {
		var row settingsRow
		if err := tx.GetContext(ctx, &row, lockSettingsSQL); err != nil { // one operator after the other
			return err
		}
		done, err := tx.ExecContext(ctx, insertTermsSQL, t.Version, t.Ja, t.En, tx.now)
		if err != nil {
			return err
		}
		n, err := done.RowsAffected()
		if err == nil && n == 0 {
			err = uptime.ErrConflict
		}
		if err != nil {
			return err
		}
		terms, err = readTerms(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	s.text.Store(&terms)
	return nil
}
