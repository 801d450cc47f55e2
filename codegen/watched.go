package codegen

import (
	"slices"

	"sprocketc/fsm"
)

// observed are the properties that the observer beside tests of runs can see broken, in its words.
var observed = []string{"own_answer", "serial", "at_most_once", "honest_outcome", "final", "exactly_once", "no_stale", "ordered", "no_spurious_restart", "useful", "delivered"}

// Watched lists the properties of a system that tests of runs can watch from outside: those that the observer knows, and assertions
// in stages.
func Watched(sys *fsm.System) []string {
	var out []string
	for _, c := range sys.Checks {
		if slices.Contains(observed, c) && !(c == "delivered" && waitsOut(sys)) {
			out = append(out, c)
		}
	}
	for _, m := range sys.Machines {
		m.Stages(func(s *fsm.Stage) {
			if b, ok := s.Stmt.(*fsm.Breach); ok && !slices.Contains(out, b.Name) {
				out = append(out, b.Name)
			}
		})
	}
	return out
}

// waitsOut reports whether a timer outlives calls: then one that is outstanding when it starts may be given up.
func waitsOut(sys *fsm.System) bool {
	return slices.ContainsFunc(sys.Machines, func(m *fsm.Machine) bool {
		return slices.ContainsFunc(m.Timers, func(t *fsm.Timer) bool { return t.Outlives == fsm.OutlivesCalls })
	})
}
