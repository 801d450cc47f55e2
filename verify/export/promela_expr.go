package export

import (
	"fmt"
	"strings"

	"sprocketc/fsm"
)

// expression is one in Promela.
type expression struct {
	v     string // its value
	fault string // a condition under which it has none: a difference below zero, an index outside; "" for never
	memo  bool   // it reads a remembered answer
}

// lookup of names in expressions: where names are looked up, and how many questions were asked that only the world can answer.
type lookup struct {
	nameScope
	g     *pml
	asks  int
	draws int // tokens

	starts string // the function of the handler that starts, where an assertion speaks of that moment
}

// either is the answer to a question that may be answered either way.
func (c *lookup) either() string {
	c.asks++
	return fmt.Sprintf("EITHER(%d)", c.asks)
}

func plain(format string, args ...any) expression { return expression{v: fmt.Sprintf(format, args...)} }

// any of several faults.
func anyOf(faults ...string) string {
	var out []string
	for _, f := range faults {
		if f != "" {
			out = append(out, f)
		}
	}
	if len(out) > 1 {
		return "(" + strings.Join(out, " || ") + ")"
	}
	return strings.Join(out, "")
}

// typed prints an expression that goes where a type is known.
func (c *lookup) typed(e fsm.Expr, want fsm.Type) expression {
	if n, ok := e.(*fsm.Name); ok && want.Kind == fsm.EnumKind {
		if _, known := c.typeOf(n); !known {
			return plain("%d", max(0, c.member(n.Name, want)))
		}
	}
	return c.expr(e)
}

func (c *lookup) expr(e fsm.Expr) expression {
	switch x := e.(type) {
	case *fsm.Literal:
		return plain("%d", x.Value)
	case *fsm.Name:
		return c.name(x)
	case *fsm.Select:
		if c.x == nil {
			return c.variable(x)
		}
		i, _ := c.field(x.Base, x.Field)
		return plain("in%d", i)
	case *fsm.Index:
		at := c.expr(x.At)
		n := c.x.code.Layout[c.x.code.Slot(x.Name)].Type.Len
		name := c.g.array(c.x, x.Name)
		if l, ok := x.At.(*fsm.Literal); ok && int(l.Value) < n {
			return plain("%s[%d]", name, l.Value)
		}
		return expression{v: fmt.Sprintf("(%s < %d -> %s[%s] : 0)", at.v, n, name, at.v), fault: anyOf(at.fault, fmt.Sprintf("%s >= %d", at.v, n))}
	case *fsm.Not:
		y := c.expr(x.X)
		return expression{v: "!(" + y.v + ")", fault: y.fault}
	case *fsm.In:
		set := c.sys().Set(x.Set)
		y := c.typed(x.X, fsm.Type{Kind: fsm.EnumKind, Name: set.Enum})
		return expression{v: fmt.Sprintf("%s(%s)", c.g.sets[x.Set], y.v), fault: y.fault}
	case *fsm.Call:
		return c.builtin(x)
	case *fsm.Binary:
		return c.binary(x)
	}
	return plain("0")
}

func (c *lookup) sys() *fsm.System { return c.m.sys }

// variable of any machine, in an invariant, or a fact.
func (c *lookup) variable(x *fsm.Select) expression {
	for _, k := range c.m.machines {
		if at := k.code.Slot(x.Field); k.Name == x.Base && at >= 0 && !k.code.Layout[at].Layer {
			return plain("%s", c.g.slot(k, at))
		}
	}
	return c.fact(x)
}

func (c *lookup) name(x *fsm.Name) expression {
	if c.tail != nil {
		for i, p := range c.tail.Params {
			if p.Name == x.Name {
				return plain("%s", c.g.param(c.x, c.tail, i))
			}
		}
	}
	if c.event != nil {
		for i, p := range c.event.Params {
			if p.Name == x.Name {
				return plain("in%d", i)
			}
		}
	}
	if c.x != nil {
		if at := c.x.code.Slot(x.Name); at >= 0 {
			if c.x.code.Layout[at].Layer {
				return plain("%s", c.either())
			}
			return plain("%s", c.g.slot(c.x, at))
		}
	}
	return plain("%d", max(0, c.member(x.Name, fsm.Type{})))
}

// operand prints one side of a comparison; the other says which enumeration a bare name belongs to.
func (c *lookup) operand(e, other fsm.Expr) expression {
	t, _ := c.typeOf(other)
	return c.typed(e, t)
}

