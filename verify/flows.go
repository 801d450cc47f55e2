package verify

import "sprocketc/fsm"

// Where a payload goes: from variables and records by assignments, tails and messages, over both machines.

// runnable tells of each slot of each machine whether what it holds can still come to an invocation, by whatever way: from
// the callee's answers as well, where a caller keeps what a datagram brings and sends it.
func (m *Model) runnable() [][]bool {
	into := map[string][]string{} // what takes a payload, to where it comes from
	for i, x := range m.Sys.Machines {
		own := x.Name + "/"
		within := func(e *fsm.Event, tail string, body []*fsm.Stage) {
			flow := func(to string, v fsm.Expr) {
				fsm.WalkExpr(v, func(v fsm.Expr) {
					switch v := v.(type) {
					case *fsm.Name: // a parameter hides a variable; both are taken
						into[to] = append(into[to], own+v.Name, own+tail+"/"+v.Name)
					case *fsm.Index:
						into[to] = append(into[to], own+v.Name)
					case *fsm.Select:
						if e != nil && e.Kind == fsm.OnMessage {
							into[to] = append(into[to], "message/"+e.Name+"/"+v.Field)
						}
					}
				})
			}
			fsm.WalkStages(body, func(s *fsm.Stage) {
				switch s := s.Stmt.(type) {
				case *fsm.Assign:
					switch t := s.Target.(type) {
					case *fsm.Name:
						flow(own+t.Name, s.Value)
					case *fsm.Index:
						flow(own+t.Name, s.Value)
					}
				case *fsm.Persist:
					for _, f := range s.Fields {
						flow(own+f.Name, f.Value)
					}
				case *fsm.Send:
					for _, f := range s.Fields {
						flow("message/"+s.Message+"/"+f.Name, f.Value)
					}
				case *fsm.Do:
					for k, p := range m.Code[i].M.Tail(s.Tail).Params {
						flow(own+s.Tail+"/"+p.Name, s.Args[k])
					}
				case *fsm.Invoke:
					flow("", s.Args)
				}
			})
		}
		for _, e := range x.Events {
			within(e, "", e.Body)
		}
		for _, t := range x.Tails {
			within(nil, t.Name, t.Body)
		}
	}
	reaches := map[string]bool{}
	for todo := []string{""}; len(todo) > 0; {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if reaches[at] {
			continue
		}
		reaches[at] = true
		todo = append(todo, into[at]...)
	}
	out := make([][]bool, len(m.Code))
	for i, c := range m.Code {
		for _, s := range c.Layout {
			out[i] = append(out[i], s.Type.Kind == fsm.Payload && (s.Kind == fsm.VarSlot || s.Kind == fsm.FieldSlot) && reaches[c.M.Name+"/"+s.Name])
		}
	}
	return out
}
