package support

// timer runs until it is due. Times are counts of milliseconds that wrap; spans stay below 2^31.
type timer struct {
	running bool
	step    uint8 // doublings since the start
	due     uint32
}

func (t *timer) isDue(now uint32) bool { return t.running && int32(now-t.due) >= 0 }

func (t *timer) arm(now, after uint32) { t.running, t.due = true, now+after }

// interval is the first of a schedule, doubled by each repetition up to limit; milliseconds.
type interval struct{ first, limit uint32 }

// after gives the interval after some doublings.
func (i interval) after(step uint8) uint32 {
	v := uint64(i.first)
	for range step {
		v *= 2
	}
	if v > uint64(i.limit) {
		return max(i.first, i.limit)
	}
	return uint32(v)
}

// next gives the number of doublings after one more; it stays where the limit is reached.
func (i interval) next(step uint8) uint8 {
	if i.after(step) < i.limit {
		return step + 1
	}
	return step
}

// earliest gives the time at which the first of the timers is due, and whether any runs.
func earliest(now uint32, timers ...timer) (due uint32, any bool) {
	for _, t := range timers {
		if t.running && (!any || int32(t.due-now) < int32(due-now)) {
			due, any = t.due, true
		}
	}
	return due, any
}
