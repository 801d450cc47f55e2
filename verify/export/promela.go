package export

import (
	"fmt"
	"strings"

	"sprocketc/fsm"
)

// pml prints a model as Promela. Everything is one process that takes one atomic step after the other, so that pan's
// states are the model's states. What an atomic step chooses stands in variables that are zero between steps; what is
// only needed within a d_step is hidden (h_...).
type pml struct {
	printer
	*model
	taken  names
	slots  [][]string // by machine and slot
	sets   map[string]string
	broke  map[string]string
	tails  map[*fsm.Tail]string
	params map[*fsm.Tail][]string
	chans  []string
	events []*pmlEvent
}

// pmlEvent is a choice of the environment.
type pmlEvent struct {
	id      int
	name    string // of the inline text that does it
	what    string // for a comment
	m       *machine
	ev      *fsm.Event // nil: the datagram is ignored
	channel int
	message int // -1: no arrival
	counts
	torn    bool
	altered int // ways in which the network may alter the datagram
	guard   string
}

func promela(m *model) []File {
	g := &pml{model: m, taken: names{}, sets: map[string]string{}, broke: map[string]string{}, tails: map[*fsm.Tail]string{}, params: map[*fsm.Tail][]string{}}
	for _, w := range reserved {
		g.taken[w] = true
	}
	for _, v := range g.remembered() {
		g.taken[v] = true
	}
	g.name()
	g.header()
	g.declare()
	g.monitor()
	g.channels()
	g.renaming()
	for _, x := range m.machines {
		g.machine(x)
	}
	g.step()
	return append([]File{{Name: m.file() + ".pml", Data: []byte(g.b.String())}}, launchSpin(m)...)
}

// file is the base name of the files of an export.
func (m *model) file() string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return '_'
	}, m.sys.Name)
}

var reserved = []string{"started", "drawn", "pick", "keep", "altered", "answers", "cut", "torn", "crashed", "depth", "undone",
	"first_start", "handler", "waiting", "phase", "fn_of", "starts", "commits", "effect_commits", "call_reported", "late_ran", "order_ran", "others", "restarted", "replied", "crashes", "ended",
	"function", "colour", "outcome", "memo"}

// name gives every thing its name.
func (g *pml) name() {
	for _, x := range g.machines {
		var ids []string
		arrays := map[string]string{}
		for _, l := range x.code.Layout {
			switch {
			case l.Type.Len > 0:
				if l.Elem == 0 {
					arrays[l.Name] = g.taken.of("%s_%s", x.Name, l.Name)
				}
				ids = append(ids, fmt.Sprintf("%s[%d]", arrays[l.Name], l.Elem))
			case l.Kind == fsm.SoundSlot:
				ids = append(ids, g.taken.of("%s_%s_readable", x.Name, l.Name))
			case l.Kind == fsm.RunningSlot:
				ids = append(ids, g.taken.of("%s_%s_runs", x.Name, l.Name))
			default:
				ids = append(ids, g.taken.of("%s_%s", x.Name, l.Name))
			}
		}
		g.slots = append(g.slots, ids)
		for _, t := range x.Tails {
			g.tails[t] = g.taken.of("tail_%s_%s", x.Name, t.Name)
			for _, p := range t.Params {
				g.params[t] = append(g.params[t], g.taken.of("h_%s_%s_%s", x.Name, t.Name, p.Name))
			}
		}
	}
	for _, s := range g.sys.Sets {
		g.sets[s.Name] = g.taken.of("IS_%s", s.Name)
	}
	for _, s := range []string{"pure", "effect", "once", "commutes"} {
		if g.sets[s] == "" {
			g.sets[s] = g.taken.of("IS_%s", s)
		}
	}
	for _, p := range g.props {
		g.broke[p] = g.taken.of("broke_%s", p)
	}
	for _, c := range g.sys.Channels {
		g.chans = append(g.chans, g.taken.of("channel_%s", c.Name))
	}
}

func (g *pml) slot(x *machine, at int) string { return g.slots[x.index][at] }

// array is the name of an array variable.
func (g *pml) array(x *machine, name string) string {
	return strings.TrimSuffix(g.slot(x, x.code.Slot(name)), "[0]")
}

func (g *pml) param(x *machine, t *fsm.Tail, i int) string { return g.params[t][i] }

