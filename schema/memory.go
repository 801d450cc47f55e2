package schema

import (
	"math/bits"
	"slices"
	"strings"

	"sprocketc/fsm"
	"sprocketc/ir"
)

// ram is the size in bytes of a machine's context in emitted C. A test holds it against the emitted header.
func ram(p *ir.Plan, s *fsm.System, m *fsm.Machine) int {
	core, line := context(p, s, m)
	return structSize(append([]cell{{size: structSize(core...), align: 4}}, line...)...)
}

// context lists the members of a machine's context in emitted C, where integers are aligned to their size: its state,
// the handler that runs, its variables in the smallest integers that hold them, the largest value of each payload with
// its length, records with their bookkeeping, timers, what is remembered and noted, the time, four counters and the
// datagram that is being sent; and behind them those of the struct around it that a serial line needs.
func context(p *ir.Plan, s *fsm.System, m *fsm.Machine) (core, line []cell) {
	frame, request, answer := 1, 0, 0
	for i := range p.Wire {
		w := &p.Wire[i]
		_, payload := ir.PayloadBounds(w.Payload)
		if msg := s.Message(w.Message); msg != nil && msg.From == m.Name {
			frame = max(frame, w.Max)
		}
		if w.Message == "REQ" || w.Message == "NEXT" {
			request = max(request, payload)
		} else {
			answer = max(answer, payload)
		}
	}
	var all []cell
	what := "state and time"
	scalars := func(sizes ...int) {
		for _, n := range sizes {
			all = append(all, cell{n, n, false, what})
		}
	}
	buffer := func(align, size int) { all = append(all, cell{size, align, true, what}) }
	scalars(1, 4) // state, now
	what = "counters of refused datagrams"
	buffer(4, 4*4)
	what = "the datagram that is being sent"
	buffer(1, frame)
	what = "the handler that runs"
	if slices.ContainsFunc(m.Events, func(e *fsm.Event) bool { return e.Kind == fsm.OnReturn }) {
		scalars(1, 1, holds(frame))
	}
	for _, v := range m.Vars {
		size := scalar(fieldBits(s, v.Type))
		what = because("variables", v.Tag)
		switch {
		case v.Type.Kind == fsm.Payload:
			most := request
			if m.Name == "callee" && !strings.HasPrefix(v.Name, "held") { // what came before its turn
				most = answer
			}
			what = map[bool]string{true: "arguments of calls", false: "answers of calls"}[most == request && m.Name != "callee" || strings.HasPrefix(v.Name, "held")]
			if most > 0 {
				scalars(holds(most))
				buffer(1, most)
			}
		case v.Type.Len > 0:
			buffer(size, size*v.Type.Len)
		default:
			scalars(size)
		}
	}
	for _, r := range m.Records {
		what = because("record `"+r.Name+"`", r.Tag)
		for _, f := range r.Fields {
			if f.Type.Kind != fsm.Payload {
				scalars(scalar(fieldBits(s, f.Type)))
			} else if most := recorded(p, m); most > 0 {
				scalars(holds(most))
				buffer(1, most)
			}
		}
		scalars(1)
		if r.Slots > 1 {
			scalars(1, 1)
		}
	}
	for _, t := range m.Timers {
		what = because("timers", t.Tag)
		scalars(1, 4)
		if strings.HasPrefix(t.Name, "retry") && doubles(p) {
			scalars(1)
		}
	}
	if n := memo(p); n > 0 && len(m.Memos) > 0 {
		what = "answers that are kept (cache)"
		scalars(4, 2)
		buffer(4, n)
	}
	if m.Journal != nil && m.Journal.N > 0 {
		n := int(m.Journal.N)
		what = "events that are kept (log)"
		scalars(holds(n), holds(n))
		buffer(4, 8*n)
	}
	// Scalars first and the smallest of them, since the short loads of small targets reach few bytes beyond a pointer.
	slices.SortStableFunc(all, func(a, b cell) int {
		switch {
		case a.buffer != b.buffer && a.buffer:
			return 1
		case a.buffer != b.buffer:
			return -1
		case a.buffer:
			return b.align - a.align
		}
		return a.size - b.size
	})
	if p.Interface.Channel.Over != "serial" {
		return all, nil
	}
	// What finds the datagrams in the bytes of a line: the longest of them, how much of it is there, the last code and what it
	// says is still to come; and a counter.
	longest := max(received(p, s, m), 1)
	size := holds(longest + 1)
	for _, c := range []cell{{size: 4, align: 4}, {size: size, align: size}, {size: 1, align: 1}, {size: 1, align: 1}, {size: longest, align: 1, buffer: true}} {
		c.what = "the frame that is coming in (serial)"
		line = append(line, c)
	}
	return all, line
}

// received is the longest datagram that comes to a machine, in bytes.
func received(p *ir.Plan, s *fsm.System, m *fsm.Machine) int {
	longest := 0
	for i := range p.Wire {
		if msg := s.Message(p.Wire[i].Message); msg != nil && msg.From != m.Name {
			longest = max(longest, p.Wire[i].Max)
		}
	}
	return longest
}

// doubles reports whether any call is sent again at growing intervals.
func doubles(p *ir.Plan) bool {
	for _, s := range p.Schedules {
		if s.Cap > s.First {
			return true
		}
	}
	return false
}

// cell is a member of a struct in C: its size and alignment in bytes. Buffers stand behind all scalars.
type cell struct {
	size, align int
	buffer      bool
	what        string // it is for
}

func structSize(all ...cell) int {
	at, most := 0, 1
	for _, x := range all {
		at = (at+x.align-1)/x.align*x.align + x.size
		most = max(most, x.align)
	}
	return (at + most - 1) / most * most
}

// memo is what remembered answers take: for each the time, whether it is in use, and the largest arguments and answer of
// the calls that are kept, with their lengths.
func memo(p *ir.Plan) int {
	entries, args, value := 0, 0, 0
	for _, c := range p.Interface.Calls {
		if c.Cache == nil {
			continue
		}
		_, a := ir.PayloadBounds(c.Params)
		_, v := c.Result.Bounds()
		entries, args, value = entries+c.Cache.N, max(args, a), max(value, v)
	}
	size := structSize(cell{size: 4, align: 4}, cell{size: 1, align: 1}, cell{size: holds(args), align: holds(args)},
		cell{size: holds(value), align: holds(value)}, cell{size: max(args, 1), align: 1}, cell{size: max(value, 1), align: 1})
	return entries * size
}

// scalar is the size of the smallest integer of so many bits, in bytes.
func scalar(n int) int {
	switch {
	case n <= 8:
		return 1
	case n <= 16:
		return 2
	}
	return 4
}

// holds is the size of an integer that counts up to n, in bytes.
func holds(n int) int { return scalar(bits.Len(uint(n))) }

// MemoBytes is what the answers that a plan remembers take in the caller.
func MemoBytes(p *ir.Plan) int { return memo(p) }

// ScalarBytes is the size of the smallest integer of so many bits, up to 32.
func ScalarBytes(bits int) int { return scalar(bits) }
