package schema

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"sprocketc/fsm"
	"sprocketc/ir"
)

// DefaultUnit is the largest datagram, in bytes, where the channel states none: what UDP over IPv4 carries.
const DefaultUnit = 65507

// Layout fills in the plan's wire and its peers' memories from its composed system. Widths and features must be set; where
// schedules are not, the memory is that without an interval that doubles, and Measure says what it becomes with them.
//
// Messages are numbered in the order of the source, those that carry a function once for each call, in the order of the
// calls, unless a call is kept; their header is the kind and the numbers that the machines read, most significant bit first, padded to a byte.
func Layout(p *ir.Plan, s *fsm.System) {
	sum := checksumBytes(p)
	p.Wire = nil
	for _, m := range s.Messages {
		if m.Index("fn") < 0 {
			p.Wire = append(p.Wire, message(s, m, nil, sum))
			continue
		}
		for _, c := range p.Interface.Calls {
			p.Wire = append(p.Wire, message(s, m, c, sum))
		}
	}
	kind := numberKinds(p)
	for i := range p.Wire {
		w := &p.Wire[i]
		w.Fields = append([]ir.WireField{{Name: "kind", Bits: kind}}, w.Fields...)
		header := 0
		for _, f := range w.Fields {
			header += f.Bits
		}
		w.Header = (header + 7) / 8
		lo, hi := ir.PayloadBounds(w.Payload)
		w.Min, w.Max = w.Header+lo+sum, w.Header+hi+sum
		w.Seed = fold(hash(p.Program.Name, describe(w)), sum)
	}
	p.Peers = map[string]*ir.Memory{}
	for _, m := range s.Machines {
		peer := p.Interface.From
		if m.Name == "callee" {
			peer = p.Interface.To
		}
		memory := &ir.Memory{}
		for _, r := range m.Records {
			l := record(p, s, m, r)
			l.Offset = memory.Stable
			memory.Stable += l.Slots * l.SlotSize
			memory.Records = append(memory.Records, l)
		}
		p.Peers[peer.Name] = memory
	}
	Measure(p, s)
}

// keptKind is the width of the kind in bits where a call is kept: room for calls that are yet to come.
const keptKind = 8

// numberKinds gives the messages of a plan their kinds, and tells how many bits a kind has. Where a call is kept, a kind says
// which message and which call it is, whatever else there is: first come the messages of the source that are of no call, in
// the plan or not, then each call's request and its answer.
func numberKinds(p *ir.Plan) (width int) {
	if !slices.ContainsFunc(p.Interface.Calls, func(c *ir.Call) bool { return c.Keep != nil }) {
		for i := range p.Wire {
			p.Wire[i].Kind = i
		}
		return bits.Len(uint(max(len(p.Wire), 1) - 1))
	}
	places, perCall, of := map[string]int{}, 0, 0 // of the messages that are of no call, and of those that are
	if src, err := source(p); err == nil {
		for _, m := range src.Messages {
			if m.Index("fn") < 0 {
				places[m.Name] = of
				of++
			} else {
				places[m.Name] = perCall
				perCall++
			}
		}
	}
	for i := range p.Wire {
		w := &p.Wire[i]
		w.Kind = places[w.Message]
		if w.Fn != "" {
			call := slices.IndexFunc(p.Interface.Calls, func(c *ir.Call) bool { return c.Name == w.Fn })
			w.Kind += of + perCall*call
		}
		width = max(width, bits.Len(uint(w.Kind)))
	}
	slices.SortFunc(p.Wire, func(a, b ir.WireMessage) int { return a.Kind - b.Kind })
	return max(width, keptKind)
}

// Measure fills in the RAM of the plan's peers, and where schedules are set the flash.
func Measure(p *ir.Plan, s *fsm.System) {
	for _, m := range s.Machines {
		peer := p.Interface.From
		if m.Name == "callee" {
			peer = p.Interface.To
		}
		p.Peers[peer.Name].RAM = ram(p, s, m)
		if p.Schedules != nil {
			mem := p.Peers[peer.Name]
			mem.FlashOn = Flash(p, s, m)
			mem.Flash = mem.FlashOn[FlashTarget]
		}
	}
}

func checksumBytes(p *ir.Plan) int {
	for _, f := range p.Features {
		if f.Name == Checksum {
			switch f.Parameters["width"] {
			case "8":
				return 1
			case "32":
				return 4
			}
			return 2
		}
	}
	return 0
}

func message(s *fsm.System, m *fsm.Message, c *ir.Call, sum int) ir.WireMessage {
	w := ir.WireMessage{Message: m.Name, Sum: sum}
	if c != nil {
		w.Fn = c.Name
	}
	for _, f := range m.Fields {
		switch {
		case f.Name == "fn": // the kind says it
		case f.For != "" && (c == nil || !member(s.Set(f.For), c.Name)):
		case f.Type.Kind == fsm.Payload && c != nil && m.From == "caller":
			w.Payload = c.Params
		case f.Type.Kind == fsm.Payload && c != nil:
			if c.Result != nil {
				w.Payload = []ir.Field{{Name: "value", Type: c.Result, Clause: c.Clause}}
			}
		default:
			w.Fields = append(w.Fields, ir.WireField{Name: f.Name, Bits: fieldBits(s, f.Type)})
		}
	}
	return w
}

