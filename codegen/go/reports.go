package gogen

import (
	"fmt"
	"strings"

	"github.com/dave/jennifer/jen"

	"sprocketc/codegen"
	"sprocketc/ir"
)

// reporter is the name of the interface by which the program hears of calls for which nobody waits any more.
func (g *gen) reporter() string { return g.peer + "Reports" }

// reporting prints that interface, and the driver's method that calls it:
//
//	type DeskReports interface {
//		StrikeAnswered(serial uint32, answer uint16)
//	}
func (g *gen) reporting(f *jen.File) {
	var methods, cases []jen.Code
	for _, c := range g.calls {
		if c.Kind != ir.ExactlyOnce {
			continue
		}
		name := codegen.GoName(c.Name, "answered")
		in, args := params(c), []string{}
		var body []jen.Code
		for _, p := range c.Params {
			args = append(args, param(p))
		}
		if len(args) > 0 {
			body = append(body, line("%s, bad := %s(args)", strings.Join(args, ", "), argsDecoder(c)),
				jen.If(line("bad != kept")).Block(jen.Return()))
		}
		if c.Result != nil {
			in = append(in, jen.Id("answer").Id(resultType(c)))
			args = append(args, "v")
			body = append(body, line("v, why := %s(answer)", answerDecoder(c)), jen.If(line("why != kept")).Block(jen.Return()))
		}
		body = append(body, jen.Id("d").Dot("late").Dot("tell").Call(jen.Func().Params().Block(line("d.program.%s(%s)", name, strings.Join(args, ", ")))))
		methods = append(methods, jen.Id(name).Params(in...))
		cases = append(cases, jen.Case(jen.Id(member("fn", c.Name))).Block(body...))
	}
	doc(f, fmt.Sprintf("%s is how the program hears of calls that run exactly once and for which nobody waits any more: their time was over, or "+
		"%s has restarted. A call is reported once or, where %s crashes meanwhile, again. One method runs at a time, in a goroutine of "+
		"its own; Close waits for it.", g.reporter(), g.in.Peer.Name, g.in.Peer.Name))
	f.Type().Id(g.reporter()).Interface(methods...)
	f.Comment("report is told by the machine that such a call was answered.")
	f.Func().Params(jen.Id("d").Op("*").Id(g.driverType())).Id("report").Params(jen.Id("_").Id("outcome"), jen.Id("f").Id("function"), jen.Id("answer"), jen.Id("args").Index().Byte()).Block(
		jen.Switch(jen.Id("f")).Block(cases...))
}

// closing is the body of a caller's Close.
func (g *gen) closing() []jen.Code {
	out := []jen.Code{line("%s.driver.shut()", g.api)}
	if g.reports() {
		out = append(out, line("%s.driver.late.running.Wait()", g.api))
	}
	return append(out, jen.Return(jen.Nil()))
}
