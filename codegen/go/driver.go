package gogen

import (
	"fmt"
	"strings"

	"github.com/dave/jennifer/jen"

	"sprocketc/codegen"
	"sprocketc/ir"
)

// driver prints the peer as the program uses it.
func (g *gen) driver(f *jen.File) {
	if g.in.Caller() {
		g.callerDriver(f)
	} else {
		g.calleeDriver(f)
	}
}

func (g *gen) driverType() string { return codegen.GoLocal(g.in.Peer.Name, "driver") }

// self is the receiver of the peer's methods.
func (g *gen) self() *jen.Statement { return jen.Id(g.api) }

// embeds lists what the driver is made of: it is the core's port.
func (g *gen) embeds(role string) []jen.Code {
	out := []jen.Code{jen.Id(role)}
	switch {
	case g.commits():
		out = append(out, jen.Id("committing"))
	case len(g.m.Records) > 0:
		out = append(out, jen.Id("stored"))
	}
	if g.reports() {
		out = append(out, jen.Id("late").Id("reports"), jen.Id("program").Id(g.reporter()))
	}
	if g.usesFresh() {
		out = append(out, jen.Id("entropy"))
	}
	if g.serial() {
		out = append(out, jen.Id("line").Op("*").Id("serialLine"))
	}
	return append(out, jen.Id("core").Id(g.coreType()))
}

// setup are the statements at the head of a constructor.
func (g *gen) setup() []jen.Code {
	out := []jen.Code{
		line("o, err := settings(opts)"),
		jen.If(line("err != nil")).Block(jen.Return(line("nil, err"))),
	}
	if len(g.m.Records) > 0 {
		out = append(out, jen.If(line("store == nil")).Block(jen.Return(jen.Nil(), jen.Qual("errors", "New").Call(jen.Lit("no store")))))
	}
	out = append(out, line("d := &%s{}", g.driverType()), line("d.core.port = d"))
	if len(g.m.Records) > 0 {
		out = append(out, line("d.store = store"))
	}
	if g.commits() {
		out = append(out, line("d.drop = d.committing.undo"))
	}
	if g.reports() {
		out = append(out,
			jen.If(line("reports == nil")).Block(jen.Return(jen.Nil(), jen.Qual("errors", "New").Call(jen.Lit("nobody takes reports")))),
			line("d.program = reports"))
	}
	if g.serial() {
		out = append(out,
			jen.If(line("port == nil")).Block(jen.Return(jen.Nil(), jen.Qual("errors", "New").Call(jen.Lit("no port")))),
			line("d.line = newSerialLine(port, %s)", g.longest()), line("d.close = d.line.close"))
		if !g.in.Caller() {
			out = append(out, line("d.peer = serialEnd{}"))
		}
	}
	return out
}

// serial reports whether the datagrams go over a serial line, and not in packets.
func (g *gen) serial() bool { return g.in.Plan.Interface.Channel.Over == "serial" }

// carrier are the parameters of a constructor that say what carries the datagrams.
func (g *gen) carrier() []jen.Code {
	switch {
	case g.serial():
		return []jen.Code{jen.Id("port").Qual("io", "ReadWriteCloser")}
	case g.in.Caller():
		return []jen.Code{jen.Id("conn").Qual("net", "PacketConn"), jen.Id("peer").Qual("net", "Addr")}
	}
	return []jen.Code{jen.Id("conn").Qual("net", "PacketConn")}
}

// begun is how the driver takes what carries the datagrams.
func (g *gen) begun() string {
	switch {
	case g.serial() && g.in.Caller():
		return "d.line, serialEnd{}"
	case g.serial():
		return "d.line"
	case g.in.Caller():
		return "conn, peer"
	}
	return "conn"
}

func (g *gen) storeParam() []jen.Code {
	var out []jen.Code
	if len(g.m.Records) > 0 {
		out = append(out, jen.Id("store").Id(pick(g.commits(), "TxStore", "Store")))
	}
	if g.reports() {
		out = append(out, jen.Id("reports").Id(g.reporter()))
	}
	return out
}

func opts() jen.Code { return jen.Id("opts").Op("...").Id("Option") }

