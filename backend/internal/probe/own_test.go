package probe

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"testing"
	"time"
)

// phoneBook is what names of our own services stand for.
type phoneBook map[string][]string

func (b phoneBook) find(_ context.Context, _, name string) (addrs []netip.Addr, err error) {
	texts, ok := b[name]
	if !ok {
		return nil, errors.New("no such host")
	}
	for _, t := range texts {
		addrs = append(addrs, netip.MustParseAddr(t))
	}
	return addrs, nil
}

func TestOurRelayAndDatabaseMayNotBeWatched(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	book := phoneBook{"relay.example": {"1.2.3.4", "::ffff:1.2.3.5"}, "db.example": {"2400::5"}}
	o := &ownHosts{
		names: []string{"relay.example", "db.example", "1.2.3.9"}, lookUp: book.find, now: func() time.Time { return now },
		log: slog.New(slog.DiscardHandler), seen: map[netip.Addr]time.Time{},
	}
	p := &Prober{cfg: Config{Policy: PublicPolicy(nil)}, ways: newWays(nil), own: o}
	expect := func(when string, want map[string]bool) {
		t.Helper()
		o.refresh(t.Context())
		for text, allowed := range want {
			if got := p.allows(netip.MustParseAddr(text)); got != allowed {
				t.Errorf("%s: %s allowed: %t", when, text, got)
			}
		}
	}
	expect("at first", map[string]bool{"1.2.3.4": false, "1.2.3.5": false, "1.2.3.9": false, "2400::5": false, "1.2.3.6": true})
	book["relay.example"] = []string{"1.2.3.6"}
	now = now.Add(time.Hour)
	expect("an hour after it moved", map[string]bool{"1.2.3.4": false, "1.2.3.6": false})
	delete(book, "relay.example")
	now = now.Add(ownMemory + time.Second)
	expect("while a name is not found", map[string]bool{"1.2.3.4": false, "1.2.3.6": false})
	book["relay.example"] = []string{"1.2.3.7"}
	expect("when it is found again", map[string]bool{"1.2.3.4": true, "1.2.3.6": true, "1.2.3.7": false, "2400::5": false, "1.2.3.9": false})
}

func TestOurOwnServicesAreLookedUpUntilTheProberStops(t *testing.T) {
	t.Parallel()
	o := watchOwnHosts([]string{"1.2.3.4"}, slog.New(slog.DiscardHandler))
	if !o.have(netip.MustParseAddr("1.2.3.4")) || o.have(netip.MustParseAddr("1.2.3.5")) {
		t.Error("an address is not known at once, or its neighbour is")
	}
	o.stop()
	o.stop()
	var none *ownHosts
	none.stop()
	if none.have(netip.MustParseAddr("1.2.3.4")) {
		t.Error("without services of our own something is ours")
	}
}
