package verify

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sprocketc/diag"
	"sprocketc/fsm"
	"sprocketc/schema"
)

// Exact words against the naive fair search, on channels with a stated capacity of every kind.
func TestProgressAgainstNaive(t *testing.T) {
	count := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		g := waiter{rt, true}
		text := g.waiting(func() string {
			t := fmt.Sprint(" capacity ", rapid.IntRange(1, 2).Draw(rt, "capacity"))
			for _, w := range []string{"loses", "repeats"} {
				if g.yes(w) {
					t += " " + w
				}
			}
			return t + g.pick("overtaking", "", "", " overtaking 1", " overtaking any")
		})
		m := g.model(text)
		if m.forgetsArrivals() {
			return
		}
		n, full := naive(m, m.source.Assertions[0], func(ch int) int { return m.Sys.Channels[ch].Capacity }, 120)
		if full {
			return
		}
		got := m.pursueWords("goal", Options{}, 0)
		want := n.verdict()
		count[want]++
		if got.text() != want {
			rt.Fatalf("%s (%s), the naive search %s\n%s", got.text(), got.why, want, text)
		}
		if want == Violated {
			holdLoop(rt, m, text, 0)
		}
	})
	t.Log(count)
	if count[Holds] < 5 || count[Violated] < 5 {
		t.Errorf("too few of a kind: %v", count)
	}
}

// Block words against the naive fair search at capacities 1 to 3, on channels that lose and repeat.
func TestProgressInBlockWordsAgainstNaive(t *testing.T) {
	count := map[string]int{}
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		if n++; n > 60 {
			return
		}
		g := waiter{rt, false} // what cannot be taken for want of room is not owed: a capacity would make a difference
		text := g.waiting(func() string { return " loses repeats" + g.pick("overtaking", "", " overtaking 1", " overtaking any") })
		m := g.model(text)
		b := m.block(Options{MaxStates: 2000})
		if b.limit != "" || len(b.broken) > 0 {
			return
		}
		got := b.progress[0]
		worst := Holds
		for _, c := range []int{1, 2, 3} {
			n, full := naive(m, m.source.Assertions[0], func(int) int { return c }, 120)
			if full {
				break
			}
			if v := n.verdict(); v == Violated || worst == Holds {
				worst = v
			}
		}
		count[got.verdict+", "+worst]++
		if got.verdict == Holds && (worst == Violated || worst != Holds && len(got.given) == 0) {
			rt.Fatalf("block words: %s, the naive search %s\n%s", got.text(), worst, text)
		}
		if got.verdict == Violated && worst != Violated {
			if _, err := m.EndlessRun("goal", Options{MaxStates: 3_000}); err != nil {
				count["a run was not found"]++
				rt.Logf("block words: %s without a run: %v\n%s", got.why, err, text)
			}
		}
		if worst == Violated {
			holdLoop(rt, m, text, 3)
		}
	})
	t.Log(count)
	if count["holds, holds"] < 5 || count["violated, violated"] < 5 {
		t.Errorf("too few of a kind: %v", count)
	}
}

// Two datagrams lead to the same state, and the loop owes the arrival of one of them: the run takes that one.
func TestLoopTakesTheDatagramThatItOwes(t *testing.T) {
	text := `
system owed;
message P from a { v: 0..1; }
message Q from b { v: 0..1; }
channel up from a to b capacity 1 loses;
channel down from b to a capacity 2 loses repeats overtaking any;
machine a {
 var x: 0..2; timer ta 10;
 on restart { start ta; send P { v: 0 }; send P { v: 0 }; }
 on timer ta { start ta; send P { v: 0 }; }
 on Q(m) { when m.v == 1 { when x == 2 { send P { v: 0 }; } else { x = 1; } } else { send P { v: 0 }; } }
 free never when x == 0 && x == 1 { x = 0; }
}
machine b {
 var y: 0..2; timer tb 10;
 on timer tb { send Q { v: 0 }; }
 on P(m) when y != 2 { when m.v == 1 { send Q { v: 0 }; send Q { v: 0 }; } else { send Q { v: 0 }; send Q { v: 1 }; } }
 free never when y == 0 && y == 1 { y = 0; }
}
assert goal: after a.x == 1 eventually a.x == 2;
`
	s, ds := fsm.Load(&diag.File{Name: "owed.fsm", Text: []byte(text)})
	if len(ds) > 0 {
		t.Fatal(ds)
	}
	m, err := NewModel(s)
	if err != nil {
		t.Fatal(err)
	}
	holdLoop(t, m, text, 0)
}