func (g *gen) common(f *jen.File) {
	recv := func() *jen.Statement { return f.Func().Params(g.self().Op("*").Id(g.peer)) }
	f.Comment("Stats counts datagrams since the start.")
	stats := line("%s.driver.readStats()", g.api)
	if g.serial() {
		stats = line("%s.driver.line.count(%[1]s.driver.readStats())", g.api)
	}
	recv().Id("Stats").Params().Id("Stats").Block(jen.Return(stats))
	if g.m.Journal != nil {
		f.Commentf("Journal gives the last %d protocol events, the oldest first.", g.m.Journal.N)
		recv().Id("Journal").Params().Index().Id("Note").Block(
			line("d := %s.driver", g.api), line("d.mu.Lock()"), line("defer d.mu.Unlock()"),
			jen.Return(line("d.core.%s.read(d.clock.now())", codegen.GoLocal(g.m.Journal.Name))))
	}
}

// callerDriver prints Gateway, NewGateway, its calls, Stats and Close.
func (g *gen) callerDriver(f *jen.File) {
	itf := g.in.Plan.Interface
	if g.reports() {
		g.reporting(f)
	}
	f.Type().Id(g.driverType()).Struct(g.embeds("caller")...)
	at := "one at a time"
	if g.m.Lanes() {
		at = fmt.Sprintf("up to %d at a time", itf.Lanes())
		f.Comment("complete is told by the machine that a call has ended.")
		f.Func().Params(jen.Id("d").Op("*").Id(g.driverType())).Id("complete").Params(jen.Id("o").Id("outcome"), jen.Id("f").Id("function"), jen.Id("answer"), jen.Id("args").Index().Byte()).Block(
			line("d.end(d.made(args), o, f, answer)"))
	}
	doc(f, fmt.Sprintf("%s makes calls to %s, %s and in their order. Its methods may be used by several goroutines.", g.peer, itf.To.Name, at))
	doc(f, g.in.Peer.Doc)
	f.Type().Id(g.peer).Struct(jen.Id("driver").Op("*").Id(g.driverType()))
	about := fmt.Sprintf("New%s starts the peer %s on a connection to %s. It reads the connection until Close, and leaves it open.",
		g.peer, g.in.Peer.Name, itf.To.Name)
	if g.serial() {
		about = fmt.Sprintf("New%s starts the peer %s on the port of a serial line to %s: a tty, a pipe. Nothing else may use the port. The peer closes it "+
			"when it stops, by which a Read or a Write of the port that waits must return.", g.peer, g.in.Peer.Name, itf.To.Name)
	}
	doc(f, about)
	if len(g.m.Records) > 0 {
		doc(f, "The store is what the peer remembers across a crash; it is the peer's own.")
	}
	in := append(g.carrier(), append(g.storeParam(), opts())...)
	f.Func().Id("New"+g.peer).Params(in...).Params(jen.Op("*").Id(g.peer), jen.Error()).Block(append(g.setup(),
		jen.If(line("err := d.begin(%s, &d.core, %s, o); err != nil", g.begun(), g.longest())).Block(jen.Return(line("nil, err"))),
		jen.Return(line("&%s{d}, nil", g.peer)))...)
	for _, c := range g.calls {
		g.callMethods(f, c)
	}
	g.common(f)
	f.Comment("Close ends every call that is outstanding and waits for the reading goroutine.")
	f.Func().Params(g.self().Op("*").Id(g.peer)).Id("Close").Params().Error().Block(g.closing()...)
}

