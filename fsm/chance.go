package fsm

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"strconv"

	"sprocketc/diag"
)

// Odds is a probability as an exact fraction in lowest terms; Den 0: none is stated.
type Odds struct{ Num, Den uint64 }

// odds in lowest terms.
func odds(num, den uint64) Odds {
	if den == 0 {
		return Odds{}
	}
	a, b := num, den
	for b != 0 {
		a, b = b, a%b
	}
	return Odds{num / a, den / a}
}

// finest is the denominator of a probability whose decimals are too many for a fraction of 64 bits.
const finest = 1_000_000_000_000_000_000

// OddsOf is the fraction that the shortest decimal text of p stands for; p is 0..1. What is too fine is rounded up to
// 10^-18.
func OddsOf(p float64) Odds {
	r, ok := new(big.Rat).SetString(strconv.FormatFloat(p, 'g', -1, 64))
	if !ok {
		return Odds{}
	}
	if r.Num().IsUint64() && r.Denom().IsUint64() && r.Denom().Uint64() <= finest {
		return odds(r.Num().Uint64(), r.Denom().Uint64())
	}
	return odds(uint64(math.Ceil(p*finest)), finest)
}

// Stated reports whether there is a figure.
func (o Odds) Stated() bool { return o.Den != 0 }

// Rat is the fraction; 0 where none is stated.
func (o Odds) Rat() *big.Rat {
	if o.Den == 0 {
		return new(big.Rat)
	}
	return new(big.Rat).SetFrac(new(big.Int).SetUint64(o.Num), new(big.Int).SetUint64(o.Den))
}

// String prints "20%" where that is whole, else "1/300".
func (o Odds) String() string {
	if hi, lo := bits.Mul64(100, o.Num); hi == 0 && o.Den > 0 && lo%o.Den == 0 {
		return fmt.Sprintf("%d%%", lo/o.Den)
	}
	return fmt.Sprintf("%d/%d", o.Num, o.Den)
}

// Query asks the chain of a system for a figure.
type Query struct {
	Name    string
	Kind    QueryKind
	Cond    Expr   // of Reaches and Final
	Message string // of Counts
	Doc     []string
	Span    diag.Span
}

// QueryKind tells the queries apart.
type QueryKind int

const (
	Reaches QueryKind = iota // the probability that a state with Cond is reached
	Counts                   // the expected number of datagrams of a kind that are sent
	Final                    // no query: where Cond holds the chain ends
)

// conditions over the variables of all machines: of invariants, starts, assertions and queries.
func (s *System) conditions() []Expr {
	var out []Expr
	for _, x := range s.Invariants {
		out = append(out, x.Cond)
	}
	for _, a := range s.Assertions {
		if a.After != nil {
			out = append(out, a.After)
		}
		out = append(out, a.Cond)
	}
	for _, q := range s.Queries {
		if q.Cond != nil {
			out = append(out, q.Cond)
		}
	}
	return out
}

// odds of a loss, or none: `20%`, `1/300`.
func (p *parser) odds() Odds {
	if !p.numbered() {
		return Odds{}
	}
	num := p.upTo(math.MaxUint64)
	if p.take("%") {
		return odds(num, 100)
	}
	p.need("/")
	if den := p.upTo(math.MaxUint64); den > 0 {
		return odds(num, den)
	}
	return Odds{Num: 1} // sanity refuses it: a fraction of nothing
}

// query whose first word was taken.
func (p *parser) query(word string, dc []string) *Query {
	q := &Query{Doc: dc}
	if word == "final" {
		q.Kind = Final
	} else {
		q.Name = p.name()
	}
	p.need(":")
	if word == "expected" {
		q.Kind, q.Message = Counts, p.name()
	} else {
		q.Cond = p.expr()
	}
	p.need(";")
	return q
}

func (q *Query) String() string {
	switch q.Kind {
	case Counts:
		return fmt.Sprintf("expected %s: %s;", q.Name, q.Message)
	case Final:
		return fmt.Sprintf("final: %s;", Text(q.Cond))
	}
	return fmt.Sprintf("probability %s: %s;", q.Name, Text(q.Cond))
}

// chances checks what the channels and the queries say of probabilities and delays.
func (k *checker) chances() {
	for _, c := range k.sys.Channels {
		if c.Loss.Num > 0 && c.Loss.Den == 0 || c.Loss.Num > c.Loss.Den {
			k.bad("out-of-range", c.Span, "a loss is a part of all datagrams: `loses 20%%`, or `loses 1/300`")
		}
		if c.Delay.First > c.Delay.Cap {
			k.bad("empty-range", c.Span, "the delay %d..%d is empty", c.Delay.First, c.Delay.Cap)
		}
	}
	seen := map[string]bool{}
	for _, q := range k.sys.Queries {
		k.at = q.Span
		if q.Kind != Final && seen[q.Name] {
			k.bad("duplicate-name", q.Span, "`%s` is asked twice", q.Name)
		}
		seen[q.Name] = true
		if q.Kind == Counts && k.sys.Message(q.Message) == nil {
			k.bad("unknown-name", q.Span, "there is no message `%s`", q.Message)
		}
		if q.Cond != nil {
			k.invariant(&Invariant{Name: q.Name, Cond: q.Cond, Span: q.Span})
		}
	}
}
