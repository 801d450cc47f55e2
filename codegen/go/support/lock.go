//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package support

import (
	"fmt"
	"os"
	"syscall"
)

// lockFile takes a file for this one opening of it, until it is closed or the program ends; an error where another has it.
func lockFile(f *os.File) error {
	for {
		switch err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err {
		case nil:
			return nil
		case syscall.EINTR:
		case syscall.EWOULDBLOCK:
			return fmt.Errorf("%s is in use: two peers with one store would have one identity", f.Name())
		default:
			return fmt.Errorf("%s cannot be locked: %w", f.Name(), err)
		}
	}
}
