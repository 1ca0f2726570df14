package postgres

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/lib/pq"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// apply makes a change to monitors in a transaction of its own.
func apply(t *testing.T, db *DB, account int64, f change, ids ...int64) []int64 {
	t.Helper()
	var changed []int64
	err := db.inTx(t.Context(), "change standings", func(tx txn) (err error) {
		changed, err = changeStandings(t.Context(), tx, account, ids, f)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

func TestPauseAndResumeWriteOneGapAndRaiseTheGeneration(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	account := seedAccount(t, db, "a@example.jp", 0)
	id := seedMonitor(t, db, account, "a.example.jp")
	first, version := standingOf(t, db, id)
	if changed := apply(t, db, account, uptime.Standing.Pause, id); !slices.Equal(changed, []int64{id}) {
		t.Errorf("pause changed %v", changed)
	}
	clock.pass(time.Hour)
	if changed := apply(t, db, account, uptime.Standing.Pause, id); changed != nil {
		t.Errorf("the second pause changed %v", changed)
	}
	if changed := apply(t, db, account, uptime.Standing.Resume, id); !slices.Equal(changed, []int64{id}) {
		t.Errorf("resume changed %v", changed)
	}
	s, after := standingOf(t, db, id)
	if s.State != uptime.Active || s.Generation != first.Generation+2 || !s.ResumedAt.Equal(clock.now()) || !s.StoppedAt.IsZero() {
		t.Errorf("standing %+v", s)
	}
	if after != version+2 {
		t.Errorf("version %d, want %d", after, version+2)
	}
	gap := one[string](t, db, `select string_agg(to_at - from_at || '/' || state, ' ') from watch_gaps where monitor_id = $1`, id)
	if gap != "01:00:00/2" {
		t.Errorf("gaps %q, want one of an hour, paused", gap)
	}
}

func TestPauseLeavesAnOpenIncidentWithTheTimeItWasSeenFailing(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	account := seedAccount(t, db, "a@example.jp", 0)
	id := seedMonitor(t, db, account, "a.example.jp")
	rec := newTestRecorder(t, db, clock)
	rec.fail(id, 2)
	clock.pass(time.Minute)
	paused := clock.now()
	apply(t, db, account, uptime.Standing.Pause, id)
	got := one[time.Time](t, db, `select observed_until from incidents where monitor_id = $1 and ended_at is null`, id)
	if !got.Equal(paused) {
		t.Errorf("observed until %v, want %v", got, paused)
	}
	if s, _ := standingOf(t, db, id); !s.ObservedUntil.Equal(paused) {
		t.Errorf("standing observed until %v, want %v", s.ObservedUntil, paused)
	}
}

func TestTwoResumesAtOnceAreOne(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	account := seedAccount(t, db, "a@example.jp", 0)
	id := seedMonitor(t, db, account, "a.example.jp")
	apply(t, db, account, uptime.Standing.Pause, id)
	_, version := standingOf(t, db, id)
	var mu sync.Mutex
	var changed int
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			n := len(apply(t, db, account, uptime.Standing.Resume, id))
			mu.Lock()
			defer mu.Unlock()
			changed += n
		})
	}
	wg.Wait()
	if _, after := standingOf(t, db, id); changed != 1 || after != version+1 {
		t.Errorf("%d resumes changed it, version %d → %d", changed, version, after)
	}
}

func TestAnotherAccountsMonitorsAreLeftAlone(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	owner, stranger := seedAccount(t, db, "a@example.jp", 0), seedAccount(t, db, "b@example.jp", 0)
	id := seedMonitor(t, db, owner, "a.example.jp")
	if changed := apply(t, db, stranger, uptime.Standing.Pause, id); changed != nil {
		t.Errorf("changed %v", changed)
	}
	if s, _ := standingOf(t, db, id); s.State != uptime.Active {
		t.Errorf("state %v", s.State)
	}
}

