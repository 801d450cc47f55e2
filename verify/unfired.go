package verify

import (
	"fmt"

	"sprocketc/fsm"
)

// watchStages notes from now on which stages of the machines fire. Probing counts too: a datagram that is removed because its
// receiver ignores it for ever is never delivered in the search, but it was when that was shown.
func (m *Model) watchStages() {
	for _, c := range m.Code {
		c.Watched = true
	}
}

// unfired names the stages that no state lets happen, with the event and the guard above them: a guard that never holds,
// or a feature that this program does not need. Assertions, which are there never to fire, are left out.
func (m *Model) unfired() []string {
	var out []string
	for _, c := range m.Code {
		dead := map[*fsm.Stage]bool{}
		for _, s := range c.Unfired() {
			dead[s] = true
		}
		var visit func(where string, body []*fsm.Stage)
		visit = func(where string, body []*fsm.Stage) {
			for _, s := range body {
				w, guarded := s.Stmt.(*fsm.When)
				_, assertion := s.Stmt.(*fsm.Breach)
				switch {
				case assertion:
				case dead[s]:
					text := ""
					if guarded {
						text = "when " + fsm.Text(w.Cond)
					} else {
						text = fsm.StmtText(s.Stmt)
					}
					out = append(out, fmt.Sprintf("%s: %s%s", where, s.Tag, text))
					return // what follows in this list is as dead
				case guarded:
					inner := where + ", when " + fsm.Text(w.Cond)
					visit(inner, w.Then)
					visit(where+", else of "+fsm.Text(w.Cond), w.Else)
				}
			}
		}
		for _, e := range c.M.Events {
			visit(c.M.Name+" on "+e.Name, e.Body)
		}
		for _, t := range c.M.Tails {
			visit(c.M.Name+", tail "+t.Name, t.Body)
		}
	}
	return out
}
