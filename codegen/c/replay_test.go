package cgen

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sprocketc/fsm"
	"sprocketc/ir"
	"sprocketc/schema"
)

// walker drives the interpreter and writes down what the emitted replay is to print.
type walker struct {
	r     *rand.Rand
	p     *ir.Plan
	sys   *fsm.System
	m     *fsm.Machine
	code  *fsm.Code
	slots [][]byte // payloads by the word that stands for them; 0 is none
	in    strings.Builder
	want  []string
}

// alive is a machine whose dead variables keep their values, as they do in emitted code; the proof zeroes them.
func alive(m *fsm.Machine) *fsm.Machine {
	out := *m
	out.Vars = nil
	for _, v := range m.Vars {
		k := *v
		k.While = nil
		out.Vars = append(out.Vars, &k)
	}
	return &out
}

func (w *walker) slot(b []byte) uint32 {
	if len(b) == 0 {
		return 0
	}
	w.slots = append(w.slots, b)
	return uint32(len(w.slots) - 1)
}

func (w *walker) state(s fsm.State) string {
	var out []string
	for i, x := range w.code.Layout {
		switch {
		case x.Kind == fsm.VarSlot && x.Type.Kind == fsm.Payload:
			out = append(out, hexOf(w.slots[s[i]]))
		default:
			out = append(out, fmt.Sprint(s[i]))
		}
		if x.Kind == fsm.RunningSlot && !w.m.Timers[x.Index].Doubles() {
			out = append(out, "0")
		}
	}
	return strings.Join(out, " ")
}

// unanswerable reports whether a message is an answer that its handler did not give: it is lost.
func (w *walker) unanswerable(m *fsm.Message, values []uint32) bool {
	if w.m.Name != "callee" || payloadField(m) == nil {
		return false
	}
	l := w.layout(m, values[m.Index("fn")])
	return l.Min > l.Header+l.Sum && len(w.slots[values[m.Index(payloadField(m).Name)]]) == 0
}

func (w *walker) actions(res fsm.Result) string {
	var b strings.Builder
	for _, f := range res.Effects {
		if f.Kind == fsm.DidSend && w.unanswerable(w.sys.Messages[f.Index], f.Fields) {
			continue
		}
		b.WriteString(" ; ")
		switch f.Kind {
		case fsm.DidSend:
			fmt.Fprintf(&b, "send %x", w.encode(w.sys.Messages[f.Index], f.Fields))
		case fsm.DidPersist:
			rec := w.m.Records[f.Index]
			b.WriteString("persist " + rec.Name)
			for i := range rec.Fields {
				fmt.Fprintf(&b, " %d", f.After[w.code.Sound(f.Index)+1+i])
			}
		case fsm.DidInvoke:
			fmt.Fprintf(&b, "invoke %d %s", f.Fn, hexOf(w.slots[f.Slot]))
		case fsm.DidComplete:
			fmt.Fprintf(&b, "complete %d %d %s", f.Outcome, f.Fn, hexOf(w.slots[f.Slot]))
		case fsm.DidStart:
			fmt.Fprintf(&b, "start %s %d", w.m.Timers[f.Index].Name, f.Interval)
		case fsm.DidCancel:
			fmt.Fprintf(&b, "cancel %s", w.m.Timers[f.Index].Name)
		case fsm.DidBreach:
			fmt.Fprintf(&b, "breach %s", f.Name)
		case fsm.DidNote:
			fmt.Fprintf(&b, "note %s %d", f.Name, f.Fn)
		}
	}
	if res.Halted {
		b.WriteString(" ; halt")
	}
	return b.String()
}

func (w *walker) layout(m *fsm.Message, fn uint32) *ir.WireMessage {
	for i := range w.p.Wire {
		x := &w.p.Wire[i]
		if x.Message == m.Name && (m.Index("fn") < 0 || x.Fn == w.p.Interface.Calls[fn].Name) {
			return x
		}
	}
	return nil
}

func (w *walker) encode(m *fsm.Message, values []uint32) []byte {
	fields, payload, fn := map[string]uint32{}, []byte(nil), uint32(0)
	for i, f := range m.Fields {
		switch {
		case f.Type.Kind == fsm.Payload:
			payload = w.slots[values[i]]
		case f.Name == "fn":
			fn = values[i]
		default:
			fields[f.Name] = values[i]
		}
	}
	return datagram(w.layout(m, fn), fields, payload)
}

