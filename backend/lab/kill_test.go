//go:build lab

package lab

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"
)

// number reads a count from the environment; the proof asks for more than CI.
func number(t testing.TB, name string, normally int) int {
	t.Helper()
	v := os.Getenv(name)
	if v == "" {
		return normally
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 {
		t.Fatalf("%s=%q is no number", name, v)
	}
	return n
}

const (
	killInterval = time.Second
	killStop     = 6 // failures that stop a monitor, so that some stop
	killHosts    = 120
)

// TestKillRounds kills the whole server at random moments under load, while
// hosts fail on a timetable and a reader reads, and then compares: every
// result that was ever readable is still there, once; the lines took strict
// turns; every monitor stands where its results put it; every alert that they
// demand was mailed, and no other.
func TestKillRounds(t *testing.T) {
	t.Parallel()
	rounds := number(t, "HINOMI_LAB_ROUNDS", 2)
	seed := uint64(number(t, "HINOMI_LAB_SEED", 1))
	rng := rand.New(rand.NewPCG(seed, 1))
	hosts := hostList("219.101.20.", killHosts)
	s := newServer(t, "kill", map[string]string{
		"HINOMI_INTERVAL": killInterval.String(), "HINOMI_PROBE_TIMEOUT": "500ms", "HINOMI_FAILURES_TO_STOP": strconv.Itoa(killStop),
		"HINOMI_SMTP_URL": slowMail(t),
	})
	s.start()
	c := s.setUp()
	watchHosts(c, hosts)

	stopTimetable := timetable(t, hosts, seed)
	defer stopTimetable()
	memory := &readMemory{seen: map[string]map[int64]string{}}
	for round := range rounds {
		s.loadUntil(c, memory, time.Duration(2000+rng.IntN(4000))*time.Millisecond)
		database := rng.IntN(3) == 0
		if database {
			s.killDatabase()
		}
		s.kill()
		s.start()
		c.login()
		memory.compare(t, c.download())
		c.want(200, "POST", "/monitors/resume", map[string]any{"all_stopped": true}, nil)
		t.Logf("round %d of %d: killed (database too: %v); %d results remembered", round+1, rounds, database, memory.count())
		if t.Failed() {
			return
		}
	}
	stopTimetable()
	settle(c, hosts)
	repeats := checkStories(t, s, c, memory.rules(killStop))
	t.Logf("seed %d: %d rounds, %d repeats", seed, rounds, repeats)
}

func hostList(prefix string, n int) []string {
	var hosts []string
	for i := range n {
		hosts = append(hosts, prefix+strconv.Itoa(i+1))
	}
	return hosts
}

func watchHosts(c *client, hosts []string) {
	c.t.Helper()
	for _, h := range hosts {
		c.watch(h, "ping", "http")
	}
}

// timetable breaks and mends hosts: each of four groups fails for a while and
// is well for a while, by the seed. The returned function ends it, with every
// host well.
func timetable(t testing.TB, hosts []string, seed uint64) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for group := range 4 {
		var mine []string
		for i := group; i < len(hosts); i += 8 {
			mine = append(mine, hosts[i]) // the other half of the hosts never fails
		}
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(seed, uint64(group)+2))
			swap, undo := silence, mend
			if group%2 == 1 {
				swap, undo = refuse, accept
			}
			for wait(ctx, time.Duration(1500+rng.IntN(4000))*time.Millisecond) {
				swap(t, mine...)
				wait(ctx, time.Duration(500+rng.IntN(8000))*time.Millisecond)
				undo(t, mine...)
			}
		})
	}
	return sync.OnceFunc(func() {
		cancel()
		wg.Wait()
	})
}

// wait gives false when ctx ended first.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// readMemory is every result that a reader was ever shown.
type readMemory struct {
	mu      sync.Mutex
	seen    map[string]map[int64]string // monitor → time in µs → result
	longest time.Duration               // effective interval
}

// rules are those of the run so far.
func (r *readMemory) rules(failuresToStop int) rules {
	r.mu.Lock()
	defer r.mu.Unlock()
	return rules{interval: killInterval, longest: max(r.longest, killInterval), failuresToStop: failuresToStop}
}

// stretched remembers the longest effective interval.
func (r *readMemory) stretched(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.longest = max(r.longest, d)
}

func (r *readMemory) add(d download) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range d.Monitors {
		id := m.Monitor.id()
		if r.seen[id] == nil {
			r.seen[id] = map[int64]string{}
		}
		for _, x := range m.Results {
			r.seen[id][x.CheckedAt.UnixMicro()] = x.Status + x.Reason + x.Line
		}
	}
}

