package conform

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"sprocketc/codegen"
	"sprocketc/diag"
	"sprocketc/fsm"
	"sprocketc/ir"
	"sprocketc/lang"
	"sprocketc/schema"
)

// program lowers a program of testdata, or an example.
func program(t testing.TB, name string) *ir.Program {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		b, err = os.ReadFile(filepath.Join("..", "corpus", "examples", name))
	}
	if err != nil {
		t.Fatal(err)
	}
	return lowered(t, name, b)
}

func lowered(t testing.TB, name string, b []byte) *ir.Program {
	t.Helper()
	f, ds := lang.Load(&diag.File{Name: name, Text: b})
	if len(ds) > 0 {
		t.Fatal(ds[0].Message)
	}
	p, ds := ir.Lower(f)
	for _, d := range ds {
		if d.Severity == diag.Error {
			t.Fatal(d.Message)
		}
	}
	return p
}

// soil is a plan of the soil program with everything but the intent record, or with other features switched.
func soil(t testing.TB, source string, switched ...string) (*ir.Plan, *fsm.System) {
	t.Helper()
	return soilWrapped(t, 15, 0, source, switched...)
}

// soilWrapped has call numbers of some bits, reused modulo wraps.
func soilWrapped(t testing.TB, bits, wraps int, source string, switched ...string) (*ir.Plan, *fsm.System) {
	t.Helper()
	prog := program(t, "soil.sprocket")
	p := &ir.Plan{Program: prog, Interface: prog.Interfaces[0], Wraps: wraps, Widths: map[string]int{"num": bits, "cepoch": 17, "kepoch": 17},
		Pace: 50 * time.Millisecond, Schedules: map[string]*ir.Schedule{}}
	off := map[string]bool{schema.IntentRecord: true, schema.AskingFirst: true, schema.QuietStart: true,
		schema.PendingRecord: true, schema.CommitRecord: true, schema.GoingOn: true}
	for _, f := range switched {
		off[f] = !off[f]
	}
	for _, f := range schema.Variants {
		if off[f.Name] {
			p.Features = append(p.Features, ir.Choice{Name: f.Name})
		}
	}
	for _, f := range schema.Features {
		if !off[f.Name] {
			p.Features = append(p.Features, ir.Choice{Name: f.Name, Parameters: map[string]string{"source": source}})
		}
	}
	for i, c := range p.Interface.Calls {
		k := &ir.Schedule{First: 200 * time.Millisecond, Cap: 200 * time.Millisecond << i, Time: 30 * time.Second}
		if c.Within != nil {
			k.Time = c.Within.T
		}
		p.Schedules[c.Name] = k
	}
	sys, err := schema.System(p)
	if err != nil {
		t.Fatal(err)
	}
	schema.Layout(p, sys)
	return p, sys
}

func inputs(p *ir.Plan, sys *fsm.System) []codegen.Input {
	in := codegen.Input{Plan: p, System: sys, Source: "soil.sprocket"}
	a, b := in, in
	a.Peer, b.Peer = p.Interface.From, p.Interface.To
	return []codegen.Input{a, b}
}

