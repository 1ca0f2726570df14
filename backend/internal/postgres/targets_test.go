package postgres

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func TestATargetComesWithItsMonitorsInTheOrderOfServices(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 0)
	made, err := db.CreateTarget(t.Context(), uptime.NewTarget{
		AccountID: owner, Host: "www.example.jp", Label: "本社ウェブ", Notes: "rack 3",
		Services: []uptime.Service{uptime.DNS, uptime.Ping, uptime.HTTP},
	})
	must(t, err)
	got, err := db.Target(t.Context(), owner, made.ID)
	must(t, err)
	if got.Host != "www.example.jp" || got.Label != "本社ウェブ" || got.Notes != "rack 3" || !got.CreatedAt.Equal(noon) {
		t.Errorf("target %+v", got)
	}
	var services []uptime.Service
	for _, m := range got.Monitors {
		services = append(services, m.Service)
		if m.TargetID != made.ID || m.Host != got.Host || m.Label != "本社ウェブ" || m.Port != m.Service.Port() ||
			m.Standing.State != uptime.Active || m.Standing.Verdict != uptime.Pending || m.IncidentID != 0 {
			t.Errorf("monitor %+v", m)
		}
	}
	if !slices.Equal(services, []uptime.Service{uptime.Ping, uptime.HTTP, uptime.DNS}) {
		t.Errorf("services %v", services)
	}
}

func TestAHostIsRegisteredOncePerAccount(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	a, b := seedAccount(t, db, "a@example.jp", 0), seedAccount(t, db, "b@example.jp", 0)
	var made, refused atomic.Int32
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			_, err := db.CreateTarget(t.Context(), uptime.NewTarget{AccountID: a, Host: "x.example.jp", Services: []uptime.Service{uptime.HTTP}})
			switch {
			case errors.Is(err, uptime.ErrConflict):
				refused.Add(1)
			case err != nil:
				t.Error(err)
			default:
				made.Add(1)
			}
		})
	}
	wg.Wait()
	if made.Load() != 1 || refused.Load() != 2 {
		t.Errorf("%d made, %d refused", made.Load(), refused.Load())
	}
	_, err := db.CreateTarget(t.Context(), uptime.NewTarget{AccountID: b, Host: "x.example.jp", Services: []uptime.Service{uptime.HTTP}})
	must(t, err)
}

func TestAServiceIsAddedToATargetOnce(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	owner, stranger := seedAccount(t, db, "a@example.jp", 0), seedAccount(t, db, "b@example.jp", 0)
	target, _ := seedTarget(t, db, owner, "a.example.jp", uptime.HTTP)
	m, err := db.CreateMonitor(t.Context(), uptime.NewMonitor{AccountID: owner, TargetID: target, Service: uptime.SMTP, Label: "mail", Notes: "n"})
	if err != nil || m.Service != uptime.SMTP || m.Port != 25 || m.Label != "mail" || m.Notes != "n" {
		t.Errorf("%+v, %v", m, err)
	}
	_, err = db.CreateMonitor(t.Context(), uptime.NewMonitor{AccountID: owner, TargetID: target, Service: uptime.SMTP})
	want(t, uptime.ErrConflict, err)
	_, err = db.CreateMonitor(t.Context(), uptime.NewMonitor{AccountID: stranger, TargetID: target, Service: uptime.DNS})
	want(t, uptime.ErrNotFound, err)
}

