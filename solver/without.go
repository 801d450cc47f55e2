package solver

import (
	"fmt"
	"slices"
	"strings"

	"sprocketc/ir"
	"sprocketc/schema"
)

// Without is the cheapest plan of a program from which a feature is taken away, as `force` takes it away: neither its own
// rules nor what it gives count. What only the feature needed goes with it. An error says why there are no machines without it.
func Without(p *ir.Program, feature string) (*ir.Plan, error) {
	d := schema.Declare(feature)
	if d == nil {
		return nil, fmt.Errorf("the schema has no feature %q", feature)
	}
	off := ir.Force{Clause: ir.Clause{Text: feature + " off"}, Feature: feature, Value: "off"}
	if d.Less != "" {
		off = ir.Force{Clause: ir.Clause{Text: d.Less + " on"}, Feature: d.Less, Value: "on"}
	}
	q, in := *p, *p.Interfaces[0]
	q.Interfaces, q.Assertions = []*ir.Interface{&in}, nil
	in.Force = slices.DeleteFunc(slices.Clone(in.Force), func(f ir.Force) bool {
		name := canonical(f.Feature)
		return name == feature || variants[name].feature == feature
	})
	in.Force = append(in.Force, off)
	for _, a := range p.Assertions {
		own := *a
		own.Interface = &in
		q.Assertions = append(q.Assertions, &own)
	}
	return cheapestOf(&q)
}

// cheapestOf is the cheapest plan of a program that is no program of a person's: an error says why there is none.
func cheapestOf(p *ir.Program) (*ir.Plan, error) {
	plan, found := Solve(p)
	if plan != nil {
		return plan, nil
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no plan")
	}
	text := found[0].Message
	if len(found[0].Notes) > 0 {
		text += ": " + found[0].Notes[0]
	}
	return nil, fmt.Errorf("%s", text)
}

// Price is how much more a plan costs than another of the same interface: it is what the difference between them costs.
func Price(plan, without *ir.Plan) More { return more(without, plan) }

// Text tells a price for people, with signs: what it saves is negative.
func (m More) Text(in *ir.Interface) string { return strings.ReplaceAll(m.text(in), unbroken, " ") }

// Reasons names the clauses that asked for a feature of a plan, by their lines.
func Reasons(p *ir.Plan, f ir.Choice) string {
	return strings.ReplaceAll(reasons(f.Because, p.Interface), unbroken, " ")
}
