package solver

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sprocketc/ir"
	"sprocketc/schema"
)

// problem is the search for a plan as a formula: a variable for each feature and each of its ways, a selector for each
// of the program's clauses.
type problem struct {
	program  *ir.Program
	in       *ir.Interface
	clauses  []clause
	settings settings

	plan    formula // what a plan of the schema must obey
	theory  formula // what any protocol must obey
	feature map[string]int
	ways    map[string][]int // in the order of the declaration; 0: closed
	reason  map[string][]ir.Clause

	tried   int           // candidates that were built to be compared
	found   []conflict    // what was learned from sizes and times
	without []Combination // that no plan may have
	tabled  []int         // selectors of the budgets of which it was told what takes how much
}

// conflict is a reason why a candidate failed that is no clause of the schema's.
type conflict struct {
	message, why, source string
	over                 int // bytes by which a budget is exceeded
}

// newProblem encodes a program with one interface.
func newProblem(p *ir.Program, s settings, until time.Time) *problem {
	q := &problem{program: p, in: p.Interfaces[0], clauses: clausesOf(p.Interfaces[0]), settings: s,
		feature: map[string]int{}, ways: map[string][]int{}, reason: map[string][]ir.Clause{}}
	q.plan.until, q.theory.until = until, until
	q.plan.work, q.theory.work = &effort{}, &effort{}
	for i := range q.clauses { // the same selectors in both
		q.clauses[i].selector = q.plan.fresh()
		q.theory.fresh()
	}
	for _, d := range schema.Declarations {
		q.feature[d.Name] = q.plan.fresh()
		for _, w := range d.WaysOf() {
			v := 0
			if q.open(&d, w) {
				v = q.plan.fresh()
			}
			q.ways[d.Name] = append(q.ways[d.Name], v)
		}
	}
	q.theorems()
	q.declarations()
	q.goals()
	q.forces()
	return q
}

// open reports whether the program gives what a way needs, or force opens it.
func (q *problem) open(d *schema.Declaration, w schema.Way) bool {
	if q.settings.source[d.Name] == w.Source && w.Source != "" {
		return true
	}
	if len(w.For) > 0 && !q.settings.variants && !slices.ContainsFunc(w.For, func(o string) bool { return slices.Contains(q.in.Optimise, o) }) {
		return false
	}
	return !w.Forced && !slices.ContainsFunc(w.Needs, func(r schema.Resource) bool { return !given(q.in, r) })
}

// unless gives the literals that say that one of the clauses does not count.
func (q *problem) unless(of []int) []int {
	var out []int
	for _, c := range of {
		out = append(out, -q.clauses[c].selector)
	}
	return out
}

// tooLittle is the clause that gives too little of a resource.
func (q *problem) tooLittle(r schema.Resource) []int {
	peer := q.in.From
	if r == schema.CalleeEntropy {
		peer = q.in.To
	}
	return []int{slices.IndexFunc(q.clauses, func(c clause) bool { return c.kind == entropy && c.peer == peer })}
}

func (q *problem) theorems() {
	for _, t := range schema.Theorems {
		if q.applies(t) {
			combinations(q.in, q.clauses, t.When, func(of []int, _ *ir.Call) { q.theory.add(q.unless(of)...) })
		}
	}
}

// applies reports whether a theorem speaks of a program with these resources, and force has not waived it.
func (q *problem) applies(t schema.Theorem) bool {
	return !slices.ContainsFunc(t.Without, func(r schema.Resource) bool { return given(q.in, r) }) &&
		!slices.ContainsFunc(givers(t.Goal), func(f string) bool { return q.settings.named[f] })
}

