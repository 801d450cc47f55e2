package cgen

import (
	"fmt"
	"strings"

	"sprocketc/codegen"
	"sprocketc/fsm"
)

// scope is where a name is looked up: the event's fields or the tail's parameters, then the machine's variables.
type scope struct {
	event *fsm.Event
	tail  *fsm.Tail
}

// Precedences of C, as far as they are needed.
const (
	precOr = iota + 1
	precAnd
	precEqual
	precCompare
	precAdd
	precMul
	precUnary
	precPrimary
)

// typeOf an expression; false where it fits any type.
func (g *gen) typeOf(e fsm.Expr, sc *scope) (fsm.Type, bool) {
	switch x := e.(type) {
	case *fsm.Name:
		if sc.tail != nil {
			for _, p := range sc.tail.Params {
				if p.Name == x.Name {
					return p.Type, true
				}
			}
		}
		if v := g.variable(x.Name); v != nil {
			return v.Type, true
		}
		if _, f := g.recordField(x.Name); f != nil {
			return f.Type, true
		}
	case *fsm.Index:
		if v := g.variable(x.Name); v != nil {
			t := v.Type
			t.Len = 0
			return t, true
		}
	case *fsm.Select:
		return g.fieldType(x, sc)
	case *fsm.Call:
		switch x.Fn {
		case "next":
			if len(x.Args) == 1 {
				return g.typeOf(x.Args[0], sc)
			}
		case "fresh":
			return fsm.Type{Kind: fsm.Token, Name: argName(x, 0)}, true
		case "recalled":
			return fsm.Type{Kind: fsm.Payload}, true
		default:
			return fsm.Type{Kind: fsm.Bool}, true
		}
	case *fsm.Not, *fsm.In:
		return fsm.Type{Kind: fsm.Bool}, true
	}
	return fsm.Type{}, false
}

func (g *gen) fieldType(x *fsm.Select, sc *scope) (fsm.Type, bool) {
	if sc.event == nil || x.Base != sc.event.Param {
		return fsm.Type{}, false
	}
	switch {
	case sc.event.Kind == fsm.OnCall && x.Field == "fn":
		return fsm.Type{Kind: fsm.EnumKind, Name: "fn"}, true
	case sc.event.Kind == fsm.OnCall && x.Field == "args", sc.event.Kind == fsm.OnReturn && x.Field == "ans":
		return fsm.Type{Kind: fsm.Payload}, true
	case sc.event.Kind == fsm.OnMessage:
		if m := g.sys.Message(sc.event.Name); m != nil {
			if i := m.Index(x.Field); i >= 0 {
				return m.Fields[i].Type, true
			}
		}
	}
	return fsm.Type{}, false
}

func argName(x *fsm.Call, i int) string {
	if i < len(x.Args) {
		if n, ok := x.Args[i].(*fsm.Name); ok {
			return n.Name
		}
	}
	return ""
}

// expr prints an expression that stands where at least a precedence is needed.
func (g *gen) expr(e fsm.Expr, sc *scope, least int) string {
	s, p := g.bare(e, sc)
	if p < least {
		return "(" + s + ")"
	}
	return s
}

// typed prints an expression whose value goes into a type; a bare member belongs to the type's enumeration.
func (g *gen) typed(e fsm.Expr, t fsm.Type, sc *scope) string {
	if n, ok := e.(*fsm.Name); ok && t.Kind == fsm.EnumKind {
		if _, known := g.typeOf(n, sc); !known {
			return g.memberOf(t.Name, n.Name)
		}
	}
	switch x := e.(type) {
	case *fsm.None:
		if t.Kind == fsm.Payload {
			return "no_payload"
		}
	case *fsm.Literal:
		if t.Kind == fsm.Bool {
			return pick(x.Value != 0, "true", "false")
		}
	case *fsm.Binary, *fsm.Call:
		from, _ := g.typeOf(e, sc)
		isNext := false
		if c, ok := e.(*fsm.Call); ok {
			isNext = c.Fn == "next"
		}
		_, isBinary := e.(*fsm.Binary)
		if arithmetic := isNext || isBinary && t.Kind != fsm.Bool && from.Kind != fsm.Bool || isBinary && t.Kind == fsm.Range; arithmetic {
			if cast := g.narrow(t); cast != "" {
				return cast + g.expr(e, sc, precUnary)
			}
		}
	}
	return g.expr(e, sc, 0)
}

func (g *gen) memberOf(enum, member string) string {
	if e := g.sys.Enum(enum); e != nil {
		for _, m := range e.Members {
			if m == member {
				return g.machineConst(enum, member)
			}
		}
	}
	g.fail("%s is not a member of %s", member, enum)
	return "0"
}

