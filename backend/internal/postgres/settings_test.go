package postgres

import (
	"sync"
	"testing"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

func openSettings(t *testing.T, db *DB) *Settings {
	t.Helper()
	s, err := OpenSettings(t.Context(), inRole(t, db, RoleWatch))
	must(t, err)
	return s
}

func TestSettingsAreKeptAndComeBackAtTheNextStart(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	s := openSettings(t, db)
	if got := s.Settings(); got != (account.Settings{}) {
		t.Errorf("at first %+v", got)
	}
	never := 0
	changed, err := s.ChangeSettings(t.Context(), func(v *account.Settings) {
		v.Registration, v.StopAfter, v.Announcement.En = account.RegistrationClosed, &never, "at night"
	})
	must(t, err)
	for when, got := range map[string]account.Settings{"answered": changed, "now": s.Settings(), "after a start": openSettings(t, db).Settings()} {
		if got.Registration != "closed" || got.StopAfter == nil || *got.StopAfter != 0 || got.Announcement != (account.Announcement{En: "at night"}) {
			t.Errorf("%s: %+v", when, got)
		}
	}
	_, err = s.ChangeSettings(t.Context(), func(v *account.Settings) { v.Registration, v.StopAfter = "", nil })
	must(t, err)
	if got := s.Settings(); got != (account.Settings{Announcement: account.Announcement{En: "at night"}}) {
		t.Errorf("given back to the environment: %+v", got)
	}
}

func TestSettingsThatOthersWriteAreRead(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	s := openSettings(t, db)
	exec(t, db, `update service_settings set stop_after = 7`)
	if s.Settings().StopAfter != nil {
		t.Error("read without being told to")
	}
	must(t, s.Reload(t.Context()))
	if got := s.Settings().StopAfter; got == nil || *got != 7 {
		t.Errorf("stop after %v", got)
	}
}

func TestWhatCannotBeKeptIsNotHeld(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	s := openSettings(t, db)
	if _, err := s.ChangeSettings(t.Context(), func(v *account.Settings) { v.Registration = "for friends" }); err == nil {
		t.Error("kept")
	}
	if got := s.Settings(); got != (account.Settings{}) {
		t.Errorf("held %+v", got)
	}
}

func TestOperatorsWhoChangeSettingsTogetherLoseNothing(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	one, other := openSettings(t, db), openSettings(t, db)
	var wg sync.WaitGroup
	for range 10 {
		for _, s := range []*Settings{one, other} {
			wg.Go(func() {
				if _, err := s.ChangeSettings(t.Context(), func(v *account.Settings) { v.Announcement.Ja += "." }); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	must(t, one.Reload(t.Context()))
	if got := len(one.Settings().Announcement.Ja); got != 20 {
		t.Errorf("%d of 20 changes", got)
	}
}
