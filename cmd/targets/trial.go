package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// trial is calls of one program to its firmware on one board, which dies meanwhile.
type trial struct {
	p      *program
	b      *board
	elf    string
	caller string // program of all callers
	dir    string // for files, empty
	seed   uint64
	speed  int
	calls  int // at least
	kills  int // at least; 0: the firmware never dies

	word int // word written to flash at which the first life's power fails; 0: never

	flash, events string
	listener      *net.UnixListener
	line          *line
	lives         *rand.Rand
	steps         bool // this life's power fails at a step
}

// outcome is what a trial came to, but for what the events say.
type outcome struct {
	killed, failed int // by SIGKILL, and of power at a step
	harm           harm
	kept           []int // serials in the ledger of what runs exactly once
}

// Times of the world, and the most steps of a life whose power fails.
const (
	longestLife = 250 * time.Millisecond // until the emulator is killed
	stepsTime   = time.Second            // for the steps of a life whose power fails, until that is killed too
	patience    = time.Minute            // a call ends within a minute of the peers' time, which is seconds
	mostSteps   = 40
	mostCalls   = 2000
)

func (t *trial) run(ctx context.Context) (o outcome, events []string, err error) {
	t.flash, t.events = filepath.Join(t.dir, "flash"), filepath.Join(t.dir, "events")
	if err := errors.Join(os.MkdirAll(t.dir, 0o755), os.WriteFile(t.events, nil, 0o600), t.b.newFlash(t.flash)); err != nil {
		return o, nil, err
	}
	if t.listener, err = net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(t.dir, "uart"), Net: "unix"}); err != nil {
		return o, nil, err
	}
	defer t.listener.Close()
	if t.line, err = t.p.newLine(t.dir, t.seed, t.speed); err != nil {
		return o, nil, err
	}
	defer t.line.close()
	t.lives = rand.New(rand.NewPCG(t.seed, 7))
	if err = t.all(ctx, &o); err == nil && t.p.once() {
		err = t.ledger(&o)
	}
	o.harm = t.line.harm()
	text, failed := os.ReadFile(t.events)
	return o, strings.Split(strings.TrimSpace(string(text)), "\n"), errors.Join(err, failed)
}

// begin starts the next life. Where the firmware may die, every other life ends at a step that is drawn.
func (t *trial) begin(first bool) (*life, error) {
	last, word := 0, 0
	t.steps = t.kills > 0 && t.lives.IntN(2) == 0
	if t.steps {
		last = 1 + t.lives.IntN(mostSteps)
	}
	if first {
		word = t.word
	}
	return t.b.begin(t.elf, t.flash, t.events, t.listener, &t.line.uart, fmt.Sprintf("last=%d", last), fmt.Sprintf("word=%d", word),
		fmt.Sprintf("random=%d", t.lives.Uint32()))
}

// all lets the calls be made. The error is that it could not be done: the caller or the firmware ended by itself, or nothing moved.
func (t *trial) all(ctx context.Context, o *outcome) error {
	l, err := t.begin(true)
	if err != nil {
		return err
	}
	defer func() { l.kill() }()
	caller := exec.Command(t.caller, "-program", t.p.name, "-line", t.line.caller, "-store", filepath.Join(t.dir, "store"), "-events", t.events,
		"-speed", strconv.Itoa(t.speed), "-calls", strconv.Itoa(t.calls), "-most", strconv.Itoa(mostCalls))
	own(caller)
	enough, more := io.Pipe() // ends when the firmware has died often enough
	stderr := &bytes.Buffer{}
	caller.Stdin, caller.Stderr = enough, stderr
	if err := caller.Start(); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- caller.Wait() }()
	over := false
	defer func() {
		_ = more.Close()
		if !over {
			_ = caller.Process.Kill()
			<-done
		}
	}()
	look := time.NewTicker(200 * time.Millisecond)
	defer look.Stop()
	kill := t.nextKill()
	moved, size := time.Now(), int64(0)
	for {
		if o.killed >= t.kills {
			_ = more.Close()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-done:
			over = true
			if err == nil && o.killed < t.kills {
				return fmt.Errorf("%d calls were over before the firmware was killed %d times", mostCalls, t.kills)
			}
			if err != nil {
				return fmt.Errorf("the caller ended: %w: %s", err, strings.TrimSpace(stderr.String()))
			}
			return nil
		case <-kill:
			if !t.line.uart.listening() || o.killed >= t.kills { // a kill of what has not begun would show nothing
				kill = t.nextKill()
				continue
			}
			if l.kill() {
				o.killed++
			}
		case <-l.over:
			if l.status() != powerFailed {
				return fmt.Errorf("the firmware ended by itself: status %d: %s", l.status(), strings.TrimSpace(l.stderr.String()))
			}
			o.failed++
		case <-look.C:
			info, err := os.Stat(t.events)
			if err != nil {
				return err
			}
			if info.Size() > size {
				moved, size = time.Now(), info.Size()
			} else if time.Since(moved) > patience {
				return fmt.Errorf("nothing moved for %v", patience)
			}
			continue
		}
		next, err := t.begin(false)
		if err != nil {
			return err
		}
		l = next
		kill = t.nextKill()
	}
}

func (t *trial) nextKill() <-chan time.Time {
	if t.kills == 0 {
		return nil
	}
	after := time.Duration(t.lives.Int64N(int64(longestLife)))
	if t.steps {
		after += stepsTime
	}
	return time.After(after)
}

// ledger asks a last life what is in its flash.
func (t *trial) ledger(o *outcome) error {
	l, err := t.b.begin(t.elf, t.flash, t.events, t.listener, &t.line.uart, "dump=1")
	if err != nil {
		return err
	}
	if l.status() != powerFailed {
		return fmt.Errorf("the ledger cannot be read: status %d: %s", l.status(), strings.TrimSpace(l.stderr.String()))
	}
	text, err := os.ReadFile(t.events)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		var serial int
		if n, _ := fmt.Sscanf(line, "node kept %d", &serial); n == 1 {
			o.kept = append(o.kept, serial)
		}
	}
	return nil
}
