package export

import (
	"fmt"
	"strings"

	"sprocketc/fsm"
)

// tlaExpr prints expressions over one world.
type tlaExpr struct {
	nameScope
	g     *tla
	w     string // the world
	q     string // the answers to its questions
	asks  int
	draws int // tokens

	starts string // the function of the handler that starts, where an assertion speaks of that moment
}

// drawing counts the tokens that an expression has drawn.
func (c *tlaExpr) drawing() []string {
	if c.draws == 0 {
		return nil
	}
	return []string{fmt.Sprintf("!.drawn = @ + %d", c.draws)}
}

// either is the answer to a question that may be answered either way.
func (c *tlaExpr) either() string {
	c.asks++
	return fmt.Sprintf("%s[%d]", c.q, c.asks)
}

func (c *tlaExpr) typed(e fsm.Expr, want fsm.Type) expression {
	if n, ok := e.(*fsm.Name); ok && want.Kind == fsm.EnumKind {
		if _, known := c.typeOf(n); !known {
			return plain("%s", quote(n.Name))
		}
	}
	if l, ok := e.(*fsm.Literal); ok && want.Kind == fsm.Bool && !l.IsBool {
		return plain("%d", l.Value)
	}
	return c.expr(e)
}

func (c *tlaExpr) expr(e fsm.Expr) expression {
	switch x := e.(type) {
	case *fsm.Literal:
		if x.IsBool {
			return plain("%s", strings.ToUpper(fmt.Sprint(x.Value != 0)))
		}
		return plain("%d", x.Value)
	case *fsm.Name:
		return c.name(x)
	case *fsm.Select:
		if c.x != nil {
			return plain("f.%s", x.Field)
		}
		for _, k := range c.m.machines {
			if at := k.code.Slot(x.Field); k.Name == x.Base && at >= 0 {
				return plain("%s.%s", c.w, c.g.path(k, at))
			}
		}
		return c.fact(x)
	case *fsm.Index:
		at := c.expr(x.At)
		l := c.x.code.Layout[c.x.code.Slot(x.Name)]
		n := l.Type.Len
		l.Type.Len = 0
		name := c.w + "." + c.g.mnames[c.x.index] + "." + c.g.fields[c.x.index][c.x.code.Slot(x.Name)]
		if k, ok := x.At.(*fsm.Literal); ok && int(k.Value) < n {
			return plain("%s[%d]", name, k.Value)
		}
		i := c.index(x.At, at.v)
		return expression{v: fmt.Sprintf("(IF %s < %d THEN %s[%s] ELSE %s)", i, n, name, i, c.g.zero(l.Type)), fault: anyTLA(at.fault, fmt.Sprintf("%s >= %d", i, n))}
	case *fsm.Not:
		y := c.expr(x.X)
		return expression{v: "~(" + y.v + ")", fault: y.fault}
	case *fsm.In:
		y := c.typed(x.X, fsm.Type{Kind: fsm.EnumKind, Name: c.m.sys.Set(x.Set).Enum})
		return expression{v: fmt.Sprintf("(%s \\in Set_%s)", y.v, x.Set), fault: y.fault}
	case *fsm.Call:
		return c.builtin(x)
	case *fsm.Binary:
		return c.binary(x)
	}
	return plain("0")
}

// index is the number of an index, which may be a member of an enumeration.
func (c *tlaExpr) index(e fsm.Expr, v string) string {
	if t, ok := c.typeOf(e); ok && t.Kind == fsm.EnumKind {
		var of []string
		for i, m := range c.m.sys.Enum(t.Name).Members {
			of = append(of, fmt.Sprintf("%s = %s -> %d", v, quote(m), i))
		}
		return "(CASE " + strings.Join(of, " [] ") + ")"
	}
	return v
}

