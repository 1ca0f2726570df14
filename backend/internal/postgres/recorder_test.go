package postgres

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// stored reads all samples of a monitor, whatever holds them.
func stored(t *testing.T, db *DB, account, monitor int64) []uptime.Sample {
	t.Helper()
	all, err := readAll(t, db, account, monitor)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func readAll(t *testing.T, db *DB, account, monitor int64) (all []uptime.Sample, err error) {
	span := uptime.Span{From: noon.AddDate(0, 0, -30), To: noon.AddDate(0, 0, 30)}
	days, err := packedDays(t.Context(), db.x, monitorKey{account, monitor}, span)
	if err != nil {
		return nil, err
	}
	err = eachSample(days, span, func(s uptime.Sample) error { all = append(all, s); return nil })
	return all, err
}

func TestEveryRecordedSampleIsReadOnceInItsOrder(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	account := seedAccount(t, db, "a@example.jp", 0)
	id := seedMonitor(t, db, account, "a.example.jp")
	rec := newTestRecorder(t, db, clock)
	var want []uptime.Sample
	for i := range 40 {
		reason := uptime.Connected
		if i%7 == 0 {
			reason = uptime.DNSUnavailable
		}
		want = append(want, rec.record(reason, id))
		if got := stored(t, db, account, id); !slices.Equal(got, want) {
			t.Fatalf("after %d results: %v", i+1, got)
		}
	}
	if n := one[int](t, db, `select count(*) from sample_chunks`); n != 3 {
		t.Errorf("%d chunks of 40 samples, want 3", n)
	}
}

func TestTheSQLFunctionDecodesLikeTheCodec(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	samples := []uptime.Sample{
		{At: noon.Add(7 * time.Millisecond), Reason: uptime.Reply, Line: 1, RTT: 12345 * time.Microsecond},
		{At: noon.Add(5 * time.Minute), Reason: uptime.Timeout, Line: 200},
		{At: noon.Add(-time.Hour), Reason: uptime.Internal, Line: 0},
		{At: noon.Add(5*time.Minute - time.Hour), Reason: uptime.Refused, Line: 3, RTT: 35 * time.Minute},
	}
	frame, err := uptime.PackSamples(samples)
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		At     time.Time `db:"at"`
		Line   int       `db:"line"`
		Reason int       `db:"reason"`
		RTTUS  int64     `db:"rtt_us"`
	}
	if err := db.x.SelectContext(t.Context(), &rows, `select at, line, reason, rtt_us from hinomi_samples($1)`, frame); err != nil {
		t.Fatal(err)
	}
	var got []uptime.Sample
	for _, r := range rows {
		got = append(got, uptime.Sample{
			At: r.At.UTC(), Line: uptime.LineID(r.Line), Reason: uptime.Reason(r.Reason), RTT: time.Duration(r.RTTUS) * time.Microsecond,
		})
	}
	if !slices.Equal(got, samples) {
		t.Errorf("got %v", got)
	}
}

