package conform

import (
	"slices"

	"sprocketc/fsm"
)

// From abstract local states to concrete ones: where the numbers lie, what the layers hold, which payloads there are.

// place says where the ranks of a sort go.
type place int

const (
	base   place = iota // 1, 2, 3 …
	half                // around half of the width, apart from each other
	top                 // up to the largest value
	places = 3
)

// apart is the distance of two numbers in the middle of the width.
const apart = 5

// largestOf is the largest value of a sort in its width, or below its modulus.
func largestOf(s *fsm.Sort) uint64 {
	if s.Wrap > 0 {
		return uint64(s.Wrap) - 1
	}
	return uint64(1)<<max(s.Bits, 1) - 1
}

// at is the number of a rank among n; ok is false where the width has no room for it there.
func (p place) at(s *fsm.Sort, rank, n uint32) (v uint32, ok bool) {
	if rank == 0 {
		return 0, true
	}
	hi, r, k := largestOf(s), uint64(rank), uint64(n)
	x := uint64(0)
	switch p {
	case base:
		x = r
	case half:
		x = (hi+1)/2 + apart*(r-1)
		if hi < 4*apart*k {
			return 0, false
		}
	case top:
		if k > hi {
			return 0, false
		}
		x = hi - k + r
	}
	return uint32(x), 1 <= x && x <= hi
}

// placements lists the places of each sort that are tried together: all sorts at one, and one of them at its top alone.
func placements(sorts []string) []map[string]place {
	var out []map[string]place
	all := func(p, one place, which string) {
		k := map[string]place{}
		for _, s := range sorts {
			k[s] = p
		}
		if which != "" {
			k[which] = one
		}
		out = append(out, k)
	}
	for p := range place(places) {
		all(p, p, "")
	}
	if len(sorts) > 1 {
		for _, s := range sorts {
			all(base, top, s)
		}
	}
	return out
}

// numbers replaces ranks by numbers; ok is false where a width has no room.
func (p *peer) numbers(s fsm.State, at map[string]place) (out fsm.State, ok bool) {
	out = slices.Clone(s)
	for name, slots := range p.bySort {
		sort := p.sys.Sort(name)
		n := uint32(len(values(s, slots)))
		for _, i := range slots {
			v, ok := at[name].at(sort, s[i], n)
			if !ok {
				return nil, false
			}
			out[i] = v
		}
	}
	return out, true
}

// layers lists the values of everything that the proof hides, each combination once: layer variables and timers, how
// often timers have doubled, and what dead variables may still hold. More than maxLayers combinations are thinned out.
func (p *peer) layers(s fsm.State) []fsm.State {
	out := []fsm.State{s}
	dead := p.dead(s)
	for i, slot := range p.code.Layout {
		if !slot.Layer && !dead[i] {
			continue
		}
		var next []fsm.State
		for _, k := range out {
			vs := []uint32{0, p.stale(slot)}
			if slot.Layer {
				vs = p.layerValues(k, i, slot)
			}
			for _, v := range vs {
				k = slices.Clone(k)
				k[i] = v
				next = append(next, k)
			}
		}
		out = next
	}
	if len(out) <= maxLayers {
		return out
	}
	var thin []fsm.State
	for i := range maxLayers { // a stride that is prime to the number goes through all values of all layers
		thin = append(thin, out[i*stride%len(out)])
	}
	return thin
}

const (
	maxLayers = 32
	stride    = 10007
)

// dead tells the slots whose variables are dead in a state: they hold what was last put there.
func (p *peer) dead(s fsm.State) map[int]bool {
	full := slices.Clone(s)
	for i := range full { // what is zeroed now is dead
		if p.code.Layout[i].Kind == fsm.VarSlot && p.in.Machine().Vars[p.code.Layout[i].Index].While != nil && full[i] == 0 {
			full[i] = 1
		}
	}
	settled := slices.Clone(full)
	p.settling.Settle(settled)
	out := map[int]bool{}
	for i := range full {
		if full[i] != 0 && settled[i] == 0 {
			out[i] = true
		}
	}
	return out
}

// stale is a value that is left in a dead variable.
func (p *peer) stale(slot fsm.Slot) uint32 {
	switch slot.Type.Kind {
	case fsm.Number, fsm.Token:
		return 1
	case fsm.Payload:
		if p.in.Caller() {
			return argsSlot(0)
		}
		return answerSlot(0, len(p.calls))
	}
	vs := small(p.sys, slot.Type)
	return vs[len(vs)-1]
}

func (p *peer) layerValues(s fsm.State, at int, slot fsm.Slot) []uint32 {
	switch slot.Kind {
	case fsm.RunningSlot:
		return []uint32{0, 1}
	case fsm.StepSlot:
		if s[at-1] == 0 { // the timer does not run
			return []uint32{0}
		}
		last := p.lastStep(s, p.m.Timers[slot.Index])
		out := []uint32{0, last / 2, last}
		slices.Sort(out)
		return slices.Compact(out)
	}
	switch slot.Type.Kind {
	case fsm.Number, fsm.Token:
		return []uint32{0, 1, uint32(largestOf(p.sys.Sort(slot.Type.Name)))}
	case fsm.Payload:
		return []uint32{0}
	}
	return small(p.sys, slot.Type)
}

// lastStep is how often the interval of a running timer can have doubled, given the variables for which it is started.
func (p *peer) lastStep(s fsm.State, t *fsm.Timer) uint32 {
	last := uint32(1 << 8)
	p.m.Stages(func(st *fsm.Stage) {
		x, ok := st.Stmt.(*fsm.Start)
		if !ok || x.Timer != t.Name {
			return
		}
		span := t.Spans[0]
		if name, ok := x.Per.(*fsm.Name); ok {
			if i := p.code.Slot(name.Name); i >= 0 && int(s[i]) < len(t.Spans) {
				span = t.Spans[s[i]]
			}
		} else if x.Per != nil {
			last = 0 // not known here
		}
		n := uint32(0)
		for span.After(n+1) != span.After(n) {
			n++
		}
		last = min(last, n)
	})
	return last
}

// payloads replaces abstract slots by sample payloads, of an extent that changes with turn.
func (p *peer) payloads(s fsm.State, turn int) {
	for i, slot := range p.code.Layout {
		if (slot.Kind == fsm.VarSlot || slot.Kind == fsm.FieldSlot) && slot.Type.Kind == fsm.Payload {
			s[i] = p.slot(s[i], extent((turn+i)%int(extents)))
		}
	}
}

// slot is the concrete slot of an abstract one.
func (p *peer) slot(abstract uint32, e extent) uint32 {
	fns := len(p.calls)
	switch k := int(abstract) - 1; {
	case k < 0:
		return 0
	case k < fns:
		return p.intern(p.args[k][e])
	case k < 2*fns:
		return p.intern(p.answers[k-fns][e])
	}
	return 0
}
