package watch

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// borders are fake places: addresses abroad may not be watched, and whoever
// goes there is stopped.
type borders struct {
	tw     *town
	abroad netip.Addr
	away   bool

	mu    sync.Mutex
	asked []uptime.Move
	told  func()
}

func (b *borders) MayStand(_ context.Context, m uptime.Move) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = append(b.asked, m)
	if b.away {
		return true, errors.New("the database is away")
	}
	if m.Addr != b.abroad {
		return true, nil
	}
	b.told()
	return false, nil
}

func (b *borders) moves() (addrs []netip.Addr) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range b.asked {
		addrs = append(addrs, m.Addr)
	}
	return addrs
}

func TestANameThatMovesAbroadIsStoppedAndNeverProbedThere(t *testing.T) {
	tw := newTown(1)
	home, abroad := netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("203.0.113.9")
	tw.monitors[1].Host = "www.example.jp"
	tw.addrs = []netip.Addr{home}
	b := &borders{tw: tw, abroad: abroad}
	tw.find = func(a uptime.Attempt) uptime.Reason {
		if a.Addr != home {
			t.Errorf("%s was probed", a.Addr)
		}
		return uptime.Reply
	}
	watched(t, tw, func(c *Config) { c.Places = b }, func(w *Watch, changes chan uptime.Change) {
		b.told = func() { // the store stops the monitor and announces it
			tw.change(1, func(a *uptime.Assignment) { a.State = uptime.Stopped; a.Generation++ })
			go func() { changes <- uptime.Change{MonitorIDs: []int64{1}} }()
		}
		time.Sleep(11 * time.Minute)
		tw.mu.Lock()
		tw.addrs = []netip.Addr{abroad}
		tw.mu.Unlock()
		time.Sleep(11 * time.Minute)
		if w.Watched() != 0 {
			t.Errorf("%d monitors are still watched", w.Watched())
		}
	})
	if got := b.moves(); !slices.Equal(got, []netip.Addr{home, abroad}) {
		t.Errorf("asked about %v, want the first address and the move once each", got)
	}
	if n := len(tw.of(1)); n < 2 || n > 4 {
		t.Errorf("%d results of the 11 minutes before the move", n)
	}
}

func TestAMoveThatCannotBeCheckedIsNotProbedUntilItCan(t *testing.T) {
	tw := newTown(1)
	tw.monitors[1].Host = "www.example.jp"
	tw.addrs = []netip.Addr{netip.MustParseAddr("203.0.113.1")}
	b := &borders{tw: tw, away: true}
	watched(t, tw, func(c *Config) { c.Places = b }, func(*Watch, chan uptime.Change) {
		time.Sleep(11 * time.Minute)
		if n := len(tw.of(1)); n != 0 {
			t.Errorf("%d results while nothing was known", n)
		}
		b.mu.Lock()
		b.away = false
		b.mu.Unlock()
		time.Sleep(11 * time.Minute)
	})
	if n := len(tw.of(1)); n < 2 {
		t.Errorf("%d results afterwards", n)
	}
}

func TestAnAddressIsNotAskedAboutBecauseItIsNotNew(t *testing.T) {
	tw := newTown(2) // the second is a literal address
	home := netip.MustParseAddr("203.0.113.1")
	tw.monitors[1].Host, tw.monitors[1].Pinned, tw.monitors[1].PinnedSince = "www.example.jp", home, time.Now()
	tw.addrs = []netip.Addr{netip.MustParseAddr("192.0.2.1"), home}
	b := &borders{tw: tw}
	watched(t, tw, func(c *Config) { c.Places = b }, func(*Watch, chan uptime.Change) { time.Sleep(11 * time.Minute) })
	if got := b.moves(); got != nil {
		t.Errorf("asked about %v", got)
	}
	if len(tw.of(1)) < 2 || len(tw.of(2)) < 2 {
		t.Error("they were not probed")
	}
}