// machineConst is a member of a machine's enumeration; outcomes are public.
func (g *gen) machineConst(enum, member string) string {
	if enum == fsm.OutcomeEnum.Name {
		return g.macro(outcomeWord(member))
	}
	return codegen.CMacro(enum, member)
}

// outcomeWord is how an outcome is called in the public header.
func outcomeWord(member string) string {
	if member == "answer" {
		return "answered"
	}
	return member
}

func (g *gen) bare(e fsm.Expr, sc *scope) (string, int) {
	switch x := e.(type) {
	case *fsm.Literal:
		if x.IsBool {
			return pick(x.Value != 0, "true", "false"), precPrimary
		}
		return fmt.Sprintf("%du", x.Value), precPrimary
	case *fsm.None:
		return "0u", precPrimary
	case *fsm.Name:
		return g.nameExpr(x, sc), precPrimary
	case *fsm.Select:
		return g.selectExpr(x, sc), precPrimary
	case *fsm.Index:
		v := g.variable(x.Name)
		if v == nil {
			g.fail("there is no array %s", x.Name)
			return "0u", precPrimary
		}
		at := g.expr(x.At, sc, precAdd)
		if lit, ok := x.At.(*fsm.Literal); ok && int(lit.Value) < v.Type.Len {
			return fmt.Sprintf("c->%s[%s]", g.member(x.Name), at), precPrimary
		}
		return fmt.Sprintf("c->%s[%s < %du ? %s : 0u]", g.member(x.Name), at, v.Type.Len, at), precPrimary
	case *fsm.Not:
		return g.not(x.X, sc)
	case *fsm.In:
		return g.inExpr(x, sc)
	case *fsm.Call:
		return g.builtin(x, sc)
	case *fsm.Binary:
		return g.binary(x, sc)
	}
	g.fail("an expression is missing")
	return "0u", precPrimary
}

// not prints a negation as a person would: of a comparison, the opposite one.
func (g *gen) not(x fsm.Expr, sc *scope) (string, int) {
	switch y := x.(type) {
	case *fsm.Not:
		return g.bare(y.X, sc)
	case *fsm.Binary:
		if y.Op == "==" || y.Op == "!=" {
			return g.binary(&fsm.Binary{Op: pick(y.Op == "==", "!=", "=="), X: y.X, Y: y.Y}, sc)
		}
	case *fsm.In:
		s, p := g.inExpr(y, sc)
		switch {
		case p == precEqual && strings.Count(s, " == ")+strings.Count(s, " != ") == 1:
			if strings.Contains(s, " == ") {
				return strings.Replace(s, " == ", " != ", 1), p
			}
			return strings.Replace(s, " != ", " == ", 1), p
		case p == precPrimary:
			return pick(s == "true", "false", "true"), p
		}
		return "!(" + s + ")", precUnary
	case *fsm.Call:
		if y.Fn == "unreadable" {
			return "c->" + codegen.CName(argName(y, 0)) + "_sound", precPrimary
		}
	}
	return "!" + g.expr(x, sc, precUnary), precUnary
}

func (g *gen) nameExpr(x *fsm.Name, sc *scope) string {
	if sc.tail != nil {
		for _, p := range sc.tail.Params {
			if p.Name == x.Name {
				return local(p.Name)
			}
		}
	}
	if v := g.variable(x.Name); v != nil {
		if v.Type.Kind != fsm.Payload {
			return "c->" + g.member(x.Name)
		}
		if g.slots[x.Name] == 0 {
			return "no_payload"
		}
		n := g.member(x.Name)
		return fmt.Sprintf("(struct view){c->%s, c->%s_size}", n, n)
	}
	if _, f := g.recordField(x.Name); f != nil {
		return g.recorded(f)
	}
	for _, e := range append([]*fsm.Enum{fsm.OutcomeEnum}, g.sys.Enums...) {
		for _, m := range e.Members {
			if m == x.Name {
				return g.machineConst(e.Name, m)
			}
		}
	}
	g.fail("there is no %s in %s", x.Name, g.m.Name)
	return "0u"
}

// recorded is the value of a field of a record.
func (g *gen) recorded(f *fsm.Field) string {
	n := g.member(f.Name)
	switch {
	case f.Type.Kind != fsm.Payload:
		return "c->" + n
	case g.slots[f.Name] == 0:
		return "no_payload"
	}
	return fmt.Sprintf("(struct view){c->%s, c->%s_size}", n, n)
}

func (g *gen) selectExpr(x *fsm.Select, sc *scope) string {
	if _, ok := g.fieldType(x, sc); !ok {
		g.fail("there is no %s.%s", x.Base, x.Field)
		return "0u"
	}
	if sc.event.Kind == fsm.OnMessage {
		if x.Field == "fn" {
			return "m->fn"
		}
		return "m->" + g.memberName(g.sys.Message(sc.event.Name), x.Field)
	}
	return x.Field
}

