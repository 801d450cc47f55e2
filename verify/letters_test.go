package verify

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sprocketc/fsm"
	"sprocketc/verify/mdd"
)

// wordsOf lists the words of a set, as text.
func (d *diagram) wordsOf(n mdd.Node) map[string]bool {
	out := map[string]bool{}
	var walk func(n mdd.Node, w []flying)
	walk = func(n mdd.Node, w []flying) {
		for _, e := range slices.Clone(d.Edges(n)) {
			if e.Value == end {
				out[fmt.Sprint(w)] = true
			} else {
				walk(e.To, append(slices.Clip(w), flying{d.p.msgs[flightMsg(e.Value)], flightAge(e.Value), flightDone(e.Value)}))
			}
		}
	}
	walk(n, nil)
	return out
}

// A lane's rules on sets of words against the same on one word at a time, for every kind of channel.
func TestLettersAgainstLane(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		flag := func(label string) bool { return rapid.Bool().Draw(t, label) }
		c := &fsm.Channel{Loses: flag("loses"), Repeats: flag("repeats"), Waits: flag("waits"), Within: rapid.IntRange(-1, 2).Draw(t, "within")}
		capacity := rapid.IntRange(1, 3).Draw(t, "capacity")
		if flag("stated") {
			c.Capacity = capacity
		}
		c.Oldest = c.Loses && c.Within == 0 && flag("oldest")
		l := newLane(c, capacity, flag("thorough"))
		p := &parts{msgIDs: map[Msg]uint32{}, chans: []*contents{{lane: l}}, lanes: []*lane{l}, full: -1, refused: []bool{false}}
		d := p.newDiagram([]int{0}, 0)
		for i := range 3 {
			p.msgID(Msg{uint8(i)})
		}
		var ws [][]flying
		set := mdd.Empty
		for _, word := range rapid.SliceOfN(rapid.SliceOfN(rapid.Custom(func(t *rapid.T) flying {
			f := flying{msg: Msg{rapid.Uint8Range(0, 2).Draw(t, "message")}}
			if l.Within > 0 {
				f.age = uint8(rapid.IntRange(0, l.Within).Draw(t, "age"))
			}
			f.done = l.Repeats && l.Within >= 0 && rapid.Bool().Draw(t, "done")
			return f
		}), 0, capacity), 1, 8).Draw(t, "words") {
			w := l.tidy(slices.Clone(word))
			ws = append(ws, w)
			var path []uint32
			for _, f := range w {
				path = append(path, flightOf(p.msgID(f.msg), f.age, f.done))
			}
			set = d.Union(set, d.Single(append(path, end), mdd.Unit))
		}
		sent := p.msgID(Msg{rapid.Uint8Range(0, 2).Draw(t, "sent")})
		want := map[string]map[string]bool{}
		put := func(what string, w []flying) {
			if want[what] == nil {
				want[what] = map[string]bool{}
			}
			want[what][fmt.Sprint(l.tidy(slices.Clone(w)))] = true
		}
		full := false
		for _, w := range ws {
			to, over := l.send(w, p.msgs[sent])
			for _, k := range to {
				put("send", k)
			}
			full = full || over && c.Capacity == 0
			for _, a := range l.arrivals(w) {
				for _, k := range a.after {
					put(fmt.Sprint("arrival of ", arrived(flightOf(p.msgID(w[a.i].msg), 0, w[a.i].done))), k)
				}
			}
			for _, k := range l.drops(w) {
				put("drop", k)
			}
		}
		got := map[string]map[string]bool{}
		note := func(what string, n mdd.Node) {
			if n != mdd.Empty {
				got[what] = d.wordsOf(n)
			}
		}
		note("send", d.send(0, sent, set))
		note("drop", d.drops(0, set))
		f := d.arrivals(0, set)
		for i := range d.degree(f) {
			note(fmt.Sprint("arrival of ", d.edge(f, i).Value), d.edge(f, i).To)
		}
		if !maps.EqualFunc(got, want, maps.Equal) || (p.full >= 0) != full {
			t.Fatalf("%+v thorough %v, words %v, sent %d:\n got %v %v\nwant %v %v", *c, l.thorough, ws, sent, got, p.full, want, full)
		}
	})
}
