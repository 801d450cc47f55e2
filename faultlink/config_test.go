package faultlink

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestString(t *testing.T) {
	radio := Faults{Lose: 0.2, Repeat: 0.05, Overtake: 2, Corrupt: 0.001, DelayMin: 30 * time.Millisecond, DelayMax: 90 * time.Millisecond}
	for _, c := range []struct {
		config Config
		want   string
	}{
		{Config{}, "seed 0, both ways: perfect"},
		{
			Config{Seed: 7, Speed: 10}.Both(radio),
			"seed 7, speed 10, both ways: loses 20% repeats 5% corrupts 0.1% reorders within 2 delays 30ms..90ms",
		},
		{
			Config{Seed: 1, AtoB: Faults{Lose: 1}, BtoA: Faults{Overtake: Unbounded}},
			"seed 1, A to B: loses 100%, B to A: reorders",
		},
	} {
		if got := c.config.String(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestConfigOutOfRange(t *testing.T) {
	for want, c := range map[string]Config{
		"A to B: loses 1.5 is not":            {AtoB: Faults{Lose: 1.5}},
		"B to A: repeats -1 is not":           {BtoA: Faults{Repeat: -1}},
		"corrupts NaN is not":                 {BtoA: Faults{Corrupt: math.NaN()}},
		"reorders within -2 is not":           {AtoB: Faults{Overtake: -2}},
		"reorders within 9223372036854775807": {AtoB: Faults{Overtake: math.MaxInt}},
		"delays 2s..1s is not":                {AtoB: Faults{DelayMin: 2 * time.Second, DelayMax: time.Second}},
		"delays -1s..0s is not":               {AtoB: Faults{DelayMin: -time.Second}},
		"delays 0s..24h0m0.000000001s":        {AtoB: Faults{DelayMax: math.MaxInt64}},
		"speed -1 is not":                     {Speed: -1},
		"speed NaN is not":                    {Speed: math.NaN()},
		"speed +Inf is not":                   {Speed: math.Inf(1)},
		"is not a range of times":             {Speed: 1e-300, AtoB: Faults{DelayMax: time.Second}},
	} {
		_, _, err := c.Lanes()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want %q", c, err, want)
		}
		if l, err := Listen(c); err == nil {
			t.Errorf("%v: a link opened", c)
			_ = l.Close()
		}
	}
}

func TestSpeedDividesDelays(t *testing.T) {
	aToB, _, err := Config{Speed: 10, AtoB: Faults{DelayMin: time.Second, DelayMax: time.Second}}.Lanes()
	if err != nil {
		t.Fatal(err)
	}
	aToB.Send(start, []byte("x"))
	if next, more := aToB.Next(); !more || next.Sub(start) != time.Second/10 {
		t.Errorf("arrives after %v, want 100ms", next.Sub(start))
	}
}

func TestDirectionsAreIndependent(t *testing.T) {
	aToB, bToA, err := Config{Seed: 4}.Both(Faults{Lose: 0.5}).Lanes()
	if err != nil {
		t.Fatal(err)
	}
	differ := false
	for range 64 {
		aToB.Send(start, nil)
		bToA.Send(start, nil)
		differ = differ || len(aToB.Due(start)) != len(bToA.Due(start))
	}
	if !differ {
		t.Error("both directions lose the same of 64 datagrams")
	}
}
