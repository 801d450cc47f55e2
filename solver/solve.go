package solver

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"sprocketc/diag"
	"sprocketc/ir"
	"sprocketc/schema"
)

const (
	patience   = 20 * time.Second // of one search for a plan, and of one for contradictions
	candidates = 2000             // plans compared at most; beyond it a plan is not called the cheapest
)

// Solve finds the cheapest plan of a program in what it optimises: where it names nothing, the fewest expected bytes of its
// calls under the declared loss, with the largest payloads; then the fewest stable writes; then the least RAM. Where there is none the plan is nil and each
// diagnostic of code "unsatisfiable" names a smallest set of clauses that contradict each other. Other codes:
// several-interfaces, no-interface, unsupported-transport, unknown-feature, unknown-parameter, out-of-range,
// conflicting-force, search-limit; beside a plan, the warning schema-defect. The program is not changed.
func Solve(p *ir.Program) (*ir.Plan, []diag.Diagnostic) {
	if found := unsupported(p); len(found) > 0 {
		return nil, found
	}
	in := p.Interfaces[0]
	settings, found := readForces(in)
	if len(found) > 0 {
		diag.Sort(found)
		return nil, found
	}
	var plan *ir.Plan
	learnt, warnings, err := composed(p, settings, nil, func(q *problem) (err error) {
		if found, err = q.contradictions(); err != nil || len(found) > 0 {
			return err
		}
		if plan, err = q.cheapest(); plan != nil {
			q.explain(plan)
		}
		return err
	})
	switch {
	case err == nil && len(learnt) > 0 && plan == nil:
		err = fmt.Errorf("no plan is left whose machines can be composed: %s", warnings[0].Notes[0])
		fallthrough
	case err != nil:
		return nil, []diag.Diagnostic{failure(in, err)}
	case plan == nil:
		return nil, found
	}
	plan.Optimal = plan.Optimal && !slices.ContainsFunc(learnt, func(c Combination) bool { return c.Probed })
	return plan, warnings
}

// unsupported reports what this version has no schema for.
func unsupported(p *ir.Program) []diag.Diagnostic {
	var report diag.Report
	if len(p.Interfaces) == 0 {
		var at diag.Span
		for _, c := range p.Channels {
			at = c.Clause.Span
		}
		report.Errorf("no-interface", at, "", "there is nothing to solve: no interface is declared")
	}
	for i, in := range p.Interfaces {
		if i > 0 {
			report.Errorf("several-interfaces", in.Clause.Span, "this is the second", "one interface a program in this version").
				And(p.Interfaces[0].Clause.Span, "this is the first")
			break
		}
		if o := in.Channel.OverAt; o != nil && in.Channel.Over != "udp" && in.Channel.Over != "serial" {
			report.Errorf("unsupported-transport", o.Span, "", "`%s` is carried over udp or serial only in this version", in.Channel.Name)
		}
		if len(in.Calls) == 0 {
			report.Errorf("no-interface", in.Clause.Span, "", "there is nothing to solve: `%s` has no calls", in.Name)
		}
	}
	return report.List
}

func failure(in *ir.Interface, err error) diag.Diagnostic {
	d := diag.Diagnostic{Code: "internal", Message: fmt.Sprintf("no plan was made: %v", err), Labels: []diag.Label{{Span: in.Clause.Span}}}
	switch {
	case errors.Is(err, errDeadline):
		d.Code = "search-limit"
		d.Notes = []string{fmt.Sprintf("the search gives up after %v; fewer overrides and fewer calls make it shorter", patience)}
	case len(in.Force) > 0:
		d.Code, d.Message = "no-machine", "the forced features make no machine"
		d.Labels = nil
		for _, f := range in.Force {
			d.Labels = append(d.Labels, diag.Label{Span: f.Clause.Span})
		}
		d.Notes = []string{err.Error()}
	}
	return d
}

// cheapest is the cheapest plan, without what is a last resort where there is one. The contradictions are known to be none;
// nil where combinations leave no plan.
func (q *problem) cheapest() (*ir.Plan, error) {
	f, first := q.frugal(), q.frugal()
	for _, v := range q.lastResorts() {
		first.add(-v)
	}
	for _, f := range []*formula{first, f} {
		if plan, err := q.cheapestOf(f); plan != nil || err != nil {
			return plan, err
		}
	}
	if len(q.without) > 0 {
		return nil, nil
	}
	return nil, fmt.Errorf("%w: no candidate is left of a program that has one", errLibrary)
}