func anyTLA(faults ...string) string {
	var out []string
	for _, f := range faults {
		if f != "" {
			out = append(out, f)
		}
	}
	if len(out) > 1 {
		return "((" + strings.Join(out, ") \\/ (") + "))"
	}
	return strings.Join(out, "")
}

func (c *tlaExpr) name(x *fsm.Name) expression {
	if c.tail != nil {
		for _, p := range c.tail.Params {
			if p.Name == x.Name {
				return plain("p_%s", p.Name)
			}
		}
	}
	if c.event != nil {
		for _, p := range c.event.Params {
			if p.Name == x.Name {
				return plain("f.%s", p.Name)
			}
		}
	}
	if c.x != nil {
		if at := c.x.code.Slot(x.Name); at >= 0 {
			if c.x.code.Layout[at].Layer {
				return plain("%s", c.either())
			}
			return plain("%s.%s", c.w, c.g.path(c.x, at))
		}
	}
	return plain("%s", quote(x.Name))
}

func (c *tlaExpr) operand(e, other fsm.Expr) expression {
	t, _ := c.typeOf(other)
	return c.typed(e, t)
}

var tlaOps = map[string]string{"&&": "/\\", "||": "\\/", "==": "=", "!=": "#", "<=": "<=", ">=": ">=", "<": "<", ">": ">", "+": "+", "-": "-", "*": "*", "%": "%"}

func (c *tlaExpr) binary(x *fsm.Binary) expression {
	a, b := c.operand(x.X, x.Y), c.operand(x.Y, x.X)
	out := plain("(%s %s %s)", a.v, tlaOps[x.Op], b.v)
	second := b.fault
	switch {
	case x.Op == "&&" && second != "":
		second = fmt.Sprintf("(%s /\\ %s)", a.v, second)
	case x.Op == "||" && second != "":
		second = fmt.Sprintf("(~(%s) /\\ %s)", a.v, second)
	case x.Op == "-":
		out.v = fmt.Sprintf("(IF %s < %s THEN 0 ELSE %s - %s)", a.v, b.v, a.v, b.v)
		second = anyTLA(second, fmt.Sprintf("%s < %s", a.v, b.v))
	case x.Op == "%":
		if l, ok := x.Y.(*fsm.Literal); !ok || l.Value == 0 {
			out.v = fmt.Sprintf("(IF %s = 0 THEN 0 ELSE %s %% %s)", b.v, a.v, b.v)
			second = anyTLA(second, b.v+" = 0")
		}
	}
	out.fault = anyTLA(a.fault, second)
	return out
}

func (c *tlaExpr) builtin(x *fsm.Call) expression {
	arg := ""
	if len(x.Args) > 0 {
		if n, ok := x.Args[0].(*fsm.Name); ok {
			arg = n.Name
		}
	}
	wrap := func() int {
		t, _ := c.typeOf(x.Args[0])
		if s := c.m.sys.Sort(t.Name); s != nil {
			return s.Wrap
		}
		return 0
	}
	switch x.Fn {
	case "next":
		a := c.expr(x.Args[0])
		if w := wrap(); w > 0 {
			return expression{v: fmt.Sprintf("((%s + 1) %% %d)", a.v, w), fault: a.fault}
		}
		return expression{v: fmt.Sprintf("(%s + 1)", a.v), fault: a.fault}
	case "before":
		a, b := c.expr(x.Args[0]), c.expr(x.Args[1])
		v := fmt.Sprintf("(%s < %s)", a.v, b.v)
		if w := wrap(); w > 0 {
			v = fmt.Sprintf("(((%s + %d - %s) %% %d) \\in 1..%d)", b.v, w, a.v, w, w/2)
		}
		return expression{v: v, fault: anyTLA(a.fault, b.fault)}
	case "fresh":
		c.draws++
		return plain("(%d + %s.drawn)", fresh+c.draws-1, c.w)
	case "full", "either":
		return plain("%s", c.either())
	case "unreadable":
		for i, r := range c.x.Records {
			if r.Name == arg {
				return plain("~%s.%s", c.w, c.g.path(c.x, c.x.code.Sound(i)))
			}
		}
	case "running":
		for _, t := range c.x.Timers {
			if t.Name == arg && t.Layer {
				return plain("%s", c.either())
			} else if t.Name == arg {
				return plain("%s.%s", c.w, c.g.path(c.x, c.x.code.Running(t.Name)))
			}
		}
	case "hit":
		fn := c.typed(x.Args[1], fsm.Type{Kind: fsm.EnumKind, Name: "fn"})
		var kept []string
		for _, k := range c.x.Memos {
			for f, e := range k.Entries {
				if k.Name == arg && e.N > 0 {
					kept = append(kept, quote(c.m.sys.Enum("fn").Members[f]))
				}
			}
		}
		return expression{v: fmt.Sprintf("(%s \\in {%s} /\\ %s)", fn.v, strings.Join(kept, ", "), c.either()), fault: fn.fault}
	case "recalled":
		return expression{v: "0", memo: true}
	}
	return plain("FALSE")
}

