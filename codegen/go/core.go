package gogen

import (
	"fmt"
	"strings"

	"github.com/dave/jennifer/jen"

	"sprocketc/codegen"
	"sprocketc/fsm"
)

func (g *gen) coreType() string { return codegen.GoLocal(g.in.Peer.Name, "core") }
func (g *gen) portType() string { return codegen.GoLocal(g.in.Peer.Name, "port") }

// method starts a method of the core.
func (g *gen) method(f *jen.File, name string) *jen.Statement {
	return f.Func().Params(jen.Id(g.recv).Op("*").Id(g.coreType())).Id(name)
}

// core prints the machine.
func (g *gen) core(f *jen.File) {
	for _, e := range g.sys.Enums {
		if e.Name != "fn" && !g.shared(e.Name) && machineUses(g.m, e.Name) {
			g.machineEnum(f, e)
		}
	}
	g.port(f)
	g.spans(f)
	g.state(f)
	g.lifecycle(f)
	g.inputs(f)
	for _, e := range g.m.Events {
		g.event(f, e)
	}
	for _, t := range g.m.Tails {
		g.tail(f, t)
	}
	g.timers(f)
	g.records(f)
	if g.m.Journal != nil {
		g.method(f, "note").Params(jen.Id("what").String(), jen.Id("fn").Id("function")).Block(
			line("%s.%s.note(what, fn, %s.now)", g.recv, codegen.GoLocal(g.m.Journal.Name), g.recv),
			line("%s.port.noted(what, fn)", g.recv))
	}
}

// port prints the interface through which the core asks for what it cannot do.
func (g *gen) port(f *jen.File) {
	var methods []jen.Code
	add := func(comment, method string) {
		methods = append(methods, jen.Comment("// "+comment), line("%s", method))
	}
	if len(g.m.Records) > 0 {
		methods = append(methods, jen.Id(pick(g.commits(), "committer", "stable")))
	}
	add("transmit sends a datagram to the peer.", "transmit(datagram []byte)")
	if g.in.Caller() {
		if g.m.Lanes() {
			add("complete ends the outstanding call that was made with these very arguments.", "complete(o outcome, fn function, answer, args []byte)")
		} else {
			add("complete ends the outstanding call.", "complete(o outcome, fn function, answer []byte)")
		}
		if g.reports() {
			add("report tells how a call came out for which nobody waits any more.", "report(o outcome, fn function, answer, args []byte)")
		}
	} else {
		add("invoke starts a handler; its end is the core's answer.", "invoke(fn function, args []byte)")
	}
	if g.usesFresh() {
		add("random gives 64 random bits.", "random() uint64")
	}
	if len(g.m.Timers) > 0 {
		add("started and cancelled tell what the timers do; there is nothing to be done.", "started(timer string, after uint32)")
		methods = append(methods, line("cancelled(timer string)"))
	}
	if g.m.Journal != nil {
		add("noted tells of an entry of the journal.", "noted(what string, fn function)")
	}
	if g.uses(func(s fsm.Stmt) bool { _, ok := s.(*fsm.Breach); return ok }) {
		add("breached tells that an assertion failed.", "breached(assertion string)")
	}
	f.Commentf("%s is what the core of %s asks of the world. It must not call the core back.", g.portType(), g.in.Peer.Name)
	f.Type().Id(g.portType()).Interface(methods...)
}

func (g *gen) spanTable(t *fsm.Timer) string { return codegen.GoLocal(g.in.Peer.Name, t.Name, "after") }

// spans prints the intervals of the timers:
//
//	var gatewayRetryAfter = [...]uint32{fnSample: 400, fnWater: 400}
func (g *gen) spans(f *jen.File) {
	for _, t := range g.m.Timers {
		typ, value := "uint32", func(i fsm.Interval) string { return fmt.Sprint(i.First) }
		if t.Doubles() {
			typ, value = "interval", func(i fsm.Interval) string { return fmt.Sprintf("{%d, %d}", i.First, max(i.First, i.Cap)) }
		}
		f.Commentf("%s: milliseconds until timer %s is due.", g.spanTable(t), t.Name)
		if len(t.Spans) == 1 {
			if t.Doubles() {
				f.Var().Id(g.spanTable(t)).Op("=").Id(typ + value(t.Spans[0]))
			} else {
				f.Const().Id(g.spanTable(t)).Id(typ).Op("=").Id(value(t.Spans[0]))
			}
			continue
		}
		var values []jen.Code
		for i, m := range g.members(t.Per) {
			values = append(values, line("%s: %s", member(t.Per, m), value(t.Spans[i])))
		}
		f.Var().Id(g.spanTable(t)).Op("=").Index(jen.Op("...")).Id(typ).Values(values...)
	}
}

