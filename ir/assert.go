package ir

import "sprocketc/lang"

// assertion lowers an assertion; none where its calls could not be found, which was reported.
func (l *lowerer) assertion(a *lang.Assert, p *Program) []*Assertion {
	out := &Assertion{Mode: a.Mode(), Clause: l.clause(a.Head.Span)}
	ok := true
	find := func(x *lang.Cond) *Call {
		for _, i := range p.Interfaces {
			if x.Interface != nil && x.Interface.Name != i.Name {
				continue
			}
			for _, c := range i.Calls {
				if c.Name == x.Call.Name && (out.Interface == nil || out.Interface == i) {
					out.Interface = i
					return c
				}
			}
		}
		ok = false
		return nil
	}
	var cond func(x *lang.Cond) *Cond
	cond = func(x *lang.Cond) *Cond {
		if x == nil {
			return nil
		}
		c := &Cond{Op: CondOp(x.Op), X: cond(x.X), Y: cond(x.Y), State: x.State, Other: x.Other}
		if x.Op == lang.Fact {
			c.Call = find(x)
		}
		return c
	}
	if out.Mode == "" {
		out.Property, out.Of = a.Word.Name, find(a.Cond)
	} else {
		out.After, out.Cond = cond(a.After), cond(a.Cond)
	}
	if !ok {
		return nil
	}
	return []*Assertion{out}
}
