package schema

import (
	"math/bits"

	"sprocketc/fsm"
	"sprocketc/ir"
)

// ram estimates the bytes of a machine's state in the emitted C core, where integers are aligned to their size: its
// variables in the smallest integer that holds them, the largest value of each payload with its length, the fields of
// records with three bytes of bookkeeping, five or six bytes a timer, what is remembered and noted, the datagram that is
// being sent, and some 25 bytes of the driver's (time, counters, phase of a hook). The build measures the real size.
func ram(p *ir.Plan, s *fsm.System, m *fsm.Machine) int {
	frame, request, answer := 0, 0, 0
	for i := range p.Wire {
		w := &p.Wire[i]
		_, payload := ir.PayloadBounds(w.Payload)
		if msg := s.Message(w.Message); msg != nil && msg.From == m.Name {
			frame = max(frame, w.Max)
		}
		if w.Message == "REQ" {
			request = max(request, payload)
		} else {
			answer = max(answer, payload)
		}
	}
	n := 1 + 4 + 4*4 + frame // state, now, counters, frame
	if m.Event(fsm.OnReturn, "") != nil {
		n += 2 + holds(frame)
	}
	for _, v := range m.Vars {
		size := scalar(fieldBits(s, v.Type))
		if v.Type.Kind == fsm.Payload {
			size = request
			if m.Name == "callee" {
				size = answer
			}
			size += holds(size)
		}
		n += size * max(v.Type.Len, 1)
	}
	for _, r := range m.Records {
		for _, f := range r.Fields {
			n += scalar(fieldBits(s, f.Type))
		}
		n += 1 + 2*min(r.Slots-1, 1)
	}
	for _, t := range m.Timers {
		n += 5
		if t.Doubles() {
			n++
		}
	}
	for range m.Memos {
		n += 6 + memo(p)
	}
	if m.Journal != nil {
		n += 4 + 8*int(m.Journal.N)
	}
	return (n + 3) / 4 * 4
}

// memo is what remembered answers take: for each the time, the function, and the largest arguments and answer of the
// calls that are kept, with their lengths.
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
	return entries * ((4 + 1 + holds(args) + args + holds(value) + value + 3) / 4 * 4)
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

// holds is the size of an integer that counts up to n, in bytes; 0 where there is nothing to count.
func holds(n int) int {
	if n == 0 {
		return 0
	}
	return scalar(bits.Len(uint(n)))
}

// MemoBytes estimates what the answers that a plan remembers take in the caller.
func MemoBytes(p *ir.Plan) int { return memo(p) }

// ScalarBytes is the size of the smallest integer of so many bits, up to 32.
func ScalarBytes(bits int) int { return scalar(bits) }
