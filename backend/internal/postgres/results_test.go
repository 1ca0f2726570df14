package postgres

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// allResults reads a monitor's results by pages of a size.
func allResults(t *testing.T, db *DB, owner, monitor int64, q uptime.ResultQuery) []uptime.Result {
	t.Helper()
	var all []uptime.Result
	for {
		page, err := db.Results(t.Context(), owner, monitor, q)
		must(t, err)
		for _, r := range page {
			if !r.At.Equal(q.After.At) {
				q.After = uptime.ResultMark{At: r.At}
			}
			q.After.Seen++
		}
		all = append(all, page...)
		if len(page) < q.Limit {
			return all
		}
	}
}

func samplesOf(results []uptime.Result) []uptime.Sample {
	samples := make([]uptime.Sample, len(results))
	for i, r := range results {
		samples[i] = r.Sample
	}
	return samples
}

func TestEveryResultIsReadOnceThroughEveryStepOfItsStorage(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 0)
	id, other := seedMonitor(t, db, owner, "a.example.jp"), seedMonitor(t, db, owner, "b.example.jp")
	rec := newTestRecorder(t, db, clock)
	var written []uptime.Sample
	whole := uptime.ResultQuery{Span: uptime.Span{From: noon}, Limit: 50}
	check := func(when string) {
		t.Helper()
		if got := samplesOf(allResults(t, db, owner, id, whole)); !slices.Equal(got, written) {
			t.Fatalf("%s: %d results, want %d", when, len(got), len(written))
		}
	}
	check("before the first")
	for i := range 400 { // from noon to the evening of the next day
		reason := uptime.Connected
		if i%7 == 0 {
			reason = uptime.Overload
		}
		written = append(written, rec.record(reason, id, other))
	}
	check("recorded")
	must(t, rec.Nightly(t.Context(), func(step NightlyStep) { check("nightly job") }))
	if n := one[int](t, db, `select count(*) from packed_days`); n != 1 {
		t.Fatalf("%d packed days, want 1", n)
	}
	check("packed")
	part := whole
	part.From, part.To = written[100].At, written[300].At
	if got := samplesOf(allResults(t, db, owner, id, part)); !slices.Equal(got, written[100:300]) {
		t.Errorf("part: %d results, want those from 100 up to 300", len(got))
	}
}

func TestResultsOfOneMillisecondAreInTheOrderOfRecordingOnBothSidesOfAPage(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 0)
	id := seedMonitor(t, db, owner, "a.example.jp")
	rec := newTestRecorder(t, db, clock)
	var written []uptime.Sample
	for range 5 {
		written = append(written, rec.record(uptime.Connected, id))
		clock.pass(-5 * time.Minute) // the clock steps back each time
	}
	for limit := 1; limit <= 6; limit++ {
		q := uptime.ResultQuery{Span: uptime.Span{From: noon, To: noon.Add(time.Hour)}, Limit: limit}
		if got := samplesOf(allResults(t, db, owner, id, q)); !slices.Equal(got, written) {
			t.Errorf("pages of %d: %v\nwant %v", limit, got, written)
		}
	}
}

func TestAResultHasTheAddressOfItsTime(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 0)
	id, literal := seedMonitor(t, db, owner, "a.example.jp"), seedMonitor(t, db, owner, "192.0.2.77")
	rec := newTestRecorder(t, db, clock)
	first, second := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::2")
	var since time.Time
	record := func(reason uptime.Reason, addr netip.Addr) {
		t.Helper()
		clock.pass(5 * time.Minute)
		if since.IsZero() || addr == second {
			since = clock.now()
		}
		s := uptime.Sample{At: clock.now(), Reason: reason, Line: 1}
		_, err := rec.Record(t.Context(), uptime.DefaultPolicy(), []uptime.Result{
			{Sample: s, MonitorID: id, Generation: 1, Addr: addr, AddrSince: since},
			{Sample: s, MonitorID: literal, Generation: 1, Addr: netip.MustParseAddr("192.0.2.77")},
		})
		must(t, err)
	}
	record(uptime.Connected, first)
	record(uptime.Timeout, first)
	record(uptime.Connected, second)
	rec.record(uptime.DNSNotFound, id, literal)
	rec.record(uptime.LineDown, id, literal)
	q := uptime.ResultQuery{Span: uptime.Span{From: noon}, Limit: 9}
	var got []netip.Addr
	for _, r := range allResults(t, db, owner, id, q) {
		got = append(got, r.Addr)
	}
	if want := []netip.Addr{first, first, second, {}, {}}; !slices.Equal(got, want) {
		t.Errorf("addresses %v, want %v", got, want)
	}
	got = nil
	for _, r := range allResults(t, db, owner, literal, q) {
		got = append(got, r.Addr)
	}
	own := netip.MustParseAddr("192.0.2.77")
	if want := []netip.Addr{own, own, own, {}, {}}; !slices.Equal(got, want) {
		t.Errorf("addresses of a literal %v, want %v", got, want)
	}
	m, err := db.Monitor(t.Context(), owner, id)
	if err != nil || m.Pinned != second {
		t.Errorf("pinned %v, %v", m.Pinned, err)
	}
}

func TestASpanOfYearsCostsNoMoreThanTheMonitorsLife(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	owner := seedAccount(t, db, "a@example.jp", 0)
	id := seedMonitor(t, db, owner, "a.example.jp")
	written := newTestRecorder(t, db, clock).record(uptime.Connected, id)
	span := uptime.Span{From: time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), To: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}
	got := allResults(t, db, owner, id, uptime.ResultQuery{Span: span, Limit: 3})
	if len(got) != 1 || got[0].Sample != written {
		t.Errorf("%+v", got)
	}
}

// readPlan is the plan of a statement for hinomi_api, as text.
func readPlan(t *testing.T, db *DB, query string, args ...any) string {
	t.Helper()
	return planAs(t, db, RoleAPI, ask(query, args...))
}

// planAs is the plan of a statement for a role, as text.
func planAs(t *testing.T, db *DB, role Role, q query) string {
	t.Helper()
	var lines []string
	tx, err := db.x.BeginTxx(t.Context(), nil)
	must(t, err)
	defer func() { _ = tx.Rollback() }()
	_, err = tx.ExecContext(t.Context(), `set local enable_seqscan = off`)
	must(t, err)
	if role != Owner {
		_, err = tx.ExecContext(t.Context(), `set local role `+string(role))
		must(t, err)
	}
	must(t, txn{tx, noon}.as(t.Context(), 1))
	must(t, tx.SelectContext(t.Context(), &lines, `explain (costs off) `+q.text, q.args...))
	plan := ""
	for _, l := range lines {
		plan += l + "\n"
	}
	return plan
}
