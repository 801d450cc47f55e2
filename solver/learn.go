package solver

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sprocketc/diag"
	"sprocketc/ir"
	"sprocketc/schema"
)

// Literal says of a feature that a plan has it, in one of its ways, or that it has not.
type Literal struct {
	Feature string `json:"feature"`
	Source  string `json:"source,omitempty"` // of its ways, where they have one
	Width   int    `json:"width,omitempty"`  // likewise, of a checksum
	Variant string `json:"variant,omitempty"`
	Absent  bool   `json:"absent"`
}

func (l Literal) String() string {
	switch {
	case l.Absent:
		return "no " + l.Feature
	case l.Source != "":
		return l.Source + " " + l.Feature
	case l.Variant != "":
		return l.Variant + " " + l.Feature
	case l.Width > 0:
		return fmt.Sprintf("%s of %d bits", l.Feature, l.Width)
	}
	return l.Feature
}

// Combination is what was learnt from a plan that broke: plans in which all literals hold are out of the question; without
// literals, every plan.
type Combination struct {
	Literals []Literal
	Probed   bool // that the literals left out do not matter was seen of single plans, and not shown of all
	Whole    bool // it is a whole plan, and says nothing of why
}

func (c Combination) String() string {
	if len(c.Literals) == 0 {
		return "no plan"
	}
	var out []string
	for _, l := range c.Literals {
		out = append(out, l.String())
	}
	return "not (" + strings.Join(out, " and ") + ")"
}

// Rule is the sentence that the schema lacks, of a program's plans.
func (c Combination) Rule() string {
	var has, lacks []string
	for _, l := range c.Literals {
		if l.Absent {
			lacks = append(lacks, "`"+l.Feature+"`")
		} else {
			has = append(has, "`"+l.String()+"`")
		}
	}
	switch {
	case len(c.Literals) == 0:
		return "the program is refused"
	case len(lacks) == 0:
		return list(has) + " must not be chosen here"
	case len(has) == 0:
		return strings.Join(lacks, " or ") + " is needed here"
	}
	return list(has) + " must not be chosen here without " + strings.Join(lacks, " or ")
}

// Next is the cheapest plan of a program in which no combination holds; nil where none is left. The program is one that Solve
// has a plan for. It is called optimal only where no combination was probed.
func Next(p *ir.Program, without []Combination) (*ir.Plan, error) {
	q, err := solvable(p)
	if err != nil {
		return nil, err
	}
	var plan *ir.Plan
	learnt, _, err := composed(p, q.settings, without, func(q *problem) (err error) {
		if plan, err = q.cheapest(); plan != nil {
			q.explain(plan)
		}
		return err
	})
	if plan == nil || err != nil {
		return nil, err
	}
	plan.Optimal = plan.Optimal && !slices.ContainsFunc(slices.Concat(without, learnt), func(c Combination) bool { return c.Probed })
	return plan, nil
}

func solvable(p *ir.Program) (*problem, error) {
	found := unsupported(p)
	if len(found) == 0 {
		var s settings
		if s, found = readForces(p.Interfaces[0]); len(found) == 0 {
			return newProblem(p, s, time.Now().Add(patience)), nil
		}
	}
	return nil, fmt.Errorf("no program that was solved: %s", found[0].Message)
}

// avoid keeps combinations out of the plans. Where the absence of a feature is part of one, the feature needs no other reason.
func (q *problem) avoid(without []Combination) {
	q.without = without
	for _, c := range without {
		var lits []int
		closed := false // a way that is
		for _, l := range c.Literals {
			v := q.literal(l)
			lits, closed = append(lits, -v), closed || v == 0
		}
		if !closed {
			q.plan.add(lits...)
		}
	}
}

// literal is the variable of a literal, negative where it says that the feature is absent; 0 where its way is closed.
func (q *problem) literal(l Literal) int {
	if l.Absent {
		return -q.feature[l.Feature]
	}
	for i, w := range schema.Declare(l.Feature).WaysOf() {
		if w.Source == l.Source && w.Width == l.Width && w.Variant == l.Variant {
			return q.ways[l.Feature][i]
		}
	}
	return 0
}

// wanted reports whether a combination holds for want of a feature.
func (q *problem) wanted(feature string) bool {
	return slices.ContainsFunc(q.without, func(c Combination) bool {
		return !c.Whole && slices.Contains(c.Literals, Literal{Feature: feature, Absent: true})
	})
}

