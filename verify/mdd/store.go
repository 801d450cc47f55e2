package mdd

import (
	"math"
	"math/big"
	"slices"
)

// Node is a set of sequences. The zero value is the empty set.
type Node uint32

const (
	Empty Node = 0
	Unit  Node = 1 // the set of the empty sequence
)

// Edge leads from a node, by a value, to the set of what may follow it.
type Edge struct {
	Value uint32
	To    Node
}

// node is where its edges are. n is dead for a number that is free.
type node struct {
	off, n uint32
	hash   uint32
}

const dead = math.MaxUint32

// Store holds nodes, each set once.
type Store struct {
	edges []Edge
	nodes []node   // by Node
	free  []Node   // numbers to use again
	table []uint32 // open addressing, linear probing: a Node, or 0
	taken int      // nodes in the table

	union, minus *Cache
	caches       []*Cache
	counts       map[Node]*big.Int
	held         []Node
	buffers      []*Buffer
	pool         []*Buffer
	kept         int // edges that the last Collect left

	Collections int   // so far
	Made        int   // nodes made so far
	Peak        int64 // the most bytes that a collection has seen
}

// New returns an empty store. Each of its caches may grow to a number of bytes, at least 64 KiB.
func New(cacheBytes int64) *Store {
	s := &Store{nodes: make([]node, 2), table: make([]uint32, 1<<8), counts: map[Node]*big.Int{}}
	s.union, s.minus = s.NewCache(cacheBytes), s.NewCache(cacheBytes)
	return s
}

// Nodes is how many nodes there are.
func (s *Store) Nodes() int { return s.taken }

// Edges of a node, in the order of their values; they are valid until the next node is made.
func (s *Store) Edges(n Node) []Edge {
	x := s.nodes[n]
	return s.edges[x.off : x.off+x.n]
}

// Below is the set of what may follow a value.
func (s *Store) Below(n Node, value uint32) Node {
	e := s.Edges(n)
	if i, ok := slices.BinarySearchFunc(e, value, func(x Edge, v uint32) int { return compare(x.Value, v) }); ok {
		return e[i].To
	}
	return Empty
}

func compare(a, b uint32) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Has reports whether a sequence is in a set.
func (s *Store) Has(n Node, sequence []uint32) bool {
	for _, v := range sequence {
		n = s.Below(n, v)
	}
	return n == Unit
}

// Single is the set of one sequence followed by one of n.
func (s *Store) Single(sequence []uint32, n Node) Node {
	for _, v := range slices.Backward(sequence) {
		n = s.intern([]Edge{{v, n}})
	}
	return n
}

// Make returns the node of edges in any order; those with an empty set go, those of equal values are united. It reorders
// its argument.
func (s *Store) Make(edges []Edge) Node {
	sorted := true
	for i, e := range edges {
		if e.To == Empty || i > 0 && edges[i-1].Value >= e.Value {
			sorted = false
			break
		}
	}
	if !sorted {
		slices.SortFunc(edges, func(a, b Edge) int { return compare(a.Value, b.Value) })
		w := 0
		for _, e := range edges {
			switch {
			case e.To == Empty:
			case w > 0 && edges[w-1].Value == e.Value:
				edges[w-1].To = s.Union(edges[w-1].To, e.To)
			default:
				edges[w] = e
				w++
			}
		}
		edges = edges[:w]
	}
	return s.intern(edges)
}

// intern finds or makes the node of sorted edges without empty sets.
func (s *Store) intern(edges []Edge) Node {
	if len(edges) == 0 {
		return Empty
	}
	h := uint64(len(edges))
	for _, e := range edges {
		h = (h ^ (uint64(e.Value)<<32 | uint64(e.To))) * 0x9e3779b97f4a7c15
		h ^= h >> 29
	}
	hash := uint32(h)
	mask := uint32(len(s.table) - 1)
	i := hash & mask
	for ; s.table[i] != 0; i = (i + 1) & mask {
		n := Node(s.table[i])
		if s.nodes[n].hash == hash && slices.Equal(s.Edges(n), edges) {
			return n
		}
	}
	n := Node(len(s.nodes))
	if k := len(s.free); k > 0 {
		n, s.free = s.free[k-1], s.free[:k-1]
	} else {
		s.nodes = append(s.nodes, node{})
	}
	s.nodes[n] = node{uint32(len(s.edges)), uint32(len(edges)), hash}
	s.edges = append(s.edges, edges...)
	s.table[i] = uint32(n)
	s.taken++
	s.Made++
	if 2*s.taken > len(s.table) {
		s.rehash(2 * len(s.table))
	}
	return n
}

