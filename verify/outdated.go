package verify

import (
	"slices"

	"sprocketc/fsm"
)

// Values of a sort that are only ever asked whether they are the one that a machine's variable has now, such as epochs of a callee
// whose caller believes each rejection, count as one once they are not: the variable only grows, so it has none of them again, and
// nobody can tell them apart. That is a quotient by a bisimulation. It keeps fairness as well, where starts alone set the
// variable: after the last crash there are finitely many such values, so of one that is sent for ever one is.

// present is a variable whose value alone counts among those of its sort.
type present struct{ sort, machine, slot int }

// findPresents finds them: no identity, no scope, and compared with nothing but the variable and none.
func (e *blockEngine) findPresents() (out []present) {
	for i, c := range e.m.Code {
		for j, x := range c.Layout {
			sort := slices.Index(e.num.sorts, x.Type.Name)
			if sort < 0 || x.Type.Scope != "" || !e.m.setByStart(c, x) || e.scopes(sort) || e.id != nil && slices.Contains(e.id.sorts, x.Type.Name) {
				continue
			}
			ok := true
			for k := range e.m.Code {
				ok = ok && e.m.asksOnlyFor(k, x.Type.Name, i, x.Name)
			}
			for _, v := range e.m.Sys.Invariants {
				ok = ok && !e.m.readsNumber(v.Cond)
			}
			for _, a := range e.m.source.Assertions {
				ok = ok && !e.m.readsNumber(a.Cond) && (a.After == nil || !e.m.readsNumber(a.After))
			}
			if ok {
				out = append(out, present{sort, i, j})
			}
		}
	}
	return
}

// scopes reports whether a number counts within values of a sort, or values of a sort within a number.
func (e *blockEngine) scopes(sort int) bool {
	found := false
	for i, ps := range e.num.slots {
		for _, p := range ps {
			found = found || p.scope >= 0 && (p.sort == sort || e.m.Code[i].Layout[p.scope].Type.Name == e.num.sorts[sort])
		}
	}
	for i, ps := range e.num.field {
		for _, p := range ps {
			found = found || p.scope > 0 && (p.sort == sort || e.m.Sys.Messages[i].Fields[p.scope-1].Type.Name == e.num.sorts[sort])
		}
	}
	return found
}

// asksOnlyFor reports whether a machine compares values of a sort with none and a variable of one machine alone, and does nothing else
// with them but to copy them, to draw one, and to count that variable on.
func (m *Model) asksOnlyFor(machine int, sort string, of int, variable string) bool {
	ok := true
	is := func(x fsm.Expr) bool {
		n, is := x.(*fsm.Name)
		return is && machine == of && n.Name == variable
	}
	m.expressions(machine, func(x fsm.Expr, typeOf func(fsm.Expr) (fsm.Type, bool)) {
		mine := func(x fsm.Expr) bool {
			t, known := typeOf(x)
			return known && t.Name == sort
		}
		none := func(x fsm.Expr) bool {
			_, is := x.(*fsm.None)
			return is
		}
		switch x := x.(type) {
		case *fsm.Binary:
			if mine(x.X) || mine(x.Y) {
				ok = ok && (none(x.X) || none(x.Y) || is(x.X) || is(x.Y))
			}
		case *fsm.Call:
			if x.Fn != "fresh" && slices.ContainsFunc(x.Args, mine) {
				ok = ok && x.Fn == "next" && is(x.Args[0])
			}
		case *fsm.Index: // of an array of them
			ok = ok && !mine(x)
		}
	})
	return ok
}

// outdated gives all values that are not the present one, of sorts of which that alone counts, one value: the least of them.
func (e *blockEngine) outdated(s blockState) blockState {
	for _, p := range e.current {
		now := e.all[s.world].L[p.machine][p.slot]
		f := e.front(s)
		least := now
		each := func(visit func(v uint32)) {
			for i, ps := range e.num.slots {
				for _, q := range ps {
					if q.sort == p.sort {
						visit(f.w.L[i][q.at])
					}
				}
			}
			for _, m := range f.messages() {
				for _, q := range e.num.field[m[0]] {
					if q.sort == p.sort {
						visit(uint32(m[q.at]))
					}
				}
			}
		}
		many := false
		each(func(v uint32) {
			if v > 0 && v < now {
				many = many || least < now && v != least
				least = min(least, v)
			}
		})
		if !many {
			continue
		}
		old := func(v uint32) bool { return v > 0 && v < now }
		for i, ps := range e.num.slots {
			for _, q := range ps {
				if q.sort == p.sort && old(f.w.L[i][q.at]) {
					f.w.L[i][q.at] = least
				}
			}
		}
		for ch := range f.c {
			f.c[ch] = f.c[ch].rename(e.k[ch], func(m Msg) (Msg, bool) {
				for _, q := range e.num.field[m[0]] {
					if q.sort == p.sort && old(uint32(m[q.at])) {
						m[q.at] = uint8(least)
					}
				}
				return m, true
			})
		}
		s = e.intern(f)
	}
	return s
}

// counts reports whether each value of a sort counts, and not its present one alone.
func (e *blockEngine) counts(sort int) bool {
	return !slices.ContainsFunc(e.current, func(p present) bool { return p.sort == sort })
}