// Exactly is everything that a plan has and has not.
func Exactly(plan *ir.Plan) Combination {
	out := Combination{Whole: true}
	for _, d := range schema.Declarations {
		i := slices.IndexFunc(plan.Features, func(f ir.Choice) bool { return f.Name == d.Name })
		if i < 0 {
			out.Literals = append(out.Literals, Literal{Feature: d.Name, Absent: true})
			continue
		}
		for _, w := range d.WaysOf() {
			p := plan.Features[i].Parameters
			if w.Source == p["source"] && w.Variant == p["variant"] && (w.Width == 0 || fmt.Sprint(w.Width) == p["width"]) {
				out.Literals = append(out.Literals, Literal{d.Name, w.Source, w.Width, w.Variant, false})
				break
			}
		}
	}
	return out
}

// Learn is the part of a broken plan that makes it break. What every plan of the program has, or has not, is left out; and so
// is what may be otherwise, all else being kept, in a plan that breaks too: breaks is asked of it, and whether a plan may
// break that was not decided is its to say (no keeps the literal). (As clauses are learnt from conflicts, Marques-Silva and
// Sakallah 1996; here from counterexamples, Clarke et al. 2000.)
func Learn(plan *ir.Plan, breaks func(*ir.Plan) bool) (Combination, error) {
	return learn(plan, nil, breaks)
}

// learn is Learn among the plans that combinations leave.
func learn(plan *ir.Plan, without []Combination, breaks func(*ir.Plan) bool) (Combination, error) {
	q, err := solvable(plan.Program)
	if err != nil {
		return Combination{}, err
	}
	q.avoid(without)
	all, weights := q.everything(), q.weights()
	kept := Exactly(plan).Literals
	out := Combination{}
	for _, l := range order(kept) {
		v := q.literal(l)
		if v == 0 {
			return Combination{}, fmt.Errorf("%w: a plan has what is closed: %s", errLibrary, l)
		}
		q.plan.until = time.Now().Add(patience) // of the search, and not of the checker
		free, err := q.plan.solve(append(slices.Clone(all), -v))
		if err != nil {
			return Combination{}, err
		}
		var other *ir.Plan
		if free != nil {
			rest := slices.Clone(all)
			for _, k := range kept {
				if k != l {
					rest = append(rest, q.literal(k))
				}
			}
			if other, err = q.closest(append(rest, -v), weights); err != nil {
				return Combination{}, err
			}
			if other == nil && !l.Absent && gives(l.Feature) {
				continue // the rest implies it, and it says more to a reader
			}
			if other != nil && !breaks(other) {
				continue
			}
		}
		out.Probed = out.Probed || other != nil
		kept = slices.DeleteFunc(kept, func(k Literal) bool { return k == l })
	}
	slices.SortStableFunc(kept, func(a, b Literal) int { // what is there lacks the rest
		switch {
		case a.Absent == b.Absent:
			return 0
		case b.Absent:
			return -1
		}
		return 1
	})
	out.Literals = kept
	return out, nil
}

// closest is the cheapest plan, by what its datagrams carry at least, that obeys the literals; nil where there is none. Its
// machines may not compose.
func (q *problem) closest(literals []int, weights map[int]int) (*ir.Plan, error) {
	for {
		m, err := q.plan.minimise(literals, weights)
		if m == nil || err != nil {
			return nil, err
		}
		plan, bad, err := build(q.program, q.chosen(m), q.settings)
		if no := (*unmade)(nil); errors.As(err, &no) {
			return no.plan, nil
		}
		if err != nil {
			return nil, err
		}
		if bad == nil {
			return plan, nil
		}
		q.plan.add(q.different(m)...)
	}
}

// order puts first what serves other features only: with a feature that gives a goal they come anyway, and left for later
// they would stand for it. What is there comes last: it says what it is that lacks something.
func order(literals []Literal) []Literal {
	out := slices.Clone(literals)
	rank := func(l Literal) int {
		switch {
		case !gives(l.Feature):
			return 0
		case l.Absent:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(out, func(a, b Literal) int { return rank(a) - rank(b) })
	return out
}

func gives(feature string) bool { return len(schema.Declare(feature).Gives) > 0 }

// Failure is what is said of an error of Next or Learn.
func Failure(p *ir.Program, err error) diag.Diagnostic { return failure(p.Interfaces[0], err) }
