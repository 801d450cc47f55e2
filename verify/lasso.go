package verify

import (
	"slices"
)

// lasso is a run that has no end: a stem that leads to a loop in which a fair run can stay.
type lasso struct {
	k     *walk    // tells every datagram apart and takes every step, as the naive semantics does
	p     *pursuit // from its states
	from  uint32   // the state of k where the stem leaves it
	begin uint8    // the tag with which the aim is taken up there
	path  []hop    // from there on: the rest of the stem, then the loop
	loop  int      // the hop with which the loop begins; -1 where the last step fails the aim
}

// hop is a step of a pursuit, by the node that it leads to.
type hop struct {
	node uint32
	step *Step
	edge uint32
}

// Bounds on the states of the searches for a run without end, each a wider one.
var lassoStates = []int{30, 300, 3_000, 30_000, 200_000}

// EndlessRun searches for a run in which a property of progress does not come about though it is fair, by the property's
// name: a stem and a loop. Where channels state no capacity it is one within a small one, and the run's note says so. The
// stem is a shortest one; the run is one of the naive semantics. An error where none was found within the limits.
func (m *Model) EndlessRun(property string, opt Options) (*Run, error) {
	capacities := []int{1, 2, 3}
	if m.stated() {
		capacities = []int{0}
	}
	for _, states := range lassoStates {
		if opt.MaxStates > 0 && states > opt.MaxStates {
			break
		}
		for _, c := range capacities {
			if opt.Context != nil && opt.Context.Err() != nil {
				return nil, errNoRun
			}
			l, err := m.findLasso(property, opt, c, states)
			if err != nil {
				return nil, err
			}
			if l != nil {
				return l.run(c)
			}
		}
	}
	return nil, errNoRun
}

// findLasso looks for a run without end among the first states of a search; nil where there is none.
func (m *Model) findLasso(property string, opt Options, capacity, states int) (*lasso, error) {
	crashing, err := m.afterCrashes(true, m.marks(property))
	if err != nil {
		return nil, err
	}
	after, err := m.afterCrashes(false, m.marks(property))
	if err != nil {
		return nil, err
	}
	clear(after.layers)
	opt.MaxStates = states
	air := newWordAir(crashing, capacity, true)
	air.some = true
	k := crashing.newWalk(air, opt)
	k.run()
	opt.MaxStates *= moreNodes
	p := newPursuit(after, after.newAim(property), air, opt)
	p.breadth, p.within = true, true
	first := map[uint32]uint32{} // node to the first state of k that it begins with
	for i, s := range k.states {
		n := len(p.table.keys)
		p.startWalked(k, s)
		for ; n < len(p.table.keys); n++ {
			first[uint32(n)] = uint32(i)
		}
	}
	p.run()
	for n := range p.g.open {
		p.g.open[n] = p.g.open[n] && p.g.first[n] != none
		if p.g.first[n] == none {
			p.g.first[n], p.g.last[n] = 0, 0
		}
	}
	l := &lasso{k: k, p: p, loop: -1}
	if p.failed != nil {
		l.lead(first, []uint32{p.failed.node})
		l.path = append(l.path, hop{node: none, step: p.failed.step})
		return l, nil
	}
	at := map[uint32]*fairPart{}
	var nodes []uint32
	p.g.parts(true, func(f *fairPart) bool {
		for _, n := range f.nodes {
			at[n] = f
			nodes = append(nodes, n)
		}
		return true
	})
	if len(nodes) == 0 {
		return nil, nil
	}
	entry := l.lead(first, nodes)
	l.loop = len(l.path)
	l.path = append(l.path, l.round(at[entry], entry)...)
	return l, nil
}

