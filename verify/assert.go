package verify

import (
	"fmt"
	"slices"

	"sprocketc/fsm"
)

// Assertions of the system's own. One that speaks of states becomes an invariant; what has to have happened before is a
// bit of the monitor; what is said of the moment in which a handler starts is held against each start. They are about
// the marked call and at most one moment of another, so that the reductions which merge unmarked calls stay exact: those
// keep whatever one unmarked call can do beside the marked one.

// maxLatches is how many assertions may wait for something to happen first.
const maxLatches = 8

// latch is an assertion that holds from a moment on.
type latch struct {
	after fsm.Expr
	bit   uint8
}

// seenBase is the base of the facts that say whether the n-th latch has closed.
const seenBase = "seen before"

// assertions turns the system's assertions into what the search watches.
func (m *Model) assertions() error {
	for _, a := range m.Sys.Assertions {
		cond := a.Cond
		m.readFacts(a.Cond)
		if a.After != nil {
			m.readFacts(a.After)
		}
		if a.Mode == fsm.Eventually {
			continue
		}
		if a.Mode == fsm.Never {
			cond = &fsm.Not{X: cond}
		}
		if a.After != nil {
			if len(m.latches) == maxLatches {
				return fmt.Errorf("more than %d assertions wait for something to happen first", maxLatches)
			}
			name := fmt.Sprint(len(m.latches))
			m.latches = append(m.latches, latch{a.After, 1 << len(m.latches)})
			cond = &fsm.Binary{Op: "||", X: &fsm.Not{X: &fsm.Select{Base: seenBase, Field: name}}, Y: cond}
		}
		inv := &fsm.Invariant{Name: a.Name, Cond: cond, Doc: a.Doc, Span: a.Span}
		if m.reads(cond, fsm.OtherCall, "") {
			m.moments = append(m.moments, inv)
		} else {
			m.Sys.Invariants = append(m.Sys.Invariants, inv)
		}
	}
	return nil
}

// reads reports whether a condition reads a fact; of any field where the field is empty.
func (m *Model) reads(cond fsm.Expr, base, field string) (found bool) {
	fsm.WalkExpr(cond, func(e fsm.Expr) {
		if x, ok := e.(*fsm.Select); ok && x.Base == base && m.index(base) < 0 {
			found = found || field == "" || x.Field == field
		}
	})
	return
}

// readFacts notes what an assertion wants to be remembered of the marked call.
func (m *Model) readFacts(cond fsm.Expr) {
	m.keeps = m.keeps || m.reads(cond, fsm.MarkedCall, "")
	m.outcomes = m.outcomes || m.reads(cond, fsm.MarkedCall, "outcome") || m.reads(cond, fsm.MarkedCall, "ended")
}

// nothing is the value of a fact that there is not: no member of an enumeration.
const nothing = 255

// fact is what is known of the marked call and of others.
func (m *Model) fact(x *fsm.Select, e Monitor) uint32 {
	b2u := func(b bool) uint32 {
		if b {
			return 1
		}
		return 0
	}
	switch x.Base + "." + x.Field {
	case "call.made":
		return b2u(e.Phase != notMade)
	case "call.pending":
		return b2u(e.Phase == pending)
	case "call.running":
		return b2u(e.Run == marked)
	case "call.starts":
		return uint32(e.Starts)
	case "call.ended":
		return b2u(e.Outcome > 0)
	case "call.outcome":
		if e.Outcome > 0 {
			return uint32(e.Outcome - 1)
		}
	case "call.fn":
		if e.Phase != notMade {
			return uint32(e.Fn)
		}
	case "other.starts":
		if e.Starting > 0 {
			return uint32(e.Starting - 1)
		}
	case "calls.pending":
		return b2u(e.Call != 0)
	default:
		for i, l := range m.latches {
			if x.Base == seenBase && x.Field == fmt.Sprint(i) {
				return b2u(e.Seen&l.bit != 0)
			}
		}
	}
	return nothing
}

// close closes the latches whose moment has come.
func (m *Model) close(w *World) {
	for _, l := range m.latches {
		if w.Env.Seen&l.bit == 0 && m.value(l.after, *w, nil) != 0 {
			w.Env.Seen |= l.bit
		}
	}
}

// startsOther holds the start of a handler of an unmarked call against what is asserted of such moments: its machine is
// as far as it got, whether or not it crashes there.
func (m *Model) startsOther(s *Step, f fsm.Effect) {
	if len(m.moments) == 0 {
		return
	}
	w := World{L: slices.Clone(s.Next.L), Env: s.Next.Env}
	w.L[s.Machine] = f.After
	w.Env.Starting = uint8(f.Fn) + 1
	for _, inv := range m.moments {
		if s.Bad == "" && m.watches(inv.Name) && m.value(inv.Cond, w, nil) == 0 {
			s.Bad, s.Why = inv.Name, "it does not hold where "+m.fn.Members[f.Fn]+" starts for another call"
		}
	}
}

// fundamental reports whether a system that breaks a property is wrong in a way that may leave the search without an end.
// What it asserts of its states says nothing of that, so the search goes on behind such a state.
func (m *Model) fundamental(property string) bool {
	for _, a := range m.Sys.Assertions {
		if a.Name == property {
			return m.reads(a.Cond, fsm.OtherCall, "") // the step that breaks it is not taken
		}
	}
	return true
}

// asserted lists the names of the assertions that the safety search watches beside the invariants.
func (m *Model) asserted() (out []string) {
	for _, inv := range m.moments {
		out = append(out, inv.Name)
	}
	return
}

// factEnum is the enumeration of a fact, for a name that it is compared with.
func (m *Model) factEnum(x *fsm.Select) *fsm.Enum {
	if t, ok := m.Sys.FactOf(x); ok && t.Kind == fsm.EnumKind {
		return m.Sys.Enum(t.Name)
	}
	return nil
}

// assertedConditions calls f for every expression of the assertions, outermost first.
func (m *Model) assertedConditions(f func(fsm.Expr)) {
	for _, a := range m.Sys.Assertions {
		for _, c := range []fsm.Expr{a.After, a.Cond} {
			if c != nil {
				fsm.WalkExpr(c, f)
			}
		}
	}
}
