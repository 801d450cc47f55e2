package faultlink

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A trace tells all that the counters count, in both directions, and what it says of a datagram fits together.
func TestTrace(t *testing.T) {
	type key struct {
		aToB   bool
		number uint64
	}
	told := map[bool]*Counters{true: {}, false: {}}
	sent := map[key][]byte{}
	arrivals := map[key]int{}
	c := Config{Seed: 3, Trace: func(e Event) {
		n, k := told[e.AtoB], key{e.AtoB, e.Number}
		switch e.What {
		case Sent:
			n.Sent++
			if e.Number != n.Sent {
				t.Errorf("datagram %d is numbered %d", n.Sent, e.Number)
			}
			sent[k] = bytes.Clone(e.Datagram)
		case Lost:
			n.Lost++
		case Expired:
			n.Expired++
		case Arrived:
			n.Delivered++
			if e.Again {
				n.Repeated++
			}
			if e.Altered {
				n.Corrupted++
			}
			if e.Again != (arrivals[k] > 0) {
				t.Errorf("copy %d of datagram %d: again is %v", arrivals[k], e.Number, e.Again)
			}
			arrivals[k]++
			if e.Altered == bytes.Equal(e.Datagram, sent[k]) {
				t.Errorf("datagram %d: altered is %v of %x that was %x", e.Number, e.Altered, e.Datagram, sent[k])
			}
		}
	}}.Both(Faults{Lose: 0.2, Repeat: 0.4, Corrupt: 0.2, Overtake: 2, DelayMin: time.Millisecond, DelayMax: 9 * time.Millisecond})
	aToB, bToA, err := c.Lanes()
	if err != nil {
		t.Fatal(err)
	}
	now := start
	for i := range 2000 {
		now = now.Add(time.Millisecond)
		aToB.Send(now, numbered(i))
		bToA.Send(now, numbered(i))
		aToB.Due(now)
		bToA.Due(now)
	}
	for side, lane := range map[bool]*Lane{true: aToB, false: bToA} {
		want := lane.Counters()
		if want.Repeated == 0 || want.Corrupted == 0 || want.Expired == 0 || want.Lost == 0 {
			t.Fatalf("a link without faults: %+v", want)
		}
		want.Overtaken = 0 // not told: it is seen in the numbers
		if diff := cmp.Diff(want, *told[side]); diff != "" {
			t.Errorf("A to B %v: counters (-) and trace (+):\n%s", side, diff)
		}
	}
}