// state prints the struct of the core.
func (g *gen) state(f *jen.File) {
	p, itf := g.in.Peer, g.in.Plan.Interface
	role := "calls " + itf.To.Name
	if !g.in.Caller() {
		role = "is called by " + itf.From.Name
	}
	doc(f, fmt.Sprintf("%s is the machine of %s, which %s: events in, requests to its port out. It has no clock, and one "+
		"goroutine may use it at a time. Times are milliseconds that wrap.", g.coreType(), p.Name, role))
	fields := []jen.Code{
		jen.Id("port").Id(g.portType()),
		jen.Id("now").Uint32().Comment("// of the event at hand"),
		jen.Id("stopped").Error().Comment("// why the machine has halted; nil: it runs"),
	}
	names := map[string]bool{"port": true, "now": true, "stopped": true}
	add := func(name, typ string, docs []string) {
		n := codegen.GoLocal(name)
		if names[n] {
			g.fail("two things of %s are called %s in Go", g.m.Name, n)
		}
		names[n] = true
		fields = append(fields, comments(docs...)...)
		fields = append(fields, jen.Id(n).Id(typ))
	}
	if len(g.m.Vars) > 0 {
		fields = append(fields, jen.Line())
	}
	for _, v := range g.m.Vars {
		add(v.Name, g.goType(v.Type), v.Doc)
	}
	for _, r := range g.m.Records {
		fields = append(fields, jen.Line())
		add(r.Name, "record", append(append([]string(nil), r.Doc...), "Survives a crash, with the fields:"))
		for _, x := range r.Fields {
			add(x.Name, g.goType(x.Type), x.Doc)
		}
	}
	if len(g.m.Timers)+len(g.m.Memos) > 0 || g.m.Journal != nil {
		fields = append(fields, jen.Line())
	}
	for _, t := range g.m.Timers {
		add(t.Name, "timer", t.Doc)
	}
	for _, m := range g.m.Memos {
		add(m.Name, "memo", m.Doc)
	}
	if g.m.Journal != nil {
		add(g.m.Journal.Name, "journal", g.m.Journal.Doc)
	}
	f.Type().Id(g.coreType()).Struct(fields...)
}

// recordLiteral is record{offset: 0, slots: 2, size: 7, seed: 0x1234}.
func (g *gen) recordLiteral(r *fsm.Record) string {
	l := g.layout(r.Name)
	return fmt.Sprintf("record{offset: %d, slots: %d, size: %d, seed: 0x%04x}", l.Offset, l.Slots, l.SlotSize, l.Seed&0xffff)
}

// blank prints the assignment of a core as it is before its restart event:
//
//	*g = gatewayCore{port: g.port, identity: record{…}, answers: memo{…}}
func (g *gen) blank() jen.Code {
	values := []string{fmt.Sprintf("port: %s.port", g.recv), "now: now"}
	for _, v := range g.m.Vars {
		if v.Init == 0 {
			continue
		}
		init := fmt.Sprint(v.Init)
		if v.Type.Kind == fsm.Bool {
			init = "true"
		}
		if n := v.Type.Len; n > 0 {
			init = g.goType(v.Type) + "{" + strings.Repeat(init+", ", n-1) + init + "}"
		}
		values = append(values, codegen.GoLocal(v.Name)+": "+init)
	}
	for _, r := range g.m.Records {
		values = append(values, codegen.GoLocal(r.Name)+": "+g.recordLiteral(r))
	}
	for _, m := range g.m.Memos {
		var limits []string
		for i, e := range m.Entries {
			if e.N > 0 {
				limits = append(limits, fmt.Sprintf("%s: {%d, %d}", member("fn", g.members("fn")[i]), e.N, e.Age))
			}
		}
		last := member("fn", g.members("fn")[len(m.Entries)-1])
		if n := len(m.Entries); m.Entries[n-1].N == 0 {
			limits = append(limits, last+": {}")
		}
		values = append(values, codegen.GoLocal(m.Name)+": memo{limits: []memoLimit{"+strings.Join(limits, ", ")+"}}")
	}
	if j := g.m.Journal; j != nil {
		values = append(values, fmt.Sprintf("%s: journal{limit: %d}", codegen.GoLocal(j.Name), j.N))
	}
	return line("*%s = %s{\n%s,\n}", g.recv, g.coreType(), strings.Join(values, ",\n"))
}

