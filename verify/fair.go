package verify

import "slices"

// A fair graph is a finite graph of states with what a fair run owes, in classes. A class is owed for ever if its
// condition comes back for ever: a timer that can fire again and again, a datagram that is sent again and again. A run
// is fair if each class that is owed for ever is also paid for ever (strong fairness). A state may be stayed in for ever,
// as long as nothing is owed there.
type fairGraph struct {
	first, last []uint32 // by node: its edges are edges[first:last]
	edges       []fairEdge
	labels      []fairLabel
	ready       []uint32   // by node: index into readies
	readies     [][]uint32 // classes that can be paid in a node
	open        []bool     // by node: it may be part of a loop
	classes     []fairClass
}

type fairEdge struct{ to, label uint32 }

// fairLabel of an edge: the classes that it pays, those that it makes owed, and the sorts whose values are new after it.
type fairLabel struct {
	pays, sends []uint32
	renews      uint64
}

// fairClass says when a class is owed: where it can be paid again and again (ready), where its datagram is sent again
// and again (sent), or where both is so.
type fairClass struct {
	ready, sent bool
	finite      bool   // owed only where nothing repeats for ever that is not sent for ever
	sorts       uint64 // of the numbers in its datagram. Where they are renewed for ever, each is sent once
}

func (g *fairGraph) out(n uint32) []fairEdge { return g.edges[g.first[n]:g.last[n]] }

// fairPart is a strongly connected part of a fair graph in which a fair run can stay for ever: each class that is owed
// in it is paid in it.
type fairPart struct {
	g     *fairGraph
	nodes []uint32
	edges []uint32 // that a run may take for ever, by index
	owed  []uint32 // classes
}

// fair finds a part in which a fair run can stay for ever, or nil.
func (g *fairGraph) fair(finite bool) (part *fairPart) {
	g.parts(finite, func(p *fairPart) bool {
		part = p
		return false
	})
	return
}

// parts calls f with each part in which a fair run can stay for ever, until f says no: Streett's condition, by removing from each strongly
// connected component what makes a class owed that is not paid in it, until nothing is to remove (Emerson and Lei, Modalities for
// model checking, 1987). It visits a node at most once for each class. Classes that are finite count where finite says so.
func (g *fairGraph) parts(finite bool, f func(*fairPart) bool) {
	s := &fairSearch{g: g, finite: finite, found: f, in: make([]uint32, len(g.open)), cut: make([]bool, len(g.edges)),
		index: make([]uint32, len(g.open)), low: make([]uint32, len(g.open)), marks: make([]fairMark, len(g.classes))}
	var all []uint32
	for n, open := range g.open {
		if open {
			all = append(all, uint32(n))
		}
	}
	s.search(all)
}

// fairSearch is the state of one search. in tells which set of nodes a node is in: sets are numbered, 0 is none.
type fairSearch struct {
	g          *fairGraph
	finite     bool
	found      func(*fairPart) bool
	in         []uint32
	sets       uint32
	cut        []bool
	trail      []uint32 // edges in the order in which they were cut
	index, low []uint32 // of Tarjan's search
	marks      []fairMark
	round      uint32
}

// fairMark of a class in the component of a round.
type fairMark struct{ ready, sent, paid uint32 }

// search looks for fair parts among some nodes; false where it is to end.
func (s *fairSearch) search(nodes []uint32) bool {
	s.sets++
	for _, n := range nodes {
		s.in[n] = s.sets
	}
	for _, c := range s.components(nodes, s.sets) {
		s.sets++
		for _, n := range c {
			s.in[n] = s.sets
		}
		if !s.refine(c, s.sets) {
			return false
		}
		for _, n := range c {
			s.in[n] = 0
		}
	}
	return true
}

