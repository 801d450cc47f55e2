package gogen

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"sprocketc/codegen"
	"sprocketc/fsm"
	"sprocketc/ir"
	"sprocketc/schema"
)

func (s setting) drawn() setting       { s.random = true; return s }
func (s setting) sums(n int) setting   { s.sum = n; return s }
func (s setting) slow() setting        { s.schedule.Cap = s.schedule.First; return s }
func (s setting) modulo(n int) setting { s.wraps = n; return s.numbers(3) }
func (s setting) numbers(b int) setting {
	s.widths = map[string]int{"num": b, "cepoch": 17, "kepoch": 17}
	return s
}

// variants are plans that between them have every statement and every type of the schema.
func variants() map[string]setting {
	v := map[string]setting{
		"soil":     soil(),
		"intent":   soil().with(schema.IntentRecord),
		"drawn":    soil().drawn().without(schema.CallerChallenge),
		"nosum":    soil().sums(0),
		"sum1":     soil().sums(1).without(schema.Pacing),
		"sum4":     soil().sums(4).slow(),
		"wraps8":   soil().modulo(8),
		"wraps5":   soil().modulo(5),
		"volatile": soil().with("volatile caller epoch", "volatile callee epoch").without(schema.CallerChallenge),
		"wide":     soil().numbers(32),
		"asking":   soil().with(schema.AskingFirst).without(schema.CalleeEpoch, schema.ChallengeEcho),
		"bare":     {widths: map[string]int{}, schedule: soil().schedule},
	}
	for i, f := range schema.Features {
		v[fmt.Sprintf("without%d", i)] = soil().without(f.Name)
	}
	return v
}

func names(v map[string]setting) []string {
	var out []string
	for n := range v {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// Every variant prints, vets and builds, both peers in one package; and prints the same again.
func TestVariantsBuild(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles many packages")
	}
	dir := t.TempDir()
	write(t, dir, codegen.File{Name: "go.mod", Data: []byte("module emitted\n\ngo 1.26\n")})
	v := variants()
	for _, n := range names(v) {
		p, sys := handPlan(t, example(t, "soil.sprocket"), v[n])
		a, b := inputs(p, sys)
		for _, in := range []codegen.Input{a, b} {
			files, err := Emit(in)
			if err != nil {
				t.Fatalf("%s: %v", n, err)
			}
			again, err := Emit(in)
			if err != nil || len(again) != len(files) {
				t.Fatalf("%s: %v", n, err)
			}
			for i, f := range files {
				if !bytes.Equal(f.Data, again[i].Data) || f.Name != again[i].Name {
					t.Errorf("%s: %s differs the second time", n, f.Name)
				}
				f.Name = n + "/" + f.Name
				write(t, dir, f)
			}
		}
	}
	tool(t, dir, "vet", "./...")
	if out, err := exec.Command("gofmt", "-l", dir).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("gofmt: %v %s", err, out)
	}
}

// reference holds the emitted core against the interpreter, the emitted codec against a plain encoder.
type reference struct {
	t     *testing.T
	plan  *ir.Plan
	sys   *fsm.System
	code  *fsm.Code
	rng   *rand.Rand
	slots [][]byte // by the interpreter's name of a payload; 0 is none
}

func (x *reference) slot(b []byte) uint32 {
	for i, s := range x.slots {
		if bytes.Equal(s, b) {
			return uint32(i)
		}
	}
	x.slots = append(x.slots, b)
	return uint32(len(x.slots) - 1)
}

// payload makes a valid payload of some values.
func (x *reference) payload(fields []ir.Field) uint32 {
	var values []any
	for _, f := range fields {
		values = append(values, x.value(f.Type))
	}
	b, err := ir.TryEncode(fields, values)
	if err != nil {
		x.t.Fatal(err)
	}
	return x.slot(b)
}

func (x *reference) value(t *ir.Type) any {
	lo, hi := t.Lo, t.Hi
	if !t.Refined {
		lo, hi = 0, 100
	}
	v := []int64{lo, hi}[x.rng.IntN(2)]
	if n := hi - lo + 1; n > 0 && x.rng.IntN(4) > 0 {
		v = lo + x.rng.Int64N(n)
	}
	switch t.Kind {
	case ir.Bool:
		return v%2 == 0
	case ir.Uint:
		return uint64(v)
	case ir.Int:
		return v
	case ir.Float:
		if t.Bits == 32 {
			return float32(v) / 8
		}
		return float64(v) / 8
	case ir.Text:
		return strings.Repeat("x", x.rng.IntN(t.Max+1))
	case ir.Bytes:
		n := t.Max
		if !t.Fixed {
			n = x.rng.IntN(t.Max + 1)
		}
		return bytes.Repeat([]byte{byte(v)}, n)
	case ir.Array, ir.List:
		n := t.Max
		if t.Kind == ir.List {
			n = x.rng.IntN(t.Max + 1)
		}
		out := []any{}
		for range n {
			out = append(out, x.value(t.Elem))
		}
		return out
	case ir.Option:
		if v%2 == 0 {
			return nil
		}
		return x.value(t.Elem)
	case ir.StructType:
		var out []any
		for _, f := range t.Struct.Fields {
			out = append(out, x.value(f.Type))
		}
		return out
	}
	return x.rng.IntN(len(t.Enum.Members))
}

