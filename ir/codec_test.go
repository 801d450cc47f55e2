package ir

import (
	"bytes"
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// drawType draws a small type whose shapes can all be enumerated.
func drawType(t *rapid.T, depth int) *Type {
	kinds := []TypeKind{Bool, Uint, Int, Float, Text, Bytes, EnumType}
	if depth > 0 {
		kinds = append(kinds, Array, List, Option, StructType)
	}
	typ := &Type{Kind: rapid.SampledFrom(kinds).Draw(t, "kind")}
	switch typ.Kind {
	case Uint, Int:
		typ.Bits = rapid.SampledFrom([]int{8, 16, 32, 64}).Draw(t, "bits")
		if rapid.Bool().Draw(t, "refined") {
			least, most := int64(math.MinInt64)>>(64-typ.Bits), int64(math.MaxInt64)>>(64-typ.Bits)
			if typ.Kind == Uint {
				least, most = 0, math.MaxInt64
				if typ.Bits < 64 {
					most = 1<<typ.Bits - 1
				}
			}
			a, b := rapid.Int64Range(least, most).Draw(t, "a"), rapid.Int64Range(least, most).Draw(t, "b")
			typ.Refined, typ.Lo, typ.Hi = true, min(a, b), max(a, b)
		}
	case Float:
		typ.Bits = rapid.SampledFrom([]int{32, 64}).Draw(t, "bits")
	case Text:
		typ.Max = rapid.IntRange(1, 3).Draw(t, "max")
	case Bytes:
		typ.Max = rapid.IntRange(1, 3).Draw(t, "max")
		typ.Fixed = rapid.Bool().Draw(t, "fixed")
	case EnumType:
		typ.Enum = &Enum{Members: make([]string, rapid.IntRange(1, 9).Draw(t, "members"))}
	case Array, List:
		typ.Max = rapid.IntRange(1, 3).Draw(t, "max")
		typ.Elem = drawType(t, depth-1)
	case Option:
		typ.Elem = drawType(t, depth-1)
		if typ.Elem.Kind == Option {
			typ.Elem = &Type{Kind: Bool}
		}
	case StructType:
		typ.Struct = &Struct{Fields: drawFields(t, depth-1)}
	}
	return typ
}

func drawFields(t *rapid.T, depth int) []Field {
	fields := make([]Field, rapid.IntRange(1, 3).Draw(t, "fields"))
	for i := range fields {
		fields[i] = Field{Name: "f", Type: drawType(t, depth)}
	}
	return fields
}

func drawValue(t *rapid.T, typ *Type) any {
	switch typ.Kind {
	case Bool:
		return rapid.Bool().Draw(t, "v")
	case Uint:
		if typ.Refined {
			return uint64(rapid.Int64Range(typ.Lo, typ.Hi).Draw(t, "v"))
		}
		return rapid.Uint64Range(0, math.MaxUint64>>(64-typ.Bits)).Draw(t, "v")
	case Int:
		if typ.Refined {
			return rapid.Int64Range(typ.Lo, typ.Hi).Draw(t, "v")
		}
		return rapid.Int64Range(math.MinInt64>>(64-typ.Bits), math.MaxInt64>>(64-typ.Bits)).Draw(t, "v")
	case Float:
		if typ.Bits == 32 {
			return rapid.Float32().Draw(t, "v")
		}
		return rapid.Float64().Draw(t, "v")
	case Text:
		return string(rapid.SliceOfN(rapid.Byte(), 0, typ.Max).Draw(t, "v"))
	case Bytes:
		n := 0
		if typ.Fixed {
			n = typ.Max
		}
		return append([]byte{}, rapid.SliceOfN(rapid.Byte(), n, typ.Max).Draw(t, "v")...)
	case EnumType:
		return rapid.IntRange(0, len(typ.Enum.Members)-1).Draw(t, "v")
	case Array, List:
		n := typ.Max
		if typ.Kind == List {
			n = rapid.IntRange(0, typ.Max).Draw(t, "n")
		}
		values := make([]any, n)
		for i := range values {
			values[i] = drawValue(t, typ.Elem)
		}
		return values
	case Option:
		if rapid.Bool().Draw(t, "set") {
			return drawValue(t, typ.Elem)
		}
		return nil
	}
	values := make([]any, len(typ.Struct.Fields))
	for i, f := range typ.Struct.Fields {
		values[i] = drawValue(t, f.Type)
	}
	return values
}

// maxShapes bounds the brute force.
const maxShapes = 3000

// shapes enumerates one value for each combination of lengths and options, the contents being all alike.
func shapes(typ *Type) []any {
	switch typ.Kind {
	case Bool:
		return []any{true}
	case Uint:
		return []any{uint64(max(typ.Lo, 0))}
	case Int:
		return []any{typ.Lo}
	case Float:
		if typ.Bits == 32 {
			return []any{float32(1)}
		}
		return []any{1.0}
	case EnumType:
		return []any{0}
	case Text:
		var out []any
		for n := range typ.Max + 1 {
			out = append(out, string(make([]byte, n)))
		}
		return out
	case Bytes:
		if typ.Fixed {
			return []any{make([]byte, typ.Max)}
		}
		var out []any
		for n := range typ.Max + 1 {
			out = append(out, make([]byte, n))
		}
		return out
	case Option:
		return append([]any{nil}, shapes(typ.Elem)...)
	case Array, List:
		elem := shapes(typ.Elem)
		var out []any
		for n := range typ.Max + 1 {
			if typ.Kind == Array && n < typ.Max {
				continue
			}
			sets := make([][]any, n)
			for i := range sets {
				sets[i] = elem
			}
			out = append(out, product(sets)...)
		}
		return out
	}
	sets := make([][]any, len(typ.Struct.Fields))
	for i, f := range typ.Struct.Fields {
		sets[i] = shapes(f.Type)
	}
	return product(sets)
}

func product(sets [][]any) []any {
	out := [][]any{{}}
	for _, set := range sets {
		var next [][]any
		for _, prefix := range out {
			for _, v := range set {
				next = append(next, append(append([]any{}, prefix...), v))
			}
			if len(next) > maxShapes {
				break
			}
		}
		out = next
	}
	values := make([]any, len(out))
	for i, o := range out {
		values[i] = o
	}
	return values
}

func TestPayloadBoundsAreThoseOfAllShapes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fields := drawFields(t, 2)
		lo, hi := PayloadBounds(fields)
		all := shapes(&Type{Kind: StructType, Struct: &Struct{Fields: fields}})
		if len(all) >= maxShapes {
			t.Skip("too many shapes")
		}
		least, most := math.MaxInt, 0
		for _, v := range all {
			b, err := TryEncode(fields, v.([]any))
			if err != nil {
				t.Fatal(err)
			}
			least, most = min(least, len(b)), max(most, len(b))
		}
		if lo != least || hi != most {
			t.Fatalf("bounds %d..%d, brute force %d..%d", lo, hi, least, most)
		}
	})
}

