package compile

import (
	"io"

	"sprocketc/ir"
	"sprocketc/solver"
)

// Beside is what a plan is compared with, where that is asked for: it takes many times as long as the plan.
type Beside struct {
	r            *Result
	alternatives []*ir.Plan
	prices       []solver.Priced

	Alternatives int  // how many plans beside the result's own, the cheapest first; 0: none are told
	Prices       bool // what each clause of the program costs
}

// Compare looks for what is asked of it. The error is a Defect.
func (b *Beside) Compare(r *Result) error {
	b.r = r
	err := Guard("alternatives", r.File.Name, func() (err error) {
		if b.Alternatives > 0 {
			b.alternatives, err = solver.Alternatives(r.Plan, b.Alternatives)
		}
		return err
	})
	if err != nil || !b.Prices {
		return err
	}
	return Guard("prices", r.File.Name, func() (err error) {
		b.prices, err = solver.Prices(r.Plan)
		return err
	})
}

// JSON is the plan with what it is compared with.
func (b *Beside) JSON() solver.Answer {
	a := solver.JSON(b.r.Plan)
	if b.Alternatives > 0 {
		a = solver.JSONWith(b.r.Plan, b.alternatives)
	}
	if b.Prices {
		a.Prices = solver.PriceList(b.r.Plan, b.prices)
	}
	return a
}

// Print writes the plan and what it is compared with. The error is the writer's.
func (b *Beside) Print(w io.Writer, colour bool) error {
	err := solver.Print(w, b.r.Plan, colour)
	if err == nil && b.Alternatives > 0 {
		err = solver.PrintAlternatives(w, b.r.Plan, b.alternatives, colour)
	}
	if err == nil && b.Prices {
		err = b.PrintPrices(w, colour)
	}
	if err == nil && !b.Prices && b.Alternatives == 0 {
		_, err = io.WriteString(w, "\n  what each clause costs: --prices; the next best plans: --alternatives N\n")
	}
	return err
}

// PrintPrices writes the prices alone. The error is the writer's.
func (b *Beside) PrintPrices(w io.Writer, colour bool) error {
	return solver.PrintPrices(w, b.r.Plan, b.prices, colour)
}

// SVG is the prices as a picture.
func (b *Beside) SVG() string { return solver.PricesSVG(b.r.Plan, b.prices) }
