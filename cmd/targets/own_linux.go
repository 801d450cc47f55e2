package main

import (
	"os/exec"
	"syscall"
)

// own lets a process end with this one, however that ends.
func own(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
