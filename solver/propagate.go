package solver

// value of a variable as far as it is known.
type value int8

const (
	open    value = 0
	holding value = 1
	failing value = -1
)

func (v value) of(lit int) value {
	if lit < 0 {
		return -v
	}
	return v
}

// propagate says what follows of the variables, by index, from the assumptions, clauses of which one literal is left (unit
// propagation, Davis and Putnam 1960), and the weight that is still allowed, where weights are given; ok is false where
// they contradict each other.
func (f *formula) propagate(assume []int, weights map[int]int, limit int) (vs []value, ok bool) {
	vs = make([]value, f.vars+1)
	set := func(lit int) bool {
		v := holding
		at := lit
		if lit < 0 {
			v, at = failing, -lit
		}
		old := vs[at]
		vs[at] = v
		return old == open || old == v
	}
	for _, l := range assume {
		if !set(l) {
			return nil, false
		}
	}
	for changed := true; changed; {
		changed = false
		for _, c := range f.clauses {
			unit, n := remaining(c, vs)
			switch n {
			case 0:
				return nil, false
			case 1:
				set(unit)
				changed = true
			}
		}
		if len(weights) == 0 {
			continue
		}
		left := limit
		for v, w := range weights {
			if vs[v] == holding {
				left -= w
			}
		}
		if left < 0 {
			return nil, false
		}
		for v, w := range weights {
			if vs[v] == open && w > left {
				vs[v] = failing
				changed = true
			}
		}
	}
	return vs, true
}

// remaining counts the literals of a clause that are open, and gives one of them; -1 where one holds.
func remaining(c []int, vs []value) (lit, n int) {
	for _, l := range c {
		switch vs[max(l, -l)].of(l) {
		case holding:
			return 0, -1
		case open:
			lit, n = l, n+1
		}
	}
	return lit, n
}

// rest is what a formula still asks for where so much is known, over variables 1 and up; names says which these are.
func (f *formula) rest(vs []value) (clauses [][]int, names []int) {
	numbers := make([]int, len(vs))
	for _, c := range f.clauses {
		if _, n := remaining(c, vs); n < 0 {
			continue
		}
		var out []int
		for _, l := range c {
			at := max(l, -l)
			if vs[at] != open {
				continue
			}
			if numbers[at] == 0 {
				names = append(names, at)
				numbers[at] = len(names)
			}
			if l < 0 {
				out = append(out, -numbers[at])
			} else {
				out = append(out, numbers[at])
			}
		}
		clauses = append(clauses, out)
	}
	return clauses, names
}
