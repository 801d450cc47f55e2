package cgen

import (
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"math/rand/v2"

	"sprocketc/fsm"
	"sprocketc/ir"
)

// randomValue is a value of a type as ir.Encode takes it; extremes are likely.
func randomValue(r *rand.Rand, t *ir.Type) any {
	among := func(n int) int { // 0..n
		switch r.IntN(4) {
		case 0:
			return 0
		case 1:
			return n
		}
		return r.IntN(n + 1)
	}
	list := func(n int) []any {
		out := []any{}
		for range n {
			out = append(out, randomValue(r, t.Elem))
		}
		return out
	}
	raw := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte('a' + r.IntN(26))
		}
		return b
	}
	switch t.Kind {
	case ir.Bool:
		return r.IntN(2) == 1
	case ir.EnumType:
		return among(len(t.Enum.Members) - 1)
	case ir.Uint, ir.Int:
		var v uint64
		lo, span := uint64(0), uint64(math.MaxUint64)>>(64-t.Bits)
		if t.Kind == ir.Int {
			lo = uint64(int64(math.MinInt64) >> (64 - t.Bits))
		}
		if t.Refined {
			lo, span = uint64(t.Lo), uint64(t.Hi)-uint64(t.Lo)
		}
		switch r.IntN(4) {
		case 0:
		case 1:
			v = span
		default:
			if v = r.Uint64(); span != math.MaxUint64 {
				v %= span + 1
			}
		}
		if t.Kind == ir.Int {
			return int64(lo + v)
		}
		return lo + v
	case ir.Float:
		if t.Bits == 32 {
			return float32(r.NormFloat64())
		}
		return r.NormFloat64()
	case ir.Text:
		return string(raw(among(t.Max)))
	case ir.Bytes:
		if t.Fixed {
			return raw(t.Max)
		}
		return raw(among(t.Max))
	case ir.Array:
		return list(t.Max)
	case ir.List:
		return list(among(t.Max))
	case ir.Option:
		if r.IntN(2) == 0 {
			return nil
		}
		return randomValue(r, t.Elem)
	}
	return randomValues(r, t.Struct.Fields)
}

func randomValues(r *rand.Rand, fs []ir.Field) []any {
	out := []any{}
	for _, f := range fs {
		out = append(out, randomValue(r, f.Type))
	}
	return out
}

// bitString packs a header most significant bit first.
type bitString struct {
	b  []byte
	at int
}

func (s *bitString) put(v uint32, n int) {
	for i := n - 1; i >= 0; i-- {
		if s.at%8 == 0 {
			s.b = append(s.b, 0)
		}
		s.b[s.at/8] |= byte(v>>i&1) << (7 - s.at%8)
		s.at++
	}
}

func (s *bitString) get(n int) (uint32, bool) {
	var v uint32
	for range n {
		if s.at >= 8*len(s.b) {
			return 0, false
		}
		v = v<<1 | uint32(s.b[s.at/8]>>(7-s.at%8)&1)
		s.at++
	}
	return v, true
}

func checksum(w *ir.WireMessage, b []byte) []byte {
	switch w.Sum {
	case 1:
		c := byte(w.Seed)
		for _, x := range b {
			c ^= x
			for range 8 {
				if c&0x80 != 0 {
					c = c<<1 ^ 7
				} else {
					c <<= 1
				}
			}
		}
		return []byte{c}
	case 2:
		c := ir.CRC16(uint16(w.Seed), b)
		return []byte{byte(c >> 8), byte(c)}
	case 4:
		c := crc32.Update(w.Seed, crc32.IEEETable, b)
		return []byte{byte(c >> 24), byte(c >> 16), byte(c >> 8), byte(c)}
	}
	return nil
}

// datagram is what the wire page says of a message, written once more: fields by name, payload, checksum.
func datagram(w *ir.WireMessage, fields map[string]uint32, payload []byte) []byte {
	var s bitString
	for _, f := range w.Fields {
		v := fields[f.Name]
		if f.Name == "kind" {
			v = uint32(w.Kind)
		}
		s.put(v, f.Bits)
	}
	b := append(s.b, payload...)
	return append(b, checksum(w, b)...)
}

// received is a sound datagram taken apart; why is empty for one.
type received struct {
	w       *ir.WireMessage
	fields  map[string]uint32
	payload []byte
	why     string
}

// takeApart is the receiver of the wire page.
func takeApart(p *ir.Plan, sys *fsm.System, to string, b []byte) received {
	s := bitString{b: b}
	kind, ok := s.get(p.Wire[0].Fields[0].Bits)
	if !ok {
		return received{why: "length"}
	}
	var w *ir.WireMessage
	for i := range p.Wire {
		if p.Wire[i].Kind == int(kind) && sys.Message(p.Wire[i].Message).From != to {
			w = &p.Wire[i]
		}
	}
	if w == nil {
		return received{why: "kind"}
	}
	if len(b) < w.Min || len(b) > w.Max {
		return received{why: "length"}
	}
	body := b[:len(b)-w.Sum]
	if string(checksum(w, body)) != string(b[len(body):]) {
		return received{why: "checksum"}
	}
	out := received{w: w, fields: map[string]uint32{}}
	for _, f := range w.Fields[1:] {
		out.fields[f.Name], _ = s.get(f.Bits)
		m := sys.Message(w.Message)
		if x := sys.Sort(m.Fields[m.Index(f.Name)].Type.Name); x != nil && x.Wrap > 0 && out.fields[f.Name] >= uint32(x.Wrap) {
			return received{why: "value"}
		}
	}
	for s.at%8 != 0 {
		if v, _ := s.get(1); v != 0 {
			return received{why: "value"}
		}
	}
	out.payload = body[s.at/8:]
	switch _, err := ir.Decode(w.Payload, out.payload); {
	case errors.Is(err, ir.ErrShort), errors.Is(err, ir.ErrLong):
		return received{why: "length"}
	case err != nil:
		return received{why: "value"}
	}
	return out
}

func hexOf(b []byte) string {
	if len(b) == 0 {
		return "-"
	}
	return fmt.Sprintf("%x", b)
}
