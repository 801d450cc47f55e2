package markov

import (
	"errors"
	"fmt"
	"math"
	"math/big"
)

// Edge is a transition to a state with a probability of more than 0.
type Edge struct {
	To int
	P  *big.Rat
}

// Chain has a row of edges for each state; each row sums to 1. A state without a row of its own stays where it is.
type Chain struct{ Rows [][]Edge }

// Value is a figure of a chain. Exact is nil where only bounds are known; Lo and Hi are bounds in either case. Both are
// +Inf where the figure is infinite.
type Value struct {
	Lo, Hi float64
	Exact  *big.Rat
}

// Contains reports whether a value may be x.
func (v Value) Contains(x float64) bool { return v.Lo <= x && x <= v.Hi }

// ErrIterations is returned with bounds that are sound and did not come as close together as they should.
var ErrIterations = errors.New("the bounds did not come together")

// Check says what is wrong with a chain; nil where nothing is.
func (c *Chain) Check() error {
	for s, row := range c.Rows {
		if len(row) == 0 {
			continue
		}
		sum := new(big.Rat)
		for _, e := range row {
			if e.To < 0 || e.To >= len(c.Rows) {
				return fmt.Errorf("state %d leads to %d of %d states", s, e.To, len(c.Rows))
			}
			if e.P == nil || e.P.Sign() <= 0 {
				return fmt.Errorf("state %d has an edge without a probability", s)
			}
			sum.Add(sum, e.P)
		}
		if sum.Cmp(one) != 0 {
			return fmt.Errorf("the row of state %d sums to %v", s, sum)
		}
	}
	return nil
}

var one = big.NewRat(1, 1)

// Reach is the probability that a run from a state ever comes to a goal. The chain must pass Check.
func (c *Chain) Reach(from int, goal []bool) (Value, error) {
	can := c.backwards(func(s int) bool { return goal[s] })
	p := problem{chain: c, fixed: make([]*big.Rat, len(c.Rows))}
	for s := range c.Rows {
		switch {
		case goal[s]:
			p.fixed[s] = one
		case !can[s]:
			p.fixed[s] = new(big.Rat)
		}
	}
	v, err := p.solve(from)
	v.Hi = math.Min(v.Hi, 1)
	return v, err
}

// Expect is the expected sum of what the states of a run give, each time that it is in one; gives is 0 or more, nil
// standing for 0. It is infinite where a run stays for ever, with a probability of more than 0, among states that give. The
// chain must pass Check.
func (c *Chain) Expect(from int, gives []*big.Rat) (Value, error) {
	positive := func(s int) bool { return gives[s] != nil && gives[s].Sign() > 0 }
	comp, order := c.components()
	endless := map[int]bool{} // components without a way out that give something
	for k, states := range order {
		closed, some := true, false
		for _, s := range states {
			some = some || positive(s)
			for _, e := range c.Rows[s] {
				closed = closed && comp[e.To] == k
			}
		}
		if closed && some {
			endless[k] = true
		}
	}
	if c.backwards(func(s int) bool { return endless[comp[s]] })[from] {
		return Value{Lo: math.Inf(1), Hi: math.Inf(1)}, nil
	}
	more := c.backwards(positive)
	p := problem{chain: c, fixed: make([]*big.Rat, len(c.Rows)), gives: gives}
	for s := range c.Rows {
		if !more[s] || endless[comp[s]] {
			p.fixed[s] = new(big.Rat) // of the endless ones nothing is asked: they are not reached
		}
	}
	return p.solve(from)
}

// backwards lists the states from which one with goal can be reached.
func (c *Chain) backwards(goal func(s int) bool) []bool {
	before := make([][]int32, len(c.Rows))
	for s, row := range c.Rows {
		for _, e := range row {
			before[e.To] = append(before[e.To], int32(s))
		}
	}
	can := make([]bool, len(c.Rows))
	var todo []int32
	for s := range c.Rows {
		if goal(s) {
			can[s] = true
			todo = append(todo, int32(s))
		}
	}
	for len(todo) > 0 {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, b := range before[s] {
			if !can[b] {
				can[b] = true
				todo = append(todo, b)
			}
		}
	}
	return can
}

// components are the strongly connected ones, each after all those that it leads to (Tarjan 1972, without recursion).
func (c *Chain) components() (of []int, order [][]int) {
	n := len(c.Rows)
	of = make([]int, n)
	index, low, on := make([]int, n), make([]int, n), make([]bool, n)
	var stack []int
	next := 1
	type frame struct{ s, edge int }
	for root := range n {
		if index[root] != 0 {
			continue
		}
		frames := []frame{{root, 0}}
		for len(frames) > 0 {
			f := &frames[len(frames)-1]
			s := f.s
			if f.edge == 0 {
				index[s], low[s] = next, next
				next++
				stack, on[s] = append(stack, s), true
			}
			if f.edge < len(c.Rows[s]) {
				t := c.Rows[s][f.edge].To
				f.edge++
				if index[t] == 0 {
					frames = append(frames, frame{t, 0})
				} else if on[t] {
					low[s] = min(low[s], index[t])
				}
				continue
			}
			if low[s] == index[s] {
				var states []int
				for {
					t := stack[len(stack)-1]
					stack, on[t] = stack[:len(stack)-1], false
					of[t] = len(order)
					states = append(states, t)
					if t == s {
						break
					}
				}
				order = append(order, states)
			}
			frames = frames[:len(frames)-1]
			if len(frames) > 0 {
				u := frames[len(frames)-1].s
				low[u] = min(low[u], low[s])
			}
		}
	}
	return of, order
}
