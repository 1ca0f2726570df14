package main

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// sweep is how often the peer looks for connections. It does not wait for them:
// waking it would cost time in the very system call that connects, which a host
// far away would never do.
const sweep = 5 * time.Millisecond

// peer accepts connections on every address of 127/8 and closes them when the
// other side has. It runs in its own process, so that its work is not counted
// as Hinomi's, and ends with its parent.
func peer(args []string) error {
	if len(args) != 1 {
		return errors.New("peer needs an address")
	}
	addr, err := netip.ParseAddrPort(args[0])
	if err != nil {
		return err
	}
	l, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	err = errors.Join(
		unix.SetsockoptInt(l, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1),
		unix.Bind(l, &unix.SockaddrInet4{Port: int(addr.Port()), Addr: addr.Addr().As4()}),
		unix.Listen(l, 4096),
	)
	if err != nil {
		return err
	}
	fmt.Println(addr)
	var open []int
	for {
		time.Sleep(sweep)
		still := open[:0]
		for _, fd := range open {
			if !closed(fd) {
				still = append(still, fd)
			}
		}
		open = still
		for {
			fd, _, err := unix.Accept4(l, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
			if err != nil {
				break
			}
			open = append(open, fd)
		}
	}
}

// closed closes a connection if the other side has.
func closed(fd int) bool {
	var b [1]byte
	if _, err := unix.Read(fd, b[:]); errors.Is(err, unix.EAGAIN) {
		return false
	}
	_ = unix.Close(fd)
	return true
}

// startPeer starts one and returns when it listens.
func startPeer(addr string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, "peer", addr)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	var ready [64]byte
	if _, err := out.Read(ready[:]); err != nil {
		return nil, fmt.Errorf("the peer does not listen on %s: %w", addr, err)
	}
	return cmd, nil
}
