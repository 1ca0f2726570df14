package postgres

import (
	"slices"
	"testing"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func TestPublishedTermsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	s := openSettings(t, db)
	if got := s.Terms(); len(got) != 0 {
		t.Errorf("at first %+v", got)
	}
	first, second := account.TermsText{Version: "2027-01-01", Ja: "い", En: "a"}, account.TermsText{Version: "2027-02-01", Ja: "ろ", En: "b"}
	must(t, s.PublishTerms(t.Context(), first))
	must(t, s.PublishTerms(t.Context(), second))
	for when, got := range map[string][]account.TermsText{"now": s.Terms(), "after a start": openSettings(t, db).Terms()} {
		if !slices.Equal(got, []account.TermsText{first, second}) {
			t.Errorf("%s: %+v", when, got)
		}
	}
	// What people agreed to is not replaced, nor is a version put before one.
	for _, version := range []string{"2027-02-01", "2027-01-15", "2026-01-01"} {
		want(t, uptime.ErrConflict, s.PublishTerms(t.Context(), account.TermsText{Version: version, Ja: "x", En: "x"}))
	}
	for _, statement := range []string{`update terms set ja = 'x'`, `delete from terms`} {
		for _, role := range []Role{RoleAPI, RoleWatch} {
			if n := hits(t, inRole(t, db, role), 0, statement); n != 0 {
				t.Errorf("%s: %s reaches %d", role, statement, n)
			}
		}
	}
	if got := openSettings(t, db).Terms(); !slices.Equal(got, []account.TermsText{first, second}) {
		t.Errorf("in the end %+v", got)
	}
}
