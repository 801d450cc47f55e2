package chart

import (
	"slices"

	"sprocketc/fsm"
	"sprocketc/verify"
)

// Step is a step of a run as the command's JSON gives it. Peers go by their names.
type Step struct {
	Step        int                          `json:"step"`                   // from 1
	Actor       string                       `json:"actor"`                  // the peer that moved, or "network"
	Event       string                       `json:"event"`                  // "call water", "receive", "receive again", "timer retry", "crash", "lose", …
	Message     string                       `json:"message,omitempty"`      // that arrived or was lost
	SentIn      int                          `json:"sent_in,omitempty"`      // the step in which that was sent; missing where it was before the first
	OvertakenBy []int                        `json:"overtaken_by,omitempty"` // steps that sent, the same way, what arrived before it though it was sent later
	Does        []string                     `json:"does"`                   // what is to be seen of it: "writes identity ce 1", "runs water", "ends unknown"
	Sends       []string                     `json:"sends"`                  // messages that it put into the channel
	Crash       bool                         `json:"crash,omitempty"`        // the peer crashed during the event
	Torn        bool                         `json:"torn,omitempty"`         // and its last write was torn
	Loop        bool                         `json:"loop,omitempty"`         // the step is one of those that repeat for ever
	Doomed      bool                         `json:"doomed,omitempty"`       // after it, what the property asks for cannot happen any more
	Breaks      string                       `json:"breaks,omitempty"`       // the property
	Changed     map[string]map[string]string `json:"changed"`                // by the step: variable to value, by peer
	State       map[string]map[string]string `json:"state"`                  // after the step: variable to value, by peer
}

// List gives a run as values.
func (c Chart) List(run *verify.Run) []Step {
	s := c.scene(run)
	out := []Step{}
	for i, t := range run.Steps {
		x := Step{
			Step: i + 1, Actor: s.names[t.Machine], Event: eventText(s.sys, t), Crash: t.After >= 0 || t.Kind == verify.Crashes,
			Torn: t.Torn, Loop: run.Loop >= 0 && i >= run.Loop, Doomed: i == run.Doomed, Breaks: t.Bad,
			Does: []string{}, Sends: []string{}, Changed: map[string]map[string]string{}, State: map[string]map[string]string{},
		}
		if t.Kind == verify.Delivers || t.Kind == verify.Loses {
			x.Message = messageText(s.sys, t.Msg)
			if k, ok := s.sentIn[run.Taken[i]]; ok {
				x.SentIn = k + 1
			}
			x.OvertakenBy = s.overtakenBy(i)
		}
		if t.Kind == verify.Loses {
			x.Actor = "network"
		}
		for _, f := range t.Effects {
			switch f.Kind {
			case fsm.DidPersist:
				x.Does = append(x.Does, written(s.sys, t.Machine, f))
			case fsm.DidInvoke:
				x.Does = append(x.Does, "runs "+function(s.sys, f.Fn))
			case fsm.DidComplete:
				x.Does = append(x.Does, "ends "+outcomeText(f.Outcome))
			case fsm.DidReport:
				x.Does = append(x.Does, "reports "+function(s.sys, f.Fn)+" "+outcomeText(f.Outcome))
			}
		}
		for _, m := range t.Sent {
			x.Sends = append(x.Sends, messageText(s.sys, m.Msg))
		}
		for _, v := range s.changes[i] {
			if x.Changed[v.machine] == nil {
				x.Changed[v.machine] = map[string]string{}
			}
			x.Changed[v.machine][v.name] = v.value
		}
		for k, l := range t.Next.L {
			all := map[string]string{}
			for _, v := range values(s.sys, k, l) {
				all[v.name] = v.text
			}
			x.State[s.names[k]] = all
		}
		out = append(out, x)
	}
	return out
}

// overtakenBy lists the steps that sent a datagram after the one that a step delivers, the same way, which arrived before it.
func (s *scene) overtakenBy(i int) []int {
	own, channel := s.run.Taken[i], s.run.Steps[i].Channel
	var out []int
	for k := range i {
		n := s.run.Taken[k]
		if s.run.Steps[k].Kind != verify.Delivers || s.run.Steps[k].Channel != channel || n <= own {
			continue
		}
		if sent, ok := s.sentIn[n]; ok && !slices.Contains(out, sent+1) {
			out = append(out, sent+1)
		}
	}
	return out
}

func eventText(sys *fsm.System, s verify.Step) string {
	switch s.Kind {
	case verify.ProgramCalls:
		if len(s.In) > 0 {
			return "call " + function(sys, s.In[0])
		}
		return "call"
	case verify.HandlerReturns:
		return "return"
	case verify.Delivers:
		if s.Altered {
			return "receive altered"
		}
		if s.Again {
			return "receive again"
		}
		return "receive"
	case verify.TimerFires:
		return "timer " + s.Event.Name
	case verify.FreeEvent:
		return freeText(sys, s)
	case verify.Replaces:
		return "replaced"
	case verify.Loses:
		return "lose"
	}
	return "crash"
}
