package gogen

import (
	"encoding/hex"
	"fmt"
	"strings"

	"sprocketc/codegen"
	"sprocketc/codegen/go/drive"
	"sprocketc/fsm"
	"sprocketc/ir"
)

// runPeer prints the core of a peer as the driver takes it.
func (g *gen) runPeer(t *strings.Builder, name, create string) {
	fmt.Fprintf(t, "// %s is %s.\ntype %s struct{ *%s }\n\n", name, g.in.Peer.Name, name, g.coreType())
	fmt.Fprintf(t, "func %s(w *runWorld) %s { return %s{&%s{port: %s}} }\n\n", create, name, name, g.coreType(), pick(g.m.Lanes(), "runLanes{w}", "w"))
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
	if e := g.m.Event(fsm.OnCall, "call"); e != nil {
		free := "true"
		if e.When != nil {
			free = g.cond(e.When, scope{event: e})
		}
		fmt.Fprintf(t, "// free reports whether the machine takes a call.\nfunc (x %s) free() bool {\n%s := x.%s\nreturn %s.stopped == nil && (%s)\n}\n\n", name, g.recv, g.coreType(), g.recv, free)
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
		kind := drive.Kind(c.Kind == ir.Pure, c.Kind == ir.Effect, c.Kind == ir.ExactlyOnce, c.Commutes != nil, c.Ordered != nil)
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
		msg := g.sys.Message(w.Message)
		at := 0
		for _, f := range w.Fields {
			x := fsm.Type{Kind: fsm.Payload}
			if i := msg.Index(f.Name); i >= 0 {
				x = msg.Fields[i].Type
			}
			g.runField(t, f, x, at)
			at += f.Bits
		}
		t.WriteString("}},\n")
	}
	fmt.Fprintf(t, "}\n\n// What the channel may do: how many may overtake a datagram (-1: any number), whether it repeats, and loses.\nconst (\nrunKindBits = %d\nrunOvertaking = %d\nrunRepeats = %v\nrunLoses = %v\nrunCorrupts = %v\n)\n\n",
		kindBits, overtaking, ch.Repeats != nil, ch.Loses != nil, ch.Corrupts != nil)
}

// runField prints where a field lies and how charts show it.
func (g *gen) runField(t *strings.Builder, f ir.WireField, x fsm.Type, at int) {
	shown, more := "runHidden", ""
	switch x.Kind {
	case fsm.Bool:
		shown = "runFlag"
	case fsm.Range:
		shown = "runAlways"
	case fsm.EnumKind:
		shown, more = "runAlways", ", members: "+quoted(g.members(x.Name))
	case fsm.Number, fsm.Token:
		shown = "runNonzero"
		if x.Kind == fsm.Number && x.Scope != "" {
			shown, more = "runIdentity", fmt.Sprintf(", scope: %q", x.Scope)
		}
	}
	fmt.Fprintf(t, "{name: %q, at: %d, bits: %d, shown: %s%s}, ", f.Name, at, f.Bits, shown, more)
}

func quoted(list []string) string {
	var out []string
	for _, s := range list {
		out = append(out, fmt.Sprintf("%q", s))
	}
	return "[]string{" + strings.Join(out, ", ") + "}"
}

// runProgram prints what else tests know of the program: names, properties, what peers may do, records, timers.
func runProgram(t *strings.Builder, a, b *gen) {
	fmt.Fprintf(t, "var (\nrunPeers = %s\n", quoted([]string{a.in.Peer.Name, b.in.Peer.Name}))
	var outcomes []string
	for _, m := range fsm.OutcomeEnum.Members {
		outcomes = append(outcomes, strings.ReplaceAll(m, "_", " "))
	}
	fmt.Fprintf(t, "runOutcomes = %s\n", quoted(outcomes))
	fmt.Fprintf(t, "// runProperties are those of the program that can be seen from outside.\nrunProperties = %s\n// runGivingUp are the timers by which a call can end.\nrunGivingUp = %s\n)\n\n", quoted(codegen.Watched(a.sys)), quoted(codegen.GivingUp(a.m)))
	fmt.Fprintf(t, "// Which peers may crash, and whether several calls may be outstanding.\nconst (\nrunCallerCrashes = %v\nrunCalleeCrashes = %v\nrunSeveral = %v\n)\n\n", a.m.Crashes, b.m.Crashes, a.m.Lanes())
	t.WriteString("// runRecords are the records in stable memory, by peer.\nvar runRecords = [2][]runRecord{\n")
	for _, g := range []*gen{a, b} {
		t.WriteString("{\n")
		for _, r := range g.m.Records {
			l := g.layout(r.Name)
			fmt.Fprintf(t, "{name: %q, offset: %d, slots: %d, size: %d, fields: []runField{", r.Name, l.Offset, l.Slots, l.SlotSize)
			at := 0
			for i, f := range l.Fields {
				if r.Fields[i].Type.Kind != fsm.Payload {
					g.runField(t, f, r.Fields[i].Type, at)
				}
				at += f.Bits
			}
			t.WriteString("}},\n")
		}
		t.WriteString("},\n")
	}
	t.WriteString("}\n\n// runOutlives are the timers that outlive datagrams, by peer; true where they outlive calls too.\nvar runOutlives = [2]map[string]bool{\n")
	for _, g := range []*gen{a, b} {
		t.WriteString("{")
		for _, x := range g.m.Timers {
			if x.Outlives != fsm.OutlivesNothing {
				fmt.Fprintf(t, "%q: %v, ", x.Name, x.Outlives == fsm.OutlivesCalls)
			}
		}
		t.WriteString("},\n")
	}
	t.WriteString("}\n")
}
