package conform

import (
	"encoding/binary"
	"fmt"
	"slices"

	"sprocketc/fsm"
)

// maxLocals bounds the closure of local states; beyond it LocalStates gives up.
const maxLocals = 20000

// Local is an abstract local state of a machine. Numbers are ranks: 0 is none, and the values of a sort that the state
// holds are numbered from 1 in their order. A payload slot holds 0 or what ArgsSlot and AnswerSlot give. What is layer is 0.
type Local struct {
	State   fsm.State
	Handler int  // index of the function whose handler runs; -1
	Down    bool // the peer is down: records count, and only a restart can follow
}

// argsSlot is the abstract payload of a call's arguments, answerSlot that of its answer; of fns functions.
func argsSlot(fn int) uint32        { return uint32(1 + fn) }
func answerSlot(fn, fns int) uint32 { return uint32(1 + fns + fn) }

// LocalStates is the closure of a machine's local states under every event with every input, whether or not the other
// machine would ever send it. Order within each sort is all that is kept of numbers; where two differ, both the case in
// which they follow each other and the case in which there is room between them are tried. The result is sorted by when
// it was found. An error says that there are more than 20000.
func LocalStates(sys *fsm.System, m *fsm.Machine) ([]Local, error) {
	x := newExplorer(sys, m)
	x.add(x.code.Blank(), -1, true)
	for i := 0; i < len(x.out); i++ {
		if len(x.out) > maxLocals {
			return nil, fmt.Errorf("machine %s has more than %d local states", m.Name, maxLocals)
		}
		x.expand(x.out[i])
	}
	return x.out, nil
}

func newExplorer(sys *fsm.System, m *fsm.Machine) *explorer {
	// Ranks know no modulus: what a reused number does where it wraps is a matter of where the ranks are placed.
	flat := *sys
	flat.Sorts = nil
	for _, s := range sys.Sorts {
		k := *s
		k.Wrap = 0
		flat.Sorts = append(flat.Sorts, &k)
	}
	x := &explorer{sys: &flat, m: m, code: fsm.Compile(&flat, m), seen: map[string]bool{}}
	if fn := sys.Enum("fn"); fn != nil {
		x.fns = len(fn.Members)
	}
	x.bySort = numbersOf(x.code)
	return x
}

// numbersOf lists the slots of each sort.
func numbersOf(c *fsm.Code) map[string][]int {
	out := map[string][]int{}
	for i, s := range c.Layout {
		isValue := s.Kind == fsm.VarSlot || s.Kind == fsm.FieldSlot
		if isValue && (s.Type.Kind == fsm.Number || s.Type.Kind == fsm.Token) {
			out[s.Type.Name] = append(out[s.Type.Name], i)
		}
	}
	return out
}

type explorer struct {
	sys    *fsm.System
	m      *fsm.Machine
	code   *fsm.Code
	fns    int
	bySort map[string][]int
	seen   map[string]bool
	out    []Local
}

// values lists the different numbers other than none in some slots of a state, ascending.
func values(s fsm.State, slots []int) []uint32 {
	var vs []uint32
	for _, i := range slots {
		if s[i] != 0 {
			vs = append(vs, s[i])
		}
	}
	slices.Sort(vs)
	return slices.Compact(vs)
}

func (x *explorer) add(s fsm.State, handler int, down bool) {
	s = slices.Clone(s)
	for _, slots := range x.bySort {
		vs := values(s, slots)
		for _, i := range slots {
			if s[i] != 0 {
				rank, _ := slices.BinarySearch(vs, s[i])
				s[i] = uint32(rank + 1)
			}
		}
	}
	key := fmt.Appendf(nil, "%d %t ", handler, down)
	for _, v := range s {
		key = binary.LittleEndian.AppendUint32(key, v)
	}
	if !x.seen[string(key)] {
		x.seen[string(key)] = true
		x.out = append(x.out, Local{s, handler, down})
	}
}

// room is how far apart two numbers are that do not follow each other.
const room = 3

// spread calls f with the ranks of a state laid out as numbers: every one close to the one below, or apart from it.
func (x *explorer) spread(s fsm.State, f func(fsm.State)) {
	var gaps [][]int // for each rank of each sort, the slots that move up when the gap below it opens
	for _, sort := range x.sorts() {
		slots := x.bySort[sort]
		for rank := range values(s, slots) {
			var above []int
			for _, i := range slots {
				if s[i] > uint32(rank) {
					above = append(above, i)
				}
			}
			gaps = append(gaps, above)
		}
	}
	n := min(len(gaps), 10) // beyond ten numbers in one state, the others stay close
	for open := range 1 << n {
		k := slices.Clone(s)
		for g := range n {
			if open>>g&1 == 1 {
				for _, i := range gaps[g] {
					k[i] += room - 1
				}
			}
		}
		f(k)
	}
}

