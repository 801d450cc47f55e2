package gogen

import (
	"math/bits"
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

// setting is what the solver would choose.
type setting struct {
	features []string
	random   bool // epochs from entropy
	widths   map[string]int
	wraps    int
	pace     time.Duration
	sum      int
	schedule ir.Schedule // Time is the call's own
}

// soil is the richest plan: everything but what fences effects otherwise than by an epoch.
func soil() setting {
	s := setting{
		widths: map[string]int{"num": 15, "cepoch": 17, "kepoch": 17},
		pace:   50 * time.Millisecond, sum: 2,
		schedule: ir.Schedule{First: 200 * time.Millisecond, Cap: 800 * time.Millisecond},
	}
	for _, f := range schema.Features {
		if f.Name != schema.IntentRecord && f.Name != schema.AskingFirst && f.Name != schema.QuietStart && !slices.Contains([]string{schema.PendingRecord, schema.CommitRecord, schema.GoingOn}, f.Name) {
			s.features = append(s.features, f.Name)
		}
	}
	return s
}

func (s setting) without(names ...string) setting {
	s.features = slices.DeleteFunc(slices.Clone(s.features), func(f string) bool { return slices.Contains(names, f) })
	return s
}

func (s setting) with(names ...string) setting {
	s.features = append(slices.Clone(s.features), names...)
	return s
}

func example(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "corpus", "examples", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func lower(t testing.TB, src []byte) *ir.Program {
	t.Helper()
	f, ds := lang.Load(&diag.File{Name: "test.sprocket", Text: src})
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

// handPlan is a plan made by hand, and the machines of it.
func handPlan(t testing.TB, src []byte, s setting) (*ir.Plan, *fsm.System) {
	t.Helper()
	prog := lower(t, src)
	p := &ir.Plan{Program: prog, Interface: prog.Interfaces[0], Widths: s.widths, Wraps: s.wraps, Pace: s.pace,
		Schedules: map[string]*ir.Schedule{}, Peers: map[string]*ir.Memory{}}
	source := "stable"
	if s.random {
		source = "entropy"
	}
	for _, f := range s.features {
		p.Features = append(p.Features, ir.Choice{Name: f, Parameters: map[string]string{"source": source}})
	}
	for _, c := range p.Interface.Calls {
		k := s.schedule
		k.Time = p.Interface.Default
		if c.Within != nil {
			k.Time = c.Within.T
		}
		p.Schedules[c.Name] = &k
	}
	sys, err := schema.System(p)
	if err != nil {
		t.Fatal(err)
	}
	layWire(t, p, sys, s.sum)
	layMemory(p, sys)
	return p, sys
}

func width(sys *fsm.System, t fsm.Type) int {
	switch t.Kind {
	case fsm.Bool:
		return 1
	case fsm.Range:
		return bits.Len32(t.Hi)
	case fsm.EnumKind:
		return bits.Len(uint(len(sys.Enum(t.Name).Members) - 1))
	case fsm.Payload: // no call of these programs puts one into a record
		return 0
	}
	return sys.Sort(t.Name).Bits
}

func layWire(t testing.TB, p *ir.Plan, sys *fsm.System, sum int) {
	type kind struct {
		m *fsm.Message
		c *ir.Call
	}
	var kinds []kind
	for _, m := range sys.Messages {
		if m.Index("fn") < 0 {
			kinds = append(kinds, kind{m, nil})
			continue
		}
		for _, c := range p.Interface.Calls {
			kinds = append(kinds, kind{m, c})
		}
	}
	for i, k := range kinds {
		w := ir.WireMessage{Message: k.m.Name, Kind: i, Sum: sum, Seed: uint32(0x1d0f + 77*i),
			Fields: []ir.WireField{{Name: "kind", Bits: bits.Len(uint(len(kinds) - 1))}}}
		total := w.Fields[0].Bits
		for _, f := range k.m.Fields {
			set := sys.Set(f.For)
			if f.Name == "fn" || f.Type.Kind == fsm.Payload || set != nil && !slices.Contains(set.Members, k.c.Name) {
				continue
			}
			w.Fields = append(w.Fields, ir.WireField{Name: f.Name, Bits: width(sys, f.Type)})
			total += width(sys, f.Type)
		}
		w.Header = (total + 7) / 8
		if k.c != nil {
			w.Fn = k.c.Name
			if k.m.From == "caller" {
				w.Payload = k.c.Params
			} else if k.c.Result != nil {
				w.Payload = []ir.Field{{Name: "answer", Type: k.c.Result}}
			}
		}
		lo, hi := ir.PayloadBounds(w.Payload)
		w.Min, w.Max = w.Header+lo+sum, w.Header+hi+sum
		p.Wire = append(p.Wire, w)
	}
}

func layMemory(p *ir.Plan, sys *fsm.System) {
	for _, m := range sys.Machines {
		peer := p.Interface.From
		if m.Name == "callee" {
			peer = p.Interface.To
		}
		mem := &ir.Memory{}
		for _, r := range m.Records {
			l := ir.RecordLayout{Name: r.Name, Offset: mem.Stable, Slots: r.Slots, Seed: 0x4242}
			total := 0
			for _, f := range r.Fields {
				l.Fields = append(l.Fields, ir.WireField{Name: f.Name, Bits: width(sys, f.Type)})
				total += width(sys, f.Type)
			}
			l.SlotSize = (total+7)/8 + 3
			mem.Stable += l.Slots * l.SlotSize
			mem.Records = append(mem.Records, l)
		}
		p.Peers[peer.Name] = mem
	}
}

// inputs are the requests for both peers.
func inputs(p *ir.Plan, sys *fsm.System) (caller, callee codegen.Input) {
	in := codegen.Input{Plan: p, System: sys, Source: "soil.sprocket"}
	caller, callee = in, in
	caller.Peer, callee.Peer = p.Interface.From, p.Interface.To
	return caller, callee
}

// emit writes both peers into a module of their own and returns its directory.
func emit(t testing.TB, p *ir.Plan, sys *fsm.System) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, codegen.File{Name: "go.mod", Data: []byte("module emitted\n\ngo 1.26\n")})
	a, b := inputs(p, sys)
	seen := map[string]string{}
	for _, in := range []codegen.Input{a, b} {
		files, err := Emit(in)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if old, ok := seen[f.Name]; ok && old != string(f.Data) {
				t.Errorf("%s differs between the peers", f.Name)
			}
			seen[f.Name] = string(f.Data)
			f.Name = "proto/" + f.Name
			write(t, dir, f)
		}
	}
	return dir
}

func write(t testing.TB, dir string, f codegen.File) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(f.Name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, f.Data, 0o644); err != nil {
		t.Fatal(err)
	}
}
