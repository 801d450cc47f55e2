package gogen

import (
	"fmt"
	"sort"
	"strings"

	"github.com/dave/jennifer/jen"

	"sprocketc/codegen"
	"sprocketc/fsm"
	"sprocketc/ir"
)

// check refuses a plan whose layout does not fit the machines, before anything is printed.
func (g *gen) check() error {
	for _, w := range g.in.Plan.Wire {
		msg := g.sys.Message(w.Message)
		if msg == nil || len(w.Fields) == 0 || w.Fields[0].Name != "kind" {
			return fmt.Errorf("the layout %s %s has no message or no kind", w.Message, w.Fn)
		}
		if w.Sum != 0 && w.Sum != 1 && w.Sum != 2 && w.Sum != 4 {
			return fmt.Errorf("%s has a checksum of %d bytes", w.Message, w.Sum)
		}
		if w.Fields[0].Bits != g.in.Plan.Wire[0].Fields[0].Bits {
			return fmt.Errorf("the kind of %s is not as wide as that of %s", w.Message, g.in.Plan.Wire[0].Message)
		}
		if (w.Fn != "") != (msg.Index("fn") >= 0) || w.Fn != "" && g.call(w.Fn) == nil {
			return fmt.Errorf("%s is laid out for the call %q", w.Message, w.Fn)
		}
		total := 0
		for _, f := range w.Fields {
			total += f.Bits
		}
		if (total+7)/8 != w.Header {
			return fmt.Errorf("the header of %s takes %d bits, not %d bytes", w.Message, total, w.Header)
		}
		for _, f := range w.Fields[1:] {
			i := msg.Index(f.Name)
			if i < 0 || g.bits(msg.Fields[i].Type) != f.Bits {
				return fmt.Errorf("field %s of %s has %d bits on the wire and not in the machine", f.Name, w.Message, f.Bits)
			}
		}
	}
	for _, r := range g.m.Records {
		l := g.layout(r.Name)
		if l == nil || len(l.Fields) != len(r.Fields) || l.Slots < 1 || l.Slots > 2 {
			return fmt.Errorf("record %s has no layout of its fields", r.Name)
		}
		total := 0
		for i, f := range l.Fields {
			total += f.Bits
			if f.Name != r.Fields[i].Name || r.Fields[i].Type.Kind != fsm.Payload && g.bits(r.Fields[i].Type) != f.Bits {
				return fmt.Errorf("field %s of record %s has %d bits in memory and not in the machine", f.Name, r.Name, f.Bits)
			}
		}
		if l.SlotSize != (total+7)/8+3 {
			return fmt.Errorf("a slot of record %s takes %d bytes, not %d", r.Name, (total+7)/8+3, l.SlotSize)
		}
	}
	for _, s := range g.sys.Sorts {
		if s.Bits < 1 || s.Bits > 64 {
			return fmt.Errorf("sort %s has no width", s.Name)
		}
	}
	for _, t := range g.m.Timers {
		for _, i := range t.Spans {
			if i.First == 0 || i.First >= 1<<31 || i.Cap >= 1<<31 {
				return fmt.Errorf("timer %s has an interval of %d to %d ms", t.Name, i.First, i.Cap)
			}
		}
		if n := len(t.Spans); n == 0 || n > 1 && n != len(g.members(t.Per)) {
			return fmt.Errorf("timer %s has %d intervals", t.Name, n)
		}
	}
	for _, m := range g.m.Memos {
		if len(m.Entries) != len(g.calls) {
			return fmt.Errorf("memo %s has %d entries for %d calls", m.Name, len(m.Entries), len(g.calls))
		}
	}
	for _, e := range g.m.Events {
		if e.Kind == fsm.OnFree {
			return fmt.Errorf("%s has an event of the environment, which no program can cause", g.m.Name)
		}
	}
	return nil
}

func (g *gen) members(enum string) []string {
	if e := g.sys.Enum(enum); e != nil {
		return e.Members
	}
	return nil
}

func (g *gen) call(name string) *ir.Call {
	for _, c := range g.calls {
		if c.Name == name {
			return c
		}
	}
	return nil
}

func (g *gen) layout(record string) *ir.RecordLayout {
	for i := range g.mem {
		if g.mem[i].Name == record {
			return &g.mem[i]
		}
	}
	return nil
}

// bits is the width of a value where it is packed.
func (g *gen) bits(t fsm.Type) int {
	switch t.Kind {
	case fsm.Bool:
		return 1
	case fsm.Range:
		return bitLen(uint64(t.Hi))
	case fsm.EnumKind:
		return bitLen(uint64(max(0, len(g.members(t.Name))-1)))
	case fsm.Number, fsm.Token:
		if s := g.sys.Sort(t.Name); s != nil {
			return s.Bits
		}
	}
	return -1
}

func bitLen(v uint64) int {
	n := 0
	for ; v > 0; v >>= 1 {
		n++
	}
	return n
}

