package conform

import (
	"os"
	"path/filepath"
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
	prog := program(t, "soil.sprocket")
	p := &ir.Plan{Program: prog, Interface: prog.Interfaces[0], Widths: map[string]int{"num": 15, "cepoch": 17, "kepoch": 17},
		Pace: 50 * time.Millisecond, Schedules: map[string]*ir.Schedule{}}
	off := map[string]bool{schema.IntentRecord: true}
	for _, f := range switched {
		off[f] = !off[f]
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

func TestClosureIsSmallAndWide(t *testing.T) {
	p, sys := soil(t, "stable")
	for _, in := range inputs(p, sys) {
		start := time.Now()
		set, err := Of(in)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d local states, %d vectors, %d left out, %v", set.Peer, set.Locals, len(set.Vectors), set.Left, time.Since(start))
	}
}
