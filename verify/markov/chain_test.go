package markov

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// walk is a gambler with 0..n coins who wins one with probability p and stops with none or with n.
func walk(n int, p *big.Rat) *Chain {
	c := &Chain{Rows: make([][]Edge, n+1)}
	q := new(big.Rat).Sub(one, p)
	for i := 1; i < n; i++ {
		c.Rows[i] = []Edge{{i + 1, p}, {i - 1, q}}
	}
	return c
}

// ruin is the closed form of winning from i coins, as a fraction.
func ruin(i, n int, p *big.Rat) *big.Rat {
	r := new(big.Rat).Quo(new(big.Rat).Sub(one, p), p)
	if r.Cmp(one) == 0 {
		return big.NewRat(int64(i), int64(n))
	}
	power := func(k int) *big.Rat {
		y := big.NewRat(1, 1)
		for range k {
			y.Mul(y, r)
		}
		return y.Sub(one, y)
	}
	return new(big.Rat).Quo(power(i), power(n))
}

func holds(v Value, want *big.Rat) bool {
	lo, hi := new(big.Rat).SetFloat64(v.Lo), new(big.Rat).SetFloat64(v.Hi)
	return lo != nil && hi != nil && lo.Cmp(want) <= 0 && want.Cmp(hi) <= 0
}

func TestGamblersRuin(t *testing.T) {
	for _, c := range []struct {
		n, from int
		p       *big.Rat
		exact   bool
		width   float64 // relative
	}{
		{10, 3, big.NewRat(1, 2), true, 1e-15},
		{20, 7, big.NewRat(1, 3), true, 1e-15},
		{200, 150, big.NewRat(49, 100), false, 1e-10},
		{1000, 990, big.NewRat(2, 5), false, 1e-9},
		{300, 2, big.NewRat(1, 2), false, 1e-9},
		{100, 1, big.NewRat(1, 10), false, 1}, // 10^-95 beside states of 1: a bound is all that can be asked
	} {
		chain := walk(c.n, c.p)
		if err := chain.Check(); err != nil {
			t.Fatal(err)
		}
		goal := make([]bool, c.n+1)
		goal[c.n] = true
		v, err := chain.Reach(c.from, goal)
		want := ruin(c.from, c.n, c.p)
		if err != nil || !holds(v, want) || (v.Exact != nil) != c.exact || c.exact && v.Exact.Cmp(want) != 0 {
			f, _ := want.Float64()
			t.Errorf("%d of %d at %v: %+v, %v; it is %v", c.from, c.n, c.p, v, err, f)
		}
		if f, _ := want.Float64(); c.width < 1 && v.Hi-v.Lo > c.width*f {
			t.Errorf("%d of %d at %v: %v..%v is wide", c.from, c.n, c.p, v.Lo, v.Hi)
		}
	}
}

// The fair gambler plays i*(n-i) rounds.
func TestExpectedRounds(t *testing.T) {
	for _, c := range []struct{ n, from int }{{12, 5}, {120, 7}} {
		chain := walk(c.n, big.NewRat(1, 2))
		gives := make([]*big.Rat, c.n+1)
		for i := 1; i < c.n; i++ {
			gives[i] = one
		}
		v, err := chain.Expect(c.from, gives)
		if want := big.NewRat(int64(c.from*(c.n-c.from)), 1); err != nil || !holds(v, want) || (v.Exact == nil) != (c.n > 100) {
			t.Errorf("%+v, %v; it is %v", v, err, want)
		}
		if v.Hi/v.Lo-1 > 1e-9 {
			t.Errorf("%v..%v is wide", v.Lo, v.Hi)
		}
	}
}

