package compile

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fatih/color"

	"sprocketc/verify"
	"sprocketc/verify/chart"
)

// Verdict is the answer of `verify` for programs.
type Verdict struct {
	Version       int            `json:"version"`
	Protocol      string         `json:"protocol"`
	Verdict       string         `json:"verdict"`
	Why           string         `json:"why"` // of undecided: the limit
	Properties    []PropertyLine `json:"properties"`
	States        int            `json:"states"`
	Transitions   int            `json:"transitions"`
	Depth         int            `json:"depth"`
	BytesPerState float64        `json:"bytes_per_state"`
	Seconds       float64        `json:"seconds"`
	Engine        string         `json:"engine"`
	Assumptions   []string       `json:"assumptions"`
	Limits        []string       `json:"limits"`
	NotChecked    []NotChecked   `json:"not_checked"`
	Unfired       []string       `json:"never_fires"` // stages of the machines that no reachable state lets happen
	Probability   []Probability  `json:"probability"`
	Expected      *Expected      `json:"expected,omitempty"`
	Chain         *ChainAnswer   `json:"chain,omitempty"`
	Calls         []CallAnswer   `json:"calls,omitempty"`  // made from the machines
	Checkpoint    string         `json:"checkpoint"`       // file to which the search was saved; "" where it was not
	Defect        bool           `json:"schema_defect"`    // a plan of the compiler's own was violated
	Rounds        []RoundAnswer  `json:"rounds,omitempty"` // then: the plans that were checked, the broken one first
}

// PropertyLine is a property's verdict; Run is of violated ones, and may be missing there too.
type PropertyLine struct {
	Name    string       `json:"name"`
	Verdict string       `json:"verdict"`
	Why     string       `json:"why"`
	Run     []chart.Step `json:"run"`
}

// NotChecked is a demand that nothing was shown about.
type NotChecked struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

// Probability is of an answer within a call's time, from idle: made from the machines, Value a lower and Upper an upper
// bound; where they did not give it, what the plan's schedule says in closed form. Others are of accidents.
type Probability struct {
	Name       string  `json:"name"`
	Value      float64 `json:"value"`
	Target     float64 `json:"target"` // 0: none was asked
	Upper      float64 `json:"upper,omitempty"`
	ClosedForm float64 `json:"closed_form,omitempty"`
}

// Expected are the plan's figures, by call, in the solver's closed form.
type Expected struct {
	Datagrams map[string]float64 `json:"datagrams_per_call"`
	Bytes     map[string]float64 `json:"bytes_per_call"`
	Latency   map[string]float64 `json:"latency"` // milliseconds
	Bounds    *ExpectedBounds    `json:"bounds,omitempty"`
}

// ExpectedBounds are the same figures of a call from idle as its machines have them: a lower and an upper bound each.
type ExpectedBounds struct {
	Datagrams map[string][2]float64 `json:"datagrams_per_call"`
	Bytes     map[string][2]float64 `json:"bytes_per_call"`
	Latency   map[string][2]float64 `json:"latency"`
}

