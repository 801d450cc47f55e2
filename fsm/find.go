package fsm

// Enum by name, the built-in one included; nil where there is none.
func (s *System) Enum(name string) *Enum {
	if name == OutcomeEnum.Name {
		return OutcomeEnum
	}
	for _, e := range s.Enums {
		if e.Name == name {
			return e
		}
	}
	return nil
}

// Sort by name, or nil.
func (s *System) Sort(name string) *Sort {
	for _, x := range s.Sorts {
		if x.Name == name {
			return x
		}
	}
	return nil
}

// Set by name, or nil.
func (s *System) Set(name string) *Set {
	for _, x := range s.Sets {
		if x.Name == name {
			return x
		}
	}
	return nil
}

// Message by name, or nil.
func (s *System) Message(name string) *Message {
	for _, x := range s.Messages {
		if x.Name == name {
			return x
		}
	}
	return nil
}

// Machine by name, or nil.
func (s *System) Machine(name string) *Machine {
	for _, x := range s.Machines {
		if x.Name == name {
			return x
		}
	}
	return nil
}

// Event of a machine by kind and name, or nil.
func (m *Machine) Event(k EventKind, name string) *Event {
	for _, e := range m.Events {
		if e.Kind == k && e.Name == name {
			return e
		}
	}
	return nil
}

// Tail of a machine by name, or nil.
func (m *Machine) Tail(name string) *Tail {
	for _, t := range m.Tails {
		if t.Name == name {
			return t
		}
	}
	return nil
}
