package conform

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sprocketc/codegen"
	"sprocketc/fsm"
	"sprocketc/ir"
)

// Vector is one event in one local state: the line that the harness reads, and the line that it must answer.
type Vector struct{ In, Want string }

// Set is what one peer is held against.
type Set struct {
	Peer    string
	Locals  int // abstract local states
	Vectors []Vector
	Left    int // vectors left out: the machine itself has no meaning for them, as a value would leave its range
	Every   int // of the events in the local states every so many-th is a vector: 1 where all of them are
}

// Of gives the vectors of a peer: those of its closure of local states.
func Of(in codegen.Input) (*Set, error) {
	m := in.Machine()
	if m == nil {
		return nil, fmt.Errorf("the system has no machine for peer %s", in.Peer.Name)
	}
	locals, err := LocalStates(in.System, m)
	if err != nil {
		return nil, err
	}
	return Vectors(in, locals)
}

// Vectors gives for each local state every event that can meet it: calls and datagrams of each function and kind with
// older, equal, newer and absent numbers, timers that run, the end of a handler that runs, a restart; with numbers at
// the base, in the middle and at the top of their widths, layers both ways and payloads of three sizes. On top of that,
// datagrams that the codec must refuse. Where that would be more than mostBytes of text, as of a peer with many lanes of large
// values, every so many-th of the events is taken, in turn through all states and kinds of events.
func Vectors(in codegen.Input, locals []Local) (*Set, error) { return vectors(in, locals, mostBytes) }

const mostBytes = 128 << 20

func vectors(in codegen.Input, locals []Local, most int) (*Set, error) {
	p, err := newPeer(in)
	if err != nil {
		return nil, err
	}
	p.every = 1
	if pilot := 8; len(locals) > pilot {
		for i := range pilot {
			p.local(locals[i*len(locals)/pilot])
		}
		p.every = 1 + p.bytes/pilot*len(locals)/most
		for p.every > 1 && (p.every%2 == 0 || p.every%3 == 0 || p.every%5 == 0) {
			p.every++ // so that it goes through all of what comes in twos, threes and fives
		}
		p.out, p.seen, p.left, p.turn = nil, map[string]bool{}, 0, 0
	}
	for _, l := range locals {
		p.local(l)
	}
	set := &Set{Peer: in.Peer.Name, Locals: len(locals), Every: p.every}
	p.every = 1
	p.damage(locals)
	set.Vectors, set.Left = p.out, p.left
	return set, nil
}

// passes reports whether the next event is left out.
func (p *peer) passes() bool {
	p.events++
	return p.events%p.every != 0
}

type peer struct {
	in       codegen.Input
	sys      *fsm.System
	m        *fsm.Machine
	code     *fsm.Code
	settling *fsm.Code // the same machine, with dead variables zeroed
	bySort   map[string][]int
	sorts    []string
	calls    []*ir.Call
	kinds    []*ir.WireMessage // that it receives
	sent     map[string]*ir.WireMessage

	args, answers [][extents][]byte // by function
	slots         [][]byte          // concrete payloads; 0 is none
	ids           map[string]uint32

	out  []Vector
	seen map[string]bool
	left int
	turn int

	every, events, bytes int // see Set; events so far; bytes of the vectors
}

func newPeer(in codegen.Input) (*peer, error) {
	m := in.Machine()
	if m == nil {
		return nil, fmt.Errorf("the system has no machine for peer %s", in.Peer.Name)
	}
	// A dead variable is zeroed in the proof, but emitted code has no reason to.
	live := *m
	live.Vars = nil
	for _, v := range m.Vars {
		k := *v
		k.While = nil
		live.Vars = append(live.Vars, &k)
	}
	p := &peer{in: in, sys: in.System, m: &live, slots: [][]byte{nil}, ids: map[string]uint32{},
		sent: map[string]*ir.WireMessage{}, seen: map[string]bool{}}
	p.code, p.settling = fsm.Compile(p.sys, p.m), fsm.Compile(p.sys, m)
	p.bySort = numbersOf(p.code)
	for name := range p.bySort {
		if s := p.sys.Sort(name); s == nil || s.Bits < 1 || s.Bits > 32 {
			return nil, fmt.Errorf("sort %s has no width between 1 and 32 bits", name)
		}
		p.sorts = append(p.sorts, name)
	}
	slices.Sort(p.sorts)
	if fn := p.sys.Enum("fn"); fn != nil {
		for _, name := range fn.Members {
			i := slices.IndexFunc(in.Plan.Interface.Calls, func(c *ir.Call) bool { return c.Name == name })
			if i < 0 {
				return nil, fmt.Errorf("the interface has no call %s", name)
			}
			p.calls = append(p.calls, in.Plan.Interface.Calls[i])
		}
	}
	for _, c := range p.calls {
		p.args = append(p.args, samples(c.Params))
		p.answers = append(p.answers, samples(answer(c)))
	}
	return p, p.wire()
}