func (q *problem) declarations() {
	for _, d := range schema.Declarations {
		f := q.feature[d.Name]
		any := []int{-f}
		for i, w := range d.WaysOf() {
			v := q.ways[d.Name][i]
			if v == 0 {
				continue
			}
			any = append(any, v)
			q.plan.add(-v, f)
			for j := range i {
				if u := q.ways[d.Name][j]; u != 0 {
					q.plan.add(-v, -u)
				}
			}
			if q.settings.named[d.Name] { // the expert has the word
				continue
			}
			for _, r := range w.Needs {
				if !has(q.in, r) {
					q.plan.add(append(q.unless(q.tooLittle(r)), -v)...)
				}
			}
			for _, facts := range w.Forbids {
				combinations(q.in, q.clauses, facts, func(of []int, _ *ir.Call) { q.plan.add(append(q.unless(of), -v)...) })
			}
		}
		q.plan.add(any...)
		for _, n := range d.Needs {
			if q.settings.off[n.Feature] {
				continue
			}
			if n.Source == "" {
				q.need(f, n)
			}
			for i, w := range d.WaysOf() {
				if v := q.ways[d.Name][i]; v != 0 && n.Source != "" && w.Source == n.Source {
					q.need(v, n)
				}
			}
		}
	}
}

func (q *problem) need(owner int, n schema.Need) {
	other := q.feature[n.Feature]
	for i, w := range schema.Declare(n.Feature).WaysOf() {
		if v := q.ways[n.Feature][i]; n.Of != "" && w.Source == n.Of {
			other = v
		}
	}
	combinations(q.in, q.clauses, n.When, func(of []int, _ *ir.Call) {
		lits := append(q.unless(of), -owner)
		if other != 0 {
			lits = append(lits, other)
		}
		q.plan.add(lits...)
	})
}

// givers are the features that meet a goal.
func givers(goal string) []string {
	var out []string
	for _, d := range schema.Declarations {
		if slices.Contains(d.Gives, goal) {
			out = append(out, d.Name)
		}
	}
	return out
}

func (q *problem) goals() {
	for _, g := range schema.Goals {
		by := givers(g.Name)
		if slices.ContainsFunc(by, func(f string) bool { return q.settings.off[f] }) {
			continue
		}
		combinations(q.in, q.clauses, g.When, func(of []int, call *ir.Call) {
			// There is always a call, though nothing may be known of it: without its own clause it carries nothing.
			of = slices.DeleteFunc(of, func(c int) bool { return q.clauses[c].kind == theCall })
			lits := q.unless(of)
			for _, f := range by {
				lits = append(lits, q.feature[f])
				for _, c := range of {
					q.because(f, q.clauses[c].text)
				}
			}
			for _, f := range g.Met {
				lits = append(lits, q.feature[f])
			}
			q.plan.add(lits...)
		})
	}
	for _, d := range schema.Declarations {
		for _, fact := range d.Asks {
			for _, x := range instances(q.in, q.clauses, fact) {
				if x.clause >= 0 {
					q.because(d.Name, q.clauses[x.clause].text)
				}
			}
		}
	}
}

func (q *problem) because(feature string, c ir.Clause) {
	if !slices.Contains(q.reason[feature], c) {
		q.reason[feature] = append(q.reason[feature], c)
	}
}

func (q *problem) forces() {
	for _, d := range schema.Declarations {
		if q.settings.off[d.Name] {
			q.plan.add(-q.feature[d.Name])
		}
	}
	for _, c := range q.clauses {
		if c.kind != force {
			continue
		}
		o := q.settings.of[c.force.Clause]
		if o.feature == "" || o.off {
			continue
		}
		q.plan.add(-c.selector, q.feature[o.feature])
		for i, w := range schema.Declare(o.feature).WaysOf() {
			v := q.ways[o.feature][i]
			if v != 0 && (o.source != "" && w.Source != o.source || o.width > 0 && w.Width > 0 && w.Width != o.width) {
				q.plan.add(-c.selector, -v)
			}
		}
		q.because(o.feature, c.text)
	}
}