// lastResorts are the variables of ways that are taken only where there is no plan without.
func (q *problem) lastResorts() []int {
	var out []int
	for _, d := range schema.Declarations {
		for i, w := range d.WaysOf() {
			if v := q.ways[d.Name][i]; v != 0 && w.Last {
				out = append(out, v)
			}
		}
	}
	return out
}

// cheapestOf is the cheapest candidate of a formula; nil where there is none.
func (q *problem) cheapestOf(f *formula) (*ir.Plan, error) {
	found, proven, err := q.ranked(f, 1)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	found[0].plan.Optimal, found[0].plan.Tried = proven, q.tried
	return found[0].plan, nil
}

// candidate is a plan that keeps its budgets.
type candidate struct {
	plan *ir.Plan
	cost cost
}

// ranked gives the n cheapest candidates of a formula, the cheapest first, and whether it is proven that there are none
// cheaper. Where bytes come first candidates are visited in the order of the bytes that they cost at least, until that exceeds
// the worst of the n; of the other objectives no such bound is known, and all candidates are visited. The formula is used up.
func (q *problem) ranked(f *formula, n int) ([]candidate, bool, error) {
	weights, base := q.weights(), q.base()
	all := q.everything()
	bounded := objectives(q.in)[0] == "bytes"
	var best []candidate
	for visited := 0; ; visited++ {
		var m model
		var err error
		if bounded {
			m, err = f.minimise(all, weights)
		} else {
			m, err = f.solve(all)
		}
		if errors.Is(err, errDeadline) && len(best) > 0 || visited == candidates {
			return best, false, nil
		}
		if err != nil {
			return nil, false, err
		}
		if m == nil || bounded && len(best) == n && (base+float64(m.weight(weights)))/scale > best[n-1].cost.bytes+1e-9 {
			return best, true, nil
		}
		c := q.chosen(m)
		plan, bad, err := build(q.program, c, q.settings)
		if err != nil {
			return nil, false, err
		}
		q.tried++
		if bad == nil {
			k := candidate{plan, costOf(plan, c)}
			at, _ := slices.BinarySearchFunc(best, k, func(a, b candidate) int { return a.cost.compare(b.cost) })
			best = slices.Insert(best, at, k)
			best = best[:min(len(best), n)]
		}
		f.add(q.different(m)...)
	}
}

// different excludes exactly the choices of a model.
func (q *problem) different(m model) []int {
	var out []int
	for _, d := range schema.Declarations {
		for _, v := range q.ways[d.Name] {
			switch {
			case v == 0:
			case m[v]:
				out = append(out, -v)
			default:
				out = append(out, v)
			}
		}
	}
	return out
}

// scale turns bytes into the whole numbers in which the solver counts: thousandths of a bit.
const scale = 8000

// weights are what each way costs at least in the datagrams of all calls: one request, and its answer if it is not
// lost; headers padded to a byte and repeated sends come on top.
func (q *problem) weights() map[int]int {
	out := map[int]int{}
	for _, d := range schema.Declarations {
		if d.Name == schema.CallNumber { // in base
			continue
		}
		for i, w := range d.WaysOf() {
			v := q.ways[d.Name][i]
			if v == 0 {
				continue
			}
			bits := widths(q.in, choice{d.Name: w}, q.settings)
			sum := 0.0
			for _, c := range w.Carries {
				n := float64(c.Bits + bits[c.Sort])
				for _, call := range q.in.Calls {
					if !c.Fenced || schema.Fenced(call) {
						sum += n * q.times(c.Message)
					}
				}
			}
			if sum > 0 {
				out[v] = int(sum * scale / 8)
			}
		}
	}
	return out
}

func (q *problem) times(message string) float64 {
	if message == "ANS" {
		return 1 - linkOf(q.in.Channel).loss
	}
	return 1
}

// base is what every plan costs: the payloads, and a call number of the least width that any plan gives it.
func (q *problem) base() float64 {
	number := identityBits - epochBits
	if n := q.settings.width[schema.CallNumber]; n > 0 {
		number = n
	}
	if q.settings.off[schema.CallNumber] {
		number = 0
	}
	sum := 0.0
	for _, c := range q.in.Calls {
		_, request := ir.PayloadBounds(c.Params)
		_, answer := c.Result.Bounds()
		sum += float64(8*request+number) * q.times("REQ")
		sum += float64(8*answer+number) * q.times("ANS")
	}
	return sum * scale / 8
}
