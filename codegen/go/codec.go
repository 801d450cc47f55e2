package gogen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"sprocketc/codegen"
	"sprocketc/fsm"
	"sprocketc/ir"
)

// codec prints the datagrams that the peer sends and receives, and the payloads in them.
func (g *gen) codec(f *jen.File) {
	f.Commentf("%s is the longest datagram that %s receives, in bytes.", g.longest(), g.in.Peer.Name)
	longest := 0
	for _, w := range g.messages(false) {
		longest = max(longest, w.Max)
	}
	f.Const().Id(g.longest()).Op("=").Lit(longest)
	for _, m := range g.sys.Messages {
		if m.From == g.m.Name {
			g.encode(f, m)
		}
	}
	g.decode(f)
	for _, c := range g.calls {
		if g.in.Caller() {
			g.argsCodec(f, c, true)
			g.answerCodec(f, c, false)
		} else {
			g.argsCodec(f, c, false)
			g.answerCodec(f, c, true)
		}
	}
}

func (g *gen) longest() string { return codegen.GoLocal(g.in.Peer.Name, "longest") }

func (g *gen) decoder() string { return codegen.GoLocal("decode", "for", g.in.Peer.Name) }

// payloadField is the payload among a message's fields; nil where it has none.
func payloadField(m *fsm.Message) *fsm.Field {
	for _, f := range m.Fields {
		if f.Type.Kind == fsm.Payload {
			return f
		}
	}
	return nil
}

// layoutText tells a layout in one line: "kind 3, ce 17, n 15; 5 bytes with the checksum".
func layoutText(w *ir.WireMessage) string {
	var fields []string
	for _, f := range w.Fields {
		if f.Name == "kind" {
			fields = append(fields, fmt.Sprintf("kind %d in %d bits", w.Kind, f.Bits))
			continue
		}
		fields = append(fields, fmt.Sprintf("%s %d", f.Name, f.Bits))
	}
	size := fmt.Sprintf("%d bytes", w.Min)
	if w.Max != w.Min {
		size = fmt.Sprintf("%d to %d bytes", w.Min, w.Max)
	}
	return strings.Join(fields, ", ") + "; " + size
}

// encode prints
//
//	func encodeReq(m reqMessage) []byte {
//		w := &bitWriter{}
//		switch m.fn {
//		case fnSample: // kind 0 in 3 bits, n 16; 5 bytes
//			w.put(0, 3)
//			…
func (g *gen) encode(f *jen.File, m *fsm.Message) {
	var layouts []ir.WireMessage
	for _, w := range g.in.Plan.Wire {
		if w.Message == m.Name {
			layouts = append(layouts, w)
		}
	}
	body := []jen.Code{line("w := &bitWriter{}")}
	if m.Index("fn") < 0 && len(layouts) == 1 {
		body = append(body, jen.Comment("// "+layoutText(&layouts[0])))
		body = append(body, g.encodeOne(m, &layouts[0])...)
		body = append(body, jen.Return(jen.Id("w").Dot("b")))
	} else {
		var cases []jen.Code
		for i := range layouts {
			w := &layouts[i]
			cases = append(cases, jen.Case(jen.Id(member("fn", w.Fn))).Block(
				append(comments(layoutText(w)), g.encodeOne(m, w)...)...))
		}
		body = append(body, jen.Switch(jen.Id("m").Dot("fn")).Block(cases...), jen.Return(jen.Id("w").Dot("b")))
	}
	f.Func().Id(encoder(m.Name)).Params(jen.Id("m").Id(messageType(m.Name))).Index().Byte().Block(body...)
}

