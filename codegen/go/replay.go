package gogen

import (
	"fmt"
	"math"
	"strings"

	"github.com/dave/jennifer/jen"

	"sprocketc/codegen"
	"sprocketc/fsm"
)

// replayMain prints the command that replays events: port, step, and how the state is read and written.
func (g *gen) replayMain(f *jen.File) {
	f.Commentf("This command replays events of %s: each line of its input is", g.in.Peer.Name)
	f.Comment("")
	f.Comment("\tevent now state ; arguments")
	f.Comment("")
	f.Comment("with the event call, return, restart, timer:NAME or datagram, and is answered by")
	f.Comment("")
	f.Comment("\tstate ; action ; action …")
	f.Func().Id("main").Params().Block(
		jen.If(jen.Id("err").Op(":=").Id("replay").Call(jen.Qual("os", "Stdin"), jen.Qual("os", "Stdout"), jen.Id("step")).Op(";").Id("err").Op("!=").Nil()).Block(
			jen.Qual("fmt", "Fprintln").Call(jen.Qual("os", "Stderr"), jen.Id("err")),
			jen.Qual("os", "Exit").Call(jen.Lit(1))))
	g.replayPort(f)
	g.replayStep(f)
	g.replayState(f)
}

func (g *gen) replayPort(f *jen.File) {
	fields := []jen.Code{jen.Id("actions")}
	if len(g.m.Records) > 0 {
		fields = append(fields, jen.Id("image"))
	}
	f.Type().Id("port").Struct(fields...)
	if g.in.Caller() && g.m.Lanes() {
		f.Func().Params(jen.Id("x").Op("*").Id("port")).Id("complete").Params(jen.Id("o").Id("outcome"), jen.Id("fn").Id("function"), jen.Id("answer"), jen.Id("args").Index().Byte()).Block(
			line(`x.add("complete %%d %%d %%s %%s", uint64(o), uint64(fn), slotText(answer), slotText(args))`))
	} else if g.in.Caller() {
		f.Func().Params(jen.Id("x").Op("*").Id("port")).Id("complete").Params(jen.Id("o").Id("outcome"), jen.Id("fn").Id("function"), jen.Id("answer").Index().Byte()).Block(
			line(`x.add("complete %%d %%d %%s", uint64(o), uint64(fn), slotText(answer))`))
	}
	if g.reports() {
		f.Func().Params(jen.Id("x").Op("*").Id("port")).Id("report").Params(jen.Id("o").Id("outcome"), jen.Id("fn").Id("function"), jen.Id("answer"), jen.Id("args").Index().Byte()).Block(
			line(`x.add("report %%d %%d %%s %%s", uint64(o), uint64(fn), slotText(answer), slotText(args))`))
	}
	if len(g.m.Records) == 0 {
		return
	}
	var cases []jen.Code
	for _, r := range g.m.Records {
		l := g.layout(r.Name)
		words, takes := []string{"persist", r.Name}, []string{}
		if verbs := g.verbs(r); len(verbs) > 0 && verbs[0] == "commit" {
			words[0] = "commit" // one that is committed is written in no other way
		}
		for i, x := range l.Fields {
			switch {
			case r.Fields[i].Type.Kind == fsm.Payload && x.Max == 0:
				words = append(words, "-")
			case r.Fields[i].Type.Kind == fsm.Payload:
				words, takes = append(words, "%s"), append(takes, fmt.Sprintf("slotText(r.kept(%d))", x.Max))
			default:
				words, takes = append(words, "%d"), append(takes, fmt.Sprintf("r.take(%d)", x.Bits))
			}
		}
		cases = append(cases, jen.Case(line("offset >= %d && offset < %d", l.Offset, l.Offset+l.Slots*l.SlotSize)).Block(
			line("x.add(%q, %s)", strings.Join(words, " "), strings.Join(takes, ", "))))
	}
	if g.commits() {
		f.Comment("commit is write: what the handler did is the program's own.")
		f.Func().Params(jen.Id("x").Op("*").Id("port")).Id("commit").Params(jen.Id("offset").Int(), jen.Id("b").Index().Byte()).Error().Block(
			jen.Return(line("x.write(offset, b)")))
	}
	f.Comment("write tells the fields that a slot holds.")
	f.Func().Params(jen.Id("x").Op("*").Id("port")).Id("write").Params(jen.Id("offset").Int(), jen.Id("b").Index().Byte()).Error().Block(
		line("r := &bitReader{b: b[1:]}"),
		jen.Switch().Block(cases...),
		jen.Return(line("x.image.write(offset, b)")))
}