func (c *lookup) binary(x *fsm.Binary) expression {
	a, b := c.operand(x.X, x.Y), c.operand(x.Y, x.X)
	out := plain("(%s %s %s)", a.v, x.Op, b.v)
	switch x.Op {
	case "&&", "||": // the second side counts only where the first leaves it open
		second := b.fault
		if second != "" && x.Op == "&&" {
			second = fmt.Sprintf("(%s && %s)", a.v, b.fault)
		} else if second != "" {
			second = fmt.Sprintf("(!%s && %s)", a.v, b.fault)
		}
		out.fault = anyOf(a.fault, second)
		return out
	case "-":
		if x, ok := x.X.(*fsm.Literal); ok && x.Value == 0 {
			break
		}
		out.v = fmt.Sprintf("(%s < %s -> 0 : %s - %s)", a.v, b.v, a.v, b.v)
		out.fault = anyOf(a.fault, b.fault, fmt.Sprintf("%s < %s", a.v, b.v))
		return out
	case "%":
		if l, ok := x.Y.(*fsm.Literal); ok && l.Value > 0 {
			break
		}
		out.v = fmt.Sprintf("(%s == 0 -> 0 : %s %% %s)", b.v, a.v, b.v)
		out.fault = anyOf(a.fault, b.fault, b.v+" == 0")
		return out
	}
	out.fault = anyOf(a.fault, b.fault)
	return out
}

func (c *lookup) builtin(x *fsm.Call) expression {
	arg := func(i int) string {
		if n, ok := x.Args[i].(*fsm.Name); ok {
			return n.Name
		}
		return ""
	}
	switch x.Fn {
	case "next":
		a := c.expr(x.Args[0])
		t, _ := c.typeOf(x.Args[0])
		if s := c.sys().Sort(t.Name); s != nil && s.Wrap > 0 {
			return expression{v: fmt.Sprintf("((%s + 1) %% %d)", a.v, s.Wrap), fault: a.fault}
		}
		return expression{v: fmt.Sprintf("(%s + 1)", a.v), fault: a.fault}
	case "before":
		a, b := c.expr(x.Args[0]), c.expr(x.Args[1])
		t, _ := c.typeOf(x.Args[0])
		if s := c.sys().Sort(t.Name); s != nil && s.Wrap > 0 {
			d := fmt.Sprintf("((%s + %d - %s) %% %d)", b.v, s.Wrap, a.v, s.Wrap)
			return expression{v: fmt.Sprintf("(%s >= 1 && %s <= %d)", d, d, s.Wrap/2), fault: anyOf(a.fault, b.fault)}
		}
		return expression{v: fmt.Sprintf("(%s < %s)", a.v, b.v), fault: anyOf(a.fault, b.fault)}
	case "fresh":
		c.draws++
		return plain("(%d + drawn - %d)", fresh, c.draws)
	case "full", "either":
		return plain("%s", c.either())
	case "unreadable":
		for i, r := range c.x.Records {
			if r.Name == arg(0) {
				return plain("!%s", c.g.slot(c.x, c.x.code.Sound(i)))
			}
		}
	case "running":
		for _, t := range c.x.Timers {
			if t.Name == arg(0) && t.Layer {
				return plain("%s", c.either())
			} else if t.Name == arg(0) {
				return plain("%s", c.g.slot(c.x, c.x.code.Running(t.Name)))
			}
		}
	case "hit":
		return c.hit(x, arg(0))
	case "recalled":
		return expression{v: "0", memo: true}
	}
	return plain("0")
}

// hit: an answer may be remembered, of the functions of which any is kept.
func (c *lookup) hit(x *fsm.Call, memo string) expression {
	fn := c.typed(x.Args[1], fsm.Type{Kind: fsm.EnumKind, Name: "fn"})
	var kept []string
	for _, k := range c.x.Memos {
		if k.Name != memo {
			continue
		}
		for f, e := range k.Entries {
			if e.N > 0 {
				kept = append(kept, fmt.Sprintf("%s == %d", fn.v, f))
			}
		}
	}
	if kept == nil {
		return expression{v: "0", fault: fn.fault}
	}
	return expression{v: fmt.Sprintf("((%s) && %s)", strings.Join(kept, " || "), c.either()), fault: fn.fault}
}
