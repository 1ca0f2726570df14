package postgres

import (
	"context"
	"database/sql"
	"sync"
	"sync/atomic"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

// Settings is what operators change while the service runs, held in memory, so
// that who judges or answers need not ask the database. It is safe for
// concurrent use.
type Settings struct {
	db   *DB
	held atomic.Pointer[account.Settings]
	text atomic.Pointer[[]account.TermsText]
	mu   sync.Mutex // of who brings something newer
}

// OpenSettings reads the settings. The pool's role is RoleWatch.
func OpenSettings(ctx context.Context, db *DB) (*Settings, error) {
	s := &Settings{db: db}
	return s, s.Reload(ctx)
}

// Settings gives them as they are now.
func (s *Settings) Settings() account.Settings { return *s.held.Load() }

const (
	selectSettingsSQL = `select registration, stop_after, announcement_ja, announcement_en, halted_at from service_settings`

	lockSettingsSQL = selectSettingsSQL + ` for update`

	updateSettingsSQL = `
update service_settings
set registration = nullif($1, ''), stop_after = $2, announcement_ja = $3, announcement_en = $4, halted_at = $5`
)

type settingsRow struct {
	Registration sql.NullString `db:"registration"`
	StopAfter    sql.NullInt32  `db:"stop_after"`
	Ja           string         `db:"announcement_ja"`
	En           string         `db:"announcement_en"`
	HaltedAt     sql.NullTime   `db:"halted_at"`
}

func (r settingsRow) settings() account.Settings {
	s := account.Settings{
		Registration: r.Registration.String, Announcement: account.Announcement{Ja: r.Ja, En: r.En}, HaltedAt: timeOf(r.HaltedAt),
	}
	if r.StopAfter.Valid {
		n := int(r.StopAfter.Int32)
		s.StopAfter = &n
	}
	return s
}

// Reload brings what somebody else may have written.
func (s *Settings) Reload(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var row settingsRow
	if err := s.db.x.GetContext(ctx, &row, selectSettingsSQL); err != nil {
		return fault("read settings", err)
	}
	terms, err := readTerms(ctx, s.db.x)
	if err != nil {
		return fault("read terms", err)
	}
	now := row.settings()
	s.held.Store(&now)
	s.text.Store(&terms)
	return nil
}

// ChangeSettings changes what change changes; it must not keep the pointer.
func (s *Settings) ChangeSettings(ctx context.Context, change func(*account.Settings)) (account.Settings, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var after account.Settings
	err := s.db.inTx(ctx, "change settings", func(tx txn) error {
		var row settingsRow
		if err := tx.GetContext(ctx, &row, lockSettingsSQL); err != nil {
			return err
		}
		after = row.settings()
		change(&after)
		after.HaltedAt = wholeMillis(after.HaltedAt)
		halted := sql.NullTime{Time: after.HaltedAt, Valid: !after.HaltedAt.IsZero()}
		_, err := tx.ExecContext(ctx, updateSettingsSQL, after.Registration, after.StopAfter, after.Announcement.Ja, after.Announcement.En, halted)
		return err
	})
	if err != nil {
		return account.Settings{}, err
	}
	s.held.Store(&after)
	return after, nil
}
