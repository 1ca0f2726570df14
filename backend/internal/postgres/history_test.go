package postgres

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func TestADownloadReadsEveryResultOfTheSpanAndNoOther(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner, stranger := seedAccount(t, db, "a@example.jp", 0), seedAccount(t, db, "b@example.jp", 0)
	id, other := seedMonitor(t, db, owner, "192.0.2.1"), seedMonitor(t, db, owner, "192.0.2.2")
	rec := newTestRecorder(t, db, clock)
	var written []uptime.Sample
	for range 300 {
		written = append(written, rec.record(uptime.Connected, id, other))
	}
	must(t, rec.Nightly(t.Context(), nil))
	var got []uptime.Sample
	span := uptime.Span{From: written[7].At, To: written[290].At}
	must(t, db.EachResult(t.Context(), owner, id, span, func(r uptime.Result) error {
		if r.MonitorID != id || r.Addr.String() != "192.0.2.1" {
			t.Errorf("result %+v", r)
		}
		got = append(got, r.Sample)
		return nil
	}))
	if !slices.Equal(got, written[7:290]) {
		t.Errorf("%d results, want those from 7 up to 290", len(got))
	}
	enough := errors.New("enough")
	err := db.EachResult(t.Context(), owner, id, span, func(uptime.Result) error { return enough })
	want(t, enough, err)
	err = db.EachResult(t.Context(), stranger, id, span, func(uptime.Result) error { t.Error("a foreign result"); return nil })
	want(t, uptime.ErrNotFound, err)
}

func TestSamplesOfAPeriodComeWithTheLastOneBefore(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 0)
	id := seedMonitor(t, db, owner, "a.example.jp")
	rec := newTestRecorder(t, db, clock)
	var written []uptime.Sample
	for range 200 {
		written = append(written, rec.record(uptime.Connected, id))
	}
	got, err := db.Samples(t.Context(), owner, id, uptime.Span{From: written[150].At.Add(-time.Minute), To: written[160].At})
	if err != nil || !slices.Equal(got, written[149:160]) {
		t.Errorf("%d samples, want those from 149 up to 160; %v", len(got), err)
	}
	got, err = db.Samples(t.Context(), owner, id, uptime.Span{From: noon.Add(-240 * time.Hour), To: clock.now()})
	if err != nil || !slices.Equal(got, written[:199]) {
		t.Errorf("ten days: %d samples; %v", len(got), err)
	}
}

func TestWhatWasNotWatchedIsBeforeCreationPausedAndStopped(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner, stranger := seedAccount(t, db, "a@example.jp", 0), seedAccount(t, db, "b@example.jp", 0)
	id := seedMonitor(t, db, owner, "a.example.jp")
	clock.pass(time.Hour)
	_, err := db.PauseMonitor(t.Context(), owner, id)
	must(t, err)
	paused := clock.now()
	clock.pass(time.Hour)
	_, err = db.ResumeMonitor(t.Context(), owner, id)
	must(t, err)
	resumed := clock.now()
	newTestRecorder(t, db, clock).fail(id, 4)
	stopped := clock.now()
	clock.pass(time.Hour)
	span := uptime.Span{From: noon.Add(-time.Hour), To: clock.now()}
	gaps, err := db.NotWatched(t.Context(), owner, id, span)
	expected := []uptime.Span{{From: span.From, To: noon}, {From: paused, To: resumed}, {From: stopped}}
	if err != nil || !slices.Equal(gaps, expected) {
		t.Errorf("gaps %v, %v\nwant %v", gaps, err, expected)
	}
	gaps, err = db.NotWatched(t.Context(), owner, id, uptime.Span{From: resumed, To: stopped})
	if err != nil || gaps != nil {
		t.Errorf("between them: %v, %v", gaps, err)
	}
	_, err = db.NotWatched(t.Context(), stranger, id, span)
	want(t, uptime.ErrNotFound, err)
	incidents, err := db.MonitorIncidents(t.Context(), owner, id, span)
	if err != nil || len(incidents) != 1 || !incidents[0].ObservedUntil.Equal(stopped) {
		t.Errorf("incidents %+v, %v", incidents, err)
	}
	incidents, err = db.MonitorIncidents(t.Context(), owner, id, uptime.Span{From: noon, To: incidents[0].StartedAt})
	if err != nil || len(incidents) != 0 {
		t.Errorf("incidents before it began: %+v, %v", incidents, err)
	}
}

func TestUpkeepForgetsWhatIsOverOnly(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	session, _ := signIn(t, db)
	must(t, db.Register(t.Context(), registration("b@example.jp"), token()))
	must(t, db.Upkeep(t.Context()))
	if n := one[string](t, db, `select (select count(*) from tokens) || ' ' || (select count(*) from sessions)`); n != "1 1" {
		t.Errorf("tokens and sessions %s, want 1 1", n)
	}
	must(t, db.EndSession(t.Context(), session))
	clock.pass(2 * time.Hour)
	must(t, db.Upkeep(t.Context()))
	if n := one[string](t, db, `select (select count(*) from tokens) || ' ' || (select count(*) from sessions)`); n != "0 1" {
		t.Errorf("tokens and sessions %s, want 0 1", n)
	}
	clock.pass(sessionMemory)
	must(t, db.Upkeep(t.Context()))
	if n := one[int](t, db, `select count(*) from sessions`); n != 0 {
		t.Errorf("%d sessions", n)
	}
}