// number is a value of a type, near its ends.
func (x *reference) number(t fsm.Type) uint32 {
	switch t.Kind {
	case fsm.Bool:
		return uint32(x.rng.IntN(2))
	case fsm.Range:
		return t.Lo + x.rng.Uint32N(t.Hi-t.Lo+1)
	case fsm.EnumKind:
		return uint32(x.rng.IntN(len(x.sys.Enum(t.Name).Members)))
	case fsm.Payload:
		return x.rng.Uint32N(uint32(len(x.slots)))
	}
	s := x.sys.Sort(t.Name)
	last := uint32(1<<s.Bits - 1)
	if s.Wrap > 0 {
		last = uint32(s.Wrap - 1)
	}
	if v := uint32(x.rng.IntN(4)); x.rng.IntN(4) > 0 || v > last {
		return min(v, last)
	}
	return last - uint32(x.rng.IntN(2))
}

func (x *reference) state() fsm.State {
	s := make(fsm.State, len(x.code.Layout))
	for i, l := range x.code.Layout {
		switch l.Kind {
		case fsm.VarSlot:
			s[i] = x.number(l.Type)
		case fsm.SoundSlot, fsm.RunningSlot:
			s[i] = uint32(x.rng.IntN(2))
		case fsm.StepSlot:
			s[i] = uint32(x.rng.IntN(3))
		case fsm.FieldSlot:
			if s[x.code.Sound(l.Index)] == 1 {
				s[i] = x.number(l.Type)
			}
		}
	}
	return s
}

// text writes a state as the replay does: every timer has a step.
func (x *reference) text(s fsm.State) string {
	var out []string
	for i, l := range x.code.Layout {
		switch {
		case l.Kind == fsm.VarSlot && l.Type.Kind == fsm.Payload:
			out = append(out, hexText(x.slots[s[i]]))
		default:
			out = append(out, fmt.Sprint(s[i]))
		}
		if l.Kind == fsm.RunningSlot && !x.code.M.Timers[l.Index].Doubles() {
			out = append(out, "0")
		}
	}
	return strings.Join(out, " ")
}

func hexText(b []byte) string {
	if len(b) == 0 {
		return "-"
	}
	return hex.EncodeToString(b)
}

// parse reads a state back.
func (x *reference) parse(text string) fsm.State {
	words := strings.Fields(text)
	s := make(fsm.State, len(x.code.Layout))
	for i, l := range x.code.Layout {
		if len(words) == 0 {
			x.t.Fatalf("the state %q is too short", text)
		}
		if l.Kind == fsm.VarSlot && l.Type.Kind == fsm.Payload {
			var b []byte
			if words[0] != "-" {
				b, _ = hex.DecodeString(words[0])
			}
			s[i] = x.slot(b)
		} else if _, err := fmt.Sscan(words[0], &s[i]); err != nil {
			x.t.Fatalf("the state %q: %v", text, err)
		}
		words = words[1:]
		if l.Kind == fsm.RunningSlot && !x.code.M.Timers[l.Index].Doubles() {
			words = words[1:]
		}
	}
	if len(words) > 0 {
		x.t.Fatalf("the state %q is too long", text)
	}
	return s
}

// datagram encodes a message bit by bit.
func (x *reference) datagram(msg *fsm.Message, values []uint32) []byte {
	fn := ""
	if i := msg.Index("fn"); i >= 0 {
		fn = x.sys.Enum("fn").Members[values[i]]
	}
	for _, w := range x.plan.Wire {
		if w.Message != msg.Name || w.Fn != fn {
			continue
		}
		var text strings.Builder
		for _, f := range w.Fields {
			v := uint32(w.Kind)
			if f.Name != "kind" {
				v = values[msg.Index(f.Name)]
			}
			if f.Bits > 0 {
				fmt.Fprintf(&text, "%0*b", f.Bits, v)
			}
		}
		bits := text.String() + strings.Repeat("0", 8*w.Header-text.Len())
		var d []byte
		for i := 0; i < len(bits); i += 8 {
			var v byte
			fmt.Sscanf(bits[i:i+8], "%b", &v)
			d = append(d, v)
		}
		for i, f := range msg.Fields {
			if f.Type.Kind == fsm.Payload {
				d = append(d, x.slots[values[i]]...)
			}
		}
		return sealed(w, d)
	}
	x.t.Fatalf("no layout of %s %s", msg.Name, fn)
	return nil
}