// The answer to a COMMIT is lost: the batch is there, but the recorder was told
// of an error. It must neither judge the results twice nor lose them.
func TestALostAnswerToACommitJudgesNothingTwice(t *testing.T) {
	t.Parallel()
	for _, noticed := range []bool{true, false} { // false: our read came before the COMMIT was through
		db, clock := newDB(t)
		account := seedAccount(t, db, "a@example.jp", 1)
		id := seedMonitor(t, db, account, "a.example.jp")
		rec := newTestRecorder(t, db, clock)
		rec.fail(id, 1)
		results := []uptime.Result{{
			Sample: uptime.Sample{At: clock.now().Add(time.Minute), Reason: uptime.Timeout, Line: 1}, MonitorID: id, Generation: 1,
		}}
		b, err := rec.judge(uptime.DefaultPolicy(), results)
		if err != nil {
			t.Fatal(err)
		}
		if err := rec.write(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		if noticed {
			rec.uncertain = b
		}
		got, err := rec.Record(t.Context(), uptime.DefaultPolicy(), results)
		if err != nil || got.Alerts != 1 {
			t.Fatalf("%+v, %v", got, err)
		}
		rec.fail(id, 1)
		if s, _ := standingOf(t, db, id); s.BadStreak != 3 {
			t.Errorf("streak %d after three failures", s.BadStreak)
		}
		if n := len(stored(t, db, account, id)); n != 3 {
			t.Errorf("%d samples of three results", n)
		}
		if n := one[int](t, db, `select count(*) from deliveries`); n != 1 {
			t.Errorf("%d deliveries of one anomaly", n)
		}
	}
}

func TestAnErrorBeforeTheCommitWritesNothingAndTheBatchCanBeRepeated(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	account := seedAccount(t, db, "a@example.jp", 0)
	id := seedMonitor(t, db, account, "a.example.jp")
	rec := newTestRecorder(t, db, clock)
	results := []uptime.Result{{Sample: uptime.Sample{At: clock.now(), Reason: uptime.Timeout, Line: 1}, MonitorID: id, Generation: 1}}
	exec(t, db, `alter table monitor_states add constraint away check (bad_streak = 0)`)
	if _, err := rec.Record(t.Context(), uptime.DefaultPolicy(), results); err == nil {
		t.Fatal("no error")
	}
	exec(t, db, `alter table monitor_states drop constraint away`)
	if _, err := rec.Record(t.Context(), uptime.DefaultPolicy(), results); err != nil {
		t.Fatal(err)
	}
	if s, _ := standingOf(t, db, id); s.BadStreak != 1 || len(stored(t, db, account, id)) != 1 {
		t.Errorf("streak %d", s.BadStreak)
	}
}

func TestAResultOfAnEarlierGenerationIsDroppedAndTheOthersOfItsBatchAreNot(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	account := seedAccount(t, db, "a@example.jp", 0)
	_, ids := seedTarget(t, db, account, "a.example.jp", uptime.Ping, uptime.HTTP, uptime.FTP)
	rec := newTestRecorder(t, db, clock)
	rec.record(uptime.Connected, ids...)
	apply(t, db, account, uptime.Standing.Pause, ids[0]) // the recorder has not heard of it
	apply(t, db, account, uptime.Standing.Pause, ids[1])
	apply(t, db, account, uptime.Standing.Resume, ids[1])
	var results []uptime.Result
	for _, id := range ids {
		results = append(results, uptime.Result{
			Sample: uptime.Sample{At: clock.now().Add(time.Minute), Reason: uptime.Connected, Line: 2}, MonitorID: id, Generation: 1,
		})
	}
	got, err := rec.Record(t.Context(), uptime.DefaultPolicy(), results)
	if err != nil {
		t.Fatal(err)
	}
	if slices.Sort(got.Gone); !slices.Equal(got.Gone, ids[:2]) {
		t.Errorf("gone %v, want %v", got.Gone, ids[:2])
	}
	for i, want := range []int{1, 1, 2} {
		if n := len(stored(t, db, account, ids[i])); n != want {
			t.Errorf("monitor %d has %d samples, want %d", i, n, want)
		}
	}
}

func TestTwoResultsOfOneMonitorInABatchAreRefused(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	id := seedMonitor(t, db, seedAccount(t, db, "a@example.jp", 0), "a.example.jp")
	rec := newTestRecorder(t, db, clock)
	r := uptime.Result{Sample: uptime.Sample{At: clock.now(), Reason: uptime.Reply, Line: 1}, MonitorID: id, Generation: 1}
	if _, err := rec.Record(t.Context(), uptime.DefaultPolicy(), []uptime.Result{r, r}); err == nil {
		t.Error("taken")
	}
}

func TestAnOutageWritesOneIncidentItsAlertsAndADeliveryPerVerifiedContact(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	account := seedAccount(t, db, "a@example.jp", 2)
	exec(t, db, `insert into contacts (account_id, email, locale, created_at) values ($1, 'new@example.jp', 'ja', now())`, account)
	id := seedMonitor(t, db, account, "a.example.jp")
	rec := newTestRecorder(t, db, clock)
	rec.succeed(id, 2)
	rec.fail(id, 1)
	if n := one[int](t, db, `select count(*) from alert_events`); n != 0 {
		t.Fatalf("one failure made %d alerts", n)
	}
	rec.fail(id, 3)
	apply(t, db, account, uptime.Standing.Resume, id)
	if _, err := rec.Reload(t.Context(), []int64{id}); err != nil {
		t.Fatal(err)
	}
	rec.succeed(id, 2)
	kinds := one[string](t, db, `select string_agg(kind::text, ',' order by id) from alert_events`)
	if kinds != "1,3,2" {
		t.Errorf("alerts %s, want anomaly, stop, recovery", kinds)
	}
	if n := one[int](t, db, `select count(*) from deliveries`); n != 6 {
		t.Errorf("%d deliveries of 3 alerts to 2 verified contacts", n)
	}
	const incident = `select concat_ws(' ', extract(epoch from confirmed_at - started_at), extract(epoch from ended_at - started_at),
    extract(epoch from observed_until - started_at), lines::text) from incidents`
	if got := one[string](t, db, incident); got != "300.000000 1200.000000 900.000000 {1,2}" {
		t.Errorf("incident %q", got)
	}
	if n := one[int](t, db, `select count(*) from watch_gaps where to_at is not null and state = 3`); n != 1 {
		t.Errorf("%d closed gaps of the stop", n)
	}
}

func TestACommitThatCannotBeCheckedIsAnErrorUntilItCan(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	id := seedMonitor(t, db, seedAccount(t, db, "a@example.jp", 0), "a.example.jp")
	rec := newTestRecorder(t, db, clock)
	results := []uptime.Result{{Sample: uptime.Sample{At: clock.now(), Reason: uptime.Reply, Line: 1}, MonitorID: id, Generation: 1}}
	b, err := rec.judge(uptime.DefaultPolicy(), results)
	if err != nil {
		t.Fatal(err)
	}
	rec.uncertain = b // and it was rolled back
	exec(t, db, `alter table recorder_progress rename to hidden`)
	if _, err := rec.Record(t.Context(), uptime.DefaultPolicy(), results); err == nil || errors.Is(err, errStandingMoved) {
		t.Errorf("got %v", err)
	}
	exec(t, db, `alter table hidden rename to recorder_progress`)
	if _, err := rec.Record(t.Context(), uptime.DefaultPolicy(), results); err != nil {
		t.Fatal(err)
	}
	if s, _ := standingOf(t, db, id); s.GoodStreak != 1 {
		t.Errorf("streak %d", s.GoodStreak)
	}
}
