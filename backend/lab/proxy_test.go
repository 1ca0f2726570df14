//go:build lab

package lab

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"sync"
	"testing"
)

// proxy stands between hinomi and PostgreSQL. It understands enough of the
// protocol (PostgreSQL manual, chapter 55) to cut a connection after the
// server has committed and before the answer is passed on.
type proxy struct {
	listener net.Listener
	backend  string // unix socket

	mu    sync.Mutex
	away  bool // refuse and cut everything
	arm   bool // cut the next commit that wrote results
	cuts  int  // how many were cut
	conns map[net.Conn]struct{}
	wg    sync.WaitGroup
}

func startProxy(t testing.TB, backend string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l, backend: backend, conns: map[net.Conn]struct{}{}}
	p.wg.Go(p.serve)
	t.Cleanup(func() {
		l.Close()
		p.setAway(true)
		p.wg.Wait()
	})
	return p
}

// setAway takes the database away, cutting every connection, or gives it back.
func (p *proxy) setAway(away bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.away = away
	if away {
		for c := range p.conns {
			c.Close()
		}
	}
}

// cutNext arms the proxy.
func (p *proxy) cutNext() { p.mu.Lock(); p.arm = true; p.mu.Unlock() }

func (p *proxy) cutSoFar() int { p.mu.Lock(); defer p.mu.Unlock(); return p.cuts }

func (p *proxy) serve() {
	for {
		front, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.wg.Go(func() { p.connect(front) })
	}
}

func (p *proxy) connect(front net.Conn) {
	defer front.Close()
	back, err := net.Dial("unix", p.backend)
	if err != nil {
		return
	}
	defer back.Close()
	p.mu.Lock()
	if p.away {
		p.mu.Unlock()
		return
	}
	p.conns[front], p.conns[back] = struct{}{}, struct{}{}
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.conns, front)
		delete(p.conns, back)
		p.mu.Unlock()
	}()
	var cut cutting
	p.wg.Go(func() {
		defer front.Close()
		defer back.Close()
		p.answers(front, back, &cut)
	})
	p.questions(front, back, &cut)
}

// cutting is what both directions of a connection share.
type cutting struct {
	mu  sync.Mutex
	now bool // the next answer is dropped, and the connection with it
}

func (c *cutting) set() { c.mu.Lock(); c.now = true; c.mu.Unlock() }

func (c *cutting) get() bool { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

// questions passes on what hinomi sends and watches for the COMMIT of a
// transaction that wrote results.
func (p *proxy) questions(front, back net.Conn, cut *cutting) {
	if err := passStartup(front, back); err != nil {
		return
	}
	recording := false
	for {
		kind, body, err := readMessage(front)
		if err != nil {
			return
		}
		switch {
		case bytes.Contains(bytes.ToLower(body), []byte("update recorder_progress")):
			recording = true
		case isCommit(kind, body):
			if recording && p.takeCut() {
				cut.set()
			}
			recording = false
		}
		if err := writeMessage(back, kind, body); err != nil {
			return
		}
	}
}

// takeCut tells whether the proxy was armed, and disarms it.
func (p *proxy) takeCut() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.arm {
		return false
	}
	p.arm = false
	p.cuts++
	return true
}

// isCommit: a simple query "COMMIT", as lib/pq sends it.
func isCommit(kind byte, body []byte) bool {
	return kind == 'Q' && bytes.EqualFold(bytes.TrimRight(body, "\x00; "), []byte("commit"))
}

// answers passes on what PostgreSQL says, but for the answer to a commit that
// is cut: that one has come, so the commit is done, and nobody hears of it.
func (p *proxy) answers(front, back net.Conn, cut *cutting) {
	for {
		kind, body, err := readMessage(back)
		if err != nil {
			return
		}
		if kind == 'C' && cut.get() && bytes.HasPrefix(body, []byte("COMMIT")) {
			return
		}
		if err := writeMessage(front, kind, body); err != nil {
			return
		}
	}
}

// passStartup passes on the first message, which has no kind, and answers an
// SSL request with "no".
func passStartup(front, back net.Conn) error {
	const sslRequest, gssRequest = 80877103, 80877104
	for {
		var head [8]byte
		if _, err := io.ReadFull(front, head[:]); err != nil {
			return err
		}
		length, code := binary.BigEndian.Uint32(head[:]), binary.BigEndian.Uint32(head[4:])
		if code == sslRequest || code == gssRequest {
			if _, err := front.Write([]byte("N")); err != nil {
				return err
			}
			continue
		}
		rest := make([]byte, length-8)
		if _, err := io.ReadFull(front, rest); err != nil {
			return err
		}
		_, err := back.Write(append(head[:], rest...))
		return err
	}
}

func readMessage(r io.Reader) (kind byte, body []byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	body = make([]byte, binary.BigEndian.Uint32(head[1:])-4)
	_, err = io.ReadFull(r, body)
	return head[0], body, err
}

func writeMessage(w io.Writer, kind byte, body []byte) error {
	message := make([]byte, 5, 5+len(body))
	message[0] = kind
	binary.BigEndian.PutUint32(message[1:], uint32(len(body)+4))
	_, err := w.Write(append(message, body...))
	return err
}
