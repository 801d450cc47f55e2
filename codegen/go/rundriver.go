package gogen

import (
	"bytes"
	"embed"
	"encoding/hex"
	"fmt"
	"go/format"
	"slices"
	"strings"

	"sprocketc/codegen"
	"sprocketc/codegen/go/drive"
	"sprocketc/fsm"
	"sprocketc/ir"
)

//go:embed drive/drive.go drive/observer.go drive/world.go
var driveFiles embed.FS

// EmitDriver prints what tests of runs need beside the package that Emit prints for both peers: run_driver_test.go,
// run_observer_test.go, run_world_test.go, and run_program_test.go, which tells them of this program and of this plan's machines.
func EmitDriver(caller, callee codegen.Input) ([]codegen.File, error) {
	a, err := newGen(caller)
	if err != nil {
		return nil, err
	}
	b, err := newGen(callee)
	if err != nil {
		return nil, err
	}
	pkg := codegen.GoPackage(caller.Plan.Program.Name)
	var out []codegen.File
	for from, to := range map[string]string{"drive": "run_driver_test.go", "observer": "run_observer_test.go", "world": "run_world_test.go"} {
		text, err := driveFiles.ReadFile("drive/" + from + ".go")
		if err != nil {
			return nil, err
		}
		text = bytes.Replace(text, []byte("package drive"), []byte("// "+a.header()+"\n\npackage "+pkg), 1)
		text = bytes.ReplaceAll(text, []byte("Observer{"), []byte("runObserver{"))
		text = bytes.ReplaceAll(text, []byte("*Observer"), []byte("*runObserver"))
		text = bytes.ReplaceAll(text, []byte("type Observer"), []byte("type runObserver"))
		text = bytes.ReplaceAll(text, []byte("// Observer"), []byte("// runObserver"))
		text = bytes.ReplaceAll(text, []byte("NewObserver"), []byte("newRunObserver"))
		text = bytes.ReplaceAll(text, []byte("func Kind("), []byte("func runKind("))
		text = bytes.ReplaceAll(text, []byte("// Kind is"), []byte("// runKind is"))
		out = append(out, codegen.File{Name: to, Data: text})
	}
	slices.SortFunc(out, func(x, y codegen.File) int { return strings.Compare(x.Name, y.Name) })
	var t strings.Builder
	fmt.Fprintf(&t, "// %s\n\npackage %s\n\n", a.header(), pkg)
	a.runPeer(&t, "runCaller", "newRunCaller")
	b.runPeer(&t, "runCallee", "newRunCallee")
	a.runFunctions(&t)
	a.runLayouts(&t)
	text, err := format.Source([]byte(t.String()))
	if err != nil {
		return nil, fmt.Errorf("run_program_test.go: %w", err)
	}
	return append(out, codegen.File{Name: "run_program_test.go", Data: text}), nil
}

// runPeer prints the core of a peer as the driver takes it.
func (g *gen) runPeer(t *strings.Builder, name, create string) {
	fmt.Fprintf(t, "// %s is %s.\ntype %s struct{ *%s }\n\n", name, g.in.Peer.Name, name, g.coreType())
	fmt.Fprintf(t, "func %s(w *runWorld) %s { return %s{&%s{port: w}} }\n\n", create, name, name, g.coreType())
	var timers, layers, names []string
	for _, x := range g.m.Timers {
		timers = append(timers, fmt.Sprintf("%q: &x.%s", x.Name, timerField(x.Name)))
		if x.Layer {
			names = append(names, fmt.Sprintf("%q", x.Name))
		}
	}
	for _, v := range g.m.Vars {
		if v.Layer && v.Type.Kind == fsm.Bool && v.Type.Len == 0 {
			layers = append(layers, fmt.Sprintf("%q: &x.%s", v.Name, codegen.GoLocal(v.Name)))
		}
	}
	method := func(what, result string, list []string) {
		fmt.Fprintf(t, "func (x %s) %s() %s {", name, what, result)
		if len(list) == 0 {
			t.WriteString(" return nil }\n\n")
			return
		}
		fmt.Fprintf(t, "\nreturn %s{%s}\n}\n\n", result, strings.Join(list, ", "))
	}
	method("timers", "map[string]*timer", timers)
	method("layers", "map[string]*bool", layers)
	method("layerTimers", "[]string", names)
}

func (g *gen) runFunctions(t *strings.Builder) {
	t.WriteString("// runFunctions are the program's calls, with arguments and answers by number.\nvar runFunctions = []runFunction{\n")
	for _, c := range g.calls {
		kind := drive.Kind(c.Kind == ir.Pure, c.Kind == ir.Effect, c.Commutes != nil)
		fmt.Fprintf(t, "{name: %q, kind: %d, args: %s, answers: %s},\n", c.Name, kind, samples(c.Params), samples(codegen.ResultFields(c)))
	}
	t.WriteString("}\n\n")
}

// samples of a payload as a Go literal.
func samples(fields []ir.Field) string {
	l := codegen.LeafOf(fields)
	var out []string
	for k := range l.N {
		var b strings.Builder
		for i, x := range hex.EncodeToString(ir.Encode(fields, codegen.Sample(fields, l, k))) {
			if i%2 == 0 {
				b.WriteString(`\x`)
			}
			b.WriteRune(x)
		}
		out = append(out, `[]byte("`+b.String()+`")`)
	}
	return "[][]byte{" + strings.Join(out, ", ") + "}"
}

func (g *gen) runLayouts(t *strings.Builder) {
	ch := g.in.Plan.Interface.Channel
	overtaking, kindBits := 0, 0
	if ch.Reorders != nil {
		overtaking = ch.Reorders.Within
	}
	t.WriteString("// runLayouts are the messages of the plan.\nvar runLayouts = []runLayout{\n")
	for _, w := range g.in.Plan.Wire {
		kindBits = w.Fields[0].Bits
		fmt.Fprintf(t, "{message: %q, fn: %q, kind: %d, header: %d, fields: []runField{", w.Message, w.Fn, w.Kind, w.Header)
		at := 0
		for _, f := range w.Fields {
			fmt.Fprintf(t, "{%q, %d, %d}, ", f.Name, at, f.Bits)
			at += f.Bits
		}
		t.WriteString("}},\n")
	}
	fmt.Fprintf(t, "}\n\n// What the channel may do: how many may overtake a datagram (-1: any number), whether it repeats, and loses.\nconst (\nrunKindBits = %d\nrunOvertaking = %d\nrunRepeats = %v\nrunLoses = %v\n)\n",
		kindBits, overtaking, ch.Repeats != nil, ch.Loses != nil)
}
