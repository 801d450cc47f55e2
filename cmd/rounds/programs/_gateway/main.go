// Gateway of the rounds: it makes one call a round, and writes down when each begins and how it ends. A line is in the file
// before anything that follows from it can happen, and whoever reads it finds what the node has written there in its place.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

// peer is what makes the calls: the emitted one, or the one that was written by hand.
type peer interface {
	// round makes the call of a round. The outcome is "answered", or one word for another end; the answer is one word.
	round(i int) (outcome, answer string, err error)
	// ask is the question that follows a round whose call may have run; false where a program has none.
	ask() (outcome, answer string, any bool, err error)
}

type settings struct {
	line, store, events string
	speed               float64
	drawn               bool // by hand: the first number is
}

func main() {
	var s settings
	flag.StringVar(&s.line, "line", "", "terminal, or address of the node")
	flag.StringVar(&s.store, "store", "", "file of the stable memory")
	flag.StringVar(&s.events, "events", "", "file to append to")
	flag.Float64Var(&s.speed, "speed", 1, "how many times faster than real the time runs")
	flag.BoolVar(&s.drawn, "drawn", false, "by hand: draw the first number")
	from := flag.Int("from", 0, "first round")
	to := flag.Int("to", 0, "end of the rounds")
	flag.IntVar(&last, "last", 0, "step at which this process dies, 1 for the first; 0: never")
	flag.BoolVar(&half, "half", false, "with half of that step's bytes out")
	flag.Parse()
	if err := run(s, *from, *to); err != nil {
		fmt.Fprintln(os.Stderr, "gateway:", err)
		os.Exit(2)
	}
}

func run(s settings, from, to int) error {
	events, err := os.OpenFile(s.events, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	note = func(format string, args ...any) {
		if _, failed := fmt.Fprintf(events, "gateway "+format+"\n", args...); failed != nil {
			fmt.Fprintln(os.Stderr, "gateway:", failed)
			os.Exit(2)
		}
	}
	note("boot")
	p, failed := open(s)
	if failed != nil {
		return failed
	}
	for i := from; i < to; i++ {
		note("start %d", i)
		outcome, answer, failed := p.round(i)
		if failed != nil {
			return failed
		}
		step()
		note("end %d %s %s", i, outcome, answer)
		outcome, answer, any, failed := p.ask()
		if failed != nil {
			return failed
		}
		step()
		if any {
			note("told %d %s %s %s", i, outcome, answer, lastRun(s.events))
		}
	}
	if c, ok := p.(io.Closer); ok { // it waits for what is being reported
		return c.Close()
	}
	return nil
}

// lastRun is the argument of the last execution that the node wrote down, "0" for none: what it should have told. No other
// call is under way when this is read.
func lastRun(events string) string {
	f, err := os.Open(events)
	if err != nil {
		return "0"
	}
	defer f.Close()
	run := "0"
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "node run "); ok {
			run = rest
		}
	}
	return run
}
