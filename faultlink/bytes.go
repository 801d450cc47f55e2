package faultlink

import (
	"errors"
	"fmt"
	"math/rand/v2"
)

// ByteFaults is what one direction of a serial line may do to each byte: a probability, 0 to 1, for each. The zero value
// is a perfect line.
type ByteFaults struct {
	Lose  float64 // it vanishes
	Add   float64 // a byte that nobody sent follows it
	Alter float64 // it arrives as another one
}

// Validate reports every field that is out of its range.
func (f ByteFaults) Validate() error {
	var errs []error
	for _, p := range []struct {
		word  string
		value float64
	}{{"lose", f.Lose}, {"add", f.Add}, {"alter", f.Alter}} {
		if !(p.value >= 0 && p.value <= 1) { // NaN fails too
			errs = append(errs, fmt.Errorf("%s %v is not between 0 and 1", p.word, p.value))
		}
	}
	return errors.Join(errs...)
}

// ByteCounters says what a direction of a serial line did so far, in bytes.
type ByteCounters struct{ Sent, Lost, Added, Altered uint64 }

// ByteLane is one direction of a serial line: bytes in their order, some of them lost or altered, and some between them that
// nobody sent. What befalls the n-th byte depends on the seed and n alone, however the bytes are cut into writes. It is not
// safe for concurrent use.
type ByteLane struct {
	faults   ByteFaults
	seed     uint64
	pcg      *rand.PCG
	rng      *rand.Rand
	counters ByteCounters
}

// NewByteLane returns a direction, or an error that names every field of f that is out of range.
func NewByteLane(f ByteFaults, seed uint64) (*ByteLane, error) {
	if err := f.Validate(); err != nil {
		return nil, err
	}
	pcg := rand.NewPCG(0, 0)
	return &ByteLane{faults: f, seed: mix(seed), pcg: pcg, rng: rand.New(pcg)}, nil
}

// Pass takes the next bytes that are sent and gives what arrives of them. It keeps no reference to them.
func (l *ByteLane) Pass(sent []byte) (arrives []byte) {
	arrives = make([]byte, 0, len(sent))
	for _, b := range sent {
		l.counters.Sent++
		l.pcg.Seed(l.seed, mix(l.counters.Sent))
		lost, altered, added := l.rng.Float64() < l.faults.Lose, l.rng.Float64() < l.faults.Alter, l.rng.Float64() < l.faults.Add
		switch {
		case lost:
			l.counters.Lost++
		case altered:
			l.counters.Altered++
			arrives = append(arrives, b^byte(1+l.rng.IntN(255)))
		default:
			arrives = append(arrives, b)
		}
		if added {
			l.counters.Added++
			arrives = append(arrives, byte(l.rng.IntN(256)))
		}
	}
	return arrives
}

// Counters returns what the line did so far.
func (l *ByteLane) Counters() ByteCounters { return l.counters }
