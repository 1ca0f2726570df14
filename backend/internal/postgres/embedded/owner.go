package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// owner is the user that PostgreSQL runs as.
type owner struct {
	name     string
	uid, gid uint32
	dropped  bool // this process is root and gives up its rights for the child
}

// ownerOf says who PostgreSQL runs as on a data directory: this user or, for
// root, the owner of existing data, else "postgres", else "nobody".
func ownerOf(data string) (owner, error) {
	if os.Geteuid() != 0 {
		return owner{uid: uint32(os.Geteuid()), gid: uint32(os.Getegid())}, nil
	}
	candidates := []func() (*user.User, error){
		func() (*user.User, error) { return user.Lookup("postgres") },
		func() (*user.User, error) { return user.Lookup("nobody") },
	}
	if info, err := os.Stat(filepath.Join(data, versionFile)); err == nil {
		uid := uidOf(info)
		if uid == 0 {
			return owner{}, fmt.Errorf("%s belongs to root, as whom PostgreSQL does not run: give it to another user (chown -R)", data)
		}
		candidates = []func() (*user.User, error){
			func() (*user.User, error) { return user.LookupId(strconv.Itoa(int(uid))) },
		}
	}
	var last error
	for _, look := range candidates {
		u, err := look()
		if err != nil {
			last = err
			continue
		}
		return ownerFrom(u)
	}
	return owner{}, fmt.Errorf("find a user to run PostgreSQL as: %w", last)
}

func ownerFrom(u *user.User) (owner, error) {
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return owner{}, fmt.Errorf("user id of %s: %w", u.Username, err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return owner{}, fmt.Errorf("group id of %s: %w", u.Username, err)
	}
	return owner{name: u.Username, uid: uint32(uid), gid: uint32(gid), dropped: true}, nil
}

// credential is nil for a child that runs as this process does.
func (o owner) credential() *syscall.Credential {
	if !o.dropped {
		return nil
	}
	return &syscall.Credential{Uid: o.uid, Gid: o.gid}
}

// take makes the owner own a directory or file.
func (o owner) take(path string) error {
	if !o.dropped {
		return nil
	}
	if err := os.Lchown(path, int(o.uid), int(o.gid)); err != nil {
		return fmt.Errorf("give to %s: %w", o.name, err)
	}
	return nil
}

// reaches tells in plain words which directory on the way keeps a dropped user
// out.
func (o owner) reaches(dir string) error {
	if !o.dropped {
		return nil
	}
	for at := dir; ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		if err != nil {
			return fmt.Errorf("data directory: %w", err)
		}
		if !o.mayEnter(info) {
			return fmt.Errorf("user %s, as whom PostgreSQL runs, cannot enter %s (%v): choose another HINOMI_DATA_DIR or allow it (chmod o+x)",
				o.name, at, info.Mode())
		}
		if at == filepath.Dir(at) {
			return nil
		}
	}
}

func (o owner) mayEnter(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return true
	}
	switch mode := info.Mode().Perm(); {
	case stat.Uid == o.uid:
		return mode&0o100 != 0
	case stat.Gid == o.gid:
		return mode&0o010 != 0
	default:
		return mode&0o001 != 0
	}
}

// uidOf gives the owner of a file.
func uidOf(info fs.FileInfo) uint32 {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0
	}
	return stat.Uid
}

// exists tells whether a path is there; other errors than that are told.
func exists(path string) (bool, error) {
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for a file: %w", err)
	}
	return true, nil
}
