package api

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

func TestAReaderThatStandsStillHoldsNothing(t *testing.T) {
	t.Parallel()
	ended := make(chan error, 1)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w := newLateWriter(rw, func() { rw.WriteHeader(http.StatusOK) })
		defer w.rest()
		w.patience = 200 * time.Millisecond
		for {
			if _, err := io.WriteString(w, strings.Repeat("x", 64<<10)); err != nil {
				ended <- err
				return
			}
			if r.Context().Err() != nil {
				ended <- fmt.Errorf("the reader went, instead of being given up: %w", r.Context().Err())
				return
			}
		}
	}))
	t.Cleanup(server.Close)
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("ended by %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Error("the handler still writes to somebody who does not read")
	}
}

func TestAConnectionLivesOnAfterAStream(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		w := newLateWriter(rw, func() { rw.WriteHeader(http.StatusOK) })
		defer w.rest()
		_, _ = io.WriteString(w, "x")
		w.until(time.Now().Add(-time.Second))
	}))
	t.Cleanup(server.Close)
	for range 3 {
		res, err := server.Client().Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(res.Body); err != nil || string(body) != "x" {
			t.Errorf("%q, %v", body, err)
		}
		_ = res.Body.Close()
	}
}
