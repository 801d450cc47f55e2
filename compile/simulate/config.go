package simulate

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"sprocketc/faultlink"
	"sprocketc/ir"
)

// Config says what happens in a simulation.
type Config struct {
	Seed   uint64
	Calls  int              // that the program makes
	Faults faultlink.Faults // of either direction
	Crash  float64          // probability that a peer that may crash does so after a visible action, or at an event's end

	// Assumed are the faults, by their names for Set, that the program declares without a figure, or a delay that it
	// does not declare: the figures are this package's.
	Assumed map[string]bool
}

// Defaults are the faults that a program declares of its channel; what it does not quantify gets a figure.
func Defaults(p *ir.Plan) Config {
	ch := p.Interface.Channel
	c := Config{Seed: 1, Calls: 1000, Faults: faultlink.Faults{DelayMin: time.Millisecond, DelayMax: 5 * time.Millisecond}, Assumed: map[string]bool{}}
	if ch.Loses != nil {
		c.Faults.Lose = ch.Loses.P
	}
	if ch.Repeats != nil {
		c.Faults.Repeat, c.Assumed["repeat"] = 0.1, true
	}
	if ch.Reorders != nil {
		c.Faults.Overtake = max(ch.Reorders.Within, faultlink.Unbounded)
	}
	if ch.Corrupts != nil {
		c.Faults.Corrupt, c.Assumed["corrupt"] = 0.01, true
	}
	if d := ch.Delays; d != nil {
		c.Faults.DelayMin, c.Faults.DelayMax = d.Min, d.Max
	} else {
		c.Assumed["delay"] = true
	}
	if p.Interface.From.Crashes != nil || p.Interface.To.Crashes != nil {
		c.Crash, c.Assumed["crash"] = 0.002, true
	}
	return c
}

// Set changes a fault by its name on a command line: "loss=0.2", "repeat=10%", "reorder=4" or "reorder=any",
// "corrupt=0.01", "delay=10ms..400ms", "crash=0.01".
func (c *Config) Set(text string) error {
	name, value, ok := strings.Cut(text, "=")
	if !ok {
		return fmt.Errorf("a fault is written as loss=0.2, not %q", text)
	}
	delete(c.Assumed, name)
	chance := func(to *float64) error {
		digits, percent := strings.CutSuffix(value, "%")
		p, err := strconv.ParseFloat(digits, 64)
		if percent {
			p /= 100
		}
		if err != nil || !(p >= 0 && p <= 1) {
			return fmt.Errorf("%s is a probability from 0 to 1, not %q", name, value)
		}
		*to = p
		return nil
	}
	switch name {
	case "loss":
		return chance(&c.Faults.Lose)
	case "repeat":
		return chance(&c.Faults.Repeat)
	case "corrupt":
		return chance(&c.Faults.Corrupt)
	case "crash":
		if err := chance(&c.Crash); err != nil {
			return err
		}
		if c.Crash > 0.5 {
			return fmt.Errorf("crash is at most 0.5 after each action: beyond that a peer hardly gets to its start")
		}
		return nil
	case "reorder":
		n, err := strconv.Atoi(value)
		if value == "any" {
			n, err = faultlink.Unbounded, nil
		}
		if err != nil || n < faultlink.Unbounded {
			return fmt.Errorf("reorder is a number of datagrams or any, not %q", value)
		}
		c.Faults.Overtake = n
		return c.Faults.Validate()
	case "delay":
		lo, hi, ranged := strings.Cut(value, "..")
		if !ranged {
			hi = lo
		}
		a, err1 := time.ParseDuration(lo)
		b, err2 := time.ParseDuration(hi)
		if err1 != nil || err2 != nil {
			return fmt.Errorf("delay is a time or a range of times, as in 10ms..400ms, not %q", value)
		}
		c.Faults.DelayMin, c.Faults.DelayMax = a, b
		return c.Faults.Validate()
	}
	return fmt.Errorf("there is no fault %q: the faults are loss, repeat, reorder, corrupt, delay, crash", name)
}

// Undeclared lists the faults that the program does not declare of its channel or its peers: what they break was not
// promised.
func (c *Config) Undeclared(p *ir.Plan) []string {
	var out []string
	ch := p.Interface.Channel
	add := func(yes bool, what string) {
		if yes {
			out = append(out, what)
		}
	}
	add(c.Faults.Lose > 0 && ch.Loses == nil && ch.Corrupts == nil, "loss")
	add(c.Faults.Repeat > 0 && ch.Repeats == nil, "repeat")
	within := 0
	if ch.Reorders != nil {
		within = ch.Reorders.Within
	}
	add(within >= 0 && (c.Faults.Overtake > within || c.Faults.Overtake == faultlink.Unbounded), "reorder")
	add(c.Faults.Corrupt > 0 && ch.Corrupts == nil, "corrupt")
	add(c.Crash > 0 && p.Interface.From.Crashes == nil && p.Interface.To.Crashes == nil, "crash")
	return out
}
