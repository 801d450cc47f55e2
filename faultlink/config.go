package faultlink

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Unbounded is the Overtake of a direction whose datagrams may arrive in any order.
const Unbounded = -1

// Beyond these a declaration is a mistake, and sums would overflow.
const (
	maxDelay    = 24 * time.Hour
	maxOvertake = 1 << 20
)

// Faults is what one direction of a link may do to datagrams. The zero value is a perfect link:
// everything arrives once, unaltered, at once and in order.
type Faults struct {
	// Lose is the probability, 0 to 1, that a datagram vanishes.
	Lose float64
	// Repeat is the probability, 0 to 1, that a delivered copy is followed by another one.
	// A datagram is delivered at most 16 times. A repeat that overtaking no longer allows is dropped.
	Repeat float64
	// Corrupt is the probability, 0 to 1, that a copy arrives with 1 to 16 of its bits flipped.
	// An empty datagram has no bit to flip.
	Corrupt float64
	// Overtake is k of "reorders within k": a datagram, and every repeat of it, is delivered only as long as
	// at most k distinct datagrams that were sent later have been. 0 is first-in first-out, without a repeat
	// after a later datagram. Unbounded lifts the limit; other values are at most 2^20.
	//
	// First copies overtake each other by their delays, so where DelayMin equals DelayMax only repeats do.
	Overtake int
	// DelayMin and DelayMax bound the time that a copy takes from the sending: uniform between them, independent
	// for each copy, and longer where a first copy waits for those it may not overtake. A repeat comes after the copy
	// before it, and may wait for later datagrams to pass it, without end where none is sent. At most a day.
	DelayMin, DelayMax time.Duration
}

// Validate reports every field that is out of its range.
func (f Faults) Validate() error {
	var errs []error
	probability := func(word string, p float64) {
		if !(p >= 0 && p <= 1) { // NaN fails too
			errs = append(errs, fmt.Errorf("%s %v is not between 0 and 1", word, p))
		}
	}
	probability("loses", f.Lose)
	probability("repeats", f.Repeat)
	probability("corrupts", f.Corrupt)
	if f.Overtake < Unbounded || f.Overtake > maxOvertake {
		errs = append(errs, fmt.Errorf("reorders within %d is not between 0 and %d", f.Overtake, maxOvertake))
	}
	if f.DelayMin < 0 || f.DelayMax < f.DelayMin || f.DelayMax > maxDelay {
		errs = append(errs, fmt.Errorf("delays %v..%v is not a range of times of at most %v", f.DelayMin, f.DelayMax, maxDelay))
	}
	return errors.Join(errs...)
}

// String writes the faults in the words of the language, "perfect" where there are none.
func (f Faults) String() string {
	var words []string
	for _, p := range []struct {
		word  string
		value float64
	}{{"loses", f.Lose}, {"repeats", f.Repeat}, {"corrupts", f.Corrupt}} {
		if p.value != 0 {
			words = append(words, p.word+" "+percent(p.value))
		}
	}
	switch {
	case f.Overtake == Unbounded:
		words = append(words, "reorders")
	case f.Overtake != 0:
		words = append(words, fmt.Sprintf("reorders within %d", f.Overtake))
	}
	if f.DelayMax != 0 {
		words = append(words, fmt.Sprintf("delays %v..%v", f.DelayMin, f.DelayMax))
	}
	if len(words) == 0 {
		return "perfect"
	}
	return strings.Join(words, " ")
}

func percent(p float64) string {
	return strconv.FormatFloat(p*100, 'g', 6, 64) + "%"
}

// scaled divides the delays by speed.
func (f Faults) scaled(speed float64) Faults {
	f.DelayMin = scaledDelay(f.DelayMin, speed)
	f.DelayMax = scaledDelay(f.DelayMax, speed)
	return f
}

func scaledDelay(d time.Duration, speed float64) time.Duration {
	scaled := float64(d) / speed
	if scaled > float64(maxDelay) {
		return maxDelay + 1 // refused by Validate, where the conversion might overflow
	}
	return time.Duration(scaled)
}

// Config describes a link between a peer on side A and a peer on side B.
type Config struct {
	// Seed decides every fault; the same seed gives the same fates.
	Seed uint64
	// AtoB and BtoA are the two directions, independent of each other.
	AtoB, BtoA Faults
	// Speed divides all delays; 0 stands for 1.
	Speed float64
	// Trace is told all that befalls datagrams; nil for nobody. A Link tells the two directions from goroutines of their
	// own, so it must be safe for concurrent use, and it must not call the link.
	Trace func(Event)

	// ListenA and ListenB are the UDP addresses that the peers send to; empty is a free port of 127.0.0.1.
	ListenA, ListenB string
	// PeerA and PeerB are the UDP addresses that the link sends to. Where one is empty, the link sends to
	// where the last datagram of that side came from, and what is due before the first one is dropped.
	PeerA, PeerB string
}

// Both sets the same faults in both directions.
func (c Config) Both(f Faults) Config {
	c.AtoB, c.BtoA = f, f
	return c
}

// String writes seed, speed and both directions on one line, without addresses.
func (c Config) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d", c.Seed)
	if c.speed() != 1 {
		fmt.Fprintf(&b, ", speed %v", c.speed())
	}
	if c.AtoB == c.BtoA {
		fmt.Fprintf(&b, ", both ways: %v", c.AtoB)
	} else {
		fmt.Fprintf(&b, ", A to B: %v, B to A: %v", c.AtoB, c.BtoA)
	}
	return b.String()
}

func (c Config) speed() float64 {
	if c.Speed == 0 {
		return 1
	}
	return c.Speed
}

// Lanes gives the two directions of the link without sockets, for a test in virtual time.
func (c Config) Lanes() (aToB, bToA *Lane, err error) {
	if speed := c.speed(); !(speed > 0) || math.IsInf(speed, 0) {
		return nil, nil, fmt.Errorf("speed %v is not a positive number", c.Speed)
	}
	aToB, errA := NewLane(c.AtoB.scaled(c.speed()), c.Seed)
	bToA, errB := NewLane(c.BtoA.scaled(c.speed()), mix(c.Seed))
	if errA != nil {
		errA = fmt.Errorf("direction A to B: %w", errA)
	}
	if errB != nil {
		errB = fmt.Errorf("direction B to A: %w", errB)
	}
	if err := errors.Join(errA, errB); err != nil {
		return nil, nil, err
	}
	aToB.trace, aToB.aToB, bToA.trace = c.Trace, true, c.Trace
	return aToB, bToA, nil
}
