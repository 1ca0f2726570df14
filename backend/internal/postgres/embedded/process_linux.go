package embedded

import "syscall"

// attributes makes a child run as the owner, in a process group of its own (so
// that Ctrl-C at a terminal reaches Hinomi alone), and shut down fast when its
// parent is gone.
func (o owner) attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGINT, Credential: o.credential()}
}
