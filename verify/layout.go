package verify

import "math/bits"

// layout packs the components of a state into a key of one word, or of two where one is too short. No key has all bits
// set: one bit of each word stays clear.
type layout struct {
	fields []field
	words  int
	bits   uint   // of a key of one word
	all    uint64 // those bits; above them is what is no part of a key
}

// field is the place of one component: in one of the words, where the other's shift is 64 and moves everything out.
type field struct {
	keep0, keep1 uint64 // what is beside it
	sh0, sh1     uint
	mask         uint64
}

// most bits of a word.
const wordBits = 63

// newLayout gives each component room for its count, and to grow while the key is shorter than some bits. ok is false
// where two words are too short.
func newLayout(counts []int, upTo uint) (l layout, ok bool) {
	need := make([]uint, len(counts))
	sum := uint(0)
	for i, n := range counts {
		need[i] = uint(max(1, bits.Len(uint(n-1))))
		sum += need[i]
	}
	l.words = 1
	if sum > wordBits {
		l.words = 2
	}
	for i := len(need) - 1; sum < min(upTo, wordBits); i = (i + len(need) - 1) % len(need) {
		need[i]++ // the channels first: they grow most
		sum++
	}
	var used [2]uint
	for _, n := range need {
		w := 0
		if l.words == 2 && used[1] < used[0] {
			w = 1
		}
		if used[w]+n > wordBits {
			w = 1 - w
		}
		if used[w]+n > wordBits || w == l.words {
			return l, false
		}
		f := field{keep0: ^uint64(0), keep1: ^uint64(0), sh0: 64, sh1: 64, mask: 1<<n - 1}
		if w == 0 {
			f.sh0, f.keep0 = used[0], ^(f.mask << used[0])
		} else {
			f.sh1, f.keep1 = used[1], ^(f.mask << used[1])
		}
		used[w] += n
		l.fields = append(l.fields, f)
	}
	l.bits, l.all = used[0], 1<<used[0]-1
	return l, true
}

// get reads a component of a key.
func (f *field) get(k0, k1 uint64) uint32 { return uint32((k0>>f.sh0 | k1>>f.sh1) & f.mask) }

// put replaces a component of a key.
func (f *field) put(k0, k1 uint64, v uint32) (uint64, uint64) {
	return k0&f.keep0 | uint64(v)<<f.sh0, k1&f.keep1 | uint64(v)<<f.sh1
}

// pack makes the key of components.
func (l *layout) pack(ids []uint32) (k0, k1 uint64) {
	for i := range l.fields {
		k0, k1 = l.fields[i].put(k0, k1, ids[i])
	}
	return
}

// unpack is the inverse of pack; ids has a place for each component.
func (l *layout) unpack(k0, k1 uint64, ids []uint32) {
	for i := range l.fields {
		ids[i] = l.fields[i].get(k0, k1)
	}
}

// fits reports whether there is room for each component's count.
func (l *layout) fits(counts []int) bool {
	for i, n := range counts {
		if uint64(n) > l.fields[i].mask+1 {
			return false
		}
	}
	return true
}
