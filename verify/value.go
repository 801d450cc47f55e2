package verify

import (
	"slices"

	"sprocketc/fsm"
)

// value of a condition over the machines' variables.
func (m *Model) value(e fsm.Expr, w World, other fsm.Expr) uint32 {
	b2u := func(b bool) uint32 {
		if b {
			return 1
		}
		return 0
	}
	switch k := e.(type) {
	case *fsm.Literal:
		return k.Value
	case *fsm.Select:
		i := m.index(k.Base)
		if i < 0 {
			return m.fact(k, w.Env)
		}
		if at := m.Code[i].Slot(k.Field); at >= 0 {
			return w.L[i][at]
		}
	case *fsm.Name:
		// a member of the enumeration of the other side, else of any
		if s, ok := other.(*fsm.Select); ok {
			if en := m.factEnum(s); en != nil {
				return uint32(slices.Index(en.Members, k.Name))
			}
			if i := m.index(s.Base); i >= 0 {
				if at := m.Code[i].Slot(s.Field); at >= 0 {
					if en := m.Sys.Enum(m.Code[i].Layout[at].Type.Name); en != nil && slices.Contains(en.Members, k.Name) {
						return uint32(slices.Index(en.Members, k.Name))
					}
				}
			}
		}
		for _, en := range m.Sys.Enums {
			if i := slices.Index(en.Members, k.Name); i >= 0 {
				return uint32(i)
			}
		}
	case *fsm.Not:
		return 1 - m.value(k.X, w, nil)
	case *fsm.In:
		if s := m.set[k.Set]; s != nil {
			return b2u(s.Has(m.Sys.Enum(s.Enum), m.value(k.X, w, nil)))
		}
	case *fsm.Binary:
		a, b := m.value(k.X, w, k.Y), m.value(k.Y, w, k.X)
		switch k.Op {
		case "&&":
			return b2u(a != 0 && b != 0)
		case "||":
			return b2u(a != 0 || b != 0)
		case "==":
			return b2u(a == b)
		case "!=":
			return b2u(a != b)
		case "<":
			return b2u(a < b)
		case "<=":
			return b2u(a <= b)
		case ">":
			return b2u(a > b)
		case ">=":
			return b2u(a >= b)
		case "+":
			return a + b
		case "-":
			return a - b
		case "*":
			return a * b
		case "%":
			if b != 0 {
				return a % b
			}
		}
	}
	return 0
}

// violates reports whether an invariant of a name does not hold in a world.
func (m *Model) violates(w World, name string) bool {
	return slices.ContainsFunc(m.Sys.Invariants, func(inv *fsm.Invariant) bool {
		return !inv.Start && inv.Name == name && m.value(inv.Cond, w, nil) == 0
	})
}
