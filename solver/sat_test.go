package solver

import (
	"math/rand"
	"slices"
	"testing"
)

// all calls f with every model of the formula under the assumptions: the oracle.
func all(f *formula, assume []int, visit func(model)) {
	for x := range 1 << f.vars {
		m := make(model, f.vars+1)
		for v := 1; v <= f.vars; v++ {
			m[v] = x>>(f.vars-v)&1 == 1 // in lexicographic order
		}
		if m.satisfies(f.clauses) && !slices.ContainsFunc(assume, func(l int) bool { return !m.holds(l) }) {
			visit(m)
		}
	}
}

func randomFormula(r *rand.Rand) (*formula, []int, map[int]int) {
	f := &formula{vars: 1 + r.Intn(8)}
	lit := func() int { return (1 + r.Intn(f.vars)) * (1 - 2*r.Intn(2)) }
	for range r.Intn(16) {
		var c []int
		for range 1 + r.Intn(4) {
			c = append(c, lit()) // repeated and opposite ones too
		}
		f.add(c...)
	}
	var assume []int
	for range r.Intn(4) {
		assume = append(assume, lit())
	}
	weights := map[int]int{}
	for v := 1; v <= f.vars; v++ {
		weights[v] = r.Intn(5)
	}
	return f, assume, weights
}

func TestSearchAgreesWithBruteForce(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	sat, unsat := 0, 0
	for i := range 3000 {
		f, assume, weights := randomFormula(r)
		var least model
		all(f, assume, func(m model) {
			if least == nil || m.weight(weights) < least.weight(weights) {
				least = m
			}
		})
		m, err := f.solve(assume)
		if err != nil || (m == nil) != (least == nil) {
			t.Fatalf("%d: %v assuming %v: %v, %v; by brute force %v", i, f.clauses, assume, m, err, least)
		}
		m, err = f.minimise(assume, weights)
		if err != nil || !slices.Equal(m, least) {
			t.Fatalf("%d: %v assuming %v, weights %v: %v, %v; by brute force %v", i, f.clauses, assume, weights, m, err, least)
		}
		if least == nil {
			unsat++
		} else {
			sat++
		}
	}
	if sat < 500 || unsat < 500 {
		t.Errorf("%d satisfiable, %d not: too few of one kind", sat, unsat)
	}
}

// Every member of a core is necessary, and the core alone is unsatisfiable.
func TestCoreIsMinimal(t *testing.T) {
	r := rand.New(rand.NewSource(2))
	found := 0
	for range 2000 {
		f, _, _ := randomFormula(r)
		var selectors []int
		guarded := &formula{vars: f.vars}
		for _, c := range f.clauses {
			s := guarded.fresh()
			selectors = append(selectors, s)
			guarded.add(append(c, -s)...)
		}
		unsatisfiable := func(on []int) (bool, error) {
			m, err := guarded.solve(on)
			return m == nil, err
		}
		possible := func(on []int) bool {
			some := false
			sub := &formula{vars: f.vars}
			for i, s := range selectors {
				if slices.Contains(on, s) {
					sub.clauses = append(sub.clauses, f.clauses[i])
				}
			}
			all(sub, nil, func(model) { some = true })
			return some
		}
		if possible(selectors) {
			continue
		}
		found++
		c, err := core(selectors, unsatisfiable)
		if err != nil || possible(c) {
			t.Fatalf("%v: core %v, %v is satisfiable", f.clauses, c, err)
		}
		for _, s := range c {
			if !possible(slices.DeleteFunc(slices.Clone(c), func(x int) bool { return x == s })) {
				t.Fatalf("%v: core %v does not need %d", f.clauses, c, s)
			}
		}
	}
	if found < 200 {
		t.Errorf("only %d contradictions", found)
	}
}
