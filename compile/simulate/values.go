package simulate

import (
	"math"
	"math/rand/v2"

	"sprocketc/ir"
)

// longest text or list that is drawn; longer ones only cost time.
const longest = 32

// values draws one value for each field.
func values(r *rand.Rand, fields []ir.Field) []any {
	out := []any{}
	for _, f := range fields {
		out = append(out, value(r, f.Type))
	}
	return out
}

func value(r *rand.Rand, t *ir.Type) any {
	switch t.Kind {
	case ir.Bool:
		return r.IntN(2) == 1
	case ir.EnumType:
		return r.IntN(len(t.Enum.Members))
	case ir.Uint:
		if t.Refined {
			return uint64(t.Lo) + within(r, uint64(t.Hi)-uint64(t.Lo))
		}
		return r.Uint64() >> (64 - t.Bits)
	case ir.Int:
		if t.Refined {
			return int64(uint64(t.Lo) + within(r, uint64(t.Hi)-uint64(t.Lo)))
		}
		return int64(r.Uint64()) >> (64 - t.Bits)
	case ir.Float:
		v := r.NormFloat64() * math.Pow(10, float64(r.IntN(6)))
		if t.Bits == 32 {
			return float32(v)
		}
		return v
	case ir.Text, ir.Bytes:
		n := t.Max
		if !t.Fixed {
			n = r.IntN(min(t.Max, longest) + 1)
		}
		b := make([]byte, n)
		for i := range b {
			b[i] = byte('a' + r.IntN(26))
		}
		if t.Kind == ir.Text {
			return string(b)
		}
		return b
	case ir.Array, ir.List:
		n := t.Max
		if t.Kind == ir.List {
			n = r.IntN(min(t.Max, longest) + 1)
		}
		out := []any{}
		for range n {
			out = append(out, value(r, t.Elem))
		}
		return out
	case ir.Option:
		if r.IntN(2) == 0 {
			return nil
		}
		return value(r, t.Elem)
	case ir.StructType:
		return values(r, t.Struct.Fields)
	}
	return nil
}

// within is a number from 0 to n, n included.
func within(r *rand.Rand, n uint64) uint64 {
	if n == math.MaxUint64 {
		return r.Uint64()
	}
	return r.Uint64N(n + 1)
}
