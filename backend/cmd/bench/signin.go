package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

type signinOptions struct {
	binary  string
	clients int
	rounds  int
	rest    time.Duration
	dir     string
}

func (o *signinOptions) register(f *flag.FlagSet) {
	f.StringVar(&o.binary, "hinomi", "hinomi", "the binary to measure")
	f.IntVar(&o.clients, "clients", 50, "that sign in at once, each to an account of its own")
	f.IntVar(&o.rounds, "rounds", 20, "one after the other without a pause")
	f.DurationVar(&o.rest, "rest", 30*time.Second, "without sign-ins, measured first for comparison")
	f.StringVar(&o.dir, "dir", "", "for data; empty is a temporary directory, removed at the end")
}

// The monitors that go on meanwhile.
const (
	signinMonitors = 200
	signinInterval = 3 * time.Second
	signinPassword = "the bell of the fire-watch tower" //nolint:gosec // of accounts that live for a minute
)

// signin measures how long people wait when many come at once, and whether
// watching suffers from it.
func signin(ctx context.Context, o signinOptions) (err error) {
	r := &rig{o: speedOptions{binary: o.binary, monitors: signinMonitors, interval: signinInterval}, dir: o.dir, admin: "127.0.0.1:17090"}
	if r.dir == "" {
		if r.dir, err = benchDir(); err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(r.dir) }()
	}
	if err := r.startDatabase(ctx); err != nil {
		return err
	}
	defer r.stopDatabase()
	p, err := startPeer(fmt.Sprintf("0.0.0.0:%d", peerPort))
	if err != nil {
		return err
	}
	defer func() { _ = p.Process.Kill(); _ = p.Wait() }()
	if err := r.seedThenRestart(ctx); err != nil {
		return err
	}
	defer r.stop()
	if err := r.seedPeople(ctx, o.clients); err != nil {
		return err
	}
	return r.reportSignin(ctx, o)
}

const seedPeopleSQL = `
insert into accounts (email, password_hash, role, locale, time_zone, terms_version, verified_at, created_at)
select 'person' || n || '@example.jp', $2, 'user', 'en', 'UTC', $3, now(), now()
from generate_series(1, $1::integer) n`

func (r *rig) seedPeople(ctx context.Context, people int) error {
	hash, err := account.NewHasher().Hash(ctx, signinPassword)
	if err != nil {
		return err
	}
	if _, err := r.db.ExecContext(ctx, seedPeopleSQL, people, hash, account.TermsVersion); err != nil {
		return fmt.Errorf("fill in accounts: %w", err)
	}
	return nil
}

func (r *rig) reportSignin(ctx context.Context, o signinOptions) error {
	if err := pause(ctx, 4*signinInterval); err != nil {
		return err
	}
	quiet := time.Now()
	progress("measuring for %s without sign-ins", o.rest)
	if err := pause(ctx, o.rest); err != nil {
		return err
	}
	before := pss(r.cmd.Process.Pid)
	busy := time.Now()
	progress("%d sign-ins at once, %d times", o.clients, o.rounds)
	most, end := r.watchMemory(ctx)
	took, err := rush(ctx, o)
	end()
	if err != nil {
		return err
	}
	to := time.Now()
	r.stop()
	calm, err := r.samples(ctx, quiet, busy)
	if err != nil {
		return err
	}
	full, err := r.samples(ctx, busy, to)
	if err != nil {
		return err
	}
	slices.Sort(took)
	fmt.Printf("%d monitors at %s; %d sign-ins, %d at once, in %s\n", signinMonitors, signinInterval, len(took), o.clients, to.Sub(busy).Round(100*time.Millisecond))
	fmt.Printf("a sign-in takes p50 %s, p95 %s, at most %s\n", millis(took[len(took)/2]), millis(took[len(took)*95/100]), millis(took[len(took)-1]))
	fmt.Println("gap between two checks without sign-ins", gaps(calm))
	fmt.Println("gap between two checks during them     ", gaps(full))
	fmt.Printf("memory of the server: %.0f MB before, at most %.0f MB during them\n", float64(before)/1e6, float64(*most)/1e6)
	count, wrong := tally(full)
	fmt.Printf("of %d results during them not ok: %v\n", count, wrong)
	return nil
}

func millis(d time.Duration) time.Duration { return d.Round(time.Millisecond) }

// watchMemory reads the server's memory ten times a second until end is called;
// then most is the largest that was seen.
func (r *rig) watchMemory(ctx context.Context) (most *int64, end func()) {
	most = new(int64)
	ctx, cancel := context.WithCancel(ctx)
	var reading sync.WaitGroup
	reading.Go(func() {
		for pause(ctx, 100*time.Millisecond) == nil {
			*most = max(*most, pss(r.cmd.Process.Pid))
		}
	})
	return most, func() { cancel(); reading.Wait() }
}

// rush lets all clients sign in at once, round after round, and tells how long
// each sign-in took.
func rush(ctx context.Context, o signinOptions) (took []time.Duration, err error) {
	var mu sync.Mutex
	web := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: o.clients}, Timeout: time.Minute}
	for range o.rounds {
		var coming sync.WaitGroup
		for n := range o.clients {
			coming.Go(func() {
				from := time.Now()
				fault := signInOnce(ctx, web, fmt.Sprintf("person%d@example.jp", n+1))
				mu.Lock()
				defer mu.Unlock()
				took = append(took, time.Since(from))
				if fault != nil {
					err = fault
				}
			})
		}
		coming.Wait()
		if err != nil {
			return nil, err
		}
	}
	return took, nil
}

func signInOnce(ctx context.Context, web *http.Client, email string) error {
	body, err := json.Marshal(map[string]string{"email": email, "password": signinPassword})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+rigAddr+"/api/v1/auth/login", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := web.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 1<<16))
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("sign in: %s: %s", res.Status, answer)
	}
	return err
}
