package verify

import "sprocketc/fsm"

// Abstraction is what a search takes for one before it begins. It is also what another checker has to be told, so that
// it counts the same states.
type Abstraction struct {
	Functions []uint32 // that the program calls: each stands for all that nothing can tell from it
	OneOrder  bool     // values of one sort meet across scopes, so they are ranked in one order and not within each scope
	Epoch     *Epoch   // nil where calls are sent under none
	Unranked  string   // why ranks do not fit the system; "" where they do
}

// Abstract gives the abstraction of a system. An error says what the checker cannot represent.
func Abstract(sys *fsm.System) (Abstraction, error) {
	m, err := NewModel(sys)
	if err != nil {
		return Abstraction{}, err
	}
	a := Abstraction{Functions: m.Fns, OneOrder: m.outside() != "", Unranked: newCanon(m).unranked()}
	if m.epoch[0] >= 0 {
		a.Epoch = &Epoch{Caller: m.Code[m.Caller].Layout[m.epoch[0]].Name, Callee: m.Code[m.Callee].Layout[m.epoch[1]].Name, Blind: m.blind}
		for fn := range m.fn.Members {
			if m.carries(uint32(fn)) {
				a.Epoch.Carried = append(a.Epoch.Carried, uint32(fn))
			}
		}
	}
	return a, nil
}

// Epoch is the callee's epoch by which no_spurious_restart tells whether an incarnation is over.
type Epoch struct {
	Caller, Callee string   // the caller's copy of it, and the epoch
	Carried        []uint32 // functions whose requests carry it
	Blind          bool     // restarts are remembered beside it, since a call may be sent without one
}
