package codegen

import "sprocketc/ir"

// Samples of a payload for tests: all alike but for one scalar, by which a test tells one call or answer from another.

// most samples of a payload that are told apart.
const mostSamples = 32

// Leaf is the scalar by which samples differ.
type Leaf struct {
	Path []int    // the field, then fields of structs, and 0 for an array's first element; empty: there is none
	Type *ir.Type // of the scalar: a bool, an integer, an enum, a float, or a text or bytes of one byte
	N    int      // how many samples differ; 1 where there is no scalar
	Lo   int64    // of an integer: the value of the last sample; the others follow it in order
}

// LeafOf finds the first of the scalars that tell most samples apart.
func LeafOf(fields []ir.Field) Leaf {
	best := Leaf{N: 1}
	var visit func(t *ir.Type, path []int)
	visit = func(t *ir.Type, path []int) {
		l := Leaf{Path: append([]int(nil), path...), Type: t}
		switch t.Kind {
		case ir.StructType:
			for i, f := range t.Struct.Fields {
				visit(f.Type, append(path, i))
			}
			return
		case ir.Array:
			if t.Max > 0 {
				visit(t.Elem, append(path, 0))
			}
			return
		case ir.Bool:
			l.N = 2
		case ir.EnumType:
			l.N = min(len(t.Enum.Members), mostSamples)
		case ir.Float:
			l.N = mostSamples
		case ir.Text, ir.Bytes:
			if t.Max > 0 {
				l.N = 26
			}
		case ir.Uint, ir.Int:
			l.N = mostSamples
			if t.Refined {
				l.Lo = t.Lo
				if span := uint64(t.Hi) - uint64(t.Lo); span < mostSamples {
					l.N = int(span) + 1
				}
			}
		}
		if l.N > best.N {
			best = l
		}
	}
	for i, f := range fields {
		visit(f.Type, []int{i})
	}
	return best
}

// At is the sample's place among the values of its scalar: the first sample is not the least value, which is easily
// taken for nothing.
func (l Leaf) At(k int) int { return (k + 1) % l.N }

// Sample gives the values of the k-th sample, as ir.Encode takes them.
func Sample(fields []ir.Field, l Leaf, k int) []any {
	var out []any
	for i, f := range fields {
		out = append(out, sample(f.Type, l, []int{i}, k))
	}
	return out
}

func sample(t *ir.Type, l Leaf, path []int, k int) any {
	leaf := l.Type != nil && samePath(path, l.Path)
	at := 0
	if leaf {
		at = l.At(k % l.N)
	}
	switch t.Kind {
	case ir.Bool:
		return at == 1
	case ir.EnumType:
		return at
	case ir.Float:
		if t.Bits == 32 {
			return float32(at)
		}
		return float64(at)
	case ir.Uint:
		if t.Refined {
			return uint64(t.Lo + int64(at))
		}
		return uint64(at)
	case ir.Int:
		if t.Refined {
			return t.Lo + int64(at)
		}
		return int64(at)
	case ir.Text, ir.Bytes:
		b := []byte{}
		if t.Kind == ir.Bytes && t.Fixed {
			b = make([]byte, t.Max)
		} else if leaf {
			b = []byte{0}
		}
		if leaf {
			b[0] = byte('a' + at)
		}
		if t.Kind == ir.Text {
			return string(b)
		}
		return b
	case ir.Array:
		out := []any{}
		for i := range t.Max {
			out = append(out, sample(t.Elem, l, append(path[:len(path):len(path)], i), k))
		}
		return out
	case ir.List:
		return []any{}
	case ir.StructType:
		out := []any{}
		for i, f := range t.Struct.Fields {
			out = append(out, sample(f.Type, l, append(path[:len(path):len(path)], i), k))
		}
		return out
	}
	return nil // an option without its value
}

func samePath(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// ResultFields is the result of a call as the fields of a payload.
func ResultFields(c *ir.Call) []ir.Field {
	if c.Result == nil {
		return nil
	}
	return []ir.Field{{Name: "result", Type: c.Result}}
}
