package verify

import (
	"fmt"
	"slices"
	"strings"

	"sprocketc/fsm"
)

// Progress: what must come about in every fair run. Fair is a run in which
//
//   - a datagram that is sent again and again, on a channel that loses, arrives again and again; on a channel that does
//     not lose, what is in flight and can arrive does;
//   - a timer that can fire again and again fires again and again, and a handler that runs returns (strong fairness);
//   - what is sent only finitely often arrives only finitely often, where that makes a difference: these are the fair-loss links
//     of Cachin, Guerraoui and Rodrigues (Introduction to Reliable and Secure Distributed Programming, 2011, module 2.1);
//   - crashes and calls by the program come to an end.
//
// Values count, not kinds of message: of a number that is new each time nothing is promised.

// decided is what was found out about one property of progress.
type decided struct {
	property, verdict string
	why               string   // what went wrong, or why it is undecided
	given             []string // what the verdict rests on
	run               *Run
	nodes, edges      int // of the graph
}

// Names of the properties of progress that follow from demands.
const (
	propDelivered  = "delivered"
	propAnswered   = "answered"
	propResponsive = "responsive"
	propCommitted  = "committed"
)

// What verdicts on progress may rest on.
const (
	givenFinite = "nothing repeats for ever: what is sent finitely often arrives finitely often"
	givenNext   = "a call that is made before its caller has heard of a restart may end as `peer restarted`; the one after it is answered"
	givenAlone  = "delivered: a call that is made while no other is outstanding, and all that were at the last crash; the others end, see answered"
)

// awaited lists the properties of progress that a system checks.
func (m *Model) awaited() (out []string) {
	for _, c := range m.Sys.Checks {
		if m.newAim(c) != nil {
			out = append(out, c)
		}
	}
	for _, a := range m.Sys.Assertions {
		if a.Mode == fsm.Eventually {
			out = append(out, a.Name)
		}
	}
	return
}

// newAim is the aim of a property, by name; nil where it is none of progress, or the system has no calls.
func (m *Model) newAim(property string) aim {
	if a := m.eventual(property); a != nil {
		holds := func(c fsm.Expr) func(World) bool {
			return func(w World) bool { return c == nil || m.value(c, w, nil) != 0 }
		}
		return leadsTo(holds(a.After), holds(a.Cond), true)
	}
	pending := func(w World) bool { return w.Env.Call != 0 }
	switch {
	case m.Caller < 0:
	case property == propDelivered && m.Callee >= 0:
		return &delivered{}
	case property == propCommitted && m.Callee >= 0:
		return leadsTo(m.holdsCall, func(w World) bool { return !m.holdsCall(w) }, true)
	case property == propAnswered:
		return leadsTo(pending, func(w World) bool { return w.Env.Call == 0 }, true)
	}
	if property == propResponsive {
		rest := func(w World) bool { return w.Env.Call == 0 && w.Env.Run == 0 }
		return leadsTo(func(World) bool { return true }, rest, true)
	}
	return nil
}

// holdsCall reports whether the caller keeps the arguments of a call, in stable memory or not: it is not over for it, even if
// the program has an outcome.
func (m *Model) holdsCall(w World) bool {
	for i, s := range m.Code[m.Caller].Layout {
		if s.Type.Kind == fsm.Payload && (s.Kind == fsm.VarSlot || s.Kind == fsm.FieldSlot) && w.L[m.Caller][i] != 0 {
			return true
		}
	}
	return false
}

// eventual is the assertion of a name that something comes about; nil where there is none.
func (m *Model) eventual(name string) *fsm.Assertion {
	for _, a := range m.source.Assertions {
		if a.Name == name && a.Mode == fsm.Eventually {
			return a
		}
	}
	return nil
}

// marks reports whether a property of progress tells the marked call from others.
func (m *Model) marks(property string) bool {
	a := m.eventual(property)
	return a != nil && (m.reads(a.Cond, fsm.MarkedCall, "") || a.After != nil && m.reads(a.After, fsm.MarkedCall, ""))
}