// holdLoop finds a run without end and holds it, step by step, against what fairness asks and the goal.
func holdLoop(t rapid.TB, m *Model, text string, capacity int) {
	run, err := m.EndlessRun("goal", Options{})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	a := m.source.Assertions[0]
	worlds := []World{run.Start}
	for _, s := range run.Steps {
		worlds = append(worlds, s.Next)
	}
	waits := a.After == nil // from some state after the last crash on
	for i, w := range worlds {
		if i > 0 && (run.Steps[i-1].Kind == Crashes || run.Steps[i-1].After >= 0) || m.value(a.Cond, w, nil) != 0 {
			waits = false
		}
		waits = waits || m.value(a.Cond, w, nil) == 0 && (a.After == nil || m.value(a.After, w, nil) != 0)
	}
	if !waits {
		t.Fatalf("the goal is not waited for\n%s", text)
	}
	loop, around := run.Steps[run.Loop:], worlds[run.Loop:]
	sent, got := map[Sent]bool{}, map[Sent]bool{}
	for _, s := range loop {
		if s.Kind == Crashes || s.After >= 0 {
			t.Fatalf("a crash in the loop\n%s", text)
		}
		if s.Kind == Delivers {
			got[Sent{s.Channel, s.Msg}] = true
		}
		for _, x := range s.Sent {
			sent[x] = true
		}
	}
	for _, w := range around {
		if m.value(a.Cond, w, nil) != 0 {
			t.Fatalf("the goal is met in the loop\n%s", text)
		}
		for i, c := range m.Code {
			for _, e := range c.M.Events {
				if e.Kind == fsm.OnTimer && c.Enabled(w.L[i], e) && !slices.ContainsFunc(loop, func(s Step) bool { return s.Kind == TimerFires && s.Machine == i && s.Event.Name == e.Name }) && !blocks(m, i) {
					t.Fatalf("timer %s runs in the loop and does not fire\n%s", e.Name, text)
				}
			}
		}
	}
	if !slices.Equal(worldsKey(worlds[run.Loop]), worldsKey(worlds[len(worlds)-1])) {
		t.Fatalf("the loop does not close\n%s", text)
	}
	for x := range sent {
		ev := m.receive(m.to[x.Channel], x.Msg)
		if m.Sys.Channels[x.Channel].Loses && !got[x] && ev != nil && ev.When == nil && !blocks(m, m.to[x.Channel]) {
			t.Fatalf("%v is sent in the loop and does not arrive\n%s", x, text)
		}
	}
	for x := range got {
		if m.Sys.Channels[x.Channel].Repeats && !sent[x] {
			t.Fatalf("%v arrives in the loop and is not sent\n%s", x, text)
		}
	}
}

func worldsKey(w World) []byte { return []byte(worldKey(World{L: w.L})) }

// Under weak fairness, where only what can happen without a break must, a datagram that is lost each time need not arrive:
// the verdict on models/fair_loss would be another.
func TestWeakFairnessIsNotEnough(t *testing.T) {
	m := newModel(t, modelText(t, "fair_loss"))
	if d := m.pursueWords("sure", Options{}, 0); d.verdict != Holds || len(d.given) > 0 {
		t.Fatalf("under fair loss: %s %s %v", d.verdict, d.why, d.given)
	}
	crashing, err := m.afterCrashes(true, false)
	if err != nil {
		t.Fatal(err)
	}
	after, err := m.afterCrashes(false, false)
	if err != nil {
		t.Fatal(err)
	}
	k := crashing.newWalk(newWordAir(crashing, 0, true), Options{})
	k.run()
	p := newPursuit(after, after.newAim("sure"), k.air, Options{})
	for _, s := range k.states {
		p.startWalked(k, s)
	}
	p.run()
	can := make([]map[uint32]bool, len(p.g.open)) // what can happen in a node
	for n := range can {
		can[n] = map[uint32]bool{}
		p.each(uint32(n), func(classes []uint32) {
			for _, c := range classes {
				can[n][c] = true
			}
		}, func(fairEdge, verdict, *Step) {})
	}
	s := &fairSearch{g: &p.g, in: make([]uint32, len(can)), cut: make([]bool, len(p.g.edges)), index: make([]uint32, len(can)), low: make([]uint32, len(can))}
	var nodes []uint32
	for n := range can {
		s.in[n] = 1
		nodes = append(nodes, uint32(n))
	}
	weak := false
	for _, part := range s.components(nodes, 1) {
		fair := true
		for c, x := range p.g.classes {
			always, paid := true, false
			for _, n := range part {
				always = always && can[n][uint32(c)]
				for _, e := range p.g.out(n) {
					paid = paid || slices.Contains(part, e.to) && slices.Contains(p.g.labels[e.label].pays, uint32(c))
				}
			}
			fair = fair && (!always || paid || x.finite)
		}
		weak = weak || fair
	}
	if !weak {
		t.Error("weak fairness makes it hold as well: the model shows nothing")
	}
}

