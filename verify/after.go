package verify

import (
	"fmt"
	"slices"

	"sprocketc/fsm"
)

// afterCrashes is a model of what happens where nothing crashes any more, or, with crash, of all that happens. What
// layers know is not hidden in it: that a held datagram may go out at any time is right for what must never happen, and a
// gift for what must. Without marks no call is told from another.
func (m *Model) afterCrashes(crash, marks bool) (*Model, error) {
	sys := fsm.Slice(m.source)
	for _, a := range sys.Assertions {
		a.Mode = fsm.Eventually // the others are watched by the search for safety
	}
	for _, x := range sys.Machines {
		for _, v := range x.Vars {
			v.Layer = false
		}
		for _, t := range x.Timers {
			t.Layer = false
		}
		if !crash {
			x.Crashes, x.Erased = false, false
		}
	}
	sys.Checks = nil
	out, err := NewModel(sys)
	if err != nil {
		return nil, err
	}
	out.plain = !marks
	for i, c := range out.Code {
		if !slices.EqualFunc(c.Layout, m.Code[i].Layout, func(a, b fsm.Slot) bool { return a.Name == b.Name && a.Kind == b.Kind && a.Elem == b.Elem }) {
			return nil, fmt.Errorf("machine %s has another layout without layers", c.M.Name)
		}
		var hidden []int
		for j, s := range m.Code[i].Layout {
			if s.Layer && s.Kind != fsm.StepSlot {
				hidden = append(hidden, j)
			}
		}
		out.layers = append(out.layers, hidden)
	}
	return out, nil
}

// washed is a world without what only the properties of safety ask about.
func (m *Model) washed(w World) World {
	k := w.clone()
	k.Env = m.told(w.Env)
	if !m.plain {
		return k
	}
	for i, c := range m.Code {
		for j, s := range c.Layout {
			if s.Type.Kind == fsm.Payload && (s.Kind == fsm.VarSlot || s.Kind == fsm.FieldSlot) {
				k.L[i][j] = min(k.L[i][j], white)
			}
		}
	}
	return k
}

// told is what progress asks of the monitor.
func (m *Model) told(e Monitor) Monitor {
	if m.plain {
		k := Monitor{Run: min(e.Run, white), Call: min(e.Call, white), Old: e.Old}
		if m.lanes {
			k.Others[0] = e.Others[0] + e.Others[1]
			if e.Phase == pending {
				k.Others[0]++
			}
		}
		return k
	}
	clear(e.Crashed[:])
	return e
}

// unhidden lists the worlds that differ from one in what layers hide: their variables, and which of their timers run.
// The model is one of afterCrashes, the slots are the machine's with layers.
func (m *Model) unhidden(w World) []World {
	out := []World{w.clone()}
	for i, slots := range m.layers {
		for _, at := range slots {
			for _, k := range out {
				k = k.clone()
				k.L[i][at] = 1
				out = append(out, k)
			}
		}
	}
	for _, k := range out {
		for i, c := range m.Code {
			c.Settle(k.L[i])
		}
	}
	return out
}

// washedMsg is a datagram without what only the properties of safety ask about.
func (m *Model) washedMsg(x Msg) Msg {
	if !m.plain {
		return x
	}
	for i, f := range m.Sys.Messages[x[0]].Fields {
		if f.Type.Kind == fsm.Payload {
			x[1+i] = min(x[1+i], white)
		}
	}
	return x
}
