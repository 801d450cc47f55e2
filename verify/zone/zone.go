package zone

import "math"

// Bound is an upper bound of a difference of clocks: at most, or less than, a value.
type Bound int64

// None bounds nothing.
const None Bound = math.MaxInt64

// AtMost and Less make a bound; |c| is below 2^60.
func AtMost(c int64) Bound { return Bound(c<<1 | 1) }
func Less(c int64) Bound   { return Bound(c << 1) }

func (b Bound) plus(o Bound) Bound {
	if b == None || o == None {
		return None
	}
	return Bound((int64(b)>>1+int64(o)>>1)<<1 | int64(b)&int64(o)&1)
}

// Zone is a set of valuations of n clocks; clock 0 is the constant zero.
type Zone struct {
	n int
	d []Bound // d[i*n+j] bounds clock i minus clock j
}

// New is the valuation in which each of the clocks 1 to clocks is zero.
func New(clocks int) *Zone {
	n := clocks + 1
	z := &Zone{n, make([]Bound, n*n)}
	for i := range z.d {
		z.d[i] = AtMost(0)
	}
	return z
}

// Clone is a copy.
func (z *Zone) Clone() *Zone { return &Zone{z.n, append([]Bound(nil), z.d...)} }

func (z *Zone) at(i, j int) *Bound { return &z.d[i*z.n+j] }

// Up lets any time pass.
func (z *Zone) Up() {
	for i := 1; i < z.n; i++ {
		*z.at(i, 0) = None
	}
}

// Reset sets a clock to zero.
func (z *Zone) Reset(x int) {
	for i := range z.n {
		*z.at(x, i) = *z.at(0, i)
		*z.at(i, x) = *z.at(i, 0)
	}
	*z.at(x, x) = AtMost(0)
}

// Free forgets all about a clock: it may have any value.
func (z *Zone) Free(x int) {
	for i := range z.n {
		if i != x {
			*z.at(x, i) = None
			*z.at(i, x) = *z.at(i, 0)
		}
	}
}

// And keeps the valuations in which clock i minus clock j keeps a bound, and reports whether there are any.
func (z *Zone) And(i, j int, b Bound) bool {
	if z.at(j, i).plus(b) < AtMost(0) {
		return false
	}
	if b >= *z.at(i, j) {
		return true
	}
	*z.at(i, j) = b
	for p := range z.n {
		for q := range z.n {
			if via := z.at(p, i).plus(b).plus(*z.at(j, q)); via < *z.at(p, q) {
				*z.at(p, q) = via
			}
		}
	}
	return true
}

// Meets reports whether some valuation keeps a bound of clock i minus clock j.
func (z *Zone) Meets(i, j int, b Bound) bool { return z.at(j, i).plus(b) >= AtMost(0) }

// Max is the largest value that a clock may have; None where it has none.
func (z *Zone) Max(x int) Bound { return *z.at(x, 0) }

// Within reports whether every valuation is one of another zone of the same clocks.
func (z *Zone) Within(o *Zone) bool {
	for i := range z.d {
		if z.d[i] > o.d[i] {
			return false
		}
	}
	return true
}

// Widen forgets by how much clocks lie above the largest value that they are compared with, so that there are finitely
// many zones: max is by clock, the first is unused. It may only add valuations that no comparison tells apart.
func (z *Zone) Widen(max []int64) {
	changed := false
	for i := range z.n {
		for j := range z.n {
			b := z.at(i, j)
			switch {
			case i == j || *b == None:
			case i > 0 && *b > AtMost(max[i]):
				*b, changed = None, true
			case j > 0 && *b < Less(-max[j]):
				*b, changed = Less(-max[j]), true
			}
		}
	}
	if changed {
		z.close()
	}
}

func (z *Zone) close() {
	for k := range z.n {
		for i := range z.n {
			for j := range z.n {
				if via := z.at(i, k).plus(*z.at(k, j)); via < *z.at(i, j) {
					*z.at(i, j) = via
				}
			}
		}
	}
}
