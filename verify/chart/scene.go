package chart

import (
	"fmt"
	"slices"
	"strings"

	"sprocketc/diag/sequence"
	"sprocketc/fsm"
	"sprocketc/verify"
)

// Chart says how a run is drawn.
type Chart struct {
	Names   map[string]string // a peer's name by machine; a machine without one goes by its own
	Program string            // heading of the calling program's column; "" for "program"
	Handler string            // heading of the handler's column; "" for "handler"
	ASCII   bool              // of Text: without characters beyond ASCII
	Values  bool              // of Text: with the values that each step changed, as SVG has them always
	Why     string            // what went wrong, in words, for headings
}

// What is said of steps.
const (
	doomed  = "from here on there is no way back"
	repeats = "repeats for ever"
	stays   = "and so it stays for ever"
)

type kind = sequence.Kind

// What rows show, as package sequence has it.
const (
	calls   = sequence.Calls
	ends    = sequence.Ends
	arrives = sequence.Arrives
	lost    = sequence.Lost
	starts  = sequence.Starts
	returns = sequence.Returns
	fires   = sequence.Fires
	happens = sequence.Happens
	writes  = sequence.Writes
	crashes = sequence.Crashes
	nothing = sequence.Nothing
)

// row is one thing that is to be seen in a run.
type row struct {
	kind     kind
	step     int // from 1
	at       int // the machine; of a datagram its receiver
	from     int // of a datagram: its sender
	label    string
	note     string // of a datagram: what befell it
	sent     int    // of a datagram that arrives: the step in which it was sent; 0 where that is not known
	again    bool   // of a datagram that arrives: it came before
	altered  bool
	repeated bool // of a handler that starts: it ran for the same call before
}

// change is a value that a step changed.
type change struct{ machine, name, value string }

// scene is a run as it is drawn.
type scene struct {
	Chart
	run            *verify.Run
	sys            *fsm.System
	names          []string // by machine
	caller, callee int      // machines; -1
	rows           []row
	changes        [][]change // by step

	sentIn  map[int]int // datagram to the step from 0 in which it was sent
	sentAs  map[int]verify.Sent
	arrives map[int]bool
	started int // how often the marked call's handler has
}

func (c Chart) scene(run *verify.Run) *scene {
	c.Program, c.Handler = cmpOr(c.Program, "program"), cmpOr(c.Handler, "handler")
	s := &scene{Chart: c, run: run, sys: run.Sys, names: c.peers(run), caller: -1, callee: -1,
		sentIn: map[int]int{}, sentAs: map[int]verify.Sent{}, arrives: map[int]bool{}}
	for i, m := range s.sys.Machines {
		if m.Event(fsm.OnCall, "call") != nil {
			s.caller = i
		}
		m.Stages(func(x *fsm.Stage) {
			if _, ok := x.Stmt.(*fsm.Invoke); ok {
				s.callee = i
			}
		})
	}
	for i, x := range run.Steps {
		for j, n := range run.Sent[i] {
			s.sentIn[n], s.sentAs[n] = i, x.Sent[j]
		}
		if x.Kind == verify.Delivers {
			s.arrives[run.Taken[i]] = true
		}
	}
	for i := range run.Steps {
		n := len(s.rows)
		s.step(i)
		if len(s.rows) == n {
			s.add(i, row{kind: nothing})
		}
		s.changes = append(s.changes, s.changed(i))
	}
	return s
}

// peers are the machines' names.
func (c Chart) peers(run *verify.Run) []string {
	var out []string
	for _, m := range run.Sys.Machines {
		out = append(out, cmpOr(c.Names[m.Name], m.Name))
	}
	return out
}

func cmpOr(s, otherwise string) string {
	if s != "" {
		return s
	}
	return otherwise
}

func (s *scene) add(i int, r row) {
	r.step = i + 1
	s.rows = append(s.rows, r)
}

