package runtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sprocketc/codegen"
	"sprocketc/fsm"
	"sprocketc/verify"
	"sprocketc/verify/chart"
)

// script is a run as the driver's functions are called.
type script struct {
	property, why string
	chart         []string // lines
	steps         []step
}

// step is a step of a run: its calls, the one that makes it happen last.
type step struct {
	what  string
	calls []call
}

// call of a function of the driver: its name in words, and its arguments, which are strings, integers, booleans or sides.
type call struct {
	name string
	args []any
}

type side int

const (
	caller side = iota
	callee
)

// scriptOf turns a run into a script. The error says why it cannot be one.
func scriptOf(p verify.Property, c chart.Chart) (*script, error) {
	run := p.Run
	if run == nil {
		return nil, fmt.Errorf("there is no run")
	}
	m, err := verify.NewModel(run.Sys)
	if err != nil {
		return nil, err
	}
	if m.Caller < 0 || m.Callee < 0 {
		return nil, fmt.Errorf("there is no caller and callee")
	}
	if !plainStart(m, run) {
		return nil, fmt.Errorf("a peer crashes in its first start")
	}
	w := &writer{run: run, m: m, where: map[int][2]int{}, sent: map[int]verify.Sent{}}
	s := &script{property: p.Name, why: p.Why, chart: strings.Split(strings.TrimSuffix(c.Text(run, p.Name), "\n"), "\n")}
	var what []string
	for _, x := range c.List(run) {
		what = append(what, strings.TrimSpace(x.Actor+": "+x.Event+" "+x.Message))
	}
	take := func(i int) error {
		st, err := w.step(i)
		if err != nil {
			return fmt.Errorf("step %d %w", i+1, err)
		}
		st.what = what[i]
		s.steps = append(s.steps, st)
		return nil
	}
	for i := range run.Steps {
		if i == run.Loop {
			s.steps = append(s.steps, step{what: "what follows repeats", calls: []call{{"loops", nil}}})
			w.taken++
		}
		if err := take(i); err != nil {
			return nil, err
		}
	}
	switch {
	case p.Name == "useful": // again and again, so once more
		s.steps = append(s.steps, s.steps[len(s.steps)-1])
	case run.Loop < 0:
	case !slices.Contains([]string{"delivered", "answered"}, p.Name):
		return nil, fmt.Errorf("its run never ends, and what it waits for cannot be seen from outside")
	case run.Loop < len(run.Steps):
		for range rounds - 1 {
			w.again()
			for i := run.Loop; i < len(run.Steps); i++ {
				if err := take(i); err != nil {
					return nil, err
				}
			}
		}
		s.steps = append(s.steps, step{what: "so it goes on", calls: []call{{"repeats", nil}}})
	default:
		st := call{"settles", nil}
		if p.Name == "delivered" {
			for _, name := range codegen.GivingUp(m.Sys.Machines[m.Caller]) {
				st.args = append(st.args, name)
			}
			if len(st.args) > 1 {
				return nil, fmt.Errorf("a call is given up by more than one timer")
			}
		}
		s.steps = append(s.steps, step{what: "nothing is lost any more", calls: []call{st}})
	}
	return s, nil
}

// rounds are how often a test takes the steps that repeat.
const rounds = 4

// plainStart reports whether a run begins where both peers have started once without a crash.
func plainStart(m *verify.Model, run *verify.Run) bool {
	for i, c := range m.Code {
		l := c.Blank()
		if e := c.M.Event(fsm.OnRestart, "restart"); e != nil {
			l = c.Exec(l, e, nil, &fsm.Env{Fresh: run.Start.L[i][0]}).State
		}
		for k, x := range c.Layout {
			if s := run.Sys.Sort(x.Type.Name); s != nil && s.Token {
				continue // whatever was drawn
			}
			if l[k] != run.Start.L[i][k] {
				return false
			}
		}
	}
	return true
}

type writer struct {
	run   *verify.Run
	m     *verify.Model
	where map[int][2]int // datagram to the step from 1 and the place in which it was sent last
	sent  map[int]verify.Sent
	taken int            // steps that were written
	prior map[int][2]int // of the round before: where each datagram of the loop was sent
	round int            // of the loop, from 0
}

// again begins another round of the loop.
func (w *writer) again() {
	w.round++
	w.prior = maps.Clone(w.where)
}