func (g *gen) inExpr(x *fsm.In, sc *scope) (string, int) {
	set := g.sys.Set(x.Set)
	if set == nil || g.sys.Enum(set.Enum) == nil {
		g.fail("there is no set %s", x.Set)
		return "false", precPrimary
	}
	en := g.sys.Enum(set.Enum)
	var in, out []int
	for i := range en.Members {
		if set.Has(en, uint32(i)) {
			in = append(in, i)
		} else {
			out = append(out, i)
		}
	}
	v := g.expr(x.X, sc, precEqual+1)
	switch {
	case len(in) == 0:
		return "false", precPrimary
	case len(out) == 0:
		return "true", precPrimary
	case len(out) == 1 && len(in) > 1:
		return fmt.Sprintf("%s != %s", v, g.machineConst(en.Name, en.Members[out[0]])), precEqual
	}
	parts := make([]string, len(in))
	for i, k := range in {
		parts[i] = fmt.Sprintf("%s == %s", v, g.machineConst(en.Name, en.Members[k]))
	}
	if len(parts) == 1 {
		return parts[0], precEqual
	}
	return strings.Join(parts, " || "), precOr
}

func (g *gen) binary(x *fsm.Binary, sc *scope) (string, int) {
	side := func(e, other fsm.Expr, least int) string {
		if n, ok := e.(*fsm.Name); ok {
			if t, ok := g.typeOf(other, sc); ok && t.Kind == fsm.EnumKind {
				if _, known := g.typeOf(n, sc); !known {
					return g.memberOf(t.Name, n.Name)
				}
			}
		}
		return g.expr(e, sc, least)
	}
	both := func(p, inner int) (string, int) {
		return side(x.X, x.Y, inner) + " " + x.Op + " " + side(x.Y, x.X, inner), p
	}
	switch x.Op {
	case "||":
		// && within || gets parentheses: compilers ask for them.
		part := func(e fsm.Expr) string {
			if b, ok := e.(*fsm.Binary); ok && b.Op == "&&" {
				return "(" + g.expr(e, sc, 0) + ")"
			}
			return g.expr(e, sc, precOr)
		}
		return part(x.X) + " || " + part(x.Y), precOr
	case "&&":
		return both(precAnd, precAnd)
	case "==", "!=":
		return both(precEqual, precEqual+1)
	case "<", "<=", ">", ">=":
		return both(precCompare, precCompare+1)
	case "+":
		return fmt.Sprintf("(uint32_t)%s + %s", g.expr(x.X, sc, precUnary), g.expr(x.Y, sc, precMul)), precAdd
	case "-":
		return fmt.Sprintf("(uint32_t)%s - %s", g.expr(x.X, sc, precUnary), g.expr(x.Y, sc, precMul)), precAdd
	case "*":
		return fmt.Sprintf("(uint32_t)%s * %s", g.expr(x.X, sc, precUnary), g.expr(x.Y, sc, precUnary)), precMul
	case "%":
		if lit, ok := x.Y.(*fsm.Literal); ok && lit.Value > 0 {
			return fmt.Sprintf("(uint32_t)%s %% %du", g.expr(x.X, sc, precUnary), lit.Value), precMul
		}
		y := g.expr(x.Y, sc, precUnary)
		return fmt.Sprintf("(%s != 0u ? (uint32_t)%s %% %s : 0u)", y, g.expr(x.X, sc, precUnary), y), precPrimary
	}
	g.fail("there is no operator %s", x.Op)
	return "0u", precPrimary
}

func (g *gen) sortOf(e fsm.Expr, sc *scope) *fsm.Sort {
	if t, ok := g.typeOf(e, sc); ok {
		if s := g.sys.Sort(t.Name); s != nil {
			return s
		}
	}
	return nil
}

// largest is the largest value of a sort, as a literal.
func largest(s *fsm.Sort) string { return fmt.Sprintf("0x%xu", uint64(1)<<s.Bits-1) }