// VerdictJSON is the result of a verification for programs. The result must have a report.
func VerdictJSON(r *Result) *Verdict {
	p := r.Report
	v := &Verdict{
		Version: 1, Protocol: r.Name(), Verdict: p.Verdict, Why: p.Why, States: p.States, Transitions: p.Transitions, Depth: p.Depth,
		Seconds: p.Elapsed.Seconds(), Engine: p.Engine, Properties: []PropertyLine{}, Assumptions: append([]string{}, p.Assumptions...),
		Limits: append([]string{}, p.Limits...), NotChecked: []NotChecked{}, Unfired: append([]string{}, p.Unfired...), Probability: []Probability{}, Defect: schemaDefect(r), Checkpoint: r.Saved,
	}
	if p.States > 0 {
		v.BytesPerState = float64(p.Bytes) / float64(p.States)
	}
	for _, x := range p.Properties {
		line := PropertyLine{Name: x.Name, Verdict: x.Verdict, Why: x.Why, Run: []chart.Step{}}
		if x.Run != nil {
			line.Run = drawn(r, x).List(x.Run)
		}
		v.Properties = append(v.Properties, line)
	}
	for _, x := range p.NotChecked {
		v.NotChecked = append(v.NotChecked, NotChecked(x))
	}
	v.Chain, v.Rounds = chainJSON(p.Chain), RoundsJSON(r)
	if r.Plan == nil {
		return v
	}
	v.Expected = &Expected{Datagrams: r.Plan.Costs.DatagramsPerCall, Bytes: r.Plan.Costs.BytesPerCall, Latency: map[string]float64{}}
	for _, c := range r.Plan.Interface.Calls {
		v.Expected.Latency[c.Name] = float64(r.Plan.Costs.Latency[c.Name].Microseconds()) / 1000
		if s := r.Plan.Schedules[c.Name]; s != nil {
			x := Probability{Name: r.Plan.Interface.Name + "." + c.Name, Value: s.Chance}
			if c.Within != nil {
				x.Target = c.Within.P
			}
			v.Probability = append(v.Probability, x)
		}
	}
	callsJSON(r, v)
	return v
}

// peers by their machines.
func peers(r *Result) map[string]string {
	if r.Plan == nil {
		return nil
	}
	return map[string]string{"caller": r.Plan.Interface.From.Name, "callee": r.Plan.Interface.To.Name}
}

// drawn is how the run of a property is drawn.
func drawn(r *Result, x verify.Property) chart.Chart {
	return chart.Chart{Names: peers(r), Why: x.Why}
}

// PrintRun draws the run of a property that is violated. Without one it writes nothing, and is false.
func PrintRun(w io.Writer, r *Result, property string, style Style) (bool, error) {
	for _, x := range r.Report.Properties {
		if x.Name != property || x.Run == nil {
			continue
		}
		c := drawn(r, x)
		c.ASCII, c.Values = style.ASCII, style.Values
		_, err := fmt.Fprintln(w, c.Text(x.Run, x.Name))
		return true, err
	}
	return false, nil
}

// Style says what a terminal shows.
type Style struct {
	Colour bool
	ASCII  bool // nothing else in charts
	Values bool // in charts: what each step changed
}

// most columns of a line.
const columns = 120

