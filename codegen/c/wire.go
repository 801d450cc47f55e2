package cgen

import (
	"sort"

	"sprocketc/fsm"
	"sprocketc/ir"
)

// wire sorts the plan's messages by direction, and checks that the layout is one that the core can print: kinds of one
// message follow each other at one distance in the order of the calls, and every datagram has the same size of checksum.
func (g *gen) wire() {
	byName := map[string]*ir.WireMessage{}
	for i := range g.in.Plan.Wire {
		w := &g.in.Plan.Wire[i]
		msg := g.sys.Message(w.Message)
		if msg == nil || len(w.Fields) == 0 || w.Fields[0].Name != "kind" {
			g.fail("the wire has a message %s that the machines lack", w.Message)
			return
		}
		if w.Sum != g.in.Plan.Wire[0].Sum || w.Fields[0].Bits != g.in.Plan.Wire[0].Fields[0].Bits {
			g.fail("%s differs from %s in its kind or its checksum", w.Message, g.in.Plan.Wire[0].Message)
		}
		if w.Fields[0].Bits > 32 || w.Kind < 0 || w.Fields[0].Bits < 31 && w.Kind >= 1<<w.Fields[0].Bits {
			g.fail("%s's kind %d has no place in %d bits", w.Message, w.Kind, w.Fields[0].Bits)
		}
		byName[w.Message] = w
		g.byMessage[w.Message] = append(g.byMessage[w.Message], w)
		if msg.From == g.m.Name {
			g.sent = append(g.sent, w)
		} else {
			g.got = append(g.got, w)
		}
		for _, f := range w.Fields[1:] {
			if i := msg.Index(f.Name); i < 0 || g.bits(msg.Fields[i].Type) != f.Bits {
				g.fail("%s's field %s is %d bits on the wire and not so in the machine", w.Message, f.Name, f.Bits)
			}
		}
	}
	if n := g.datagramMax(); n > 65535 {
		g.fail("a datagram of %d bytes", n)
	}
	switch s := g.sum(); s {
	case 0, 1, 2, 4:
	default:
		g.fail("a checksum of %d bytes", s)
	}
	sort.SliceStable(g.got, func(i, j int) bool { return g.got[i].Kind < g.got[j].Kind })
	for _, msg := range g.sys.Messages {
		list := g.byMessage[msg.Name]
		if len(list) == 0 {
			g.fail("the message %s has no layout", msg.Name)
			return
		}
		perFn := msg.Index("fn") >= 0
		if perFn && len(list) != len(g.calls) || !perFn && len(list) != 1 {
			g.fail("the message %s has %d kinds", msg.Name, len(list))
			return
		}
		for i, w := range list {
			if perFn && (w.Fn != g.calls[i].Name || w.Kind != list[0].Kind+i*stride(list)) {
				g.fail("the kinds of %s do not follow the order of the calls", msg.Name)
			}
		}
	}
}

// stride is how far the kinds of a message are apart, from call to call.
func stride(list []*ir.WireMessage) int {
	if len(list) < 2 {
		return 1
	}
	return list[1].Kind - list[0].Kind
}

func (g *gen) sum() int {
	if len(g.in.Plan.Wire) == 0 {
		return 0
	}
	return g.in.Plan.Wire[0].Sum
}

func (g *gen) kindBits() int {
	if len(g.in.Plan.Wire) == 0 {
		return 0
	}
	return g.in.Plan.Wire[0].Fields[0].Bits
}

// bits is the width of a variable or field where it is packed.
func (g *gen) bits(t fsm.Type) int {
	switch t.Kind {
	case fsm.Bool:
		return 1
	case fsm.Range:
		return bitsFor(uint64(t.Hi))
	case fsm.EnumKind:
		if e := g.sys.Enum(t.Name); e != nil {
			return bitsFor(uint64(len(e.Members) - 1))
		}
	case fsm.Number, fsm.Token:
		if s := g.sys.Sort(t.Name); s != nil {
			return s.Bits
		}
	}
	return 0
}

// bitsFor is the number of bits that hold 0..max.
func bitsFor(max uint64) int {
	n := 0
	for max > 0 {
		n++
		max >>= 1
	}
	return n
}

// payloadField is the payload among a message's fields, or nil.
func payloadField(m *fsm.Message) *fsm.Field {
	for _, f := range m.Fields {
		if f.Type.Kind == fsm.Payload {
			return f
		}
	}
	return nil
}

// payloadMax is the most bytes that the payload of any datagram of a machine takes; fn < 0: of any call.
func (g *gen) payloadMax(from string, fn int) int {
	max := 0
	for i := range g.in.Plan.Wire {
		w := &g.in.Plan.Wire[i]
		msg := g.sys.Message(w.Message)
		if msg == nil || msg.From != from || payloadField(msg) == nil || fn >= 0 && w.Fn != g.calls[fn].Name {
			continue
		}
		if n := w.Max - w.Header - w.Sum; n > max {
			max = n
		}
	}
	return max
}

func (g *gen) argsMax() int   { return g.payloadMax("caller", -1) }
func (g *gen) resultMax() int { return g.payloadMax("callee", -1) }

// frameMax is the largest datagram that the peer sends, or that it has to stage in the same buffer.
func (g *gen) frameMax() int {
	max := 1
	for _, w := range g.sent {
		if w.Max > max {
			max = w.Max
		}
	}
	return max
}

func (g *gen) datagramMax() int {
	max := g.frameMax()
	for _, w := range g.got {
		if w.Max > max {
			max = w.Max
		}
	}
	return max
}

// layouts is the peer's stable memory; nil where it has none.
func (g *gen) layouts() []ir.RecordLayout {
	if m := g.in.Plan.Peers[g.in.Peer.Name]; m != nil {
		return m.Records
	}
	return nil
}

func (g *gen) layoutOf(record string) *ir.RecordLayout {
	ls := g.layouts()
	for i := range ls {
		if ls[i].Name == record {
			return &ls[i]
		}
	}
	return nil
}

func (g *gen) variable(name string) *fsm.Var {
	for _, v := range g.m.Vars {
		if v.Name == name {
			return v
		}
	}
	return nil
}

func (g *gen) recordField(name string) (*fsm.Record, *fsm.Field) {
	for _, r := range g.m.Records {
		for _, f := range r.Fields {
			if f.Name == name {
				return r, f
			}
		}
	}
	return nil, nil
}
