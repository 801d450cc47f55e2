package verify

import "sprocketc/fsm"

// condition is an invariant with the actors that it reads; a combination of their states is evaluated once.
type condition struct {
	*fsm.Invariant
	reads []int
	holds map[string]bool
}

// broken names the first of the wanted invariants that does not hold in a state; "" for none.
func (p *parts) broken(states []uint32, want func(string) bool) string {
	for _, c := range p.conds {
		if want(c.Name) && !p.check(c, states) {
			return c.Name
		}
	}
	return ""
}

func (p *parts) check(c *condition, states []uint32) bool {
	k := p.key[:0]
	for _, a := range c.reads {
		k = append(k, byte(states[a]>>24), byte(states[a]>>16), byte(states[a]>>8), byte(states[a]))
	}
	p.key = k
	ok, known := c.holds[string(k)]
	if !known {
		ok = p.m.value(c.Cond, p.world(states), nil) != 0
		c.holds[string(k)] = ok
		p.bytes += int64(3*len(k) + 40)
	}
	return ok
}
