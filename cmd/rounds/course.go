package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// course is rounds that two programs go through.
type course struct {
	show   *show
	bin    pair
	dir    string // for files, empty
	seed   uint64
	rounds int
	drawn  bool          // by hand: the gateway's first number is
	inC    bool          // the gateway is
	kills  time.Duration // processes are killed at drawn times too, so far apart at most; 0: they are not

	line  *line
	lives *rand.Rand
	ends  chan end
	up    map[string]*os.Process

	deaths map[string]int // of the node and of the gateway
	took   time.Duration
}

// end is how a process ended.
type end struct {
	name   string
	err    error // of Wait
	stderr string
}

// Times of the world.
const (
	mostDown = 5 * time.Millisecond // until a process is started again
	patience = time.Minute          // a call ends within a minute of the peers' time, which is seconds
)

func (c *course) events() string { return filepath.Join(c.dir, "events") }

// run goes through the rounds and gives the lines of the file of events. The error is that it could not be done: a program ended
// by itself, or nothing moved.
func (c *course) run(ctx context.Context) ([]string, error) {
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return nil, err
	}
	if err := os.WriteFile(c.events(), nil, 0o600); err != nil {
		return nil, err
	}
	var err error
	if c.line, err = c.show.newLine(c.seed); err != nil {
		return nil, err
	}
	defer c.line.close()
	c.lives = rand.New(rand.NewPCG(c.seed, 3))
	c.ends, c.up, c.deaths = make(chan end), map[string]*os.Process{}, map[string]int{}
	begun := time.Now()
	err = c.all(ctx)
	c.took = time.Since(begun)
	for name := range c.up {
		_ = c.up[name].Kill()
	}
	for range c.up {
		<-c.ends
	}
	text, failed := os.ReadFile(c.events())
	return strings.Split(strings.TrimSpace(string(text)), "\n"), errors.Join(err, failed)
}

func (c *course) all(ctx context.Context) error {
	if err := errors.Join(c.start("node"), c.start("gateway")); err != nil {
		return err
	}
	look := time.NewTicker(time.Second)
	defer look.Stop()
	var kill <-chan time.Time
	if c.kills > 0 {
		kill = time.After(c.kills)
	}
	moved, size := time.Now(), int64(0)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-kill:
			if p := c.up[[]string{"node", "gateway"}[c.lives.IntN(2)]]; p != nil {
				_ = p.Kill()
			}
			kill = time.After(time.Duration(c.lives.Int64N(int64(c.kills))))
		case <-look.C:
			info, err := os.Stat(c.events())
			if err != nil {
				return err
			}
			if info.Size() > size {
				moved, size = time.Now(), info.Size()
			} else if time.Since(moved) > patience {
				return fmt.Errorf("nothing moved for %v", patience)
			}
		case e := <-c.ends:
			delete(c.up, e.name)
			var exit *exec.ExitError
			switch {
			case e.err == nil && e.name == "gateway":
				return nil
			case e.err == nil: // its own restart
			case errors.As(e.err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL:
				c.deaths[e.name]++
			default:
				return fmt.Errorf("the %s ended by itself: %w: %s", e.name, e.err, e.stderr)
			}
			time.Sleep(time.Duration(c.lives.Int64N(int64(mostDown))))
			if err := c.start(e.name); err != nil {
				return err
			}
		}
	}
}

// start starts a process with its last step drawn.
func (c *course) start(name string) error {
	most := c.show.life.gateway
	if name == "node" {
		most = c.show.life.node
	}
	last, torn := 1+c.lives.IntN(most), c.lives.IntN(2) == 1
	store := filepath.Join(c.dir, name+".stable")
	half := "0"
	if torn {
		half = "1"
	}
	asInC := []string{store, c.events(), strconv.Itoa(c.show.speed), strconv.Itoa(last), half}
	var cmd *exec.Cmd
	if name == "node" {
		cmd = exec.Command(c.bin.node, append([]string{c.line.node}, asInC...)...)
	} else {
		from, err := c.begun()
		if err != nil {
			return err
		}
		cmd = exec.Command(c.bin.gateway, "-line", c.line.gateway, "-store", store, "-events", c.events(), "-speed", strconv.Itoa(c.show.speed),
			"-from", strconv.Itoa(from), "-to", strconv.Itoa(c.rounds), "-last", strconv.Itoa(last), "-half="+strconv.FormatBool(torn),
			"-drawn="+strconv.FormatBool(c.drawn))
		if c.inC {
			cmd = exec.Command(c.bin.gateway, append(append([]string{c.line.gateway}, asInC...), strconv.Itoa(from), strconv.Itoa(c.rounds))...)
		}
	}
	stderr := &bytes.Buffer{}
	cmd.Stderr = stderr
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	c.up[name] = cmd.Process
	go func() {
		err := cmd.Wait()
		c.ends <- end{name, err, strings.TrimSpace(stderr.String())}
	}()
	return nil
}

// begun is the number of rounds that have begun.
func (c *course) begun() (int, error) {
	text, err := os.ReadFile(c.events())
	if err != nil {
		return 0, err
	}
	const begin = "gateway start "
	at := bytes.LastIndex(text, []byte(begin))
	if at < 0 {
		return 0, nil
	}
	number, _, _ := strings.Cut(string(text[at+len(begin):]), "\n")
	i, err := strconv.Atoi(number)
	return i + 1, err
}
