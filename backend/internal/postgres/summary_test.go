package postgres

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func TestTheSummaryCountsEveryMonitorOnceAndNamesTheProblems(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 2)
	_, ids := seedTarget(t, db, owner, "a.example.jp", uptime.Services()...)
	rec := newTestRecorder(t, db, clock)
	_, err := db.PauseMonitor(t.Context(), owner, ids[5])
	must(t, err)
	rec.fail(ids[0], 4) // stopped
	rec.succeed(ids[1], 2)
	early := rec.record(uptime.Refused, ids[2])
	rec.fail(ids[2], 1)
	late := rec.record(uptime.Timeout, ids[3])
	rec.fail(ids[3], 1)
	s, err := db.Summary(t.Context(), owner, 10)
	must(t, err)
	if want := (uptime.Counts{Up: 1, Down: 2, Pending: 1, Stopped: 1, Paused: 1}); s.Counts != want {
		t.Errorf("counts %+v, want %+v", s.Counts, want)
	}
	if !s.CheckedAt.Equal(clock.now()) || s.VerifiedContacts != 2 {
		t.Errorf("checked at %v, %d contacts", s.CheckedAt, s.VerifiedContacts)
	}
	var order []int64
	for _, p := range s.Problems {
		order = append(order, p.MonitorID)
	}
	if want := []int64{ids[3], ids[2], ids[0]}; !slices.Equal(order, want) {
		t.Fatalf("problems of %v, want %v", order, want)
	}
	p := s.Problems[1]
	if p.Host != "a.example.jp" || p.Service != uptime.FTP || p.Port != 21 || p.State != uptime.Active || p.Verdict != uptime.Down ||
		!p.Since.Equal(early.At) || p.Reason != uptime.Timeout || len(p.Lines) != 2 {
		t.Errorf("problem %+v", p)
	}
	if !s.Problems[0].Since.Equal(late.At) {
		t.Errorf("since %v, want %v", s.Problems[0].Since, late.At)
	}
	few, err := db.Summary(t.Context(), owner, 1)
	if err != nil || len(few.Problems) != 1 || few.Problems[0].MonitorID != ids[3] {
		t.Errorf("%+v, %v", few.Problems, err)
	}
}

func TestIncidentsAreListedByOverlapNewestFirst(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 1)
	a, b := seedMonitor(t, db, owner, "a.example.jp"), seedMonitor(t, db, owner, "b.example.jp")
	rec := newTestRecorder(t, db, clock)
	rec.record(uptime.Refused, a, b) // both begin at once
	rec.record(uptime.Timeout, a, b)
	ended := rec.record(uptime.Connected, a)
	rec.succeed(a, 1)
	clock.pass(time.Hour)
	rec.record(uptime.Connected, a, b) // the run of b is too old to go on
	third := rec.record(uptime.HostUnreachable, a)
	rec.fail(a, 1)
	list := func(f uptime.IncidentFilter) []uptime.Incident {
		t.Helper()
		if f.Limit == 0 {
			f.Limit = 10
		}
		l, err := db.Incidents(t.Context(), owner, f)
		must(t, err)
		return l
	}
	all := list(uptime.IncidentFilter{})
	if len(all) != 3 || !all[0].StartedAt.Equal(third.At) || all[1].ID < all[2].ID {
		t.Fatalf("all: %+v", all)
	}
	if i := all[0]; i.MonitorID != a || i.Host != "a.example.jp" || i.Service != uptime.HTTP || i.Cause != uptime.HostUnreachable || !i.EndedAt.IsZero() || len(i.Lines) != 2 {
		t.Errorf("newest %+v", i)
	}
	var paged []uptime.Incident
	for f := (uptime.IncidentFilter{Limit: 1}); ; {
		page := list(f)
		if len(page) == 0 {
			break
		}
		paged = append(paged, page...)
		f.AfterStart, f.AfterID = page[0].StartedAt, page[0].ID
	}
	if len(paged) != 3 || paged[1].ID != all[1].ID || paged[2].ID != all[2].ID {
		t.Errorf("by pages of one: %+v", paged)
	}
	yes, no := true, false
	if l := list(uptime.IncidentFilter{Open: &yes}); len(l) != 2 {
		t.Errorf("open: %+v", l)
	}
	closed := list(uptime.IncidentFilter{Open: &no})
	if len(closed) != 1 || !closed[0].EndedAt.Equal(ended.At) {
		t.Errorf("closed: %+v", closed)
	}
	if l := list(uptime.IncidentFilter{MonitorID: a, Span: uptime.Span{From: ended.At}}); len(l) != 1 || !l[0].StartedAt.Equal(third.At) {
		t.Errorf("from the end of the first on: %+v", l)
	}
	if l := list(uptime.IncidentFilter{Span: uptime.Span{To: third.At}}); len(l) != 2 {
		t.Errorf("before the last: %+v", l)
	}
}

func TestAnIncidentTellsWhenItsFirstMailWasAccepted(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 1)
	id := seedMonitor(t, db, owner, "a.example.jp")
	rec := newTestRecorder(t, db, clock)
	rec.fail(id, 2)
	_, err := db.FormMails(t.Context(), clock.now(), 0)
	must(t, err)
	mailed := func() time.Time {
		t.Helper()
		l, err := db.Incidents(t.Context(), owner, uptime.IncidentFilter{Limit: 1})
		must(t, err)
		return l[0].MailedAt
	}
	if at := mailed(); !at.IsZero() {
		t.Errorf("mailed at %v before it was", at)
	}
	accepted := clock.now().Add(time.Second)
	exec(t, db, `update mails set sent_at = $1`, accepted)
	if at := mailed(); !at.Equal(accepted) {
		t.Errorf("mailed at %v, want %v", at, accepted)
	}
}

func TestListsUseIndexes(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	cases := []struct {
		name, query string
		args        []any
		want        string
	}{
		{"monitors", monitorsSQL, []any{1, 0, 0, "", "", 0, 0, "", 50}, "monitors_account"},
		{"incidents", incidentsSQL, []any{1, 0, nil, nil, nil, nil, 0, 50}, "incidents_account"},
		{"samples of a day", selectFramesSQL, []any{1, 1, `{2026-11-22}`}, "sample_chunks_20261122_pkey"},
		{"samples down to the monitor", selectFramesSQL, []any{1, 7, `{2026-11-22}`}, "Index Cond: ((day = ANY ('{2026-11-22}'::date[])) AND (monitor_id = '7'::bigint))"},
	}
	for _, c := range cases {
		plan := readPlan(t, db, c.query, c.args...)
		if !strings.Contains(plan, c.want) {
			t.Errorf("%s does not use %s:\n%s", c.name, c.want, plan)
		}
		if strings.Contains(plan, "20261123") {
			t.Errorf("%s looks at another day:\n%s", c.name, plan)
		}
	}
}
