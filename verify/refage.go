package verify

import (
	"slices"

	"sprocketc/fsm"
)

// The age of datagrams in the naive semantics: worked out from which timers a step started and when, and which run, and not
// from the marks that the engines share.

// refAge ages what is in flight, and gives what the step sends: first what a timer that fires outlives goes, then what is
// there gets old, then what is sent is put beside it. The step's state is that after it. False where the timer cannot fire
// yet, since something would be lost on a channel that loses nothing.
func (m *Model) refAge(from World, s *refState, st *Step) bool {
	if len(m.outlive) == 0 {
		return true
	}
	fires := func(o *outliving) bool {
		return st.Kind == TimerFires && st.Machine == o.machine && m.Sys.Machines[o.machine].Timers[o.timer].Name == st.Event.Name
	}
	started := func(timer, after int) bool { // a start of a timer comes after so many sends
		return slices.ContainsFunc(st.Ageing.Starts, func(x Started) bool { return x.Timer == timer && x.Sent >= after })
	}
	waits := uint8(0)
	for i := range st.Sent {
		st.Sent[i].Msg[oldAt] = 0
	}
	for i := range m.outlive {
		o := &m.outlive[i]
		runs := s.w.L[o.machine][o.slot] != 0
		for ch, c := range m.Sys.Channels {
			if fires(o) {
				if known := !c.Repeats || c.Within >= 0; !c.Loses && known && slices.ContainsFunc(s.ch[ch], func(d refDatagram) bool { return !d.delivered && d.msg[oldAt]&o.bit != 0 }) {
					return false
				}
				s.ch[ch] = slices.DeleteFunc(s.ch[ch], func(d refDatagram) bool { return d.msg[oldAt]&o.bit != 0 })
			}
			for k := range s.ch[ch] {
				x := &s.ch[ch][k].msg
				switch {
				case !runs:
					x[oldAt] &^= o.bit
				case started(i, 0) && o.on[ch]:
					x[oldAt] |= o.bit
				}
			}
		}
		if !runs {
			continue
		}
		for k := range st.Sent {
			x := &st.Sent[k]
			if o.on[x.Channel] && (started(i, k+1) || o.calls && m.refSentByOld(from, st, i, k)) {
				x.Msg[oldAt] |= o.bit
			}
		}
		if o.calls && s.w.Env.Call != 0 && (from.Env.Old&o.bit != 0 || started(i, 0)) {
			waits |= o.bit
		}
	}
	s.w.Env.Old = waits
	for ch, c := range m.Sys.Channels {
		if c.Capacity > 0 && c.Within < 0 && c.Repeats { // a set
			var kept []refDatagram
			for _, d := range s.ch[ch] {
				if !slices.ContainsFunc(kept, func(k refDatagram) bool { return k.msg == d.msg }) {
					kept = append(kept, d)
				}
			}
			s.ch[ch] = kept
		}
	}
	return true
}

// refSentByOld reports whether the k-th datagram of a step was sent by a call that a timer waits for.
func (m *Model) refSentByOld(from World, st *Step, timer, k int) bool {
	if st.Machine != m.Caller || from.Env.Call == 0 && st.Kind != ProgramCalls {
		return false
	}
	sent := 0
	for _, f := range st.Effects {
		switch f.Kind {
		case fsm.DidComplete:
			return false
		case fsm.DidSend:
			if sent == k {
				before := slices.ContainsFunc(st.Ageing.Starts, func(x Started) bool { return x.Timer == timer && x.Sent <= k })
				return before || from.Env.Old&m.outlive[timer].bit != 0
			}
			sent++
		}
	}
	return false // by the start after a crash
}