// block prints what a list of stages makes of a set of worlds, as a set of worlds.
func (g *tla) block(body []*fsm.Stage, s nameScope, from string) {
	if len(body) == 0 {
		g.p("%s", from)
		return
	}
	g.p("LET")
	g.in(func() {
		for _, st := range body {
			v := g.fresh("v")
			w := g.fresh("w")
			g.p("%s == %sThen(%s, LAMBDA %s :", w, g.closing(st.Stmt), from, v)
			g.in(func() { g.stage(st.Stmt, s, v) })
			g.p(")%s", map[bool]string{true: ")"}[g.closing(st.Stmt) != ""])
			from = w
			if cuts := g.cuts(st.Stmt, s); cuts != "" {
				u := g.fresh("u")
				k := g.fresh("w")
				g.p("%s == Then(%s, LAMBDA %s : {%s}%s)", k, from, u, u, strings.ReplaceAll(cuts, "@", u))
				from = k
			}
		}
	})
	g.p("IN %s", from)
}

// closing stands around what a tail does: its end is the tail's only.
func (g *tla) closing(st fsm.Stmt) string {
	if _, ok := st.(*fsm.Do); ok {
		return "AfterTail("
	}
	return ""
}

// cuts are the worlds in which a peer crashes after a stage, of world @; "" for none.
func (g *tla) cuts(st fsm.Stmt, s nameScope) string {
	if !s.x.Crashes {
		return ""
	}
	switch x := st.(type) {
	case *fsm.Send, *fsm.Invoke, *fsm.Complete, *fsm.Report:
		return fmt.Sprintf(" \\cup Cut_%d(%s)", s.x.index, g.seen("@"))
	case *fsm.Persist:
		for i, r := range s.x.Records {
			if r.Name == x.Record && r.Slots == 1 {
				return fmt.Sprintf(" \\cup Cut_%d(%s) \\cup Cut_%d(Tear_%d_%d(%s))", s.x.index, g.seen("@"), s.x.index, s.x.index, i, g.seen("@"))
			}
		}
		return fmt.Sprintf(" \\cup Cut_%d(%s)", s.x.index, g.seen("@"))
	}
	return ""
}

// asking prints a set of worlds that depends on questions: it is the union over all answers.
func (g *tla) asking(c *tlaExpr, f func()) {
	if c.asks == 0 {
		f()
		return
	}
	g.p("UNION {")
	g.in(f)
	g.p(": %s \\in [1..%d -> BOOLEAN]}", c.q, c.asks)
}

// update prints one world that differs from v.
func (g *tla) update(v, fault string, sets ...string) {
	if fault != "" {
		sets = append(sets, fmt.Sprintf("!.fault = @ \\/ (%s)", fault))
	}
	if len(sets) == 0 {
		g.p("{%s}", v)
		return
	}
	g.p("{[%s EXCEPT %s]}", v, strings.Join(sets, ", "))
}