// frugal is the formula of plans in which nothing is without a reason: a feature gives a goal that is raised, or is
// needed by another, or is forced. It serves the search for the cheapest alone.
func (q *problem) frugal() *formula {
	f := &formula{vars: q.plan.vars, clauses: slices.Clone(q.plan.clauses), until: q.plan.until, work: q.plan.work}
	for _, d := range schema.Declarations {
		raised := false
		for _, g := range schema.Goals {
			if slices.Contains(d.Gives, g.Name) {
				combinations(q.in, q.clauses, g.When, func([]int, *ir.Call) { raised = true })
			}
		}
		if raised || q.settings.on[d.Name] || q.wanted(d.Name) {
			continue
		}
		lits := []int{-q.feature[d.Name]}
		for _, e := range schema.Declarations {
			for _, n := range e.Needs {
				if n.Feature != d.Name {
					continue
				}
				combinations(q.in, q.clauses, n.When, func([]int, *ir.Call) {
					for i, w := range e.WaysOf() {
						if v := q.ways[e.Name][i]; v != 0 && (n.Source == "" || n.Source == w.Source) {
							lits = append(lits, v)
						}
					}
				})
			}
		}
		f.add(lits...)
	}
	return f
}

// everything is all selectors.
func (q *problem) everything() []int {
	var out []int
	for _, c := range q.clauses {
		out = append(out, c.selector)
	}
	return out
}

// on tells which clauses count under a set of selectors.
func (q *problem) on(selectors []int) func(clause) bool {
	return func(c clause) bool { return slices.Contains(selectors, c.selector) }
}

// chosen reads a model.
func (q *problem) chosen(m model) choice {
	c := choice{}
	for _, d := range schema.Declarations {
		for i, v := range q.ways[d.Name] {
			if v != 0 && m[v] {
				c[d.Name] = d.WaysOf()[i]
			}
		}
	}
	return c
}

// against is the clause that keeps a model's choices from coming together again; more of them would be no better.
func (q *problem) against(m model, selectors []int) []int {
	var out []int
	for _, s := range selectors {
		out = append(out, -s)
	}
	for _, d := range schema.Declarations {
		for _, v := range q.ways[d.Name] {
			if v != 0 && m[v] {
				out = append(out, -v)
			}
		}
	}
	return out
}

// possible reports whether some plan obeys the clauses of the selectors. With theoryOnly it asks for any protocol.
func (q *problem) possible(selectors []int, theoryOnly bool) (bool, error) {
	weak := weakened(q.program, q.clauses, q.on(selectors))
	if theoryOnly {
		m, err := q.theory.solve(selectors)
		if m == nil || err != nil {
			return false, err
		}
		if c := hopeless(weak.Interfaces[0], q.defaults(selectors)); c != nil {
			q.found = append(q.found, *c)
			return false, nil
		}
		return true, nil
	}
	if len(weak.Interfaces[0].Calls) == 0 {
		return true, nil
	}
	for {
		m, err := q.plan.solve(selectors)
		if m == nil || err != nil {
			return false, err
		}
		_, c, err := build(weak, q.chosen(m), q.settings)
		if err != nil {
			return false, err
		}
		if c == nil {
			return true, nil
		}
		q.found = append(q.found, *c)
		q.plan.add(q.against(m, selectors)...)
	}
}

// defaults reports for each call whether it counts that it must end in time although it states none.
func (q *problem) defaults(selectors []int) func(call int) bool {
	return func(call int) bool {
		return slices.ContainsFunc(q.clauses, func(c clause) bool {
			return c.kind == theCall && c.call == call && slices.Contains(selectors, c.selector)
		})
	}
}

// choice is which features a candidate has, and in which way.
type choice map[string]schema.Way

func (c choice) String() string {
	var out []string
	for _, d := range schema.Declarations {
		if w, ok := c[d.Name]; ok {
			out = append(out, strings.TrimSuffix(fmt.Sprintf("%s/%s/%d/%s", d.Name, w.Source, w.Width, w.Variant), "/"))
		}
	}
	return strings.Join(out, ", ")
}
