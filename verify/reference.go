package verify

import (
	"slices"

	"sprocketc/fsm"
)

// The naive semantics: every transition, nothing renamed, nothing merged. Runs are replayed on it before they are shown,
// and the engines are held against it.

// refDatagram is a datagram with its number in the run, from 1.
type refDatagram struct {
	msg       Msg
	overtaken int
	delivered bool
	number    int
}

// refState is a global state with numbers and tokens as they are.
type refState struct {
	w       World
	ch      [][]refDatagram
	fresh   uint32 // tokens drawn so far
	numbers int    // datagrams sent so far
}

func (s refState) clone() refState {
	k := s
	k.w = s.w.clone()
	k.ch = make([][]refDatagram, len(s.ch))
	for i, c := range s.ch {
		k.ch[i] = slices.Clone(c)
	}
	return k
}

// refStep is a step, the state it leads to, the number of the datagram that it takes from a channel, and those of what
// it sends; 0 where there is none.
type refStep struct {
	Step
	next  refState
	taken int
	sent  []int
}

// refStarts lists the states in which a run can begin.
func (m *Model) refStarts(room func(ch int) int) []refState {
	var out []refState
	for _, s := range m.starts() {
		k := refState{w: s.Next, ch: make([][]refDatagram, len(m.Sys.Channels))}
		if t, ok := m.refSend(k, s, 0, room); ok {
			out = append(out, t.next)
		}
	}
	return out
}

// refNext lists every step from a state. room gives a channel's capacity; 0 is none.
func (m *Model) refNext(s refState, room func(ch int) int) []refStep {
	var out []refStep
	take := func(from refState, steps []Step, number int) {
		for _, st := range steps {
			if t, ok := m.refTake(from, st, number, room); ok {
				out = append(out, t)
			}
		}
	}
	take(s, m.spontaneous(s.w), 0)
	num := m.numbers()
	for ch, c := range m.Sys.Channels {
		for i, d := range s.ch[ch] {
			if c.Loses && (i == 0 || !c.Oldest) {
				k := s.clone()
				k.ch[ch] = slices.Delete(k.ch[ch], i, i+1)
				a := Action{Kind: Loses, Machine: m.to[ch], Channel: ch, Msg: d.msg, After: -1}
				take(k, []Step{{Action: a, Next: s.w.clone()}}, d.number)
			}
			msgs := []Msg{d.msg}
			if c.Corrupts {
				words := make([][]flying, len(s.ch))
				for j, w := range s.ch {
					for _, x := range w {
						words[j] = append(words[j], flying{msg: x.msg})
					}
				}
				msgs = append(msgs, m.altered(num, s.w, words, d.msg)...)
			}
			for _, keep := range []bool{true, false} {
				if keep && !c.Repeats {
					continue
				}
				k, ok := refDeliver(s, c, ch, i, keep)
				if !ok {
					continue
				}
				for n, msg := range msgs {
					steps := m.arrival(s.w, ch, msg, d.delivered)
					for x := range steps {
						steps[x].Altered = n > 0
					}
					take(k, steps, d.number)
				}
			}
		}
	}
	return out
}

// refDeliver takes datagram i of a channel; ok is false where it would overtake too far what may not be lost. Where the
// text states a capacity, every loss is a step of its own, so that steps are counted alike.
func refDeliver(s refState, c *fsm.Channel, ch, i int, keep bool) (refState, bool) {
	k := s.clone()
	var rest []refDatagram
	for j, d := range k.ch[ch] {
		if j == i && !keep {
			continue
		}
		if j == i {
			d.delivered = true
		}
		if j < i && !s.ch[ch][i].delivered && c.Within >= 0 {
			d.overtaken++
			if d.overtaken > c.Within {
				if c.Loses && c.Capacity > 0 || !c.Loses && !d.delivered {
					return k, false
				}
				continue
			}
		}
		rest = append(rest, d)
	}
	k.ch[ch] = rest
	return k, true
}

// refTake lets the channels take what a step sends, and gives new tokens their values.
func (m *Model) refTake(from refState, st Step, number int, room func(ch int) int) (refStep, bool) {
	k := from.clone()
	k.w = st.Next.clone()
	if st.Kind == Replaces {
		for i := range k.ch {
			k.ch[i] = nil
		}
	}
	st.Sent = slices.Clone(st.Sent)
	if !m.refAge(from.w, &k, &st) {
		return refStep{}, false
	}
	return m.refSend(k, st, number, room)
}

// refSend lets the channels take what a step sends that led to a state.
func (m *Model) refSend(k refState, st Step, number int, room func(ch int) int) (refStep, bool) {
	out := refStep{Step: st, taken: number}
	st.Sent = slices.Clone(st.Sent)
	m.refFresh(&k, st.Sent)
	for _, s := range st.Sent {
		k.numbers++
		c, n := m.Sys.Channels[s.Channel], room(s.Channel)
		switch {
		case c.Capacity > 0 && c.Within < 0 && c.Repeats && slices.ContainsFunc(k.ch[s.Channel], func(d refDatagram) bool { return d.msg == s.Msg }):
			// what keeps no order and repeats at will is a set, and its capacity counts different datagrams
		case n == 0 || len(k.ch[s.Channel]) < n:
			k.ch[s.Channel] = append(k.ch[s.Channel], refDatagram{msg: s.Msg, number: k.numbers})
		case !c.Loses || c.Waits:
			return out, false
		}
		out.sent = append(out.sent, k.numbers)
	}
	out.Step.Sent, out.Step.Next, out.next = st.Sent, k.w, k
	return out, true
}

// refFresh gives tokens that were just drawn a value that was never used.
func (m *Model) refFresh(s *refState, sent []Sent) {
	num := m.numbers()
	token := func(p place) bool { return m.Sys.Sort(num.sorts[p.sort]).Token }
	drawn := uint32(0)
	value := func(v uint32) uint32 {
		drawn = max(drawn, v-freshValue+1)
		return s.fresh + 1 + v - freshValue
	}
	for i, ps := range num.slots {
		for _, p := range ps {
			if v := s.w.L[i][p.at]; token(p) && v >= freshValue {
				s.w.L[i][p.at] = value(v)
			}
		}
	}
	for i := range sent {
		for _, p := range num.field[sent[i].Msg[0]] {
			if v := uint32(sent[i].Msg[p.at]); token(p) && v >= freshValue {
				sent[i].Msg[p.at] = uint8(value(v))
			}
		}
	}
	s.fresh += drawn
}
