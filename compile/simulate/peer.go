package simulate

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"sprocketc/conform"
	"sprocketc/fsm"
	"sprocketc/ir"
)

// never is later than everything.
const never = time.Duration(1<<63 - 1)

// peer is a machine that runs.
type peer struct {
	*world
	name   string
	code   *fsm.Code
	state  fsm.State
	timers []time.Duration // when each fires; never
	up     time.Duration   // when it starts again; 0: it is up
	halted bool
	memo   []kept
	asked  time.Duration
	found  uint32 // slot of the answer that was recalled last
	kinds  []*ir.WireMessage
	lane   *lane // that it sends into
	crash  int   // so far
}

// kept is a remembered answer.
type kept struct {
	memo     int
	fn, args uint32
	answer   uint32
	at       time.Duration
}

func newPeer(w *world, name, machine string) *peer {
	p := &peer{world: w, name: name, code: fsm.Compile(w.sys, w.sys.Machine(machine))}
	p.state = p.code.Blank()
	p.timers = make([]time.Duration, len(p.code.M.Timers))
	p.still()
	for i := range w.plan.Wire {
		if m := w.sys.Message(w.plan.Wire[i].Message); m != nil && m.From != machine {
			p.kinds = append(p.kinds, &w.plan.Wire[i])
		}
	}
	return p
}

func (p *peer) still() {
	for i := range p.timers {
		p.timers[i] = never
	}
}

func (p *peer) running() bool { return p.up == 0 && !p.halted }

// env is the world as the machine sees it.
func (p *peer) env() *fsm.Env {
	return &fsm.Env{Concrete: &fsm.Concrete{
		Entropy: func(bits int) uint32 {
			return uint32(1 + p.rng.Uint64N(uint64(1)<<max(bits, 1)-1))
		},
		Hit: func(memo int, fn, args uint32) bool {
			p.memo = slices.DeleteFunc(p.memo, func(k kept) bool { return p.now-k.at > p.age(k.memo, k.fn) })
			for _, k := range p.memo {
				if k.memo == memo && k.fn == fn && bytes.Equal(p.slots[k.args].bytes, p.slots[args].bytes) {
					p.found = k.answer
					return true
				}
			}
			return false
		},
		Recall: func(int) uint32 { return p.found },
		Memo:   p.remember,
	}}
}

func (p *peer) age(memo int, fn uint32) time.Duration {
	return time.Duration(p.code.M.Memos[memo].Entries[fn].Age) * time.Millisecond
}

func (p *peer) remember(memo int, op string, fn, args, answer uint32) {
	switch op {
	case "ask":
		p.asked = p.now
	case "forget":
		p.memo = slices.DeleteFunc(p.memo, func(k kept) bool { return k.memo == memo })
	case "remember":
		p.memo = slices.DeleteFunc(p.memo, func(k kept) bool {
			return k.memo == memo && k.fn == fn && bytes.Equal(p.slots[k.args].bytes, p.slots[args].bytes)
		})
		n := 0
		for _, k := range p.memo {
			if k.memo == memo && k.fn == fn {
				n++
			}
		}
		most := int(p.code.M.Memos[memo].Entries[fn].N)
		for i := 0; n >= most && i < len(p.memo); {
			if p.memo[i].memo == memo && p.memo[i].fn == fn {
				p.memo = slices.Delete(p.memo, i, i+1)
				n--
				continue
			}
			i++
		}
		if most > 0 {
			p.memo = append(p.memo, kept{memo, fn, args, answer, p.asked})
		}
	}
}

// on finds an event that has no name; nil where the machine has none.
func (p *peer) on(k fsm.EventKind) *fsm.Event {
	for _, e := range p.code.M.Events {
		if e.Kind == k {
			return e
		}
	}
	return nil
}

// event runs an event of the machine, and lets it crash on the way.
func (p *peer) event(e *fsm.Event, in []uint32) error {
	if e == nil {
		return nil
	}
	r := p.code.Exec(p.state, e, in, p.env())
	if r.Fault != "" {
		return fmt.Errorf("at %v: %s", p.now, r.Fault)
	}
	p.state = r.State
	for _, f := range r.Effects {
		if err := p.effect(f); err != nil {
			return err
		}
		if f.After != nil && p.dies() {
			p.state = f.After
			if f.Kind == fsm.DidPersist && !f.Commit && p.rng.IntN(2) == 0 { // what is committed was told already
				p.tear(f)
			}
			p.fall()
			return nil
		}
	}
	if r.Halted {
		p.halted = true
		p.tell(Step{Actor: p.name, Kind: Noted, Text: "stops for good: its numbers have run out"})
	}
	if p.dies() {
		p.fall()
	}
	return nil
}