// callMethods prints
//
//	func (g *Gateway) Sample(ctx context.Context, plot uint8) (Reading, error)
//	func (g *Gateway) SampleAsync(plot uint8) *Pending[Reading]
func (g *gen) callMethods(f *jen.File, c *ir.Call) {
	name, async := codegen.GoName(c.Name), codegen.GoName(c.Name, "async")
	var args []string
	for _, p := range c.Params {
		args = append(args, param(p))
	}
	kind := map[ir.Kind]string{
		ir.Effect: "It runs at most once.",
		ir.ExactlyOnce: "Its effect is committed, and once only, whoever crashes. When its time is over, or the wait for it, the outcome is unknown; " +
			"it goes on all the same, and later calls wait until it is answered.",
		ir.Idempotent: "It may run again, but not after a later call has started.",
		ir.Pure:       "It may run any number of times.",
	}[c.Kind]
	results := jen.Params(jen.Id(resultType(c)), jen.Error())
	body := jen.Return(jen.Id("await").Call(jen.Id("ctx"), jen.Id(member("fn", c.Name)),
		jen.Func().Params().Op("*").Id("Pending").Index(jen.Id(resultType(c))).Block(
			jen.Return(line("%s.%s(%s)", g.api, async, strings.Join(args, ", "))))))
	if c.Result == nil {
		results = jen.Error()
		body = jen.Block(
			jen.Id("_, err := await").Call(jen.Id("ctx"), jen.Id(member("fn", c.Name)),
				jen.Func().Params().Op("*").Id("Pending").Index(jen.Id(resultType(c))).Block(
					jen.Return(line("%s.%s(%s)", g.api, async, strings.Join(args, ", "))))),
			jen.Return(jen.Id("err")))
	}
	doc(f, orDefault(codegen.Sentence(c.Doc), name+" calls "+c.Name+"."))
	doc(f, kind)
	doc(f, paramBounds(c)...)
	head := f.Func().Params(g.self().Op("*").Id(g.peer)).Id(name).
		Params(append([]jen.Code{jen.Id("ctx").Qual("context", "Context")}, params(c)...)...).Add(results)
	if c.Result == nil {
		head.Add(body)
	} else {
		head.Block(body)
	}
	f.Commentf("%s makes the same call and does not wait.", async)
	f.Func().Params(g.self().Op("*").Id(g.peer)).Id(async).Params(params(c)...).Op("*").Id("Pending").Index(jen.Id(resultType(c))).Block(
		line("args, err := %s(%s)", argsEncoder(c), strings.Join(args, ", ")),
		line("d := &%s.driver.caller", g.api),
		jen.Return(line("&Pending[%s]{d, d.enqueue(%s, args, err), %s}", resultType(c), member("fn", c.Name), answerDecoder(c))))
}

// calleeDriver prints ProbeHandler, Probe, NewProbe, Serve, ServeProbe and Stats.
func (g *gen) calleeDriver(f *jen.File) {
	itf := g.in.Plan.Interface
	handler := g.peer + "Handler"
	var methods []jen.Code
	for _, c := range g.calls {
		methods = append(methods, comments(c.Doc)...)
		m := jen.Id(codegen.GoName(c.Name)).Params(append([]jen.Code{jen.Id("ctx").Qual("context", "Context")}, params(c)...)...)
		switch {
		case c.Kind == ir.ExactlyOnce && g.commits():
			m = jen.Id(codegen.GoName(c.Name)).Params(append([]jen.Code{jen.Id("ctx").Qual("context", "Context"), jen.Id("tx").Id("Tx")}, params(c)...)...)
			if c.Result == nil {
				m.Error()
			} else {
				m.Params(jen.Id(resultType(c)), jen.Error())
			}
		case c.Result != nil:
			m.Id(resultType(c))
		}
		methods = append(methods, m)
	}
	doc(f, fmt.Sprintf("%s is what the program does when %s calls. One method runs at a time, in a goroutine of its own; ctx is over "+
		"when the peer stops. An answer that is out of its range is logged, counted and not sent: the call ends when its "+
		"caller's time is over.", handler, itf.From.Name))
	if g.commits() {
		doc(f, "What runs exactly once adds its effect to the transaction, which is committed with the record of the call when the method "+
			"has returned: both are there then, or neither. It does nothing else that lasts, since it runs again where a crash cuts it. An "+
			"error drops the transaction and stops the peer; when it is started again, the call runs again.")
	}
	f.Type().Id(handler).Interface(methods...)
	f.Type().Id(g.driverType()).Struct(g.embeds("callee")...)
	doc(f, fmt.Sprintf("%s answers the calls of %s.", g.peer, itf.From.Name))
	doc(f, g.in.Peer.Doc)
	f.Type().Id(g.peer).Struct(jen.Id("driver").Op("*").Id(g.driverType()))
	in := append(g.carrier(), append(g.storeParam(), jen.Id("handler").Id(handler), opts())...)
	about := fmt.Sprintf("New%s starts the peer %s on a connection, which Serve reads and leaves open.", g.peer, g.in.Peer.Name)
	if g.serial() {
		about = fmt.Sprintf("New%s starts the peer %s on the port of a serial line: a tty, a pipe. Nothing else may use the port. Serve reads it and "+
			"closes it at its end, by which a Read or a Write of the port that waits must return.", g.peer, g.in.Peer.Name)
	}
	doc(f, about)
	if len(g.m.Records) > 0 {
		doc(f, "The store is what the peer remembers across a crash; it is the peer's own.")
	}
	f.Func().Id("New"+g.peer).Params(in...).Params(jen.Op("*").Id(g.peer), jen.Error()).Block(append(g.setup(),
		jen.If(line("handler == nil")).Block(jen.Return(jen.Nil(), jen.Qual("errors", "New").Call(jen.Lit("no handler")))),
		jen.Id("d").Dot("handle").Op("=").Add(g.dispatch()),
		jen.If(line("err := d.begin(%s, &d.core, %s, o); err != nil", g.begun(), g.longest())).Block(jen.Return(line("nil, err"))),
		jen.Return(line("&%s{d}, nil", g.peer)))...)
	f.Comment("Serve answers calls until ctx is over, which is its error, or the peer halts. It waits for the handler, and can be")
	f.Comment("used once.")
	f.Func().Params(g.self().Op("*").Id(g.peer)).Id("Serve").Params(jen.Id("ctx").Qual("context", "Context")).Error().Block(
		jen.Return(line("%s.driver.serve(ctx)", g.api)))
	g.common(f)
	f.Commentf("Serve%s starts the peer %s and serves until ctx is over, which is its error.", g.peer, g.in.Peer.Name)
	names := "conn, "
	if g.serial() {
		names = "port, "
	}
	if len(g.m.Records) > 0 {
		names += "store, "
	}
	if g.reports() {
		names += "reports, "
	}
	f.Func().Id("Serve"+g.peer).Params(append([]jen.Code{jen.Id("ctx").Qual("context", "Context")}, in...)...).Error().Block(
		line("%s, err := New%s(%shandler, opts...)", g.api, g.peer, names),
		jen.If(line("err != nil")).Block(jen.Return(line("err"))),
		jen.Return(line("%s.Serve(ctx)", g.api)))
}

