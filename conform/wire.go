package conform

import (
	"errors"
	"hash/crc32"

	"sprocketc/fsm"
	"sprocketc/ir"
)

// The reference codec of datagrams, from the plan's layout alone.

// Reasons for which a datagram is dropped before the machine sees it.
const (
	badLength   = "length"
	badKind     = "kind"
	badChecksum = "checksum"
	badValue    = "value"
)

// bits is a sequence of bits, most significant first.
type bits []bool

func (b bits) number(v uint64, n int) bits {
	for i := n - 1; i >= 0; i-- {
		b = append(b, v>>i&1 == 1)
	}
	return b
}

// bytes pads with zero bits.
func (b bits) bytes() []byte {
	out := make([]byte, (len(b)+7)/8)
	for i, bit := range b {
		if bit {
			out[i/8] |= 0x80 >> (i % 8)
		}
	}
	return out
}

func bitsOf(b []byte) bits {
	var out bits
	for _, x := range b {
		out = out.number(uint64(x), 8)
	}
	return out
}

// take is the number in the first n bits, and the rest.
func (b bits) take(n int) (uint64, bits) {
	v := uint64(0)
	for _, bit := range b[:n] {
		v <<= 1
		if bit {
			v |= 1
		}
	}
	return v, b[n:]
}

// encode gives the datagram of a message: its fields in declared order, with the payload for the payload's field.
func encode(w *ir.WireMessage, msg *fsm.Message, fields []uint32, payload []byte) []byte {
	header := bits(nil).number(uint64(w.Kind), w.Fields[0].Bits)
	for _, f := range w.Fields[1:] {
		header = header.number(uint64(fields[msg.Index(f.Name)]), f.Bits)
	}
	return seal(w, append(header.bytes(), payload...))
}

// seal appends the checksum.
func seal(w *ir.WireMessage, body []byte) []byte {
	sum := bits(nil).number(uint64(checksum(w, body)), 8*w.Sum)
	return append(append([]byte(nil), body...), sum.bytes()...)
}

func checksum(w *ir.WireMessage, body []byte) uint32 {
	switch w.Sum {
	case 1:
		c := byte(w.Seed)
		for _, x := range body {
			c ^= x
			for range 8 {
				if c&0x80 != 0 {
					c = c<<1 ^ 0x07
				} else {
					c <<= 1
				}
			}
		}
		return uint32(c)
	case 2:
		return uint32(ir.CRC16(uint16(w.Seed), body))
	case 4:
		return crc32.Update(w.Seed, crc32.IEEETable, body)
	}
	return 0
}

// decode takes a datagram apart that may be of any of some kinds: what it holds, or the reason for which it is dropped.
// What is checked first is part of the contract: the bits of the kind are there, the kind, the size for the kind, the
// checksum, then value by value in the order of the wire.
func decode(sys *fsm.System, kinds []*ir.WireMessage, datagram []byte) (w *ir.WireMessage, fields []uint32, payload []byte, reason string) {
	all := bitsOf(datagram)
	if len(kinds) == 0 {
		return nil, nil, nil, badKind
	}
	if len(all) < kinds[0].Fields[0].Bits {
		return nil, nil, nil, badLength
	}
	kind, _ := all.take(kinds[0].Fields[0].Bits)
	for _, k := range kinds {
		if uint64(k.Kind) == kind {
			w = k
		}
	}
	switch {
	case w == nil:
		return nil, nil, nil, badKind
	case len(datagram) < w.Min || len(datagram) > w.Max:
		return nil, nil, nil, badLength
	}
	body := datagram[:len(datagram)-w.Sum]
	if string(seal(w, body)) != string(datagram) {
		return nil, nil, nil, badChecksum
	}
	msg := sys.Message(w.Message)
	fields = make([]uint32, len(msg.Fields))
	_, rest := bitsOf(body[:w.Header]).take(w.Fields[0].Bits)
	for _, f := range w.Fields[1:] {
		var v uint64
		v, rest = rest.take(f.Bits)
		i := msg.Index(f.Name)
		if !has(sys, msg.Fields[i].Type, v) {
			return nil, nil, nil, badValue
		}
		fields[i] = uint32(v)
	}
	for _, bit := range rest {
		if bit {
			return nil, nil, nil, badValue
		}
	}
	payload = body[w.Header:]
	switch _, err := ir.Decode(w.Payload, payload); {
	case errors.Is(err, ir.ErrShort), errors.Is(err, ir.ErrLong):
		return nil, nil, nil, badLength
	case err != nil:
		return nil, nil, nil, badValue
	}
	return w, fields, payload, ""
}

// has reports whether a value is one of a type's.
func has(sys *fsm.System, t fsm.Type, v uint64) bool {
	switch t.Kind {
	case fsm.Range:
		return uint64(t.Lo) <= v && v <= uint64(t.Hi)
	case fsm.EnumKind:
		return v < uint64(len(sys.Enum(t.Name).Members))
	case fsm.Number:
		s := sys.Sort(t.Name)
		return s == nil || s.Wrap == 0 || v < uint64(s.Wrap)
	}
	return true
}
