package verify

import (
	"encoding/binary"
	"slices"
)

// blockWords interns the block words of one channel. What the search asks of a word again and again is found once and
// then looked up: a state is three small numbers, and a step is a few look-ups.
type blockWords struct {
	e    *blockEngine
	ch   int
	ids  map[string]uint32
	list []blockWord
	leq  map[uint64]bool   // which simulates which
	sent map[uint64]uint32 // word and set of datagrams to the word with them
	subs map[uint64]uint32 // word and substitution to the word renamed
	less map[uint64]uint32 // word and which of its values go to the word without them
	aged map[uint64]uint32 // word and what a step does to its age to the word then
	with map[string]uint32 // word and what its values become to that word
}

// blockWord is a word, and what is known of it.
type blockWord struct {
	word
	ages   []int
	sign   uint64 // one bit for each value, by a hash: a word with a bit more can do more
	values []Msg
	msgs   []uint32 // the values by number
	free   []bool   // by value: it can be delivered without ageing anything
	after  []uint32 // by value: the word after its delivery; unknown until it is asked for
	marked bool     // a datagram of the marked call is in it
	behind bool     // one of a call that was made while that was outstanding
	washed uint32   // the word without marks; unknown until it is asked for
	// The numbers in it, and the values in it of fields that only grow, as numbers of sets that are equal for equal ones.
	numbers, present uint32
	marks            uint32 // the identities of the marked call's datagrams in it, likewise
	stale            bool   // two of its values may be stale rejections
}

const unknown = ^uint32(0)

func newBlockWords(e *blockEngine, ch int) *blockWords {
	s := &blockWords{e: e, ch: ch, ids: map[string]uint32{}, leq: map[uint64]bool{}, sent: map[uint64]uint32{}, subs: map[uint64]uint32{},
		less: map[uint64]uint32{}, aged: map[uint64]uint32{}, with: map[string]uint32{}}
	s.id(nil)
	return s
}

// bytesOfMemo is about what an entry of a map of small numbers takes.
const bytesOfMemo = 40

// id of a word; 0 is the empty one.
func (s *blockWords) id(w word) uint32 {
	k := w.key()
	if i, ok := s.ids[k]; ok {
		return i
	}
	i := uint32(len(s.list))
	s.ids[k] = i
	c := blockWord{word: w, ages: w.ages(), values: w.values(), washed: unknown}
	var marks []byte
	for _, m := range c.values {
		c.msgs = append(c.msgs, s.e.msgs.id(m))
		h := binary.LittleEndian.Uint64(m[:]) ^ uint64(m[8])<<7
		c.sign |= 1 << (h * 0x9e3779b97f4a7c15 >> 58)
		c.free, c.after = append(c.free, w.free(m)), append(c.after, unknown)
		if s.e.coloured(m, marked) {
			c.marked = true
		}
		c.behind = c.behind || s.e.coloured(m, after)
		if s.e.id != nil && s.e.counted(m) {
			x := s.e.id.of(m)
			marks = append(marks, x[:]...)
		}
	}
	c.marks = s.e.marks.id(marks, nil)
	c.numbers, c.present = s.e.numbersIn(c.values), s.e.presentIn(s.ch, c.values)
	c.stale = s.ch == s.e.m.back() && s.e.mayBeStale(c.values)
	s.list = append(s.list, c)
	s.e.bytes += int64(3*len(k) + 12*len(c.values) + 240)
	return i
}

// below reports whether word b can do everything that word a can.
func (s *blockWords) below(a, b uint32) bool {
	if a == b {
		return true
	}
	if s.list[a].sign&^s.list[b].sign != 0 {
		return false
	}
	k := uint64(a)<<32 | uint64(b)
	if r, ok := s.leq[k]; ok {
		return r
	}
	r := simulates(s.list[a].word, s.list[b].word, s.list[a].ages, s.list[b].ages)
	s.leq[k] = r
	s.e.bytes += bytesOfMemo
	return r
}

// send is the word after a set of datagrams, by its number.
func (s *blockWords) send(w, set uint32) uint32 {
	if set == 0 {
		return w
	}
	k := uint64(w)<<32 | uint64(set)
	if r, ok := s.sent[k]; ok {
		return r
	}
	r := s.id(s.list[w].send(s.e.k[s.ch], s.e.sets.list[set]...))
	s.sent[k] = r
	s.e.bytes += bytesOfMemo
	return r
}

// deliver is the word after its j-th value has arrived.
func (s *blockWords) deliver(w uint32, j int) uint32 {
	if r := s.list[w].after[j]; r != unknown {
		return r
	}
	r := s.id(s.list[w].deliver(s.e.k[s.ch], s.list[w].values[j]))
	s.list[w].after[j] = r
	return r
}