func TestWordsAreChangedOneByOne(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 0)
	target, ids := seedTarget(t, db, owner, "a.example.jp", uptime.HTTP)
	label, notes, empty := "L", "N", ""
	_, err := db.UpdateTarget(t.Context(), owner, target, uptime.TargetPatch{WordsPatch: uptime.WordsPatch{Label: &label}})
	must(t, err)
	got, err := db.UpdateTarget(t.Context(), owner, target, uptime.TargetPatch{WordsPatch: uptime.WordsPatch{Notes: &notes}})
	if err != nil || got.Label != "L" || got.Notes != "N" || got.Monitors[0].Label != "L" {
		t.Errorf("%+v, %v", got, err)
	}
	own := "own"
	m, err := db.UpdateMonitor(t.Context(), owner, ids[0], uptime.MonitorPatch{WordsPatch: uptime.WordsPatch{Label: &own}})
	if err != nil || m.Label != "own" {
		t.Errorf("%+v, %v", m, err)
	}
	if m, err = db.UpdateMonitor(t.Context(), owner, ids[0], uptime.MonitorPatch{WordsPatch: uptime.WordsPatch{Label: &empty}}); err != nil || m.Label != "L" {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestNothingOfAnotherAccountIsFoundOrChanged(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner, stranger := seedAccount(t, db, "a@example.jp", 0), seedAccount(t, db, "b@example.jp", 0)
	target, ids := seedTarget(t, db, owner, "a.example.jp", uptime.HTTP)
	newTestRecorder(t, db, clock).fail(ids[0], 2)
	before, version := standingOf(t, db, ids[0])
	ctx, id, label := t.Context(), ids[0], "stolen"
	acts := map[string]func() error{
		"Target": func() error { _, err := db.Target(ctx, stranger, target); return err },
		"UpdateTarget": func() error {
			_, err := db.UpdateTarget(ctx, stranger, target, uptime.TargetPatch{WordsPatch: uptime.WordsPatch{Label: &label}})
			return err
		},
		"DeleteTarget": func() error { return db.DeleteTarget(ctx, stranger, target) },
		"ResumeTarget": func() error { _, err := db.ResumeTarget(ctx, stranger, target); return err },
		"Monitor":      func() error { _, err := db.Monitor(ctx, stranger, id); return err },
		"UpdateMonitor": func() error {
			_, err := db.UpdateMonitor(ctx, stranger, id, uptime.MonitorPatch{WordsPatch: uptime.WordsPatch{Label: &label}})
			return err
		},
		"DeleteMonitor":  func() error { return db.DeleteMonitor(ctx, stranger, id) },
		"PauseMonitor":   func() error { _, err := db.PauseMonitor(ctx, stranger, id); return err },
		"ResumeMonitor":  func() error { _, err := db.ResumeMonitor(ctx, stranger, id); return err },
		"ResumeMonitors": func() error { _, err := db.ResumeMonitors(ctx, stranger, []int64{id}); return err },
		"Results":        func() error { _, err := db.Results(ctx, stranger, id, uptime.ResultQuery{Limit: 9}); return err },
		"Incidents": func() error {
			_, err := db.Incidents(ctx, stranger, uptime.IncidentFilter{MonitorID: id, Limit: 9})
			return err
		},
	}
	for name, act := range acts {
		if err := act(); !errors.Is(err, uptime.ErrNotFound) {
			t.Errorf("%s: %v, want ErrNotFound", name, err)
		}
	}
	if n, err := db.ResumeStopped(ctx, stranger); err != nil || n != 0 {
		t.Errorf("ResumeStopped: %d, %v", n, err)
	}
	after, now := standingOf(t, db, id)
	if now != version || after.State != before.State {
		t.Errorf("version %d → %d", version, now)
	}
	lists := map[string]func() (int, error){
		"Targets": func() (int, error) {
			l, err := db.Targets(ctx, stranger, uptime.TargetFilter{Page: uptime.Page{Limit: 9}})
			return len(l), err
		},
		"Monitors": func() (int, error) {
			l, err := db.Monitors(ctx, stranger, uptime.MonitorFilter{Page: uptime.Page{Limit: 9}})
			return len(l), err
		},
		"Incidents": func() (int, error) {
			l, err := db.Incidents(ctx, stranger, uptime.IncidentFilter{Limit: 9})
			return len(l), err
		},
		"Summary": func() (int, error) {
			s, err := db.Summary(ctx, stranger, 9)
			return s.Counts.Total() + len(s.Problems) + s.VerifiedContacts, err
		},
	}
	for name, list := range lists {
		if n, err := list(); err != nil || n != 0 {
			t.Errorf("%s: %d, %v", name, n, err)
		}
	}
}

func TestMonitorsAreListedByFilterAndPage(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 0)
	var all []int64
	for i := range 3 {
		_, ids := seedTarget(t, db, owner, fmt.Sprintf("h%d.example.jp", i), uptime.Ping, uptime.HTTP)
		all = append(all, ids...)
	}
	rec := newTestRecorder(t, db, clock)
	for range 2 {
		rec.record(uptime.Timeout, all[0])
		rec.record(uptime.Connected, all[1])
	}
	_, err := db.PauseMonitor(t.Context(), owner, all[5])
	must(t, err)
	label := "100% _\\ Büro"
	_, err = db.UpdateMonitor(t.Context(), owner, all[2], uptime.MonitorPatch{WordsPatch: uptime.WordsPatch{Label: &label}})
	must(t, err)
	cases := []struct {
		name   string
		filter uptime.MonitorFilter
		want   []int64
	}{
		{"all", uptime.MonitorFilter{}, all},
		{"host", uptime.MonitorFilter{Host: "h1.example.jp"}, all[2:4]},
		{"service", uptime.MonitorFilter{Service: uptime.Ping}, []int64{all[0], all[2], all[4]}},
		{"state", uptime.MonitorFilter{State: uptime.Paused}, all[5:]},
		{"down", uptime.MonitorFilter{Verdict: uptime.Down}, all[:1]},
		{"up", uptime.MonitorFilter{Verdict: uptime.Up}, all[1:2]},
		{"text", uptime.MonitorFilter{Text: "0% _\\ BÜRO"}, all[2:3]},
		{"text of a host", uptime.MonitorFilter{Text: "H2.EX"}, all[4:]},
		{"text is no pattern", uptime.MonitorFilter{Text: "%"}, all[2:3]},
		{"both", uptime.MonitorFilter{Service: uptime.HTTP, State: uptime.Active}, []int64{all[1], all[3]}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got []int64
			for c.filter.Limit = 2; ; {
				page, err := db.Monitors(t.Context(), owner, c.filter)
				must(t, err)
				for _, m := range page {
					got = append(got, m.ID)
				}
				if len(page) < c.filter.Limit {
					break
				}
				c.filter.After = page[len(page)-1].ID
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestTargetsAreListedByFilterAndPage(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 0)
	var all []int64
	for i := range 3 {
		id, _ := seedTarget(t, db, owner, fmt.Sprintf("h%d.example.jp", i), uptime.Ping, uptime.HTTP)
		all = append(all, id)
	}
	list := func(f uptime.TargetFilter) (ids []int64) {
		t.Helper()
		targets, err := db.Targets(t.Context(), owner, f)
		must(t, err)
		for _, target := range targets {
			ids = append(ids, target.ID)
			if len(target.Monitors) != 2 || target.Monitors[0].TargetID != target.ID {
				t.Errorf("monitors %+v", target.Monitors)
			}
		}
		return ids
	}
	if got := list(uptime.TargetFilter{Page: uptime.Page{Limit: 2}}); !slices.Equal(got, all[:2]) {
		t.Errorf("first page %v", got)
	}
	if got := list(uptime.TargetFilter{Page: uptime.Page{After: all[1], Limit: 2}}); !slices.Equal(got, all[2:]) {
		t.Errorf("second page %v", got)
	}
	if got := list(uptime.TargetFilter{Page: uptime.Page{Limit: 9}, Text: "H1."}); !slices.Equal(got, all[1:2]) {
		t.Errorf("text %v", got)
	}
	if got := list(uptime.TargetFilter{Page: uptime.Page{Limit: 9}, Host: "h2.example.jp"}); !slices.Equal(got, all[2:]) {
		t.Errorf("host %v", got)
	}
}

func TestResumingManyIsAllOrNothing(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner, stranger := seedAccount(t, db, "a@example.jp", 0), seedAccount(t, db, "b@example.jp", 0)
	target, ids := seedTarget(t, db, owner, "a.example.jp", uptime.Ping, uptime.HTTP, uptime.FTP)
	foreign := seedMonitor(t, db, stranger, "b.example.jp")
	newTestRecorder(t, db, clock).fail(ids[0], 4)
	_, err := db.PauseMonitor(t.Context(), owner, ids[1])
	must(t, err)
	_, err = db.ResumeMonitors(t.Context(), owner, []int64{ids[0], foreign})
	want(t, uptime.ErrNotFound, err)
	if s, _ := standingOf(t, db, ids[0]); s.State != uptime.Stopped {
		t.Fatalf("state %v, want it stopped still", s.State)
	}
	if n, err := db.ResumeStopped(t.Context(), owner); err != nil || n != 1 {
		t.Errorf("all stopped: %d, %v", n, err)
	}
	if n, err := db.ResumeMonitors(t.Context(), owner, ids); err != nil || n != 1 {
		t.Errorf("the paused one: %d, %v", n, err)
	}
	_, err = db.PauseMonitor(t.Context(), owner, ids[2])
	must(t, err)
	resumed, err := db.ResumeTarget(t.Context(), owner, target)
	if err != nil || resumed.Monitors[2].Standing.State != uptime.Active {
		t.Errorf("target: %+v, %v", resumed, err)
	}
}

func TestAStopLeavesAGapThatAResumeEnds(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 0)
	id := seedMonitor(t, db, owner, "a.example.jp")
	newTestRecorder(t, db, clock).fail(id, 4)
	stopped := clock.now()
	clock.pass(time.Hour)
	m, err := db.ResumeMonitor(t.Context(), owner, id)
	must(t, err)
	if m.Standing.Verdict != uptime.Pending || m.Standing.Told != uptime.Trouble || m.IncidentID == 0 || m.Standing.BadStreak != 0 {
		t.Errorf("monitor %+v", m)
	}
	gap := one[bool](t, db, `select from_at = $2 and to_at = $3 and state = 3 from watch_gaps where monitor_id = $1`, id, stopped, clock.now())
	if !gap {
		t.Error("the gap is not from the stop to the resume")
	}
}

func TestDeletingATargetLeavesNothingOfIt(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 1)
	target, ids := seedTarget(t, db, owner, "a.example.jp", uptime.Ping, uptime.HTTP)
	kept := seedMonitor(t, db, owner, "b.example.jp")
	rec := newTestRecorder(t, db, clock)
	for range 160 { // over midnight: buffers, chunks and day rows
		rec.record(uptime.Connected, ids[0], ids[1], kept)
	}
	must(t, rec.Nightly(t.Context(), nil))
	rec.fail(ids[0], 20)
	rec.fail(kept, 2)
	if _, err := db.FormMails(t.Context(), clock.now(), 0); err != nil {
		t.Fatal(err)
	}
	must(t, db.DeleteTarget(t.Context(), owner, target))
	want(t, uptime.ErrNotFound, db.DeleteTarget(t.Context(), owner, target))
	for _, table := range []string{
		"monitor_states", "sample_chunks", "sample_days", "watch_gaps", "incidents", "alert_events",
	} {
		n := one[string](t, db, `select count(*) filter (where monitor_id = any($1)) || ' ' || (count(*) filter (where monitor_id = $2) > 0) from `+table, intArray(ids), kept)
		if want := fmt.Sprintf("0 %v", table != "watch_gaps"); n != want {
			t.Errorf("%s has (of deleted, any of kept) %s, want %s", table, n, want)
		}
	}
	if n := one[int](t, db, `select count(*) from address_changes`); n != 0 {
		t.Errorf("%d address changes", n)
	}
	if n := one[int](t, db, `select count(*) from deliveries`); n != 1 {
		t.Errorf("%d deliveries, want the kept one's", n)
	}
}

func TestAMailOfDeletedMonitorsAloneIsNotSent(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 1)
	id := seedMonitor(t, db, owner, "a.example.jp")
	newTestRecorder(t, db, clock).fail(id, 2)
	if n, err := db.FormMails(t.Context(), clock.now(), 0); err != nil || n != 1 {
		t.Fatalf("%d deliveries formed, %v", n, err)
	}
	must(t, db.DeleteMonitor(t.Context(), owner, id))
	if n := one[int](t, db, `select count(*) from mails`); n != 0 {
		t.Errorf("%d mails", n)
	}
}