// lifecycle prints start, halted and halt.
func (g *gen) lifecycle(f *jen.File) {
	body := []jen.Code{g.blank()}
	for _, r := range g.m.Records {
		body = append(body, jen.If(line("err := %s.%s(); err != nil", g.recv, codegen.GoLocal("load", r.Name))).Block(jen.Return(line("err"))))
	}
	for _, e := range g.m.Events {
		if e.Kind == fsm.OnRestart {
			body = append(body, line("%s.onRestart()", g.recv))
		}
	}
	f.Comment("start forgets everything but the stable memory, as a crash does. An error says that the memory cannot be read.")
	g.method(f, "start").Params(jen.Id("now").Uint32()).Error().Block(append(body, jen.Return(jen.Nil()))...)
	f.Comment("halted says why the machine has stopped for good; nil: it has not.")
	g.method(f, "halted").Params().Error().Block(jen.Return(line("%s.stopped", g.recv)))
	if g.mayHaltAnywhere() {
		g.method(f, "halt").Params(jen.Id("cause").Error()).Block(
			jen.Id(g.recv).Dot("stopped").Op("=").Qual("fmt", "Errorf").Call(jen.Lit("%w: %w"), jen.Id("ErrHalted"), jen.Id("cause")))
	}
}

func (g *gen) mayHaltAnywhere() bool {
	for _, e := range g.m.Events {
		if g.mayHalt(e.Body, 0) {
			return true
		}
	}
	return false
}

// inputs prints call or answer, receive, poll and next.
func (g *gen) inputs(f *jen.File) {
	for _, e := range g.m.Events {
		switch e.Kind {
		case fsm.OnCall:
			cond := fmt.Sprintf("%s.stopped != nil", g.recv)
			if e.When != nil {
				cond += " || " + g.orOperand(e.When, scope{event: e})
			}
			f.Comment("call makes a call; false: not now, " + pick(g.m.Lanes(), "too many are", "another is") + " outstanding.")
			g.method(f, "call").Params(jen.Id("fn").Id("function"), jen.Id("args").Index().Byte(), jen.Id("now").Uint32()).Bool().Block(
				jen.If(line("%s", cond)).Block(jen.Return(jen.False())),
				line("%s.now = now", g.recv),
				line("%s.onCall(fn, args)", g.recv),
				jen.Return(jen.True()))
		case fsm.OnReturn:
			f.Comment("answer gives the result of the handler that was invoked.")
			g.method(f, "answer").Params(jen.Id("ans").Index().Byte(), jen.Id("now").Uint32()).Block(
				jen.If(line("%s.stopped != nil", g.recv)).Block(jen.Return()),
				line("%s.now = now", g.recv),
				line("%s.onReturn(ans)", g.recv))
		}
	}
	g.receive(f)
	var cases, timers []jen.Code
	for _, t := range g.m.Timers {
		cases = append(cases, jen.Case(line("%s.%s.isDue(now)", g.recv, timerField(t.Name))).Block(g.fire(t)))
		timers = append(timers, line("%s.%s", g.recv, timerField(t.Name)))
	}
	var rest []jen.Code
	for _, m := range g.m.Memos {
		rest = append(rest, line("%s.expire(now)", g.field(m.Name)))
	}
	f.Comment("poll fires the timers that are due, in the order of their declaration.")
	body := []jen.Code{line("%s.now = now", g.recv)}
	if len(cases) > 0 {
		cases = append(cases, jen.Default().Block(append(rest, jen.Return())...))
		body = append(body, jen.For(line("%s.stopped == nil", g.recv)).Block(jen.Switch().Block(cases...)))
	} else {
		body = append(body, rest...)
	}
	g.method(f, "poll").Params(jen.Id("now").Uint32()).Block(body...)
	f.Comment("next gives the time of the next poll, and whether one is needed.")
	result := []jen.Code{jen.Return(line("0, false"))}
	if len(timers) > 0 {
		result = []jen.Code{
			jen.If(line("%s.stopped != nil", g.recv)).Block(jen.Return(line("0, false"))),
			jen.Return(jen.Id("earliest").Call(append([]jen.Code{line("%s.now", g.recv)}, timers...)...)),
		}
	}
	g.method(f, "next").Params().Params(jen.Id("due").Uint32(), jen.Id("any").Bool()).Block(result...)
}

