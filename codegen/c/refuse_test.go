package cgen

import (
	"strings"
	"testing"

	"sprocketc/codegen"
	"sprocketc/fsm"
	"sprocketc/ir"
)

// What C cannot say is refused with the names of what stands in the way, and nothing is emitted.
func TestEmitRefuses(t *testing.T) {
	for _, c := range []struct {
		name, want string
		spoil      func(p *ir.Plan, sys *fsm.System)
	}{
		{"a struct with the peer's name", "struct Probe", func(p *ir.Plan, _ *fsm.System) { p.Program.Structs[0].Name = "Probe" }},
		{"an enum with the struct's name", "enum Reading", func(p *ir.Plan, _ *fsm.System) { p.Program.Enums[0].Name = "Reading" }},
		{"two calls of one name", "sample", func(p *ir.Plan, sys *fsm.System) {
			p.Interface.Calls[1].Name, sys.Enum("fn").Members[1] = "Sample", "Sample"
			for i := range p.Wire {
				if p.Wire[i].Fn == "schedule" {
					p.Wire[i].Fn = "Sample"
				}
			}
		}},
		{"two parameters of one name", "litres", func(p *ir.Plan, _ *fsm.System) { p.Interface.Calls[2].Params[0].Name = "Litres" }},
		{"a wide sort", "num", func(_ *ir.Plan, sys *fsm.System) { sys.Sort("num").Bits = 33 }},
		{"a field of another width", "REQ's field", func(p *ir.Plan, _ *fsm.System) { p.Wire[0].Fields[1].Bits++ }},
		{"kinds out of order", "REQ", func(p *ir.Plan, _ *fsm.System) { p.Wire[0].Kind, p.Wire[1].Kind = 1, 0 }},
		{"a record of another layout", "epoch", func(p *ir.Plan, _ *fsm.System) { p.Peers["probe"].Records[0].SlotSize++ }},
		{"no layout of a record", "epoch", func(p *ir.Plan, _ *fsm.System) { p.Peers["probe"].Records = nil }},
		{"a checksum of three bytes", "checksum of 3", func(p *ir.Plan, _ *fsm.System) {
			for i := range p.Wire {
				p.Wire[i].Sum = 3
			}
		}},
		{"a timer without end", "pace", func(_ *ir.Plan, sys *fsm.System) { sys.Machine("callee").Timers[0].Spans[0].First = 1 << 31 }},
		{"a send after invoke", "after it has invoked", func(_ *ir.Plan, sys *fsm.System) {
			e := sys.Machine("callee").Event(fsm.OnMessage, "REQ")
			e.Body = append(e.Body, &fsm.Stage{Stmt: &fsm.Do{Tail: "reply"}})
		}},
		{"a tail that runs itself", "runs itself", func(_ *ir.Plan, sys *fsm.System) {
			r := sys.Machine("callee").Tail("reply")
			r.Body = append(r.Body, &fsm.Stage{Stmt: &fsm.Do{Tail: "reply"}})
		}},
		{"a name that is nothing", "there is no ghost", func(_ *ir.Plan, sys *fsm.System) {
			e := sys.Machine("callee").Event(fsm.OnMessage, "REQ")
			e.Body = append(e.Body, &fsm.Stage{Stmt: &fsm.When{Cond: &fsm.Name{Name: "ghost"}}})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, sys := handPlan(t, example(t, "soil.sprocket"), soil())
			c.spoil(p, sys)
			_, probe := inputs(p, sys, "soil.sprocket")
			for _, f := range []func(codegen.Input) ([]codegen.File, error){Emit, EmitReplay} {
				fs, err := f(probe)
				if err == nil || fs != nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("got %d files and the error %v, which does not speak of %q", len(fs), err, c.want)
				}
			}
		})
	}
}

func TestEmitRefusesAnEmptyRequest(t *testing.T) {
	if _, err := Emit(codegen.Input{}); err == nil {
		t.Error("an empty request was taken")
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"f(a, b, c);", "f(a, b, c);"},
		{"call_it(first, second, third);", "call_it(first, second,|third);"},
		{`say("a, b, c, d", one_more_thing);`, `say("a, b, c, d",|one_more_thing);`},
		{"// a comment, which goes on and on, and on", "// a comment, which goes on and on, and on"},
		{"averyveryverylongname_without_commas();", "averyveryverylongname_without_commas();"},
	} {
		if got := strings.Join(wrap(c.in, 28), "|"); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

// A layout keeps what braces mean: a case with a block, a comment that ends in a brace, a condition over two lines.
func TestLayout(t *testing.T) {
	got := layout("void f(void)\n{\nswitch (x) {\ncase 1: {\nint y;\ny = 2;\nbreak;\n}\n// not a block {\ndefault:\nreturn a &&\nb;\n}\n}\n")
	want := "void f(void)\n{\n    switch (x) {\n    case 1: {\n        int y;\n        y = 2;\n        break;\n    }\n        // not a block {\n    default:\n        return a &&\n            b;\n    }\n}\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