// outside is the condition that a value is none of its type; "" for never.
func outside(v string, e fsm.Expr, t fsm.Type) string {
	if _, ok := e.(*fsm.Literal); ok || t.Kind != fsm.Range {
		return ""
	}
	return fmt.Sprintf("%s \\notin %d..%d", v, t.Lo, t.Hi)
}

// stage prints what a stage makes of world v.
func (g *tla) stage(st fsm.Stmt, s nameScope, v string) {
	c := &tlaExpr{nameScope: s, g: g, w: v, q: g.fresh("q")}
	m := g.mnames[s.x.index]
	switch x := st.(type) {
	case *fsm.When:
		cond := c.expr(x.Cond)
		g.asking(c, func() {
			from := "{" + v + "}"
			if cond.fault != "" {
				from = fmt.Sprintf("{[%s EXCEPT !.fault = @ \\/ (%s)]}", v, cond.fault)
			}
			g.p("IF %s THEN", cond.v)
			g.in(func() { g.block(x.Then, s, from) })
			g.p("ELSE")
			g.in(func() { g.block(x.Else, s, from) })
		})
	case *fsm.End:
		stop := stopEvent
		if s.tail != nil {
			stop = stopTail
		}
		g.update(v, "", fmt.Sprintf("!.stop = %d", stop))
	case *fsm.Assign:
		name, index := "", fsm.Expr(nil)
		if n, ok := x.Target.(*fsm.Name); ok {
			name = n.Name
		} else if n, ok := x.Target.(*fsm.Index); ok {
			name, index = n.Name, n.At
		}
		at := s.x.code.Slot(name)
		l := s.x.code.Layout[at]
		if l.Layer {
			g.update(v, "")
			return
		}
		n := l.Type.Len
		l.Type.Len = 0
		e := c.typed(x.Value, l.Type)
		fault := anyTLA(e.fault, outside(e.v, x.Value, l.Type))
		field := fmt.Sprintf("!.%s.%s", m, g.fields[s.x.index][at])
		if index == nil {
			g.asking(c, func() { g.update(v, fault, append(c.drawing(), field+" = "+e.v)...) })
			return
		}
		k := c.expr(index)
		i := c.index(index, k.v)
		g.asking(c, func() {
			g.p("IF %s < %d THEN", i, n)
			g.update(v, anyTLA(fault, k.fault), fmt.Sprintf("%s[%s] = %s", field, i, e.v))
			g.p("ELSE")
			g.update(v, "TRUE")
		})
	case *fsm.Send:
		g.send(x, c)
	case *fsm.Persist:
		rec := 0
		for i, r := range s.x.Records {
			if r.Name == x.Record {
				rec = i
			}
		}
		sets := []string{fmt.Sprintf("!.%s = TRUE", g.path(s.x, s.x.code.Sound(rec)))}
		var faults []string
		for _, f := range x.Fields {
			at := s.x.code.Slot(f.Name)
			e := c.typed(f.Value, s.x.code.Layout[at].Type)
			sets, faults = append(sets, fmt.Sprintf("!.%s = %s", g.path(s.x, at), e.v)), append(faults, e.fault)
		}
		if x.Commit && g.once() {
			v = fmt.Sprintf("EffectCommits(%s, f.ans)", v)
		}
		g.asking(c, func() { g.update(v, anyTLA(faults...), append(c.drawing(), sets...)...) })
	case *fsm.Start:
		g.running(v, s.x, x.Timer, "TRUE")
	case *fsm.Cancel:
		g.running(v, s.x, x.Timer, "FALSE")
	case *fsm.Invoke:
		f, a := c.typed(x.Fn, fsm.Type{Kind: fsm.EnumKind, Name: "fn"}), c.expr(x.Args)
		g.asking(c, func() { g.p("{HandlerStarts(%s, %s, %s)}", faulty(v, anyTLA(f.fault, a.fault)), f.v, a.v) })
	case *fsm.Complete:
		o, f, a := c.typed(x.Outcome, fsm.Type{Kind: fsm.EnumKind, Name: fsm.OutcomeEnum.Name}), c.typed(x.Fn, fsm.Type{Kind: fsm.EnumKind, Name: "fn"}), c.expr(x.Answer)
		memo := strings.ToUpper(fmt.Sprint(o.memo || a.memo))
		g.asking(c, func() {
			g.p("{CallEnds(%s, %s, %s, %s)}", faulty(v, anyTLA(o.fault, f.fault, a.fault)), o.v, memo, a.v)
		})
	case *fsm.Report:
		o, a, of := c.typed(x.Outcome, fsm.Type{Kind: fsm.EnumKind, Name: fsm.OutcomeEnum.Name}), c.expr(x.Answer), c.expr(x.Args)
		g.asking(c, func() {
			g.p("{CallReported(%s, %s, %s, %s)}", faulty(v, anyTLA(o.fault, a.fault, of.fault)), o.v, a.v, of.v)
		})
	case *fsm.Do:
		t := s.x.Tail(x.Tail)
		var vs, faults []string
		for i, a := range x.Args {
			e := c.typed(a, t.Params[i].Type)
			vs, faults = append(vs, ", "+e.v), append(faults, e.fault)
		}
		g.asking(c, func() { g.p("Tail_%d_%s(%s%s)", s.x.index, t.Name, faulty(v, anyTLA(faults...)), strings.Join(vs, "")) })
	case *fsm.Breach:
		g.p("{Break(%s, %s)}", v, quote(x.Name))
	default: // what layers keep for the program changes nothing that a proof can see
		g.update(v, "")
	}
}