func (g *gen) replayStep(f *jen.File) {
	c := g.recv
	last := len(g.calls) - 1
	event := []jen.Code{}
	for _, e := range g.m.Events {
		switch e.Kind {
		case fsm.OnCall:
			event = append(event, jen.Case(jen.Lit("call")).Block(
				line("fn, args := function(t.number(%d)), t.slot()", last),
				line("%s.call(fn, args, now)", c)))
		case fsm.OnReturn:
			event = append(event, jen.Case(jen.Lit("return")).Block(line("%s.answer(t.slot(), now)", c)))
		}
	}
	for _, t := range g.m.Timers {
		event = append(event, jen.Case(jen.Lit("timer:"+t.Name)).Block(g.fire(t)))
	}
	event = append(event,
		jen.Case(jen.Lit("restart")).Block(
			jen.If(line("err := %s.start(now); err != nil", c)).Block(line(`t.fail("%%w", err)`))),
		jen.Case(jen.Lit("datagram")).Block(
			jen.If(line("why := %s.receive(t.slot(), now); why != kept", c)).Block(line(`x.add("dropped %%s", why)`))),
		jen.Default().Block(line(`t.fail("%%q is no event", event)`)))
	f.Func().Id("step").Params(jen.Id("t").Op("*").Id("tape")).Params(jen.Index().String(), jen.Index().String()).Block(
		jen.Id("event").Op(",").Id("now").Op(":=").Id("t").Dot("word").Call().Op(",").Uint32().Parens(jen.Id("t").Dot("number").Call(jen.Qual("math", "MaxUint32"))),
		line("x := &port{}"),
		line("%s := readState(t, x, now)", c),
		jen.If(line(`semicolon := t.word(); semicolon != ";"`)).Block(line(`t.fail("%%q is not the end of the state", semicolon)`)),
		jen.If(line("t.err != nil")).Block(jen.Return(line("nil, nil"))),
		jen.Switch(jen.Id("event")).Block(event...),
		jen.If(line("%s.stopped != nil", c)).Block(line(`x.add("halt")`)),
		jen.Return(line("writeState(%s), x.list", c)))
}

// limit is the largest value of a type in a state.
func (g *gen) limit(t fsm.Type) string {
	switch t.Kind {
	case fsm.Range:
		return fmt.Sprint(t.Hi)
	case fsm.EnumKind:
		return fmt.Sprint(len(g.members(t.Name)) - 1)
	}
	if s := g.sys.Sort(t.Name); s != nil {
		return fmt.Sprint(uint64(math.MaxUint64) >> (64 - s.Bits))
	}
	return "0"
}

// take is the expression that reads a scalar, write the one that prints it.
func (g *gen) take(t fsm.Type) string {
	t.Len = 0
	switch t.Kind {
	case fsm.Bool:
		return "t.flag()"
	case fsm.Payload:
		return "t.slot()"
	}
	return fmt.Sprintf("%s(t.number(%s))", g.goType(t), g.limit(t))
}

func (g *gen) text(t fsm.Type, at string) jen.Code {
	switch t.Kind {
	case fsm.Bool:
		return line("flagText(%s)", at)
	case fsm.Payload:
		return line("slotText(%s)", at)
	}
	return jen.Qual("fmt", "Sprint").Call(line("uint64(%s)", at))
}

func (g *gen) replayState(f *jen.File) {
	c := g.recv
	read := []jen.Code{line("%s := &%s{port: x}", c, g.coreType()), g.blank()}
	write := []jen.Code{line("var out []string")}
	show := func(v jen.Code) jen.Code { return jen.Id("out").Op("=").Append(jen.Id("out"), v) }
	for _, v := range g.m.Vars {
		at := g.field(v.Name)
		if v.Type.Len > 0 {
			read = append(read, jen.For(line("i := range %s", at)).Block(line("%s[i] = %s", at, g.take(v.Type))))
			write = append(write, jen.For(line("i := range %s", at)).Block(show(g.text(v.Type, at+"[i]"))))
			continue
		}
		read = append(read, line("%s = %s", at, g.take(v.Type)))
		write = append(write, show(g.text(v.Type, at)))
	}
	for _, r := range g.m.Records {
		l := g.layout(r.Name)
		at := g.field(r.Name)
		put := []jen.Code{line("w := &bitWriter{}")}
		read = append(read, line("%s := t.flag()", codegen.GoLocal(r.Name, "readable")))
		write = append(write, show(line("flagText(%s.readable)", at)))
		for i, x := range r.Fields {
			read = append(read, line("%s = %s", g.field(x.Name), g.take(x.Type)))
			write = append(write, show(g.text(x.Type, g.field(x.Name))))
			switch {
			case x.Type.Kind == fsm.Bool:
				put = append(put, line("w.flag(%s)", g.field(x.Name)))
			case x.Type.Kind == fsm.Payload && l.Fields[i].Max == 0:
			case x.Type.Kind == fsm.Payload:
				put = append(put, line("w.kept(%s, %d)", g.field(x.Name), l.Fields[i].Max))
			default:
				put = append(put, line("w.put(uint64(%s), %d)", g.field(x.Name), l.Fields[i].Bits))
			}
		}
		put = append(put, jen.If(line("err := %s.store(&x.image, w.b); err != nil", at)).Block(line(`t.fail("%%w", err)`)))
		read = append(read, jen.If(line("%s", codegen.GoLocal(r.Name, "readable"))).Block(put...))
	}
	for _, t := range g.m.Timers {
		at := c + "." + timerField(t.Name)
		read = append(read, line("%s = timer{running: t.flag(), step: uint8(t.number(255)), due: now}", at))
		write = append(write, show(line("flagText(%s.running)", at)), show(jen.Qual("fmt", "Sprint").Call(line("%s.step", at))))
	}
	f.Func().Id("readState").Params(jen.Id("t").Op("*").Id("tape"), jen.Id("x").Op("*").Id("port"), jen.Id("now").Uint32()).Op("*").Id(g.coreType()).
		Block(append(read, jen.Return(jen.Id(c)))...)
	f.Func().Id("writeState").Params(jen.Id(c).Op("*").Id(g.coreType())).Index().String().Block(append(write, jen.Return(jen.Id("out")))...)
}