// answer of a call, as the fields of a payload.
func answer(c *ir.Call) []ir.Field {
	if c.Result == nil {
		return nil
	}
	return []ir.Field{{Name: "answer", Type: c.Result}}
}

// wire sorts the layouts by direction.
func (p *peer) wire() error {
	for i := range p.in.Plan.Wire {
		w := &p.in.Plan.Wire[i]
		msg := p.sys.Message(w.Message)
		if msg == nil || len(w.Fields) == 0 {
			return fmt.Errorf("the wire has a message %s that the machines lack", w.Message)
		}
		for _, f := range w.Fields[1:] {
			if msg.Index(f.Name) < 0 {
				return fmt.Errorf("the message %s has no field %s", w.Message, f.Name)
			}
		}
		if msg.From == p.m.Name {
			p.sent[w.Message+" "+w.Fn] = w
		} else {
			p.kinds = append(p.kinds, w)
		}
	}
	return nil
}

func (p *peer) intern(b []byte) uint32 {
	if len(b) == 0 {
		return 0
	}
	id, ok := p.ids[string(b)]
	if !ok {
		id = uint32(len(p.slots))
		p.ids[string(b)] = id
		p.slots = append(p.slots, b)
	}
	return id
}

// fn is the index of a layout's function.
func (p *peer) fn(w *ir.WireMessage) uint32 {
	return uint32(max(0, slices.IndexFunc(p.calls, func(c *ir.Call) bool { return c.Name == w.Fn })))
}

// local makes the vectors of one local state.
func (p *peer) local(l Local) {
	for k, at := range placements(p.sorts) {
		s, ok := p.numbers(l.State, at)
		if !ok {
			continue
		}
		states := p.layers(s)
		if k > 0 {
			p.turn++
			states = states[p.turn%len(states):][:1]
		}
		for _, s := range states {
			p.turn++
			s = slices.Clone(s)
			p.payloads(s, p.turn)
			p.meet(l, s, k == 0)
		}
	}
}

// meet makes the vectors of one concrete state; thorough ones have more combinations of a message's fields.
func (p *peer) meet(l Local, s fsm.State, thorough bool) {
	p.restart(s)
	if l.Down {
		return
	}
	for _, e := range p.m.Events {
		switch e.Kind {
		case fsm.OnCall:
			for fn := range p.calls {
				for _, x := range p.extents(thorough) {
					if args := p.args[fn][x]; p.code.Enabled(s, e) && !p.passes() {
						p.exec(s, e, "call", []uint32{uint32(fn), p.intern(args)}, fmt.Sprintf("%d %s", fn, hexOf(args)))
					}
				}
			}
		case fsm.OnReturn:
			if l.Handler >= 0 {
				for _, x := range p.extents(thorough) {
					if p.passes() {
						continue
					}
					ans := p.answers[l.Handler][x]
					p.exec(s, e, "return", []uint32{p.intern(ans)}, hexOf(ans))
				}
			}
		}
	}
	for _, t := range p.m.Timers {
		i := p.code.Running(t.Name)
		if s[i] == 0 || p.passes() {
			continue
		}
		if e := p.m.Event(fsm.OnTimer, t.Name); e == nil { // stages only ask whether it runs
			after := slices.Clone(s)
			after[i] = 0
			p.add(s, "timer:"+t.Name, "", after)
		} else if p.code.Enabled(s, e) {
			p.exec(s, e, "timer:"+t.Name, nil, "")
		}
	}
	for _, w := range p.kinds {
		for k, fields := range p.deliveries(s, w, thorough) {
			p.datagram(s, encode(w, p.sys.Message(w.Message), fields, p.payload(w, extent((p.turn+k)%int(extents)))))
		}
	}
}