// Whatever the two machines do to each other over a channel that loses, repeats and overtakes, with crashes: the local
// states lie in the closure.
func TestClosureHoldsWhatIsReached(t *testing.T) {
	for _, x := range []struct {
		source   string
		switched []string
	}{{"stable", nil}, {"stable", []string{schema.IntentRecord, schema.CallerChallenge}}, {"entropy", []string{schema.IntentRecord}}} {
		_, sys := soil(t, x.source, x.switched...)
		w := &walk{sys: sys, rng: rand.New(rand.NewPCG(1, 2))}
		var closure []*explorer
		for _, m := range sys.Machines {
			locals, err := LocalStates(sys, m)
			if err != nil {
				t.Fatal(err)
			}
			e := newExplorer(sys, m)
			for _, l := range locals {
				e.add(l.State, l.Handler, l.Down)
			}
			if len(locals) < 5 || len(locals) > 500 || len(e.out) != len(locals) {
				t.Errorf("%s: %d local states, %d different ones", m.Name, len(locals), len(e.out))
			}
			closure = append(closure, e)
			c := fsm.Compile(sys, m)
			w.code, w.at, w.handler = append(w.code, c), append(w.at, c.Blank()), append(w.handler, -1)
		}
		w.restart(0)
		w.restart(1)
		reached := map[string]bool{}
		for range 10000 {
			w.step()
			for i, e := range closure {
				s := slices.Clone(w.at[i])
				for k, slot := range w.code[i].Layout {
					if slot.Layer {
						s[k] = 0
					}
				}
				before := len(e.out)
				e.add(s, w.handler[i], false)
				if len(e.out) > before {
					t.Fatalf("%s: %v with handler %d is not in the closure", sys.Machines[i].Name, e.out[before].State, w.handler[i])
				}
			}
			reached[fmt.Sprint(w.at[0][0], w.at[0][1], w.handler)] = true
		}
		if len(reached) < 8 {
			t.Errorf("the walk saw %d situations only", len(reached))
		}
	}
}

// walk is a random run of two machines with real numbers.
type walk struct {
	sys     *fsm.System
	rng     *rand.Rand
	code    []*fsm.Code
	at      []fsm.State
	handler []int
	air     []fsm.Effect // what was sent, by whom it may concern
}

func (w *walk) run(i int, e *fsm.Event, in []uint32) {
	if e == nil {
		return
	}
	r := w.code[i].Exec(w.at[i], e, in, &fsm.Env{Concrete: &fsm.Concrete{
		Entropy: func(bits int) uint32 { return 1 + w.rng.Uint32N(1<<bits-1) },
		Hit:     func(int, uint32, uint32) bool { return false },
		Recall:  func(int) uint32 { return 0 },
	}})
	w.at[i] = r.State
	if e.Kind == fsm.OnReturn {
		w.handler[i] = -1
	}
	for _, f := range r.Effects {
		if f.Kind == fsm.DidInvoke {
			w.handler[i] = int(f.Fn)
		}
		if f.Kind == fsm.DidSend {
			w.air = append(w.air, f)
		}
	}
}

func (w *walk) restart(i int) {
	w.handler[i] = -1
	w.code[i].Boot(w.at[i])
	w.run(i, w.code[i].M.Event(fsm.OnRestart, "restart"), nil)
}

func (w *walk) step() {
	i := w.rng.IntN(2)
	m, fns := w.code[i].M, len(w.sys.Enum("fn").Members)
	switch w.rng.IntN(8) {
	case 0:
		if w.rng.IntN(10) == 0 {
			w.restart(i)
		}
	case 1:
		if e := m.Event(fsm.OnCall, "call"); e != nil && w.code[i].Enabled(w.at[i], e) {
			fn := w.rng.IntN(fns)
			w.run(i, e, []uint32{uint32(fn), argsSlot(fn)})
		}
	case 2:
		if e := m.Event(fsm.OnReturn, "return"); e != nil && w.handler[i] >= 0 {
			w.run(i, e, []uint32{answerSlot(w.handler[i], fns)})
		}
	case 3:
		t := m.Timers[w.rng.IntN(len(m.Timers))]
		if w.at[i][w.code[i].Running(t.Name)] == 1 {
			if e := m.Event(fsm.OnTimer, t.Name); e != nil {
				w.run(i, e, nil)
			} else {
				w.at[i][w.code[i].Running(t.Name)] = 0
			}
		}
	default:
		if len(w.air) == 0 {
			return
		}
		k := w.rng.IntN(len(w.air))
		f := w.air[k]
		msg := w.sys.Messages[f.Index]
		if msg.From != m.Name && w.rng.IntN(5) > 0 {
			w.run(i, m.Event(fsm.OnMessage, msg.Name), f.Fields)
		}
		if w.rng.IntN(3) > 0 || len(w.air) > 6 {
			w.air = slices.Delete(w.air, k, k+1)
		}
	}
}
