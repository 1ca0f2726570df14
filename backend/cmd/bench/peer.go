package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"syscall"
)

// peer accepts connections on every address of 127/8 and closes them when the
// other side does. It runs in its own process, so that its work is not counted
// as Hinomi's, and ends with its parent.
func peer(args []string) error {
	if len(args) != 1 {
		return errors.New("peer needs an address")
	}
	l, err := net.Listen("tcp4", args[0])
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	workers := make(chan struct{}, 4096)
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		workers <- struct{}{}
		go func() {
			defer func() { <-workers }()
			var b [1]byte
			_, _ = c.Read(b[:])
			_ = c.Close()
		}()
	}
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
