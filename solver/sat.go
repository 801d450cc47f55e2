package solver

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	sat "github.com/crillab/gophersat/solver"
)

// errDeadline: the search took too long. errLibrary: the library failed or gave an answer that does not hold.
var (
	errDeadline = errors.New("the search took too long")
	errLibrary  = errors.New("the SAT library failed")
)

// formula is a set of clauses over variables 1..vars; a negative literal is a negated variable. The library's known
// faults are kept out here: literals are not repeated, every model is held against every clause, and costs are counted
// from the model.
type formula struct {
	vars    int
	clauses [][]int
	until   time.Time // deadline of all searches; zero: none
	work    *effort   // of all searches; nil: not counted
}

// effort is how many searches there were, and how many of them had to be asked of the library.
type effort struct{ searches, asked int }

func (e *effort) count(searches, asked int) {
	if e != nil {
		e.searches, e.asked = e.searches+searches, e.asked+asked
	}
}

func (f *formula) fresh() int {
	f.vars++
	return f.vars
}

// add states that one of the literals holds. A clause with a literal and its negation says nothing and is dropped.
func (f *formula) add(lits ...int) {
	clause := slices.Clone(lits)
	slices.Sort(clause)
	clause = slices.Compact(clause)
	for _, l := range clause {
		if slices.Contains(clause, -l) {
			return
		}
	}
	f.clauses = append(f.clauses, clause)
}

// model is the value of each variable, at its index; index 0 is not used.
type model []bool

func (m model) holds(lit int) bool {
	if lit < 0 {
		return !m[-lit]
	}
	return m[lit]
}

func (m model) satisfies(clauses [][]int) bool {
	for _, c := range clauses {
		if !slices.ContainsFunc(c, m.holds) {
			return false
		}
	}
	return true
}

// solve finds a model in which all assumptions hold; nil where there is none.
func (f *formula) solve(assume []int) (model, error) { return f.search(assume, nil, 0) }

// search finds a model whose weight is at most limit; weights are by variable and not negative, nil: no limit. What
// follows by propagation alone is not asked of the library, which most often has nothing left to say.
func (f *formula) search(assume []int, weights map[int]int, limit int) (model, error) {
	f.work.count(1, 0)
	v, ok := f.propagate(assume, weights, limit)
	if !ok {
		return nil, nil
	}
	m := make(model, f.vars+1)
	for i := range m {
		m[i] = v[i] == holding
	}
	if rest, names := f.rest(v); len(rest) > 0 {
		left := map[int]int{}
		for i, name := range names {
			left[1+i] = weights[name]
		}
		f.work.count(0, 1)
		found, err := ask(rest, len(names), left, limit-m.weight(weights), f.until)
		if found == nil || err != nil {
			return nil, err
		}
		for i, name := range names {
			m[name] = found[1+i]
		}
	}
	if !m.satisfies(f.clauses) || slices.ContainsFunc(assume, func(l int) bool { return !m.holds(l) }) || len(weights) > 0 && m.weight(weights) > limit {
		return nil, fmt.Errorf("%w: its model does not hold", errLibrary)
	}
	return m, nil
}

// ask the library for a model of clauses over variables 1..vars; nil where there is none.
func ask(clauses [][]int, vars int, weights map[int]int, limit int, until time.Time) (model, error) {
	constraints := make([]sat.PBConstr, 0, len(clauses)+1)
	for _, c := range clauses {
		constraints = append(constraints, sat.PropClause(c...))
	}
	if len(weights) > 0 {
		var lits, coefficients []int
		for v := 1; v <= vars; v++ {
			if w := weights[v]; w > 0 {
				lits, coefficients = append(lits, v), append(coefficients, w)
			}
		}
		if bound := sat.LtEq(lits, coefficients, limit); bound.AtLeast > 0 {
			constraints = append(constraints, bound)
		}
	}
	type answer struct {
		m   model
		err error
	}
	done := make(chan answer, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				done <- answer{nil, fmt.Errorf("%w: %v", errLibrary, r)}
			}
		}()
		library.Lock()
		defer library.Unlock()
		problem := sat.ParsePBConstrs(constraints)
		if problem.Status == sat.Unsat { // New would give a solver that panics
			done <- answer{}
			return
		}
		s := sat.New(problem)
		if s.Solve() != sat.Sat {
			done <- answer{}
			return
		}
		m := make(model, vars+1)
		copy(m[1:], s.Model())
		done <- answer{m: m}
	}()
	var timeout <-chan time.Time
	if !until.IsZero() {
		t := time.NewTimer(time.Until(until))
		defer t.Stop()
		timeout = t.C
	}
	select {
	case a := <-done:
		return a.m, a.err
	case <-timeout:
		return nil, errDeadline
	}
}

func (m model) weight(weights map[int]int) int {
	sum := 0
	for v, w := range weights {
		if m[v] {
			sum += w
		}
	}
	return sum
}

// library lets one search run at a time: all of them would learn their clauses in one buffer of gophersat's. A search
// that is given up at its deadline still runs, and those after it wait for its end or for their own deadlines.
var library sync.Mutex

// minimise finds a model of the least weight, and among those the one that is lexicographically least by variable,
// false before true; nil where there is none.
func (f *formula) minimise(assume []int, weights map[int]int) (model, error) {
	best, err := f.solve(assume)
	if best == nil || err != nil {
		return nil, err
	}
	for cost := best.weight(weights); cost > 0; cost = best.weight(weights) {
		better, err := f.search(assume, weights, cost-1)
		if err != nil {
			return nil, err
		}
		if better == nil {
			break
		}
		best = better
	}
	cost := best.weight(weights)
	fixed := slices.Clone(assume)
	for v := 1; v <= f.vars; v++ {
		if best[v] {
			m, err := f.search(append(fixed, -v), weights, cost)
			if err != nil {
				return nil, err
			}
			if m == nil {
				fixed = append(fixed, v)
				continue
			}
			best = m
		}
		fixed = append(fixed, -v)
	}
	return best, nil
}

// core is a smallest subset of the selectors, by inclusion, that cannot hold together: pieces of halved length are tried
// to be left out, in order, down to single ones. unsatisfiable answers for a subset; the whole is known to be
// unsatisfiable, and more selectors never make a subset satisfiable.
func core(selectors []int, unsatisfiable func([]int) (bool, error)) ([]int, error) {
	rest := slices.Clone(selectors)
	for size := (len(rest) + 1) / 2; size > 0; size /= 2 {
		for at := 0; at < len(rest); {
			without := slices.Delete(slices.Clone(rest), at, min(at+size, len(rest)))
			bad, err := unsatisfiable(without)
			if err != nil {
				return nil, err
			}
			if bad {
				rest = without
			} else {
				at += size
			}
		}
	}
	return rest, nil
}