func (g *pml) header() {
	g.p("/* %s */", g.generated())
	g.p("")
	g.p("/*")
	g.in(func() {
		g.p("The machines of %s, for SPIN 6: everything that its channels and crashes may do, one atomic step at a time.", oneLine(g.sys.Name))
		g.p("")
		g.p("    spin -a %s.pml", g.file())
		g.p("    gcc -O2 -w -DSAFETY -DNOREDUCE -DVECTORSZ=%d -o pan pan.c", vectorSize)
		g.p("    ./pan -m1000000")
		g.p("")
		g.p("pan says `assertion violated !(broke_P)` where property P breaks; `spin -t -p %s.pml` shows the run. With -c0 it", g.file())
		g.p("goes on, and names each property that breaks somewhere. The first state that it counts is the one before the peers")
		g.p("have started: all others are those of `sprocketc verify --channels fifo:%d --no-reduction`.", g.opt.Capacity)
		g.p("")
		g.p("Numbers that are never reused are their ranks among those in use, times %d; tokens are numbered as they first", gap)
		g.p("occur. %s is broken where that does not represent a state: then nothing is known beyond.", Representation)
		if f := g.sys.Enum("fn"); f != nil {
			var of []string
			for _, v := range g.opt.Functions {
				of = append(of, f.Members[v])
			}
			g.p("The program calls %s.", strings.Join(of, ", "))
			if len(of) < len(f.Members) {
				g.p("No machine and no property can tell the other functions from one of these.")
			}
		}
	})
	g.p("*/")
	g.p("")
	g.p("#ifndef CAPACITY")
	g.p("#define CAPACITY %d /* of a channel whose text states none */", g.opt.Capacity)
	g.p("#endif")
	g.p("")
}

// sizes that a type needs.
func (g *pml) size(t fsm.Type) string {
	switch {
	case t.Kind == fsm.Bool:
		return "bool"
	case t.Kind == fsm.Range && t.Hi > 255:
		return "int"
	case t.Kind == fsm.EnumKind && len(g.sys.Enum(t.Name).Members) > 255:
		return "short"
	}
	if s := g.sys.Sort(t.Name); s != nil && s.Wrap > 255 {
		return "int"
	}
	return "byte"
}

// variables calls f for each variable of the machines: its type, its name and its length, 0 of a scalar.
func (g *pml) variables(f func(x *machine, at int, size, name string, n int)) {
	for _, x := range g.machines {
		for i, l := range x.code.Layout {
			if l.Layer || l.Elem > 0 {
				continue
			}
			size, name := "bool", g.slot(x, i)
			if l.Kind == fsm.VarSlot || l.Kind == fsm.FieldSlot {
				size = g.size(l.Type)
			}
			f(x, i, size, strings.TrimSuffix(name, "[0]"), l.Type.Len)
		}
	}
}

// inputs is the number of values that an event may have.
func (g *pml) inputs() int {
	n := max(2, g.width)
	for _, x := range g.machines {
		for _, e := range x.Events {
			n = max(n, len(e.Params))
		}
	}
	return n
}

func (g *pml) declare() {
	for _, e := range append([]*fsm.Enum{fsm.OutcomeEnum}, g.sys.Enums...) {
		var ms []string
		for i, m := range e.Members {
			ms = append(ms, fmt.Sprintf("%d %s", i, m))
		}
		g.p("/* %s: %s */", e.Name, strings.Join(ms, ", "))
	}
	for i, x := range g.sys.Messages {
		var fs []string
		for k, f := range x.Fields {
			fs = append(fs, fmt.Sprintf("f[%d] %s", k, f.Name))
		}
		g.p("/* message %d %s: %s */", i+1, x.Name, strings.Join(fs, ", "))
	}
	g.p("")
	for _, name := range []string{"pure", "effect", "once", "commutes"} {
		if g.sys.Set(name) == nil {
			g.p("#define %s(f) (0)", g.sets[name])
		}
	}
	for _, s := range g.sys.Sets {
		e := g.sys.Enum(s.Enum)
		var of []string
		for i := range e.Members {
			if s.Has(e, uint32(i)) {
				of = append(of, fmt.Sprintf("(f) == %d", i))
			}
		}
		if of == nil {
			of = []string{"0"}
		}
		g.p("#define %s(f) (%s)", g.sets[s.Name], strings.Join(of, " || "))
	}
	g.p("")
	g.p("/* the machines */")
	g.variables(func(x *machine, at int, size, name string, n int) {
		if n > 0 {
			name = fmt.Sprintf("%s[%d]", name, n)
		}
		g.p("%s %s;", size, name)
	})
	for _, x := range g.machines {
		for _, t := range x.Tails {
			for _, p := range g.params[t] {
				g.p("hidden int %s;", p)
			}
		}
	}
	g.p("")
	g.p("/* a datagram in flight: its kind (0: none), how many later ones overtook it, and whether it arrived before */")
	g.p("typedef Datagram { byte kind; byte f[%d]; byte age; byte again };", g.width)
	for i, c := range g.sys.Channels {
		g.p("Datagram %s[%s];", g.chans[i], g.room(c))
		g.p("byte %s_n;", g.chans[i])
	}
	g.p("")
	g.p("/* what a step chooses; zero between steps */")
	g.p("bool started; /* this one is not: the peers have started */")
	g.p("byte pick, crashed, depth, first_start;")
	g.p("byte drawn; /* new tokens so far */")
	g.p("bool keep, torn, undone;")
	g.p("byte cut; /* the peer crashes after this many visible actions; 0: it does not */")
	g.p("int answers, altered;")
	g.p("/* what comes with the event */")
	for i := range g.inputs() {
		g.p("int in%d;", i)
	}
	for _, p := range g.props {
		g.p("bool %s;", g.broke[p])
	}
	g.p("")
	g.p("hidden int h_stop, h_did, h_asked, h_fault, h_sends, h_full, h_i, h_j, h_k, h_to, h_x[%d];", max(g.inputs(), g.most()))
	g.p("")
	g.p("/* a question that only the world can answer: what a layer knows, whether a number has run out of its width */")
	g.p("#define EITHER(k) ((answers >> (h_asked - (k))) & 1)")
	g.p("#define FAULT(c) if :: c -> h_fault = 1 :: else fi")
	g.p("")
}

