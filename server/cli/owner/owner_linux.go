package owner

import (
	"errors"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// fileOwner is the user and group of a file.
func fileOwner(info os.FileInfo) (uid, gid int) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0
	}
	return int(s.Uid), int(s.Gid)
}

// become makes the whole process another user and returns a function that makes it root again, which the saved user id allows.
func become(uid, gid int) (back func() error, err error) {
	groups, err := syscall.Getgroups()
	if err != nil {
		return nil, err
	}
	own := os.Getgid()
	back = func() error {
		return errors.Join(syscall.Setresuid(0, 0, 0), syscall.Setresgid(own, own, own), syscall.Setgroups(groups))
	}
	err = errors.Join(syscall.Setgroups([]int{gid}), syscall.Setresgid(gid, gid, gid))
	if err == nil {
		err = syscall.Setresuid(uid, uid, 0)
	}
	if err == nil {
		err = keepReading()
	}
	if err != nil {
		return nil, errors.Join(err, back())
	}
	return back, nil
}

// keepReading keeps root's right to read files and to enter directories, but not to write: systemd keeps the data of a service with
// DynamicUser= in /var/lib/private, which the service's user cannot enter outside the service. A program that was built with cgo cannot
// do this and needs directories that the user can enter.
func keepReading() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData
	if err := unix.Capget(&header, &sets[0]); err != nil {
		return err
	}
	sets[0].Effective = sets[0].Permitted & (1 << unix.CAP_DAC_READ_SEARCH)
	sets[1].Effective = 0
	_, _, errno := syscall.AllThreadsSyscall(unix.SYS_CAPSET, uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&sets[0])), 0)
	if errno != 0 && errno != syscall.ENOTSUP {
		return errno
	}
	return nil
}
