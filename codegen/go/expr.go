package gogen

import (
	"fmt"
	"strconv"
	"strings"

	"sprocketc/codegen"
	"sprocketc/fsm"
)

// scope is where an expression stands: in an event or a tail, or neither.
type scope struct {
	event *fsm.Event
	tail  *fsm.Tail
}

// goType of a variable, a field or a parameter of the machine.
func (g *gen) goType(t fsm.Type) string {
	var s string
	switch t.Kind {
	case fsm.Bool:
		s = "bool"
	case fsm.Range:
		s = "uint32"
	case fsm.EnumKind, fsm.Number, fsm.Token:
		s = ident(t.Name)
	case fsm.Payload:
		s = "[]byte"
	}
	if t.Len > 0 {
		return fmt.Sprintf("[%d]%s", t.Len, s)
	}
	return s
}

// variable finds the type of a variable or a record's field of the machine.
func (g *gen) variable(name string) (fsm.Type, bool) {
	for _, v := range g.m.Vars {
		if v.Name == name {
			return v.Type, true
		}
	}
	for _, r := range g.m.Records {
		for _, f := range r.Fields {
			if f.Name == name {
				return f.Type, true
			}
		}
	}
	return fsm.Type{}, false
}

func (sc scope) param(name string) (*fsm.Param, bool) {
	if sc.tail != nil {
		for _, p := range sc.tail.Params {
			if p.Name == name {
				return p, true
			}
		}
	}
	return nil, false
}

// typeOf an expression; false where only its place tells (a literal, an enumeration's member).
func (g *gen) typeOf(e fsm.Expr, sc scope) (fsm.Type, bool) {
	switch x := e.(type) {
	case *fsm.Name:
		if p, ok := sc.param(x.Name); ok {
			return p.Type, true
		}
		return g.variable(x.Name)
	case *fsm.Index:
		t, ok := g.variable(x.Name)
		t.Len = 0
		return t, ok
	case *fsm.Select:
		if sc.event == nil {
			return fsm.Type{}, false
		}
		if sc.event.Kind == fsm.OnMessage {
			if msg := g.sys.Message(sc.event.Name); msg != nil {
				if i := msg.Index(x.Field); i >= 0 {
					return msg.Fields[i].Type, true
				}
			}
			return fsm.Type{}, false
		}
		if x.Field == "fn" {
			return fsm.Type{Kind: fsm.EnumKind, Name: "fn"}, true
		}
		return fsm.Type{Kind: fsm.Payload}, true
	case *fsm.Call:
		switch x.Fn {
		case "next":
			return g.typeOf(x.Args[0], sc)
		case "fresh":
			return fsm.Type{Kind: fsm.Token, Name: nameOf(x, 0)}, true
		case "recalled":
			return fsm.Type{Kind: fsm.Payload}, true
		}
		return fsm.Type{Kind: fsm.Bool}, true
	case *fsm.Not, *fsm.In:
		return fsm.Type{Kind: fsm.Bool}, true
	case *fsm.Binary:
		if level[x.Op] <= 3 {
			return fsm.Type{Kind: fsm.Bool}, true
		}
		return fsm.Type{Kind: fsm.Range}, true
	}
	return fsm.Type{}, false
}

func nameOf(c *fsm.Call, i int) string {
	if i < len(c.Args) {
		if n, ok := c.Args[i].(*fsm.Name); ok {
			return n.Name
		}
	}
	return ""
}

