package verify

import (
	"slices"

	"sprocketc/fsm"
)

// garbage is the colour of a payload that was altered: it is no call's.
const garbage = 4

func (m *Model) altered(num *numbers, w World, words [][]flying, msg Msg) []Msg {
	var out []Msg
	for k, f := range m.Sys.Messages[msg[0]].Fields {
		at := 1 + k
		put := func(v uint8) {
			if msg[at] != v {
				x := msg
				x[at] = v
				if !slices.Contains(out, x) {
					out = append(out, x)
				}
			}
		}
		switch lo, hi := f.Type.Lo, f.Type.Hi; f.Type.Kind {
		case fsm.Payload:
			put(garbage)
		case fsm.Bool, fsm.Range, fsm.EnumKind:
			if f.Type.Kind == fsm.Bool {
				lo, hi = 0, 1
			} else if f.Type.Kind == fsm.EnumKind {
				lo, hi = 0, uint32(len(m.Sys.Enum(f.Type.Name).Members)-1)
			}
			for v := lo; v <= hi && v <= 255; v++ {
				put(uint8(v))
			}
		default:
			if s := m.Sys.Sort(f.Type.Name); s != nil && s.Wrap > 0 {
				for v := range min(s.Wrap, 256) {
					put(uint8(v))
				}
				continue
			}
			put(0)
			for _, v := range m.occurring(num, f.Type.Name, w, words) {
				put(v)
			}
		}
	}
	return out
}

// occurring lists the values of a sort in a state.
func (m *Model) occurring(num *numbers, sort string, w World, words [][]flying) []uint8 {
	var out []uint8
	for i, ps := range num.slots {
		for _, p := range ps {
			if num.sorts[p.sort] == sort {
				out = append(out, uint8(w.L[i][p.at]))
			}
		}
	}
	for _, word := range words {
		for _, f := range word {
			for _, p := range num.field[f.msg[0]] {
				if num.sorts[p.sort] == sort {
					out = append(out, f.msg[p.at])
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