// most values that one stage sets at a time.
func (g *pml) most() int {
	n := 4
	for _, x := range g.machines {
		for _, r := range x.Records {
			n = max(n, len(r.Fields))
		}
	}
	return max(n, g.width)
}

// room of a channel, as text.
func (g *pml) room(c *fsm.Channel) string {
	if c.Capacity > 0 {
		return fmt.Sprint(c.Capacity)
	}
	return "CAPACITY"
}

// machine prints the tails and events of a peer, and what its crashes do.
func (g *pml) machine(x *machine) {
	g.p("/* ---- %s ---- */", oneLine(x.Name))
	g.p("")
	g.settle(x)
	g.crash(x)
	for _, t := range x.inOrder() {
		g.inline(g.tails[t], t.Doc, func() { g.stages(t.Body, nameScope{m: g.model, x: x, tail: t}) })
	}
	for _, e := range x.Events {
		s := nameScope{m: g.model, x: x, event: e}
		name := g.taken.of("on_%s_%s", x.Name, e.Name)
		g.inline(name, e.Doc, func() {
			if e.Kind == fsm.OnTimer {
				g.running(x, e.Name, 0)
			}
			g.stages(e.Body, s)
		})
		ev := &pmlEvent{name: name, m: x, ev: e, channel: -1, message: -1, counts: g.count(e.Body, s), torn: x.Crashes && g.tears(e.Body, x)}
		ev.what = fmt.Sprintf("%s: %s", x.Name, e.Name)
		g.events = append(g.events, ev)
	}
}

func (g *pml) inline(name string, doc []string, f func()) {
	g.comment(doc)
	g.p("inline %s() {", name)
	g.in(f)
	g.p("}")
	g.p("")
}

// settle zeroes the variables that are dead.
func (g *pml) settle(x *machine) {
	g.p("inline settle_%d() {", x.index)
	g.in(func() {
		g.p("skip;")
		for i, v := range x.Vars {
			if v.While == nil {
				continue
			}
			c := &lookup{nameScope: nameScope{m: g.model, x: x}, g: g}
			cond := c.expr(v.While).v
			if c.asks > 0 {
				cond = "0" // of a layer nothing is known
			}
			g.p("if")
			g.p(":: %s", cond)
			g.p(":: else ->")
			g.in(func() {
				for at, l := range x.code.Layout {
					if l.Kind == fsm.VarSlot && l.Index == i {
						g.p("%s = 0;", g.slot(x, at))
					}
				}
			})
			g.p("fi;")
		}
	})
	g.p("}")
	g.p("")
}

// crash prints what a crash does at once, and what a start finds: records stay, all else is as after a start.
func (g *pml) crash(x *machine) {
	if x.Budget > 0 {
		g.p("#define may_crash_%d (crashes[%d] < %d)", x.index, x.index, x.Budget)
	} else if x.Crashes {
		g.p("#define may_crash_%d 1", x.index)
	} else {
		g.p("#define may_crash_%d 0", x.index)
	}
	g.p("inline crash_%d() {", x.index)
	g.in(func() {
		g.p("crashed = %d;", x.index+1)
		if x.Budget > 0 {
			g.p("if")
			g.p(":: may_crash_%d -> crashes[%d]++", x.index, x.index)
			g.p(":: else")
			g.p("fi;")
		}
		if x.index == g.callee {
			g.p("handler = 0; replied = 0;")
			if g.remembers() {
				g.p("if")
				g.p(":: phase == PENDING -> restarted = 1")
				g.p(":: else")
				g.p("fi;")
			}
		}
		if x.index == g.caller {
			g.p("if")
			g.p(":: %s -> phase = OPEN", pickText(g.lanes(), "phase == PENDING", "waiting == MARKED"))
			g.p(":: else")
			g.p("fi;")
			g.p("waiting = 0;")
			if g.lanes() {
				g.p("others[0] = 0; others[1] = 0;")
			}
		}
	})
	g.p("}")
	g.p("")
	g.p("inline boot_%d() {", x.index)
	g.in(func() {
		g.p("skip;")
		for i, l := range x.code.Layout {
			switch {
			case l.Layer:
			case l.Kind == fsm.VarSlot:
				g.p("%s = %d;", g.slot(x, i), x.Vars[l.Index].Init)
			case l.Kind == fsm.RunningSlot:
				g.p("%s = 0;", g.slot(x, i))
			}
		}
	})
	g.p("}")
	g.p("")
}
