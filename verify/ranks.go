package verify

import (
	"fmt"
	"slices"

	"sprocketc/fsm"
)

// Numbers that are never reused are an unbounded sort: only their order counts, and the model renames them to ranks.
// Values that a machine holds become multiples of rankGap in order; values that only datagrams carry lie between them,
// so that a machine's state looks the same whatever is in flight. The renaming is a bisimulation if next is only ever
// applied to the largest value of its group; the engine watches that on every step.
const rankGap = 8

// place is where a number lives: a slot of a machine, or a field of a message.
type place struct {
	sort  int
	at    int // slot or field
	scope int // slot or field within whose value it counts; -1
}

// numbers knows all places of the renamed sorts.
type numbers struct {
	sorts []string
	slots [][]place // by machine
	field [][]place // by message
}

func (m *Model) numbers() *numbers {
	n := &numbers{}
	index := map[string]int{}
	for _, s := range m.Sys.Sorts {
		if s.Wrap == 0 {
			index[s.Name] = len(n.sorts)
			n.sorts = append(n.sorts, s.Name)
		}
	}
	for _, c := range m.Code {
		var ps []place
		for i, x := range c.Layout {
			if k, ok := index[x.Type.Name]; ok && (x.Kind == fsm.VarSlot || x.Kind == fsm.FieldSlot) && x.Type.Name != "" && !x.Layer {
				p := place{k, i, -1}
				if x.Type.Scope != "" {
					p.scope = c.Slot(x.Type.Scope)
				}
				ps = append(ps, p)
			}
		}
		n.slots = append(n.slots, ps)
	}
	for _, x := range m.Sys.Messages {
		var ps []place
		for i, f := range x.Fields {
			if k, ok := index[f.Type.Name]; ok && f.Type.Name != "" {
				p := place{k, 1 + i, -1}
				if f.Type.Scope != "" {
					p.scope = 1 + x.Index(f.Type.Scope)
				}
				ps = append(ps, p)
			}
		}
		n.field = append(n.field, ps)
	}
	return n
}

// group is a set of values that are ordered among each other.
type group struct {
	sort  int
	scope uint32
}

// members of a group: values that machines hold, and values that datagrams carry.
type members struct {
	group
	local, carried []uint32
	ranks          []uint32 // of local and carried values together, in the order of sorted
	sorted         []uint32
}

// errGap says that too many values in flight lie between two that machines hold.
var errGap = fmt.Errorf("more than %d values in flight lie between two that the machines hold", rankGap-1)

// groups are few: they are searched in a list.
type groups []*members

func (gs groups) of(k group) *members {
	for _, x := range gs {
		if x.group == k {
			return x
		}
	}
	return nil
}

func (gs *groups) grow(k group) *members {
	if x := gs.of(k); x != nil {
		return x
	}
	x := &members{group: k}
	*gs = append(*gs, x)
	return x
}

// groups collects the live values of a state.
func (n *numbers) groups(l []fsm.State, msgs []Msg) groups {
	g := make(groups, 0, 8)
	for i, ps := range n.slots {
		for _, p := range ps {
			v := l[i][p.at]
			if v == 0 {
				continue
			}
			k := group{sort: p.sort}
			if p.scope >= 0 {
				k.scope = l[i][p.scope]
			}
			x := g.grow(k)
			x.local = append(x.local, v)
		}
	}
	for _, m := range msgs {
		for _, p := range n.field[m[0]] {
			v := m[p.at]
			if v == 0 {
				continue
			}
			x := g.grow(p.carried(m))
			x.carried = append(x.carried, uint32(v))
		}
	}
	return g
}

// rank the values of a group: locals in multiples of the gap, the others between. It reports whether any changes.
func (x *members) rank() (changed bool, err error) {
	x.sorted = append(append(make([]uint32, 0, len(x.local)+len(x.carried)), x.local...), x.carried...)
	slices.Sort(x.sorted)
	x.sorted = slices.Compact(x.sorted)
	x.ranks = make([]uint32, len(x.sorted))
	code, sub := uint32(0), uint32(0)
	for i, v := range x.sorted {
		if slices.Contains(x.local, v) {
			code, sub = code+rankGap, 0
		} else if sub++; sub == rankGap {
			return false, errGap
		}
		x.ranks[i] = code + sub
		changed = changed || code+sub != v
	}
	if code+sub >= freshValue-rankGap {
		return false, errGap
	}
	return changed, nil
}

// to is the rank of a value of the group.
func (x *members) to(v uint32) uint32 {
	for i, y := range x.sorted {
		if y == v {
			return x.ranks[i]
		}
	}
	return v
}

// renaming is what numbers become, by group.
type renaming struct {
	num *numbers
	g   groups
}

// to is what a number becomes; one of a group that has none of it stays.
func (r *renaming) to(k group, v uint32) uint32 {
	if x := r.g.of(k); x != nil {
		return x.to(v)
	}
	return v
}

// msg renames the numbers of a datagram.
func (r *renaming) msg(m Msg) Msg {
	old := m
	for _, p := range r.num.field[m[0]] {
		if old[p.at] != 0 {
			m[p.at] = uint8(r.to(p.carried(old), uint32(old[p.at])))
		}
	}
	return m
}

// carried is the group of a number that a datagram carries in a place.
func (p place) carried(m Msg) group {
	k := group{sort: p.sort}
	if p.scope > 0 {
		k.scope = uint32(m[p.scope])
	}
	return k
}

// rename gives every number that a machine holds its rank. The datagrams are renamed by the caller, with the renaming
// that it gives; nil where nothing changes.
func (n *numbers) rename(l []fsm.State, msgs []Msg) (*renaming, error) {
	if len(n.sorts) == 0 {
		return nil, nil
	}
	g := n.groups(l, msgs)
	changed := false
	for _, x := range g {
		c, err := x.rank()
		if err != nil {
			return nil, err
		}
		changed = changed || c
	}
	if !changed {
		return nil, nil
	}
	// numbers before the scopes that they count in
	for _, scoped := range []bool{true, false} {
		for i, ps := range n.slots {
			for _, p := range ps {
				if (p.scope >= 0) != scoped || l[i][p.at] == 0 {
					continue
				}
				k := group{sort: p.sort}
				if scoped {
					k.scope = l[i][p.scope]
				}
				l[i][p.at] = g.of(k).to(l[i][p.at])
			}
		}
	}
	return &renaming{n, g}, nil
}
