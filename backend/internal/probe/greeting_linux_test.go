package probe

import (
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// greeted gives a connection to a server that has spoken first, with its words
// waiting to be read, and the server's side.
func greeted(t *testing.T) (fd int, server net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	fd, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Connect(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}, Port: l.Addr().(*net.TCPAddr).Port}); err != nil {
		t.Fatal(err)
	}
	if server, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	if _, err := io.WriteString(server, "220 mail.example.jp ESMTP\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 5000); err != nil {
		t.Fatal(err)
	}
	return fd, server
}

// ending is what the server reads after we have closed.
func ending(t *testing.T, server net.Conn) error {
	t.Helper()
	if err := server.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	_, err := server.Read(make([]byte, 1))
	return err
}

func TestAServerThatSpeaksFirstSeesAnOrderlyEnd(t *testing.T) {
	t.Parallel()
	fd, server := greeted(t)
	readGreeting(fd)
	_ = unix.Close(fd)
	if err := ending(t, server); !errors.Is(err, io.EOF) {
		t.Errorf("the server read %v, want EOF", err)
	}
	fd, server = greeted(t)
	_ = unix.Close(fd)
	if err := ending(t, server); !errors.Is(err, unix.ECONNRESET) {
		t.Errorf("unread, the server read %v: this test shows nothing", err)
	}
}