// extents of payloads: all, or the next in turn.
func (p *peer) extents(all bool) []extent {
	if all {
		return []extent{middle, least, most}
	}
	p.turn++
	return []extent{extent(p.turn % int(extents))}
}

// payload of a message of a kind that is received.
func (p *peer) payload(w *ir.WireMessage, e extent) []byte {
	if len(w.Payload) == 0 {
		return nil
	}
	if p.in.Caller() {
		return p.answers[p.fn(w)][e]
	}
	return p.args[p.fn(w)][e]
}

// deliveries lists values of a message's fields: as if it belonged to the state, and then with one field older, newer,
// absent or far away; where thorough, with two.
func (p *peer) deliveries(s fsm.State, w *ir.WireMessage, thorough bool) [][]uint32 {
	msg := p.sys.Message(w.Message)
	own := make([]uint32, len(msg.Fields))
	if i := msg.Index("fn"); i >= 0 {
		own[i] = p.fn(w)
	}
	var at []int
	var others [][]uint32
	for _, f := range w.Fields[1:] {
		i := msg.Index(f.Name)
		vs := p.fieldValues(s, msg.Fields[i].Type)
		own[i] = vs[0]
		at, others = append(at, i), append(others, vs[1:])
	}
	out := [][]uint32{own}
	for a := range at {
		for _, v := range others[a] {
			one := slices.Clone(own)
			one[at[a]] = v
			out = append(out, one)
			if !thorough {
				continue
			}
			for b := a + 1; b < len(at); b++ {
				for _, v := range others[b] {
					two := slices.Clone(one)
					two[at[b]] = v
					out = append(out, two)
				}
			}
		}
	}
	return out
}

