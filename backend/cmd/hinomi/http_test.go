package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// dial starts a server with our limits and connects to it.
func dial(t *testing.T) net.Conn {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := newHTTPServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			http.Error(w, "cut", http.StatusBadRequest)
		}
	}))
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn
}

func say(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
}

func TestHugeHeadersAreRefused(t *testing.T) {
	t.Parallel()
	conn := dial(t)
	say(t, conn, "GET / HTTP/1.1\r\nHost: x\r\nX-Long: "+strings.Repeat("x", 40<<10)+"\r\n\r\n")
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || res.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Fatalf("%+v, %v", res, err)
	}
	_ = res.Body.Close()
}

func TestSlowClientsAreCut(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		first string
		limit time.Duration
	}{
		"headers": {"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", 5 * time.Second},
		"a body":  {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{", 15 * time.Second},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			conn := dial(t)
			say(t, conn, c.first)
			began := time.Now()
			if _, err := io.ReadAll(conn); err != nil {
				t.Fatalf("not cut after %s: %v", time.Since(began), err)
			}
			if took := time.Since(began); took < c.limit-time.Second {
				t.Errorf("cut after %s, want about %s", took, c.limit)
			}
		})
	}
}