// judge gives the verdict on a pursuit that has come to its end.
func (p *pursuit) judge(property string) decided {
	d := decided{property: property, nodes: len(p.table.keys), edges: len(p.g.edges)}
	if a, ok := p.aim.(*delivered); ok {
		if a.first {
			d.given = append(d.given, givenNext)
		}
		if p.m.lanes {
			d.given = append(d.given, givenAlone)
		}
		d.given = append(d.given, p.m.givenUp()...)
	}
	switch {
	case p.limit != "":
		d.verdict, d.why = Undecided, p.limit
	case p.failed != nil:
		d.verdict, d.why = Violated, "a call that is made after the last crash ends as "+strings.ReplaceAll(fsm.OutcomeEnum.Members[completes(*p.failed.step)], "_", " ")
	case p.g.fair(false) == nil:
		d.verdict = Holds
	case p.g.fair(true) == nil:
		d.verdict = Holds
		d.given = append(d.given, givenFinite)
	default:
		d.verdict, d.why = Violated, lacking[property]
		if d.why == "" {
			d.why = "there is a run that is fair, and in which it never comes about"
		}
	}
	return d
}

var lacking = map[string]string{
	propDelivered:  "there is a fair run without a further crash in which a call is never answered, unless it gives up",
	propAnswered:   "there is a fair run in which a call never ends",
	propCommitted:  "there is a fair run without a further crash in which a call that the caller has accepted is never answered",
	propResponsive: "there is a fair run without faults in which the peers never come to rest",
}

// pursue decides a property of progress on block words, from the states that a complete search for safety has kept. More in
// flight only lets the network do more, so the largest contents are enough to begin with, and as a first
// try everything that was ever sent may arrive at any time; if that breaks it, overtaking counts.
func (e *blockEngine) pursue(property string) decided {
	after, err := e.m.afterCrashes(false, e.m.marks(property))
	if err != nil {
		return decided{property: property, verdict: Undecided, why: err.Error()}
	}
	if a := e.m.eventual(property); a != nil && (e.m.readsNumber(a.Cond) || a.After != nil && e.m.readsNumber(a.After)) {
		return decided{property: property, verdict: Violated, why: "block words change the numbers of idle machines"}
	}
	if property == propAnswered && e.m.endsByTimer(e.list) {
		return decided{property: property, verdict: Holds}
	}
	after.ageless = true
	unbounded := make([]int, len(e.k))
	for i := range unbounded {
		unbounded[i] = -1
	}
	d := e.pursueWithin(property, after, unbounded)
	if d.verdict == Violated && !slices.Equal(e.k, unbounded) {
		d = e.pursueWithin(property, after, e.k)
	}
	return d
}

// more nodes than the search for safety may have states are explored for a property of progress.
const moreNodes = 10

func (e *blockEngine) pursueWithin(property string, after *Model, k []int) decided {
	at := newBlockAir(e, k)
	opt := e.opt
	opt.MaxStates *= moreNodes
	p := newPursuit(after, after.newAim(property), at, opt)
	type content struct {
		w   World
		ids []uint32
		n   int
	}
	var from []content
	seen := map[string]bool{}
	for i, s := range e.states {
		if e.dropped[i] {
			continue
		}
		c := content{after.washed(e.all[s.world]), make([]uint32, len(k)), 0}
		key := worldKey(c.w)
		for ch := range k {
			x := e.words[ch].list[s.c[ch]].rename(k[ch], func(m Msg) (Msg, bool) { return after.washedMsg(m).Plain(), true })
			if k[ch] < 0 {
				x = unordered(x)
			}
			c.n += len(x.values())
			c.ids[ch] = at.words[ch].id(x)
			key += fmt.Sprint(c.ids[ch], "|")
		}
		if !seen[key] {
			seen[key] = true
			from = append(from, c)
		}
	}
	slices.SortStableFunc(from, func(a, b content) int { return b.n - a.n }) // what covers others comes first
	for _, c := range from {
		p.start(c.w, c.ids)
	}
	p.run()
	return p.judge(property)
}

// endsByTimer reports whether in each of some worlds in which a call is pending one timer runs that ends it whatever happens;
// then no crash of another peer can keep the call from its end either.
func (m *Model) endsByTimer(worlds []World) bool {
	c := m.Code[m.Caller]
	return slices.ContainsFunc(c.M.Events, func(ev *fsm.Event) bool {
		if ev.Kind != fsm.OnTimer {
			return false
		}
		known := map[string]bool{}
		for _, w := range worlds {
			if w.Env.Call == 0 {
				continue
			}
			l := w.L[m.Caller]
			k := worldKey(World{L: []fsm.State{l}})
			if known[k] {
				continue
			}
			known[k] = true
			ends := c.Enabled(l, ev)
			if ends {
				m.exec(m.Caller, l, ev, nil, func(_ []bool, r fsm.Result) {
					ends = ends && slices.ContainsFunc(r.Effects, func(f fsm.Effect) bool { return f.Kind == fsm.DidComplete })
				})
			}
			if !ends {
				return false
			}
		}
		return true
	})
}

