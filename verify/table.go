package verify

import (
	"math/bits"
	"sync/atomic"
	"unsafe"
)

// table is the set of visited keys: open addressing with linear probing in a power of two of slots, on which several
// workers insert at once. A slot holds a key plus 1 (0 is free); or, where the keys are short against the table, only
// what its place does not say of a key, in 4 bytes (Cleary 1984: the key is permuted, its upper bits are the home slot,
// and the slot keeps the lower bits and how far from home it is); or two words.
type table struct {
	words int  // of a key
	bits  uint // of a key of one word; not less than lg
	lg    uint // of the number of slots
	large []uint64
	small []uint32 // of 4-byte slots, in the memory of large
	far   uint     // bits for the distance from home
	// shared: several insert at once. A lock on every insertion costs one who is alone a fifth of the time: the fetches
	// behind it wait.
	shared bool
	n      atomic.Int64
}

// minFar bits for the distance from home are enough for a table that is three quarters full.
const minFar = 9

// slotBytes of a table of 1<<lg slots for keys of some words and bits; from a size on slots are short where they can be.
func slotBytes(words int, keyBits, lg, shortFrom uint) int64 {
	switch {
	case words == 2:
		return 16
	case lg >= shortFrom && keyBits >= lg && keyBits-lg+minFar <= 31:
		return 4
	}
	return 8
}

// longest key for which a table of 1<<lg slots can have short ones.
func longest(lg uint) uint { return lg + 31 - minFar }

// defaultShort is the size from which on slots are short where they can be: a small table is cheap.
const defaultShort = 22

func newTable(words int, keyBits, lg, shortFrom uint) *table {
	t := &table{words: words, bits: keyBits, lg: lg}
	b := slotBytes(words, keyBits, lg, shortFrom)
	t.large = pages(int(b << lg / 8))
	if b == 4 {
		t.small = unsafe.Slice((*uint32)(unsafe.Pointer(&t.large[0])), 1<<lg)
		t.far = 31 - (keyBits - lg)
	}
	return t
}

func (t *table) free()        { freePages(t.large); t.large, t.small = nil, nil }
func (t *table) bytes() int64 { return int64(len(t.large)) * 8 }

// room is how many keys the table takes before it has to grow.
func (t *table) room() int64 { return 1 << t.lg / 4 * 3 }

const (
	mixA = 0x9e3779b97f4a7c15
	mixB = 0xd6e8feb86659fd93
)

func mix(k uint64) uint64 {
	k ^= k >> 32
	k *= mixB
	k ^= k >> 32
	k *= mixB
	return k ^ k>>32
}

// permute is a permutation of the keys of n bits whose upper bits look random; back is its inverse.
func permute(k uint64, n uint) uint64 {
	m, s := uint64(1)<<n-1, (n+1)/2
	k = k * mixA & m
	k ^= k >> s
	k = k * mixB & m
	return k ^ k>>s
}

func back(k uint64, n uint) uint64 {
	m, s := uint64(1)<<n-1, (n+1)/2
	k ^= k >> s
	k = k * inverseB & m
	k ^= k >> s
	return k * inverseA & m
}

var inverseA, inverseB = inverse(mixA), inverse(mixB)

// inverse of an odd number modulo 2^64, by Newton's iteration.
func inverse(a uint64) uint64 {
	x := a
	for range 6 {
		x *= 2 - a*x
	}
	return x
}

// insert puts keys into the table, and those that are new behind fresh, which must have room for all. The home slots are
// touched first, so that what is not in the cache is fetched at the same time. done is less than the number of keys where
// one is too far from home: then the table has to grow, and the rest comes again. home has room for a word a key. What is
// above the bits of a key of one word goes along with it, and is not looked at.
func (t *table) insert(keys, home, fresh []uint64) (out []uint64, done int) {
	before := len(fresh)
	switch {
	case t.words == 2:
		out, done = t.insertWide(keys, home, fresh)
		t.n.Add(int64((len(out) - before) / 2))
		return out, done
	case t.small != nil:
		out, done = t.insertSmall(keys, home, fresh)
	default:
		out, done = t.insertLarge(keys, home, fresh)
	}
	t.n.Add(int64(len(out) - before))
	return out, done
}

func (t *table) insertLarge(keys, home, fresh []uint64) ([]uint64, int) {
	s, mask, rest, all := t.large, uint64(len(t.large)-1), (t.bits-t.lg)&63, uint64(1)<<t.bits-1
	home = home[:len(keys)]
	var sum uint64
	for j, k := range keys {
		i := permute(k, t.bits) >> rest
		home[j] = i
		sum += s[i&mask]
	}
	touched.Store(sum)
next:
	for j, k := range keys {
		want := k&all + 1
		for i := home[j]; ; i++ {
			p := &s[i&mask]
			x := atomic.LoadUint64(p)
			if x == 0 {
				if !t.shared {
					*p = want
					fresh = append(fresh, k)
					continue next
				}
				if atomic.CompareAndSwapUint64(p, 0, want) {
					fresh = append(fresh, k)
					continue next
				}
				x = atomic.LoadUint64(p)
			}
			if x == want {
				continue next
			}
		}
	}
	return fresh, len(keys)
}

// touched keeps the first pass from being optimised away.
var touched atomic.Uint64

