package fsm

// The compiler from stages to closures: names are resolved once, an event then runs without look-ups.

// scope is where a name is looked up: an event's fields, or a tail's parameters, then the machine's variables.
type scope struct {
	c     *Code
	event *Event
	tail  *Tail
}

// field resolves a field of the event at hand to its place in the input.
func (sc *scope) field(base, name string) (int, Type) {
	if sc.event == nil {
		return -1, Type{}
	}
	switch e := sc.event; {
	case e.Kind == OnFree || base != e.Param:
	case e.Kind == OnCall && name == "fn":
		return 0, Type{Kind: EnumKind, Name: "fn"}
	case e.Kind == OnCall && name == "args":
		return 1, Type{Kind: Payload}
	case e.Kind == OnReturn && name == "ans":
		return 0, Type{Kind: Payload}
	case e.Kind == OnMessage:
		if m := sc.c.Sys.Message(e.Name); m != nil {
			if i := m.Index(name); i >= 0 {
				return i, m.Fields[i].Type
			}
		}
	}
	return -1, Type{}
}

// typeOf an expression; ok is false where it cannot be told (a literal fits every type).
func (sc *scope) typeOf(e Expr) (Type, bool) {
	switch x := e.(type) {
	case *Name:
		if sc.tail != nil {
			for _, p := range sc.tail.Params {
				if p.Name == x.Name {
					return p.Type, true
				}
			}
		}
		if sc.event != nil {
			for _, p := range sc.event.Params {
				if p.Name == x.Name {
					return p.Type, true
				}
			}
		}
		if i, ok := sc.c.at[x.Name]; ok {
			return sc.c.Layout[i].Type, true
		}
	case *Index:
		if i, ok := sc.c.at[x.Name]; ok {
			t := sc.c.Layout[i].Type
			t.Len = 0
			return t, true
		}
	case *Select:
		if i, t := sc.field(x.Base, x.Field); i >= 0 {
			return t, true
		}
	case *Call:
		if b, is := pieceWork[x.Fn]; is {
			return b.gives, true
		}
		if x.Fn == "either" {
			return Type{Kind: Bool}, true
		}
		if len(x.Args) == 0 { // there is no such function: Sanity says so
			return Type{}, false
		}
		switch x.Fn {
		case "next":
			return sc.typeOf(x.Args[0])
		case "fresh":
			if n, ok := x.Args[0].(*Name); ok {
				return Type{Kind: Token, Name: n.Name}, true
			}
		case "recalled":
			return Type{Kind: Payload}, true
		default:
			return Type{Kind: Bool}, true
		}
	case *Not, *In:
		return Type{Kind: Bool}, true
	case *Binary:
		if level[x.Op] <= 3 {
			return Type{Kind: Bool}, true
		}
		return Type{Kind: Range}, true
	}
	return Type{}, false
}