func TestAUsersChangeOverTakesTheRecordersMemory(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	account := seedAccount(t, db, "a@example.jp", 0)
	id := seedMonitor(t, db, account, "a.example.jp")
	rec := newTestRecorder(t, db, clock)
	rec.fail(id, 1)
	apply(t, db, account, uptime.Standing.Pause, id)
	rec.fail(id, 1)
	if s, _ := standingOf(t, db, id); s.State != uptime.Paused || s.BadStreak != 1 {
		t.Errorf("standing %+v, want it paused with the streak it had", s)
	}
}

func TestBlocksSumUpTheActiveMonitorsAsTheWatchmanDoes(t *testing.T) {
	t.Parallel()
	db, clock := newDB(t)
	account := seedAccount(t, db, "a@example.jp", 0)
	paused := seedMonitor(t, db, account, "a.example.jp")
	resumed := seedMonitor(t, db, account, "b.example.jp")
	exec(t, db, `alter sequence monitors_id_seq restart with 2000005`)
	far := seedMonitor(t, db, account, "c.example.jp")
	apply(t, db, account, uptime.Standing.Pause, paused, resumed)
	apply(t, db, account, uptime.Standing.Resume, resumed)
	rec := newTestRecorder(t, db, clock)
	want := map[int64]uptime.ActiveBlock{}
	for id, generation := range map[int64]int32{resumed: 3, far: 1} {
		block := want[id/uptime.ActiveBlockIDs]
		block.Add(id, generation, 1)
		want[id/uptime.ActiveBlockIDs] = block
		active, err := rec.Active(t.Context(), id/uptime.ActiveBlockIDs)
		if err != nil || !slices.Equal(active, []uptime.ActiveMonitor{{ID: id, Generation: generation}}) {
			t.Errorf("active in the block of %d: %v, %v", id, active, err)
		}
	}
	if got, err := rec.ActiveBlocks(t.Context()); err != nil || !maps.Equal(got, want) {
		t.Errorf("blocks %v, %v, want %v", got, err, want)
	}
}

// listen collects announcements until the test ends.
func listen(t *testing.T, db *DB) <-chan *pq.Notification {
	t.Helper()
	l := pq.NewListener(db.url, time.Second, time.Second, nil)
	t.Cleanup(func() { _ = l.Close() })
	if err := l.Listen(WatchChannel); err != nil {
		t.Fatal(err)
	}
	return l.NotificationChannel()
}

func nextAnnouncement(ctx context.Context, t *testing.T, c <-chan *pq.Notification) Announcement {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	select {
	case n := <-c:
		var a Announcement
		if err := json.Unmarshal([]byte(n.Extra), &a); err != nil {
			t.Fatal(err)
		}
		return a
	case <-ctx.Done():
		t.Fatal("nothing was announced")
		return Announcement{}
	}
}

func TestChangesAreAnnouncedOnceATransaction(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	heard := listen(t, db)
	account := seedAccount(t, db, "a@example.jp", 0)
	_, ids := seedTarget(t, db, account, "a.example.jp", uptime.Services()...)
	if a := nextAnnouncement(t.Context(), t, heard); a.Kind != "monitors" || !slices.Equal(a.IDs, ids) {
		t.Errorf("creation: %+v, want %v", a, ids)
	}
	apply(t, db, account, uptime.Standing.Resume, ids...) // all active: nothing to announce
	apply(t, db, account, uptime.Standing.Pause, ids[1], ids[0])
	if a := nextAnnouncement(t.Context(), t, heard); !slices.Equal(a.IDs, ids[:2]) {
		t.Errorf("pause: %+v, want %v", a, ids[:2])
	}
}

func TestManyChangesAreAnnouncedAsAll(t *testing.T) {
	t.Parallel()
	db, _ := newDB(t)
	heard := listen(t, db)
	many := make([]int64, 2000)
	for i := range many {
		many[i] = int64(i) + 1_000_000
	}
	if err := db.inTx(t.Context(), "announce", func(tx txn) error { return announce(t.Context(), tx, many) }); err != nil {
		t.Fatal(err)
	}
	if a := nextAnnouncement(t.Context(), t, heard); a.Kind != "all" || a.IDs != nil {
		t.Errorf("%+v, want all", a)
	}
}
