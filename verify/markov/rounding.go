package markov

import (
	"math"
	"math/big"
)

// Down is the next number below x: a lower bound of the exact result that was rounded to x.
func Down(x float64) float64 { return math.Nextafter(x, math.Inf(-1)) }

// Up is the next number above x.
func Up(x float64) float64 { return math.Nextafter(x, math.Inf(1)) }

// Interval lies around an exact number. All of its numbers are 0 or more.
type Interval struct{ Lo, Hi float64 }

// Around is the narrowest interval about a fraction.
func Around(r *big.Rat) Interval {
	f, exact := r.Float64()
	if exact {
		return Interval{f, f}
	}
	i := Interval{f, f}
	if new(big.Rat).SetFloat64(f).Cmp(r) > 0 {
		i.Lo = Down(f)
	} else {
		i.Hi = Up(f)
	}
	return i
}

// Add is the sum.
func (a Interval) Add(b Interval) Interval { return Interval{plusDown(a.Lo, b.Lo), plusUp(a.Hi, b.Hi)} }

// Mul is the product.
func (a Interval) Mul(b Interval) Interval {
	return Interval{timesDown(a.Lo, b.Lo), timesUp(a.Hi, b.Hi)}
}

// Div is the quotient; the divisor is more than 0.
func (a Interval) Div(b Interval) Interval {
	lo, hi := a.Lo/b.Hi, a.Hi/b.Lo
	if b.Hi != 1 && lo > 0 {
		lo = Down(lo)
	}
	if b.Lo != 1 && hi > 0 {
		hi = Up(hi)
	}
	return Interval{lo, hi}
}

// The operations of numbers that are 0 or more, rounded. What is exact by nature stays exact, so that a certain thing
// has probability 1.

func plusDown(a, b float64) float64 {
	if a == 0 || b == 0 {
		return a + b
	}
	return Down(a + b)
}

func plusUp(a, b float64) float64 {
	if a == 0 || b == 0 {
		return a + b
	}
	return Up(a + b)
}

func timesDown(a, b float64) float64 {
	switch {
	case a == 0 || b == 0:
		return 0
	case a == 1 || b == 1:
		return a * b
	}
	return max(0, Down(a*b))
}

func timesUp(a, b float64) float64 {
	switch {
	case a == 0 || b == 0:
		return 0
	case a == 1 || b == 1:
		return a * b
	}
	return Up(a * b)
}