func (s *Store) rehash(size int) {
	if size != len(s.table) {
		s.table = make([]uint32, size)
	} else {
		clear(s.table)
	}
	mask := uint32(size - 1)
	for n := 2; n < len(s.nodes); n++ {
		if s.nodes[n].n == dead {
			continue
		}
		i := s.nodes[n].hash & mask
		for s.table[i] != 0 {
			i = (i + 1) & mask
		}
		s.table[i] = uint32(n)
	}
}

// Union is the set of the sequences of both.
func (s *Store) Union(a, b Node) Node {
	switch {
	case a == b || b == Empty:
		return a
	case a == Empty:
		return b
	case a > b:
		a, b = b, a
	}
	if r, ok := s.union.Get(1, a, b); ok {
		return r
	}
	o := s.scratch()
	x, y := s.nodes[a], s.nodes[b]
	i, j := uint32(0), uint32(0)
	for i < x.n && j < y.n {
		switch e, f := s.edges[x.off+i], s.edges[y.off+j]; {
		case e.Value < f.Value:
			o.Edges = append(o.Edges, e)
			i++
		case e.Value > f.Value:
			o.Edges = append(o.Edges, f)
			j++
		default:
			o.Edges = append(o.Edges, Edge{e.Value, s.Union(e.To, f.To)})
			i++
			j++
		}
	}
	o.Edges = append(o.Edges, s.edges[x.off+i:x.off+x.n]...)
	o.Edges = append(o.Edges, s.edges[y.off+j:y.off+y.n]...)
	r := s.intern(o.Edges)
	s.pool = append(s.pool, o)
	s.union.Put(1, a, b, r)
	return r
}

// Minus is the set of the sequences of a that are not in b.
func (s *Store) Minus(a, b Node) Node {
	switch {
	case a == b || a == Empty:
		return Empty
	case b == Empty:
		return a
	}
	if r, ok := s.minus.Get(1, a, b); ok {
		return r
	}
	o := s.scratch()
	x, y := s.nodes[a], s.nodes[b]
	j := uint32(0)
	for i := range x.n {
		e := s.edges[x.off+i]
		for j < y.n && s.edges[y.off+j].Value < e.Value {
			j++
		}
		if j < y.n && s.edges[y.off+j].Value == e.Value {
			e.To = s.Minus(e.To, s.edges[y.off+j].To)
		}
		if e.To != Empty {
			o.Edges = append(o.Edges, e)
		}
	}
	r := s.intern(o.Edges)
	s.pool = append(s.pool, o)
	s.minus.Put(1, a, b, r)
	return r
}

// Count is the number of sequences in a set. The result is not to be changed.
func (s *Store) Count(n Node) *big.Int {
	switch n {
	case Empty:
		return new(big.Int)
	case Unit:
		return big.NewInt(1)
	}
	if c := s.counts[n]; c != nil {
		return c
	}
	c := new(big.Int)
	for _, e := range s.Edges(n) {
		c.Add(c, s.Count(e.To))
	}
	s.counts[n] = c
	return c
}

// Size counts the nodes and edges of the sets together, each once.
func (s *Store) Size(sets ...Node) (nodes, edges int) {
	seen := map[Node]bool{}
	var walk func(Node)
	walk = func(n Node) {
		if n <= Unit || seen[n] {
			return
		}
		seen[n] = true
		nodes++
		edges += int(s.nodes[n].n)
		for _, e := range s.Edges(n) {
			walk(e.To)
		}
	}
	for _, n := range sets {
		walk(n)
	}
	return
}