// fieldValues are what a field of a message is tried with; the first is what the state itself holds.
func (p *peer) fieldValues(s fsm.State, t fsm.Type) []uint32 {
	if t.Kind != fsm.Number && t.Kind != fsm.Token {
		return small(p.sys, t)
	}
	hi := uint32(1)
	if sort := p.sys.Sort(t.Name); sort != nil {
		hi = uint32(largestOf(sort))
	}
	var out []uint32
	add := func(v uint32) {
		if v <= hi && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	for _, i := range p.bySort[t.Name] {
		add(s[i])
	}
	own := len(out)
	for _, v := range out[:own] {
		add(v - 1) // none has nothing below it: far too large, and left out
		add(v + 1)
	}
	add(0)
	add(hi)
	return out
}

// datagram makes the vector of a datagram's arrival, sound or not.
func (p *peer) datagram(s fsm.State, b []byte) {
	if p.passes() {
		return
	}
	w, fields, payload, reason := decode(p.sys, p.kinds, b)
	if reason != "" {
		p.add(s, "datagram", hexOf(b), s, "dropped "+reason)
		return
	}
	msg := p.sys.Message(w.Message)
	e := p.m.Event(fsm.OnMessage, msg.Name)
	if e == nil || !p.code.Enabled(s, e) {
		p.add(s, "datagram", hexOf(b), s)
		return
	}
	for i, f := range msg.Fields {
		switch {
		case f.Name == "fn":
			fields[i] = p.fn(w)
		case f.Type.Kind == fsm.Payload:
			fields[i] = p.intern(payload)
		}
	}
	p.exec(s, e, "datagram", fields, hexOf(b))
}

// restart makes the vector of a start with the records of a state.
func (p *peer) restart(s fsm.State) {
	if p.passes() {
		return
	}
	down := slices.Clone(s)
	p.code.Boot(down)
	if e := p.m.Event(fsm.OnRestart, "restart"); e != nil {
		p.run(s, down, e, "restart", nil, "")
		return
	}
	p.add(s, "restart", "", down)
}

func (p *peer) exec(s fsm.State, e *fsm.Event, event string, in []uint32, args string) {
	p.run(s, s, e, event, in, args)
}

// run makes a vector of what the interpreter makes of an event in the state from; shown is the state of the line.
func (p *peer) run(shown, from fsm.State, e *fsm.Event, event string, in []uint32, args string) {
	env := fsm.Env{Concrete: &fsm.Concrete{
		Entropy: Entropy,
		Hit:     func(int, uint32, uint32) bool { return false }, // every line begins with nothing remembered
		Recall:  func(int) uint32 { return 0 },
	}}
	r := p.code.Exec(from, e, in, &env)
	if r.Fault != "" {
		p.left++
		return
	}
	var actions []string
	for _, f := range r.Effects {
		actions = append(actions, p.action(f))
	}
	if r.Halted {
		actions = append(actions, "halt")
	}
	p.add(shown, event, args, r.State, actions...)
}

// Entropy is what the harness's source of randomness gives: 0x5a5a5a5a in so many bits, and never 0.
func Entropy(bits int) uint32 {
	v := uint32(0x5a5a5a5a)
	if bits < 32 {
		v &= 1<<bits - 1
	}
	return max(v, 1)
}

func (p *peer) action(f fsm.Effect) string {
	switch f.Kind {
	case fsm.DidSend:
		return "send " + hexOf(p.encoded(f))
	case fsm.DidPersist:
		text := "persist "
		if f.Commit {
			text = "commit "
		}
		text += p.m.Records[f.Index].Name
		for i, x := range p.m.Records[f.Index].Fields {
			v := f.After[p.code.Sound(f.Index)+1+i]
			if x.Type.Kind == fsm.Payload {
				text += " " + hexOf(p.slots[v])
			} else {
				text += fmt.Sprintf(" %d", v)
			}
		}
		return text
	case fsm.DidInvoke:
		return fmt.Sprintf("invoke %d %s", f.Fn, hexOf(p.slots[f.Slot]))
	case fsm.DidComplete:
		if p.m.Lanes() {
			return fmt.Sprintf("complete %d %d %s %s", f.Outcome, f.Fn, hexOf(p.slots[f.Slot]), hexOf(p.slots[f.Args]))
		}
		return fmt.Sprintf("complete %d %d %s", f.Outcome, f.Fn, hexOf(p.slots[f.Slot]))
	case fsm.DidReport:
		return fmt.Sprintf("report %d %d %s %s", f.Outcome, f.Fn, hexOf(p.slots[f.Slot]), hexOf(p.slots[f.Args]))
	case fsm.DidStart:
		return fmt.Sprintf("start %s %d", p.m.Timers[f.Index].Name, f.Interval)
	case fsm.DidCancel:
		return "cancel " + p.m.Timers[f.Index].Name
	case fsm.DidNote:
		return fmt.Sprintf("note %s %d", f.Name, f.Fn)
	}
	return "breach " + f.Name
}

// encoded is the datagram of a send.
func (p *peer) encoded(f fsm.Effect) []byte {
	msg := p.sys.Messages[f.Index]
	fn := ""
	if i := msg.Index("fn"); i >= 0 && int(f.Fields[i]) < len(p.calls) {
		fn = p.calls[f.Fields[i]].Name
	}
	w := p.sent[msg.Name+" "+fn]
	if w == nil {
		return nil
	}
	var payload []byte
	for i, x := range msg.Fields {
		if x.Type.Kind == fsm.Payload {
			payload = p.slots[f.Fields[i]]
		}
	}
	return encode(w, msg, f.Fields, payload)
}

// add appends a vector, unless the same line is there.
func (p *peer) add(s fsm.State, event, args string, after fsm.State, actions ...string) {
	now := uint32(1000)
	if len(p.out)%2 == 1 {
		now = 0xffffffc0 // the clock wraps soon
	}
	line := p.state(s) + " ;"
	if args != "" {
		line += " " + args
	}
	if p.seen[event+line] {
		return
	}
	p.seen[event+line] = true
	want := p.state(after)
	for _, a := range actions {
		want += " ; " + a
	}
	v := Vector{event + " " + strconv.FormatUint(uint64(now), 10) + " " + line, want}
	p.bytes += 2*len(v.In) + len(v.Want)
	p.out = append(p.out, v)
}

// state in text: variables, then for each record whether it is readable and its fields, then for each timer whether it
// runs and how often it has doubled.
func (p *peer) state(s fsm.State) string {
	var words []string
	for i, x := range p.code.Layout {
		if x.Kind <= fsm.FieldSlot && x.Kind != fsm.SoundSlot && x.Type.Kind == fsm.Payload {
			words = append(words, hexOf(p.slots[s[i]]))
			continue
		}
		words = append(words, strconv.FormatUint(uint64(s[i]), 10))
		if x.Kind == fsm.RunningSlot && !p.m.Timers[x.Index].Doubles() {
			words = append(words, "0")
		}
	}
	return strings.Join(words, " ")
}

func hexOf(b []byte) string {
	if len(b) == 0 {
		return "-"
	}
	return hex.EncodeToString(b)
}
