package watch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// shelf is a fake book of stops.
type shelf struct {
	mu    sync.Mutex
	due   []uptime.Look
	err   error
	found []uptime.Looked
	again int
	limit int
}

func (s *shelf) ClaimLooks(_ context.Context, every time.Duration, limit int) (due []uptime.Look, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if every != time.Hour {
		return nil, fmt.Errorf("every %s", every)
	}
	s.limit = limit
	due, s.due = s.due, nil
	return due, s.err
}

func (s *shelf) RecordLooks(_ context.Context, found []uptime.Looked) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.found = append(s.found, found...)
	return s.again, s.err
}

// dead is a monitor that is due for a look.
func dead(id int64, host string) uptime.Look {
	return uptime.Look{MonitorID: id, TargetID: id, Host: host, Service: uptime.HTTP, Port: 80}
}

// rechecked runs one round over a town.
func rechecked(t *testing.T, tw *town, s *shelf, change func(*RecheckConfig)) (mailed int, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		cfg := RecheckConfig{
			Book: s, Prober: tw, Lines: []uptime.LineID{1, 2}, Every: time.Hour, Mailed: func() { mailed++ }, Log: slog.New(slog.DiscardHandler),
		}
		if change != nil {
			change(&cfg)
		}
		r, newErr := NewRecheck(cfg)
		if newErr != nil {
			t.Fatal(newErr)
		}
		defer r.Close()
		err = r.Run(t.Context())
	})
	return mailed, err
}

func TestAStoppedMonitorIsLookedAtOverTheNextLine(t *testing.T) {
	tw := newTown(0)
	var mu sync.Mutex
	asked := map[string]uptime.LineID{}
	tw.find = func(a uptime.Attempt) uptime.Reason {
		mu.Lock()
		defer mu.Unlock()
		asked[a.Addr.String()] = a.Line
		if a.Service != uptime.HTTP || a.Port != 80 {
			t.Errorf("attempt %+v", a)
		}
		return uptime.Connected
	}
	tw.addrs = []netip.Addr{netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("203.0.113.2")}
	s := &shelf{again: 1, due: []uptime.Look{dead(1, "www.example.jp"), dead(2, "www.example.jp")}}
	s.due[0].Pinned, s.due[0].LastLine = netip.MustParseAddr("203.0.113.2"), 1
	s.due[1].Pinned, s.due[1].LastLine = netip.MustParseAddr("203.0.113.9"), 2 // not any more
	mailed, err := rechecked(t, tw, s, nil)
	if err != nil || mailed != 1 || s.limit != looksAtOnce {
		t.Fatalf("mailed %d, limit %d, %v", mailed, s.limit, err)
	}
	if asked["203.0.113.2"] != 2 || asked["203.0.113.1"] != 1 || len(asked) != 2 {
		t.Errorf("asked %v", asked)
	}
	for _, l := range s.found {
		if l.Status != uptime.OK || l.Line != asked[map[int64]string{1: "203.0.113.2", 2: "203.0.113.1"}[l.MonitorID]] {
			t.Errorf("found %+v", l)
		}
	}
}

func TestWhatALookFindsIsTheTargetsAndNotOurs(t *testing.T) {
	for reason, want := range map[uptime.Reason]uptime.Status{
		uptime.Connected: uptime.OK, uptime.Refused: uptime.NG, uptime.Timeout: uptime.WR, uptime.LineDown: uptime.Unknown, uptime.Overload: uptime.Unknown,
	} {
		tw := newTown(0)
		tw.addrs = []netip.Addr{netip.MustParseAddr("203.0.113.1")}
		tw.find = func(uptime.Attempt) uptime.Reason { return reason }
		s := &shelf{due: []uptime.Look{dead(1, "www.example.jp")}}
		if mailed, err := rechecked(t, tw, s, nil); err != nil || mailed != 0 || len(s.found) != 1 || s.found[0].Status != want {
			t.Errorf("%s: %+v, mailed %d, %v", reason, s.found, mailed, err)
		}
	}
	s := &shelf{due: []uptime.Look{dead(1, "gone.example.jp")}}
	if _, err := rechecked(t, newTown(0), s, nil); err != nil || len(s.found) != 1 || !s.found[0].Status.Failure() || s.found[0].Line != 1 {
		t.Errorf("a name that is gone: %+v, %v", s.found, err)
	}
	tw := newTown(0)
	tw.broken[1], tw.broken[2] = true, true
	s = &shelf{due: []uptime.Look{dead(1, "www.example.jp")}}
	s.due[0].LastLine = 2
	if _, err := rechecked(t, tw, s, nil); err != nil || len(s.found) != 1 || s.found[0].Status != uptime.Unknown || s.found[0].Line != 2 {
		t.Errorf("without a line: %+v, %v", s.found, err)
	}
}

func TestNobodyIsLookedAtAbroad(t *testing.T) {
	tw := newTown(0)
	home, abroad := netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("203.0.113.9")
	tw.addrs = []netip.Addr{abroad}
	tw.find = func(a uptime.Attempt) uptime.Reason {
		t.Errorf("%s was probed", a.Addr)
		return uptime.Reply
	}
	s := &shelf{due: []uptime.Look{dead(1, "www.example.jp")}}
	s.due[0].Pinned = home
	b := &borders{tw: tw, abroad: abroad, told: func() {}}
	if _, err := rechecked(t, tw, s, func(c *RecheckConfig) { c.Places = b }); err != nil || len(s.found) != 1 || s.found[0].Status != uptime.Unknown {
		t.Errorf("%+v, %v", s.found, err)
	}
	if !slices.Equal(b.moves(), []netip.Addr{abroad}) {
		t.Errorf("asked about %v", b.moves())
	}
}

func TestWhatCannotBeRecordedMailsNobody(t *testing.T) {
	tw := newTown(0)
	tw.addrs = []netip.Addr{netip.MustParseAddr("203.0.113.1")}
	s := &shelf{again: 1, err: errors.New("the database is away"), due: []uptime.Look{dead(1, "www.example.jp")}}
	if mailed, err := rechecked(t, tw, s, nil); err == nil || mailed != 0 || len(s.found) != 0 {
		t.Errorf("mailed %d, found %v, %v", mailed, s.found, err)
	}
}

func TestALookThatIsBrokenOffRecordsNothing(t *testing.T) {
	tw := newTown(0)
	tw.addrs = []netip.Addr{netip.MustParseAddr("203.0.113.1")}
	tw.takes = time.Hour
	s := &shelf{due: []uptime.Look{dead(1, "www.example.jp")}}
	synctest.Test(t, func(t *testing.T) {
		r, err := NewRecheck(RecheckConfig{Book: s, Prober: tw, Lines: []uptime.LineID{1}, Every: time.Hour, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		ended := make(chan error, 1)
		go func() { ended <- r.Run(t.Context()) }()
		synctest.Wait()
		r.Close()
		if err := <-ended; !errors.Is(err, context.Canceled) || time.Since(began) > time.Second {
			t.Errorf("ended after %v with %v", time.Since(began), err)
		}
		time.Sleep(2 * time.Hour) // the probe ends as well
	})
	if len(s.found) != 0 {
		t.Errorf("found %+v", s.found)
	}
}

func TestARecheckNeedsALineAndATime(t *testing.T) {
	t.Parallel()
	for _, cfg := range []RecheckConfig{{Every: time.Hour}, {Lines: []uptime.LineID{1}}} {
		if _, err := NewRecheck(cfg); err == nil {
			t.Errorf("%+v was taken", cfg)
		}
	}
}