// faulty is a world with a fault noted.
func faulty(v, fault string) string {
	if fault == "" {
		return v
	}
	return fmt.Sprintf("[%s EXCEPT !.fault = @ \\/ (%s)]", v, fault)
}

func (g *tla) running(v string, x *machine, timer, is string) {
	for _, t := range x.Timers {
		if t.Name == timer && !t.Layer {
			g.update(v, "", fmt.Sprintf("!.%s = %s", g.path(x, x.code.Running(timer)), is))
			return
		}
	}
	g.update(v, "")
}

func (g *tla) send(x *fsm.Send, c *tlaExpr) {
	msg := c.m.sys.Message(x.Message)
	var faults, fs []string
	fn := ""
	for i, f := range msg.Fields {
		v := plain("%s", g.zero(f.Type))
		for _, given := range x.Fields {
			if msg.Index(given.Name) == i {
				v = c.typed(given.Value, f.Type)
				faults = append(faults, v.fault, outside(v.v, given.Value, f.Type))
			}
		}
		if f.Name == "fn" {
			fn = v.v
		}
		fs = append(fs, v.v)
	}
	for i, f := range msg.Fields {
		if c.m.sys.Set(f.For) != nil && fn != "" {
			fs[i] = fmt.Sprintf("IF %s \\in Set_%s THEN %s ELSE %s", fn, f.For, fs[i], g.zero(f.Type))
		}
		fs[i] = fmt.Sprintf("%s |-> %s", f.Name, fs[i])
	}
	world := faulty(c.w, anyTLA(faults...))
	if d := c.drawing(); d != nil {
		world = fmt.Sprintf("[%s EXCEPT %s]", world, d[0])
	}
	fields := "[" + strings.Join(fs, ", ") + "]"
	if len(fs) == 0 {
		fields = "<<>>"
	}
	g.asking(c, func() {
		g.p("Put_%d(%s, [kind |-> %s, f |-> %s, age |-> 0, again |-> FALSE])", c.x.out, world, quote(msg.Name), fields)
	})
}