func (s *scene) step(i int) {
	x := s.run.Steps[i]
	at := x.Machine
	switch x.Kind {
	case verify.ProgramCalls:
		s.add(i, row{kind: calls, at: at, label: applied(called(s.sys, x), nil)})
	case verify.HandlerReturns:
		s.add(i, row{kind: returns, at: at, label: "returns"})
	case verify.Delivers:
		s.delivery(i)
	case verify.TimerFires:
		s.add(i, row{kind: fires, at: at, label: x.Event.Name})
	case verify.FreeEvent:
		s.add(i, row{kind: happens, at: at, label: freeText(s.sys, x)})
	case verify.Replaces:
		s.add(i, row{kind: crashes, at: at, label: "is replaced by a blank one"})
	case verify.Loses:
		from, to := endpoints(s.sys, x.Channel)
		s.add(i, row{kind: lost, from: from, at: to, label: messageText(s.sys, x.Msg), note: join("lost", s.since(i)), sent: s.sentBefore(i)})
	}
	for _, f := range x.Effects {
		s.effect(i, f)
	}
	if x.Kind == verify.Crashes || x.After >= 0 {
		text := "crashes"
		if x.Torn {
			text += ", the write is torn"
		}
		if x.Deep > 0 {
			text += ", again in its start"
		}
		s.add(i, row{kind: crashes, at: at, label: text + "; starts again"})
	}
	if i+1 < len(s.run.Steps) || s.run.Loop >= 0 {
		for j, n := range s.run.Sent[i] {
			if !s.arrives[n] && !slices.Contains(s.run.Taken[i:], n) && !slices.Contains(s.run.Carried, n) { // else it is lost in a step of its own
				from, to := endpoints(s.sys, x.Sent[j].Channel)
				s.add(i, row{kind: lost, from: from, at: to, label: s.label(n), note: "lost"})
			}
		}
	}
}

// endpoints are the machines at the ends of a channel.
func endpoints(sys *fsm.System, channel int) (from, to int) {
	c := sys.Channels[channel]
	for i, m := range sys.Machines {
		if m.Name == c.From {
			from = i
		}
		if m.Name == c.To {
			to = i
		}
	}
	return
}

// label of a datagram; again where an equal one was sent before it.
func (s *scene) label(number int) string {
	x := s.sentAs[number]
	t := messageText(s.sys, x.Msg)
	for n := range number {
		if o, ok := s.sentAs[n]; ok && o.Channel == x.Channel && o.Msg.Plain() == x.Msg.Plain() {
			return t + " again"
		}
	}
	return t
}

// since tells when the datagram of a step was sent, where that is not the step before.
func (s *scene) since(i int) string {
	if k, ok := s.sentIn[s.run.Taken[i]]; ok && k != i-1 {
		return fmt.Sprintf("sent in step %d", k+1)
	}
	return ""
}

// sentBefore is the step from 1 in which the datagram of a step was sent; 0 where that is not known.
func (s *scene) sentBefore(i int) int {
	if k, ok := s.sentIn[s.run.Taken[i]]; ok {
		return k + 1
	}
	return 0
}

func join(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(t string) bool { return t == "" }), ", ")
}

func (s *scene) delivery(i int) {
	x := s.run.Steps[i]
	from, to := endpoints(s.sys, x.Channel)
	r := row{kind: arrives, from: from, at: to, label: messageText(s.sys, x.Msg), again: x.Again, altered: x.Altered, sent: s.sentBefore(i)}
	if r.sent > 0 && !x.Altered {
		r.label = s.label(s.run.Taken[i])
	}
	switch {
	case x.Altered:
		r.note = join("altered", s.since(i))
	case x.Again:
		r.note = join("repeated", s.since(i))
	default:
		r.note = s.since(i)
	}
	s.add(i, r)
}

func (s *scene) effect(i int, f fsm.Effect) {
	at := s.run.Steps[i].Machine
	switch f.Kind {
	case fsm.DidPersist:
		s.add(i, row{kind: writes, at: at, label: written(s.sys, at, f)})
	case fsm.DidInvoke:
		runs := "runs"
		if f.Slot == verify.Marked {
			if s.started++; s.started == 2 {
				runs = "runs a second time"
			} else if s.started > 2 {
				runs = "runs once more"
			}
		}
		s.add(i, row{kind: starts, at: at, label: applied(function(s.sys, f.Fn), nil), note: runs, repeated: runs != "runs"})
	case fsm.DidComplete:
		s.add(i, row{kind: ends, at: at, label: outcomeText(f.Outcome)})
	case fsm.DidReport:
		s.add(i, row{kind: ends, at: at, label: outcomeText(f.Outcome), note: "reported late"})
	}
}

// changed lists the values that a step changed, in the order in which the machines declare them.
func (s *scene) changed(i int) []change {
	var out []change
	for k := range s.sys.Machines {
		for _, v := range differences(s.run, i, k) {
			out = append(out, change{s.names[k], v.name, v.text})
		}
	}
	return out
}
