package solver

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"sprocketc/ir"
)

// Priced is what a clause of a program costs: how much more its plan costs than the cheapest plan of the program that leaves
// the clause out, or says less in its place.
type Priced struct {
	Clause  ir.Clause
	Of      string   // the call, the peer or the struct whose clause it is; "" of the channel and the interface
	Instead string   // what stands in its place: "idempotent"; "" nothing
	Without *ir.Plan // nil: there is none, or it is not known
	Unknown bool     // the search took too long to say
}

// lesser is a program without a clause, or with less in its place.
type lesser struct {
	clause      ir.Clause
	of, instead string
	program     *ir.Program
}

// Prices tells for every clause of a plan's program what it costs, the dearest first in what the program optimises. Each is the
// difference of two cheapest plans, so prices of clauses that ask for the same do not add up. A clause that gives the
// protocol something, like stable memory, costs less than nothing, or there is no plan without it. The error is a defect of the schema.
func Prices(best *ir.Plan) ([]Priced, error) {
	settings, _ := readForces(best.Interface)
	q := newProblem(best.Program, settings, time.Now().Add(patience))
	var out []Priced
	for _, w := range q.lesser() {
		x := Priced{Clause: w.clause, Of: w.of, Instead: w.instead}
		plan, err := q.again(w.program).best()
		switch {
		case errors.Is(err, errDeadline):
			x.Unknown = true
		case err != nil:
			return nil, err
		case plan != nil:
			latencies(plan)
			x.Without = plan
		}
		out = append(out, x)
	}
	rank := func(x Priced) (int, More) {
		if x.Without == nil {
			return 1, More{}
		}
		return 0, Price(best, x.Without)
	}
	slices.SortStableFunc(out, func(a, b Priced) int {
		n, x := rank(a)
		m, y := rank(b)
		return cmp.Or(n-m, y.compare(x, best.Interface), a.Clause.Span.Start-b.Clause.Span.Start)
	})
	return out, nil
}

// best is the cheapest plan, or nil where there is none.
func (q *problem) best() (*ir.Plan, error) {
	if ok, err := q.some(); !ok || err != nil {
		return nil, err
	}
	return q.cheapest()
}

// lesser are the programs that say less by one clause, in the order of the text as far as clauses of one kind are concerned.
// Whatever a program says beside them is about names, or about where the code goes.
func (q *problem) lesser() []lesser {
	var out []lesser
	add := func(c ir.Clause, of, instead string, apply func(in *ir.Interface)) {
		p := copyOf(q.program)
		apply(p.Interfaces[0])
		out = append(out, lesser{c, of, instead, p})
	}
	for _, c := range q.clauses {
		q.lesserBy(c, add)
	}
	for i, c := range q.in.Calls {
		if c.Kind == ir.Pure {
			add(c.KindAt, c.Name, "", func(*ir.Interface) {}) // as little as there is
		}
		if c.Commutes != nil {
			add(*c.Commutes, c.Name, "", func(in *ir.Interface) { in.Calls[i].Commutes = nil })
		}
		if c.Ordered != nil { // no plan depends on it: none runs calls in another order
			add(*c.Ordered, c.Name, "", func(in *ir.Interface) { in.Calls[i].Ordered = nil })
		}
		if c.Keep != nil {
			add(*c.Keep, c.Name, "", func(in *ir.Interface) { in.Calls[i].Keep = nil })
		}
		for j, f := range c.Params {
			add(f.Clause, c.Name, "", func(in *ir.Interface) { in.Calls[i].Params = slices.Delete(slices.Clone(c.Params), j, j+1) })
		}
	}
	for k, peer := range []*ir.Peer{q.in.From, q.in.To} {
		of := func(in *ir.Interface) *ir.Peer { return [...]*ir.Peer{in.From, in.To}[k] }
		if peer.Stable != nil {
			add(peer.Stable.Clause, peer.Name, "", func(in *ir.Interface) { of(in).Stable = nil })
		}
		if peer.Entropy != nil {
			add(peer.Entropy.Clause, peer.Name, "", func(in *ir.Interface) { of(in).Entropy = nil })
		}
		if peer.DriftAt != nil {
			add(*peer.DriftAt, peer.Name, "", func(in *ir.Interface) { of(in).Drift, of(in).DriftAt = ir.DefaultDrift, nil })
		}
		if peer.Battery != nil {
			add(*peer.Battery, peer.Name, "", func(in *ir.Interface) { of(in).Battery = nil })
		}
	}
	if q.in.OptimiseAt != nil {
		add(*q.in.OptimiseAt, "", "", func(in *ir.Interface) { in.Optimise, in.OptimiseAt = nil, nil })
	}
	for _, a := range q.program.Assertions {
		add(a.Clause, "", "", func(*ir.Interface) {}) // no plan depends on it
	}
	for _, s := range q.program.Structs {
		for i, f := range s.Fields {
			if len(s.Fields) > 1 { // else nothing is left of the struct
				add(f.Clause, s.Name, "", func(in *ir.Interface) { lessField(in, s, i) })
			}
		}
	}
	return out
}

