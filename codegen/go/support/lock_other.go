//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd)

package support

import "os"

// lockFile does nothing: this system has no flock, and that one peer uses a store is for the program to see to.
func lockFile(*os.File) error { return nil }
