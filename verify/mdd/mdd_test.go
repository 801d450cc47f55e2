package mdd

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// set is a plain set of sequences: what a diagram is held against.
type set map[string]bool

func key(s []uint32) string { return fmt.Sprint(s) }

// words draws sequences of up to three letters from 1 to 4, each ended by 0.
func words(t *rapid.T, label string) [][]uint32 {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) []uint32 {
		return append(rapid.SliceOfN(rapid.Uint32Range(1, 4), 0, 3).Draw(t, "word"), 0)
	}), 0, 40).Draw(t, label)
}

func build(s *Store, ws [][]uint32) (n Node, plain set) {
	plain = set{}
	for _, w := range ws {
		n = s.Union(n, s.Single(w, Unit))
		plain[key(w)] = true
	}
	return
}

func list(s *Store, n Node) set {
	out := set{}
	var walk func(Node, []uint32)
	walk = func(n Node, w []uint32) {
		if n == Unit {
			out[key(w)] = true
			return
		}
		for _, e := range slices.Clone(s.Edges(n)) {
			walk(e.To, append(slices.Clip(w), e.Value))
		}
	}
	walk(n, nil)
	return out
}

// Diagrams against plain sets: union, difference, counts, membership, and one node for equal sets however they came
// about; a collection in between changes nothing that is held.
func TestAgainstPlainSets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := New(0)
		var nodes []Node
		var plains []set
		for i := range rapid.IntRange(2, 4).Draw(t, "sets") {
			n, p := build(s, words(t, fmt.Sprint("set ", i)))
			nodes, plains = append(nodes, n), append(plains, p)
		}
		pick := rapid.IntRange(0, 100)
		for range rapid.IntRange(1, 12).Draw(t, "operations") {
			i, j := pick.Draw(t, "i")%len(nodes), pick.Draw(t, "j")%len(nodes)
			p := maps.Clone(plains[i])
			var n Node
			switch rapid.IntRange(0, 3).Draw(t, "operation") {
			case 0, 1:
				n = s.Union(nodes[i], nodes[j])
				maps.Copy(p, plains[j])
			case 2:
				n = s.Minus(nodes[i], nodes[j])
				maps.DeleteFunc(p, func(k string, _ bool) bool { return plains[j][k] })
			case 3:
				s.Collect(nodes...)
				n = nodes[i]
			}
			nodes, plains = append(nodes, n), append(plains, p)
		}
		for i, n := range nodes {
			if got := list(s, n); !maps.Equal(got, plains[i]) {
				t.Fatalf("set %d is %v, want %v", i, got, plains[i])
			}
			if c := s.Count(n); c.Int64() != int64(len(plains[i])) {
				t.Fatalf("set %d counts %v, want %d", i, c, len(plains[i]))
			}
			for j, m := range nodes {
				if (n == m) != maps.Equal(plains[i], plains[j]) {
					t.Fatalf("sets %d and %d: nodes %d and %d", i, j, n, m)
				}
			}
		}
	})
}

// Make sorts, unites what has one value and leaves out what is empty.
func TestMake(t *testing.T) {
	s := New(0)
	a, b := s.Single([]uint32{1}, Unit), s.Single([]uint32{2}, Unit)
	got := s.Make([]Edge{{7, b}, {3, a}, {5, Empty}, {7, a}})
	want := s.Make([]Edge{{3, a}, {7, s.Union(a, b)}})
	if got != want || s.Has(got, []uint32{5, 1}) || !s.Has(got, []uint32{7, 2}) || s.Below(got, 3) != a {
		t.Errorf("%v, want %v", list(s, got), list(s, want))
	}
	if s.Make(nil) != Empty || s.Make([]Edge{{1, Empty}}) != Empty {
		t.Error("a node without edges is not the empty set")
	}
}

// What is held, in a buffer or a root stays as it is, numbers of the others are used again, and remembered results do not
// lead to them.
func TestCollect(t *testing.T) {
	s := New(0)
	word := func(i, j int) []uint32 { return []uint32{uint32(i), uint32(j), 0} }
	pairs := func(n int) (out Node) {
		for i := range n {
			for j := range n {
				out = s.Union(out, s.Single(word(i, i*j%7), Unit))
			}
		}
		return
	}
	root, held := pairs(10), s.Single(word(50, 60), Unit)
	mark := s.Hold(held)
	b := s.Take()
	b.Edges = append(b.Edges, Edge{1, s.Single(word(70, 80), Unit)})
	before := list(s, root)
	nodes := len(s.nodes)
	s.Collect(root)
	if len(s.free) == 0 {
		t.Fatal("nothing was given back")
	}
	free := len(s.free)
	if !maps.Equal(before, list(s, root)) || !s.Has(held, word(50, 60)) || !s.Has(b.Edges[0].To, word(70, 80)) {
		t.Error("a collection changed what is in use")
	}
	if pairs(10) != root {
		t.Error("an equal set is another node after a collection")
	}
	if len(s.nodes) != nodes || len(s.free) >= free {
		t.Errorf("%d nodes, %d before; %d free, %d before: numbers were not used again", len(s.nodes), nodes, len(s.free), free)
	}
	s.Give(b)
	s.Drop(mark)
	s.Collect()
	if s.taken != 0 || len(s.edges) != 0 {
		t.Errorf("%d nodes and %d edges are left of nothing", s.taken, len(s.edges))
	}
}

// A cache keeps to its bound, and what it forgets is computed again.
func TestCachesAreBounded(t *testing.T) {
	s := New(1 << 16)
	var sets []Node
	for i := range 400 {
		n := Empty
		for j := range 12 {
			n = s.Union(n, s.Single([]uint32{uint32(j), uint32(i * j % 31), uint32(i * j % 17)}, Unit))
		}
		sets = append(sets, n)
	}
	for _, a := range sets {
		for _, b := range sets {
			s.Union(a, b)
		}
	}
	if got := s.union.bytes(); got > 1<<17 || got < 1<<16 {
		t.Errorf("the cache takes %d bytes, its bound is %d", got, 1<<16)
	}
	if a, b := s.Union(sets[7], sets[9]), s.Union(sets[9], sets[7]); a != b {
		t.Errorf("nodes %d and %d for one set", a, b)
	}
}

// Counts beyond 64 bits are exact, and 40 levels of 1,000 values take 40,000 edges.
func TestLargeCount(t *testing.T) {
	s := New(0)
	n := Unit
	for range 40 {
		var edges []Edge
		for v := range 1000 {
			edges = append(edges, Edge{uint32(v), n})
		}
		n = s.Make(edges)
	}
	if c := s.Count(n).String(); len(c) != 121 || c[0] != '1' {
		t.Errorf("1000^40 counted as %s", c)
	}
	if nodes, edges := s.Size(n); nodes != 40 || edges != 40_000 {
		t.Errorf("%d nodes, %d edges", nodes, edges)
	}
}

// Unions of sets of random words: what a fixpoint spends most of its time on.
func BenchmarkUnion(b *testing.B) {
	s := New(1 << 24)
	x := uint64(1)
	all := Empty
	for range b.N {
		w := make([]uint32, 6)
		for i := range w {
			x = x*6364136223846793005 + 1442695040888963407
			w[i] = uint32(x >> 61)
		}
		all = s.Union(all, s.Single(w, Unit))
		if s.Full() {
			s.Collect(all)
		}
	}
	b.ReportMetric(float64(s.Bytes()), "bytes")
}