// level of an operator in Go; a higher one binds closer.
var level = map[string]int{"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3, "+": 4, "-": 4, "*": 5, "%": 5}

const unary = 6

// expr prints an expression whose type is known from where its value goes.
func (g *gen) expr(e fsm.Expr, want fsm.Type, sc scope) string {
	s, _ := g.print(e, want, sc)
	return s
}

// cond prints a condition.
func (g *gen) cond(e fsm.Expr, sc scope) string { return g.expr(e, fsm.Type{}, sc) }

// negated prints the negation of a condition.
func (g *gen) negated(e fsm.Expr, sc scope) string {
	if n, ok := e.(*fsm.Not); ok {
		return g.cond(n.X, sc)
	}
	return g.cond(&fsm.Not{X: e}, sc)
}

// print gives an expression's text and how close its outermost operator binds.
func (g *gen) print(e fsm.Expr, want fsm.Type, sc scope) (string, int) {
	switch x := e.(type) {
	case *fsm.Literal:
		if x.IsBool {
			return strconv.FormatBool(x.Value != 0), unary
		}
		return strconv.FormatUint(uint64(x.Value), 10), unary
	case *fsm.None:
		if want.Kind == fsm.Payload {
			return "nil", unary
		}
		return "0", unary
	case *fsm.Name:
		return g.name(x.Name, want, sc), unary
	case *fsm.Select:
		if sc.event != nil && sc.event.Kind == fsm.OnMessage {
			return codegen.GoLocal(x.Base) + "." + codegen.GoLocal(x.Field), unary
		}
		return codegen.GoLocal(x.Field), unary
	case *fsm.Index:
		return g.field(x.Name) + "[" + g.expr(x.At, fsm.Type{Kind: fsm.Range}, sc) + "]", unary
	case *fsm.Not:
		s, l := g.print(x.X, fsm.Type{}, sc)
		if l < unary {
			s = "(" + s + ")"
		}
		if strings.HasPrefix(s, "!") {
			return s[1:], unary
		}
		return "!" + s, unary
	case *fsm.In:
		set := g.sys.Set(x.Set)
		if set == nil {
			g.fail("there is no set %s", x.Set)
			return "false", unary
		}
		s, l := g.print(x.X, fsm.Type{Kind: fsm.EnumKind, Name: set.Enum}, sc)
		if l < unary {
			s = "(" + s + ")"
		}
		return s + "." + setMethod(set) + "()", unary
	case *fsm.Binary:
		return g.binary(x, sc)
	case *fsm.Call:
		return g.builtin(x, sc)
	}
	g.fail("an expression that Go has no form for: %T", e)
	return "0", unary
}

func (g *gen) binary(x *fsm.Binary, sc scope) (string, int) {
	l := level[x.Op]
	if l == 0 {
		g.fail("there is no operator %s", x.Op)
	}
	operand := func(e, other fsm.Expr, least int) string {
		t, ok := g.typeOf(e, sc)
		if !ok {
			t, _ = g.typeOf(other, sc)
		}
		s, k := g.print(e, t, sc)
		if k < least {
			s = "(" + s + ")"
		}
		return s
	}
	return operand(x.X, x.Y, l) + " " + x.Op + " " + operand(x.Y, x.X, l+1), l
}

// name prints a parameter, a variable, or a member of the enumeration that the place wants.
func (g *gen) name(name string, want fsm.Type, sc scope) string {
	if _, ok := sc.param(name); ok {
		return codegen.GoLocal(name)
	}
	if _, ok := g.variable(name); ok {
		return g.field(name)
	}
	enums := append([]*fsm.Enum{fsm.OutcomeEnum}, g.sys.Enums...)
	if want.Kind == fsm.EnumKind {
		if e := g.sys.Enum(want.Name); e != nil {
			enums = append([]*fsm.Enum{e}, enums...)
		}
	}
	for _, e := range enums {
		for _, m := range e.Members {
			if m == name {
				return member(e.Name, m)
			}
		}
	}
	g.fail("there is no name %s in %s", name, g.m.Name)
	return "0"
}

func (g *gen) builtin(x *fsm.Call, sc scope) (string, int) {
	arg := func(i int, want fsm.Type) string {
		if i >= len(x.Args) {
			g.fail("%s has too few arguments", x.Fn)
			return "0"
		}
		return g.expr(x.Args[i], want, sc)
	}
	var s *fsm.Sort
	if len(x.Args) > 0 {
		t, ok := g.typeOf(x.Args[0], sc)
		if !ok && len(x.Args) > 1 {
			t, _ = g.typeOf(x.Args[1], sc)
		}
		s = g.sys.Sort(t.Name)
	}
	switch x.Fn {
	case "next":
		if s != nil && s.Wrap > 0 {
			return arg(0, fsm.Type{}) + ".next()", unary
		}
		return arg(0, fsm.Type{}) + " + 1", level["+"]
	case "before":
		if s != nil && s.Wrap > 0 {
			return arg(0, fsm.Type{}) + ".before(" + arg(1, fsm.Type{}) + ")", unary
		}
		return arg(0, fsm.Type{}) + " < " + arg(1, fsm.Type{}), level["<"]
	case "full":
		if s == nil {
			break
		}
		return arg(0, fsm.Type{}) + " == " + largest(s), level["=="]
	case "fresh":
		if s = g.sys.Sort(nameOf(x, 0)); s == nil {
			break
		}
		return fmt.Sprintf("%s(fresh(%s.port.random(), %d))", ident(s.Name), g.recv, s.Bits), unary
	case "unreadable":
		return "!" + g.recv + "." + codegen.GoLocal(nameOf(x, 0)) + ".readable", unary
	case "running":
		return g.recv + "." + timerField(nameOf(x, 0)) + ".running", unary
	case "hit":
		return fmt.Sprintf("%s.hit(%s, %s, %s.now)", g.field(nameOf(x, 0)),
			arg(1, fsm.Type{Kind: fsm.EnumKind, Name: "fn"}), arg(2, fsm.Type{Kind: fsm.Payload}), g.recv), unary
	case "recalled":
		return g.field(nameOf(x, 0)) + ".recalled", unary
	}
	g.fail("there is no function %s, or its sort is not known", x.Fn)
	return "0", unary
}

func setMethod(s *fsm.Set) string { return codegen.GoLocal("is", s.Name) }

// exhaustible collects the arguments of next in an expression whose sort is never reused: there the machine halts at the
// largest value.
func (g *gen) exhaustible(e fsm.Expr, sc scope, found *[]string) {
	switch x := e.(type) {
	case *fsm.Not:
		g.exhaustible(x.X, sc, found)
	case *fsm.In:
		g.exhaustible(x.X, sc, found)
	case *fsm.Index:
		g.exhaustible(x.At, sc, found)
	case *fsm.Binary:
		g.exhaustible(x.X, sc, found)
		g.exhaustible(x.Y, sc, found)
	case *fsm.Call:
		for _, a := range x.Args {
			g.exhaustible(a, sc, found)
		}
		if x.Fn != "next" || len(x.Args) != 1 {
			return
		}
		if _, nested := x.Args[0].(*fsm.Call); nested {
			g.fail("next of a function's value has no form in Go")
			return
		}
		t, _ := g.typeOf(x.Args[0], sc)
		if s := g.sys.Sort(t.Name); s != nil && s.Wrap == 0 {
			*found = append(*found, g.expr(x.Args[0], fsm.Type{}, sc)+" == "+largest(s))
		}
	}
}