func TestForEver(t *testing.T) {
	half := big.NewRat(1, 2)
	// 0 goes to 1, which stays and gives, or to 2, which stays and gives nothing.
	c := &Chain{Rows: [][]Edge{{{1, half}, {2, half}}, {{1, one}}, {{2, one}}}}
	gives := []*big.Rat{nil, one, nil}
	if v, err := c.Expect(0, gives); err != nil || !math.IsInf(v.Lo, 1) || !math.IsInf(v.Hi, 1) {
		t.Errorf("%+v, %v", v, err)
	}
	if v, err := c.Expect(2, gives); err != nil || v.Exact == nil || v.Exact.Sign() != 0 {
		t.Errorf("%+v, %v", v, err)
	}
	if v, err := c.Reach(0, []bool{false, false, true}); err != nil || v.Exact == nil || v.Exact.Cmp(half) != 0 {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestCheckRefuses(t *testing.T) {
	for i, c := range []Chain{
		{Rows: [][]Edge{{{1, one}}}},
		{Rows: [][]Edge{{{0, big.NewRat(1, 3)}}}},
		{Rows: [][]Edge{{{0, big.NewRat(2, 1)}, {0, big.NewRat(-1, 1)}}}},
		{Rows: [][]Edge{{{0, nil}}}},
	} {
		if c.Check() == nil {
			t.Errorf("chain %d passes", i)
		}
	}
}

// drawChain draws a chain of which every state may lead to any other, with odds from a few to one to a million.
func drawChain(t *rapid.T) *Chain {
	n := rapid.IntRange(1, 14).Draw(t, "states")
	c := &Chain{Rows: make([][]Edge, n)}
	for s := range c.Rows {
		k := rapid.IntRange(0, 4).Draw(t, "edges")
		weights := make([]int64, k)
		sum := int64(0)
		for i := range weights {
			weights[i] = rapid.SampledFrom([]int64{1, 1, 2, 3, 50, 1_000_000}).Draw(t, "weight")
			sum += weights[i]
		}
		for _, w := range weights {
			c.Rows[s] = append(c.Rows[s], Edge{rapid.IntRange(0, n-1).Draw(t, "to"), big.NewRat(w, sum)})
		}
	}
	return c
}

// Bounds contain what the fractions say, and are close.
func TestBoundsContainTheFraction(t *testing.T) {
	finite, cyclic := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		c := drawChain(t)
		if err := c.Check(); err != nil {
			t.Fatal(err)
		}
		n := len(c.Rows)
		goal, gives := make([]bool, n), make([]*big.Rat, n)
		for s := range n {
			goal[s] = rapid.IntRange(0, 3).Draw(t, "goal") == 0
			gives[s] = big.NewRat(rapid.Int64Range(0, 3).Draw(t, "gives"), rapid.Int64Range(1, 7).Draw(t, "of"))
		}
		from := rapid.IntRange(0, n-1).Draw(t, "from")
		both := func(name string, solve func() (Value, error)) {
			exact, err := solve()
			if err != nil {
				t.Fatal(err)
			}
			if exact.Exact == nil {
				if !math.IsInf(exact.Lo, 1) {
					t.Fatalf("%s: %+v of %d states is not exact", name, exact, n)
				}
				return
			}
			withoutFractions = true
			bound, err := solve()
			few := dense
			dense = 0 // by a guess and its proof, as large blocks are
			guess, guessErr := solve()
			dense, withoutFractions = few, false
			if guessErr == nil && !holds(guess, exact.Exact) {
				t.Fatalf("%s: %+v by a guess; it is %v", name, guess, exact.Exact)
			}
			if err != nil || bound.Exact != nil || !holds(bound, exact.Exact) {
				t.Fatalf("%s: %+v, %v; it is %v", name, bound, err, exact.Exact)
			}
			if f, _ := exact.Exact.Float64(); bound.Hi-bound.Lo > 1e-7*max(f, 1e-6) {
				t.Fatalf("%s: %v..%v is wide about %v", name, bound.Lo, bound.Hi, f)
			}
			finite++
		}
		both("reach", func() (Value, error) { return c.Reach(from, goal) })
		both("expect", func() (Value, error) { return c.Expect(from, gives) })
		if _, order := c.components(); len(order) < n {
			cyclic++
		}
	})
	if finite < 100 || cyclic < 30 {
		t.Errorf("%d finite, %d with cycles", finite, cyclic)
	}
}

// However wrong the guess is, what is proved about it contains the truth.
func TestAWrongGuessIsNotBelieved(t *testing.T) {
	c := walk(60, big.NewRat(1, 2))
	p := problem{chain: c, fixed: make([]*big.Rat, 61)}
	p.fixed[0], p.fixed[60] = new(big.Rat), one
	x := make([]Interval, 61)
	x[60] = Interval{1, 1}
	states := []int{}
	for s := 1; s < 60; s++ {
		states = append(states, s)
	}
	b := newBlock(&p, states, x)
	long := b.approximate(func(int) float64 { return 1 })
	for _, wrong := range []float64{0.5, 0.999999, 1, 1.000001, 1.5} {
		middle := b.approximate(func(i int) float64 { return b.given[i].Lo })
		for i := range middle {
			middle[i] *= wrong
		}
		hi, err := b.prove(middle, long, true)
		lo, err2 := b.prove(middle, long, false)
		if err = errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		for i := range middle {
			if v := (Value{Lo: lo[i], Hi: hi[i]}); !holds(v, big.NewRat(int64(i+1), 60)) {
				t.Errorf("%v times the truth: state %d is within %v..%v", wrong, i+1, lo[i], hi[i])
			}
		}
	}
}
