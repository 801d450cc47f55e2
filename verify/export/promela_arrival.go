package export

import (
	"fmt"

	"sprocketc/fsm"
)

// arrivals prints, for every kind of datagram on every channel, what may become of it on the way, and adds the event.
func (g *pml) arrivals() {
	for i, c := range g.sys.Channels {
		for k, msg := range g.sys.Messages {
			if msg.From != c.From {
				continue
			}
			to := g.receiver(c)
			ev := &pmlEvent{m: to, channel: i, message: k, what: fmt.Sprintf("%s: %s arrives", to.Name, msg.Name)}
			for _, e := range g.events {
				if e.m == to && e.ev.Kind == fsm.OnMessage && e.ev.Name == msg.Name {
					ev.ev, ev.name, ev.counts, ev.torn = e.ev, e.name, e.counts, e.torn
				}
			}
			if c.Corrupts {
				ev.altered = g.alter(i, k)
			}
			g.events = append(g.events, ev)
		}
	}
	kept := g.events[:0]
	for _, e := range g.events {
		if e.message >= 0 || e.ev.Kind != fsm.OnMessage && e.ev.Kind != fsm.OnRestart {
			e.id = len(kept) + 1
			kept = append(kept, e)
		} else if e.ev.Kind == fsm.OnRestart {
			defer func() { g.events = append(g.events, e) }() // of no number: it follows a crash
		}
	}
	g.events = kept
}

func (g *pml) receiver(c *fsm.Channel) *machine {
	for _, x := range g.machines {
		if x.Name == c.To {
			return x
		}
	}
	return nil
}

// alter prints how the network may alter a datagram of a kind where no checksum finds it out: one field has another value
// of its range, or, of the values that are renamed, one that occurs or none; a payload is nobody's. It gives the number of
// ways.
func (g *pml) alter(channel, message int) int {
	n := 0
	g.p("inline alter_%d_%d() {", channel, message)
	g.in(func() {
		g.p("if")
		g.p(":: altered == 0")
		for at, f := range g.sys.Messages[message].Fields {
			lo, hi := g.span(f.Type)
			s := g.sys.Sort(f.Type.Name)
			switch {
			case f.Type.Kind == fsm.Payload:
				n++
				g.p(":: altered == %d -> in%d = %d", n, at, garbage)
				continue
			case s != nil && s.Wrap > 0:
				lo, hi = 0, uint32(s.Wrap-1)
			case s != nil:
				n += g.alterName(n, at, s.Name)
				continue
			}
			ways := int(min(hi, 255)-lo) + 1
			g.p(":: altered > %d && altered <= %d -> in%d = altered - %d", n, n+ways, at, n+1-int(lo))
			n += ways
		}
		g.p(":: else -> undone = 1")
		g.p("fi")
	})
	g.p("}")
	g.p("")
	return n
}

// alterName lets a field have the value none, or the one that stands in any place of its sort.
func (g *pml) alterName(n, at int, name string) int {
	g.p(":: altered == %d -> in%d = 0", n+1, at)
	for _, s := range g.sorts {
		if s.Name != name {
			continue
		}
		ways := len(s.slots)
		for i, c := range g.sys.Channels {
			for _, p := range s.fields {
				if g.sys.Messages[p.of].From == c.From {
					ways += g.most16(i)
				}
			}
		}
		g.p(":: altered > %d && altered <= %d ->", n+1, n+1+ways)
		g.in(func() {
			g.p("h_n = 0;")
			g.places(s, func(value, _ string) { g.p("h_value[h_n] = %s; h_n++;", value) })
			g.p("if")
			g.p(":: altered - %d <= h_n -> in%d = h_value[altered - %d]", n+1, at, n+2)
			g.p(":: else -> undone = 1")
			g.p("fi")
		})
		return ways + 1
	}
	return 1
}

// most16 is the largest room of a channel, as far as the text knows it.
func (g *pml) most16(channel int) int {
	if c := g.sys.Channels[channel]; c.Capacity > 0 {
		return c.Capacity
	}
	return g.opt.Capacity
}