// dispatch prints the function that runs the handler of a call:
//
//	func(ctx context.Context, f function, args []byte) ([]byte, error) {
//		switch f {
//		case fnSample:
//			plot, _ := decodeSampleArgs(args)
//			return encodeSampleAnswer(handler.Sample(ctx, plot))
//		…
func (g *gen) dispatch() jen.Code {
	var cases []jen.Code
	for _, c := range g.calls {
		args := []string{"ctx"}
		var names []string
		for _, p := range c.Params {
			names = append(names, param(p))
			args = append(args, param(p))
		}
		var body []jen.Code
		if len(names) > 0 {
			body = append(body, line("%s, _ := %s(args)", strings.Join(names, ", "), argsDecoder(c)))
		}
		call := fmt.Sprintf("handler.%s(%s)", codegen.GoName(c.Name), strings.Join(args, ", "))
		if c.Kind == ir.ExactlyOnce && g.commits() {
			call = fmt.Sprintf("handler.%s(%s)", codegen.GoName(c.Name), strings.Join(append([]string{"ctx", "tx"}, args[1:]...), ", "))
			inner := []jen.Code{jen.Return(line("nil, %s", call))}
			if c.Result != nil {
				inner = []jen.Code{line("v, err := %s", call), jen.If(line("err != nil")).Block(jen.Return(line("nil, err"))), jen.Return(line("%s(v)", answerEncoder(c)))}
			}
			body = append(body, jen.Return(jen.Id("d").Dot("within").Call(jen.Func().Params(jen.Id("tx").Id("Tx")).Params(jen.Index().Byte(), jen.Error()).Block(inner...))))
		} else if c.Result == nil {
			body = append(body, line("%s", call), jen.Return(line("nil, nil")))
		} else {
			body = append(body, jen.Return(line("%s(%s)", answerEncoder(c), call)))
		}
		cases = append(cases, jen.Case(jen.Id(member("fn", c.Name))).Block(body...))
	}
	return jen.Func().Params(jen.Id("ctx").Qual("context", "Context"), jen.Id("f").Id("function"), jen.Id("args").Index().Byte()).
		Params(jen.Index().Byte(), jen.Error()).Block(
		jen.Switch(jen.Id("f")).Block(cases...),
		jen.Return(jen.Nil(), jen.Qual("errors", "New").Call(jen.Lit("no such call"))))
}
