package verify

import "sync"

// queue holds keys in chunks.
type queue struct {
	chunks [][]uint64
	n      int // keys
}

// chunkWords of a chunk: enough work to hand to a worker at once.
const chunkWords = 4096

// chunks lends the memory of queues, and takes it back. The first are of the heap; where they do not do, many are got from
// the system at once, in huge pages: to be given small ones costs a tenth of a search.
type chunks struct {
	mu    sync.Mutex
	free  [][]uint64
	made  int64 // words
	slabs [][]uint64
	slab  []uint64 // what is left of the last one
}

const (
	heapChunks = 16
	slabWords  = 128 * chunkWords // 4 MiB
)

func (s *chunks) get() []uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.free); n > 0 {
		c := s.free[n-1]
		s.free = s.free[:n-1]
		return c
	}
	if s.made < heapChunks*chunkWords {
		s.made += chunkWords
		return make([]uint64, 0, chunkWords)
	}
	if len(s.slab) == 0 {
		s.slab = pages(slabWords)
		s.slabs = append(s.slabs, s.slab)
		s.made += slabWords
	}
	c := s.slab[:0:chunkWords]
	s.slab = s.slab[chunkWords:]
	return c
}

// close gives everything back. No queue is used any more.
func (s *chunks) close() {
	for _, b := range s.slabs {
		freePages(b)
	}
	s.free, s.slabs, s.slab, s.made = nil, nil, nil, 0
}

func (s *chunks) give(cs [][]uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range cs {
		if cap(c) == chunkWords {
			s.free = append(s.free, c[:0])
		}
	}
}

func (s *chunks) bytes() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.made * 8
}

// add copies keys behind the others.
func (q *queue) add(s *chunks, words int, keys []uint64) {
	q.n += len(keys) / words
	for len(keys) > 0 {
		last := len(q.chunks) - 1
		if last < 0 || len(q.chunks[last]) >= chunkWords {
			q.chunks = append(q.chunks, s.get())
			last++
		}
		c := q.chunks[last]
		n := min(chunkWords-len(c), len(keys))
		q.chunks[last] = append(c, keys[:n]...)
		keys = keys[n:]
	}
}

// join takes over all keys of another queue.
func (q *queue) join(o *queue) {
	q.chunks, q.n = append(q.chunks, o.chunks...), q.n+o.n
	*o = queue{}
}

// tuples is a set of tuples of numbers.
type tuples struct {
	n     int
	inner []keySet // of the first two, of that pair and the third, and so on
}

func newTuples(n int) *tuples { return &tuples{n, make([]keySet, max(1, n-1))} }

func (t *tuples) bytes() (n int64) {
	for i := range t.inner {
		n += t.inner[i].bytes()
	}
	return
}

// has reports whether the numbers of some places are in the set. It changes nothing.
func (t *tuples) has(ids []uint32, at []int) bool {
	k := t.first(ids, at)
	for i := 0; ; i++ {
		j, ok := t.inner[i].find(k)
		if !ok || i+2 >= t.n {
			return ok
		}
		k = uint64(j)<<32 | uint64(ids[at[i+2]])
	}
}

func (t *tuples) add(ids []uint32, at []int) {
	k := t.first(ids, at)
	for i := 0; ; i++ {
		j, _ := t.inner[i].add(k)
		if i+2 >= t.n {
			return
		}
		k = uint64(j)<<32 | uint64(ids[at[i+2]])
	}
}

func (t *tuples) first(ids []uint32, at []int) uint64 {
	switch t.n {
	case 0:
		return 0
	case 1:
		return uint64(ids[at[0]])
	}
	return uint64(ids[at[0]])<<32 | uint64(ids[at[1]])
}
