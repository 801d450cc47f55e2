package verify

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// naiveWord is a channel: every copy that was sent, oldest first.
type naiveWord []struct {
	m    Msg
	age  int
	done bool
}

// play keeps every way in which the same arrivals can come about.
type play struct {
	k      int
	states map[string]naiveWord
}

func (p *play) send(set []Msg) {
	out := map[string]naiveWord{}
	for _, w := range p.states {
		w = slices.Clone(w)
		for range 3 { // any order and number, as far as a few arrivals can tell
			for _, m := range set {
				w = append(w, naiveWord{{m: m}}...)
			}
		}
		out[fmt.Sprint(w)] = w
	}
	p.states = out
}

func (p *play) once(m Msg) {
	out := map[string]naiveWord{}
	for _, w := range p.states {
		w = append(slices.Clone(w), naiveWord{{m: m}}...)
		out[fmt.Sprint(w)] = w
	}
	p.states = out
}

// deliver a copy of m; it reports whether there is one that may still arrive.
func (p *play) deliver(m Msg) bool {
	out := map[string]naiveWord{}
	for _, w := range p.states {
		for i, d := range w {
			if d.m != m || p.k >= 0 && d.age > p.k {
				continue
			}
			n := slices.Clone(w)
			n[i].done = true
			for j := range n[:i] {
				if !d.done {
					n[j].age++
				}
			}
			// what is dead or overtaken for good is forgotten, so that there are few states
			for len(n) > 0 && p.k >= 0 && n[0].age > p.k {
				n = n[1:]
			}
			out[fmt.Sprint(n)] = n
		}
	}
	if len(out) > 0 {
		p.states = out
	}
	return len(out) > 0
}

// What a block word lets arrive is what some copy in a naive channel is, whatever was sent and arrived before.
func TestBlockWordsAgainstCopies(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	alphabet := []Msg{{1}, {2}, {3}}
	arrivals := 0
	for n := 0; n < 6000; n++ {
		k := r.IntN(4) - 1
		p := &play{k, map[string]naiveWord{"": nil}}
		var w word
		story := fmt.Sprint("k=", k)
		for range 3 + r.IntN(8) {
			switch x := r.IntN(5); {
			case x == 0:
				set := alphabet[:1+r.IntN(2)]
				if r.IntN(2) == 0 {
					set = alphabet[1 : 2+r.IntN(2)]
				}
				story += fmt.Sprint(" send", set)
				p.send(set)
				w = w.send(k, set...)
			case x == 1:
				m := alphabet[r.IntN(3)]
				story += fmt.Sprint(" once", m)
				p.once(m)
				w = w.send(k, m)
			default:
				m := alphabet[r.IntN(3)]
				story += fmt.Sprint(" deliver", m)
				want := p.deliver(m)
				if got := slices.Contains(w.values(), m); got != want {
					t.Fatalf("%s: %v, want %v: %v", story, got, want, w)
				}
				if want {
					arrivals++
					w = w.deliver(k, m)
				}
			}
			if len(p.states) > 3000 {
				break
			}
		}
	}
	t.Log(arrivals, "arrivals")
	if arrivals < 1000 {
		t.Error("too few arrivals")
	}
}

// A word that another simulates lets nothing arrive that the other does not, however it goes on.
func TestSimulatedWords(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	alphabet := []Msg{{1}, {2}, {3}}
	random := func(k int) (w word) {
		for range 1 + r.IntN(8) {
			if vs := w.values(); len(vs) > 0 && r.IntN(2) == 0 {
				w = w.deliver(k, vs[r.IntN(len(vs))])
			} else {
				w = w.send(k, alphabet[r.IntN(3):]...)
			}
		}
		return
	}
	pairs := 0
	for range 30_000 {
		k := r.IntN(4) - 1
		a, b := random(k), random(k)
		if a.key() == b.key() || !simulates(a, b, a.ages(), b.ages()) {
			continue
		}
		pairs++
		for range 8 {
			x, y, story := a, b, ""
			for range 8 {
				if r.IntN(3) == 0 {
					m := alphabet[r.IntN(3)]
					x, y, story = x.send(k, m), y.send(k, m), story+fmt.Sprint(" send", m)
					continue
				}
				vs := x.values()
				if len(vs) == 0 {
					break
				}
				m := vs[r.IntN(len(vs))]
				story += fmt.Sprint(" deliver", m)
				if !slices.Contains(y.values(), m) {
					t.Fatalf("k=%d %v is not below %v:%s", k, a, b, story)
				}
				x, y = x.deliver(k, m), y.deliver(k, m)
			}
		}
	}
	t.Log(pairs, "pairs")
	if pairs < 5000 {
		t.Error("too few pairs")
	}
}