// lesserBy leaves out a clause that may contradict others. Of stable memory, which gives something, more is said above.
func (q *problem) lesserBy(c clause, add func(c ir.Clause, of, instead string, apply func(in *ir.Interface))) {
	of := ""
	switch {
	case c.call >= 0:
		of = q.in.Calls[c.call].Name
	case c.peer != nil:
		of = c.peer.Name
	}
	call := func(in *ir.Interface) *ir.Call { return in.Calls[c.call] }
	switch c.kind {
	case direction, stable, entropy:
	case lives:
		add(c.text, of, "", func(in *ir.Interface) { in.Channel.Lives = nil })
	case theCall:
		if len(q.in.Calls) > 1 {
			add(c.text, "", "", func(in *ir.Interface) { in.Calls = slices.Delete(in.Calls, c.call, c.call+1) })
		}
	case callKind:
		if q.in.Calls[c.call].Kind == ir.ExactlyOnce {
			add(c.text, of, ir.Effect.String(), func(in *ir.Interface) { call(in).Kind = ir.Effect })
		}
		if q.in.Calls[c.call].Kind < ir.Idempotent {
			add(c.text, of, ir.Idempotent.String(), func(in *ir.Interface) { call(in).Kind = ir.Idempotent })
		}
		add(c.text, of, ir.Pure.String(), func(in *ir.Interface) { call(in).Kind = ir.Pure })
	case within:
		if c.call < 0 {
			add(c.text, of, "", func(in *ir.Interface) { in.Default, in.DefaultAt = ir.DefaultWithin, nil })
			return
		}
		if w := *q.in.Calls[c.call].Within; w.P > 0 {
			w.P = 0
			alone, _, _ := strings.Cut(c.text.Text, " at ")
			add(c.text, of, alone, func(in *ir.Interface) { call(in).Within = &w })
		}
		add(c.text, of, "", func(in *ir.Interface) { call(in).Within = nil })
	default:
		add(c.text, of, "", func(in *ir.Interface) {
			*in = *weakened(q.program, q.clauses, func(x clause) bool { return x.selector != c.selector }).Interfaces[0]
		})
	}
}

// lessField leaves a field of a struct out of the values of all calls.
func lessField(in *ir.Interface, s *ir.Struct, field int) {
	done := map[*ir.Struct]*ir.Struct{}
	var typ func(*ir.Type) *ir.Type
	fields := func(of []ir.Field) []ir.Field {
		of = slices.Clone(of)
		for i := range of {
			of[i].Type = typ(of[i].Type)
		}
		return of
	}
	typ = func(t *ir.Type) *ir.Type {
		if t == nil {
			return nil
		}
		x := *t
		x.Elem = typ(t.Elem)
		if t.Struct != nil {
			if done[t.Struct] == nil {
				less := *t.Struct
				if less.Fields = fields(less.Fields); t.Struct == s {
					less.Fields = slices.Delete(less.Fields, field, field+1)
				}
				done[t.Struct] = &less
			}
			x.Struct = done[t.Struct]
		}
		return &x
	}
	for _, c := range in.Calls {
		c.Params, c.Result = fields(c.Params), typ(c.Result)
	}
}

// compare tells which of two prices is the higher in an interface's objectives, the most important first.
func (m More) compare(n More, in *ir.Interface) int {
	for _, o := range objectives(in) {
		a, b := m.in(o, in), n.in(o, in)
		for i := range a {
			if c := cmp.Compare(a[i], b[i]); c != 0 {
				return c
			}
		}
	}
	return 0
}

// in is a price in one objective, and in what decides where that is equal.
func (m More) in(objective string, in *ir.Interface) []float64 {
	sum := func(of map[string]int, peers ...*ir.Peer) float64 {
		n := 0
		for _, p := range peers {
			n += of[p.Name]
		}
		return float64(n)
	}
	switch objective {
	case "bytes":
		return []float64{m.Bytes}
	case "wear":
		return []float64{m.Writes, sum(m.Starts, in.From, in.To)}
	case "ram":
		return []float64{sum(m.RAM, counted(in)...)}
	case "flash":
		return []float64{sum(m.Flash, counted(in)...)}
	case "latency":
		return []float64{m.Latency}
	}
	return []float64{m.Energy}
}

// nothing reports whether a price is none in all that is told.
func (m More) nothing(in *ir.Interface) bool {
	return !slices.ContainsFunc(m.measures(in), func(x measure) bool { return x.value != 0 })
}