// The work for progress beside that for safety, on the soil program's machines without the pace: nodes and edges of the graph against
// states and transitions of the search. Pinned, so that a change of either shows.
func TestProgressOfSoil(t *testing.T) {
	plan := planFor(0, nil, schema.Pacing)
	plan.Pace = 0
	sys := composed(t, plan)
	sys.Checks = slices.DeleteFunc(sys.Checks, func(c string) bool { return c == propAnswered || c == propResponsive })
	m, err := NewModel(sys)
	if err != nil {
		t.Fatal(err)
	}
	b := m.block(Options{})
	if len(b.progress) != 1 || b.progress[0].text() != Holds {
		t.Fatalf("%+v", b.progress)
	}
	d := b.progress[0]
	if got, want := [4]int{b.states, b.transitions, d.nodes, d.edges}, [4]int{3164, 31828, 11871, 68464}; got != want {
		t.Errorf("states, transitions, nodes, edges %v, want %v", got, want)
	}
}

// What was taken away from protocols that hold: without it a call need not be delivered.
func TestDeliveredWithout(t *testing.T) {
	for _, c := range []struct {
		name  string
		plan  agreeCase
		stage string // "" takes nothing away
		want  string
	}{
		{"whole", agreeCase{calls: effect, caller: true, callee: true}, "", Holds},
		{"no retransmission", agreeCase{calls: effect, off: []string{schema.CallerEpoch, schema.CalleeEpoch, schema.Retransmission}}, "", Violated},
		{"no reply cache", agreeCase{calls: effect, off: []string{schema.CallerEpoch, schema.CalleeEpoch, schema.ReplyCache}}, "", Violated},
		{"an epoch that is never told", agreeCase{calls: effect, callee: true, off: []string{schema.CallerEpoch}}, "send REJ", Violated},
		{"the newest epoch is never told", agreeCase{calls: effect, caller: true, callee: true, off: []string{schema.CallerChallenge}}, "send OLD", Violated},
		{"asking that is never allowed", agreeCase{calls: effect, caller: true, callee: true, off: []string{schema.AskingFirst, schema.CalleeEpoch}}, "do allow", Violated},
		{"paced", agreeCase{calls: effect, off: []string{schema.CallerEpoch, schema.CalleeEpoch, schema.Pacing}}, "", Holds},
		{"a pace that never releases", agreeCase{calls: effect, off: []string{schema.CallerEpoch, schema.CalleeEpoch, schema.Pacing, schema.Retransmission}}, "", Violated},
	} {
		plan := c.plan.plan()
		sys := composed(t, plan)
		for _, x := range sys.Machines {
			x.Erased = x.Erased && plan.Has(schema.CallerChallenge) // a replacement that is told nothing uses numbers again
		}
		if c.stage != "" {
			less := mutants(t, sys, false)
			i := slices.IndexFunc(less, func(m mutant) bool { return strings.HasSuffix(m.name, "without "+c.stage) })
			if i < 0 {
				t.Errorf("%s: nothing to take away", c.name)
				continue
			}
			sys = less[i].sys
		}
		sys.Checks = slices.DeleteFunc(sys.Checks, func(c string) bool { return c == propAnswered || c == propResponsive })
		m, err := NewModel(sys)
		if err != nil {
			t.Fatal(err)
		}
		delete(m.checks, "useful") // it would end the search first
		b := m.block(Options{MaxStates: 20_000})
		if len(b.progress) != 1 || b.progress[0].verdict != c.want {
			t.Errorf("%s: %+v, broken %v, limit %q", c.name, b.progress, b.broken, b.limit)
			continue
		}
		if c.want == Violated && c.stage == "" {
			if run, err := m.EndlessRun("delivered", Options{MaxStates: 30_000}); err != nil || run.Loop < 0 {
				t.Errorf("%s: run %v, %v", c.name, run, err)
			}
		}
	}
}
