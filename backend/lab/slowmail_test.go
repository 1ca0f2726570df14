//go:build lab

package lab

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// slowMail stands in front of the receiving SMTP server and passes its answers
// on late, each by 80 ms: the time in which a mail is accepted and its sender
// does not know yet becomes long enough to be hit by a kill.
func slowMail(t testing.TB) (url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			front, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { passSlowly(front) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		wg.Wait()
	})
	return "smtp://" + l.Addr().String()
}

func passSlowly(front net.Conn) {
	defer front.Close()
	back, err := net.Dial("tcp", "211.9.3.1:25")
	if err != nil {
		return
	}
	defer back.Close()
	go func() {
		defer back.Close()
		_, _ = io.Copy(back, front)
	}()
	buf := make([]byte, 4096)
	for {
		n, err := back.Read(buf)
		if err != nil {
			return
		}
		timer := time.NewTimer(80 * time.Millisecond)
		<-timer.C
		if _, err := front.Write(buf[:n]); err != nil {
			return
		}
	}
}
