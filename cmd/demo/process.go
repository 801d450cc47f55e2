package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
)

// process is a peer that runs.
type process struct {
	name   string
	cmd    *exec.Cmd
	stderr bytes.Buffer
	over   chan struct{} // closed when it has ended
	err    error         // of its end, set before over is closed
}

func start(name, binary string, args ...string) (*process, error) {
	p := &process{name: name, cmd: exec.Command(binary, args...), over: make(chan struct{})}
	p.cmd.Stderr = &p.stderr
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.over)
	}()
	return p, nil
}

// ended reports whether the process is over, and with which error.
func (p *process) ended() (bool, error) {
	select {
	case <-p.over:
		if p.err != nil {
			return true, fmt.Errorf("%s: %w: %s", p.name, p.err, strings.TrimSpace(p.stderr.String()))
		}
		return true, nil
	default:
		return false, nil
	}
}

// kill ends the process with SIGKILL and waits until it is gone. It is false where it was over before.
func (p *process) kill() bool {
	err := p.cmd.Process.Kill()
	<-p.over
	return err == nil
}

// tail reads a file that a process appends lines to.
type tail struct {
	path  string
	read  int64
	rest  string   // a line that is not whole yet
	lines []string // so far
}

// more reads what was appended.
func (t *tail) more() error {
	f, err := os.Open(t.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	b := make([]byte, 64<<10)
	for {
		n, _ := f.ReadAt(b, t.read)
		if n == 0 {
			return nil
		}
		t.read += int64(n)
		lines := strings.Split(t.rest+string(b[:n]), "\n")
		t.rest = lines[len(lines)-1]
		t.lines = append(t.lines, lines[:len(lines)-1]...)
	}
}

// count is how many lines begin with a word.
func (t *tail) count(word string) int {
	n := 0
	for _, l := range t.lines {
		if first, _, _ := strings.Cut(l, " "); first == word {
			n++
		}
	}
	return n
}
