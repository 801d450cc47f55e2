package cgen

import (
	"strings"

	"sprocketc/codegen"
	"sprocketc/fsm"
	"sprocketc/ir"
)

// reports reports whether the machine tells of calls for which nobody waits any more.
func (g *gen) reports() bool { return g.m.Reports() }

// commits reports whether the machine writes a record together with what a handler did.
func (g *gen) commits() bool { return g.m.Commits() }

// lateSignature is the hook that tells how a call came out for which the program does not wait any more.
func (g *gen) lateSignature(c *ir.Call) string {
	return g.endSignature(c, "late", true)
}

// endSignature is a hook that tells how a call ended, and with which arguments it was made.
func (g *gen) endSignature(c *ir.Call, hook string, args bool) string {
	params := []string{g.ctxParam(), g.name + "_outcome outcome"}
	if args {
		for _, p := range c.Params {
			params = append(params, g.param(c, p))
		}
	}
	if c.Result != nil {
		ctype, _ := g.passed(c, c.Result, "result")
		params = append(params, "const "+ctype+" *result")
	}
	return "void " + codegen.CName(g.name, hook, c.Name) + "(" + strings.Join(params, ", ") + ")"
}

// invokesAgain reports whether the end of a handler may start another.
func (g *gen) invokesAgain() bool {
	again := false
	if e := g.event(fsm.OnReturn); e != nil {
		fsm.WalkStages(e.Body, func(s *fsm.Stage) {
			if _, is := s.Stmt.(*fsm.Invoke); is {
				again = true
			}
		})
	}
	return again
}

// decoded are the parameters of a call as a hook takes them, from a struct a of its arguments.
func (g *gen) decoded(c *ir.Call) (out []string) {
	for _, p := range c.Params {
		_, pointer := g.passed(c, p.Type, p.Name)
		out = append(out, pick(pointer, "&a.", "a.")+local(p.Name))
	}
	return out
}

// told prints the case of a call whose hook is told its arguments, which stand in a view args, and its result.
func (g *gen) told(b *text, i int, c *ir.Call, hook string) {
	b.p("case %s: {", g.fnConst(i))
	pass := []string{"c", "outcome"}
	if len(c.Params) > 0 {
		b.p("struct %s a%s;", paramStruct(c), cleared(c.Params))
		b.p("bool known = %s(args, &a) == FAULT_NONE;", codegen.CName("decode", c.Name, "args"))
	} else {
		b.p("bool known = args.size == 0u;")
	}
	pass = append(pass, g.decoded(c)...)
	if c.Result != nil {
		ctype, _ := g.passed(c, c.Result, "result")
		b.p("%s result%s;", ctype, cleared(resultFields(c)))
		b.p("bool answered = outcome == %s && %s(answer, &result) == FAULT_NONE;", g.macro("answered"), codegen.CName("decode", c.Name, "result"))
		pass = append(pass, "answered ? &result : NULL")
	}
	b.p("if (known) {")
	b.p("%s(%s);", hook, strings.Join(pass, ", "))
	b.p("}")
	b.p("break;")
	b.p("}")
}

func (g *gen) report(t *text) {
	var b text
	if g.trace {
		b.p(`replay_action("report %%u %%u ", (unsigned)outcome, (unsigned)fn);`)
		b.p("replay_hex(answer.bytes, answer.size);")
		b.p(`replay_more(" ");`)
		b.p("replay_hex(args.bytes, args.size);")
	}
	b.p("switch (fn) {")
	for i, c := range g.calls {
		if c.Kind == ir.ExactlyOnce {
			g.told(&b, i, c, codegen.CName(g.name, "late", c.Name))
		}
	}
	b.p("default:")
	b.p("break;")
	b.p("}")
	t.doc("Tells the program how a call came out for which it does not wait any more.")
	g.function(t, "static void", "report", &b, g.ctxParam(), "uint8_t outcome", "uint8_t fn", "struct view answer", "struct view args")
}