// fire prints what happens when a timer is due: its event, or, where stages only ask whether it runs, its end.
func (g *gen) fire(t *fsm.Timer) jen.Code {
	if g.m.Event(fsm.OnTimer, t.Name) == nil {
		return line("%s.%s.running = false", g.recv, timerField(t.Name))
	}
	return line("%s.%s()", g.recv, codegen.GoLocal("on", t.Name))
}

// orOperand is the negation of a condition as an operand of ||.
func (g *gen) orOperand(e fsm.Expr, sc scope) string {
	var s string
	if n, ok := e.(*fsm.Not); ok {
		s, _ = g.print(n.X, fsm.Type{}, sc)
	} else {
		s, _ = g.print(&fsm.Not{X: e}, fsm.Type{}, sc)
	}
	return s
}

func (g *gen) receive(f *jen.File) {
	var cases []jen.Code
	for _, e := range g.m.Events {
		if e.Kind == fsm.OnMessage {
			cases = append(cases, jen.Case(jen.Id(messageType(e.Name))).Block(line("%s.%s(m)", g.recv, codegen.GoLocal("on", e.Name))))
		}
	}
	f.Comment("receive takes a datagram, or says why it is dropped.")
	body := []jen.Code{
		line("decoded, why := %s(datagram)", g.decoder()),
		jen.If(line("why != kept || %s.stopped != nil", g.recv)).Block(jen.Return(jen.Id("why"))),
		line("%s.now = now", g.recv),
	}
	if len(cases) > 0 {
		body = append(body, jen.Switch(line("m := decoded.(type)")).Block(cases...))
	}
	g.method(f, "receive").Params(jen.Id("datagram").Index().Byte(), jen.Id("now").Uint32()).Id("drop").Block(append(body, jen.Return(jen.Id("kept")))...)
}

// event prints the handler of an event: its stages in their order.
func (g *gen) event(f *jen.File, e *fsm.Event) {
	sc := scope{event: e}
	doc(f, strings.Join(e.Doc, "\n"))
	var name string
	var in, first []jen.Code
	switch e.Kind {
	case fsm.OnCall:
		name, in = "onCall", []jen.Code{jen.Id("fn").Id("function"), jen.Id("args").Index().Byte()}
	case fsm.OnReturn:
		name, in = "onReturn", []jen.Code{jen.Id("ans").Index().Byte()}
	case fsm.OnMessage:
		name, in = codegen.GoLocal("on", e.Name), []jen.Code{jen.Id(codegen.GoLocal(orDefault(e.Param, "_"))).Id(messageType(e.Name))}
	case fsm.OnTimer:
		name, first = codegen.GoLocal("on", e.Name), []jen.Code{line("%s.%s.running = false", g.recv, timerField(e.Name))}
	case fsm.OnRestart:
		name = "onRestart"
	}
	g.method(f, name).Params(in...).Block(append(first, g.stages(e.Body, sc, true)...)...)
}

func (g *gen) tail(f *jen.File, t *fsm.Tail) {
	doc(f, strings.Join(t.Doc, "\n"))
	var in []jen.Code
	for _, p := range t.Params {
		in = append(in, jen.Id(codegen.GoLocal(p.Name)).Id(g.goType(p.Type)))
	}
	g.method(f, codegen.GoLocal(t.Name)).Params(in...).Block(g.stages(t.Body, scope{tail: t}, true)...)
}

