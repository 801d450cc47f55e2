package codegen

import "sprocketc/fsm"

// GivingUp lists the timers of the machine that calls by which a call can end.
func GivingUp(x *fsm.Machine) []string {
	ends := map[string]bool{}
	var in func(list []*fsm.Stage) bool
	in = func(list []*fsm.Stage) bool {
		for _, s := range list {
			switch t := s.Stmt.(type) {
			case *fsm.Complete:
				return true
			case *fsm.When:
				if in(t.Then) || in(t.Else) {
					return true
				}
			case *fsm.Do:
				if ends[t.Tail] {
					return true
				}
			}
		}
		return false
	}
	for range x.Tails { // tails do not recurse
		for _, t := range x.Tails {
			ends[t.Name] = in(t.Body)
		}
	}
	var out []string
	for _, e := range x.Events {
		if e.Kind == fsm.OnTimer && in(e.Body) {
			out = append(out, e.Name)
		}
	}
	return out
}
