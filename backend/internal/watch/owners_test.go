package watch

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// ownerBook has looks that are due, and keeps what was found.
type ownerBook struct {
	mu            sync.Mutex
	proofs, names []uptime.OwnerLook
	claimed       int // looks at most, of one claim
	evidence      map[int64]uptime.Evidence
	found         map[int64]uptime.OwnerFound
	at            int // records under way
	most          int
	fail          error
}

func (b *ownerBook) ClaimProofs(_ context.Context, limit int) ([]uptime.OwnerLook, error) {
	b.claimed = max(b.claimed, limit)
	return b.proofs, b.fail
}

func (b *ownerBook) ClaimOwners(_ context.Context, limit int) ([]uptime.OwnerLook, error) {
	b.claimed = max(b.claimed, limit)
	return b.names, nil
}

func (b *ownerBook) record(f func()) error {
	b.mu.Lock()
	b.at++
	b.most = max(b.most, b.at)
	b.mu.Unlock()
	time.Sleep(time.Millisecond) // of the bubble's clock
	b.mu.Lock()
	defer b.mu.Unlock()
	b.at--
	f()
	return nil
}

func (b *ownerBook) RecordProof(_ context.Context, l uptime.OwnerLook, e uptime.Evidence) error {
	if l.TargetID == 13 {
		return errors.New("out of luck")
	}
	return b.record(func() { b.evidence[l.TargetID] = e })
}

func (b *ownerBook) RecordOwner(_ context.Context, l uptime.OwnerLook, f uptime.OwnerFound) error {
	return b.record(func() { b.found[l.TargetID] = f })
}

// ownerWorld answers by hosts: one that hangs answers when it is given up.
type ownerWorld struct{}

func (ownerWorld) Owner(ctx context.Context, c uptime.Challenge) uptime.Evidence {
	if c.Host == "hangs.test" {
		<-ctx.Done()
	}
	return uptime.Evidence{DNS: c.Host == "mine.test"}
}

func (ownerWorld) Allows(_ context.Context, host string) uptime.OwnerFound {
	return uptime.OwnerFound{Known: true, Denied: host == "denies.test", Addrs: []netip.Addr{netip.MustParseAddr("192.0.2.1")}}
}

func ownerLook(id int64, host string) uptime.OwnerLook {
	return uptime.OwnerLook{TargetID: id, Challenge: uptime.NewChallenge(nil, host)}
}

func ownersOf(b *ownerBook, mailed *int, log *strings.Builder) Owners {
	b.evidence, b.found = map[int64]uptime.Evidence{}, map[int64]uptime.OwnerFound{}
	return Owners{Book: b, Prober: ownerWorld{}, Mailed: func() { *mailed++ }, Log: slog.New(slog.NewTextHandler(log, nil))}
}

func TestOwnersAreAskedAtOnceAndKeptOneAfterTheOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &ownerBook{
			proofs: []uptime.OwnerLook{ownerLook(1, "mine.test"), ownerLook(13, "mine.test"), ownerLook(2, "lost.test")},
			names:  []uptime.OwnerLook{ownerLook(3, "denies.test"), ownerLook(4, "allows.test")},
		}
		var mailed int
		var log strings.Builder
		if err := ownersOf(b, &mailed, &log).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(b.evidence) != 2 || !b.evidence[1].DNS || b.evidence[2].DNS || len(b.found) != 2 || !b.found[3].Denied || b.found[4].Denied {
			t.Errorf("evidence %+v, found %+v", b.evidence, b.found)
		}
		if b.most != 1 || mailed != 1 || b.claimed > 100 {
			t.Errorf("%d records at once, mailed %d times, %d looks at once", b.most, mailed, b.claimed)
		}
		if !strings.Contains(log.String(), "out of luck") {
			t.Errorf("log %s", log.String())
		}
	})
}

func TestARoundEndsBeforeTheNext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &ownerBook{proofs: []uptime.OwnerLook{ownerLook(1, "hangs.test"), ownerLook(2, "mine.test")}}
		var mailed int
		var log strings.Builder
		began := time.Now()
		if err := ownersOf(b, &mailed, &log).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took >= time.Minute {
			t.Errorf("took %v", took)
		}
		if _, kept := b.evidence[1]; kept || !b.evidence[2].DNS {
			t.Errorf("kept %+v: what was broken off is no finding", b.evidence)
		}
	})
}

func TestNothingDueMailsNothing(t *testing.T) {
	t.Parallel()
	var mailed int
	var log strings.Builder
	b := &ownerBook{}
	if err := ownersOf(b, &mailed, &log).Run(t.Context()); err != nil || mailed != 0 {
		t.Errorf("mailed %d times, %v", mailed, err)
	}
	b.fail = errors.New("away")
	if err := ownersOf(b, &mailed, &log).Run(t.Context()); !errors.Is(err, b.fail) {
		t.Errorf("error %v", err)
	}
}
