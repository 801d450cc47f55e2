package support

import (
	"fmt"
	"math/bits"
	"unicode/utf8"
)

// bitWriter appends values, most significant bit first. Its error is the first value that did not fit.
type bitWriter struct {
	b    []byte
	free int // bits of the last byte that are not used yet
	err  error
}

// put appends the n low bits of v.
func (w *bitWriter) put(v uint64, n int) {
	for n > 0 {
		if w.free == 0 {
			w.b = append(w.b, 0)
			w.free = 8
		}
		k := min(n, w.free)
		part := byte(v>>(n-k)) & byte(1<<k-1)
		w.b[len(w.b)-1] |= part << (w.free - k)
		w.free -= k
		n -= k
	}
}

func (w *bitWriter) flag(v bool) {
	if v {
		w.put(1, 1)
	} else {
		w.put(0, 1)
	}
}

// align goes on at the next whole byte.
func (w *bitWriter) align() { w.free = 0 }

// little appends n whole bytes, the least significant first.
func (w *bitWriter) little(v uint64, n int) {
	w.align()
	for range n {
		w.b = append(w.b, byte(v))
		v >>= 8
	}
}

// ranged appends a value of lo..hi in the fewest bits.
func (w *bitWriter) ranged(name string, v, lo, hi int64) {
	if v < lo || v > hi {
		w.fail(fmt.Errorf("%s: %d is not in %d..%d", name, v, lo, hi))
		return
	}
	w.put(uint64(v)-uint64(lo), bits.Len64(uint64(hi)-uint64(lo)))
}

// count appends the length of what holds at most limit elements.
func (w *bitWriter) count(name string, n, limit int) {
	if n > limit {
		w.fail(fmt.Errorf("%s: %d is more than %d", name, n, limit))
		return
	}
	w.put(uint64(n), bits.Len(uint(limit)))
}

// raw appends whole bytes.
func (w *bitWriter) raw(b []byte) {
	w.align()
	w.b = append(w.b, b...)
}

// bytes appends at most limit bytes behind their number.
func (w *bitWriter) bytes(name string, b []byte, limit int) {
	w.count(name, len(b), limit)
	w.raw(b)
}

// kept appends a value of at most limit bytes behind their number, always as long.
func (w *bitWriter) kept(b []byte, limit int) {
	w.put(uint64(len(b)), bits.Len(uint(limit)))
	for i := range limit {
		x := byte(0)
		if i < len(b) {
			x = b[i]
		}
		w.put(uint64(x), 8)
	}
}

// text appends at most limit bytes of UTF-8 behind their number.
func (w *bitWriter) text(name, s string, limit int) {
	if !utf8.ValidString(s) {
		w.fail(fmt.Errorf("%s: not UTF-8", name))
	}
	w.bytes(name, []byte(s), limit)
}

func (w *bitWriter) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// bitReader takes values off, most significant bit first. After the first failure everything reads as zero.
type bitReader struct {
	b   []byte
	at  int // bits taken
	why drop
}

// take takes n bits, at most 64.
func (r *bitReader) take(n int) uint64 {
	if r.why != kept || r.at+n > 8*len(r.b) {
		r.fail(dropLength)
		return 0
	}
	var v uint64
	for n > 0 {
		k := min(n, 8-r.at%8)
		part := r.b[r.at/8] >> (8 - r.at%8 - k) & byte(1<<k-1)
		v = v<<k | uint64(part)
		r.at += k
		n -= k
	}
	return v
}

func (r *bitReader) flag() bool { return r.take(1) == 1 }

// align goes on at the next whole byte; what is skipped must be zero.
func (r *bitReader) align() {
	if n := -r.at & 7; n > 0 && r.take(n) != 0 {
		r.fail(dropValue)
	}
}

// little takes n whole bytes, the least significant first.
func (r *bitReader) little(n int) uint64 {
	var v uint64
	for i, x := range r.raw(n) {
		v |= uint64(x) << (8 * i)
	}
	return v
}

// ranged takes a value of lo..hi.
func (r *bitReader) ranged(lo, hi int64) int64 {
	v := r.take(bits.Len64(uint64(hi) - uint64(lo)))
	if v > uint64(hi)-uint64(lo) {
		r.fail(dropValue)
		return 0
	}
	return int64(v + uint64(lo))
}

// count takes the length of what holds at most limit elements.
func (r *bitReader) count(limit int) int {
	n := r.take(bits.Len(uint(limit)))
	if n > uint64(limit) {
		r.fail(dropValue)
	}
	if r.why != kept {
		return 0
	}
	return int(n)
}

// raw takes n whole bytes; they are the reader's own.
func (r *bitReader) raw(n int) []byte {
	r.align()
	if r.why != kept || r.at/8+n > len(r.b) {
		r.fail(dropLength)
		return nil
	}
	b := r.b[r.at/8 : r.at/8+n]
	r.at += 8 * n
	return b
}

// bytes takes at most limit bytes behind their number.
func (r *bitReader) bytes(limit int) []byte {
	n := r.count(limit)
	return append([]byte(nil), r.raw(n)...)
}

// kept takes what kept appended.
func (r *bitReader) kept(limit int) []byte {
	n := r.count(limit)
	var b []byte
	for i := range limit {
		if x := byte(r.take(8)); i < n {
			b = append(b, x)
		}
	}
	return b
}

// end reports the first failure; everything must have been taken, up to padding of zero bits.
func (r *bitReader) end() drop {
	r.align()
	if r.at != 8*len(r.b) {
		r.fail(dropLength)
	}
	return r.why
}

func (r *bitReader) fail(why drop) {
	if r.why == kept {
		r.why = why
	}
}
