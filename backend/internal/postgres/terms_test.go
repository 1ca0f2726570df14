package postgres

import (
	"testing"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func TestAcceptedTermsAreThoseOfOneAccount(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	mine, other := seedAccount(t, db, "a@example.jp", 0), seedAccount(t, db, "b@example.jp", 0)
	before := one[string](t, db, `select terms_version from accounts where id = $1`, other)
	must(t, db.AcceptTerms(t.Context(), mine, "2"))
	if got := one[string](t, db, `select terms_version from accounts where id = $1`, mine); got != "2" {
		t.Errorf("accepted %q", got)
	}
	if got := one[string](t, db, `select terms_version from accounts where id = $1`, other); got != before {
		t.Errorf("the other account accepted %q", got)
	}
	exec(t, db, `update accounts set disabled_at = now() where id = $1`, mine)
	want(t, uptime.ErrNotFound, db.AcceptTerms(t.Context(), mine, "3"))
	want(t, uptime.ErrNotFound, db.AcceptTerms(t.Context(), 999_999, "3"))
}
