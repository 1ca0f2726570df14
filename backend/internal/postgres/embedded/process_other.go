//go:build unix && !linux

package embedded

import "syscall"

// attributes makes a child run as the owner, in a process group of its own.
// Here a child cannot be told to die with its parent: the next start ends it by
// its pid file.
func (o owner) attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Credential: o.credential()}
}
