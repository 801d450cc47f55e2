package fsm

import (
	"fmt"
	"math/bits"
	"slices"
)

// Outlived is what is gone once a timer fires.
type Outlived int

const (
	OutlivesNothing   Outlived = iota
	OutlivesDatagrams          // that were in flight when it was started
	OutlivesCalls              // and the calls that were pending then, with every datagram that they sent
)

var outlivedWords = []string{"", "datagrams", "calls"}

func (o Outlived) String() string { return outlivedWords[o] }

// text in a timer's declaration.
func (o Outlived) text() string {
	if o == OutlivesNothing {
		return ""
	}
	return " outlives " + o.String()
}

// MaxOutliving is how many timers of a system may outlive something.
const MaxOutliving = 8

// Bound is the times in ms by which a timer outlives what it does: datagrams are gone so long after they were sent, calls end
// so long after they were made (0 where it does not outlive them).
type Bound struct{ Lives, Calls uint32 }

// Outliving gives the bound of a timer of a machine from what the system's text states. missing says what it does not
// state; "" where it states all.
func (s *System) Outliving(m *Machine, t *Timer) (b Bound, missing string) {
	for _, c := range s.Channels {
		if c.From != m.Name && c.To != m.Name {
			continue
		}
		if c.Lives == 0 {
			return b, fmt.Sprintf("how long a datagram on channel `%s` lives is not stated: `lives 5000`", c.Name)
		}
		b.Lives = max(b.Lives, c.Lives)
	}
	if b.Lives == 0 {
		return b, fmt.Sprintf("no channel leads to or from `%s`", m.Name)
	}
	if t.Outlives != OutlivesCalls {
		return b, ""
	}
	b.Calls, missing = s.longestCall()
	return b, missing
}

// mayWait is an event on a channel to or from a machine that takes its message only under a condition; nil where none does.
func (s *System) mayWait(m *Machine) *Event {
	for _, c := range s.Channels {
		to := s.Machine(c.To)
		if c.From != m.Name && c.To != m.Name || to == nil {
			continue
		}
		for _, e := range to.Events {
			if e.Kind == OnMessage && e.When != nil {
				return e
			}
		}
	}
	return nil
}

// longestCall is how long after it was made a call has ended in any case, in ms.
func (s *System) longestCall() (ms uint32, missing string) {
	fn := s.Enum("fn")
	for _, m := range s.Machines {
		if m.Event(OnCall, "call") == nil || fn == nil {
			continue
		}
		spans := make([]uint32, len(fn.Members))
		for _, d := range s.Demands {
			if d.Kind != Within || d.Machine != m.Name {
				continue
			}
			for i, ms := range d.Spans {
				if ms > 0 && (spans[i] == 0 || ms < spans[i]) {
					spans[i] = ms
				}
			}
		}
		if i := slices.Index(spans, 0); i >= 0 {
			return 0, fmt.Sprintf("when a call of `%s` has ended is not stated: `within %s for fn { %s: 2000 };`", fn.Members[i], m.Name, fn.Members[i])
		}
		return slices.Max(spans), ""
	}
	return 0, "no machine makes calls"
}

// Stretched is the least interval of a clock that may run wrong by so many parts in a million which takes ms in any case;
// ok is false where it is longer than an interval may be.
func Stretched(ms uint64, drift int) (interval uint32, ok bool) {
	hi, lo := bits.Mul64(ms, million+uint64(drift))
	if hi >= million {
		return 0, false
	}
	q, r := bits.Div64(hi, lo, million)
	if r > 0 {
		q++
	}
	if q >= 1<<31 {
		return 0, false
	}
	return uint32(q), true
}

// outlived checks the timers that outlive something, and the lifetimes of channels.
func (k *checker) outlived() {
	for _, c := range k.sys.Channels {
		if c.Lives > 0 && c.Delay.Cap > c.Lives {
			k.bad("out-of-range", c.Span, "a datagram on `%s` takes up to %d ms to arrive, and lives %d ms", c.Name, c.Delay.Cap, c.Lives)
		}
	}
	n := 0
	for _, m := range k.sys.Machines {
		for _, t := range m.Timers {
			if t.Outlives == OutlivesNothing {
				continue
			}
			if n++; n > MaxOutliving {
				k.bad("too-large", t.Span, "at most %d timers of a system outlive datagrams or calls", MaxOutliving)
				return
			}
			k.outliving(m, t)
		}
	}
}

func (k *checker) outliving(m *Machine, t *Timer) {
	what := "`" + t.Name + "` outlives " + t.Outlives.String()
	switch {
	case t.Layer:
		k.bad("layer-type", t.Span, "%s, so it cannot be a layer: the proof lets those fire at any time", what)
		return
	case t.Per != "" || len(t.Spans) != 1:
		k.bad("out-of-range", t.Span, "%s, so it needs one interval", what)
		return
	case m.Event(OnTimer, t.Name) == nil:
		k.bad("unknown-name", t.Span, "%s, and there is no `on timer %s` for the moment in which they are gone", what, t.Name)
		return
	}
	if e := k.sys.mayWait(m); e != nil {
		k.bad("may-wait", t.Span, "%s, and `on %s` has a condition: a datagram may wait for that longer than it lives", what, e.Name)
		return
	}
	b, missing := k.sys.Outliving(m, t)
	if missing != "" {
		k.bad("too-short", t.Span, "%s, but %s", what, missing)
		return
	}
	least, ok := Stretched(uint64(b.Lives)+uint64(b.Calls), m.Drift)
	if first := t.Spans[0].First; !ok || first < least {
		parts := fmt.Sprintf("%d ms that a datagram lives", b.Lives)
		if b.Calls > 0 {
			parts += fmt.Sprintf(", and %d ms until a call has ended", b.Calls)
		}
		if m.Drift > 0 {
			parts += fmt.Sprintf(", on a clock that may run %d parts in a million fast", m.Drift)
		}
		need := fmt.Sprintf("at least %d ms", least)
		if !ok {
			need = "longer than a timer can run"
		}
		k.bad("too-short", t.Span, "%s, and its interval is %d ms: it has to be %s (%s)", what, first, need, parts)
	}
}
