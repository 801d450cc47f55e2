package verify

import (
	"fmt"
	"slices"
	"strings"

	"sprocketc/fsm"
)

// What steps owe and pay, as classes of a fair graph.

const (
	paidByEvent = iota
	paidByArrival
	paidByKind
	paidByAnswer
	paidBySend // and owed by an arrival: what is not sent for ever does not arrive for ever
)

// classKey of a class: a timer or the return by machine and event; a datagram by channel and value, or, where it must
// arrive, also by its kind alone; an answer to what a machine asks of pieces by machine, event and datagram.
type classKey struct {
	kind, at uint8
	event    *fsm.Event
	msg      Msg
	answers  string // to what is asked of pieces
}

// mayRefuse reports whether a machine may be unable to take a message for as long as it likes: its event has a condition,
// or may have to wait for room.
func (p *pursuit) mayRefuse(machine int, message string) bool {
	e := p.m.Sys.Machines[machine].Event(fsm.OnMessage, message)
	if e == nil {
		return false
	}
	out := p.m.out[machine]
	return e.When != nil || out >= 0 && (!p.m.Sys.Channels[out].Loses || p.m.Sys.Channels[out].Waits)
}

// heeded leaves out of what was sent what its receiver ignores for ever: it can always arrive.
func (p *pursuit) heeded(world uint32, ids []uint32, sent []Sent) []Sent {
	return slices.DeleteFunc(slices.Clone(sent), func(s Sent) bool { return p.air.ignored(p.list[world], ids, s) })
}

// arrivals are the classes that an arrival pays: on a channel that loses, what was sent for ever arrives for ever; on
// one that does not, what is in flight arrives for the first time. And the one that it makes owed where the channel
// repeats: what arrives for ever was sent for ever.
func (p *pursuit) arrivals(ch int, a flight) (pays, owes []uint32) {
	if !p.air.forced(ch) {
		pays = []uint32{p.sentClass(ch, a.msg)}
	} else if !a.again {
		pays = []uint32{p.class(classKey{kind: paidByArrival, at: uint8(ch), msg: a.msg}, fairClass{ready: true, sorts: p.sorts(a.msg)}),
			p.class(classKey{kind: paidByKind, at: uint8(ch), msg: Msg{a.msg[0]}}, fairClass{ready: true})}
	}
	if p.m.Sys.Channels[ch].Repeats || !p.air.forced(ch) {
		owes = []uint32{p.repeatClass(ch, a.msg)}
	}
	return
}

func (p *pursuit) sentClass(ch int, x Msg) uint32 {
	return p.class(classKey{kind: paidByArrival, at: uint8(ch), msg: x}, fairClass{sent: true, ready: p.guarded[x[0]], sorts: p.sorts(x)})
}

func (p *pursuit) repeatClass(ch int, x Msg) uint32 {
	return p.class(classKey{kind: paidBySend, at: uint8(ch), msg: x}, fairClass{sent: true, finite: true, sorts: p.sorts(x)})
}

// sorts of the numbers that a datagram carries.
func (p *pursuit) sorts(x Msg) (bits uint64) {
	for _, at := range p.num.field[x[0]] {
		if x[at.at] != 0 {
			bits |= 1 << min(at.sort, 63)
		}
	}
	return
}

func (p *pursuit) class(k classKey, c fairClass) uint32 {
	i, ok := p.classes[k]
	if !ok {
		i = uint32(len(p.g.classes))
		p.classes[k] = i
		p.g.classes = append(p.g.classes, c)
	}
	return i
}

// label interns what an edge pays, makes owed, sends and renews.
func (p *pursuit) label(pays, owes []uint32, sent []Sent, renews uint64) uint32 {
	pays, sends := slices.Clone(pays), slices.Clone(owes)
	for _, s := range sent {
		if !p.air.forced(s.Channel) {
			sends = append(sends, p.sentClass(s.Channel, s.Msg))
		}
		if p.m.Sys.Channels[s.Channel].Repeats || !p.air.forced(s.Channel) {
			pays = append(pays, p.repeatClass(s.Channel, s.Msg))
		}
	}
	key := fmt.Sprint(pays, sends, renews)
	i, ok := p.labels[key]
	if !ok {
		i = uint32(len(p.g.labels))
		p.labels[key] = i
		p.g.labels = append(p.g.labels, fairLabel{pays, sends, renews})
	}
	return i
}

func (p *pursuit) readySet(classes []uint32) uint32 {
	b := strings.Builder{}
	for _, k := range classes {
		b.WriteByte(byte(k))
		b.WriteByte(byte(k >> 8))
		b.WriteByte(byte(k >> 16))
	}
	i, ok := p.readies[b.String()]
	if !ok {
		i = uint32(len(p.g.readies))
		p.readies[b.String()] = i
		p.g.readies = append(p.g.readies, slices.Clone(classes))
	}
	return i
}

// answered are the classes of what a step was told of pieces: nothing is known of them, but that they do not stay as they are
// for ever. So what is asked again and again is answered each way again and again.
func (p *pursuit) answered(w World, s *Step, x Msg) []uint32 {
	c := p.m.Code[s.Machine]
	if len(s.Choices) == 0 || s.Event == nil || !c.M.Uses("either") {
		return nil
	}
	var told []byte
	n := 0
	c.Exec(w.L[s.Machine], s.Event, s.In, &fsm.Env{Choices: s.Choices, Fresh: freshValue, Ask: func(about string) {
		if about == "either" {
			told = append(told, fmt.Sprint(s.Choices[n])[0])
		}
		n++
	}})
	if told == nil {
		return nil
	}
	return []uint32{p.class(classKey{kind: paidByAnswer, at: uint8(s.Machine), event: s.Event, msg: x, answers: string(told)}, fairClass{ready: true, sorts: p.sorts(x)})}
}
