package ir

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// The payload codec of the wire format, over Go values. Emitted code is held against it by test vectors.
//
// A payload is its fields in order behind one bit cursor. Bool, enums and refined integers are packed most significant
// bit first in PackedBits bits, as value minus minimum. Other integers and floats begin at the next byte and are
// little-endian. Text and bytes have their length in LengthBits bits, then begin at the next byte; bytes[N] has no
// length. An array is its elements in turn; a list has its length before them; an option is one bit and the value
// where the bit is set. The payload ends padded to a byte. Bits that are skipped are zero, and Decode demands it.
//
// Values: bool; uint64 for Uint, int64 for Int; float32, float64; string for Text; []byte for Bytes; []any for Array,
// List and structs (fields in order); nil or the value for Option; int, the index of the member, for enums.

// ErrShort: the payload ends before its last value. ErrLong: bytes are left over. ErrPadding: a skipped bit is set.
// ErrRange: a value, a length or a member is outside its type.
var (
	ErrShort   = errors.New("payload too short")
	ErrLong    = errors.New("payload too long")
	ErrPadding = errors.New("padding is not zero")
	ErrRange   = errors.New("value out of range")
)

// Encode gives the payload of values, one for each field; nil where TryEncode gives an error.
func Encode(fields []Field, values []any) []byte {
	b, err := TryEncode(fields, values)
	if err != nil {
		return nil
	}
	return b
}

// TryEncode gives the payload of values, one for each field. The error names the field whose value does not fit; it
// wraps ErrRange.
func TryEncode(fields []Field, values []any) ([]byte, error) {
	w := &bitWriter{out: []byte{}}
	if err := w.fields(fields, values); err != nil {
		return nil, err
	}
	return w.out, nil
}

// Decode gives the values of a payload. Text is not checked to be UTF-8. The error names the field and wraps one of
// the errors above.
func Decode(fields []Field, payload []byte) ([]any, error) {
	r := &bitReader{in: payload}
	values, err := r.fields(fields)
	if err != nil {
		return nil, err
	}
	if err := r.align(); err != nil {
		return nil, err
	}
	if r.at/8 != len(payload) {
		return nil, ErrLong
	}
	return values, nil
}

type bitWriter struct {
	out []byte
	at  int // bits written
}

func (w *bitWriter) bits(v uint64, n int) {
	for i := n - 1; i >= 0; i-- {
		if w.at%8 == 0 {
			w.out = append(w.out, 0)
		}
		w.out[w.at/8] |= byte(v>>i&1) << (7 - w.at%8)
		w.at++
	}
}

func (w *bitWriter) bytes(b ...byte) {
	w.out = append(w.out, b...)
	w.at = 8 * len(w.out)
}

func (w *bitWriter) little(v uint64, bits int) {
	for i := 0; i < bits; i += 8 {
		w.bytes(byte(v >> i))
	}
}