func TestDecodeInvertsEncode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fields := drawFields(t, 3)
		values := make([]any, len(fields))
		for i, f := range fields {
			values[i] = drawValue(t, f.Type)
		}
		b, err := TryEncode(fields, values)
		if err != nil {
			t.Fatal(err)
		}
		if lo, hi := PayloadBounds(fields); len(b) < lo || len(b) > hi {
			t.Fatalf("%d bytes outside %d..%d", len(b), lo, hi)
		}
		back, err := Decode(fields, b)
		if err != nil {
			t.Fatal(err)
		}
		if again := Encode(fields, back); !bytes.Equal(b, again) {
			t.Fatalf("%x became %x", b, again)
		}
		if diff := cmp.Diff(values, back, cmp.Comparer(sameFloat32), cmp.Comparer(sameFloat64)); diff != "" {
			t.Fatal(diff)
		}
	})
}

func sameFloat32(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }
func sameFloat64(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) }

// What decodes is canonical: it encodes to the same bytes.
func TestDecodeIsCanonical(t *testing.T) {
	accepted := 0
	rapid.Check(t, func(t *rapid.T) {
		fields := drawFields(t, 2)
		lo, hi := PayloadBounds(fields)
		b := rapid.SliceOfN(rapid.Byte(), lo, max(lo, min(hi, lo+8))).Draw(t, "payload")
		values, err := Decode(fields, b)
		if err != nil {
			return
		}
		accepted++
		if again := Encode(fields, values); !bytes.Equal(b, again) {
			t.Fatalf("%x decodes to %v, which is %x", b, values, again)
		}
	})
	if accepted == 0 {
		t.Fatal("no payload was accepted")
	}
}

