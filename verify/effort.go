package verify

import (
	"context"
	"slices"

	"sprocketc/fsm"
)

// effort bounds what a condition may cost: where it is spent the condition counts as not met.
type effort struct {
	ctx  context.Context // its end is a limit; may be nil
	work int             // datagrams tried since begin
	wide bool            // a datagram may have other values than those that are tried
}

// maxWork bounds the datagrams of one condition, maxValues those of one kind that differ in more than unbounded numbers.
const (
	maxWork   = 1_000_000
	maxValues = 1 << 10
)

// begin starts to count.
func (x *effort) begin() { x.work = 0 }

// ended reports whether the time is over.
func (x *effort) ended() bool { return x.ctx != nil && x.ctx.Err() != nil }

// spent reports whether no more may be tried.
func (x *effort) spent() bool { return x.wide || x.work > maxWork || x.ended() }

// tooMany reports whether a kind of datagram that a machine takes has more values than are tried.
func (m *Model) tooMany(machine int) bool {
	for _, e := range m.Sys.Machines[machine].Events {
		msg := m.Sys.Message(e.Name)
		if e.Kind != fsm.OnMessage || msg == nil {
			continue
		}
		n := 1
		for _, f := range msg.Fields {
			switch f.Type.Kind {
			case fsm.Number:
				if s := m.Sys.Sort(f.Type.Name); s != nil && s.Wrap > 0 {
					n *= min(s.Wrap, 256) // a larger value is not represented
				}
			case fsm.Bool, fsm.Range, fsm.EnumKind:
				lo, hi := m.bounds(f.Type)
				n *= int(min(hi, 255)-min(lo, 255)) + 1
			}
			if n > maxValues {
				return true
			}
		}
	}
	return false
}

// orders reports whether a kind of datagram that the machine takes has two numbers of a sort on which it uses an order: one
// value between two that it holds stands for one number only.
func (g *ignorer) orders() bool {
	for _, e := range g.m.Sys.Machines[g.machine].Events {
		if e.Kind != fsm.OnMessage {
			continue
		}
		for i, p := range g.num.field[slices.Index(g.m.Sys.Messages, g.m.Sys.Message(e.Name))] {
			for _, q := range g.num.field[slices.Index(g.m.Sys.Messages, g.m.Sys.Message(e.Name))][:i] {
				if p.sort == q.sort && g.ordered[g.num.sorts[p.sort]] {
					return true
				}
			}
		}
	}
	return false
}
