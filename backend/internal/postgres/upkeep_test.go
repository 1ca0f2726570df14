package postgres

import (
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func TestMailsAreForgottenAfterThirtyDaysAndTheirIncidentsAreNot(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	work := inRole(t, db, RoleWatch)
	owner := seedAccount(t, db, "a@example.jp", 1)
	id := seedMonitor(t, db, owner, "www.example.jp")
	rec := newTestRecorder(t, db, clock)
	rec.fail(id, 2)
	form(t, work, clock.now(), 0)
	sent := clock.now().Add(time.Second)
	must(t, work.MailSent(t.Context(), claim(t, work, clock.now())[0].ID, sent))
	rec.succeed(id, 2) // a second mail of the same incident, a little later
	form(t, work, clock.now(), 0)
	must(t, work.MailSent(t.Context(), claim(t, work, clock.now())[0].ID, clock.now()))
	exec(t, db, `insert into mails (kind, account_id, email, locale, created_at, next_try_at, failed_at) select 'reset', $1, 'a@example.jp', 'ja', $2, $2, $2 from generate_series(1, 2500)`, owner, sent)
	exec(t, db, `insert into mails (kind, account_id, email, locale, created_at, next_try_at) values ('reset', $1, 'a@example.jp', 'ja', $2, $2)`, owner, sent) // waits
	incident := func(when string) {
		t.Helper()
		list, err := db.Incidents(t.Context(), owner, uptime.IncidentFilter{Limit: 10})
		if err != nil || len(list) != 1 || !list[0].MailedAt.Equal(sent) {
			t.Errorf("%s: incidents %+v, %v", when, list, err)
		}
	}
	incident("at first")
	clock.pass(sent.Add(mailMemory).Sub(clock.now()))
	must(t, work.Upkeep(t.Context()))
	if n := one[int](t, db, `select count(*) from mails`); n != 2503 {
		t.Errorf("%d mails after just thirty days", n)
	}
	clock.pass(time.Millisecond)
	must(t, work.Upkeep(t.Context()))
	if n := one[int](t, db, `select count(*) from mails`); n != 2 {
		t.Errorf("%d mails, want the newer one and the one that waits", n)
	}
	incident("without its first mail")
	clock.pass(time.Hour)
	must(t, work.Upkeep(t.Context()))
	if n := one[int](t, db, `select count(*) from mails`); n != 1 {
		t.Errorf("%d mails, want the one that waits", n)
	}
	if n := one[int](t, db, `select count(*) from deliveries`); n != 0 {
		t.Errorf("%d deliveries", n)
	}
	incident("without its mails")
}

func TestExpiredTokensAreDeletedInSlices(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 0)
	exec(t, db, `insert into tokens (hash, purpose, account_id, created_at, expires_at)
		select int4send(n), 'reset', $1, $2, $2::timestamptz + case when n > 2500 then interval '0' else interval '-1 ms' end from generate_series(1, 2510) n`, owner, noon)
	must(t, inRole(t, db, RoleWatch).Upkeep(t.Context()))
	if n := one[int](t, db, `select count(*) from tokens`); n != 10 {
		t.Errorf("%d tokens, want those that are good", n)
	}
}
