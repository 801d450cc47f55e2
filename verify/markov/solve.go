package markov

import (
	"math"
	"math/big"
)

// Beyond these a chain is not solved in fractions.
const (
	largestBlock = 48      // states that lead to each other
	longestBits  = 1 << 15 // of a numerator and its denominator
	mostBits     = 1 << 28 // of all of them
)

// withoutFractions makes tests use bounds where fractions would do.
var withoutFractions = false

// problem is a system of equations: the value of a state is what it gives and the values of its successors, weighted;
// fixed values are given. From every state that is not fixed a fixed one is reached in the end, so the solution is the
// only one.
type problem struct {
	chain *Chain
	fixed []*big.Rat
	gives []*big.Rat // nil: nothing is given
}

func (p *problem) give(s int) *big.Rat {
	if p.gives == nil || p.gives[s] == nil {
		return new(big.Rat)
	}
	return p.gives[s]
}

// solve gives the value of a state.
func (p *problem) solve(from int) (Value, error) {
	order := p.blocks(from)
	if v := p.exact(from, order); v != nil && !withoutFractions {
		i := Around(v)
		return Value{i.Lo, i.Hi, v}, nil
	}
	i, err := p.bounds(from, order)
	return Value{Lo: i.Lo, Hi: i.Hi}, err
}

// blocks are the strongly connected components of what is reached from a state without going on from fixed ones, each
// after those that it leads to.
func (p *problem) blocks(from int) [][]int {
	cut := &Chain{Rows: make([][]Edge, len(p.chain.Rows))}
	seen := make([]bool, len(p.chain.Rows))
	todo := []int{from}
	seen[from] = true
	for len(todo) > 0 {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if p.fixed[s] != nil {
			continue
		}
		cut.Rows[s] = p.chain.Rows[s]
		for _, e := range cut.Rows[s] {
			if !seen[e.To] {
				seen[e.To] = true
				todo = append(todo, e.To)
			}
		}
	}
	_, order := cut.components()
	var out [][]int
	for _, b := range order {
		if seen[b[0]] {
			out = append(out, b)
		}
	}
	return out
}

// exact solves block after block in fractions; nil where that is too much.
func (p *problem) exact(from int, order [][]int) *big.Rat {
	x := make([]*big.Rat, len(p.chain.Rows))
	total := 0
	for _, block := range order {
		if p.fixed[block[0]] != nil {
			x[block[0]] = p.fixed[block[0]]
			continue
		}
		if len(block) > largestBlock || !p.eliminate(block, x) {
			return nil
		}
		for _, s := range block {
			n := x[s].Num().BitLen() + x[s].Denom().BitLen()
			if total += n; n > longestBits || total > mostBits {
				return nil
			}
		}
	}
	return x[from]
}

// eliminate solves a block by Gauss's elimination; the states behind it have their values. It reports false where the
// numbers grow too long.
func (p *problem) eliminate(block []int, x []*big.Rat) bool {
	at := map[int]int{}
	for i, s := range block {
		at[s] = i
	}
	n := len(block)
	rows := make([][]*big.Rat, n) // of (I-P | given)
	for i, s := range block {
		rows[i] = make([]*big.Rat, n+1)
		for j := range rows[i] {
			rows[i][j] = new(big.Rat)
		}
		rows[i][i].SetInt64(1)
		rows[i][n].Set(p.give(s))
		for _, e := range p.chain.Rows[s] {
			if j, in := at[e.To]; in {
				rows[i][j].Sub(rows[i][j], e.P)
			} else {
				rows[i][n].Add(rows[i][n], new(big.Rat).Mul(e.P, x[e.To]))
			}
		}
	}
	// I-P is a non-singular M-matrix: its pivots are more than 0 in any order.
	t := new(big.Rat)
	for i := range n {
		pivot := new(big.Rat).Inv(rows[i][i])
		for j := i; j <= n; j++ {
			rows[i][j].Mul(rows[i][j], pivot)
		}
		for k := range n {
			f := rows[k][i]
			if k == i || f.Sign() == 0 {
				continue
			}
			f = new(big.Rat).Set(f)
			for j := i; j <= n; j++ {
				rows[k][j].Sub(rows[k][j], t.Mul(f, rows[i][j]))
			}
			if rows[k][n].Denom().BitLen() > longestBits {
				return false
			}
		}
	}
	for i, s := range block {
		x[s] = rows[i][n]
	}
	return true
}

// bounds solves block after block in floating-point numbers. Of each block an approximate solution x is found by
// whatever means, and then the least e is sought for which x + e*w is proved to lie above the solution and x - e*w below,
// w being about the number of steps until the block is left. Above lies what one step of the equations does not
// raise, below what it does not lower: for the steps lead to the one solution, and they keep an order. (Haddad and Monmege
// 2018 for bounds on both sides; Hartmanns and Kaminski 2020 for the guess that is proved.)
func (p *problem) bounds(from int, order [][]int) (Interval, error) {
	x := make([]Interval, len(p.chain.Rows))
	for _, block := range order {
		if f := p.fixed[block[0]]; f != nil {
			x[block[0]] = Around(f)
			continue
		}
		if err := newBlock(p, block, x).solve(x); err != nil {
			return Interval{0, math.Inf(1)}, err
		}
	}
	return x[from], nil
}

