package compile

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fatih/color"

	"sprocketc/fsm"
	"sprocketc/ir"
	"sprocketc/schema"
	"sprocketc/solver"
	"sprocketc/verify"
)

// Meaning is what a property says of a program, and what of its plan keeps it.
type Meaning struct {
	r      *Result
	name   string
	says   string
	asked  bool // of this program
	calls  []*ir.Call
	clause func(*ir.Call) ir.Clause
	faults []FaultLine

	kept   *Explained // the features without which it was found to break, with the runs
	spare  []string   // features without which it was shown to hold
	other  []string   // features without which no run was found
	states int        // of each search
}

// FaultLine is a clause by which something may happen, and what.
type FaultLine struct {
	Line  int    `json:"line"`
	Text  string `json:"text"`
	Means string `json:"means"`
}

// meaningStates bounds the search for a run in each world, in which one property is watched alone: most runs are near.
const meaningStates = 10_000

// endlessStates bounds likewise a search for a run without an end, and of what follows each of its states.
const endlessStates = 1_000

// Means tells what a property means for the program of a result, and looks for the features of its plan that keep it. A property is
// named as verify prints it; what stands in brackets may be left out. The error is a Usage, a Defect, or that the context ended.
func Means(ctx context.Context, r *Result, property string, tell Telling) (m *Meaning, err error) {
	if r.Plan == nil {
		return nil, usagef("%s holds machines: only what a program asks for is explained", r.File.Name)
	}
	err = Guard("explain", r.File.Name, func() error {
		m, err = means(ctx, r, property, tell)
		return err
	})
	return m, err
}

func means(ctx context.Context, r *Result, property string, tell Telling) (*Meaning, error) {
	in := r.Plan.Interface
	m := &Meaning{r: r, name: property, kept: &Explained{r: r}}
	alone := func(sys *fsm.System) (*fsm.System, bool) { // with nothing else to watch
		out := *sys
		out.Assertions, out.Checks, out.Demands = nil, []string{property}, nil
		return &out, true
	}
	name, of, _ := strings.Cut(property, "(")
	name = strings.TrimSpace(name)
	x, known := meanings[name]
	i := slices.IndexFunc(r.System.Assertions, func(a *fsm.Assertion) bool { return a.Name == property })
	timed := name == "within" || name == "fresh" || name == "paced"
	of, _, _ = strings.Cut(strings.TrimSuffix(of, ")"), ",")
	of = strings.TrimPrefix(strings.TrimSpace(of), in.Name+".")
	switch {
	case i >= 0:
		m.asked, m.says = true, asserted(r, property)
		alone = func(sys *fsm.System) (*fsm.System, bool) {
			k := slices.IndexFunc(sys.Assertions, func(a *fsm.Assertion) bool { return a.Name == property })
			out := *sys
			out.Checks, out.Demands = nil, nil
			if k >= 0 {
				out.Assertions = sys.Assertions[k : k+1]
			}
			return &out, k >= 0
		}
	case !known || of != "" && !timed:
		return nil, usagef("%q is no property of %s: it has %s", property, r.Name(), strings.Join(asks(r), ", "))
	default:
		m.calls = slices.DeleteFunc(slices.Clone(in.Calls), func(c *ir.Call) bool { return x.of == nil || !x.of(c) || of != "" && name != "paced" && c.Name != of })
		m.clause = func(c *ir.Call) ir.Clause { return kindOf(name, c) }
		m.asked = slices.Contains(r.System.Checks, name) || slices.ContainsFunc(r.System.Demands, func(d *fsm.Demand) bool { return d.Kind.String() == name })
		if of != "" && !slices.ContainsFunc(asks(r), func(p string) bool { return p == name+"("+of+")" }) {
			return nil, usagef("%q is no property of %s: it has %s", property, r.Name(), strings.Join(asks(r), ", "))
		}
		m.says = fill(x.says, in, m.calls)
		if !m.asked {
			m.says = fill(x.none, in, nil)
			return m, nil
		}
	}
	m.faults = mayHappen(r.Plan, name)
	return m, m.search(ctx, name, of, timed, alone, tell)
}

