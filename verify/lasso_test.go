package verify

import (
	"testing"

	"pgregory.net/rapid"

	"sprocketc/diag"
	"sprocketc/fsm"
)

// On channels that lose nothing and state no capacity, the search for a run without end looks at a small one. That a send finds
// no room there ends no search, and makes no run either: what holds of a capacity that no send fills has none.
func TestARunWithoutEndIsNoMatterOfRoom(t *testing.T) {
	count := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		g := waiter{rt, true}
		text := g.waiting(func() string { return g.pick("overtaking", "", "", " overtaking 1") })
		m := g.model(text)
		d := m.pursueWords("goal", Options{MaxStates: 5_000}, 4)
		run, err := m.EndlessRun("goal", Options{MaxStates: 300})
		found := "no run"
		if err == nil {
			found = "a run"
		}
		count[d.verdict+", "+found]++
		if run != nil && d.verdict == Holds {
			rt.Fatalf("it holds, and there is a run of %d steps\n%s", len(run.Steps), text)
		}
	})
	t.Log(count)
	if count["holds, no run"] < 5 || count["undecided, a run"] < 5 {
		t.Errorf("too few of a kind: %v", count)
	}
}

// With room for one datagram each way the peers wait for each other for ever; with more the goal comes about.
func TestWaitingForRoomIsNoRunWithoutEnd(t *testing.T) {
	text := `
system crossed;
message P from a { v: 0..1; }
message Q from b { v: 0..1; }
channel up from a to b;
channel down from b to a;
machine a {
 var x: 0..2; timer ta 10;
 on restart { start ta; send P { v: 0 }; }
 on timer ta { send P { v: 1 }; }
 on Q(m) { when m.v == 1 { x = 2; } else { send P { v: 1 }; } }
 free never when x == 0 && x == 1 { x = 0; }
}
machine b {
 var y: 0..2; timer tb 10;
 on restart { start tb; }
 on timer tb { send Q { v: 0 }; }
 on P(m) { send Q { v: 1 }; }
 free never when y == 0 && y == 1 { y = 0; }
}
assert goal: eventually a.x == 2;
`
	s, ds := fsm.Load(&diag.File{Name: "crossed.fsm", Text: []byte(text)})
	if len(ds) > 0 {
		t.Fatal(ds)
	}
	m, err := NewModel(s)
	if err != nil {
		t.Fatal(err)
	}
	if d := m.pursueWords("goal", Options{}, 4); d.verdict != Holds {
		t.Errorf("with room: %s, %s", d.verdict, d.why)
	}
	if d := m.pursueWords("goal", Options{}, 1); d.verdict != Undecided || d.why != fullChannel {
		t.Errorf("with room for one: %s, %s", d.verdict, d.why)
	}
	if run, err := m.EndlessRun("goal", Options{}); err == nil {
		t.Errorf("a run of %d steps", len(run.Steps))
	}
}
