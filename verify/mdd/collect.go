package mdd

// Buffer is a list of edges in the making, whose nodes Collect keeps.
type Buffer struct{ Edges []Edge }

// Take gives an empty buffer; it is given back with Give, the last taken first.
func (s *Store) Take() *Buffer {
	b := s.scratch()
	s.buffers = append(s.buffers, b)
	return b
}

// Give returns the buffer that was taken last.
func (s *Store) Give(b *Buffer) {
	last := len(s.buffers) - 1
	if s.buffers[last] != b {
		panic("mdd: buffers are given back in the wrong order")
	}
	s.buffers = s.buffers[:last]
	s.pool = append(s.pool, b)
}

// scratch is a buffer that Collect does not know.
func (s *Store) scratch() *Buffer {
	if k := len(s.pool); k > 0 {
		b := s.pool[k-1]
		s.pool = s.pool[:k-1]
		b.Edges = b.Edges[:0]
		return b
	}
	return &Buffer{Edges: make([]Edge, 0, 32)}
}

// Hold keeps nodes until Drop is called with the number that it returns.
func (s *Store) Hold(nodes ...Node) int {
	s.held = append(s.held, nodes...)
	return len(s.held) - len(nodes)
}

// Drop ends what Hold began, and every Hold after it.
func (s *Store) Drop(mark int) { s.held = s.held[:mark] }

// worthwhile is the least number of edges for which Full asks for a collection.
const worthwhile = 1 << 19

// Full reports whether so much was made since the last collection that the next is worth its time.
func (s *Store) Full() bool { return len(s.edges) > worthwhile && len(s.edges) > 3*s.kept }

// Collect gives back every node that is reached neither from roots nor from what is held or in a buffer.
func (s *Store) Collect(roots ...Node) {
	marked := make([]bool, len(s.nodes))
	var stack []Node
	mark := func(n Node) {
		if n > Unit && !marked[n] {
			marked[n] = true
			stack = append(stack, n)
		}
	}
	drain := func() {
		for len(stack) > 0 {
			n := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			for _, e := range s.Edges(n) {
				mark(e.To)
			}
		}
	}
	for _, n := range roots {
		mark(n)
	}
	for _, n := range s.held {
		mark(n)
	}
	for _, b := range s.buffers {
		for _, e := range b.Edges {
			mark(e.To)
		}
	}
	drain()
	left, taken := 0, 0
	for n := 2; n < len(s.nodes); n++ {
		if marked[n] {
			left += int(s.nodes[n].n)
			taken++
		}
	}
	edges := make([]Edge, 0, left+left/2+64)
	s.Peak = max(s.Peak, s.Bytes()+int64(8*cap(edges)+cap(marked)))
	s.free = s.free[:0]
	for n := len(s.nodes) - 1; n >= 2; n-- {
		if !marked[n] {
			s.nodes[n] = node{n: dead}
			s.free = append(s.free, Node(n))
			continue
		}
		off := uint32(len(edges))
		edges = append(edges, s.Edges(Node(n))...)
		s.nodes[n].off = off
	}
	s.edges, s.kept, s.taken = edges, left, taken
	s.rehash(len(s.table))
	alive := func(n Node) bool { return n <= Unit || marked[n] }
	for _, c := range s.caches {
		c.purge(alive)
	}
	for n := range s.counts {
		if !alive(n) {
			delete(s.counts, n)
		}
	}
	s.Collections++
}

// Bytes is the memory that the store and its caches take.
func (s *Store) Bytes() int64 {
	const perCount = 96 // of a big.Int in a map
	b := int64(8*cap(s.edges)+12*cap(s.nodes)+4*cap(s.free)+4*cap(s.table)) + int64(perCount*len(s.counts))
	for _, c := range s.caches {
		b += c.bytes()
	}
	return b
}

// Cache remembers results of the caller's operations, up to its size; an older result gives way to a newer one.
type Cache struct {
	entries []entry
	puts    int // since the last growth
	limit   int
}

// entry is a result: op 0 is none.
type entry struct {
	op      uint64
	a, b, r Node
}

const firstEntries = 1 << 8

// NewCache gives a cache that grows with its use to a number of bytes, at least 64 KiB.
func (s *Store) NewCache(bytes int64) *Cache {
	c := &Cache{entries: make([]entry, firstEntries), limit: 1 << 12}
	for int64(c.limit)*48 <= bytes {
		c.limit *= 2
	}
	s.caches = append(s.caches, c)
	return c
}

func (c *Cache) slot(op uint64, a, b Node) *entry {
	h := (uint64(a)<<32 | uint64(b)) * 0x9e3779b97f4a7c15
	h = (h ^ h>>32 ^ op) * 0xbf58476d1ce4e5b9
	return &c.entries[(h^h>>31)&uint64(len(c.entries)-1)]
}

// Get finds the result of an operation, by its number (not 0), on one or two nodes. What else the operation depends on is
// in its number: a and b are nodes, and the result is forgotten when one of them goes.
func (c *Cache) Get(op uint64, a, b Node) (Node, bool) {
	e := c.slot(op, a, b)
	if e.op == op && e.a == a && e.b == b {
		return e.r, true
	}
	return Empty, false
}

// Put remembers a result.
func (c *Cache) Put(op uint64, a, b, r Node) {
	if c.puts++; c.puts > len(c.entries)/2 && len(c.entries) < c.limit {
		old := c.entries
		c.entries, c.puts = make([]entry, 4*len(old)), 0
		for _, e := range old {
			if e.op != 0 {
				*c.slot(e.op, e.a, e.b) = e
			}
		}
	}
	*c.slot(op, a, b) = entry{op, a, b, r}
}

func (c *Cache) purge(alive func(Node) bool) {
	for i, e := range c.entries {
		if e.op != 0 && !(alive(e.a) && alive(e.b) && alive(e.r)) {
			c.entries[i] = entry{}
		}
	}
}

func (c *Cache) bytes() int64 { return int64(24 * cap(c.entries)) }
