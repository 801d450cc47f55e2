package versions

import (
	"fmt"
	"slices"

	"sprocketc/ir"
)

// layouts of a plan's messages of one name: for REQ and ANS those of a call, else fn is "".
func find(p *ir.Plan, message, fn string) *ir.WireMessage {
	for i := range p.Wire {
		if w := &p.Wire[i]; w.Message == message && w.Fn == fn {
			return w
		}
	}
	return nil
}

// reading is what a receiver makes of a sender's message.
type reading struct {
	broken []string // why it is not understood, in words
	lost   []string // values that the sender may send and the receiver drops
}

// read tells what a receiver makes of a sender's message; both have it.
func read(w, r *ir.WireMessage) reading {
	var x reading
	if w.Fields[0].Bits != r.Fields[0].Bits {
		x.broken = append(x.broken, fmt.Sprintf("the kind has %d bits at the sender and %d at the receiver", w.Fields[0].Bits, r.Fields[0].Bits))
	} else if w.Kind != r.Kind {
		x.broken = append(x.broken, fmt.Sprintf("%s is kind %d at the sender and %d at the receiver", what(w), w.Kind, r.Kind))
	}
	if !slices.Equal(w.Fields[1:], r.Fields[1:]) {
		x.broken = append(x.broken, fmt.Sprintf("the header of %s is %s at the sender and %s at the receiver", what(w), fields(w), fields(r)))
	}
	if w.Sum != r.Sum {
		x.broken = append(x.broken, fmt.Sprintf("the checksum has %d bits at the sender and %d at the receiver", 8*w.Sum, 8*r.Sum))
	}
	x.record(w.Payload, r.Payload, "")
	if len(x.broken) == 0 && w.Sum > 0 && w.Seed != r.Seed {
		x.broken = append(x.broken, "the checksum begins otherwise: the name of the protocol, of a field or of a member is another")
	}
	return x
}

func what(w *ir.WireMessage) string {
	if w.Fn == "" {
		return w.Message
	}
	return w.Message + " of " + w.Fn
}

func fields(w *ir.WireMessage) string {
	text := ""
	for _, f := range w.Fields[1:] {
		text += fmt.Sprintf(" %s:%d", f.Name, f.Bits)
	}
	if text == "" {
		return "empty"
	}
	return text[1:]
}

func (x *reading) breaks(format string, args ...any) {
	x.broken = append(x.broken, fmt.Sprintf(format, args...))
}

func (x *reading) loses(format string, args ...any) {
	x.lost = append(x.lost, fmt.Sprintf(format, args...))
}

// record compares the fields of a payload or a struct; at is the path to them, which ends with a point.
func (x *reading) record(sent, got []ir.Field, at string) {
	if len(sent) != len(got) {
		x.breaks("%d values are sent and %d are read", len(sent), len(got))
		return
	}
	for i, f := range sent {
		x.value(f.Type, got[i].Type, at+f.Name)
		if j := slices.IndexFunc(got, func(g ir.Field) bool { return g.Name == f.Name }); j >= 0 && j != i {
			x.breaks("%s%s is read as %s%s", at, f.Name, at, got[i].Name)
		}
	}
}

// value compares the type of a value that is sent with that as which it is read.
func (x *reading) value(t, u *ir.Type, at string) {
	switch {
	case t.Kind != u.Kind || t.Refined != u.Refined || t.Fixed != u.Fixed || !t.Refined && t.Bits != u.Bits:
		x.breaks("%s is of another type", at)
		return
	case t.Refined && (t.Lo != u.Lo || t.PackedBits() != u.PackedBits()):
		x.breaks("%s is sent as %d bits above %d and read as %d bits above %d", at, t.PackedBits(), t.Lo, u.PackedBits(), u.Lo)
	case t.Refined && t.Hi > u.Hi:
		x.loses("%s in %d..%d", at, u.Hi+1, t.Hi)
	case t.Kind == ir.EnumType:
		x.members(t.Enum, u.Enum, at)
	case t.LengthBits() != u.LengthBits():
		x.breaks("the length of %s is sent in %d bits and read in %d", at, t.LengthBits(), u.LengthBits())
	case (t.Kind == ir.Array || t.Fixed) && t.Max != u.Max:
		x.breaks("%s has %d elements at the sender and %d at the receiver", at, t.Max, u.Max)
	case t.Max > u.Max:
		x.loses("%s with more than %d elements or bytes", at, u.Max)
	}
	if t.Elem != nil && u.Elem != nil {
		x.value(t.Elem, u.Elem, at)
	}
	if t.Kind == ir.StructType {
		x.record(t.Struct.Fields, u.Struct.Fields, at+".")
	}
}

func (x *reading) members(t, u *ir.Enum, at string) {
	a, b := &ir.Type{Kind: ir.EnumType, Enum: t}, &ir.Type{Kind: ir.EnumType, Enum: u}
	if a.PackedBits() != b.PackedBits() {
		x.breaks("%s is sent in %d bits and read in %d", at, a.PackedBits(), b.PackedBits())
		return
	}
	for i, m := range t.Members {
		switch {
		case i >= len(u.Members):
			x.loses("%s = %s", at, m)
		case u.Members[i] != m && (slices.Contains(u.Members, m) || slices.Contains(t.Members, u.Members[i])):
			x.breaks("%s = %s is read as %s", at, m, u.Members[i])
		case u.Members[i] != m:
			x.loses("no value, but %s = %s is called %s at the receiver", at, m, u.Members[i])
		}
	}
}

// taken finds the messages as which a receiver may take a sender's that it does not understand: nil where it always drops it. from
// tells which machine sends a message.
func taken(w *ir.WireMessage, receiver *ir.Plan, from map[string]string) *ir.WireMessage {
	for i := range receiver.Wire {
		r := &receiver.Wire[i]
		if from[r.Message] != from[w.Message] || w.Min > r.Max || r.Min > w.Max || r.Sum > 0 && (r.Sum != w.Sum || r.Seed != w.Seed) {
			continue
		}
		// Two start values give two checksums of any bytes, since every step of the division can be undone.
		n := min(w.Fields[0].Bits, r.Fields[0].Bits)
		if w.Kind>>(w.Fields[0].Bits-n) == r.Kind>>(r.Fields[0].Bits-n) {
			return r
		}
	}
	return nil
}
