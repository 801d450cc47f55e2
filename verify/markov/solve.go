package markov

import (
	"math"
	"math/big"
	"slices"
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

// bounds solves block after block in floating-point numbers: by elimination where a block is not too large. Of a larger
// one an approximate solution x is found by whatever means, and then the least e is sought for which x + e*w is proved to
// lie above the solution and x - e*w below, w being about the number of steps until the block is left. Above lies what
// one step of the equations does not raise, below what it does not lower: for the steps lead to the one solution, and they
// keep an order. (Haddad and Monmege 2018 for bounds on both sides; Hartmanns and Kaminski 2020 for the guess that is
// proved.)
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
	leaves []Interval // the probability with which a step leads out of it
}

// entry is an edge within a block.
type entry struct {
	to int
	p  Interval
}

func newBlock(p *problem, states []int, x []Interval) *block {
	b := &block{states: states, rows: make([][]entry, len(states)), given: make([]Interval, len(states)), leaves: make([]Interval, len(states))}
	at := map[int]int{}
	for i, s := range states {
		at[s] = i
	}
	for i, s := range states {
		b.given[i] = Around(p.give(s))
		out := new(big.Rat)
		for _, e := range p.chain.Rows[s] {
			if j, in := at[e.To]; in {
				b.rows[i] = append(b.rows[i], entry{j, Around(e.P)})
			} else {
				b.given[i] = b.given[i].Add(Around(e.P).Mul(x[e.To]))
				out.Add(out, e.P)
			}
		}
		b.leaves[i] = Around(out)
	}
	return b
}

// dense is how many states a block has at most that is solved by elimination. Tests set it.
var dense = 400

const (
	sweeps  = 200_000     // of an iteration
	mostOps = 400_000_000 // edges looked at in all sweeps of a block
)

// approximate solves x = given + P x by sweeps. What it gives is not used without proof.
func (b *block) approximate(given func(i int) float64) []float64 {
	x := make([]float64, len(b.states))
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
	if len(b.states) <= dense && b.eliminate(x) {
		return nil
	}
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

// eliminate puts bounds by elimination into x; false where there are none. What is left of 1 behind the loops of a state is
// added up from where else its steps lead, so that nothing is ever subtracted: the bounds are close however seldom the
// block is left (Grassmann, Taksar and Heyman 1985; O'Cinneide 1993 for the error).
func (b *block) eliminate(x []Interval) bool {
	n := len(b.states)
	rows, given, leaves := make([][]Interval, n), slices.Clone(b.given), slices.Clone(b.leaves)
	for i, r := range b.rows {
		rows[i] = make([]Interval, n)
		for _, e := range r {
			rows[i][e.to] = rows[i][e.to].Add(e.p)
		}
	}
	left := make([]Interval, n) // of a state: how often it goes on to one that is not eliminated yet, or leaves
	for k := range n {
		left[k] = leaves[k]
		for j := k + 1; j < n; j++ {
			left[k] = left[k].Add(rows[k][j])
		}
		if left[k].Lo == 0 {
			return false
		}
		for i := k + 1; i < n; i++ {
			if rows[i][k].Hi == 0 {
				continue
			}
			f := rows[i][k].Div(left[k])
			for j := k + 1; j < n; j++ {
				rows[i][j] = rows[i][j].Add(f.Mul(rows[k][j]))
			}
			given[i], leaves[i] = given[i].Add(f.Mul(given[k])), leaves[i].Add(f.Mul(leaves[k]))
		}
	}
	for k := n - 1; k >= 0; k-- {
		y := given[k]
		for j := k + 1; j < n; j++ {
			y = y.Add(rows[k][j].Mul(x[b.states[j]]))
		}
		x[b.states[k]] = y.Div(left[k])
	}
	return true
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