func b2u(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

func (c *Code) expr(e Expr, sc *scope) func(*run) uint32 {
	switch x := e.(type) {
	case nil:
		return func(*run) uint32 { return 0 }
	case *Literal:
		v := x.Value
		return func(*run) uint32 { return v }
	case *None:
		return func(*run) uint32 { return 0 }
	case *Name:
		return c.name(x, sc)
	case *Select:
		i, _ := sc.field(x.Base, x.Field)
		return func(r *run) uint32 { return r.in[i] }
	case *Index:
		base, at := c.at[x.Name], c.expr(x.At, sc)
		n := uint32(c.Layout[base].Type.Len)
		return func(r *run) uint32 {
			i := at(r)
			if i >= n {
				r.check(x.Name+"[]", Type{Kind: Range, Hi: n - 1}, i)
				return 0
			}
			return r.s[base+int(i)]
		}
	case *Not:
		y := c.expr(x.X, sc)
		return func(r *run) uint32 { return 1 - y(r) }
	case *In:
		y, set := c.expr(x.X, sc), c.Sys.Set(x.Set)
		en := c.Sys.Enum(set.Enum)
		var has []bool
		for i := range en.Members {
			has = append(has, set.Has(en, uint32(i)))
		}
		return func(r *run) uint32 { v := y(r); return b2u(int(v) < len(has) && has[v]) }
	case *Call:
		return c.builtin(x, sc)
	case *Binary:
		return c.binary(x, sc)
	}
	return func(*run) uint32 { return 0 }
}

func (c *Code) name(x *Name, sc *scope) func(*run) uint32 {
	if sc.tail != nil {
		for i, p := range sc.tail.Params {
			if p.Name == x.Name {
				at := c.tails[sc.tail.Name].base + i
				return func(r *run) uint32 { return r.frame[at] }
			}
		}
	}
	if sc.event != nil {
		for i, p := range sc.event.Params {
			if p.Name == x.Name {
				return func(r *run) uint32 { return r.in[i] }
			}
		}
	}
	if i, ok := c.at[x.Name]; ok {
		if c.Layout[i].Layer {
			return func(r *run) uint32 {
				if r.env.Concrete != nil {
					return r.s[i]
				}
				return b2u(r.choose(x.Name))
			}
		}
		return func(r *run) uint32 { return r.s[i] }
	}
	for _, e := range append([]*Enum{OutcomeEnum}, c.Sys.Enums...) {
		for i, m := range e.Members {
			if m == x.Name {
				v := uint32(i)
				return func(*run) uint32 { return v }
			}
		}
	}
	return func(*run) uint32 { return 0 }
}

func (c *Code) binary(x *Binary, sc *scope) func(*run) uint32 {
	// an enumeration's member is looked up in the other side's enumeration: two may share a name
	a, b := c.operand(x.X, x.Y, sc), c.operand(x.Y, x.X, sc)
	switch x.Op {
	case "&&":
		return func(r *run) uint32 {
			if a(r) == 0 {
				return 0
			}
			return b(r)
		}
	case "||":
		return func(r *run) uint32 {
			if a(r) != 0 {
				return 1
			}
			return b(r)
		}
	case "==":
		return func(r *run) uint32 { return b2u(a(r) == b(r)) }
	case "!=":
		return func(r *run) uint32 { return b2u(a(r) != b(r)) }
	case "<":
		return func(r *run) uint32 { return b2u(a(r) < b(r)) }
	case "<=":
		return func(r *run) uint32 { return b2u(a(r) <= b(r)) }
	case ">":
		return func(r *run) uint32 { return b2u(a(r) > b(r)) }
	case ">=":
		return func(r *run) uint32 { return b2u(a(r) >= b(r)) }
	case "+":
		return func(r *run) uint32 { return a(r) + b(r) }
	case "-":
		return func(r *run) uint32 {
			p, q := a(r), b(r)
			if q > p && r.fault == "" {
				r.fault = "a difference is below zero: " + Text(x)
				return 0
			}
			return p - q
		}
	case "*":
		return func(r *run) uint32 { return a(r) * b(r) }
	}
	return func(r *run) uint32 {
		p, q := a(r), b(r)
		if q == 0 {
			if r.fault == "" {
				r.fault = "a division by zero: " + Text(x)
			}
			return 0
		}
		return p % q
	}
}

// operand compiles one side of a comparison; the other side says which enumeration a bare name belongs to.
func (c *Code) operand(e, other Expr, sc *scope) func(*run) uint32 {
	if n, ok := e.(*Name); ok {
		if t, ok := sc.typeOf(other); ok && t.Kind == EnumKind {
			if _, known := sc.typeOf(n); !known {
				return c.member(n.Name, t)
			}
		}
	}
	return c.expr(e, sc)
}

func (c *Code) member(name string, t Type) func(*run) uint32 {
	v := uint32(0)
	if en := c.Sys.Enum(t.Name); en != nil {
		for i, m := range en.Members {
			if m == name {
				v = uint32(i)
			}
		}
	}
	return func(*run) uint32 { return v }
}

// typed compiles an expression whose type is known from where its value goes.
func (c *Code) typed(e Expr, t Type, sc *scope) func(*run) uint32 {
	if n, ok := e.(*Name); ok && t.Kind == EnumKind {
		if _, known := sc.typeOf(n); !known {
			return c.member(n.Name, t)
		}
	}
	return c.expr(e, sc)
}

func (c *Code) builtin(x *Call, sc *scope) func(*run) uint32 {
	name := func(i int) string {
		if n, ok := x.Args[i].(*Name); ok {
			return n.Name
		}
		return ""
	}
	switch x.Fn {
	case "next":
		return c.next(x, sc)
	case "before":
		a, b := c.expr(x.Args[0], sc), c.expr(x.Args[1], sc)
		t, _ := sc.typeOf(x.Args[0])
		if s := c.Sys.Sort(t.Name); s != nil && s.Wrap > 0 {
			w := uint32(s.Wrap)
			return func(r *run) uint32 {
				d := (b(r) + w - a(r)) % w
				return b2u(d >= 1 && d <= w/2)
			}
		}
		return func(r *run) uint32 { return b2u(a(r) < b(r)) }
	case "fresh":
		bits := 0
		if s := c.Sys.Sort(name(0)); s != nil {
			bits = s.Bits
		}
		return func(r *run) uint32 {
			if r.env.Concrete != nil {
				return r.env.Concrete.Entropy(bits)
			}
			r.drawn++
			return r.env.Fresh + r.drawn - 1
		}
	case "full":
		a := c.expr(x.Args[0], sc)
		t, _ := sc.typeOf(x.Args[0])
		s := c.Sys.Sort(t.Name)
		return func(r *run) uint32 {
			if r.env.Concrete != nil {
				return b2u(s != nil && s.Bits > 0 && a(r) == largest(s))
			}
			return b2u(r.choose("full"))
		}
	case "unreadable":
		for i, rec := range c.M.Records {
			if rec.Name == name(0) {
				at := c.sound[i]
				return func(r *run) uint32 { return 1 - r.s[at] }
			}
		}
	case "running":
		for i, t := range c.M.Timers {
			if t.Name != name(0) {
				continue
			}
			at, layer := c.running[i], t.Layer
			return func(r *run) uint32 {
				if layer && r.env.Concrete == nil {
					return b2u(r.choose(t.Name))
				}
				return r.s[at]
			}
		}
	case "hit":
		return c.hit(x, name(0), sc)
	case "either":
		return func(r *run) uint32 {
			if w := r.env.Concrete; w != nil {
				return b2u(w.Either != nil && w.Either())
			}
			return b2u(r.choose("either"))
		}
	case "recalled":
		k := c.memo(name(0))
		return func(r *run) uint32 {
			r.memo = true
			if r.env.Concrete != nil {
				return r.env.Concrete.Recall(k)
			}
			return 0
		}
	}
	return func(*run) uint32 { return 0 }
}

// largest value of a sort in its width.
func largest(s *Sort) uint32 { return uint32(uint64(1)<<s.Bits - 1) }

// next is one more than its argument. A number that is never reused and has run out stops the peer for good.
func (c *Code) next(x *Call, sc *scope) func(*run) uint32 {
	a := c.expr(x.Args[0], sc)
	t, _ := sc.typeOf(x.Args[0])
	s := c.Sys.Sort(t.Name)
	if s != nil && s.Wrap > 0 {
		w := uint32(s.Wrap)
		return func(r *run) uint32 { return (a(r) + 1) % w }
	}
	scope := func(*run) uint32 { return 0 }
	_, own := x.Args[0].(*Name)
	if i, ok := c.at[t.Scope]; ok && t.Scope != "" && own {
		scope = func(r *run) uint32 { return r.s[i] }
	}
	return func(r *run) uint32 {
		v := a(r)
		if r.env.Concrete == nil {
			r.nexts = append(r.nexts, Next{t.Name, v, scope(r), own})
		}
		if r.env.Concrete != nil && s != nil && s.Bits > 0 && v >= largest(s) {
			r.halted = true
			return v
		}
		return v + 1
	}
}

func (c *Code) memo(name string) int {
	for i, m := range c.M.Memos {
		if m.Name == name {
			return i
		}
	}
	return -1
}

func (c *Code) hit(x *Call, name string, sc *scope) func(*run) uint32 {
	k := c.memo(name)
	fn, args := c.expr(x.Args[1], sc), c.expr(x.Args[2], sc)
	return func(r *run) uint32 {
		f := fn(r)
		if k < 0 || int(f) >= len(c.M.Memos[k].Entries) || c.M.Memos[k].Entries[f].N == 0 {
			return 0 // this function's answers are never kept
		}
		if r.env.Concrete != nil {
			return b2u(r.env.Concrete.Hit(k, f, args(r)))
		}
		return b2u(r.choose("hit"))
	}
}