// near is a number that is likely to mean something: one of the state's own or close to it, or an end of its range.
func (w *walker) near(s fsm.State, bits, wrap int) uint32 {
	top := uint32(1)<<bits - 1
	if wrap > 0 {
		top = uint32(wrap - 1)
	}
	var v uint32
	switch w.r.IntN(6) {
	case 0:
		v = uint32(w.r.IntN(3))
	case 1:
		v = top - uint32(w.r.IntN(2))
	case 2:
		v = w.r.Uint32()
	default:
		i := w.r.IntN(len(s))
		v = s[i] + uint32(w.r.IntN(3)) - 1
	}
	if v > top {
		v %= top + 1
	}
	return v
}

func (w *walker) sortOf(t fsm.Type) *fsm.Sort { return w.sys.Sort(t.Name) }

// stir puts a state somewhere else: any value of its numbers, flags and steps.
func (w *walker) stir(s fsm.State) {
	for i, x := range w.code.Layout {
		if w.r.IntN(3) > 0 {
			continue
		}
		switch {
		case x.Kind == fsm.RunningSlot, x.Kind == fsm.VarSlot && x.Type.Kind == fsm.Bool:
			s[i] = uint32(w.r.IntN(2))
		case x.Kind == fsm.StepSlot:
			s[i] = uint32(w.r.IntN(4))
		case x.Kind == fsm.VarSlot && x.Type.Kind == fsm.EnumKind && x.Type.Name != "fn":
			s[i] = uint32(w.r.IntN(len(w.sys.Enum(x.Type.Name).Members)))
		case x.Type.Kind == fsm.Number || x.Type.Kind == fsm.Token:
			if x.Kind == fsm.VarSlot || s[w.code.Sound(x.Index)] == 1 {
				so := w.sortOf(x.Type)
				s[i] = w.near(s, so.Bits, so.Wrap)
			}
		}
	}
}

// step picks an event, writes its line and gives the state after it.
func (w *walker) step(s fsm.State) fsm.State {
	events := slices.Clone(w.m.Events)
	e := events[w.r.IntN(len(events))]
	in, args, name := []uint32{}, "", ""
	run := func(e *fsm.Event, s fsm.State) fsm.Result {
		return w.code.Exec(s, e, in, &fsm.Env{Concrete: &fsm.Concrete{
			Entropy: func(bits int) uint32 { return 0x5a5a5a5a & (uint32(1)<<bits - 1) },
			Hit:     func(int, uint32, uint32) bool { return false },
			Recall:  func(int) uint32 { return 0 },
		}})
	}
	now := w.r.Uint32()
	line := func(name, args string) {
		fmt.Fprintf(&w.in, "%s %d %s ; %s\n", name, now, w.state(s), args)
	}
	payload := func(fs []ir.Field) []byte { return ir.Encode(fs, randomValues(w.r, fs)) }
	switch e.Kind {
	case fsm.OnCall:
		fn := w.r.IntN(len(w.p.Interface.Calls))
		b := payload(w.p.Interface.Calls[fn].Params)
		in = []uint32{uint32(fn), w.slot(b)}
		line("call", fmt.Sprintf("%d %s", fn, hexOf(b)))
		if !w.code.Enabled(s, e) {
			w.want = append(w.want, w.state(s))
			return s
		}
	case fsm.OnReturn:
		b := payload(resultFields(w.p.Interface.Calls[w.r.IntN(len(w.p.Interface.Calls))]))
		if i := w.code.Slot("doing"); i >= 0 {
			b = payload(resultFields(w.p.Interface.Calls[s[i]]))
		}
		in = []uint32{w.slot(b)}
		line("return", hexOf(b))
	case fsm.OnRestart:
		line("restart", "")
		s = slices.Clone(s)
		w.code.Boot(s)
	case fsm.OnTimer:
		name = "timer:" + e.Name
		line(name, args)
	case fsm.OnMessage:
		return w.message(s, e, line, run, &in)
	}
	res := run(e, s)
	w.want = append(w.want, w.state(res.State)+w.actions(res))
	if res.Halted {
		return w.code.Blank()
	}
	return res.State
}

