package export

import (
	"fmt"

	"sprocketc/fsm"
)

// assertion is one of the system's own, as a condition that has to hold in every state, or in every moment in which a
// handler starts for a call that is not marked.
type assertion struct {
	name   string
	cond   fsm.Expr
	latch  int // it is asserted from the moment on in which this latch closes; -1: from the start
	moment bool
}

// maxLatches is how many assertions may wait for something to happen first.
const maxLatches = 8

// findAssertions sorts out what the system asserts of its own, and what has to be remembered for that: of the marked call,
// which is then never forgotten, and of what has happened. An error names what the models cannot assert.
func (m *model) findAssertions() error {
	for _, a := range m.sys.Assertions {
		if a.Mode == fsm.Eventually {
			return fmt.Errorf("assertion %s says what comes about eventually: an export asserts only what a finite run can break", a.Name)
		}
		k := assertion{name: a.Name, cond: a.Cond, latch: -1, moment: m.reads(a.Cond, fsm.OtherCall, "")}
		if a.Mode == fsm.Never {
			k.cond = &fsm.Not{X: a.Cond}
		}
		if a.After != nil {
			k.latch = len(m.latches)
			m.latches = append(m.latches, a.After)
		}
		for _, c := range []fsm.Expr{a.After, a.Cond} {
			m.keeps = m.keeps || m.reads(c, fsm.MarkedCall, "")
			m.outcomes = m.outcomes || m.reads(c, fsm.MarkedCall, "outcome") || m.reads(c, fsm.MarkedCall, "ended")
		}
		m.assertions = append(m.assertions, k)
	}
	if len(m.latches) > maxLatches {
		return fmt.Errorf("more than %d assertions wait for something to happen first", maxLatches)
	}
	return nil
}

// reads reports whether a condition reads a fact of a base; any where the field is empty.
func (m *model) reads(cond fsm.Expr, base, field string) (found bool) {
	if cond == nil {
		return false
	}
	fsm.WalkExpr(cond, func(e fsm.Expr) {
		x, ok := e.(*fsm.Select)
		found = found || ok && x.Base == base && m.sys.Machine(base) == nil && (field == "" || x.Field == field)
	})
	return
}

// asserted reports whether a property is an assertion of states.
func (m *model) asserted(name string) bool {
	for _, a := range m.assertions {
		if a.name == name && !a.moment {
			return true
		}
	}
	return false
}
