package notify

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/postgres"
	"github.com/hinomi-watch/hinomi/backend/internal/postgres/pgtest"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// world is a real database with one account, from the recorder to the mail.
type world struct {
	t        *testing.T
	db       *postgres.DB
	recorder *postgres.Recorder
	clock    *fakeTime
	account  account.Account
	lines    []uptime.Line
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, clock: &fakeTime{now: jst(3, 0)}}
	db, err := postgres.Open(pgtest.URL(t), postgres.Options{Now: w.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	w.db = db
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	ids, err := db.EnsureLines(t.Context(), []string{"a", "b"})
	if err != nil {
		t.Fatal(err)
	}
	w.lines = []uptime.Line{{ID: ids["a"], Name: "a"}, {ID: ids["b"], Name: "b"}}
	w.account, err = db.RegisterOperator(t.Context(), account.Registration{
		Email: "you@example.jp", PasswordHash: "x", Locale: account.English, Zone: "Asia/Tokyo", TermsVersion: "1",
	})
	if err != nil {
		t.Fatal(err)
	}
	w.recorder, err = postgres.NewRecorder(t.Context(), db.SQL(), postgres.RecorderConfig{Node: "test", RetentionDays: 10, Now: w.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// sender is one more process that sends mails.
func (w *world) sender(server *mailServer, window time.Duration) rig {
	return newRig(w.t, "smtp://"+server.addr, func(c *Config) {
		c.Outbox, c.Lines, c.Window, c.Now = w.db, w.lines, window, w.clock.Now
	})
}

func (w *world) watch(host string, services ...uptime.Service) []uptime.Monitor {
	w.t.Helper()
	target, err := w.db.CreateTarget(w.t.Context(), uptime.NewTarget{AccountID: w.account.ID, Host: host, Services: services})
	if err != nil {
		w.t.Fatal(err)
	}
	ids := make([]int64, len(target.Monitors))
	for i, m := range target.Monitors {
		ids[i] = m.ID
	}
	if _, err := w.recorder.Reload(w.t.Context(), ids); err != nil {
		w.t.Fatal(err)
	}
	return target.Monitors
}

// check records one result a monitor, over the line whose turn it is, five
// minutes after the last.
func (w *world) check(n int, reason uptime.Reason, monitors ...uptime.Monitor) {
	w.t.Helper()
	at := w.clock.add(5 * time.Minute)
	results := make([]uptime.Result, len(monitors))
	for i, m := range monitors {
		results[i] = uptime.Result{
			MonitorID: m.ID, Generation: m.Standing.Generation,
			Sample: uptime.Sample{At: at, Line: w.lines[n%2].ID, Reason: reason},
		}
	}
	recorded, err := w.recorder.Record(w.t.Context(), uptime.DefaultPolicy(), results)
	if err != nil || len(recorded.Gone) > 0 {
		w.t.Fatalf("%+v, %v", recorded, err)
	}
}

func TestWhatTheRecorderOwesIsMailed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	server := newMailServer(t)
	s := w.sender(server, 0)
	monitors := w.watch("www.example.jp", uptime.HTTP)
	run := func() {
		t.Helper()
		if err := s.RunOnce(t.Context(), w.clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
	for n, reason := range []uptime.Reason{
		uptime.Connected, uptime.Connected, uptime.Timeout, uptime.Refused, uptime.Timeout, uptime.Timeout,
	} {
		w.check(n, reason, monitors...)
		run()
	}
	w.clock.add(6 * time.Hour)
	resumed, err := w.db.ResumeMonitor(t.Context(), w.account.ID, monitors[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.recorder.Reload(t.Context(), []int64{resumed.ID}); err != nil { // as the watchman does
		t.Fatal(err)
	}
	w.check(0, uptime.Connected, resumed)
	w.check(1, uptime.Connected, resumed)
	run()
	got := server.got()
	if len(got) != 3 {
		t.Fatalf("%d mails", len(got))
	}
	first, second := parse(t, got[0].content), parse(t, got[1].content)
	if first.Header.Get("Subject") != "DOWN: www.example.jp HTTP, no answer since 03:15" ||
		!strings.HasPrefix(second.Header.Get("Subject"), "STOPPED: www.example.jp HTTP") {
		t.Errorf("subjects %q, %q", first.Header.Get("Subject"), second.Header.Get("Subject"))
	}
	if thread := first.Header.Get("References"); thread == "" || thread != second.Header.Get("References") {
		t.Errorf("threads %q, %q", thread, second.Header.Get("References"))
	}
	if !strings.Contains(unfold(got[2]), "Not watched from 03:30 to 09:30, so when it came back is not known.") ||
		parse(t, got[2].content).Header.Get("References") != first.Header.Get("References") {
		t.Errorf("the recovery is\n%s", got[2].content)
	}
	for _, want := range []string{"03:15 line A: no answer in 5 s. 03:20 line B: connection refused.", "stops by itself at about 03:30"} {
		if !strings.Contains(unfold(got[0]), want) {
			t.Errorf("no %q in\n%s", want, got[0].content)
		}
	}
}

// unfold joins what quoted-printable has broken.
func unfold(m received) string { return strings.ReplaceAll(m.content, "=\r\n", "") }

func TestSixServicesThatFailTogetherAreOneMail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	server := newMailServer(t)
	s := w.sender(server, 30*time.Second)
	monitors := w.watch("www.example.jp", uptime.Services()...)
	w.check(0, uptime.Timeout, monitors...)
	w.check(1, uptime.Timeout, monitors...)
	if err := s.RunOnce(t.Context(), w.clock.add(29*time.Second)); err != nil || len(server.got()) != 0 {
		t.Fatalf("within the window: %d mails, %v", len(server.got()), err)
	}
	if err := s.RunOnce(t.Context(), w.clock.add(time.Second)); err != nil {
		t.Fatal(err)
	}
	got := server.got()
	if len(got) != 1 || len(parse(t, got[0].content).Header["X-Hinomi-Event"]) != 6 {
		t.Fatalf("%d mails", len(got))
	}
}

func TestSendersBesideEachOtherSendEveryMailOnceAndInOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	server := newMailServer(t)
	senders := []rig{w.sender(server, 0), w.sender(server, 0), w.sender(server, 0)}
	var monitors []uptime.Monitor
	for i := range 10 {
		monitors = append(monitors, w.watch(fmt.Sprintf("host%d.example.jp", i), uptime.HTTP)...)
	}
	all := func() {
		var wg sync.WaitGroup
		for _, s := range senders {
			wg.Go(func() {
				if err := s.RunOnce(t.Context(), w.clock.Now()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	n := 0
	for range 3 {
		for _, reason := range []uptime.Reason{uptime.Timeout, uptime.Timeout, uptime.Connected, uptime.Connected} {
			w.check(n, reason, monitors...)
			n++
			all()
		}
	}
	all()
	seen, last := map[string]bool{}, map[string]string{}
	for _, m := range server.got() {
		h := parse(t, m.content).Header
		if id := h.Get("Message-Id"); seen[id] {
			t.Errorf("%s came twice", id)
		} else {
			seen[id] = true
		}
		for _, e := range h["X-Hinomi-Event"] {
			kind, rest, _ := strings.Cut(e, "; host=")
			host, _, _ := strings.Cut(rest, ";")
			if last[host] == kind {
				t.Errorf("%s twice in a row for %s", kind, host)
			}
			last[host] = kind
		}
	}
	if len(last) != 10 {
		t.Errorf("mails about %d hosts", len(last))
	}
	for host, kind := range last {
		if kind != "recovery" {
			t.Errorf("the last mail about %s is %s", host, kind)
		}
	}
}