func member(set *fsm.Set, name string) bool {
	if set != nil {
		for _, m := range set.Members {
			if m == name {
				return true
			}
		}
	}
	return false
}

// fieldBits is the number of bits of a scalar where it is packed.
func fieldBits(s *fsm.System, t fsm.Type) int {
	switch t.Kind {
	case fsm.Bool:
		return 1
	case fsm.Range:
		return bits.Len32(t.Hi)
	case fsm.EnumKind:
		if e := s.Enum(t.Name); e != nil {
			return bits.Len(uint(max(len(e.Members), 1) - 1))
		}
	case fsm.Number, fsm.Token:
		if x := s.Sort(t.Name); x != nil {
			return x.Bits
		}
	}
	return 0
}

// record lays a record out in slots of {sequence, fields, CRC-16}.
func record(p *ir.Plan, s *fsm.System, m *fsm.Machine, r *fsm.Record) ir.RecordLayout {
	l := ir.RecordLayout{Name: r.Name, Slots: r.Slots}
	n, text := 0, []string{m.Name, r.Name}
	for _, f := range r.Fields {
		b, most := fieldBits(s, f.Type), 0
		if f.Type.Kind == fsm.Payload {
			if most = recorded(p, m); most > 0 {
				b = bits.Len(uint(most)) + 8*most
			}
		}
		n += b
		l.Fields = append(l.Fields, ir.WireField{Name: f.Name, Bits: b, Max: most})
		text = append(text, fmt.Sprintf("%s:%d", f.Name, b))
	}
	l.SlotSize = 1 + (n+7)/8 + 2
	l.Seed = recordSeed(hash(p.Program.Name, strings.Join(text, " ")), l.SlotSize)
	return l
}

// recorded is the largest value in bytes that a record of a peer holds: arguments at the caller, an answer at the callee, of a
// call that runs exactly once.
func recorded(p *ir.Plan, m *fsm.Machine) int {
	most := 0
	for _, c := range p.Interface.Calls {
		if c.Kind != ir.ExactlyOnce {
			continue
		}
		n := 0
		if m.Name == "caller" {
			_, n = ir.PayloadBounds(c.Params)
		} else {
			_, n = c.Result.Bounds()
		}
		most = max(most, n)
	}
	return most
}

// recordSeed is the first start value from seed on under which blank memory is no sound slot.
func recordSeed(seed uint32, slot int) uint32 {
	zeros, ones := make([]byte, slot-2), make([]byte, slot-2)
	for i := range ones {
		ones[i] = 0xff
	}
	for {
		start := uint16(fold(seed, 2))
		if ir.CRC16(start, zeros) != 0 && ir.CRC16(start, ones) != 0xffff {
			return uint32(start)
		}
		seed++
	}
}

// describe is what a message's layout consists of: two programs that agree on it read each other's datagrams. Names of
// parameters are not part of it, since they are each peer's own, nor is a bound that leaves the bits as they are: what lies
// beyond the receiver's is dropped.
func describe(w *ir.WireMessage) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %d", w.Message, w.Fn, w.Kind)
	for _, f := range w.Fields {
		fmt.Fprintf(&b, " %s:%d", f.Name, f.Bits)
	}
	b.WriteString(" {")
	seen := map[*ir.Struct]bool{}
	for _, f := range w.Payload {
		b.WriteString(" " + typeText(f.Type, seen))
	}
	fmt.Fprintf(&b, " } %d", w.Sum)
	return b.String()
}

func typeText(t *ir.Type, seen map[*ir.Struct]bool) string {
	most := t.Max
	if n := t.LengthBits(); n > 0 {
		most = n
	}
	text := fmt.Sprintf("%d/%d/%d/%t", t.Kind, t.Bits, most, t.Fixed)
	if t.Refined {
		text += fmt.Sprintf(" from %d in %d", t.Lo, t.PackedBits())
	}
	if t.Elem != nil {
		text += " of " + typeText(t.Elem, seen)
	}
	if t.Enum != nil {
		text += " " + strings.Join(t.Enum.Members, ",")
	}
	if t.Struct != nil {
		if seen[t.Struct] { // told once
			return text + " " + t.Struct.Name
		}
		seen[t.Struct] = true
		text += " " + t.Struct.Name + "{"
		for _, f := range t.Struct.Fields {
			text += f.Name + " " + typeText(f.Type, seen) + ";"
		}
		text += "}"
	}
	return text
}

// hash is FNV-1a with 32 bits of the two texts and a zero byte between them.
func hash(protocol, text string) uint32 {
	h := uint32(2166136261)
	for _, c := range []byte(protocol + "\x00" + text) {
		h = (h ^ uint32(c)) * 16777619
	}
	return h
}

// fold narrows a hash to so many bytes, as the FNV authors advise: the halves are combined by exclusive or.
func fold(h uint32, bytes int) uint32 {
	switch bytes {
	case 1:
		h ^= h >> 16
		return (h ^ h>>8) & 0xff
	case 2:
		return (h ^ h>>16) & 0xffff
	}
	return h
}
