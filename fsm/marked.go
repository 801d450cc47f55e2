package fsm

import "slices"

// Intact is the property that a handler is given what its call was given, where that came in pieces.
const Intact = "intact"

// unused is a name that neither the machine nor anything of the system has, made of one.
func (s *System) unused(m *Machine, name string) string {
	c := Compile(s, m)
	for {
		_, taken := c.at[name]
		for _, r := range m.Records {
			taken = taken || r.Name == name
		}
		for _, e := range s.Enums {
			taken = taken || slices.Contains(e.Members, name)
		}
		if !taken {
			return name
		}
		name += "_"
	}
}

// Marked is a copy of a sane system in which one piece of one value is marked, any: a digest is whether it is that of the
// marked value, a piece whether it is the marked one, what pieces there are whether that is among them. No machine tells one
// value, or one piece, from another but by comparing digests and asking what is there, so that what holds for the marked piece
// of the marked value holds for each (data independence, Wolper 1986). Two digests that are not the marked one are equal or
// not, and of the other pieces there are all or not. Where the marked piece goes stands in stable memory, which
// a crash in the midst of staging leaves without either value. A handler that is given the marked value without its marked
// piece breaks intact.
func Marked(s *System) *System {
	k := reread(s)
	for _, m := range k.Machines {
		marked(k, m)
	}
	k.types(func(t *Type) {
		if t.Hidden() {
			*t = Type{Kind: Bool}
		}
	})
	prune(k, true)
	return k
}

func marked(s *System, m *Machine) {
	c := Compile(s, m)
	// What is staged where the marked piece goes is the marked value's.
	areaRecord, areaField := s.unused(m, "staged"), s.unused(m, "staged_marked")
	and := func(a, b Expr) Expr { return &Binary{"&&", a, b} }
	or := func(a, b Expr) Expr { return &Binary{"||", a, b} }
	var expr func(sc *scope, e Expr) Expr
	expr = func(sc *scope, e Expr) Expr {
		again := func(e Expr) Expr {
			if _, none := e.(*None); none {
				return boolean(false)
			}
			return expr(sc, e)
		}
		switch x := e.(type) {
		case *Call:
			if _, is := pieceWork[x.Fn]; !is {
				return e
			}
			arg := func(i int) Expr { return again(x.Args[i]) }
			switch x.Fn {
			case "takes":
				return and(&Not{and(arg(0), arg(1))}, either())
			case "with":
				return or(arg(0), arg(1))
			case "whole", "sofar":
				return and(arg(0), either())
			case "part":
				return &None{}
			case "assembled":
				return expr(sc, x.Args[1])
			}
			return either()
		case *Binary:
			if sc.hides(x.X) || sc.hides(x.Y) {
				a, b := again(x.X), again(x.Y)
				same := and(&Binary{"==", a, b}, or(a, either()))
				if x.Op == "!=" {
					return &Not{same}
				}
				return same
			}
		}
		return over(e, func(e Expr) Expr { return expr(sc, e) })
	}
	stmt := func(sc *scope, st *Stage) []*Stage {
		k := *st
		switch x := st.Stmt.(type) {
		case *Place:
			put := &Persist{Record: areaRecord, Fields: []FieldValue{{areaField, expr(sc, x.Of)}}}
			k.Stmt = &When{Cond: expr(sc, x.Piece), Then: []*Stage{{Stmt: put, Span: st.Span}}}
			return []*Stage{&k}
		case *Assign:
			if _, none := x.Value.(*None); none && sc.hides(x.Target) {
				k.Stmt = &Assign{x.Target, boolean(false)}
				return []*Stage{&k}
			}
		case *Invoke:
			if a, is := x.Args.(*Call); is && a.Fn == "assembled" {
				lacks := and(expr(sc, a.Args[0]), &Not{&Name{Name: areaField}})
				watch := &Stage{Stmt: &When{Cond: lacks, Then: []*Stage{{Stmt: &Breach{Intact}, Span: st.Span}}}, Span: st.Span}
				k.Stmt = mapped(st.Stmt, func(e Expr) Expr { return expr(sc, e) })
				return []*Stage{watch, &k}
			}
		}
		k.Stmt = mapped(st.Stmt, func(e Expr) Expr { return expr(sc, e) })
		return []*Stage{&k}
	}
	// none, where a field of a hidden type is given it, is a truth that does not hold
	fields := func(sc *scope, st *Stage) []*Stage {
		given := func(fs []FieldValue, t func(name string) Type) (out []FieldValue) {
			for _, f := range fs {
				if _, none := f.Value.(*None); none && t(f.Name).Hidden() {
					f.Value = boolean(false)
				}
				out = append(out, f)
			}
			return out
		}
		k := *st
		switch x := st.Stmt.(type) {
		case *Send:
			msg := s.Message(x.Message)
			k.Stmt = &Send{x.Message, given(x.Fields, func(name string) Type { return msg.Fields[max(0, msg.Index(name))].Type })}
		case *Persist:
			k.Stmt = &Persist{x.Record, given(x.Fields, func(name string) Type {
				t, _ := sc.typeOf(&Name{Name: name})
				return t
			}), x.Commit}
		}
		return stmt(sc, &k)
	}
	(&rewriting{c: c, expr: expr, stmt: fields}).machine(m)
	if m.does(func(st Stmt) bool { p, is := st.(*Persist); return is && p.Record == areaRecord }) {
		m.Records = append(m.Records, &Record{Name: areaRecord, Slots: 1, Fields: []*Field{{Name: areaField, Type: Type{Kind: Bool}}}})
	}
}
