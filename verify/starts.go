package verify

import (
	"fmt"
	"slices"

	"sprocketc/fsm"
)

// Initial lists the worlds in which a run can begin: blank peers, started.
func (m *Model) Initial() []World {
	var out []World
	for _, s := range m.starts() {
		out = append(out, s.Next)
	}
	return out
}

// starts is Initial with what the restart events send.
func (m *Model) starts() []Step {
	ss := []Step{{Next: World{L: make([]fsm.State, len(m.Code))}}}
	for i, c := range m.Code {
		var next []Step
		for _, s := range ss {
			for _, l := range m.withAny(c, c.Blank()) {
				k := s
				k.Next = s.Next.clone()
				k.Next.L[i] = l
				if i+1 < len(m.Code) || m.mayBegin(k.Next) {
					next = append(next, k)
				}
			}
		}
		ss = next
	}
	for i := range m.Code {
		var next []Step
		for _, s := range ss {
			for _, r := range m.start(s.Next, i, Action{Kind: Crashes, Machine: i, After: -1}, nil, 2) {
				r.Next.Env.Seen = 0                             // no moment before its end
				r.Sent = append(slices.Clip(s.Sent), r.Sent...) // none of these is old for a peer that starts later: which one did is open
				r.Ageing = Ageing{}
				next = append(next, r)
			}
		}
		ss = next
	}
	for i := range ss {
		m.close(&ss[i].Next)
	}
	return ss
}

// mayBegin reports whether a run may begin in a world, before the peers' restart events.
func (m *Model) mayBegin(w World) bool {
	return !slices.ContainsFunc(m.Sys.Invariants, func(inv *fsm.Invariant) bool { return inv.Start && m.value(inv.Cond, w, nil) == 0 })
}

// withAny lists a state with every value of the variables that may start with any.
func (m *Model) withAny(c *fsm.Code, l fsm.State) []fsm.State {
	out := []fsm.State{l}
	for _, v := range c.M.Vars {
		if !v.Any {
			continue
		}
		at := c.Slot(v.Name)
		lo, hi := m.bounds(v.Type)
		var next []fsm.State
		for _, s := range out {
			for x := lo; x <= hi; x++ {
				k := slices.Clone(s)
				k[at] = x
				next = append(next, k)
			}
		}
		out = next
	}
	return out
}

// bounds of a boolean, a range or an enumeration.
func (m *Model) bounds(t fsm.Type) (lo, hi uint32) {
	switch t.Kind {
	case fsm.Bool:
		return 0, 1
	case fsm.EnumKind:
		return 0, uint32(len(m.Sys.Enum(t.Name).Members) - 1)
	}
	return t.Lo, t.Hi
}

// Limits of what is listed: combinations of values of variables that start with any, of parameters of one event, and about
// how many bytes one takes.
const (
	maxStarts    = 1 << 20
	maxInputs    = 1 << 16
	bytesOfStart = 400
)

// unlisted says why what may happen first, or by one event, cannot be listed within the options; "" where it can.
func (m *Model) unlisted(opt Options) string {
	product := 1
	times := func(t fsm.Type) bool {
		lo, hi := m.bounds(t)
		product *= int(hi-lo) + 1
		return product <= maxStarts
	}
	for _, c := range m.Code {
		for _, v := range c.M.Vars {
			if v.Any && !times(v.Type) {
				return fmt.Sprintf("there are more than %d states in which a run can begin", maxStarts)
			}
		}
	}
	started := slices.ContainsFunc(m.Sys.Invariants, func(inv *fsm.Invariant) bool { return inv.Start })
	switch {
	case started: // how many remain is not known yet
	case opt.MaxStates > 0 && product > opt.MaxStates:
		return fmt.Sprintf("the limit of %d states is below the %d in which a run can begin", opt.MaxStates, product)
	case opt.MaxMemory > 0 && int64(product)*bytesOfStart > opt.MaxMemory:
		return fmt.Sprintf("the limit of %d bytes was reached by the %d states in which a run can begin", opt.MaxMemory, product)
	}
	for _, c := range m.Code {
		for _, e := range c.M.Events {
			product = 1
			for _, p := range e.Params {
				if !times(p.Type) || product > maxInputs {
					return fmt.Sprintf("event %s of %s has more than %d inputs", e.Name, c.M.Name, maxInputs)
				}
			}
		}
	}
	return ""
}

// undecided leaves every property undecided.
func (m *Model) undecided(r *Report, why string) {
	watched, _ := m.properties()
	r.Engine = engineExact
	for _, p := range watched {
		r.Properties = append(r.Properties, Property{Name: p, Verdict: Undecided, Why: why})
	}
	r.limited(why)
}

// limited sees to it that a search which came to a limit is never taken to have decided anything, where nothing but bounds
// was to be decided.
func (r *Report) limited(why string) {
	if why != "" && len(r.Properties) == 0 {
		r.Properties = append(r.Properties, Property{Name: "bounded", Verdict: Undecided, Why: why})
	}
}