// asks are the names of what is asked of a program: properties, demands in time, and its assertions.
func asks(r *Result) []string {
	in := r.Plan.Interface
	out := slices.Clone(r.System.Checks)
	for _, d := range r.System.Demands {
		for i, ms := range d.Spans {
			if ms > 0 {
				out = append(out, fmt.Sprintf("%s(%s)", d.Kind, in.Calls[i].Name))
			}
		}
		if d.Kind == fsm.Paced {
			out = append(out, fmt.Sprintf("paced(%s)", map[string]string{"caller": in.From.Name, "callee": in.To.Name}[d.Machine]))
		}
	}
	for _, a := range r.System.Assertions {
		out = append(out, a.Name)
	}
	return out
}

// search takes each feature out of the plan and looks for a run that breaks the property.
func (m *Meaning) search(ctx context.Context, name, of string, timed bool, alone func(*fsm.System) (*fsm.System, bool), tell Telling) error {
	for i, f := range m.r.Plan.Features {
		tell(without(f.Name, i, len(m.r.Plan.Features)))
		w := &Witness{Feature: f.Name}
		plan, err := solver.Without(m.r.Program, f.Name)
		if err != nil {
			m.other = append(m.other, f.Name)
			continue
		}
		w.Without = plan
		sys, err := schema.System(plan)
		if err != nil {
			return err
		}
		if w.System = sys; timed {
			err = m.late(ctx, w, name, of)
		} else if one, there := alone(sys); there {
			w.System, m.states = one, meaningStates
			if comesAbout(one) {
				m.states = endlessStates
			}
			err = breaks(ctx, w)
		}
		if err != nil {
			return err
		}
		switch {
		case w.Property != nil:
			m.kept.witnesses = append(m.kept.witnesses, w)
		case w.Holds:
			m.spare = append(m.spare, f.Name)
		case w.Why != "": // there is nothing left to keep
		default:
			m.other = append(m.other, f.Name)
		}
	}
	return nil
}

// late looks for what a plan's machines miss in time.
func (m *Meaning) late(ctx context.Context, w *Witness, name, of string) error {
	one := *w.System // what is decided
	one.Demands = slices.DeleteFunc(slices.Clone(one.Demands), func(d *fsm.Demand) bool { return d.Kind.String() != name })
	found, err := verify.Demands(&one, verify.Options{Context: ctx})
	if err != nil {
		return err
	}
	in := m.r.Plan.Interface
	if name == "paced" {
		of = map[string]string{in.From.Name: "caller", in.To.Name: "callee"}[of]
	}
	there := false
	for i, p := range found {
		what, arg, _ := strings.Cut(strings.TrimSuffix(p.Name, ")"), "(")
		if what != name || of != "" && of != arg {
			continue
		}
		if p.Verdict == verify.Violated {
			w.Property = &found[i]
			return nil
		}
		w.Holds, there = (w.Holds || !there) && p.Verdict == verify.Holds, true
	}
	if !there {
		w.Why = "not asked without it"
	}
	return nil
}

// breaks looks for a run of a system that breaks the only thing that is watched: one without an end where it must come about, else
// in the worlds of a program, those with the fewest kinds of faults first.
func breaks(ctx context.Context, w *Witness) (err error) {
	o := verify.Options{Context: ctx, MaxStates: meaningStates}
	if comesAbout(w.System) {
		o.MaxStates = endlessStates
		w.Property, err = verify.Endless(w.System, o)
		return err
	}
	tried := map[string]bool{}
	for _, x := range worlds {
		sys := x.narrowed(w.System)
		text := sys.String()
		if tried[text] { // the program lets nothing of it happen
			continue
		}
		tried[text] = true
		if w.Property, err = verify.BreakingStep(sys, o); w.Property != nil || err != nil {
			w.Faults = x.name
			return err
		}
	}
	return ctx.Err()
}

// comesAbout reports whether all that a system has to keep is that something comes about.
func comesAbout(sys *fsm.System) bool {
	return !slices.ContainsFunc(sys.Checks, func(p string) bool { return p != "delivered" && p != "answered" && p != "responsive" }) &&
		!slices.ContainsFunc(sys.Assertions, func(a *fsm.Assertion) bool { return a.Mode != fsm.Eventually })
}

