package fsm

import "slices"

// Hidden is a sane system without what is known of values that travel in pieces; the system itself where there are none.
func Hidden(s *System) *System {
	found := false
	s.types(func(t *Type) { found = found || t.Hidden() })
	if !found {
		return s
	}
	k := reread(s)
	hide(k)
	prune(k, true)
	return k
}

// hide takes from a system, in place, what is known of values that travel in pieces: conditions over it may hold or not, each
// time anew. What was sent in pieces is still sent, without anything in it; what was staged or written down is not. A system
// without pieces stays as it is.
func hide(s *System) {
	for _, m := range s.Machines {
		c := Compile(s, m)
		gone := func(r *Record) bool { return len(r.Fields) > 0 && !slices.ContainsFunc(r.Fields, seen) }
		var expr func(sc *scope, e Expr) Expr
		expr = func(sc *scope, e Expr) Expr {
			switch x := e.(type) {
			case *Call:
				b, is := pieceWork[x.Fn]
				switch {
				case is && b.gives.Kind == Bool:
					return either()
				case x.Fn == "part":
					return &None{}
				case x.Fn == "assembled":
					return expr(sc, x.Args[1])
				case x.Fn == "unreadable":
					if n, named := x.Args[0].(*Name); named && slices.ContainsFunc(m.Records, func(r *Record) bool { return r.Name == n.Name && gone(r) }) {
						return either()
					}
				}
				return e
			case *Binary:
				if sc.hides(x.X) || sc.hides(x.Y) {
					return either()
				}
			}
			return over(e, func(e Expr) Expr { return expr(sc, e) })
		}
		stmt := func(sc *scope, st *Stage) []*Stage {
			k := *st
			switch x := st.Stmt.(type) {
			case *Place:
				return nil
			case *Assign:
				if sc.hides(x.Target) {
					return nil
				}
			case *Send:
				msg := s.Message(x.Message)
				k.Stmt = &Send{x.Message, visible(x.Fields, func(name string) *Field {
					if i := msg.Index(name); i >= 0 {
						return msg.Fields[i]
					}
					return nil
				})}
			case *Persist:
				i := slices.IndexFunc(m.Records, func(r *Record) bool { return r.Name == x.Record })
				if gone(m.Records[i]) {
					return nil
				}
				k.Stmt = &Persist{x.Record, visible(x.Fields, func(name string) *Field {
					if j := slices.IndexFunc(m.Records[i].Fields, func(f *Field) bool { return f.Name == name }); j >= 0 {
						return m.Records[i].Fields[j]
					}
					return nil
				}), x.Commit}
			}
			k.Stmt = mapped(k.Stmt, func(e Expr) Expr { return expr(sc, e) })
			return []*Stage{&k}
		}
		(&rewriting{c: c, expr: expr, stmt: stmt}).machine(m)
		m.Vars = slices.DeleteFunc(m.Vars, func(v *Var) bool { return v.Type.Hidden() })
		m.Records = slices.DeleteFunc(m.Records, gone)
		for _, r := range m.Records {
			r.Fields = slices.DeleteFunc(r.Fields, func(f *Field) bool { return !seen(f) })
		}
	}
	for _, m := range s.Messages {
		m.Fields = slices.DeleteFunc(m.Fields, func(f *Field) bool { return !seen(f) })
	}
}

// seen reports whether a field is one that a proof sees.
func seen(f *Field) bool { return !f.Type.Hidden() }

func visible(fs []FieldValue, field func(name string) *Field) []FieldValue {
	return slices.DeleteFunc(slices.Clone(fs), func(v FieldValue) bool { f := field(v.Name); return f != nil && !seen(f) })
}
