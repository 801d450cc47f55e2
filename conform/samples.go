package conform

import (
	"math"

	"sprocketc/ir"
)

// Sample payloads: values in the middle of their types, the least, and the largest.

type extent int

const (
	middle extent = iota
	least
	most
	extents
)

// modest is the size in bytes beyond which the largest sample of a payload is cut to a few elements a list.
const modest = 1024

// samples gives an encoding of some fields for each extent.
func samples(fields []ir.Field) [extents][]byte {
	_, largest := ir.PayloadBounds(fields)
	var out [extents][]byte
	for e := range extents {
		var vs []any
		for _, f := range fields {
			vs = append(vs, sample(f.Type, e, largest > modest))
		}
		out[e] = ir.Encode(fields, vs)
	}
	return out
}

func sample(t *ir.Type, e extent, cut bool) any {
	switch t.Kind {
	case ir.Bool:
		return e == most
	case ir.EnumType:
		last := len(t.Enum.Members) - 1
		return [extents]int{last / 2, 0, last}[e]
	case ir.Uint:
		lo, hi := uint64(0), uint64(math.MaxUint64)>>(64-t.Bits)
		if t.Refined {
			lo, hi = uint64(t.Lo), uint64(t.Hi)
		}
		return [extents]uint64{lo + (hi-lo)/3, lo, hi}[e]
	case ir.Int:
		lo, hi := int64(math.MinInt64)>>(64-t.Bits), int64(math.MaxInt64)>>(64-t.Bits)
		if t.Refined {
			lo, hi = t.Lo, t.Hi
		}
		return [extents]int64{int64(uint64(lo) + (uint64(hi)-uint64(lo))/3), lo, hi}[e]
	case ir.Float:
		v := [extents]float64{-1.5, 0, math.Inf(1)}[e]
		if t.Bits == 32 {
			return float32(v)
		}
		return v
	case ir.Text, ir.Bytes:
		n := length(t, e, cut)
		b := make([]byte, n)
		for i := range b {
			b[i] = "sprocket"[i%8]
		}
		if t.Kind == ir.Text {
			return string(b)
		}
		return b
	case ir.Array, ir.List:
		out := []any{}
		for i := range length(t, e, cut) {
			out = append(out, sample(t.Elem, extent((int(e)+i)%int(extents)), cut))
			if e != middle { // the ends of the sizes need every element at its end
				out[i] = sample(t.Elem, e, cut)
			}
		}
		return out
	case ir.Option:
		if e == least {
			return nil
		}
		return sample(t.Elem, e, cut)
	case ir.StructType:
		out := []any{}
		for _, f := range t.Struct.Fields {
			out = append(out, sample(f.Type, e, cut))
		}
		return out
	}
	return nil
}

// length of a text or list.
func length(t *ir.Type, e extent, cut bool) int {
	if t.Kind == ir.Array || t.Kind == ir.Bytes && t.Fixed {
		return t.Max
	}
	full := t.Max
	if cut {
		full = min(full, 3)
	}
	return [extents]int{(full + 1) / 2, 0, full}[e]
}
