//go:build lab

package lab

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// owned is a target with what proves it.
type owned struct {
	ID       json.Number `json:"id"`
	Monitors []monitor   `json:"monitors"`
	Proof    struct {
		State       string  `json:"state"`
		Method      *string `json:"method"`
		DNSName     string  `json:"dns_name"`
		DNSValue    string  `json:"dns_value"`
		HTTPURL     string  `json:"http_url"`
		HTTPContent string  `json:"http_content"`
	} `json:"proof"`
}

// listenIn listens on an address of another namespace of the lab.
func listenIn(t *testing.T, space, addr string) net.Listener {
	t.Helper()
	type outcome struct {
		l   net.Listener
		err error
	}
	done := make(chan outcome)
	go func() {
		runtime.LockOSThread() // for good: the thread ends with the goroutine
		f, err := os.Open("/run/netns/" + env(t, "HINOMI_LAB_PREFIX") + space)
		if err != nil {
			done <- outcome{nil, err}
			return
		}
		defer f.Close()
		if err := unix.Setns(int(f.Fd()), unix.CLONE_NEWNET); err != nil {
			done <- outcome{nil, err}
			return
		}
		l, err := net.Listen("tcp", addr)
		done <- outcome{l, err}
	}()
	o := <-done
	if o.err != nil {
		t.Fatal(o.err)
	}
	t.Cleanup(func() { o.l.Close() })
	return o.l
}

// newOwned is what registers a host.
func newOwned(host string) map[string]any {
	return map[string]any{"host": host, "services": []string{"ping"}, "owned": true}
}

// TestProof proves hosts to a server for which nothing is watched without: by
// DNS and by a file, over its lines. One whose owner opts out is refused.
func TestProof(t *testing.T) {
	names := newTurner(t)
	s := newServer(t, "proof", map[string]string{"HINOMI_RESOLVERS": names.addr, "HINOMI_REQUIRE_PROOF": "always"})
	s.start()
	c := s.setUp()
	hosts := map[string]string{"dns": "219.101.19.201", "http": shut, "none": "219.101.19.203", "denies": "219.101.19.204"}
	for name, addr := range hosts {
		names.add(name+".proof."+zone, turning{public: addr})
	}
	names.add("_hinomi.denies.proof."+zone, turning{text: "deny"})
	var refusal struct {
		Code string `json:"code"`
	}
	c.want(422, "POST", "/targets", newOwned("denies.proof."+zone), &refusal)
	if refusal.Code != "host_denied" {
		t.Errorf("refused as %s", refusal.Code)
	}
	made := map[string]owned{}
	for _, name := range []string{"dns", "http", "none"} {
		var o owned
		c.want(201, "POST", "/targets", newOwned(name+".proof."+zone), &o)
		if o.Monitors[0].State != "paused" {
			t.Errorf("%s is watched without proof: %v", name, o.Monitors[0])
		}
		made[name] = o
	}
	names.add(made["dns"].Proof.DNSName, turning{text: made["dns"].Proof.DNSValue})
	asked := make(chan string, 100)
	file := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- "http://" + r.Host + r.URL.Path
		_, _ = fmt.Fprintln(w, made["http"].Proof.HTTPContent)
	})}
	web := listenIn(t, "shut", shut+":80")
	go func() { _ = file.Serve(web) }()
	t.Cleanup(func() { file.Close() })

	for name, state := range map[string]string{"dns": "proven", "http": "proven", "none": "pending"} {
		var o owned
		c.want(200, "POST", "/targets/"+made[name].ID.String()+"/proof", nil, &o)
		if o.Proof.State != state || state == "proven" && *o.Proof.Method != name {
			t.Errorf("%s: %+v", name, o.Proof)
		}
	}
	if url := <-asked; url != made["http"].Proof.HTTPURL {
		t.Errorf("asked for %s, want %s", url, made["http"].Proof.HTTPURL)
	}
	c.untilMonitor(made["http"].Monitors[0].id(), 30*time.Second, "watched once it is proven", func(m monitor) bool {
		return m.State == "active" && m.Status == "ok"
	})
	if m := c.monitor(made["none"].Monitors[0].id()); m.State != "paused" || m.Status != "" {
		t.Errorf("watched without proof: %v", m)
	}
}
