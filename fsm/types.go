package fsm

import "slices"

// The second half of Sanity: types of expressions and statements.

func (k *checker) body(m *Machine, body []*Stage) {
	for i, s := range body {
		k.at = s.Span
		k.stmt(m, s.Stmt)
		if _, end := s.Stmt.(*End); end && i+1 < len(body) {
			k.bad("unreachable-stage", body[i+1].Span, "this stage can never fire: the one before it ends the event")
		}
	}
}

func (k *checker) stmt(m *Machine, s Stmt) {
	switch x := s.(type) {
	case *When:
		k.cond(x.Cond)
		before := k.hit
		k.hit = append(slices.Clone(before), hits(x.Cond)...)
		k.body(m, x.Then)
		k.hit = before
		k.body(m, x.Else)
	case *Assign:
		if _, sel := x.Target.(*Select); sel {
			k.bad("type-mismatch", k.at, "only a machine's own variable can be set")
			return
		}
		t, ok := k.typ(x.Target)
		if n, is := x.Target.(*Name); is {
			if i, known := k.sc.c.at[n.Name]; !known {
				k.bad("unknown-name", n.Span, "there is no variable `%s`", n.Name)
				return
			} else if i >= len(m.Vars) {
				k.bad("type-mismatch", n.Span, "`%s` belongs to a record: it is written by persist only", n.Name)
			}
		}
		if ok {
			k.fits(x.Value, t)
		}
	case *Send:
		msg := k.sys.Message(x.Message)
		if msg == nil || msg.From != m.Name {
			k.bad("unknown-name", k.at, "`%s` has no message `%s` to send", m.Name, x.Message)
			return
		}
		if !slices.ContainsFunc(k.sys.Channels, func(c *Channel) bool { return c.From == m.Name }) {
			k.bad("no-channel", k.at, "no channel leads away from `%s`", m.Name)
		}
		given := map[string]bool{}
		for _, f := range x.Fields {
			i := msg.Index(f.Name)
			if i < 0 || given[f.Name] {
				k.bad("unknown-name", k.at, "`%s` has no field `%s` to give, or it is given twice", x.Message, f.Name)
				continue
			}
			given[f.Name] = true
			k.fits(f.Value, msg.Fields[i].Type)
		}
		for _, f := range msg.Fields {
			if !given[f.Name] {
				k.bad("missing-field", k.at, "`%s` is sent without its field `%s`", x.Message, f.Name)
			}
		}
	case *Persist:
		i := slices.IndexFunc(m.Records, func(r *Record) bool { return r.Name == x.Record })
		if i < 0 {
			k.bad("unknown-name", k.at, "there is no record `%s`", x.Record)
			return
		}
		if x.Commit && (k.sc.event == nil || k.sc.event.Kind != OnReturn) {
			k.bad("misplaced", k.at, "`commit` stands in `on return` only: there is what a handler did")
		}
		for _, f := range x.Fields {
			j := slices.IndexFunc(m.Records[i].Fields, func(g *Field) bool { return g.Name == f.Name })
			if j < 0 {
				k.bad("unknown-name", k.at, "record `%s` has no field `%s`", x.Record, f.Name)
				continue
			}
			k.fits(f.Value, m.Records[i].Fields[j].Type)
		}
	case *Start:
		t := k.timer(m, x.Timer)
		if t != nil && (t.Per != "") != (x.Per != nil) {
			k.bad("type-mismatch", k.at, "timer `%s` is started with `for` exactly where its intervals depend on it", x.Timer)
		} else if t != nil && x.Per != nil {
			k.fits(x.Per, Type{Kind: EnumKind, Name: t.Per})
		}
	case *Cancel:
		k.timer(m, x.Timer)
	case *Invoke:
		k.fits(x.Fn, Type{Kind: EnumKind, Name: "fn"})
		k.fits(x.Args, Type{Kind: Payload})
	case *Complete:
		k.fits(x.Outcome, Type{Kind: EnumKind, Name: OutcomeEnum.Name})
		k.fits(x.Fn, Type{Kind: EnumKind, Name: "fn"})
		k.answers = true
		k.fits(x.Answer, Type{Kind: Payload})
		k.answers = false
		if x.Args != nil {
			k.fits(x.Args, Type{Kind: Payload})
		} else if m.Lanes() {
			k.bad("missing-field", k.at, "`complete` says `of args` everywhere in a machine that says it anywhere: else nobody knows which call ends")
		}
	case *Report:
		k.fits(x.Outcome, Type{Kind: EnumKind, Name: OutcomeEnum.Name})
		k.fits(x.Fn, Type{Kind: EnumKind, Name: "fn"})
		k.fits(x.Answer, Type{Kind: Payload})
		k.fits(x.Args, Type{Kind: Payload})
	case *Do:
		t := m.Tail(x.Tail)
		if t == nil || len(t.Params) != len(x.Args) {
			k.bad("unknown-name", k.at, "there is no tail `%s` of %d parameters", x.Tail, len(x.Args))
			return
		}
		for i, a := range x.Args {
			k.fits(a, t.Params[i].Type)
		}
	case *Note:
		if m.Journal == nil {
			k.bad("unknown-name", k.at, "`%s` keeps no journal", m.Name)
		}
		if x.Fn != nil {
			k.fits(x.Fn, Type{Kind: EnumKind, Name: "fn"})
		}
	case *Ask:
		k.memo(m, x.Memo)
	case *Place:
		k.fits(x.Piece, hidden("piece"))
		k.fits(x.Data, Type{Kind: Payload})
		k.fits(x.Of, hidden("digest"))
	case *Forget:
		k.memo(m, x.Memo)
	case *Remember:
		k.memo(m, x.Memo)
		k.fits(x.Fn, Type{Kind: EnumKind, Name: "fn"})
		k.fits(x.Args, Type{Kind: Payload})
		k.fits(x.Answer, Type{Kind: Payload})
	}
}