func (g *gen) builtin(x *fsm.Call, sc *scope) (string, int) {
	need := map[string]int{"next": 1, "before": 2, "fresh": 1, "full": 1, "unreadable": 1, "running": 1, "hit": 3, "recalled": 1}[x.Fn]
	if need == 0 || len(x.Args) != need {
		g.fail("there is no %s of %d arguments", x.Fn, len(x.Args))
		return "0u", precPrimary
	}
	switch x.Fn {
	case "next", "before", "full":
		s := g.sortOf(x.Args[0], sc)
		if s == nil && x.Fn == "before" {
			s = g.sortOf(x.Args[1], sc)
		}
		if s == nil {
			g.fail("%s has no sort to count in", fsm.Text(x))
			return "0u", precPrimary
		}
		a := g.expr(x.Args[0], sc, precMul)
		switch {
		case x.Fn == "full":
			return fmt.Sprintf("%s == %s", a, largest(s)), precEqual
		case x.Fn == "next" && s.Wrap > 0:
			// No division: small targets have none.
			x := g.expr(x.Args[0], sc, precUnary)
			return fmt.Sprintf("(%s < %du ? %s + 1u : 0u)", x, s.Wrap-1, x), precPrimary
		case x.Fn == "next":
			return a + " + 1u", precAdd
		case s.Wrap > 0:
			g.helpers["before_"+codegen.CName(s.Name)] = fmt.Sprintf(
				"// Serial-number order modulo %d.\nstatic bool before_%s(uint32_t a, uint32_t b)\n{\nuint32_t d = b >= a ? b - a : b + (%du - a);\nreturn d >= 1u && d <= %du;\n}\n\n",
				s.Wrap, codegen.CName(s.Name), s.Wrap, s.Wrap/2)
			return fmt.Sprintf("before_%s(%s, %s)", codegen.CName(s.Name), g.expr(x.Args[0], sc, 0), g.expr(x.Args[1], sc, 0)), precPrimary
		}
		return fmt.Sprintf("%s < %s", a, g.expr(x.Args[1], sc, precMul)), precCompare
	case "fresh":
		s := g.sys.Sort(argName(x, 0))
		if s == nil {
			g.fail("there is no sort %s", argName(x, 0))
			return "0u", precPrimary
		}
		g.freshHelper(s)
		return fmt.Sprintf("fresh_%s(c)", codegen.CName(s.Name)), precPrimary
	case "unreadable":
		return "!c->" + codegen.CName(argName(x, 0)) + "_sound", precUnary
	case "running":
		return "c->" + codegen.CName(argName(x, 0)) + "_on", precPrimary
	case "hit":
		if !g.hasMemo() {
			return "false", precPrimary
		}
		return fmt.Sprintf("%s_hit(c, %s, %s)", codegen.CName(argName(x, 0)), g.expr(x.Args[1], sc, 0), g.expr(x.Args[2], sc, 0)), precPrimary
	}
	if !g.hasMemo() {
		return "no_payload", precPrimary
	}
	return fmt.Sprintf("%s_recalled(c)", codegen.CName(argName(x, 0))), precPrimary
}

// hasMemo reports whether any answer is kept at all.
func (g *gen) hasMemo() bool { return len(g.m.Memos) > 0 && g.memoEntries(g.m.Memos[0]) > 0 }

// freshHelper prints the draw of a token; zero is no token, and 1 stands in for it.
func (g *gen) freshHelper(s *fsm.Sort) {
	n, c := codegen.CName(s.Name), uintFor(s.Bits)
	mask := ""
	if widthFor(s.Bits) != s.Bits {
		mask = " & " + largest(s)
	}
	cast := pick(c == "uint32_t", "", "("+c+")")
	g.helpers["fresh_"+n] = fmt.Sprintf("// A random value of %d bits that is not zero.\nstatic %s fresh_%s(%s *c)\n{\nuint8_t b[4] = {0};\nuint32_t x;\n%s_port_entropy(c, b, sizeof b);\nx = ((uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3])%s;\nreturn %s(x != 0u ? x : 1u);\n}\n\n",
		s.Bits, c, n, g.name, g.name, mask, cast)
}

// halts lists the conditions under which evaluating an expression runs out of numbers.
func (g *gen) halts(exprs []fsm.Expr, sc *scope) []string {
	var out []string
	for _, e := range exprs {
		walkExpr(e, func(e fsm.Expr) {
			if b, ok := e.(*fsm.Binary); ok && (b.Op == "&&" || b.Op == "||") && containsNext(b.Y) {
				g.fail("next stands where it is not always evaluated: %s", fsm.Text(b))
			}
			c, ok := e.(*fsm.Call)
			if !ok || c.Fn != "next" || len(c.Args) != 1 {
				return
			}
			if s := g.sortOf(c.Args[0], sc); s != nil && s.Wrap == 0 {
				out = append(out, fmt.Sprintf("%s == %s", g.expr(c.Args[0], sc, precEqual+1), largest(s)))
			}
		})
	}
	return out
}

func containsNext(e fsm.Expr) bool {
	found := false
	walkExpr(e, func(e fsm.Expr) {
		if c, ok := e.(*fsm.Call); ok && c.Fn == "next" {
			found = true
		}
	})
	return found
}