// refine looks for fair parts in one component, whose nodes are those of a set.
func (s *fairSearch) refine(c []uint32, set uint32) bool {
	g := s.g
	s.round++
	renewed := uint64(0)
	var inside, seen []uint32
	see := func(k uint32) *fairMark {
		if m := &s.marks[k]; m.ready != s.round && m.sent != s.round && m.paid != s.round {
			seen = append(seen, k)
		}
		return &s.marks[k]
	}
	for _, n := range c {
		for _, k := range g.readies[g.ready[n]] {
			see(k).ready = s.round
		}
		for i := g.first[n]; i < g.last[n]; i++ {
			if e := g.edges[i]; !s.cut[i] && s.in[e.to] == set {
				inside = append(inside, i)
				l := &g.labels[e.label]
				renewed |= l.renews
				for _, k := range l.pays {
					see(k).paid = s.round
				}
				for _, k := range l.sends {
					see(k).sent = s.round
				}
			}
		}
	}
	var owed, unpaid []uint32
	either := -1 // a class that is owed since it is sent and can be paid: without either it is not
	for _, k := range seen {
		m, x := s.marks[k], g.classes[k]
		if x.finite && !s.finite || x.ready && m.ready != s.round || x.sent && (m.sent != s.round || x.sorts&renewed != 0) {
			continue
		}
		owed = append(owed, k)
		if m.paid == s.round {
			continue
		}
		if x.ready && x.sent {
			either = int(k)
		} else {
			unpaid = append(unpaid, k)
		}
	}
	switch {
	case len(unpaid) > 0:
		for _, k := range unpaid {
			s.cutSends(inside, k)
		}
		return s.search(s.without(c, unpaid))
	case either >= 0:
		mark := len(s.trail)
		s.cutSends(inside, uint32(either))
		if !s.search(c) {
			return false
		}
		for _, i := range s.trail[mark:] {
			s.cut[i] = false
		}
		s.trail = s.trail[:mark]
		return s.search(s.without(c, []uint32{uint32(either)}))
	}
	return s.found(&fairPart{g, c, inside, owed})
}

// without leaves out the nodes in which one of some classes is ready, if that makes it owed.
func (s *fairSearch) without(nodes, classes []uint32) (out []uint32) {
	for _, n := range nodes {
		if !slices.ContainsFunc(s.g.readies[s.g.ready[n]], func(k uint32) bool { return s.g.classes[k].ready && slices.Contains(classes, k) }) {
			out = append(out, n)
		}
	}
	return
}

// cutSends removes the edges on which a class is sent.
func (s *fairSearch) cutSends(edges []uint32, class uint32) {
	if !s.g.classes[class].sent {
		return
	}
	for _, i := range edges {
		if !s.cut[i] && slices.Contains(s.g.labels[s.g.edges[i].label].sends, class) {
			s.cut[i] = true
			s.trail = append(s.trail, i)
		}
	}
}

// components lists the strongly connected components of a set of nodes, single nodes included (Tarjan 1972).
func (s *fairSearch) components(nodes []uint32, set uint32) (out [][]uint32) {
	type frame struct{ node, at uint32 }
	var path []frame
	var stack []uint32
	for _, n := range nodes {
		s.index[n] = 0
	}
	next := uint32(1)
	enter := func(n uint32) {
		s.index[n], s.low[n] = next, next
		next++
		path = append(path, frame{n, s.g.first[n]})
		stack = append(stack, n)
	}
	const done = 1 << 31
	for _, root := range nodes {
		if s.index[root] != 0 {
			continue
		}
		enter(root)
		for len(path) > 0 {
			f := &path[len(path)-1]
			n := f.node
			if f.at < s.g.last[n] {
				i := f.at
				f.at++
				to := s.g.edges[i].to
				if s.cut[i] || s.in[to] != set {
					continue
				}
				if s.index[to] == 0 {
					enter(to)
				} else if s.index[to] < done {
					s.low[n] = min(s.low[n], s.index[to])
				}
				continue
			}
			path = path[:len(path)-1]
			if len(path) > 0 {
				p := path[len(path)-1].node
				s.low[p] = min(s.low[p], s.low[n])
			}
			if s.low[n] != s.index[n] {
				continue
			}
			at := len(stack) - 1
			for stack[at] != n {
				at--
			}
			c := slices.Clone(stack[at:])
			stack = stack[:at]
			for _, x := range c {
				s.index[x] = done
			}
			out = append(out, c)
		}
	}
	return
}
