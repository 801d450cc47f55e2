package ir

import "math/bits"

// MaxPayload is the largest encoded size of a struct, a request or an answer, in bytes, and the largest number of
// elements in one.
const MaxPayload = 16 << 20

// huge is where sizes saturate, in bits; sums and products of what is below it stay within int64.
const huge = int64(1) << 50

// PayloadBounds gives the smallest and the largest encoded size of the fields as one payload, in bytes. Both are
// exact: values of those sizes exist. Sizes beyond 2^47 saturate.
func PayloadBounds(fields []Field) (minBytes, maxBytes int) {
	lo, hi := newSizer(false), newSizer(true)
	return int((lo.fields(fields, 0) + 7) / 8), int((hi.fields(fields, 0) + 7) / 8)
}

// Bounds gives the smallest and the largest encoded size of a value alone in a payload, in bytes; nil takes nothing.
func (t *Type) Bounds() (minBytes, maxBytes int) {
	if t == nil {
		return 0, 0
	}
	return PayloadBounds([]Field{{Type: t}})
}

// PackedBits is the number of bits of a value that is packed bit by bit: bool, enums, refined integers. It is -1 for
// every other type.
func (t *Type) PackedBits() int {
	switch {
	case t.Kind == Bool:
		return 1
	case t.Kind == EnumType:
		return bits.Len(uint(max(len(t.Enum.Members), 1) - 1))
	case t.Refined:
		return bits.Len64(uint64(t.Hi) - uint64(t.Lo))
	}
	return -1
}

// LengthBits is the number of bits of the length of a Text, Bytes or List; 0 where the length is fixed.
func (t *Type) LengthBits() int {
	switch {
	case t.Kind == Text, t.Kind == List, t.Kind == Bytes && !t.Fixed:
		return bits.Len(uint(t.Max))
	}
	return 0
}

// sizer walks types with a bit cursor and takes the smallest or the largest value each time. That gives the exact
// extremes, because where a value ends never decreases when it begins later. Only the cursor's place in its byte
// matters, so each type is walked at most eight times.
type sizer struct {
	largest bool
	memo    map[placed]int64 // how far the cursor moves
}

type placed struct {
	t  *Type
	s  *Struct
	at int64 // 0..7
}

func newSizer(largest bool) *sizer { return &sizer{largest: largest, memo: map[placed]int64{}} }

func (z *sizer) fields(fields []Field, at int64) int64 {
	for _, f := range fields {
		at = min(huge, at+z.move(f.Type, at%8))
	}
	return at
}

// move is how far the cursor moves over a value of the type that begins at bit `at` of a byte.
func (z *sizer) move(t *Type, at int64) int64 {
	key := placed{t: t, at: at}
	if t.Kind == StructType {
		key = placed{s: t.Struct, at: at}
	}
	if d, ok := z.memo[key]; ok {
		return d
	}
	d := z.walk(t, at)
	z.memo[key] = d
	return d
}

func (z *sizer) walk(t *Type, at int64) int64 {
	if n := t.PackedBits(); n >= 0 {
		return int64(n)
	}
	switch t.Kind {
	case Uint, Int, Float:
		return align(at) - at + int64(t.Bits)
	case Text, Bytes:
		n := int64(t.Max)
		if !z.largest && !t.Fixed {
			n = 0
		}
		return align(at+int64(t.LengthBits())) - at + 8*n
	case Array:
		return z.repeat(t.Elem, at, t.Max)
	case List:
		length := int64(t.LengthBits())
		if !z.largest {
			return length
		}
		return length + z.repeat(t.Elem, (at+length)%8, t.Max)
	case Option:
		if !z.largest {
			return 1
		}
		return 1 + z.move(t.Elem, (at+1)%8)
	case StructType:
		return z.fields(t.Struct.Fields, at) - at
	}
	return 0
}

// repeat is how far n elements in turn move the cursor. The places in a byte where elements begin soon repeat; whole
// rounds are multiplied.
func (z *sizer) repeat(elem *Type, at int64, n int) int64 {
	var (
		total int64
		seen  [8]struct {
			index int
			total int64
			ok    bool
		}
	)
	for i := 0; i < n; i++ {
		place := (at + total) % 8
		if s := &seen[place]; s.ok {
			round, gain := i-s.index, total-s.total
			rounds := int64((n - i) / round)
			if gain > 0 && rounds > (huge-total)/gain {
				return huge
			}
			total += rounds * gain
			for range (n - i) % round {
				total = min(huge, total+z.move(elem, (at+total)%8))
			}
			return total
		} else {
			s.index, s.total, s.ok = i, total, true
		}
		total = min(huge, total+z.move(elem, place))
	}
	return total
}

func align(at int64) int64 { return (at + 7) / 8 * 8 }

// limit holds sizes against MaxPayload. What it has learnt of a struct it keeps.
type limit struct {
	size  *sizer
	count map[*Struct]int64
}

func newLimit() *limit { return &limit{size: newSizer(true), count: map[*Struct]int64{}} }

// exceeded is the index of the field with which the fields outgrow MaxPayload, or -1.
func (l *limit) exceeded(fields []Field) int {
	at, count := int64(0), int64(0)
	for i, f := range fields {
		at = min(huge, at+l.size.move(f.Type, at%8))
		count = min(huge, count+l.elements(f.Type))
		if at > MaxPayload*8 || count > MaxPayload {
			return i
		}
	}
	return -1
}

// elements counts the single values of a type at most, saturating at huge: what takes no bits still takes memory.
func (l *limit) elements(t *Type) int64 {
	switch t.Kind {
	case Array, List:
		n := l.elements(t.Elem)
		if n > huge/int64(max(t.Max, 1)) {
			return huge
		}
		return max(1, n*int64(t.Max))
	case Option:
		return l.elements(t.Elem)
	case StructType:
		if n, ok := l.count[t.Struct]; ok {
			return n
		}
		n := int64(1)
		for _, f := range t.Struct.Fields {
			n = min(huge, n+l.elements(f.Type))
		}
		l.count[t.Struct] = n
		return n
	}
	return 1
}
