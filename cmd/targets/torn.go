package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"sprocketc/compile"
)

// tear is a few calls again and again, each time from erased flash: power fails at the first word that the firmware writes, at the second, and so
// on, until it writes no more.
type tear struct {
	t     trial // of the first word
	words int   // of them
	sum   tally // of all calls
	said  []string
}

const (
	tornCalls = 4
	mostWords = 500
	tornTries = 8
)

// tornOn are boards that keep their flash differently: of the first an erasure can be cut in the middle, the second has the model of a real chip,
// the third an EEPROM, whose words are bytes.
var tornOn = []string{"mps2-an385", "virt", "atmega328p"}

func (c *tear) try(ctx context.Context, dir string) (err error) {
	where := c.t.p.name + " on " + c.t.b.name
	if c.t.elf, _, err = c.t.b.build(ctx, dir, c.t.p, c.t.speed); err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	for word, try := 1, 1; word <= mostWords; {
		t := c.t
		t.word, t.seed, t.dir = word, c.t.seed+uint64(word+mostWords*try), fmt.Sprintf("%s-%d-%d", c.t.dir, word, try)
		o, events, err := t.run(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		v := &tally{}
		if err == nil {
			v, err = t.p.judge(events, o.kept)
		}
		if err != nil {
			c.said = append(c.said, fmt.Sprintf("at word %d %v; the last events:\n%s", word, err, strings.Join(events[max(0, len(events)-12):], "\n")))
			return nil
		}
		if err := os.RemoveAll(t.dir); err != nil {
			return err
		}
		c.sum.calls, c.sum.answered, c.sum.ran = c.sum.calls+v.calls, c.sum.answered+v.answered, c.sum.ran+v.ran
		c.sum.twice, c.sum.wrong = c.sum.twice+v.twice, c.sum.wrong+v.wrong
		if list := v.breaches(); len(list) > 0 {
			c.said = append(c.said, fmt.Sprintf("at word %d %s", word, strings.Join(list, "; ")))
		}
		switch {
		case o.failed > 0:
			c.words = word
			word, try = word+1, 1
		case v.answered < v.calls && try < tornTries: // calls that ended before they ran have written less than there is
			try++
		default:
			if idle := c.sum.idle(); idle != "" {
				c.said = append(c.said, idle)
			}
			return nil
		}
	}
	return fmt.Errorf("%s: %d words are not enough for %d calls", where, mostWords, tornCalls)
}

const tornHead = "program              board       words  calls  answered   ran  effects twice  wrong answers"

func (c *tear) String() string {
	line := fmt.Sprintf("%-20s %-11s %5d  %5d  %8d  %4d  %13d  %13d", c.t.p.name, c.t.b.name, c.words, c.sum.calls, c.sum.answered, c.sum.ran, c.sum.twice, c.sum.wrong)
	if len(c.said) > 0 {
		line += "  BROKEN: " + strings.Join(c.said, "; ")
	}
	return line
}

// torn tears every write of every program whose callee keeps something in flash. The error is errBroken where something did not hold.
func (o *options) torn(ctx context.Context, w io.Writer, dir, caller string, programs []*program, on []*board) error {
	var tears []*tear
	for i, p := range programs {
		for k, b := range on {
			if p.has("port_write") && b.runs(p) {
				tears = append(tears, &tear{t: trial{p: p, b: b, caller: caller, dir: fmt.Sprintf("%s/torn-%d-%d", dir, i, k), seed: o.seed, speed: o.speed, calls: tornCalls}})
			}
		}
	}
	if len(tears) == 0 {
		return nil
	}
	fmt.Fprintf(w, "\npower fails at every word written to flash, one after the other, each time from erased flash\n\n%s\n", tornHead)
	begun := time.Now()
	err := all(tears, o.jobs, func(c *tear) error { return c.try(ctx, dir) }, func(c *tear) { fmt.Fprintln(w, c) })
	if err != nil {
		return err
	}
	words := 0
	for _, c := range tears {
		words += c.words
		if c.words == 0 {
			c.said = append(c.said, "nothing was written to flash")
			fmt.Fprintf(w, "BROKEN: %s on %s: nothing was written to flash\n", c.t.p.name, c.t.b.name)
		}
		if len(c.said) > 0 {
			err = errBroken
		}
	}
	fmt.Fprintf(w, "\n%s; %s\n", compile.Plural(words, "failure"), compile.Seconds(time.Since(begun).Round(time.Second)))
	return err
}