// block is a strongly connected component as floating-point numbers.
type block struct {
	states []int
	rows   [][]entry
	given  []Interval // by what is outside of it, and by the states themselves
}

// entry is an edge within a block.
type entry struct {
	to int
	p  Interval
}

func newBlock(p *problem, states []int, x []Interval) *block {
	b := &block{states: states, rows: make([][]entry, len(states)), given: make([]Interval, len(states))}
	at := map[int]int{}
	for i, s := range states {
		at[s] = i
	}
	for i, s := range states {
		b.given[i] = Around(p.give(s))
		for _, e := range p.chain.Rows[s] {
			if j, in := at[e.To]; in {
				b.rows[i] = append(b.rows[i], entry{j, Around(e.P)})
			} else {
				b.given[i] = b.given[i].Add(Around(e.P).Mul(x[e.To]))
			}
		}
	}
	return b
}

const (
	dense   = 400         // states of a block that is solved by elimination
	sweeps  = 200_000     // of an iteration
	mostOps = 400_000_000 // edges looked at in all sweeps of a block
)

// approximate solves x = given + P x: a block that is not too large by elimination, and then by sweeps. What it gives is
// not used without proof.
func (b *block) approximate(given func(i int) float64) []float64 {
	x := make([]float64, len(b.states))
	if len(x) <= dense {
		b.gauss(x, given)
	}
	edges := 1
	for _, r := range b.rows {
		edges += len(r)
	}
	for range min(sweeps, 1+mostOps/edges) {
		change := 0.0
		for i := range x {
			y, self := given(i), 0.0
			for _, e := range b.rows[i] {
				if e.to == i {
					self += e.p.Lo
				} else {
					y += e.p.Lo * x[e.to]
				}
			}
			y /= 1 - self
			if y > 0 {
				change = max(change, math.Abs(y-x[i])/y)
			}
			x[i] = y
		}
		if change < 1e-16 {
			break
		}
	}
	return x
}

// gauss solves x = given + P x by elimination without pivoting: I-P is an M-matrix.
func (b *block) gauss(x []float64, given func(i int) float64) {
	n := len(x)
	rows := make([][]float64, n)
	for i, r := range b.rows {
		rows[i] = make([]float64, n+1)
		rows[i][i], rows[i][n] = 1, given(i)
		for _, e := range r {
			rows[i][e.to] -= e.p.Lo
		}
	}
	for i := range n {
		for k := i + 1; k < n; k++ {
			if f := rows[k][i] / rows[i][i]; f != 0 {
				for j := i; j <= n; j++ {
					rows[k][j] -= f * rows[i][j]
				}
			}
		}
	}
	for i := n - 1; i >= 0; i-- {
		y := rows[i][n]
		for j := i + 1; j < n; j++ {
			y -= rows[i][j] * x[j]
		}
		if x[i] = y / rows[i][i]; !(x[i] >= 0) || math.IsInf(x[i], 1) {
			x[i] = 0 // a breakdown: the sweeps go on from nothing
		}
	}
}

// step is one step of the equations for a state, rounded to a side.
func (b *block) step(i int, x []float64, up bool) float64 {
	if up {
		y := b.given[i].Hi
		for _, e := range b.rows[i] {
			y = plusUp(y, timesUp(e.p.Hi, x[e.to]))
		}
		return y
	}
	y := b.given[i].Lo
	for _, e := range b.rows[i] {
		y = plusDown(y, timesDown(e.p.Lo, x[e.to]))
	}
	return y
}

// solve puts the bounds of the block's states into x.
func (b *block) solve(x []Interval) error {
	middle := b.approximate(func(i int) float64 { return (b.given[i].Lo + b.given[i].Hi) / 2 })
	long := b.approximate(func(int) float64 { return 1 })
	hi, errHi := b.prove(middle, long, true)
	lo, errLo := b.prove(middle, long, false)
	for i, s := range b.states {
		x[s] = Interval{lo[i], hi[i]}
	}
	if errHi != nil {
		return errHi
	}
	return errLo
}

// prove finds a bound on one side of the solution.
func (b *block) prove(middle, long []float64, up bool) ([]float64, error) {
	y := make([]float64, len(middle))
	least := 1e-300
	for _, m := range middle {
		least = max(least, m*0x1p-60)
	}
	for e := least; e < 1e300; e *= 2 {
		for i, m := range middle {
			if up {
				y[i] = Up(m + e*long[i])
			} else {
				y[i] = max(0, Down(m-e*long[i]))
			}
		}
		proved := true
		for i := 0; i < len(y) && proved; i++ {
			if z := b.step(i, y, up); up && !(z <= y[i]) || !up && !(z >= y[i]) {
				proved = false
			}
		}
		if proved {
			return y, nil
		}
	}
	for i := range y {
		y[i] = 0
		if up {
			y[i] = math.Inf(1)
		}
	}
	return y, ErrIterations
}
