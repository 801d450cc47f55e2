package solver

import (
	"time"

	"sprocketc/ir"
)

// Fewer is the schedule of a plan's call with a fixed interval that sends one time less, the closest of them; nil where the call
// is sent once, or its interval is not fixed.
func Fewer(p *ir.Plan, c *ir.Call) *ir.Schedule {
	s := p.Schedules[c.Name]
	if s.Sends < 2 || s.First != s.Cap {
		return nil
	}
	end := max(milliseconds(s.Expires)-2*milliseconds(p.Pace), 1)
	fixed := func(ms int64) sends { return sends{float64(ms), float64(ms), end} }
	lo, hi := int64(s.First/time.Millisecond), int64(end)
	for lo+1 < hi { // so many at lo, fewer at hi
		if mid := (lo + hi) / 2; fixed(mid).count() < s.Sends {
			hi = mid
		} else {
			lo = mid
		}
	}
	less := *s
	less.First = time.Duration(hi) * time.Millisecond
	less.Cap, less.Sends, less.Chance = less.First, fixed(hi).count(), linkOf(p.Interface.Channel).chance(fixed(hi))
	return &less
}