func (k *checker) timer(m *Machine, name string) *Timer {
	for _, t := range m.Timers {
		if t.Name == name {
			return t
		}
	}
	k.bad("unknown-name", k.at, "there is no timer `%s`", name)
	return nil
}

func (k *checker) memo(m *Machine, name string) {
	if !slices.ContainsFunc(m.Memos, func(x *Memo) bool { return x.Name == name }) {
		k.bad("unknown-name", k.at, "there is no memo `%s`", name)
	}
}

// hits lists the memos of which a condition that holds has found an answer.
func hits(cond Expr) []string {
	switch x := cond.(type) {
	case *Binary:
		if x.Op == "&&" {
			return append(hits(x.X), hits(x.Y)...)
		}
	case *Call:
		if x.Fn != "hit" || len(x.Args) == 0 {
			break
		}
		if n, ok := x.Args[0].(*Name); ok {
			return []string{n.Name}
		}
	}
	return nil
}

func (k *checker) cond(e Expr) {
	if e != nil {
		k.fits(e, Type{Kind: Bool})
	}
}

// fits checks that an expression is of a type.
func (k *checker) fits(e Expr, want Type) {
	switch x := e.(type) {
	case *Literal:
		switch {
		case want.Hidden():
			k.bad("type-mismatch", k.at, "%s is not of type %s", Text(e), want)
		case x.IsBool != (want.Kind == Bool) || !x.IsBool && want.Kind != Range:
			k.bad("type-mismatch", k.at, "%s is not of type %s", Text(e), want)
		case want.Kind == Range && (x.Value < want.Lo || x.Value > want.Hi):
			k.bad("out-of-range", k.at, "%d is outside %s", x.Value, want)
		}
		return
	case *None:
		if want.Kind != Number && want.Kind != Token && want.Kind != Payload && !want.Hidden() {
			k.bad("type-mismatch", k.at, "none is not of type %s", want)
		}
		return
	case *Name:
		if _, known := k.sc.typeOf(x); !known && want.Kind == EnumKind {
			if en := k.sys.Enum(want.Name); en != nil && slices.Contains(en.Members, x.Name) {
				return
			}
		}
	}
	t, ok := k.typ(e)
	if !ok {
		return
	}
	if t.Len > 0 || t.Kind != want.Kind || t.Name != want.Name {
		k.bad("type-mismatch", k.at, "%s is of type %s, where %s is wanted", Text(e), t, want)
	}
}

// typ is the type of an expression; what is wrong inside it is reported.
func (k *checker) typ(e Expr) (Type, bool) {
	switch x := e.(type) {
	case *Name:
		if t, ok := k.sc.typeOf(x); ok {
			return t, true
		}
		k.bad("unknown-name", x.Span, "there is no `%s` here", x.Name)
		return Type{}, false
	case *Select:
		if _, t := k.sc.field(x.Base, x.Field); t != (Type{}) {
			return t, true
		}
		if i, t := k.sc.field(x.Base, x.Field); i >= 0 {
			return t, true // a boolean's type is the zero value
		}
		k.bad("unknown-name", x.Span, "the event has no `%s.%s`", x.Base, x.Field)
		return Type{}, false
	case *Index:
		t, ok := k.sc.typeOf(x)
		if i, known := k.sc.c.at[x.Name]; !ok || !known || k.sc.c.Layout[i].Type.Len == 0 {
			k.bad("unknown-name", x.Span, "`%s` is not an array", x.Name)
			return Type{}, false
		}
		if at, ok := k.typ2(x.At); ok && at.Kind != Range && at.Kind != EnumKind {
			k.bad("type-mismatch", x.Span, "an index is a range or an enumeration")
		}
		return t, true
	case *Not:
		k.cond(x.X)
	case *In:
		if s := k.sys.Set(x.Set); s == nil {
			k.bad("unknown-name", k.at, "there is no set `%s`", x.Set)
		} else {
			k.fits(x.X, Type{Kind: EnumKind, Name: s.Enum})
		}
	case *Call:
		return k.call(x)
	case *Binary:
		return k.binary(x)
	}
	return Type{Kind: Bool}, true
}

