package verify

import (
	"fmt"
	"slices"
	"time"

	"sprocketc/fsm"
)

// noDeadlock is the property that some step is always possible.
const noDeadlock = "no_deadlock"

// run explores breadth first until a wanted property breaks, a limit is reached or everything was seen.
func (x *exact) run() exactResult {
	begun := time.Now()
	n := len(x.lanes)
	for _, s := range x.m.starts() {
		if s.Bad != "" && x.breaks(s.Bad, s.Why) {
			return x.end(nil)
		}
		end := x.endID(s.Next)
		x.sends(make([]uint32, n), s.Sent, func(ws []uint32) { x.add(end, ws, 0, true) })
	}
	x.begin = len(x.table.keys)
	level, depth := x.begin, 0 // states of the levels so far
	last := begun
	ws := make([]uint32, n)
	for i := 0; i < len(x.table.keys); i++ {
		if i == level {
			level, depth = len(x.table.keys), depth+1
		}
		if i%256 == 0 {
			if x.over() {
				break
			}
			if now := time.Now(); x.opt.Progress != nil && now.Sub(last) > 100*time.Millisecond {
				last = now
				x.opt.Progress(Progress{len(x.table.keys), len(x.table.keys) - i, depth, x.memory(), now.Sub(begun)})
			}
		}
		end := uint32(x.table.keys[i] >> 32)
		if why := x.m.broken(x.ends[end]); why != "" && x.want(why) {
			x.res.property, x.res.why, x.res.depth = why, "it does not hold in this state", depth
			return x.end(x.path(uint32(i)))
		}
		x.unpack(uint32(x.table.keys[i]), ws)
		x.res.depth = depth
		if x.expand(uint32(i), end, ws) {
			x.res.depth = depth + 1
			return x.end(x.path(uint32(i)))
		}
	}
	return x.end(nil)
}

func (x *exact) end(path []uint64) exactResult {
	x.res.states, x.res.bytes, x.res.path = len(x.table.keys), x.memory(), path
	return x.res
}

func (x *exact) memory() int64 {
	return x.table.bytes() + int64(4*cap(x.parents)) + x.extra + int64(16*len(x.cache))
}

// over notes a limit that is reached.
func (x *exact) over() bool {
	switch o := x.opt; {
	case o.MaxStates > 0 && len(x.table.keys) > o.MaxStates:
		x.limitAt(fmt.Sprintf("the limit of %d states was reached", o.MaxStates))
	case o.MaxMemory > 0 && x.memory() > o.MaxMemory:
		x.limitAt(fmt.Sprintf("the limit of %d bytes was reached", o.MaxMemory))
	case o.Context != nil && o.Context.Err() != nil:
		x.limitAt(ended(o.Context))
	case len(x.table.keys) > 1<<31:
		x.limitAt("the table is full")
	default:
		return false
	}
	return true
}

// limitAt ends the search; it comes before what only bounds the verdict.
func (x *exact) limitAt(why string) { x.res.limit, x.res.stopped = why, true }

// path leads from a state in which a run begins to state i, both included.
func (x *exact) path(i uint32) []uint64 {
	out := []uint64{x.table.keys[i]}
	for int(i) >= x.begin {
		i = x.parents[i]
		out = append(out, x.table.keys[i])
	}
	slices.Reverse(out)
	return out
}

// add enters a state; false where it cannot be represented.
func (x *exact) add(end uint32, ws []uint32, parent uint32, begin bool) {
	key, ok := x.rename(end, ws, begin)
	if !ok {
		return
	}
	if _, isNew := x.table.add(key); isNew {
		x.parents = append(x.parents, parent)
	}
}

// breaks notes a step that breaks a property, and reports whether the search is over.
func (x *exact) breaks(bad, why string) bool {
	if bad == tooLarge {
		x.stop(why)
		return false
	}
	if !x.want(bad) {
		return false
	}
	x.res.property, x.res.why = bad, why
	return true
}

// expand adds the successors of state i, and reports whether one of the steps breaks a wanted property.
func (x *exact) expand(i, end uint32, ws []uint32) bool {
	moved := false
	take := func(steps []exactStep, ws []uint32) bool {
		for _, s := range steps {
			if s.bad == "bounded" || s.bad == tooLarge || s.bad != "" && x.want(s.bad) {
				possible := false
				x.sends(ws, s.sent, func([]uint32) { possible = true })
				if !possible {
					continue
				}
				x.res.transitions++
				moved = true
				if x.breaks(s.bad, s.why) {
					return true
				}
				continue // past a fault nothing is defined
			}
			from := ws
			if s.clear {
				from = make([]uint32, len(ws))
			}
			taken := false
			x.sends(from, s.sent, func(to []uint32) {
				x.res.transitions++
				taken = true
				x.add(s.end, to, i, false)
			})
			if !taken {
				x.res.held++
			}
			moved = moved || taken && !s.crash
		}
		return false
	}
	if take(x.localSteps(end), ws) {
		return true
	}
	for ch := range ws {
		m := x.movesOf(ch, ws[ch])
		for _, a := range m.arrivals {
			for _, after := range a.after {
				to := slices.Clone(ws)
				to[ch] = after
				if take(x.arriving(end, ch, a.msg, a.again), to) {
					return true
				}
				for _, altered := range x.altered(end, ws, ch, a.msg) {
					if take(x.arriving(end, ch, altered, a.again), to) {
						return true
					}
				}
			}
		}
		for _, d := range m.drops {
			to := slices.Clone(ws)
			to[ch] = d
			x.res.transitions++
			moved = true
			x.add(end, to, i, false)
		}
	}
	if !moved && x.m.checks[noDeadlock] && x.want(noDeadlock) {
		x.res.property, x.res.why = noDeadlock, "no step is possible"
		return true
	}
	return false
}

// altered lists what a datagram may have become where corruption is not detected: its payload is nobody's, or one other
// field has another value of its range, or of those that occur for its sort. The kind of message stays.
func (x *exact) altered(end uint32, ws []uint32, ch int, msg Msg) []Msg {
	if !x.lanes[ch].Corrupts {
		return nil
	}
	words := make([][]flying, len(ws))
	for i, w := range ws {
		words[i] = x.words[w]
	}
	return x.m.altered(x.canon.num, x.ends[end], words, msg)
}

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
