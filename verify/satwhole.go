package verify

import "sprocketc/verify/mdd"

// Channels whose content is one value.

// fireWhole is fireChannel where the content is one value.
func (x *saturating) fireWhole(ch int, e mdd.Edge) {
	s, pos := x.s, x.l.pos()
	below := levelOf(pos + 1)
	moves := s.p.moves(ch, e.Value)
	for _, w := range moves.drops {
		x.add(mdd.Edge{Value: w, To: e.To})
	}
	if s.pos[s.p.takes[ch]] > pos {
		for _, a := range moves.arrivals {
			n := s.Below(s.steps(event{s.p.takes[ch], ch, int(a.msg)}, below, e.To), 0)
			for _, w := range a.after {
				x.add(mdd.Edge{Value: w, To: n})
			}
		}
	}
	for _, ev := range s.sendersBelow(ch, pos) {
		f := s.steps(ev, below, e.To)
		held := s.Hold(f)
		for i := range s.degree(f) {
			if k := s.edge(f, i); k.Value != 0 {
				s.eachSend(ch, e.Value, s.sents[k.Value], func(w uint32) { x.add(mdd.Edge{Value: w, To: k.To}) })
			}
		}
		s.Drop(held)
	}
}

// eachSend calls f for every content that a channel has after sends into it.
func (s *saturation) eachSend(ch int, word uint32, sent []partSent, f func(uint32)) {
	if len(sent) == 0 {
		f(word)
		return
	}
	words, _ := s.p.send(ch, word, sent[0].msg)
	for _, w := range words {
		s.eachSend(ch, w, sent[1:], f)
	}
}

// wordQueue is the order in which contents are taken that changed: those of most datagrams first, of them the one that
// waits longest. So what arrives is collected before it is sent on.
type wordQueue struct {
	wait   [][]uint32 // by length
	queued []bool     // by word; nil: a content may wait twice
}

func (q *wordQueue) push(v uint32, length int) {
	if q.queued != nil {
		for int(v) >= len(q.queued) {
			q.queued = append(q.queued, false)
		}
		if q.queued[v] {
			return
		}
		q.queued[v] = true
	}
	for length >= len(q.wait) {
		q.wait = append(q.wait, nil)
	}
	q.wait[length] = append(q.wait[length], v)
}

func (q *wordQueue) pop() (v uint32, ok bool) {
	for n := len(q.wait) - 1; n >= 0; n-- {
		if w := q.wait[n]; len(w) > 0 {
			q.wait[n] = w[1:]
			if q.queued != nil {
				q.queued[w[0]] = false
			}
			return w[0], true
		}
	}
	return 0, false
}
