package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// kind of a call: what the program soil declares.
type kind int

const (
	sample   kind = iota // pure, remembered for a while
	schedule             // idempotent
	water                // effect
)

var kinds = []string{"sample", "schedule", "water"}

func (k kind) String() string { return kinds[k] }

// fenced calls carry the probe's epoch, and do not run after a later one of them.
func (k kind) fenced() bool { return k != sample }

// call is a call with its arguments: sample a plot, schedule a time, water a plot and litres.
type call struct {
	kind kind
	a, b int
}

// line is the call in the gateway's list.
func (c call) line() string {
	if c.kind == water {
		return fmt.Sprintf("%v %d %d", c.kind, c.a, c.b)
	}
	return fmt.Sprintf("%v %d", c.kind, c.a)
}

func (c call) String() string {
	if c.kind == water {
		return fmt.Sprintf("%v(%d, %d)", c.kind, c.a, c.b)
	}
	return fmt.Sprintf("%v(%d)", c.kind, c.a)
}

const (
	maxCalls = 200_000 // so that no schedule and no water has the arguments of another one

	// One sample in so many asks for the plot that was asked last, which the memo may know.
	asksAgain = 3
)

// mix is a list of n calls in an order that the seed decides: 45 % sample, 25 % schedule, 30 % water. Every schedule and
// every water has arguments of its own.
func mix(seed uint64, n int) []call {
	rng := rand.New(rand.NewPCG(seed, 1))
	calls := make([]call, n)
	for i := range calls {
		switch {
		case i < n*45/100:
			calls[i].kind = sample
		case i < n*45/100+n*25/100:
			calls[i].kind = schedule
		default:
			calls[i].kind = water
		}
	}
	rng.Shuffle(n, func(i, j int) { calls[i], calls[j] = calls[j], calls[i] })
	schedules, waters, plot := 0, 0, 0
	for i := range calls {
		c := &calls[i]
		switch c.kind {
		case sample:
			if rng.IntN(asksAgain) > 0 {
				plot = rng.IntN(256)
			}
			c.a = plot
		case schedule:
			c.a = schedules
			schedules++
		case water:
			c.a, c.b = waters>>8, waters&0xff
			waters++
		}
	}
	return calls
}

func list(calls []call) string {
	var b strings.Builder
	for _, c := range calls {
		b.WriteString(c.line() + "\n")
	}
	return b.String()
}

// What the probe answers, which programs/probe/main.c says in C.

func moisture(plot int) int { return plot * 3 }

func battery(plot int) int { return plot % 101 }

func outcome(plot, litres int) string {
	return [...]string{"done", "dry", "stuck"}[(plot+litres)%3]
}