// message hands over a datagram: sound, altered, or altered and sealed again.
func (w *walker) message(s fsm.State, e *fsm.Event, line func(string, string), run func(*fsm.Event, fsm.State) fsm.Result, in *[]uint32) fsm.State {
	m := w.sys.Message(e.Name)
	fn := uint32(w.r.IntN(len(w.p.Interface.Calls)))
	l := w.layout(m, fn)
	fields := map[string]uint32{}
	for _, f := range l.Fields[1:] {
		so := w.sortOf(m.Fields[m.Index(f.Name)].Type)
		fields[f.Name] = w.near(s, so.Bits, so.Wrap)
	}
	var payload []byte
	if payloadField(m) != nil {
		payload = ir.Encode(l.Payload, randomValues(w.r, l.Payload))
	}
	b := datagram(l, fields, payload)
	switch w.r.IntN(6) {
	case 0: // altered
		b[w.r.IntN(len(b))] ^= 1 << w.r.IntN(8)
	case 1: // cut or grown
		b = append(b, byte(w.r.Uint32()), 0)[:w.r.IntN(len(b)+3)]
	case 2, 3: // a bit of what is sealed, or its size
		body := b[:len(b)-l.Sum]
		if w.r.IntN(3) == 0 && len(body) > 1 {
			body = append(slices.Clone(body), byte(w.r.IntN(2)))[:len(body)-1+2*w.r.IntN(2)]
		} else {
			body[w.r.IntN(len(body))] ^= 1 << w.r.IntN(8)
		}
		b = append(slices.Clone(body), checksum(l, body)...)
	}
	line("datagram", hexOf(b))
	got := takeApart(w.p, w.sys, w.m.Name, b)
	if got.why != "" {
		w.want = append(w.want, w.state(s)+" ; dropped "+got.why)
		return s
	}
	m = w.sys.Message(got.w.Message)
	e = w.m.Event(fsm.OnMessage, m.Name)
	if e == nil {
		w.want = append(w.want, w.state(s))
		return s
	}
	for _, f := range m.Fields {
		switch {
		case f.Name == "fn":
			*in = append(*in, uint32(slices.IndexFunc(w.p.Interface.Calls, func(c *ir.Call) bool { return c.Name == got.w.Fn })))
		case f.Type.Kind == fsm.Payload:
			*in = append(*in, w.slot(got.payload))
		default:
			*in = append(*in, got.fields[f.Name])
		}
	}
	res := run(e, s)
	w.want = append(w.want, w.state(res.State)+w.actions(res))
	if res.Halted {
		return w.code.Blank()
	}
	return res.State
}

// The replay of the emitted core does what the interpreter does, event by event: next state, actions in their order,
// datagrams byte for byte, refusals for the same reason.
func TestReplayAgreesWithTheInterpreter(t *testing.T) {
	need(t, "gcc")
	type program struct {
		src  []byte
		name string
		s    setting
	}
	list := []program{}
	for name, s := range plans() {
		list = append(list, program{example(t, "soil.sprocket"), "soil " + name, s})
	}
	list = append(list, program{kindsProgram(t), "kinds", soil()},
		program{kindsProgram(t), "kinds intent", soil().with(schema.IntentRecord)})
	slices.SortFunc(list, func(a, b program) int { return strings.Compare(a.name, b.name) })
	for _, pr := range list {
		if testing.Short() && pr.name != "soil soil" && pr.name != "kinds intent" {
			continue
		}
		t.Run(pr.name, func(t *testing.T) {
			p, sys := handPlan(t, pr.src, pr.s)
			a, b := inputs(p, sys, "x.sprocket")
			for i, in := range []string{"caller", "callee"} {
				req := a
				if i == 1 {
					req = b
				}
				fs, err := EmitReplay(req)
				if err != nil {
					t.Fatal(err)
				}
				dir := t.TempDir()
				write(t, dir, fs...)
				run(t, dir, "", "gcc", "-std=c99", "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-o", "replay", fs[1].Name)
				m := alive(sys.Machine(in))
				w := &walker{r: rand.New(rand.NewPCG(7, uint64(i))), p: p, sys: sys, m: m, code: fsm.Compile(sys, m), slots: [][]byte{nil}}
				s := w.code.Blank()
				for k := range 4000 {
					if k%5 == 0 {
						w.stir(s)
					}
					s = w.step(s)
				}
				w.compare(t, run(t, dir, w.in.String(), filepath.Join(dir, "replay")))
			}
		})
	}
}

func (w *walker) compare(t *testing.T, out string) {
	t.Helper()
	got := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	lines := strings.Split(w.in.String(), "\n")
	if len(got) != len(w.want) {
		t.Fatalf("%d lines for %d events", len(got), len(w.want))
	}
	seen := map[string]int{}
	for i := range got {
		if got[i] != w.want[i] {
			t.Fatalf("%s, event %d: %s\n got %s\nwant %s", w.m.Name, i, lines[i], got[i], w.want[i])
		}
		for _, a := range strings.Split(got[i], " ; ")[1:] {
			seen[strings.Join(strings.Fields(a)[:1], "")]++
		}
	}
	if seen["send"] == 0 || seen["dropped"] == 0 {
		t.Errorf("%s: the walk is too tame: %v", w.m.Name, seen)
	}
	if testing.Verbose() {
		t.Log(w.m.Name, seen)
	}
}
