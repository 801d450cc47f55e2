package verify

import (
	"slices"

	"sprocketc/fsm"
)

// identity knows what tells one call from another in a system of one caller and one callee: the number fields that
// every message carries under the same names, the most significant first. Reductions that need it are off where there
// is none.
type identity struct {
	names []string
	own   []int   // the caller's slots of the same names: its current call
	field [][]int // message to its identity fields
	mine  [][]int // the caller's identities: groups of slots of the same sorts
	other [][]int // the callee's identities: groups of slots of the same sorts
	sorts []string
}

// identityOf finds the identity, or nil.
func (m *Model) identityOf() *identity {
	if m.Caller < 0 || m.Callee < 0 || m.Caller == m.Callee || len(m.Code) != 2 || len(m.Sys.Messages) == 0 {
		return nil
	}
	id := &identity{}
	var scoped, scope []string
	for _, f := range m.Sys.Messages[0].Fields {
		s := m.Sys.Sort(f.Type.Name)
		if s == nil || s.Wrap > 0 {
			continue
		}
		everywhere := m.Code[m.Caller].Slot(f.Name) >= 0
		for _, x := range m.Sys.Messages {
			everywhere = everywhere && (x.Index(f.Name) >= 0 || m.anonymous(x))
		}
		switch {
		case everywhere && f.Type.Scope == "":
			id.names = append(id.names, f.Name)
		case everywhere:
			scoped, scope = append(scoped, f.Name), append(scope, f.Type.Scope)
		}
	}
	switch {
	case len(scoped) == 1 && slices.Contains(id.names, scope[0]):
		id.names = []string{scope[0], scoped[0]} // other numbers are no part of it
	case len(scoped) == 0 && len(id.names) == 1:
	default:
		return nil
	}
	c := m.Code[m.Caller]
	for _, n := range id.names {
		id.own = append(id.own, c.Slot(n))
		id.sorts = append(id.sorts, c.Layout[c.Slot(n)].Type.Name)
	}
	for _, x := range m.Sys.Messages {
		var at []int
		for _, n := range id.names {
			at = append(at, 1+x.Index(n))
		}
		id.field = append(id.field, at)
	}
	id.mine, id.other = m.identitiesOf(m.Caller, id), m.identitiesOf(m.Callee, id)
	return id
}

// anonymous reports whether a message carries none of the numbers that the first one carries, its identity. It counts as
// one of the identity none.
func (m *Model) anonymous(x *fsm.Message) bool {
	for _, f := range m.Sys.Messages[0].Fields {
		if s := m.Sys.Sort(f.Type.Name); s != nil && s.Wrap == 0 && x.Index(f.Name) >= 0 {
			return false
		}
	}
	return true
}

// identitiesOf a machine: for each slot of the last sort the slots that complete it.
func (m *Model) identitiesOf(machine int, id *identity) [][]int {
	var out [][]int
	c := m.Code[machine]
	last := id.sorts[len(id.sorts)-1]
	for i, s := range c.Layout {
		if s.Type.Name != last {
			continue
		}
		g := []int{i}
		if len(id.sorts) == 2 {
			j := c.Slot(s.Type.Scope)
			if s.Type.Scope == "" || j < 0 {
				continue
			}
			g = []int{j, i}
		}
		out = append(out, g)
	}
	return out
}

type ident [2]uint8

func (a ident) compare(b ident) int { return slices.Compare(a[:], b[:]) }

// of a message; a field that it does not have is none.
func (id *identity) of(m Msg) (out ident) {
	at := id.field[m[0]]
	for i, f := range at {
		if f > 0 {
			out[i+2-len(at)] = m[f]
		}
	}
	return
}

// set the identity of a message.
func (id *identity) set(m Msg, to ident) Msg {
	at := id.field[m[0]]
	for i, f := range at {
		if f > 0 {
			m[f] = to[i+2-len(at)]
		}
	}
	return m
}

// at reads an identity from slots of a local state.
func (id *identity) at(l fsm.State, slots []int) (out ident) {
	for i, s := range slots {
		out[i+2-len(slots)] = uint8(l[s])
	}
	return
}