// wash is the word without marks.
func (s *blockWords) wash(w uint32) uint32 {
	if r := s.list[w].washed; r != unknown {
		return r
	}
	r := s.id(s.list[w].rename(s.e.k[s.ch], func(m Msg) (Msg, bool) { return s.e.white(m), true }))
	s.list[w].washed = r
	return r
}

// without is the word less some of its values, by a bit each; values from the 32nd on are asked of gone.
func (s *blockWords) without(w uint32, gone []bool) uint32 {
	c := &s.list[w]
	k, n := uint64(w)<<32, 0
	for j, g := range gone {
		if g {
			n++
			k |= 1 << min(j, 31)
		}
	}
	switch {
	case n == 0:
		return w
	case n == len(gone):
		return 0
	}
	r, known := s.less[k]
	if !known || len(gone) > 31 {
		r = s.id(c.rename(s.e.k[s.ch], func(m Msg) (Msg, bool) { return m, !gone[slices.Index(c.values, m)] }))
		s.less[k] = r
		s.e.bytes += bytesOfMemo
	}
	return r
}

// replace is the word with each of its values replaced.
func (s *blockWords) replace(w uint32, to []Msg) uint32 {
	c := &s.list[w]
	k := binary.LittleEndian.AppendUint32(make([]byte, 0, 128), w)
	for _, m := range to {
		k = append(k, m[:]...)
	}
	if r, ok := s.with[string(k)]; ok {
		return r
	}
	r := s.id(c.rename(s.e.k[s.ch], func(m Msg) (Msg, bool) { return to[slices.Index(c.values, m)], true }))
	s.with[string(k)] = r
	s.e.bytes += int64(len(k)) + bytesOfMemo
	return r
}

// rename is the word with a substitution of its numbers; 0 changes nothing.
func (s *blockWords) rename(w, sub uint32, ren *renaming) uint32 {
	if sub == 0 {
		return w
	}
	k := uint64(w)<<32 | uint64(sub)
	if r, ok := s.subs[k]; ok {
		return r
	}
	r := s.id(s.list[w].rename(s.e.k[s.ch], func(m Msg) (Msg, bool) { return ren.msg(m), true }))
	s.subs[k] = r
	s.e.bytes += bytesOfMemo
	return r
}

// back is the channel by which the callee answers; -1 where there is none.
func (m *Model) back() int {
	if m.Callee < 0 {
		return -1
	}
	return m.out[m.Callee]
}

// pool interns lists: equal lists have equal numbers; 0 is the empty one.
type pool[T any] struct {
	ids  map[string]uint32
	list [][]T
}

func newPool[T any]() pool[T] { return pool[T]{map[string]uint32{"": 0}, [][]T{nil}} }

// id of a list, by a text that tells lists apart.
func (p *pool[T]) id(key []byte, list []T) uint32 {
	if i, ok := p.ids[string(key)]; ok {
		return i
	}
	i := uint32(len(p.list))
	p.ids[string(key)] = i
	p.list = append(p.list, list)
	return i
}

// numbered gives each datagram a number.
type numbered struct {
	ids  map[Msg]uint32
	list []Msg
}

func (p *numbered) id(m Msg) uint32 {
	i, ok := p.ids[m]
	if !ok {
		i = uint32(len(p.list))
		p.ids[m] = i
		p.list = append(p.list, m)
	}
	return i
}

// number is a value of a renamed sort, with its group.
type number struct {
	group
	v uint32
}

func (n number) append(b []byte) []byte { return append(b, byte(n.sort), byte(n.scope), byte(n.v)) }

// numbersIn are the numbers that datagrams carry, as a set.
func (e *blockEngine) numbersIn(ms []Msg) uint32 {
	var out []number
	for _, m := range ms {
		for _, p := range e.num.field[m[0]] {
			if n := (number{p.carried(m), uint32(m[p.at])}); n.v != 0 && !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	slices.SortFunc(out, func(a, b number) int { return slices.Compare(a.append(nil), b.append(nil)) })
	var key []byte
	for _, n := range out {
		key = n.append(key)
	}
	return e.supports.id(key, out)
}

// presentIn are the values of fields that only grow (bars) in the datagrams of a channel, as a set.
func (e *blockEngine) presentIn(ch int, ms []Msg) uint32 {
	var out []uint16
	for i, b := range e.bars[e.m.from[ch]] {
		for _, m := range ms {
			if x := uint16(i)<<8 | uint16(m[b.field]); int(m[0]) == b.message && !slices.Contains(out, x) {
				out = append(out, x)
			}
		}
	}
	slices.Sort(out)
	var key []byte
	for _, x := range out {
		key = append(key, byte(x>>8), byte(x))
	}
	return e.presents.id(key, out)
}

// set is a list of datagrams by number.
func (e *blockEngine) set(ms []Msg) uint32 {
	var key []byte
	for _, m := range ms {
		key = append(key, m[:]...)
	}
	return e.sets.id(key, ms)
}