func (g *gen) encodeOne(m *fsm.Message, w *ir.WireMessage) []jen.Code {
	var out []jen.Code
	if p := payloadField(m); p != nil && !g.in.Caller() {
		if least, _ := ir.PayloadBounds(w.Payload); least > 0 && slices.ContainsFunc(w.Payload, func(f ir.Field) bool { return mayNotFit(f.Type) }) {
			out = append(out, jen.If(line("len(m.%s) == 0", codegen.GoLocal(p.Name))).Block(
				jen.Return(jen.Nil()).Comment("// the handler gave none that can be sent: it is lost")))
		}
	}
	if w.Fields[0].Bits > 0 {
		out = append(out, line("w.put(%d, %d)", w.Kind, w.Fields[0].Bits))
	}
	for _, x := range w.Fields[1:] {
		at := "m." + codegen.GoLocal(x.Name)
		if t := m.Fields[m.Index(x.Name)].Type; t.Kind == fsm.Bool {
			out = append(out, line("w.flag(%s)", at))
		} else {
			out = append(out, line("w.put(uint64(%s), %d)", at, x.Bits))
		}
	}
	if p := payloadField(m); p != nil {
		out = append(out, line("w.raw(m.%s)", codegen.GoLocal(p.Name)))
	}
	switch w.Sum {
	case 1:
		out = append(out, line("w.raw([]byte{crc8(0x%02x, w.b)})", w.Seed&0xff))
	case 2:
		out = append(out, line("sum := crc16(0x%04x, w.b)", w.Seed&0xffff), line("w.raw([]byte{byte(sum >> 8), byte(sum)})"))
	case 4:
		out = append(out,
			jen.Id("sum").Op(":=").Qual("hash/crc32", "Update").Call(line("0x%08x", w.Seed), jen.Qual("hash/crc32", "IEEETable"), line("w.b")),
			line("w.raw([]byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)})"))
	}
	return out
}

// mayNotFit reports whether a Go value of a type can be one that is not encoded.
func mayNotFit(t *ir.Type) bool {
	switch t.Kind {
	case ir.Bool, ir.Float:
		return false
	case ir.Uint, ir.Int:
		return t.Refined
	case ir.Bytes:
		return !t.Fixed
	case ir.Array, ir.Option:
		return mayNotFit(t.Elem)
	case ir.StructType:
		return slices.ContainsFunc(t.Struct.Fields, func(f ir.Field) bool { return mayNotFit(f.Type) })
	}
	return true // enumerations, texts, lists
}

// decode prints
//
//	func decodeForGateway(b []byte) (any, drop) {
//		kind := (&bitReader{b: b}).take(3)
//		switch kind {
//		case 3: // ANS of sample: …
//			…
//			return m, r.why
//		}
//		return nil, dropKind
//	}
func (g *gen) decode(f *jen.File) {
	layouts := g.messages(false)
	if len(layouts) == 0 {
		return
	}
	bits := layouts[0].Fields[0].Bits
	var cases []jen.Code
	for i := range layouts {
		w := &layouts[i]
		what := w.Message
		if w.Fn != "" {
			what += " of " + w.Fn
		}
		cases = append(cases, jen.Case(jen.Lit(w.Kind)).Block(
			append(comments(what+": "+layoutText(w)), g.decodeOne(w)...)...))
	}
	f.Commentf("%s decodes and checks a datagram completely; the message is nil where it is dropped.", g.decoder())
	f.Func().Id(g.decoder()).Params(jen.Id("b").Index().Byte()).Params(jen.Id("m").Any(), jen.Id("why").Id("drop")).Block(
		line("r := &bitReader{b: b}"),
		line("kind := r.take(%d)", bits),
		jen.If(line("r.why != kept")).Block(jen.Return(line("nil, r.why"))),
		jen.Switch(jen.Id("kind")).Block(cases...),
		jen.Return(line("nil, dropKind")),
	)
}