func (x *explorer) sorts() []string {
	var out []string
	for name := range x.bySort {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func (x *explorer) expand(l Local) {
	x.spread(l.State, func(s fsm.State) {
		down := slices.Clone(s)
		x.code.Boot(down)
		x.add(down, -1, true)
		if e := x.m.Event(fsm.OnRestart, "restart"); e == nil {
			x.add(down, -1, false)
		} else {
			x.exec(down, e, nil, -1)
		}
		if l.Down {
			return
		}
		for _, e := range x.m.Events {
			switch e.Kind {
			case fsm.OnCall:
				for fn := range x.fns {
					if x.code.Enabled(s, e) {
						x.exec(s, e, []uint32{uint32(fn), argsSlot(fn)}, l.Handler)
					}
				}
			case fsm.OnReturn:
				if l.Handler >= 0 {
					x.exec(s, e, []uint32{answerSlot(l.Handler, x.fns)}, -1)
				}
			case fsm.OnTimer:
				if x.code.Enabled(s, e) {
					x.exec(s, e, nil, l.Handler)
				}
			case fsm.OnMessage:
				x.messages(s, e, l.Handler)
			}
		}
	})
}

// messages runs the event of a message for every value of its fields that the state can tell apart.
func (x *explorer) messages(s fsm.State, e *fsm.Event, handler int) {
	msg := x.sys.Message(e.Name)
	if msg == nil {
		return
	}
	ins := [][]uint32{make([]uint32, len(msg.Fields))}
	for i, f := range msg.Fields {
		if f.Type.Kind == fsm.Payload {
			continue
		}
		var next [][]uint32
		for _, in := range ins {
			for _, v := range x.candidates(s, f.Type) {
				k := slices.Clone(in)
				k[i] = v
				next = append(next, k)
			}
		}
		ins = next
	}
	fnAt := msg.Index("fn")
	for _, in := range ins {
		for i, f := range msg.Fields {
			switch {
			case f.Type.Kind != fsm.Payload || fnAt < 0:
			case x.m.Event(fsm.OnCall, "call") != nil:
				in[i] = answerSlot(int(in[fnAt]), x.fns)
			default:
				in[i] = argsSlot(int(in[fnAt]))
			}
		}
		x.exec(s, e, in, handler)
	}
}

func (x *explorer) candidates(s fsm.State, t fsm.Type) []uint32 {
	switch t.Kind {
	case fsm.Number, fsm.Token:
		vs := []uint32{0, 1}
		top := uint32(0)
		for _, v := range values(s, x.bySort[t.Name]) {
			vs = append(vs, v-1, v, v+1)
			top = v
		}
		vs = append(vs, top+room)
		slices.Sort(vs)
		return slices.Compact(vs)
	}
	return small(x.sys, t)
}

// small lists the values of a boolean, a range or an enumeration: all, or the ends of what has more than 16.
func small(sys *fsm.System, t fsm.Type) []uint32 {
	lo, hi := t.Lo, t.Hi
	switch t.Kind {
	case fsm.Bool:
		lo, hi = 0, 1
	case fsm.EnumKind:
		lo, hi = 0, 0
		if e := sys.Enum(t.Name); e != nil {
			hi = uint32(max(len(e.Members), 1) - 1)
		}
	}
	if t.Kind == fsm.Range && hi-lo >= 16 {
		return []uint32{lo, lo + 1, hi - 1, hi}
	}
	var out []uint32
	for v := lo; v <= hi; v++ {
		out = append(out, v)
	}
	return out
}

// freshToken equals no number of a spread state.
const freshToken = 1 << 20

// exec runs an event for every answer to what layers and widths ask, and adds what it leads to: its end, and what a
// crash after each of its visible actions leaves.
func (x *explorer) exec(s fsm.State, e *fsm.Event, in []uint32, handler int) {
	var rec func(prefix []bool)
	rec = func(prefix []bool) {
		env := fsm.Env{Choices: prefix, Fresh: freshToken}
		r := x.code.Exec(s, e, in, &env)
		runs := handler
		for _, f := range r.Effects {
			if f.Kind == fsm.DidInvoke {
				runs = int(f.Fn)
			}
			if f.Kind == fsm.DidPersist {
				down := slices.Clone(f.After)
				if x.m.Records[f.Index].Slots == 1 {
					torn := slices.Clone(down)
					x.code.Tear(torn, f.Index)
					x.code.Boot(torn)
					x.add(torn, -1, true)
				}
				x.code.Boot(down)
				x.add(down, -1, true)
			}
		}
		x.add(r.State, runs, false)
		answers := append(slices.Clone(prefix), make([]bool, env.Asked-min(env.Asked, len(prefix)))...)
		for k := len(prefix); k < env.Asked; k++ {
			rec(append(slices.Clone(answers[:k]), true))
		}
	}
	rec(nil)
}
