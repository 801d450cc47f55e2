package verify

import (
	"slices"

	"sprocketc/fsm"
)

// flying is one datagram in a channel told apart from every other. Its age is the number of distinct later-sent
// datagrams that were delivered at least once: it may be delivered while its age is at most the channel's overtaking.
type flying struct {
	msg  Msg
	age  uint8
	done bool // it was delivered at least once; what comes now is a repeat
}

// lane is the rule of one channel. Where the text states no capacity, datagrams that are lost stay in the word as long
// as there is room, since delivering is optional and more content lets the network do at least as much; only a send
// that finds the channel full has to lose one (implicit loss); and where nothing but arrivals is possible, nothing is once
// they are lost. Where it states one, where sends wait for room, or where redundant moves are taken, every loss is a step of
// its own, and what is overtaken too far is lost first. Everything here returns new words, oldest first.
type lane struct {
	*fsm.Channel
	capacity int  // 0: none
	implicit bool // loss needs no step of its own
	merge    bool // equal neighbours are one: it loses and repeats
	thorough bool // redundant moves are taken as well
}

// lane of a channel; capacity is for channels whose text states none.
func newLane(c *fsm.Channel, capacity int, thorough bool) *lane {
	l := &lane{Channel: c, capacity: c.Capacity, thorough: thorough}
	if c.Capacity == 0 {
		l.capacity = capacity
		l.implicit = c.Loses && !c.Waits && !thorough
		l.merge = l.implicit && c.Repeats
	}
	return l
}

// send lists the words that a send may lead to; none where it is not taken (back-pressure). It reports whether the
// channel's capacity made a difference.
func (l *lane) send(w []flying, m Msg) (out [][]flying, full bool) {
	longer := l.longer(nil, w, m)
	if l.holds(longer) {
		return [][]flying{longer}, false
	}
	return l.crowded(w, m), true
}

// crowded lists the words that a send may lead to where there is no room.
func (l *lane) crowded(w []flying, m Msg) (out [][]flying) {
	if !l.Loses || l.Waits {
		return nil
	}
	out = append(out, w)
	if l.implicit {
		for i := range w {
			out = append(out, l.tidy(append(without(w, i), flying{msg: m})))
		}
	}
	return out
}

// longer is a word with one more datagram, whether or not there is room, in the memory of another word.
func (l *lane) longer(in, w []flying, m Msg) []flying {
	return l.tidy(append(append(in[:0], w...), flying{msg: m}))
}

// holds reports whether there is room for a word.
func (l *lane) holds(w []flying) bool { return l.capacity == 0 || len(w) <= l.capacity }

func without(w []flying, i int) []flying { return slices.Delete(slices.Clone(w), i, i+1) }

// arrival is one way in which datagram i may arrive, and the words that stay behind.
type arrival struct {
	i     int
	after [][]flying
}

// arrivals lists what may arrive from a word.
func (l *lane) arrivals(w []flying) []arrival {
	var out []arrival
	for i, f := range w {
		if l.merge && slices.ContainsFunc(w[:i], func(g flying) bool { return g.msg == f.msg }) {
			continue // the older copy can do all that the younger can
		}
		k, ok := l.arrive(w, i)
		if !ok {
			continue
		}
		a := arrival{i: i}
		if l.Repeats {
			again := slices.Clone(k)
			at := i - (len(w) - len(k))
			again[at].done = true
			a.after = append(a.after, again)
		}
		// to take it for good is to keep it and lose it later, where it can be lost
		if !(l.Repeats && l.Loses) || l.thorough {
			a.after = append(a.after, without(k, i-(len(w)-len(k))))
		}
		out = append(out, a)
	}
	return out
}

// arrive ages what datagram i overtakes by its first arrival. What it overtakes too far is gone, if it may be lost without
// a step or was delivered already on a channel that does not lose.
func (l *lane) arrive(w []flying, i int) ([]flying, bool) {
	if w[i].done || l.Within < 0 {
		return w, true
	}
	var k []flying
	for j, f := range w {
		if j < i {
			f.age++
			if int(f.age) > l.Within {
				if l.Loses && !l.implicit || !l.Loses && !f.done {
					return nil, false
				}
				continue
			}
		}
		k = append(k, f)
	}
	return k, true
}

// drops lists the words that a loss leads to.
func (l *lane) drops(w []flying) [][]flying {
	if !l.Loses || l.implicit {
		return nil
	}
	var out [][]flying
	for i := range w {
		if i > 0 && l.Oldest {
			break
		}
		out = append(out, without(w, i))
	}
	return out
}

// tidy gives words that can do the same one form.
func (l *lane) tidy(w []flying) []flying {
	if l.Within < 0 {
		// in any order, so order and age mean nothing; repeated at will, so it is a set
		slices.SortFunc(w, func(a, b flying) int { return slices.Compare(a.msg[:], b.msg[:]) })
		for i := range w {
			w[i].age = 0
			if l.Repeats {
				w[i].done = false
			}
		}
		if l.Repeats {
			w = slices.Compact(w)
		}
		return w
	}
	if len(w) > 0 && l.Loses {
		w[0].done = false // nothing is left to be aged by it, and it may go whether it was delivered or not
	}
	if !l.merge {
		return w
	}
	out := w[:0]
	for _, f := range w {
		if n := len(out); n == 0 {
			f.done = false
		} else if g := out[n-1]; g.msg == f.msg && g.age == f.age && !f.done {
			continue
		}
		out = append(out, f)
	}
	return out
}

// appendWord appends bytes that are equal for equal words only.
func appendWord(b []byte, w []flying) []byte {
	for _, f := range w {
		b = append(b, f.msg[:]...)
		x := f.age << 1
		if f.done {
			x |= 1
		}
		b = append(b, x)
	}
	return b
}