func (t *table) insertSmall(keys, home, fresh []uint64) ([]uint64, int) {
	s, mask := t.small, uint64(len(t.small)-1)
	rest := (t.bits - t.lg) & 63
	restMask, far := uint64(1)<<rest-1, uint32(1)<<t.far
	home = home[:len(keys)]
	var sum uint32
	for j, k := range keys {
		h := permute(k, t.bits)
		home[j] = h
		sum += s[h>>rest&mask]
	}
	touched.Store(uint64(sum))
next:
	for j, h := range home {
		i, want := h>>rest, uint32(h&restMask)<<t.far+1
		for d := uint32(0); d < far-1; d++ {
			p := &s[i&mask]
			x := atomic.LoadUint32(p)
			if x == 0 {
				if !t.shared {
					*p = want + d
					fresh = append(fresh, keys[j])
					continue next
				}
				if atomic.CompareAndSwapUint32(p, 0, want+d) {
					fresh = append(fresh, keys[j])
					continue next
				}
				x = atomic.LoadUint32(p)
			}
			if x == want+d {
				continue next
			}
			i++
		}
		return fresh, j
	}
	return fresh, len(keys)
}

// taken marks the first word of a slot of two while the second is written.
const taken = ^uint64(0)

func (t *table) insertWide(keys, home, fresh []uint64) ([]uint64, int) {
	s, mask, shift := t.large, uint64(1)<<t.lg-1, 64-t.lg
	n := len(keys) / 2
	home = home[:n]
	var sum uint64
	for j := range home {
		i := mix(keys[2*j]*mixA^keys[2*j+1]) >> shift
		home[j] = i
		sum += s[2*(i&mask)]
	}
	touched.Store(sum)
next:
	for j := range home {
		k0, k1 := keys[2*j], keys[2*j+1]
		for i := home[j]; ; i++ {
			p := &s[2*(i&mask)]
			q := &s[2*(i&mask)+1]
			x := atomic.LoadUint64(p)
			if x == 0 {
				if atomic.CompareAndSwapUint64(p, 0, taken) {
					atomic.StoreUint64(q, k1)
					atomic.StoreUint64(p, k0+1)
					fresh = append(fresh, k0, k1)
					continue next
				}
				x = atomic.LoadUint64(p)
			}
			for x == taken { // for a few instructions of another worker
				x = atomic.LoadUint64(p)
			}
			if x == k0+1 && atomic.LoadUint64(q) == k1 {
				continue next
			}
		}
	}
	return fresh, n
}

// takeOver puts the keys of a part of a smaller table with the same keys and short slots into one with short slots, in
// order; false where one would be too far from home.
func (t *table) takeOver(old *table, part, of int) bool {
	mask, rest := uint64(len(t.small)-1), t.bits-t.lg
	lo, hi := share(len(old.small), part, of)
	for i := lo; i < hi; i++ {
		v := old.small[i]
		if v == 0 {
			continue
		}
		h := old.permuted(uint64(i), v)
		want, far := uint32(h&(1<<rest-1))<<t.far+1, uint32(1)<<t.far-1
		j := h >> rest
		for d := uint32(0); ; d++ {
			if d >= far {
				return false
			}
			p := &t.small[j&mask]
			if !t.shared && *p == 0 {
				*p = want + d
				break
			}
			if t.shared && atomic.LoadUint32(p) == 0 && atomic.CompareAndSwapUint32(p, 0, want+d) {
				break
			}
			j++
		}
	}
	return true
}

// share is one of some parts of n.
func share(n, part, of int) (lo, hi int) { return n / of * part, n/of*(part+1) + n%of*((part+1)/of) }

// permuted is the permuted key in a slot.
func (t *table) permuted(slot uint64, v uint32) uint64 {
	d := uint64(v-1) & (1<<t.far - 1)
	return (slot-d)&(1<<t.lg-1)<<(t.bits-t.lg) | uint64(v-1)>>t.far
}

// each calls f with the keys of a part, in batches of up to some hundred. Nobody inserts meanwhile.
func (t *table) each(part, of int, f func(keys []uint64)) {
	buf := make([]uint64, 0, 512)
	flush := func(full int) {
		if len(buf) >= full {
			f(buf)
			buf = buf[:0]
		}
	}
	switch {
	case t.small != nil:
		lo, hi := share(len(t.small), part, of)
		for i := lo; i < hi; i++ {
			if x := t.small[i]; x != 0 {
				buf = append(buf, back(t.permuted(uint64(i), x), t.bits))
				flush(512)
			}
		}
	case t.words == 2:
		lo, hi := share(len(t.large)/2, part, of)
		for i := 2 * lo; i < 2*hi; i += 2 {
			if t.large[i] != 0 {
				buf = append(buf, t.large[i]-1, t.large[i+1])
				flush(512)
			}
		}
	default:
		lo, hi := share(len(t.large), part, of)
		for _, x := range t.large[lo:hi] {
			if x != 0 {
				buf = append(buf, x-1)
				flush(512)
			}
		}
	}
	flush(1)
}

// sizeFor is the number of slots, as a power of two, of a table for n keys that leaves room to grow.
func sizeFor(n int64) uint { return max(12, uint(bits.Len64(uint64(n)))+1) }
