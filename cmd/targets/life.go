package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"time"
)

// life is a firmware that runs.
type life struct {
	cmd    *exec.Cmd
	stderr bytes.Buffer
	over   chan struct{} // closed when it has ended
	err    error         // of its end, before over is closed
}

// Exit statuses of an emulator that its firmware chooses.
const powerFailed = 77

const bootTime = 20 * time.Second

// begin starts a firmware and joins it with a line. The listener is for its UART.
func (b *board) begin(elf, flash, events string, listener *net.UnixListener, u *uart, orders ...string) (*life, error) {
	args := b.start(elf, listener.Addr().String(), flash, events, orders)
	l := &life{cmd: exec.Command(args[0], args[1:]...), over: make(chan struct{})}
	own(l.cmd)
	l.cmd.Stderr = &l.stderr
	if err := l.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		l.err = l.cmd.Wait()
		close(l.over)
	}()
	_ = listener.SetDeadline(time.Now().Add(bootTime))
	conn, err := listener.Accept()
	if err != nil {
		l.kill()
		return nil, fmt.Errorf("%s does not start: %w: %s", args[0], err, strings.TrimSpace(l.stderr.String()))
	}
	u.attach(conn)
	return l, nil
}

// kill ends the emulator with SIGKILL, and waits until it is gone. It is false where it was over before.
func (l *life) kill() bool {
	err := l.cmd.Process.Kill()
	<-l.over
	return err == nil
}

// status is the exit status of an emulator that is over, -1 of one that was killed.
func (l *life) status() int {
	<-l.over
	var exit *exec.ExitError
	switch {
	case l.err == nil:
		return 0
	case errors.As(l.err, &exit):
		return exit.ExitCode()
	}
	return -1
}