// source is where the datagram was sent that a step takes: of a later round the one that takes the place of what the
// first round took from before the loop.
func (w *writer) source(i int) [2]int {
	n := w.run.Taken[i]
	if w.round > 0 && !w.inLoop(n) {
		x := w.run.Steps[i]
		for _, c := range w.run.Carried {
			if s := w.sent[c]; s.Channel == x.Channel && s.Msg[0] == x.Msg[0] {
				return w.prior[c]
			}
		}
	}
	if at, ok := w.where[n]; ok {
		return at
	}
	return [2]int{0, n - 1} // sent when the peers first started
}

func (w *writer) inLoop(n int) bool {
	for _, list := range w.run.Sent[w.run.Loop:] {
		if slices.Contains(list, n) {
			return true
		}
	}
	return false
}

func (w *writer) side(machine int) side {
	if machine == w.m.Caller {
		return caller
	}
	return callee
}

func (w *writer) step(i int) (step, error) {
	x := w.run.Steps[i]
	var out step
	add := func(name string, args ...any) { out.calls = append(out.calls, call{name, args}) }
	w.taken++
	if x.After >= 0 {
		add("crash after", verify.Visible(x.Effects))
		if x.Torn {
			add("tear")
		}
	}
	for _, c := range x.Cuts {
		add("crash in start", c.After, c.Torn)
	}
	layers, err := w.layers(i)
	if err != nil {
		return out, err
	}
	for _, l := range layers {
		add("layer", l)
	}
	switch x.Kind {
	case verify.ProgramCalls:
		add("call", w.run.Sys.Enum("fn").Members[x.In[0]])
	case verify.HandlerReturns:
		add("returns")
	case verify.Delivers:
		at := w.source(i)
		if x.Altered {
			fields, err := w.alterations(i)
			if err != nil {
				return out, err
			}
			for _, f := range fields {
				add("altered", f.name, f.value)
			}
		}
		add("deliver", at[0], at[1])
	case verify.TimerFires:
		add("timer", w.side(x.Machine), x.Event.Name)
	case verify.Crashes:
		add("crashes", w.side(x.Machine))
	case verify.Replaces:
		add("replaced", w.side(x.Machine))
	case verify.Loses: // it just does not arrive
	default:
		return out, fmt.Errorf("is an event of the environment's own")
	}
	for place, n := range w.run.Sent[i] {
		w.where[n], w.sent[n] = [2]int{w.taken, place}, x.Sent[place]
	}
	if w.run.Loop >= 0 && i >= w.run.Loop && x.Kind != verify.Loses {
		add("sends", len(w.run.Sent[i]))
	}
	return out, nil
}

// layers names the variables and timers of layers that answer yes in a step.
func (w *writer) layers(i int) ([]string, error) {
	x := w.run.Steps[i]
	if !slices.Contains(x.Choices, true) {
		return nil, nil
	}
	before := w.run.Start
	if i > 0 {
		before = w.run.Steps[i-1].Next
	}
	var asked []string
	env := fsm.Env{Choices: x.Choices, Fresh: 1, Ask: func(about string) { asked = append(asked, about) }}
	w.m.Code[x.Machine].Exec(before.L[x.Machine], x.Event, x.In, &env)
	answer := map[string]bool{}
	var out []string
	for k, about := range asked {
		yes := k < len(x.Choices) && x.Choices[k]
		switch was, known := answer[about]; {
		case about == "full" && yes:
			return nil, fmt.Errorf("uses up the numbers of an epoch")
		case about == "hit" && yes:
			return nil, fmt.Errorf("takes an answer from the memo")
		case known && was != yes:
			return nil, fmt.Errorf("needs %s to change while it is looked at", about)
		case yes && !known:
			out = append(out, about)
		}
		answer[about] = yes
	}
	return out, nil
}

type alteration struct {
	name  string
	value int
}

// alterations are the fields that a datagram arrives with otherwise than it was sent.
func (w *writer) alterations(i int) ([]alteration, error) {
	x := w.run.Steps[i]
	sent, ok := w.sent[w.run.Taken[i]]
	if !ok {
		return nil, fmt.Errorf("alters a datagram of the first start")
	}
	var out []alteration
	for k, f := range w.run.Sys.Messages[x.Msg[0]].Fields {
		if x.Msg[1+k] == sent.Msg[1+k] {
			continue
		}
		switch {
		case f.Name == "fn":
			return nil, fmt.Errorf("alters the kind of a datagram")
		case f.Type.Kind == fsm.Payload:
			out = append(out, alteration{"payload", 0})
		default:
			out = append(out, alteration{f.Name, int(x.Msg[1+k])})
		}
	}
	return out, nil
}
