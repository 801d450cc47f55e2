package verify

import "sprocketc/fsm"

// Abstraction is what a search takes for one before it begins. It is also what another checker has to be told, so that
// it counts the same states.
type Abstraction struct {
	Functions []uint32 // that the program calls: each stands for all that nothing can tell from it
	OneOrder  bool     // values of one sort meet across scopes, so they are ranked in one order and not within each scope
	Unranked  string   // why ranks do not fit the system; "" where they do
}

// Abstract gives the abstraction of a system. An error says what the checker cannot represent.
func Abstract(sys *fsm.System) (Abstraction, error) {
	m, err := NewModel(sys)
	if err != nil {
		return Abstraction{}, err
	}
	return Abstraction{Functions: m.Fns, OneOrder: m.outside() != "", Unranked: newCanon(m).unranked()}, nil
}
