package compile

import (
	"fmt"
	"strings"

	"sprocketc/fsm"
	"sprocketc/verify"
)

// RunStep is a step of a run, for programs.
type RunStep struct {
	Step    int                       `json:"step"` // from 1
	Actor   string                    `json:"actor"`
	Event   string                    `json:"event"`
	Message string                    `json:"message"` // the datagram that is delivered or lost; "" for other events
	State   map[string]map[string]any `json:"state"`   // by machine: what its variables hold after the step
	Sends   []string                  `json:"sends"`   // datagrams
}

// teller puts a run into words.
type teller struct {
	m     *verify.Model
	peers map[string]string // machine to peer
}

func newTeller(r *Result) *teller {
	m, err := verify.NewModel(r.System)
	if err != nil {
		return nil // then there is no run either
	}
	t := &teller{m: m, peers: map[string]string{}}
	for _, x := range m.Sys.Machines {
		t.peers[x.Name] = x.Name
	}
	if r.Plan != nil {
		t.peers["caller"], t.peers["callee"] = r.Plan.Interface.From.Name, r.Plan.Interface.To.Name
	}
	return t
}

func (t *teller) run(run *verify.Run) []RunStep {
	out := []RunStep{}
	for i, s := range run.Steps {
		x := RunStep{Step: i + 1, Actor: t.actor(&s), Event: t.event(&s), State: map[string]map[string]any{}, Sends: []string{}}
		if s.Kind == verify.Delivers || s.Kind == verify.Loses {
			x.Message = t.message(s.Msg)
			if i < len(run.Taken) && run.Taken[i] > 0 {
				x.Message += fmt.Sprintf(" #%d", run.Taken[i])
			}
		}
		for k, d := range s.Sent {
			text := t.message(d.Msg)
			if i < len(run.Sent) && k < len(run.Sent[i]) {
				text += fmt.Sprintf(" #%d", run.Sent[i][k])
			}
			x.Sends = append(x.Sends, text)
		}
		for k, code := range t.m.Code {
			x.State[code.M.Name] = t.state(code, s.Next.L[k])
		}
		out = append(out, x)
	}
	return out
}

func (t *teller) actor(s *verify.Step) string {
	switch {
	case s.Kind == verify.Loses:
		return "network"
	case s.Machine >= 0 && s.Machine < len(t.m.Sys.Machines):
		return t.peers[t.m.Sys.Machines[s.Machine].Name]
	}
	return "environment"
}

func (t *teller) event(s *verify.Step) string {
	var words []string
	add := func(format string, args ...any) { words = append(words, fmt.Sprintf(format, args...)) }
	switch s.Kind {
	case verify.ProgramCalls:
		add("the program calls %s", t.function(s.In))
	case verify.HandlerReturns:
		add("the handler returns")
	case verify.Delivers:
		switch {
		case s.Altered:
			add("an altered %s arrives", t.name(s.Msg))
		case s.Again:
			add("%s arrives again", t.name(s.Msg))
		default:
			add("%s arrives", t.name(s.Msg))
		}
	case verify.Loses:
		add("%s is lost", t.name(s.Msg))
	case verify.TimerFires:
		add("timer %s", s.Event.Name)
	case verify.FreeEvent:
		add("%s", s.Event.Name)
	case verify.Crashes:
		add("crashes and starts again")
	case verify.Replaces:
		add("is replaced by a blank one")
	}
	for _, f := range s.Effects {
		switch f.Kind {
		case fsm.DidInvoke:
			add("the handler of %s starts", t.function([]uint32{f.Fn}))
		case fsm.DidPersist:
			add("stable memory is written")
		case fsm.DidComplete:
			if int(f.Outcome) < len(fsm.OutcomeEnum.Members) {
				add("the call ends: %s", strings.ReplaceAll(fsm.OutcomeEnum.Members[f.Outcome], "_", " "))
			}
		case fsm.DidBreach:
			add("breach: %s", f.Name)
		}
	}
	if s.Kind != verify.Crashes && s.After >= 0 {
		if s.Torn {
			add("the write is torn")
		}
		add("then it crashes and starts again")
	}
	return strings.Join(words, ", ")
}

func (t *teller) function(in []uint32) string {
	e := t.m.Sys.Enum("fn")
	if e == nil || len(in) == 0 || int(in[0]) >= len(e.Members) {
		return "a function"
	}
	return e.Members[in[0]]
}

func (t *teller) name(x verify.Msg) string {
	if int(x[0]) < len(t.m.Sys.Messages) {
		return t.m.Sys.Messages[x[0]].Name
	}
	return "a datagram"
}

func (t *teller) message(x verify.Msg) string {
	if int(x[0]) >= len(t.m.Sys.Messages) {
		return t.name(x)
	}
	msg := t.m.Sys.Messages[x[0]]
	var fields []string
	for i, f := range msg.Fields {
		if 1+i < len(x) {
			fields = append(fields, fmt.Sprintf("%s=%v", f.Name, t.value(f.Type, uint32(x[1+i]))))
		}
	}
	return msg.Name + "(" + strings.Join(fields, " ") + ")"
}

func (t *teller) value(ty fsm.Type, v uint32) any {
	switch ty.Kind {
	case fsm.Bool:
		return v != 0
	case fsm.EnumKind:
		if e := t.m.Sys.Enum(ty.Name); e != nil && int(v) < len(e.Members) {
			return e.Members[v]
		}
	}
	return v
}

func (t *teller) state(code *fsm.Code, s fsm.State) map[string]any {
	out := map[string]any{}
	for i, slot := range code.Layout {
		if slot.Layer || i >= len(s) {
			continue
		}
		name := slot.Name
		var v any = s[i]
		switch slot.Kind {
		case fsm.VarSlot, fsm.FieldSlot:
			v = t.value(slot.Type, s[i])
			if slot.Type.Len > 0 {
				name = fmt.Sprintf("%s[%d]", name, slot.Elem)
			}
		case fsm.SoundSlot:
			name, v = name+" readable", s[i] != 0
		case fsm.RunningSlot:
			name, v = name+" runs", s[i] != 0
		case fsm.StepSlot:
			name += " step"
		}
		out[name] = v
	}
	return out
}

// text of a run, a line a step.
func (t *teller) text(run *verify.Run) string {
	var b strings.Builder
	for _, s := range t.run(run) {
		fmt.Fprintf(&b, "  %3d  %-12s %s", s.Step, s.Actor, s.Event)
		if s.Message != "" {
			fmt.Fprintf(&b, "   [%s]", s.Message)
		}
		for _, d := range s.Sends {
			fmt.Fprintf(&b, "   -> %s", d)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// chart draws a run.
func (t *teller) chart(run *verify.Run) string { return t.text(run) }
