package verify

import (
	"slices"
)

// stale lets one of several stale rejections stand for all: datagrams to the caller that differ in one number alone,
// of a sort on which nobody uses an order, whose values are nowhere else, and of which the caller heeds at most one:
// it is run to see that after any of them the others are dead.
func (e *blockEngine) stale(f *front) {
	if e.m.Caller < 0 || e.m.Callee < 0 {
		return
	}
	ch := e.m.out[e.m.Callee]
	for {
		a, b, at := e.stalePair(f, ch)
		if at == 0 {
			return
		}
		f.c[ch] = f.c[ch].rename(e.k[ch], func(m Msg) (Msg, bool) {
			if m == a {
				return b, true
			}
			return m, true
		})
	}
}

// mayBeStale reports whether two datagrams to the caller differ in one number alone, of a sort without an order.
func (e *blockEngine) mayBeStale(values []Msg) bool {
	for i, x := range values {
		for _, y := range values[i+1:] {
			if p := e.differ(x, y); p.at != 0 && !e.ordered(p.sort) && e.counts(p.sort) {
				return true
			}
		}
	}
	return false
}

func (e *blockEngine) stalePair(f *front, ch int) (a, b Msg, at int) {
	values := f.c[ch].values()
	for i, x := range values {
		for _, y := range values[i+1:] {
			p := e.differ(x, y)
			if p.at == 0 || e.ordered(p.sort) || !e.counts(p.sort) || !e.only(f, ch, x, p) || !e.only(f, ch, y, p) {
				continue
			}
			if e.excludes(f, ch, x, y, p) && e.excludes(f, ch, y, x, p) {
				return x, y, p.at
			}
		}
	}
	return
}

func (e *blockEngine) ordered(sort int) bool {
	for _, g := range e.ign {
		if g.ordered[e.num.sorts[sort]] {
			return true
		}
	}
	return false
}

// differ is the number in which alone two datagrams differ; its place is 0 where there is none such.
func (e *blockEngine) differ(x, y Msg) (out place) {
	if x[0] != y[0] {
		return
	}
	for i := 1; i < len(x); i++ {
		if x[i] == y[i] {
			continue
		}
		j := slices.IndexFunc(e.num.field[x[0]], func(p place) bool { return p.at == i && p.scope < 0 })
		if j < 0 || out.at != 0 {
			return place{}
		}
		out = e.num.field[x[0]][j]
	}
	return
}

// only reports whether a datagram's number is in that datagram alone: in no machine, and in no other datagram.
func (e *blockEngine) only(f *front, ch int, m Msg, p place) bool {
	v := m[p.at]
	for i, ps := range e.num.slots {
		for _, q := range ps {
			if q.sort == p.sort && f.w.L[i][q.at] == uint32(v) {
				return false
			}
		}
	}
	for c, w := range f.c {
		for _, x := range w.values() {
			for _, q := range e.num.field[x[0]] {
				if q.sort == p.sort && x[q.at] == v && !(c == ch && x == m && q.at == p.at) {
					return false
				}
			}
		}
	}
	return v != 0
}

// excludes reports whether, once the caller has taken x, whenever that is, it ignores y for ever: y is x with another
// value in a place, which nothing else has.
func (e *blockEngine) excludes(f *front, ch int, x, y Msg, p place) bool {
	from, to := e.m.from[ch], e.m.to[ch]
	return e.exclusive(f.w.L[to], x, p, e.bars[from], e.mask(*f, ch, x), e.mask(*f, ch, y))
}