// lead finds a shortest stem to one of some nodes, and gives that node.
func (l *lasso) lead(first map[uint32]uint32, to []uint32) uint32 {
	goal := map[uint32]bool{}
	for _, n := range to {
		goal[n] = true
	}
	levels := make([][]uint32, 1)
	put := func(d int, n uint32) {
		for len(levels) <= d {
			levels = append(levels, nil)
		}
		levels[d] = append(levels[d], n)
	}
	for n := range uint32(l.p.starts) {
		put(l.k.states[first[n]].depth, n)
	}
	type origin struct {
		from uint32
		edge uint32
	}
	came := map[uint32]origin{}
	for n := range uint32(l.p.starts) {
		came[n] = origin{none, 0}
	}
	seen := map[uint32]bool{}
	for d := 0; d < len(levels); d++ {
		for i := 0; i < len(levels[d]); i++ {
			n := levels[d][i]
			if seen[n] {
				continue
			}
			seen[n] = true
			if goal[n] {
				var edges []uint32
				at := n
				for came[at].from != none {
					edges = append(edges, came[at].edge)
					at = came[at].from
				}
				slices.Reverse(edges)
				l.from = first[at]
				_, l.begin = l.p.at(at, make([]uint32, len(l.k.air.lanes)))
				for _, e := range edges {
					l.path = append(l.path, hop{node: l.p.g.edges[e].to, edge: e})
				}
				l.name(at, l.path)
				return n
			}
			for e := l.p.g.first[n]; e < l.p.g.last[n]; e++ {
				k := l.p.g.edges[e].to
				if _, known := came[k]; !known {
					came[k] = origin{n, e}
					put(d+1, k)
				}
			}
		}
	}
	return none
}

// name finds the steps of hops from a node on.
func (l *lasso) name(from uint32, hops []hop) {
	for i := range hops {
		want := l.p.g.edges[hops[i].edge]
		l.p.each(from, func([]uint32) {}, func(e fairEdge, v verdict, s *Step) {
			if v == goesOn && e == want && hops[i].step == nil {
				hops[i].step = s
			}
		})
		from = hops[i].node
	}
}

// round is a closed walk in a fair part that pays all that it owes.
func (l *lasso) round(part *fairPart, entry uint32) (out []hop) {
	g := part.g
	from := map[uint32][]uint32{} // edges that may be taken, by node
	source := map[uint32]uint32{}
	inside := map[uint32]bool{}
	for _, n := range part.nodes {
		inside[n] = true
	}
	allowed := map[uint32]bool{}
	for _, e := range part.edges {
		allowed[e] = true
	}
	for _, n := range part.nodes {
		for e := g.first[n]; e < g.last[n]; e++ {
			if allowed[e] {
				from[n] = append(from[n], e)
				source[e] = n
			}
		}
	}
	at := entry
	visited := []uint32{entry}
	var walk []uint32
	// go to the nearest edge that is wanted, and over it
	reach := func(wanted func(e uint32) bool) {
		came := map[uint32]uint32{}
		todo := []uint32{at}
		seen := map[uint32]bool{at: true}
		for len(todo) > 0 {
			n := todo[0]
			todo = todo[1:]
			for _, e := range from[n] {
				to := g.edges[e].to
				if wanted(e) {
					edges := []uint32{e}
					for n != at {
						edges = append(edges, came[n])
						n = source[came[n]]
					}
					slices.Reverse(edges)
					for _, x := range edges {
						walk = append(walk, x)
						visited = append(visited, g.edges[x].to)
					}
					at = to
					return
				}
				if !seen[to] {
					seen[to] = true
					came[to] = e
					todo = append(todo, to)
				}
			}
		}
	}
	for range 4 * (len(part.owed) + 1) {
		k, ok := l.unpaid(part, visited, walk)
		if ok {
			reach(func(e uint32) bool { return slices.Contains(g.labels[g.edges[e].label].pays, k) })
			continue
		}
		if at == entry {
			break
		}
		reach(func(e uint32) bool { return g.edges[e].to == entry })
	}
	for _, e := range walk {
		out = append(out, hop{node: g.edges[e].to, edge: e})
	}
	l.name(entry, out)
	return out
}

// unpaid finds a class that a walk owes and does not pay.
func (l *lasso) unpaid(part *fairPart, nodes, walk []uint32) (class uint32, found bool) {
	g := part.g
	for _, k := range part.owed {
		c := g.classes[k]
		ready, sent, paid := false, false, false
		for _, n := range nodes {
			ready = ready || slices.Contains(g.readies[g.ready[n]], k)
		}
		for _, e := range walk {
			x := &g.labels[g.edges[e].label]
			sent = sent || slices.Contains(x.sends, k)
			paid = paid || slices.Contains(x.pays, k)
		}
		if (!c.ready || ready) && (!c.sent || sent) && !paid {
			return k, true
		}
	}
	return 0, false
}