// typ2 is typ for operands: a literal is a range of itself.
func (k *checker) typ2(e Expr) (Type, bool) {
	if l, ok := e.(*Literal); ok {
		if l.IsBool {
			return Type{Kind: Bool}, true
		}
		return Type{Kind: Range, Lo: l.Value, Hi: l.Value}, true
	}
	return k.typ(e)
}

func (k *checker) binary(x *Binary) (Type, bool) {
	switch x.Op {
	case "&&", "||":
		k.cond(x.X)
		k.cond(x.Y)
		return Type{Kind: Bool}, true
	case "==", "!=":
		a, b := x.X, x.Y
		if _, known := k.sc.typeOf(a); !known { // the side with a type says what the other must be
			a, b = b, a
		}
		if t, ok := k.typ2(a); ok {
			if t.Kind == Payload {
				k.bad("payload-tested", k.at, "a payload is copied, never tested: that is what makes the proof hold for every value")
				return Type{Kind: Bool}, true
			}
			if t.Kind == Range && !t.Hidden() {
				if u, ok := k.typ2(b); ok && u.Kind != Range {
					k.bad("type-mismatch", k.at, "%s and %s cannot be compared", Text(x.X), Text(x.Y))
				}
				return Type{Kind: Bool}, true
			}
			k.fits(b, t)
		}
		return Type{Kind: Bool}, true
	}
	for _, y := range []Expr{x.X, x.Y} {
		if t, ok := k.typ2(y); ok && (t.Kind != Range || t.Hidden()) {
			k.bad("type-mismatch", k.at, "%s is not a range: only ranges have an order by < and arithmetic", Text(y))
		}
	}
	if level[x.Op] <= 3 {
		return Type{Kind: Bool}, true
	}
	return Type{Kind: Range, Hi: 1 << 20}, true
}

var arity = map[string]int{"either": 0, "next": 1, "before": 2, "fresh": 1, "full": 1, "unreadable": 1, "running": 1, "hit": 3, "recalled": 1}

func (k *checker) call(x *Call) (Type, bool) {
	if b, is := pieceWork[x.Fn]; is && len(b.takes) == len(x.Args) {
		for i, t := range b.takes {
			k.fits(x.Args[i], t)
		}
		return b.gives, true
	}
	n, ok := arity[x.Fn]
	if !ok || n != len(x.Args) {
		k.bad("unknown-name", x.Span, "there is no `%s` of %d arguments", x.Fn, len(x.Args))
		return Type{}, false
	}
	if n == 0 {
		return Type{Kind: Bool}, true
	}
	name := ""
	if a, ok := x.Args[0].(*Name); ok {
		name = a.Name
	}
	m := k.sc.c.M
	switch x.Fn {
	case "next", "full", "before":
		t, ok := k.typ(x.Args[0])
		if !ok {
			return t, false
		}
		if t.Kind != Number {
			k.bad("type-mismatch", x.Span, "%s needs a number, and %s is of type %s, which has no order", x.Fn, Text(x.Args[0]), t)
			return t, false
		}
		if x.Fn == "before" {
			k.fits(x.Args[1], t)
		}
		if x.Fn == "next" {
			return t, true
		}
	case "fresh":
		if s := k.sys.Sort(name); s == nil || !s.Token {
			k.bad("unknown-type", x.Span, "fresh needs a token sort")
		}
		return Type{Kind: Token, Name: name}, true
	case "unreadable":
		if !slices.ContainsFunc(m.Records, func(r *Record) bool { return r.Name == name }) {
			k.bad("unknown-name", x.Span, "there is no record `%s`", name)
		}
	case "running":
		k.timer(m, name)
	case "hit":
		k.memo(m, name)
		k.fits(x.Args[1], Type{Kind: EnumKind, Name: "fn"})
		k.fits(x.Args[2], Type{Kind: Payload})
	case "recalled":
		k.memo(m, name)
		if !k.answers || !slices.Contains(k.hit, name) {
			k.bad("misplaced-answer", x.Span, "`%s` can only be the answer of a `complete` behind `when hit(%s, …)`: the proof does not follow it any further", Text(x), name)
		}
		return Type{Kind: Payload}, true
	}
	return Type{Kind: Bool}, true
}

func (k *checker) invariant(inv *Invariant) {
	k.at = inv.Span
	WalkExpr(inv.Cond, func(e Expr) {
		switch x := e.(type) {
		case *Select:
			known := false
			if m := k.sys.Machine(x.Base); m != nil {
				_, known = m.variable(x.Field)
				k.open(m, x)
			}
			if !known {
				k.bad("unknown-name", x.Span, "there is no variable `%s.%s`", x.Base, x.Field)
			}
		case *Call:
			k.bad("unknown-name", x.Span, "an invariant compares variables; `%s` is not for it", x.Fn)
		case *Index:
			k.bad("unknown-name", x.Span, "an invariant names whole variables")
		}
	})
}
