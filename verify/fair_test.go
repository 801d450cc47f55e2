package verify

import (
	"testing"

	"pgregory.net/rapid"
)

// bruteFair tries every set of edges that a run could take for ever, and every node that it could stay in.
func bruteFair(g *fairGraph, finite bool) bool {
	source := make([]uint32, len(g.edges))
	for n := range g.open {
		for e := g.first[n]; e < g.last[n]; e++ {
			source[e] = uint32(n)
		}
	}
	satisfied := func(nodes, edges uint) bool {
		for k, c := range g.classes {
			if c.finite && !finite {
				continue
			}
			ready, sent, paid, renewed := false, false, false, uint64(0)
			for n := range g.open {
				if nodes>>n&1 == 1 {
					for _, x := range g.readies[g.ready[n]] {
						ready = ready || int(x) == k
					}
				}
			}
			for e := range g.edges {
				if edges>>e&1 == 0 {
					continue
				}
				l := g.labels[g.edges[e].label]
				renewed |= l.renews
				for _, x := range l.sends {
					sent = sent || int(x) == k
				}
				for _, x := range l.pays {
					paid = paid || int(x) == k
				}
			}
			owed := (!c.ready || ready) && (!c.sent || sent && c.sorts&renewed == 0)
			if owed && !paid {
				return false
			}
		}
		return true
	}
	for n := range g.open {
		if g.open[n] && satisfied(1<<n, 0) {
			return true
		}
	}
	for edges := uint(1); edges < 1<<len(g.edges); edges++ {
		nodes := uint(0)
		for e := range g.edges {
			if edges>>e&1 == 1 {
				nodes |= 1<<source[e] | 1<<g.edges[e].to
			}
		}
		ok := true
		for n := range g.open {
			ok = ok && (nodes>>n&1 == 0 || g.open[n])
		}
		for n := 0; n < len(g.open) && ok; n++ { // every node of it reaches all of it
			if nodes>>n&1 == 0 {
				continue
			}
			seen := uint(1) << n
			for more := true; more; {
				more = false
				for e := range g.edges {
					if edges>>e&1 == 1 && seen>>source[e]&1 == 1 && seen>>g.edges[e].to&1 == 0 {
						seen |= 1 << g.edges[e].to
						more = true
					}
				}
			}
			ok = seen == nodes
		}
		if ok && satisfied(nodes, edges) {
			return true
		}
	}
	return false
}

// Streett's condition by refinement against every set of edges, on small graphs of every kind of class.
func TestFairAgainstBruteForce(t *testing.T) {
	fair, unfair := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		g := &fairGraph{readies: [][]uint32{nil}}
		kinds := []fairClass{{ready: true}, {sent: true}, {ready: true, sent: true}, {sent: true, finite: true}, {sent: true, sorts: 1}}
		for range rapid.IntRange(1, 4).Draw(rt, "classes") {
			g.classes = append(g.classes, rapid.SampledFrom(kinds).Draw(rt, "kind"))
		}
		some := func(label string) (out []uint32) {
			set := rapid.IntRange(0, 1<<len(g.classes)-1).Draw(rt, label)
			for k := range g.classes {
				if set>>k&1 == 1 {
					out = append(out, uint32(k))
				}
			}
			return
		}
		nodes := rapid.IntRange(1, 4).Draw(rt, "nodes")
		for range nodes {
			g.readies = append(g.readies, some("ready"))
			g.ready = append(g.ready, uint32(len(g.readies)-1))
			g.open = append(g.open, rapid.IntRange(0, 5).Draw(rt, "open") > 0)
			g.first = append(g.first, uint32(len(g.edges)))
			for range rapid.IntRange(0, 2).Draw(rt, "edges") {
				renews := uint64(0)
				if rapid.IntRange(0, 5).Draw(rt, "renews") == 0 {
					renews = 1
				}
				g.labels = append(g.labels, fairLabel{some("pays"), some("sends"), renews})
				g.edges = append(g.edges, fairEdge{uint32(rapid.IntRange(0, nodes-1).Draw(rt, "to")), uint32(len(g.labels) - 1)})
			}
			g.last = append(g.last, uint32(len(g.edges)))
		}
		for _, finite := range []bool{false, true} {
			want := bruteFair(g, finite)
			part := g.fair(finite)
			if (part != nil) != want {
				rt.Fatalf("fair: %v, brute force %v\n%+v", part, want, g)
			}
			if want {
				fair++
			} else {
				unfair++
			}
		}
	})
	t.Logf("%d graphs with a fair run, %d without", fair, unfair)
	if fair < 10 || unfair < 10 {
		t.Errorf("only %d with a fair run, and %d without", fair, unfair)
	}
}