// PrintVerdict writes the result of a verification for people. The result must have a report. The error is the writer's.
func PrintVerdict(w io.Writer, r *Result, style Style) error {
	p := r.Report
	b := &strings.Builder{}
	printDefects(b, r, style)
	red, green, yellow := paint(style.Colour, color.FgRed), paint(style.Colour, color.FgGreen), paint(style.Colour, color.FgYellow)
	var held, open []string
	for _, x := range p.Properties {
		switch x.Verdict {
		case verify.Holds:
			held = append(held, x.Name)
			continue
		case verify.Undecided:
			open = append(open, x.Name)
			continue
		}
		head := x.Name
		if x.Run != nil {
			head += "      " + runLength(x.Run)
		}
		own := asserted(r, x.Name)
		if own == "" && r.Plan != nil {
			for _, f := range r.Plan.Forced {
				head += fmt.Sprintf("      force { %s %s }, line %d", f.Feature, f.Value, f.Clause.Line)
			}
		}
		field(b, red, "violated", head)
		if own != "" {
			field(b, nil, "", own)
		}
		if x.Why != "" {
			field(b, nil, "", x.Why)
		}
		if x.Run != nil {
			charted := drawn(r, x)
			charted.ASCII, charted.Values = style.ASCII, style.Values
			fmt.Fprintf(b, "\n%s\n", charted.Text(x.Run, x.Name))
		}
	}
	if schemaDefect(r) && p.Verdict == verify.Violated {
		field(b, red, "defect", "the plan is the compiler's own, so its schema is wrong and not the program: please report the program with this run")
	}
	if len(held) > 0 {
		field(b, green, "holds", strings.Join(held, " "))
	}
	if len(open) > 0 {
		field(b, yellow, "undecided", strings.Join(open, " "))
	}
	list(b, "because", reasons(p))
	figures := fmt.Sprintf("%s, %s, depth %s, %s", Plural(p.States, "state"), Plural(p.Transitions, "transition"), Count(p.Depth), Seconds(p.Elapsed))
	if p.Sets {
		figures = fmt.Sprintf("%s, found as sets, %s", Plural(p.States, "state"), Seconds(p.Elapsed))
	}
	if p.States > 0 {
		figures += fmt.Sprintf(", %s B a state", trim(fmt.Sprintf("%.1f", float64(p.Bytes)/float64(p.States))))
	}
	if p.Engine != "" {
		figures += ", " + p.Engine
	}
	field(b, nil, "", figures)
	if p.Verdict == verify.Holds && r.Plan != nil {
		fair := ""
		if slices.Contains(held, "delivered") && r.Plan.Interface.Channel.Loses != nil {
			fair = ", under fair loss"
		}
		field(b, nil, "for", "any number of calls, losses and crashes"+fair)
	}
	printChain(b, p.Chain)
	printCalls(b, r)
	if r.Saved != "" {
		field(b, nil, "saved", r.Saved+": verify --resume goes on from there")
	}
	list(b, "given", p.Assumptions)
	list(b, "limits", p.Limits)
	var rest []string
	for _, x := range p.NotChecked {
		rest = append(rest, x.Name+": "+x.Reason)
	}
	list(b, "not checked", rest)
	list(b, "never fires", p.Unfired)
	_, err := io.WriteString(w, b.String())
	return err
}

// reasons are why properties are undecided, each once.
func reasons(p *verify.Report) []string {
	var out []string
	if p.Verdict == verify.Undecided {
		out = append(out, p.Why)
	}
	for _, x := range p.Properties {
		if x.Verdict == verify.Undecided && x.Why != "" && !slices.Contains(out, x.Why) {
			out = append(out, x.Why)
		}
	}
	return out
}

func runLength(run *verify.Run) string {
	s := fmt.Sprintf("shortest run, %s", Plural(len(run.Steps), "step"))
	if run.Note != "" {
		s = fmt.Sprintf("run of %s, %s", Plural(len(run.Steps), "step"), run.Note)
	}
	return s
}

// paint is a colour that does not look at the terminal: the caller knows.
func paint(on bool, attributes ...color.Attribute) *color.Color {
	c := color.New(attributes...)
	c.DisableColor()
	if on {
		c.EnableColor()
	}
	return c
}

const labelWidth = 13

// field writes a label and a text, which goes on below itself where it is too long for a line.
func field(b *strings.Builder, c *color.Color, label, text string) {
	padded := fmt.Sprintf("%-*s", labelWidth, label)
	if c != nil {
		padded = c.Sprint(label) + strings.Repeat(" ", max(0, labelWidth-len(label)))
	}
	for i, line := range fold(text, columns-labelWidth) {
		if i > 0 {
			padded = strings.Repeat(" ", labelWidth)
		}
		b.WriteString(strings.TrimRight(padded+line, " ") + "\n")
	}
}

func list(b *strings.Builder, label string, texts []string) {
	for _, t := range texts {
		field(b, nil, label, t)
		label = ""
	}
}

// fold breaks a text at blanks into lines of at most n columns; longer words stand alone. Runs of blanks stay.
func fold(text string, n int) []string {
	var out []string
	line := ""
	for _, word := range strings.SplitAfter(text, " ") {
		if line != "" && len([]rune(strings.TrimRight(line+word, " "))) > n {
			out, line = append(out, strings.TrimRight(line, " ")), ""
		}
		if line == "" {
			word = strings.TrimLeft(word, " ")
		}
		line += word
	}
	return append(out, line)
}