func (p *peer) dies() bool {
	return p.code.M.Crashes && p.config.Crash > 0 && p.rng.Float64() < p.config.Crash
}

// tear lets a crash come within a write: a record of one slot is unreadable, one of two slots is what it was.
func (p *peer) tear(f fsm.Effect) {
	if p.code.M.Records[f.Index].Slots == 1 {
		p.code.Tear(p.state, f.Index)
		return
	}
	copy(p.state[p.code.Sound(f.Index):], f.Old)
}

// fall is a crash; the peer starts again a little later.
func (p *peer) fall() {
	p.crash++
	p.code.Boot(p.state)
	p.still()
	p.memo = nil
	p.up = p.now + time.Duration(20+p.rng.IntN(200))*time.Millisecond
	p.tell(Step{Actor: p.name, Kind: Noted, Text: "crashes"})
	p.fell(p)
}

func (p *peer) restart() error {
	p.up = 0
	p.tell(Step{Actor: p.name, Kind: Noted, Text: "starts"})
	return p.event(p.on(fsm.OnRestart), nil)
}

// fire lets the timer fire that is due.
func (p *peer) fire(i int) error {
	p.timers[i] = never
	t := p.code.M.Timers[i]
	e := p.code.M.Event(fsm.OnTimer, t.Name)
	if e == nil { // stages only ask whether it runs
		p.state[p.code.Running(t.Name)] = 0
		return nil
	}
	if !t.Layer {
		p.tell(Step{Actor: p.name, Kind: Noted, Text: "timer " + t.Name})
	}
	return p.event(e, nil)
}

func (p *peer) effect(f fsm.Effect) error {
	switch f.Kind {
	case fsm.DidSend:
		return p.send(f)
	case fsm.DidStart:
		p.timers[f.Index] = p.now + time.Duration(f.Interval)*time.Millisecond
	case fsm.DidCancel:
		p.timers[f.Index] = never
	case fsm.DidPersist:
		verb := "writes "
		if f.Commit {
			verb = "commits "
			p.committed()
		}
		p.tell(Step{Actor: p.name, Kind: Noted, Text: verb + p.code.M.Records[f.Index].Name})
	case fsm.DidReport:
		p.tell(Step{Actor: p.name, Kind: Noted, Text: p.calls[f.Fn].Name + " is reported late: answered"})
	case fsm.DidInvoke:
		p.invoked(f)
	case fsm.DidComplete:
		p.completed(f)
	case fsm.DidBreach:
		p.sum.Breaches++
		p.tell(Step{Actor: p.name, Kind: Noted, Text: "breach of " + f.Name})
	}
	return nil
}

// send puts a datagram into the lane.
func (p *peer) send(f fsm.Effect) error {
	msg := p.sys.Messages[f.Index]
	fn, slot := "", uint32(0)
	for i, x := range msg.Fields {
		switch {
		case x.Name == "fn":
			fn = p.calls[f.Fields[i]].Name
		case x.Type.Kind == fsm.Payload:
			slot = f.Fields[i]
		}
	}
	for i := range p.plan.Wire {
		if w := &p.plan.Wire[i]; w.Message == msg.Name && w.Fn == fn {
			p.lane.send(p, w, conform.Encode(w, msg, f.Fields, p.slots[slot].bytes), slot)
			return nil
		}
	}
	return fmt.Errorf("%s %s has no layout", msg.Name, fn)
}

// receive hands a datagram to the machine.
func (p *peer) receive(d arrival) error {
	if !p.running() {
		p.tell(Step{Actor: p.name, Kind: Dropped, Text: d.name(), Number: d.number})
		return nil
	}
	w, fields, payload, reason := conform.Decode(p.sys, p.kinds, d.bytes)
	if reason != "" {
		p.sum.Dropped++
		p.tell(Step{Actor: p.name, Kind: Dropped, Text: d.name() + " (" + reason + ")", Number: d.number})
		return nil
	}
	if d.altered {
		p.sum.Unseen++
	}
	msg := p.sys.Message(w.Message)
	for i, x := range msg.Fields {
		switch {
		case x.Name == "fn":
			fields[i] = uint32(slices.IndexFunc(p.calls, func(c *ir.Call) bool { return c.Name == w.Fn }))
		case x.Type.Kind == fsm.Payload:
			fields[i] = d.slot
			if d.altered {
				fields[i] = p.slot(payload, none)
			}
		}
	}
	p.tell(Step{Actor: p.name, Kind: Arrived, Text: d.name(), Number: d.number})
	return p.event(p.code.M.Event(fsm.OnMessage, msg.Name), fields)
}
