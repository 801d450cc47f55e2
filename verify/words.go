package verify

import (
	"bytes"
	"slices"
)

// A block word is the content of a channel that loses and repeats: blocks, oldest first, each a set of values that may
// be there in any order and number, with one bit for a value of which a copy in this block was delivered, and anonymous
// separators for delivered datagrams that are otherwise forgotten. The age of a block is the number of delivered
// values and separators strictly after it; a block older than the overtaking bound is cut.
//
// Loss is implicit, since delivery is optional; a send only adds to what the network can do. Normal forms and their
// soundness by simulation: a smaller word, or an older one, does nothing that the normal form does not.
type word []block

type block struct {
	sep int // separators before the block
	v   []elem
}

type elem struct {
	m Msg
	d bool // a copy of it in this block was delivered
}

func (b *block) find(m Msg) int {
	return slices.IndexFunc(b.v, func(e elem) bool { return e.m == m })
}

// has reports whether a block has a value that is old for no more timers, where it is to be one that was delivered.
func (b *block) has(e elem, delivered bool) bool {
	return slices.ContainsFunc(b.v, func(x elem) bool {
		return (x.d || !delivered) && x.m[oldAt]&^e.m[oldAt] == 0 && x.m.Plain() == e.m.Plain()
	})
}

func (b *block) delivered() (n int) {
	for _, e := range b.v {
		if e.d {
			n++
		}
	}
	return
}

// within reports whether every value of a block is in another.
func (b *block) within(o *block) bool {
	for _, e := range b.v {
		if o.find(e.m) < 0 {
			return false
		}
	}
	return true
}

// normal brings a word to its normal form for an overtaking bound k; k < 0: no bound.
func normal(w word, k int) word {
	if k < 0 {
		return unordered(w)
	}
	var out word
	pend := 0
	for _, b := range w {
		b.sep += pend
		pend = 0
		if len(b.v) == 0 {
			pend = b.sep
			continue
		}
		for len(out) > 0 && out[len(out)-1].within(&b) {
			b = absorb(out[len(out)-1], b)
			out = out[:len(out)-1]
		}
		if len(out) > 0 && b.sep == 0 && b.delivered() == 0 && b.within(&out[len(out)-1]) {
			continue
		}
		out = append(out, b)
	}
	// cut what more than k delivered datagrams have overtaken
	n, cut := pend, 0
	for i := len(out) - 1; i >= 0; i-- {
		if n > k {
			cut = i + 1
			break
		}
		n += out[i].delivered() + out[i].sep
	}
	out = out[cut:]
	for i := range out {
		v := slices.Clone(out[i].v)
		if i == 0 {
			for j := range v {
				v[j].d = false
			}
			out[i].sep = 0
		}
		slices.SortFunc(v, func(a, b elem) int { return bytes.Compare(a.m[:], b.m[:]) })
		out[i].v = v
	}
	if len(out) > 0 && pend > 0 {
		out = append(out, block{sep: pend})
	}
	return out
}

// absorb drops an older block whose values are all in the next one: its delivered values count on there.
func absorb(old, b block) block {
	v := slices.Clone(b.v)
	for _, e := range old.v {
		if !e.d {
			continue
		}
		if i := slices.IndexFunc(v, func(x elem) bool { return x.m == e.m }); !v[i].d {
			v[i].d = true
		} else {
			b.sep++
		}
	}
	return block{b.sep + old.sep, v}
}

// unordered: with no bound everything that was ever sent can always be delivered.
func unordered(w word) word {
	var b block
	for _, x := range w {
		for _, e := range x.v {
			if b.find(e.m) < 0 {
				b.v = append(b.v, elem{m: e.m})
			}
		}
	}
	if len(b.v) == 0 {
		return nil
	}
	slices.SortFunc(b.v, func(a, b elem) int { return bytes.Compare(a.m[:], b.m[:]) })
	return word{b}
}

// send appends a set of values that may follow in any order and number.
func (w word) send(k int, set ...Msg) word {
	if len(set) == 0 {
		return w
	}
	b := block{}
	for _, m := range set {
		if b.find(m) < 0 {
			b.v = append(b.v, elem{m: m})
		}
	}
	return normal(append(slices.Clone(w), b), k)
}

// free reports whether the oldest live copy of a value can be delivered without ageing anything.
func (w word) free(m Msg) bool {
	for i := range w {
		if j := w[i].find(m); j >= 0 {
			return i == 0 || w[i].v[j].d
		}
	}
	return false
}

// deliver the oldest live copy of a value. Delivering the oldest ages a subset of what another copy would age.
func (w word) deliver(k int, m Msg) word {
	if w.free(m) {
		return w
	}
	out := slices.Clone(w)
	for i := range out {
		if j := out[i].find(m); j >= 0 {
			v := slices.Clone(out[i].v)
			v[j].d = true
			out[i].v = v
			return normal(out, k)
		}
	}
	return w
}

// values lists the distinct values of a word.
func (w word) values() []Msg {
	var out []Msg
	for _, b := range w {
		for _, e := range b.v {
			if !slices.Contains(out, e.m) {
				out = append(out, e.m)
			}
		}
	}
	return out
}

// rename maps every value, or drops it; ages stay.
func (w word) rename(k int, f func(Msg) (Msg, bool)) word {
	out := make(word, 0, len(w))
	changed := false
	for _, b := range w {
		n := block{sep: b.sep}
		for _, e := range b.v {
			m, ok := f(e.m)
			if ok && m == e.m && n.find(m) < 0 {
				n.v = append(n.v, e)
				continue
			}
			changed = true
			if !ok {
				if e.d {
					n.sep++
				}
				continue
			}
			j := n.find(m)
			switch {
			case j < 0:
				n.v = append(n.v, elem{m, e.d})
			case e.d && n.v[j].d:
				n.sep++ // two delivered datagrams stay two
			case e.d:
				n.v[j].d = true
			}
		}
		out = append(out, n)
	}
	if !changed {
		return w
	}
	return normal(out, k)
}

// key is a text that two words share exactly when they are equal.
func (w word) key() string {
	b := make([]byte, 0, 64)
	for _, x := range w {
		b = append(b, byte(x.sep), byte(len(x.v)))
		for _, e := range x.v {
			b = append(b, e.m[:]...)
			d := byte(0)
			if e.d {
				d = 1
			}
			b = append(b, d)
		}
	}
	return string(b)
}

// ages lists the age of each block.
func (w word) ages() []int {
	out := make([]int, len(w))
	n := 0
	for i := len(w) - 1; i >= 0; i-- {
		out[i] = n
		n += w[i].delivered() + w[i].sep
	}
	return out
}

// simulates reports whether b can do everything that a can, by a monotone map of a's blocks into b's: values within,
// age not larger, and what is free in a is free in b. Sufficient, not necessary; the greedy map is found left to right.
func simulates(a, b word, ageA, ageB []int) bool {
	j := 0
	for i := range a {
		if len(a[i].v) == 0 {
			continue
		}
	next:
		for ; ; j++ {
			if j == len(b) {
				return false
			}
			if ageB[j] > ageA[i] {
				continue
			}
			for _, e := range a[i].v {
				if !b[j].has(e, (e.d || i == 0) && j > 0) {
					continue next
				}
			}
			break
		}
	}
	return true
}