// wire prints what both machines share: the program's calls as an enumeration, sets of them, the sorts of numbers, and
// the messages. It is the same for both peers.
func (g *gen) wire(f *jen.File) {
	f.Comment("function tells the program's calls apart.")
	f.Type().Id("function").Id(enumBase(len(g.calls)))
	enumBody(f, "function", g.members("fn"), func(m string) string { return member("fn", m) })
	for _, s := range g.sys.Sets {
		g.setMethod(f, s)
	}
	for _, e := range g.sys.Enums {
		if e.Name != "fn" && g.shared(e.Name) {
			g.machineEnum(f, e)
		}
	}
	for _, s := range g.sys.Sorts {
		g.sort(f, s)
	}
	for _, m := range g.sys.Messages {
		doc(f, orDefault(strings.Join(m.Doc, "\n"), messageType(m.Name)+" is sent by "+g.peerOf(m.From)+"."))
		var fields []jen.Code
		for _, x := range m.Fields {
			fields = append(fields, comments(x.Doc...)...)
			fields = append(fields, jen.Id(codegen.GoLocal(x.Name)).Id(g.goType(x.Type)))
		}
		f.Type().Id(messageType(m.Name)).Struct(fields...)
	}
}

func (g *gen) peerOf(machine string) string {
	if machine == "caller" {
		return g.in.Plan.Interface.From.Name
	}
	return g.in.Plan.Interface.To.Name
}

// shared reports whether a message or both machines use an enumeration.
func (g *gen) shared(enum string) bool {
	for _, m := range g.sys.Messages {
		for _, f := range m.Fields {
			if f.Type.Kind == fsm.EnumKind && f.Type.Name == enum {
				return true
			}
		}
	}
	n := 0
	for _, m := range g.sys.Machines {
		if machineUses(m, enum) {
			n++
		}
	}
	return n > 1
}

func machineUses(m *fsm.Machine, enum string) bool {
	is := func(t fsm.Type) bool { return t.Kind == fsm.EnumKind && t.Name == enum }
	for _, v := range m.Vars {
		if is(v.Type) {
			return true
		}
	}
	for _, r := range m.Records {
		for _, f := range r.Fields {
			if is(f.Type) {
				return true
			}
		}
	}
	for _, t := range m.Tails {
		for _, p := range t.Params {
			if is(p.Type) {
				return true
			}
		}
	}
	return false
}

func (g *gen) machineEnum(f *jen.File, e *fsm.Enum) {
	doc(f, orDefault(strings.Join(e.Doc, "\n"), ident(e.Name)+" is an enumeration of the machine."))
	f.Type().Id(ident(e.Name)).Id(enumBase(len(e.Members)))
	var consts []jen.Code
	for i, m := range e.Members {
		c := jen.Id(member(e.Name, m))
		if i == 0 {
			c.Id(ident(e.Name)).Op("=").Iota()
		}
		consts = append(consts, c)
	}
	f.Const().Defs(consts...)
}

// setMethod prints
//
//	func (x function) isEffect() bool { return x == fnWater || x == fnStop }
func (g *gen) setMethod(f *jen.File, s *fsm.Set) {
	if !g.setUsed(s.Name) {
		return
	}
	doc(f, strings.Join(s.Doc, "\n"))
	var tests []string
	for _, m := range s.Members {
		tests = append(tests, "x == "+member(s.Enum, m))
	}
	cond := strings.Join(tests, " || ")
	if cond == "" {
		cond = "false"
	}
	f.Func().Params(jen.Id("x").Id(ident(s.Enum))).Id(setMethod(s)).Params().Bool().Block(jen.Return(line("%s", cond)))
}

// setUsed reports whether a stage of either machine tests the set.
func (g *gen) setUsed(name string) bool {
	found := false
	look := func(e fsm.Expr) {
		walkExpr(e, func(e fsm.Expr) {
			in, ok := e.(*fsm.In)
			found = found || ok && in.Set == name
		})
	}
	stmt := func(s fsm.Stmt) {
		for _, e := range exprs(s) {
			look(e)
		}
	}
	for _, m := range g.sys.Machines {
		for _, e := range m.Events {
			look(e.When)
			walk(e.Body, stmt)
		}
		for _, t := range m.Tails {
			walk(t.Body, stmt)
		}
	}
	return found
}

// sort prints a sort of numbers or tokens; a number that is reused gets serial-number arithmetic (RFC 1982).
func (g *gen) sort(f *jen.File, s *fsm.Sort) {
	name := ident(s.Name)
	doc(f, orDefault(strings.Join(s.Doc, "\n"), name+" is a number; 0 is none."))
	base := 8
	for base < s.Bits {
		base *= 2
	}
	f.Type().Id(name).Id(fmt.Sprintf("uint%d", base))
	if s.Token {
		return
	}
	f.Const().Id(largest(s)).Id(name).Op("=").Id(fmt.Sprintf("1<<%d - 1", s.Bits))
	if s.Wrap == 0 {
		return
	}
	f.Func().Params(jen.Id("x").Id(name)).Id("next").Params().Id(name).Block(
		jen.Return(line("%s((uint64(x) + 1) %% %d)", name, s.Wrap)))
	f.Commentf("before is serial-number arithmetic modulo %d.", s.Wrap)
	f.Func().Params(jen.Id("x").Id(name)).Id("before").Params(jen.Id("y").Id(name)).Bool().Block(
		line("d := (uint64(y) + %d - uint64(x)) %% %d", s.Wrap, s.Wrap),
		jen.Return(line("d >= 1 && d <= %d", s.Wrap/2)))
}

// messages gives the layouts of what the peer sends or receives, by kind.
func (g *gen) messages(sent bool) []ir.WireMessage {
	var out []ir.WireMessage
	for _, w := range g.in.Plan.Wire {
		if msg := g.sys.Message(w.Message); msg != nil && (msg.From == g.m.Name) == sent {
			out = append(out, w)
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Kind < out[j].Kind })
	return out
}
