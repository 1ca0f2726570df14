//go:build lab

package lab

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"
)

// nightlySteps are the steps of the job that packs finished days.
const nightlySteps = 5

// TestKillNightly lets the server's clock jump to the next day and kills the
// server after each step of the nightly job, with readers running: every
// sample stays readable, once.
func TestKillNightly(t *testing.T) {
	t.Parallel()
	hosts := hostList("219.101.23.", 12)
	s := newServer(t, "nightly", map[string]string{
		"HINOMI_INTERVAL": killInterval.String(), "HINOMI_PROBE_TIMEOUT": "500ms", "HINOMI_FAILURES_TO_STOP": "0",
	})
	s.start()
	c := s.setUp()
	watchHosts(c, hosts)
	untilResults(c, 30)
	for i, m := range c.monitors() {
		if i%2 == 0 { // the buffers of paused monitors must be flushed too
			c.want(200, "POST", "/monitors/"+m.id()+"/pause", nil, nil)
		}
	}
	memory := &readMemory{seen: map[string]map[int64]string{}}
	memory.add(c.download())
	s.stop()
	if memory.count() < 30*2*len(hosts) {
		t.Fatalf("only %d results to begin with", memory.count())
	}
	const tomorrow = "HINOMI_FAULT_CLOCK=+26h"
	reads := 0
	for step := 1; step <= nightlySteps; step++ {
		s.launch(tomorrow, fmt.Sprintf("HINOMI_FAULT=nightly:%d", step))
		n := s.readUntilDeath(t, memory)
		t.Logf("killed after step %d, %d whole reads before", step, n)
		reads += n
	}
	s.start(tomorrow)
	c.login()
	memory.compare(t, c.download())
	if reads == 0 {
		t.Errorf("no reader saw the job at work")
	}
}

// readUntilDeath reads everything over and over until the server has killed
// itself, and gives how many reads were whole.
func (s *server) readUntilDeath(t *testing.T, memory *readMemory) int {
	t.Helper()
	var wg sync.WaitGroup
	var mu sync.Mutex
	reads := 0
	for range 2 {
		wg.Go(func() {
			c := s.client(s.contact)
			for s.running() {
				d, ok := c.tryDownload()
				if !ok {
					continue
				}
				memory.compare(t, d)
				mu.Lock()
				reads++
				mu.Unlock()
			}
		})
	}
	select {
	case <-s.exited:
	case <-time.After(90 * time.Second):
		s.kill()
		t.Errorf("the nightly job did not reach the step in 90 s")
	}
	wg.Wait()
	return reads
}

// tryDownload signs in when needed and reads all results; ok is false when the
// server did not give a whole answer.
func (c *client) tryDownload() (d download, ok bool) {
	if c.token == "" {
		var in struct {
			AccessToken string `json:"access_token"`
		}
		status, content, err := c.do("POST", "/auth/login", map[string]any{"email": c.email, "password": password})
		if err != nil || status != 200 || json.Unmarshal(content, &in) != nil {
			return d, false
		}
		c.token = in.AccessToken
	}
	status, content, err := c.do("GET", "/report/download?format=json&part=results", nil)
	return d, err == nil && status == 200 && json.Unmarshal(content, &d) == nil
}