// unanswerable reports whether a message is an answer that its handler did not give: it is lost.
func (x *reference) unanswerable(msg *fsm.Message, values []uint32) bool {
	p := payloadField(msg)
	if p == nil || x.code.M.Name != "callee" {
		return false
	}
	fn := x.sys.Enum("fn").Members[values[msg.Index("fn")]]
	for _, w := range x.plan.Wire {
		if w.Message == msg.Name && w.Fn == fn {
			return w.Min > w.Header+w.Sum && len(x.slots[values[msg.Index(p.Name)]]) == 0
		}
	}
	return false
}

func sealed(w ir.WireMessage, d []byte) []byte {
	switch w.Sum {
	case 1:
		c := byte(w.Seed)
		for _, b := range d {
			c ^= b
			for range 8 {
				carry := c >> 7
				c = c<<1 ^ carry*7
			}
		}
		return append(d, c)
	case 2:
		c := ir.CRC16(uint16(w.Seed), d)
		return append(d, byte(c>>8), byte(c))
	case 4:
		c := crc32.Update(w.Seed, crc32.IEEETable, d)
		return append(d, byte(c>>24), byte(c>>16), byte(c>>8), byte(c))
	}
	return d
}

// one makes an event: the replay's input line, and the answer that the interpreter gives.
func (x *reference) one() (line string, state fsm.State, actions []string, ok bool) {
	e := x.code.M.Events[x.rng.IntN(len(x.code.M.Events))]
	s := x.state()
	calls := x.plan.Interface.Calls
	var in []uint32
	word, args := "", ""
	start := slices.Clone(s)
	switch e.Kind {
	case fsm.OnCall:
		f := x.rng.IntN(len(calls))
		in = []uint32{uint32(f), x.payload(calls[f].Params)}
		word, args = "call", fmt.Sprintf("%d %s", f, hexText(x.slots[in[1]]))
	case fsm.OnReturn:
		f := x.rng.IntN(len(calls))
		in = []uint32{x.payload(result(calls[f]))}
		word, args = "return", hexText(x.slots[in[0]])
	case fsm.OnTimer:
		word = "timer:" + e.Name
	case fsm.OnRestart:
		word = "restart"
		x.code.Boot(start)
	case fsm.OnMessage:
		msg := x.sys.Message(e.Name)
		f := x.rng.IntN(len(calls))
		for _, field := range msg.Fields {
			switch {
			case field.Name == "fn":
				in = append(in, uint32(f))
			case field.Type.Kind == fsm.Payload && msg.From == "caller":
				in = append(in, x.payload(calls[f].Params))
			case field.Type.Kind == fsm.Payload:
				in = append(in, x.payload(result(calls[f])))
			case field.For != "" && !slices.Contains(x.sys.Set(field.For).Members, calls[f].Name):
				in = append(in, 0)
			default:
				in = append(in, x.number(field.Type))
			}
		}
		word, args = "datagram", hexText(x.datagram(msg, in))
	}
	if e.Kind != fsm.OnTimer && !x.code.Enabled(s, e) {
		return "", nil, nil, false
	}
	world := &fsm.Concrete{
		Entropy: func(bits int) uint32 { return max(1, uint32(uint64(0x5a5a5a5a)&(1<<bits-1))) },
		Hit:     func(int, uint32, uint32) bool { return false },
		Recall:  func(int) uint32 { return 0 },
	}
	res := x.code.Exec(start, e, in, &fsm.Env{Concrete: world})
	if res.Fault != "" {
		return "", nil, nil, false
	}
	for _, f := range res.Effects {
		if f.Kind == fsm.DidSend && x.unanswerable(x.sys.Messages[f.Index], f.Fields) {
			continue
		}
		actions = append(actions, x.action(f))
	}
	if res.Halted {
		actions = append(actions, "halt")
	}
	return fmt.Sprintf("%s %d %s ; %s", word, x.rng.Uint32(), x.text(s), args), res.State, actions, true
}

func result(c *ir.Call) []ir.Field {
	if c.Result == nil {
		return nil
	}
	return []ir.Field{{Name: "answer", Type: c.Result}}
}

func (x *reference) action(f fsm.Effect) string {
	m := x.code.M
	switch f.Kind {
	case fsm.DidSend:
		msg := x.sys.Messages[f.Index]
		return "send " + hexText(x.datagram(msg, f.Fields))
	case fsm.DidPersist:
		out := "persist " + m.Records[f.Index].Name
		for _, field := range m.Records[f.Index].Fields {
			out += fmt.Sprintf(" %d", f.After[x.code.Slot(field.Name)])
		}
		return out
	case fsm.DidInvoke:
		return fmt.Sprintf("invoke %d %s", f.Fn, hexText(x.slots[f.Slot]))
	case fsm.DidComplete:
		return fmt.Sprintf("complete %d %d %s", f.Outcome, f.Fn, hexText(x.slots[f.Slot]))
	case fsm.DidStart:
		return fmt.Sprintf("start %s %d", m.Timers[f.Index].Name, f.Interval)
	case fsm.DidCancel:
		return "cancel " + m.Timers[f.Index].Name
	case fsm.DidNote:
		return fmt.Sprintf("note %s %d", f.Name, f.Fn)
	}
	return "breach " + f.Name
}