func (r *readMemory) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, m := range r.seen {
		n += len(m)
	}
	return n
}

// compare insists that all that was ever readable still is, once and unchanged.
func (r *readMemory) compare(t testing.TB, d download) {
	t.Helper()
	now := map[string]map[int64]string{}
	for _, m := range d.Monitors {
		id := m.Monitor.id()
		now[id] = map[int64]string{}
		for _, x := range m.Results {
			if _, twice := now[id][x.CheckedAt.UnixMicro()]; twice {
				t.Errorf("%s %s: %v is there twice", m.Monitor.Host, m.Monitor.Service, x)
			}
			now[id][x.CheckedAt.UnixMicro()] = x.Status + x.Reason + x.Line
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, results := range r.seen {
		for at, what := range results {
			if now[id][at] != what {
				t.Errorf("monitor %s: the result %q of %s was readable and is %q now", id, what, time.UnixMicro(at).UTC().Format("15:04:05.000"), now[id][at])
			}
		}
	}
}

// loadUntil lets the server work for d, with a reader running.
func (s *server) loadUntil(c *client, memory *readMemory, d time.Duration) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	for wait(ctx, 300*time.Millisecond) {
		memory.add(c.download())
		memory.stretched(c.effectiveInterval())
		if !s.running() {
			s.t.Fatalf("%s: the server ended by itself: %v\n%s", s.name, s.cmd.ProcessState, s.tail(40))
		}
	}
}

// settle resumes what is stopped and waits until everything is up and its
// mails are sent.
func settle(c *client, hosts []string) {
	c.t.Helper()
	c.want(200, "POST", "/monitors/resume", map[string]any{"all_stopped": true}, nil)
	until(c.t, 60*time.Second, "everything to be up", func() (bool, string) {
		up := 0
		var last string
		for _, m := range c.monitors() {
			if m.Verdict == "up" && m.State == "active" {
				up++
			} else {
				last = m.String()
			}
		}
		return up == 2*len(hosts), fmt.Sprintf("%d of %d up; %s", up, 2*len(hosts), last)
	})
}

// stories reads every monitor with its results. Measuring goes on meanwhile,
// so a monitor is read again until no result came in between.
func stories(c *client) []story {
	c.t.Helper()
	var all []story
	for _, m := range c.monitors() {
		id := m.id()
		until(c.t, 20*time.Second, "a moment between two results of "+m.Host, func() (bool, string) {
			results := c.results(id)
			m = c.monitor(id)
			if len(results) == 0 || m.CheckedAt == nil || !m.CheckedAt.Equal(results[len(results)-1].CheckedAt) {
				return false, m.String()
			}
			all = append(all, story{monitor: m, results: results})
			return true, ""
		})
	}
	return all
}

// checkStories judges all recorded results again and compares with the
// monitors and with the mails. Everything must be up, so that nothing new is
// owed meanwhile.
func checkStories(t testing.TB, s *server, c *client, ru rules) (repeats int) {
	t.Helper()
	ru.longest = max(ru.longest, c.effectiveInterval())
	all := stories(c)
	alerts := 0
	deadline := time.Now().Add(60 * time.Second)
	var faults []string
	until(t, 90*time.Second, "all mails", func() (bool, string) {
		var about map[string][]string
		about, repeats = mailedAbout(t, letters(t, s.contact))
		alerts, faults = 0, nil
		for _, one := range all {
			one.mailed = about[one.monitor.Host+" "+one.monitor.Service]
			alerts += len(one.mailed)
			if f := ru.fault(one); f != "" {
				faults = append(faults, f)
			}
		}
		return len(faults) == 0 || time.Now().After(deadline), fmt.Sprintf("%d faults", len(faults))
	})
	for _, f := range faults[:min(len(faults), 20)] {
		t.Error(f)
	}
	if len(faults) > 20 {
		t.Errorf("and %d more", len(faults)-20)
	}
	if alerts == 0 {
		t.Errorf("no alert was mailed: this run proves nothing")
	}
	t.Logf("%d monitors, %d alerts mailed, %d mails came again under their own Message-ID, longest effective interval %v",
		len(all), alerts, repeats, ru.longest)
	return repeats
}

// effectiveInterval is what the service says of itself.
func (c *client) effectiveInterval() time.Duration {
	c.t.Helper()
	var service struct {
		Effective float64 `json:"effective_interval_seconds"`
	}
	c.want(200, "GET", "/service", nil, &service)
	if service.Effective <= 0 {
		c.t.Errorf("effective interval %v", service.Effective)
	}
	return time.Duration(service.Effective * float64(time.Second))
}
