package verify

import "sprocketc/fsm"

// RunStep is a step of a run as the command's JSON gives it.
type RunStep struct {
	Step    int                          `json:"step"`              // from 1
	Actor   string                       `json:"actor"`             // the peer that moved, or "network"
	Event   string                       `json:"event"`             // "call water", "receive", "timer retry", "crash", "lose", …
	Message string                       `json:"message,omitempty"` // that arrived or was lost
	Crash   bool                         `json:"crash,omitempty"`   // the peer crashed during the event
	Breaks  string                       `json:"breaks,omitempty"`  // the property
	Loop    bool                         `json:"loop,omitempty"`    // it belongs to what repeats for ever
	Doomed  bool                         `json:"doomed,omitempty"`  // after it, what the property asks for cannot happen any more
	State   map[string]map[string]string `json:"state"`             // after the step: variable to value, by peer
}

// List gives a run as values; names are peers by machine, as of Chart.
func (r *Run) List(names map[string]string) []RunStep {
	peer := func(i int) string {
		m := r.Sys.Machines[i].Name
		return cmpOr(names[m], m)
	}
	out := []RunStep{}
	for i, s := range r.Steps {
		x := RunStep{Step: i + 1, Actor: peer(s.Machine), Event: eventText(r.Sys, s), Crash: s.After >= 0 || s.Kind == Crashes, Breaks: s.Bad, Loop: r.Loop >= 0 && i >= r.Loop, Doomed: i == r.Doomed, State: map[string]map[string]string{}}
		if s.Kind == Delivers || s.Kind == Loses {
			x.Message = messageText(r.Sys, s.Msg)
		}
		if s.Kind == Loses {
			x.Actor = "network"
		}
		for k, l := range s.Next.L {
			x.State[peer(k)] = stateTexts(r.Sys, k, l)
		}
		out = append(out, x)
	}
	return out
}

func eventText(sys *fsm.System, s Step) string {
	switch s.Kind {
	case ProgramCalls:
		if len(s.In) > 0 {
			return "call " + function(sys, s.In[0])
		}
		return "call"
	case HandlerReturns:
		return "return"
	case Delivers:
		if s.Altered {
			return "receive altered"
		}
		if s.Again {
			return "receive again"
		}
		return "receive"
	case TimerFires:
		return "timer " + s.Event.Name
	case FreeEvent:
		var args []string
		for k, v := range s.In {
			args = append(args, valueText(sys, s.Event.Params[k].Type, v))
		}
		if len(args) == 0 {
			return s.Event.Name
		}
		return applied(s.Event.Name, args)
	case Replaces:
		return "replaced"
	case Loses:
		return "lose"
	}
	return "crash"
}