func (w *bitWriter) fields(fields []Field, values []any) error {
	if len(fields) != len(values) {
		return fmt.Errorf("%d values for %d fields: %w", len(values), len(fields), ErrRange)
	}
	for i, f := range fields {
		if err := w.value(f.Type, values[i]); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return nil
}

func (w *bitWriter) value(t *Type, value any) error {
	misfit := fmt.Errorf("%T: %w", value, ErrRange)
	switch t.Kind {
	case Bool:
		v, ok := value.(bool)
		if !ok {
			return misfit
		}
		bit := uint64(0)
		if v {
			bit = 1
		}
		w.bits(bit, 1)
	case EnumType:
		v, ok := value.(int)
		if !ok || v < 0 || v >= len(t.Enum.Members) {
			return misfit
		}
		w.bits(uint64(v), t.PackedBits())
	case Uint:
		v, ok := value.(uint64)
		if !ok || !t.holdsUint(v) {
			return misfit
		}
		w.integer(t, v)
	case Int:
		v, ok := value.(int64)
		if !ok || !t.holdsInt(v) {
			return misfit
		}
		w.integer(t, uint64(v))
	case Float:
		switch v := value.(type) {
		case float32:
			if t.Bits != 32 {
				return misfit
			}
			w.little(uint64(math.Float32bits(v)), 32)
		case float64:
			if t.Bits != 64 {
				return misfit
			}
			w.little(math.Float64bits(v), 64)
		default:
			return misfit
		}
	case Text, Bytes:
		var v []byte
		switch value := value.(type) {
		case string:
			if t.Kind != Text {
				return misfit
			}
			v = []byte(value)
		case []byte:
			if t.Kind != Bytes {
				return misfit
			}
			v = value
		default:
			return misfit
		}
		if len(v) > t.Max || t.Fixed && len(v) != t.Max {
			return misfit
		}
		w.bits(uint64(len(v)), t.LengthBits())
		w.bytes(v...)
	case Array, List:
		v, ok := value.([]any)
		if !ok || len(v) > t.Max || t.Kind == Array && len(v) != t.Max {
			return misfit
		}
		w.bits(uint64(len(v)), t.LengthBits())
		for _, e := range v {
			if err := w.value(t.Elem, e); err != nil {
				return err
			}
		}
	case Option:
		if value == nil {
			w.bits(0, 1)
			return nil
		}
		w.bits(1, 1)
		return w.value(t.Elem, value)
	case StructType:
		v, ok := value.([]any)
		if !ok {
			return misfit
		}
		return w.fields(t.Struct.Fields, v)
	default:
		return misfit
	}
	return nil
}

func (w *bitWriter) integer(t *Type, v uint64) {
	if t.Refined {
		w.bits(v-uint64(t.Lo), t.PackedBits())
		return
	}
	w.little(v, t.Bits)
}

func (t *Type) holdsUint(v uint64) bool {
	if t.Refined {
		return v <= math.MaxInt64 && t.Lo <= int64(v) && int64(v) <= t.Hi
	}
	return t.Bits == 64 || v>>t.Bits == 0
}

func (t *Type) holdsInt(v int64) bool {
	if t.Refined {
		return t.Lo <= v && v <= t.Hi
	}
	return v>>(t.Bits-1) == 0 || v>>(t.Bits-1) == -1
}

type bitReader struct {
	in []byte
	at int // bits read
}

func (r *bitReader) bits(n int) (uint64, error) {
	if n > 8*len(r.in)-r.at {
		return 0, ErrShort
	}
	v := uint64(0)
	for range n {
		v = v<<1 | uint64(r.in[r.at/8]>>(7-r.at%8)&1)
		r.at++
	}
	return v, nil
}

func (r *bitReader) align() error {
	for r.at%8 != 0 {
		if bit, err := r.bits(1); err != nil || bit != 0 {
			return ErrPadding
		}
	}
	return nil
}

// bytes reads n bytes at the next byte boundary.
func (r *bitReader) bytes(n int) ([]byte, error) {
	if err := r.align(); err != nil {
		return nil, err
	}
	from := r.at / 8
	if n > len(r.in)-from {
		return nil, ErrShort
	}
	r.at += 8 * n
	return slices.Clone(r.in[from : from+n]), nil
}

func (r *bitReader) little(bits int) (uint64, error) {
	b, err := r.bytes(bits / 8)
	v := uint64(0)
	for i, c := range b {
		v |= uint64(c) << (8 * i)
	}
	return v, err
}

func (r *bitReader) fields(fields []Field) ([]any, error) {
	values := make([]any, 0, len(fields))
	for _, f := range fields {
		v, err := r.value(f.Type)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		values = append(values, v)
	}
	return values, nil
}

func (r *bitReader) value(t *Type) (any, error) {
	switch t.Kind {
	case Bool:
		v, err := r.bits(1)
		return v == 1, err
	case EnumType:
		v, err := r.bits(t.PackedBits())
		if err == nil && v >= uint64(len(t.Enum.Members)) {
			err = ErrRange
		}
		return int(v), err
	case Uint:
		return r.integer(t)
	case Int:
		v, err := r.integer(t)
		return int64(v) << (64 - t.Bits) >> (64 - t.Bits), err // the sign of a narrow one
	case Float:
		v, err := r.little(t.Bits)
		if t.Bits == 32 {
			return math.Float32frombits(uint32(v)), err
		}
		return math.Float64frombits(v), err
	case Text, Bytes:
		n, err := r.length(t)
		if err != nil {
			return nil, err
		}
		b, err := r.bytes(n)
		if t.Kind == Text {
			return string(b), err
		}
		return b, err
	case Array, List:
		n, err := r.length(t)
		if err != nil {
			return nil, err
		}
		values := []any{}
		for range n {
			v, err := r.value(t.Elem)
			if err != nil {
				return nil, err
			}
			values = append(values, v)
		}
		return values, nil
	case Option:
		set, err := r.bits(1)
		if err != nil || set == 0 {
			return nil, err
		}
		return r.value(t.Elem)
	case StructType:
		return r.fields(t.Struct.Fields)
	}
	return nil, fmt.Errorf("type kind %d: %w", t.Kind, ErrRange)
}

// integer gives the value in the low bits, sign-extended where it is refined.
func (r *bitReader) integer(t *Type) (uint64, error) {
	if !t.Refined {
		return r.little(t.Bits)
	}
	v, err := r.bits(t.PackedBits())
	if err == nil && v > uint64(t.Hi)-uint64(t.Lo) {
		err = ErrRange
	}
	return v + uint64(t.Lo), err
}

// length is the number of bytes or elements that follow.
func (r *bitReader) length(t *Type) (int, error) {
	n := t.LengthBits()
	if n == 0 {
		return t.Max, nil
	}
	v, err := r.bits(n)
	if err == nil && v > uint64(t.Max) {
		err = ErrRange
	}
	return int(v), err
}
