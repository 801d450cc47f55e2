package faultlink

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// What arrives does not depend on how the bytes are cut into writes, and the counters say what befell them.
func TestByteLaneIsOfItsSeed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom([]float64{0, 0.1, 0.5, 1})
		f := ByteFaults{Lose: p.Draw(t, "lose"), Add: p.Draw(t, "add"), Alter: p.Draw(t, "alter")}
		seed := rapid.Uint64().Draw(t, "seed")
		sent := rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "sent")
		whole, cut := byteLane(t, f, seed), byteLane(t, f, seed)
		want := whole.Pass(sent)
		var got []byte
		for rest := sent; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "write")
			got = append(got, cut.Pass(rest[:n])...)
			rest = rest[n:]
		}
		c := whole.Counters()
		if !bytes.Equal(got, want) || cut.Counters() != c {
			t.Fatalf("%x in one write, %x in several", want, got)
		}
		if c.Sent != uint64(len(sent)) || uint64(len(want)) != c.Sent-c.Lost+c.Added {
			t.Fatalf("%+v, and %d bytes arrived", c, len(want))
		}
		if f == (ByteFaults{}) && !bytes.Equal(want, sent) {
			t.Fatalf("a perfect line makes %x of %x", want, sent)
		}
		if f.Alter == 1 && f.Add == 0 && f.Lose == 0 {
			for i := range sent {
				if want[i] == sent[i] {
					t.Fatalf("byte %d is not altered", i)
				}
			}
		}
	})
}

func byteLane(t *rapid.T, f ByteFaults, seed uint64) *ByteLane {
	l, err := NewByteLane(f, seed)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// As many bytes are damaged as was asked for, each in one way as often as the others.
func TestByteLaneShares(t *testing.T) {
	l, err := NewByteLane(ByteFaults{Lose: 0.01, Add: 0.01, Alter: 0.01}, 1)
	if err != nil {
		t.Fatal(err)
	}
	const n = 200_000
	l.Pass(make([]byte, n))
	c := l.Counters()
	for _, got := range []uint64{c.Lost, c.Added, c.Altered} {
		if math.Abs(float64(got)-n*0.01) > 6*math.Sqrt(n*0.01) {
			t.Errorf("%+v of %d bytes", c, n)
		}
	}
}

func TestByteFaultsOutOfRange(t *testing.T) {
	_, err := NewByteLane(ByteFaults{Lose: 1.5, Add: -1, Alter: math.NaN()}, 1)
	for _, word := range []string{"lose 1.5", "add -1", "alter NaN"} {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%v does not say %q", err, word)
		}
	}
}
