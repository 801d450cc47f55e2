package verify

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"sprocketc/fsm"
	"sprocketc/ir"
	"sprocketc/schema"
)

// planFor is a plan by hand, so that the checker's tests do not need the solver.
func planFor(within int, on []string, off ...string) *ir.Plan {
	cl := &ir.Clause{}
	gw := &ir.Peer{Name: "gateway", Crashes: cl, Stable: &ir.Amount{N: 1024}}
	pr := &ir.Peer{Name: "probe", Crashes: cl, Stable: &ir.Amount{N: 32}}
	ch := &ir.Channel{Name: "radio", A: gw, B: pr, Loses: &ir.Probability{P: 0.2}, Repeats: cl, Reorders: &ir.Reorders{Within: within}, Corrupts: &ir.Corrupts{}}
	in := &ir.Interface{Name: "Field", From: gw, To: pr, Channel: ch, Calls: []*ir.Call{
		{Name: "sample", Kind: ir.Pure, Cache: &ir.Cache{N: 16, For: 30 * time.Second}},
		{Name: "schedule", Kind: ir.Idempotent},
		{Name: "water", Kind: ir.Effect, Log: &ir.Amount{N: 8}},
	}}
	p := &ir.Plan{Program: &ir.Program{Name: "soil"}, Interface: in, Widths: map[string]int{"num": 15, "cepoch": 17, "kepoch": 17}, Pace: 50 * time.Millisecond}
	drop := map[string]bool{schema.IntentRecord: true, schema.AskingFirst: true}
	for _, f := range off {
		drop[f] = !drop[f]
	}
	for _, f := range schema.Features {
		if !drop[f.Name] {
			p.Features = append(p.Features, ir.Choice{Name: f.Name, Parameters: map[string]string{"source": "stable"}})
		}
	}
	for _, f := range on {
		p.Forced = append(p.Forced, ir.Force{Feature: f, Value: "on"})
	}
	return p
}

func composed(t testing.TB, p *ir.Plan) *fsm.System {
	t.Helper()
	s, err := schema.System(p)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestBlockTry(t *testing.T) {
	within := 0
	fmt.Sscan(os.Getenv("K"), &within)
	m, err := NewModel(composed(t, planFor(within, nil)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 240*time.Second)
	defer cancel()
	begun := time.Now()
	o := m.block(Options{Context: ctx, Progress: func(p Progress) {
		if p.States%10 == 0 {
			t.Log(p)
		}
	}})
	t.Logf("%d found %d kept %d transitions depth %d worlds %d broken %v %v limit %q %s", o.states, o.kept, o.transitions, o.depth, len(o.worlds), o.broken, o.why, o.limit, time.Since(begun))
}

func (e *blockEngine) text(w word) string {
	s := ""
	for _, b := range w {
		for range b.sep {
			s += "| "
		}
		s += "{"
		for _, x := range b.v {
			m := e.m.Sys.Messages[x.m[0]]
			s += m.Name + "("
			for i, f := range m.Fields {
				s += fmt.Sprintf("%s%d ", f.Name, x.m[1+i])
			}
			s += ")"
			if x.d {
				s += "'"
			}
		}
		s += "} "
	}
	return s
}

func (e *blockEngine) story(t testing.TB) {
	var rec func(i uint32)
	show := func(o origin) {
		ev := ""
		if o.step.Event != nil {
			ev = o.step.Event.Name
		}
		t.Logf("  %v machine %d %s in %v choices %v after %d torn %v deep %d", o.step.Kind, o.step.Machine, ev, o.step.In, o.step.Choices, o.step.After, o.step.Torn, o.step.Deep)
	}
	rec = func(i uint32) {
		if i > 0 && e.depth[i] > 0 {
			rec(e.origins[i].from)
			show(e.origins[i])
		}
		s := e.states[i]
		w := e.list[s.world]
		t.Logf("%d caller %v callee %v env %+v\n  up   %s\n  down %s", i, w.L[0], w.L[1], w.Env, e.text(e.words[0].list[s.c[0]]), e.text(e.words[1].list[s.c[1]]))
	}
	rec(e.worst.from)
	show(e.worst)
}

func TestBlockDump(t *testing.T) {
	m, _ := NewModel(composed(t, planFor(0, nil)))
	e := m.newBlock(Options{MaxStates: 0})
	e.keep = true
	for _, w := range m.Initial() {
		e.emit(front{w, make([]word, len(e.k))}, 0, origin{})
	}
	for i := 0; i < len(e.states) && e.limit == "" && len(e.order) == 0; i++ {
		if !e.dropped[i] {
			e.worst.from = uint32(i)
			e.expand(uint32(i))
		}
	}
	t.Log(e.limit, e.order, e.first)
	if len(e.order) > 0 {
		e.story(t)
	}
	long := 0
	for i := range e.states {
		n := 0
		for c := range e.states[i].c {
			n += len(e.words[c].list[e.states[i].c[c]])
		}
		if n > long && !e.dropped[i] {
			long = n
			e.worst.from = uint32(i)
		}
	}
	e.story(t)
	for i, c := range m.Code {
		for j, s := range c.Layout {
			t.Log(i, j, s.Name, s.Kind)
		}
	}
}

func TestUnmarked(t *testing.T) {
	m, _ := NewModel(composed(t, planFor(0, nil)))
	e := m.newBlock(Options{})
	begun := time.Now()
	t.Log(e.unmarked(), time.Since(begun))
}