// timers prints start, again and cancel of each timer, where stages use them.
func (g *gen) timers(f *jen.File) {
	for _, t := range g.m.Timers {
		var starts, repeats, cancels bool
		g.all(func(s fsm.Stmt) {
			switch x := s.(type) {
			case *fsm.Start:
				starts = starts || x.Timer == t.Name && !(x.Again && t.Doubles())
				repeats = repeats || x.Timer == t.Name && x.Again && t.Doubles()
			case *fsm.Cancel:
				cancels = cancels || x.Timer == t.Name
			}
		})
		at := g.recv + "." + timerField(t.Name)
		span, in := g.spanTable(t), []jen.Code{}
		if len(t.Spans) > 1 {
			span, in = span+"[x]", []jen.Code{jen.Id("x").Id(ident(t.Per))}
		}
		arm := func(after string) []jen.Code {
			return []jen.Code{
				line("after := %s", after),
				line("%s.arm(%s.now, after)", at, g.recv),
				line("%s.port.started(%q, after)", g.recv, t.Name),
			}
		}
		if starts {
			body := arm(span)
			if t.Doubles() {
				body = append([]jen.Code{line("%s.step = 0", at)}, arm(span+".after(0)")...)
			}
			g.method(f, codegen.GoLocal("start", t.Name)).Params(in...).Block(body...)
		}
		if repeats {
			body := append([]jen.Code{line("%s.step = %s.next(%s.step)", at, span, at)}, arm(fmt.Sprintf("%s.after(%s.step)", span, at))...)
			g.method(f, codegen.GoLocal("again", t.Name)).Params(in...).Block(body...)
		}
		if cancels {
			g.method(f, codegen.GoLocal("cancel", t.Name)).Params().Block(
				line("%s.running = false", at),
				line("%s.port.cancelled(%q)", g.recv, t.Name))
		}
	}
}

// records prints load and persist of each record, and how its fields are packed.
func (g *gen) records(f *jen.File) {
	for _, r := range g.m.Records {
		l := g.layout(r.Name)
		at := g.recv + "." + codegen.GoLocal(r.Name)
		var in, put, set []jen.Code
		for i, x := range r.Fields {
			local := codegen.GoLocal(x.Name)
			in = append(in, jen.Id(local).Id(g.goType(x.Type)))
			switch {
			case x.Type.Kind == fsm.Bool:
				put = append(put, line("w.flag(%s)", local))
				set = append(set, line("%s = r.flag()", g.field(x.Name)))
			case x.Type.Kind == fsm.Payload && l.Fields[i].Max == 0: // always none
			case x.Type.Kind == fsm.Payload:
				put = append(put, line("w.kept(%s, %d)", local, l.Fields[i].Max))
				set = append(set, line("%s = r.kept(%d)", g.field(x.Name), l.Fields[i].Max))
			default:
				put = append(put, line("w.put(uint64(%s), %d)", local, l.Fields[i].Bits))
				set = append(set, line("%s = %s(r.take(%d))", g.field(x.Name), g.goType(x.Type), l.Fields[i].Bits))
			}
		}
		load := []jen.Code{
			line("b, err := %s.load(%s.port)", at, g.recv),
			jen.If(line("err != nil || !%s.readable", at)).Block(jen.Return(jen.Id("err"))),
			line("r := &bitReader{b: b}"),
		}
		g.method(f, codegen.GoLocal("load", r.Name)).Params().Error().Block(append(append(load, set...), jen.Return(jen.Nil()))...)
		for _, verb := range g.verbs(r) {
			what, port := "writes the record whole", g.recv+".port"
			if verb == "commit" {
				what, port = "writes the record whole, together with what the handler did", "together{"+port+"}"
			}
			f.Commentf("%s %s; false: it could not, and the machine has halted.", codegen.GoLocal(verb, r.Name), what)
			body := append([]jen.Code{line("w := &bitWriter{}")}, put...)
			body = append(body, jen.If(line("err := %s.store(%s, w.b); err != nil", at, port)).Block(
				line("%s.halt(err)", g.recv), jen.Return(jen.False())))
			for _, x := range r.Fields {
				body = append(body, line("%s = %s", g.field(x.Name), codegen.GoLocal(x.Name)))
			}
			g.method(f, codegen.GoLocal(verb, r.Name)).Params(in...).Bool().Block(append(body, jen.Return(jen.True()))...)
		}
	}
}

// verbs are the ways in which a record is written: persist, commit or both.
func (g *gen) verbs(r *fsm.Record) (out []string) {
	for _, verb := range []string{"persist", "commit"} {
		if g.uses(func(s fsm.Stmt) bool { p, ok := s.(*fsm.Persist); return ok && p.Record == r.Name && p.Verb() == verb }) {
			out = append(out, verb)
		}
	}
	return
}

// commits reports whether the machine writes a record together with what a handler did.
func (g *gen) commits() bool { return g.m.Commits() }

// reports reports whether the machine tells of calls for which nobody waits any more.
func (g *gen) reports() bool { return g.m.Reports() }

func pick(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}