// nearStates bounds the search for a run without end where it was not decided that there is one.
const nearStates = 3_000

// behind is the verdict on a property of progress that block words give. Where they only cover the channels from above,
// what they find broken is left to exact words.
func (m *Model) behind(d decided, opt Options, precise bool) decided {
	if d.verdict == Violated && !precise {
		why := d.why
		d = decided{property: d.property, verdict: Undecided}
		for _, c := range growing {
			if d.verdict != Undecided || m.stated() && c > growing[0] {
				break
			}
			o := opt
			o.MaxStates = min(max(opt.MaxStates, 1), fallbackStates)
			d = m.pursueWords(d.property, o, c)
		}
		if d.verdict == Undecided { // there may be a run all the same, which proves it
			o := opt
			o.MaxStates = nearStates
			if run, err := m.EndlessRun(d.property, o); err == nil {
				return decided{property: d.property, verdict: Violated, why: why, run: run}
			}
			d.why += " (block words, which let the network do more: " + why + ")"
		}
	}
	return m.withRun(d, opt)
}

// withRun finds a run of what is violated.
func (m *Model) withRun(d decided, opt Options) decided {
	if d.verdict == Violated {
		run, err := m.EndlessRun(d.property, opt)
		if d.run = run; err != nil {
			d.why += " (" + err.Error() + ")"
		}
	}
	return d
}

// add puts a verdict on a property of progress into a report.
func (r *Report) add(d decided) {
	r.Properties = append(r.Properties, Property{Name: d.property, Verdict: d.verdict, Why: d.why, Run: d.run})
	for _, g := range d.given {
		if d.verdict == Holds && !slices.Contains(r.Assumptions, g) {
			r.Assumptions = append(r.Assumptions, g)
		}
	}
}

// pursueWords decides a property of progress with every datagram told apart, in channels of a capacity where the text
// states none.
func (m *Model) pursueWords(property string, opt Options, capacity int) decided {
	d := decided{property: property, verdict: Undecided}
	crashing, err := m.afterCrashes(true, m.marks(property))
	if err != nil {
		d.why = err.Error()
		return d
	}
	after, err := m.afterCrashes(false, m.marks(property))
	if err != nil {
		d.why = err.Error()
		return d
	}
	clear(after.layers) // what they know is part of each state
	k := crashing.newWalk(newWordAir(crashing, capacity, false), opt)
	if d.why = k.air.canon.unranked(); d.why != "" {
		return d
	}
	if k.run(); k.limit != "" {
		d.why = k.limit
		return d
	}
	opt.MaxStates *= moreNodes
	p := newPursuit(after, after.newAim(property), k.air, opt)
	for _, s := range k.states {
		p.startWalked(k, s)
	}
	p.run()
	d = p.judge(property)
	if d.verdict == Violated && m.forgetsArrivals() {
		d.verdict, d.why = Undecided, "of a channel that loses nothing, repeats and keeps no order it is not known what has arrived: "+d.why
	}
	return d
}

// forgetsArrivals reports whether states do not tell what a channel has delivered from what it has not, though it loses
// nothing: where it repeats and keeps no order its content is a set.
func forgetsArrivals(c *fsm.Channel) bool { return !c.Loses && c.Repeats && c.Within < 0 }

func (m *Model) forgetsArrivals() bool { return slices.ContainsFunc(m.Sys.Channels, forgetsArrivals) }

// startWalked takes up a state of a walk.
func (p *pursuit) startWalked(k *walk, s walked) {
	words := k.air.contents(s.ids)
	ids := make([]uint32, len(words))
	for i, w := range words {
		for j := range w {
			w[j].msg = p.m.washedMsg(w[j].msg)
		}
		ids[i] = k.air.id(k.air.lanes[i].tidy(w))
	}
	p.start(p.m.washed(k.list[s.world]), ids)
}