func (g *gen) decodeOne(w *ir.WireMessage) []jen.Code {
	msg := g.sys.Message(w.Message)
	length := fmt.Sprintf("len(b) < %d || len(b) > %d", w.Min, w.Max)
	if w.Min == w.Max {
		length = fmt.Sprintf("len(b) != %d", w.Min)
	}
	out := []jen.Code{jen.If(line("%s", length)).Block(jen.Return(line("nil, dropLength")))}
	body := "b"
	if w.Sum > 0 {
		body = "b[:n]"
		out = append(out, line("n := len(b) - %d", w.Sum))
	}
	bad := jen.Block(jen.Return(line("nil, dropChecksum")))
	switch w.Sum {
	case 1:
		out = append(out, jen.If(line("crc8(0x%02x, b[:n]) != b[n]", w.Seed&0xff)).Add(bad))
	case 2:
		out = append(out, jen.If(line("crc16(0x%04x, b[:n]) != uint16(b[n])<<8|uint16(b[n+1])", w.Seed&0xffff)).Add(bad))
	case 4:
		out = append(out, jen.If(jen.Qual("hash/crc32", "Update").Call(line("0x%08x", w.Seed), jen.Qual("hash/crc32", "IEEETable"), line("b[:n]")).
			Op("!=").Qual("encoding/binary", "BigEndian").Dot("Uint32").Call(line("b[n:]"))).Add(bad))
	}
	lit := messageType(w.Message) + "{}"
	if w.Fn != "" {
		lit = messageType(w.Message) + "{fn: " + member("fn", w.Fn) + "}"
	}
	out = append(out, line("m := %s", lit))
	for _, x := range w.Fields[1:] {
		out = append(out, g.decodeField(msg, x)...)
	}
	out = append(out, line("r.align()"))
	if p := payloadField(msg); p != nil {
		payload := body
		if w.Header > 0 {
			payload = strings.Replace(body, "b[:", fmt.Sprintf("b[%d:", w.Header), 1)
			if body == "b" {
				payload = fmt.Sprintf("b[%d:]", w.Header)
			}
		}
		c := g.call(w.Fn)
		dec, n := argsDecoder(c), len(c.Params)
		if msg.From == "callee" {
			dec, n = answerDecoder(c), 1
		}
		out = append(out,
			jen.Add(line("m.%s = ", codegen.GoLocal(p.Name))).Qual("bytes", "Clone").Call(line("%s", payload)),
			jen.If(jen.Add(line("%swhy := %s(m.%s); r.why == kept", strings.Repeat("_, ", n), dec, codegen.GoLocal(p.Name)))).
				Block(line("r.why = why")))
	}
	return append(out, jen.If(line("r.why != kept")).Block(jen.Return(line("nil, r.why"))), jen.Return(line("m, kept")))
}

// decodeField takes a header field; a value that its type does not have is dropped.
func (g *gen) decodeField(msg *fsm.Message, x ir.WireField) []jen.Code {
	t := msg.Fields[msg.Index(x.Name)].Type
	at := "m." + codegen.GoLocal(x.Name)
	if t.Kind == fsm.Bool {
		return []jen.Code{line("%s = r.flag()", at)}
	}
	out := []jen.Code{line("%s = %s(r.take(%d))", at, g.goType(t), x.Bits)}
	var bad string
	switch t.Kind {
	case fsm.Range:
		if t.Lo > 0 {
			bad = fmt.Sprintf("%s < %d", at, t.Lo)
		}
		if uint64(t.Hi) != 1<<x.Bits-1 {
			bad = strings.TrimPrefix(bad+" || "+fmt.Sprintf("%s > %d", at, t.Hi), " || ")
		}
	case fsm.EnumKind:
		if n := len(g.members(t.Name)); n != 1<<x.Bits {
			bad = fmt.Sprintf("%s >= %d", at, n)
		}
	case fsm.Number:
		if s := g.sys.Sort(t.Name); s.Wrap > 0 && s.Wrap != 1<<s.Bits {
			bad = fmt.Sprintf("%s >= %d", at, s.Wrap)
		}
	}
	if bad != "" {
		out = append(out, jen.If(line("%s", bad)).Block(line("r.fail(dropValue)")))
	}
	return out
}