// reading is the struct of the first example: plot u8, moisture u16 in 0..1000, battery u8 in 0..100, note text max 24.
var reading = []Field{
	{Name: "plot", Type: &Type{Kind: Uint, Bits: 8}},
	{Name: "moisture", Type: &Type{Kind: Uint, Bits: 16, Refined: true, Hi: 1000}},
	{Name: "battery", Type: &Type{Kind: Uint, Bits: 8, Refined: true, Hi: 100}},
	{Name: "note", Type: &Type{Kind: Text, Max: 24}},
}

func TestEncodeByHand(t *testing.T) {
	// 07, then 10 bits 500 = 0111110100, 7 bits 99 = 1100011, 5 bits length 2 = 00010, 2 bits padding, "ok".
	want := []byte{0x07, 0b01111101, 0b00110001, 0b10001000, 'o', 'k'}
	got := Encode(reading, []any{uint64(7), uint64(500), uint64(99), "ok"})
	if !bytes.Equal(got, want) {
		t.Fatalf("got %08b, want %08b", got, want)
	}
	if lo, hi := PayloadBounds(reading); lo != 4 || hi != 28 {
		t.Fatalf("bounds %d..%d, want 4..28", lo, hi)
	}
	mixed := []Field{
		{Name: "on", Type: &Type{Kind: Bool}},
		{Name: "t", Type: &Type{Kind: Int, Bits: 16, Refined: true, Lo: -400, Hi: 850}},
		{Name: "n", Type: &Type{Kind: Int, Bits: 32}},
		{Name: "o", Type: &Type{Kind: Option, Elem: &Type{Kind: Uint, Bits: 16}}},
	}
	// 1, 11 bits of -400+400+5 = 5, padding; -2 little-endian; 1, padding, 0x1234 little-endian.
	want = []byte{0b10000000, 0b01010000, 0xFE, 0xFF, 0xFF, 0xFF, 0x80, 0x34, 0x12}
	if got := Encode(mixed, []any{true, int64(-395), int64(-2), uint64(0x1234)}); !bytes.Equal(got, want) {
		t.Fatalf("got %x, want %x", got, want)
	}
}

func TestDecodeRejects(t *testing.T) {
	good := Encode(reading, []any{uint64(7), uint64(500), uint64(99), "ok"})
	change := func(f func(b []byte) []byte) []byte { return f(bytes.Clone(good)) }
	for _, c := range []struct {
		name string
		b    []byte
		want error
	}{
		{"short", good[:5], ErrShort},
		{"nothing", nil, ErrShort},
		{"long", append(bytes.Clone(good), 0), ErrLong},
		{"padding", change(func(b []byte) []byte { b[3] |= 1; return b }), ErrPadding},
		{"moisture 1023", change(func(b []byte) []byte { b[1] = 0xFF; b[2] |= 0xC0; return b }), ErrRange},
		{"length 31", change(func(b []byte) []byte { b[2] |= 1; b[3] |= 0xFC; return b }), ErrRange},
	} {
		if _, err := Decode(reading, c.b); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
}

func TestTryEncodeRejects(t *testing.T) {
	for _, values := range [][]any{
		{uint64(256), uint64(0), uint64(0), ""},
		{uint64(0), uint64(1001), uint64(0), ""},
		{uint64(0), uint64(0), uint64(0), "1234567890123456789012345"},
		{uint64(0), uint64(0), uint64(0), []byte{}},
		{uint64(0), uint64(0), uint64(0)},
		{7, uint64(0), uint64(0), ""},
	} {
		if b, err := TryEncode(reading, values); !errors.Is(err, ErrRange) || b != nil {
			t.Errorf("%v: got %x, %v", values, b, err)
		}
	}
}

func TestBoundsSaturate(t *testing.T) {
	typ := &Type{Kind: Uint, Bits: 64}
	for range 40 {
		typ = &Type{Kind: List, Max: 1 << 24, Elem: &Type{Kind: StructType, Struct: &Struct{Fields: []Field{{Type: typ}, {Type: typ}}}}}
	}
	if lo, hi := typ.Bounds(); lo != 4 || int64(hi) != huge/8 {
		t.Fatalf("bounds %d..%d", lo, hi)
	}
	none := &Type{Kind: EnumType, Enum: &Enum{Members: []string{"only"}}}
	for range 4 {
		none = &Type{Kind: Array, Max: 1 << 24, Elem: none}
	}
	if _, hi := none.Bounds(); hi != 0 {
		t.Fatalf("a value without choice takes %d bytes", hi)
	}
	if newLimit().exceeded([]Field{{Type: none}}) != 0 {
		t.Fatal("2^96 elements are not too many")
	}
}