// PropertyAnswer is the answer of `explain --property` for programs.
type PropertyAnswer struct {
	Version  int             `json:"version"`
	Protocol string          `json:"protocol"`
	Property string          `json:"property"`
	Asked    bool            `json:"asked"` // of this program; else Says tells why it is not
	Says     string          `json:"says"`
	Of       []CallLine      `json:"of"`      // the calls that it is about; none where it is about the peers
	Faults   []FaultLine     `json:"faults"`  // what may happen that could break it
	KeptBy   []FeatureAnswer `json:"kept_by"` // features without which it was found to break, each with the run
	Spare    []string        `json:"spare"`   // features without which it was shown to hold
	Other    []string        `json:"other"`   // features without which no run was found, among so many states of each search
	States   int             `json:"states"`
}

// CallLine is a call, with the clause by which a property is about it.
type CallLine struct {
	Call string `json:"call"`
	Line int    `json:"line"`
	Text string `json:"text"`
}

func (m *Meaning) of() []CallLine {
	out := []CallLine{}
	for _, c := range m.calls {
		at := m.clause(c)
		out = append(out, CallLine{c.Name, at.Line, at.Text})
	}
	return out
}

// JSON is the answer for programs.
func (m *Meaning) JSON() PropertyAnswer {
	return PropertyAnswer{1, m.r.Name(), m.name, m.asked, m.says, m.of(), append([]FaultLine{}, m.faults...), m.kept.JSON().Features,
		append([]string{}, m.spare...), append([]string{}, m.other...), m.states}
}

// Print writes what a property means, and with runs each run that breaks it. The error is the writer's.
func (m *Meaning) Print(w io.Writer, style Style, runs bool) error {
	b := &strings.Builder{}
	bold := paint(style.Colour, color.Bold)
	field(b, bold, "property", m.name)
	if !m.asked {
		field(b, nil, "not asked", m.says)
		_, err := io.WriteString(w, b.String())
		return err
	}
	field(b, nil, "says", m.says)
	var lines []string
	for _, c := range m.of() {
		text := fmt.Sprintf("line %d %s", c.Line, c.Text)
		if !strings.HasPrefix(c.Text, "call ") {
			text += " of " + c.Call
		}
		lines = append(lines, text)
	}
	list(b, "asked by", lines)
	lines = nil
	for _, f := range m.faults {
		lines = append(lines, fmt.Sprintf("line %d %s: %s", f.Line, f.Text, f.Means))
	}
	if len(lines) == 0 {
		lines = []string{"nothing that the program declares"}
	}
	list(b, "may happen", lines)
	list(b, "kept by", m.keepers())
	if len(m.spare) > 0 {
		field(b, nil, "holds too", "without "+strings.Join(m.spare, ", ")+", each alone")
	}
	if len(m.other) > 0 {
		field(b, nil, "no run", fmt.Sprintf("was found without %s, each alone, among the first %s states of each search", strings.Join(m.other, ", "), Count(m.states)))
	}
	if _, err := io.WriteString(w, b.String()); err != nil || !runs || len(m.kept.witnesses) == 0 {
		return err
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return err
	}
	return m.kept.PrintRuns(w, style)
}

// keepers tells the features that keep a property, and how it breaks without each.
func (m *Meaning) keepers() []string {
	var out []string
	for _, k := range m.kept.witnesses {
		f := m.kept.choice(k)
		how := "broken"
		switch run := k.Property.Run; {
		case run == nil:
			how += ": " + k.Property.Why
		case run.Loop >= 0:
			how = k.said()
		default:
			how += " in " + Plural(len(run.Steps), "step")
		}
		out = append(out, fmt.Sprintf("%s: %s; without it %s%s", f.Name, f.Sentence, how, ended(k)))
	}
	caller := m.r.Plan.Interface.From
	for _, c := range m.calls {
		switch what, _, _ := strings.Cut(m.name, "("); what {
		case "within":
			out = append(out, fmt.Sprintf("a timer that every plan has: `%s` is given up after %s on the clock of %s", c.Name, Seconds(m.r.Plan.Schedules[c.Name].Expires), caller.Name))
		case "fresh":
			out = append(out, fmt.Sprintf("the memo itself, which gives no answer to `%s` after %s on the clock of %s", c.Name, Seconds(caller.AtMost(c.Cache.For)), caller.Name))
		}
	}
	if len(out) == 0 {
		out = []string{"no single feature of the plan, as far as was found"}
	}
	return out
}
