package main

import (
	"fmt"
	"os"
	"syscall"
	"unsafe"
)

// terminal is a pseudo-terminal that carries bytes as they are. Its end stays open here, so that no process that closes it
// hangs it up.
type terminal struct {
	name         string
	control, end *os.File
}

func openTerminal() (t *terminal, err error) {
	t = &terminal{}
	defer func() {
		if err != nil {
			t.close()
		}
	}()
	if t.control, err = os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0); err != nil {
		return t, err
	}
	var number, locked int32
	if err = control(t.control, syscall.TIOCSPTLCK, unsafe.Pointer(&locked)); err != nil {
		return t, err
	}
	if err = control(t.control, syscall.TIOCGPTN, unsafe.Pointer(&number)); err != nil {
		return t, err
	}
	t.name = fmt.Sprintf("/dev/pts/%d", number)
	if t.end, err = os.OpenFile(t.name, os.O_RDWR|syscall.O_NOCTTY, 0); err != nil {
		return t, err
	}
	var mode syscall.Termios
	if err = control(t.end, syscall.TCGETS, unsafe.Pointer(&mode)); err != nil {
		return t, err
	}
	mode.Iflag, mode.Oflag, mode.Lflag = syscall.IGNBRK, 0, 0
	mode.Cflag = mode.Cflag&^(syscall.CSIZE|syscall.PARENB) | syscall.CS8 | syscall.CREAD | syscall.CLOCAL
	mode.Cc[syscall.VMIN], mode.Cc[syscall.VTIME] = 1, 0
	return t, control(t.end, syscall.TCSETS, unsafe.Pointer(&mode))
}

// control asks the system of an open file, without making it one that blocks.
func control(f *os.File, request uintptr, argument unsafe.Pointer) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed syscall.Errno
	err = raw.Control(func(fd uintptr) {
		_, _, failed = syscall.Syscall(syscall.SYS_IOCTL, fd, request, uintptr(argument))
	})
	if err == nil && failed != 0 {
		err = fmt.Errorf("%s: %w", f.Name(), failed)
	}
	return err
}

func (t *terminal) close() {
	for _, f := range []*os.File{t.control, t.end} {
		if f != nil {
			_ = f.Close()
		}
	}
}
