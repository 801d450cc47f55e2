package compile

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"sprocketc/compile/simulate"
)

// Simulation is what `run` is asked for.
type Simulation struct {
	Seed   uint64
	Calls  int
	Faults []string // "loss=0.2"
	Chart  int      // the call of which a chart is drawn, from 1; 0: none
	Steps  bool     // every step is told
}

// Simulated is the answer of `run`.
type Simulated struct {
	r     *Result
	ask   Simulation
	with  simulate.Config
	sum   *simulate.Summary
	extra []string // faults that the program does not declare
	steps []simulate.Step
}

// mostSteps that are kept.
const mostSteps = 2_000_000

// Simulate lets the machines of a result run against each other. The result must have a plan and machines. The error is
// ErrViolated, with an answer, where a promise of the program was not kept; a Usage, or a Defect.
func Simulate(r *Result, ask Simulation) (*Simulated, error) {
	if r.Plan == nil {
		return nil, usagef("%s holds machines: only programs are run", r.File.Name)
	}
	if ask.Calls < 1 || ask.Calls > 10_000_000 {
		return nil, usagef("--calls is a number from 1 to 10,000,000")
	}
	if ask.Chart < 0 || ask.Chart > ask.Calls {
		return nil, usagef("--chart is the number of a call, from 1 to %d", ask.Calls)
	}
	c := simulate.Defaults(r.Plan)
	c.Seed, c.Calls = ask.Seed, ask.Calls
	for _, f := range ask.Faults {
		if err := c.Set(f); err != nil {
			return nil, usagef("--fault: %v", err)
		}
	}
	out := &Simulated{r: r, ask: ask, with: c, extra: c.Undeclared(r.Plan)}
	var listen func(simulate.Step)
	if ask.Steps || ask.Chart > 0 {
		listen = func(s simulate.Step) {
			if (ask.Steps || s.Call == ask.Chart) && len(out.steps) < mostSteps {
				out.steps = append(out.steps, s)
			}
		}
	}
	err := Guard("run", r.File.Name, func() (err error) {
		out.sum, err = simulate.Run(r.Plan, r.System, c, listen)
		return err
	})
	if err != nil {
		return nil, err
	}
	if out.sum.Broken() > 0 {
		return out, ErrViolated
	}
	return out, nil
}

// SimulationAnswer is the answer of `run` for programs.
type SimulationAnswer struct {
	Version    int                `json:"version"`
	Protocol   string             `json:"protocol"`
	Verdict    string             `json:"verdict"` // "kept" or "violated"
	Seed       uint64             `json:"seed"`
	Faults     string             `json:"faults"`
	Undeclared []string           `json:"undeclared"`
	Calls      []SimulationCall   `json:"calls"`
	Crashes    map[string]int     `json:"crashes"`
	Halted     []string           `json:"halted"`
	Datagrams  map[string]uint64  `json:"datagrams"`
	BytesACall float64            `json:"mean_bytes"`
	SecondsRun float64            `json:"virtual_seconds"`
	Steps      []SimulationStep   `json:"steps,omitempty"`
	Expected   map[string]float64 `json:"expected_bytes"`
}

// SimulationCall is what became of the calls of one function.
type SimulationCall struct {
	Name       string `json:"name"`
	Kind       string `json:"kind"`
	Made       int    `json:"made"`
	Answered   int    `json:"answered"`
	Remembered int    `json:"from_memo"`
	Refused    int    `json:"refused"`
	TimedOut   int    `json:"timed_out"`
	Unknown    int    `json:"unknown"`
	Restarted  int    `json:"restarted"`
	Cut        int    `json:"cut_off"`
	Ran        int    `json:"ran"`
	RanTwice   int    `json:"ran_twice"`
	RanLate    int    `json:"ran_late"`
	Forged     int    `json:"ran_unasked"`
	Wrong      int    `json:"wrong_answer"`
}

// SimulationStep is a step.
type SimulationStep struct {
	Milliseconds float64 `json:"ms"`
	Actor        string  `json:"actor"`
	Event        string  `json:"event"`
	Text         string  `json:"text"`
	Datagram     int     `json:"datagram,omitempty"`
}

var stepNames = map[simulate.StepKind]string{simulate.Made: "calls", simulate.Ended: "ends", simulate.Sent: "sends", simulate.Lost: "sends, lost",
	simulate.Arrived: "receives", simulate.Dropped: "drops", simulate.Ran: "runs", simulate.Noted: "does"}

// JSON is the answer for programs.
func (s *Simulated) JSON() SimulationAnswer {
	sum := s.sum
	out := SimulationAnswer{Version: 1, Protocol: sum.Protocol, Verdict: "kept", Seed: sum.Seed, Faults: s.faults(), Undeclared: append([]string{}, s.extra...),
		Calls: []SimulationCall{}, Crashes: map[string]int{}, Halted: []string{}, BytesACall: s.mean(), SecondsRun: sum.Virtual.Seconds(),
		Datagrams: map[string]uint64{"sent": sum.Datagrams.Sent, "lost": sum.Datagrams.Lost, "repeated": sum.Datagrams.Repeated, "overtaken": sum.Datagrams.Overtaken,
			"corrupted": sum.Datagrams.Altered, "corrupted_unseen": sum.Unseen, "dropped": sum.Dropped, "bytes": sum.Datagrams.Bytes},
		Expected: s.r.Plan.Costs.BytesPerCall}
	if sum.Broken() > 0 {
		out.Verdict = "violated"
	}
	for _, c := range sum.Calls {
		out.Calls = append(out.Calls, SimulationCall(c))
	}
	for _, p := range sum.Crashes {
		out.Crashes[p.Peer] = p.Crashes
		if p.Halted {
			out.Halted = append(out.Halted, p.Peer)
		}
	}
	for _, x := range s.steps {
		out.Steps = append(out.Steps, SimulationStep{float64(x.At.Microseconds()) / 1000, x.Actor, stepNames[x.Kind], x.Text, x.Number})
	}
	return out
}

// mean bytes a call that was made.
func (s *Simulated) mean() float64 {
	made := 0
	for _, c := range s.sum.Calls {
		made += c.Made
	}
	return float64(s.sum.Datagrams.Bytes) / float64(max(made, 1))
}

func (s *Simulated) faults() string {
	f := s.sum.Faults
	var out []string
	add := func(yes bool, name, format string, args ...any) {
		if yes {
			out = append(out, fmt.Sprintf(format, args...)+s.assumed(name))
		}
	}
	add(f.Lose > 0, "loss", "loses %s", Percent(f.Lose))
	add(f.Repeat > 0, "repeat", "repeats %s", Percent(f.Repeat))
	add(f.Overtake > 0, "reorder", "overtakes within %d", f.Overtake)
	add(f.Overtake < 0, "reorder", "overtakes")
	add(f.Corrupt > 0, "corrupt", "corrupts %s", Percent(f.Corrupt))
	add(f.DelayMax > 0, "delay", "delays %v to %v", f.DelayMin, f.DelayMax)
	if out == nil {
		return "is perfect"
	}
	return strings.Join(out, ", ")
}

// assumed marks a figure that the program does not give.
func (s *Simulated) assumed(fault string) string {
	if s.with.Assumed[fault] {
		return " (assumed)"
	}
	return ""
}

// crashing tells how often the peers that may crash do.
func (s *Simulated) crashing() string {
	if s.with.Crash == 0 {
		return ""
	}
	return fmt.Sprintf("; crashes after %s of all actions%s", Percent(s.with.Crash), s.assumed("crash"))
}

// Print writes the steps or the chart, where they were asked for, and the summary.
func (s *Simulated) Print(w io.Writer) error {
	b := &strings.Builder{}
	in := s.r.Plan.Interface
	switch {
	case s.ask.Steps:
		for _, x := range s.steps {
			fmt.Fprintf(b, "%12.3f ms  %-12s %-12s %s\n", float64(x.At.Microseconds())/1000, x.Actor, stepNames[x.Kind], numbered(x))
		}
		b.WriteByte('\n')
	case s.ask.Chart > 0:
		drawCall(b, s.steps, in.From.Name, in.To.Name)
		b.WriteByte('\n')
	}
	sum := s.sum
	head := fmt.Sprintf("%s and %s, %s over a link that %s%s; seed %d", in.From.Name, in.To.Name, Plural(s.ask.Calls, "call"), s.faults(), s.crashing(), sum.Seed)
	b.WriteString(strings.Join(fold(head, columns), "\n  ") + "\n")
	var fell []string
	total := 0
	for _, p := range sum.Crashes {
		if p.Crashes > 0 {
			fell = append(fell, fmt.Sprintf("%s %s", p.Peer, Count(p.Crashes)))
			total += p.Crashes
		}
	}
	if total > 0 {
		fmt.Fprintf(b, "crashed %s: %s\n", Plural(total, "time"), strings.Join(fell, ", "))
	}
	for _, p := range sum.Crashes {
		if p.Halted {
			fmt.Fprintf(b, "%s stopped for good: its numbers had run out\n", p.Peer)
		}
	}
	if len(s.extra) > 0 {
		fmt.Fprintf(b, "not declared by the program, so nothing was promised: %s\n", strings.Join(s.extra, ", "))
	}
	b.WriteByte('\n')
	s.table(b)
	d := sum.Datagrams
	fmt.Fprintf(b, "\n  datagrams  %s sent, %s lost, %s repeated, %s corrupted", Count(int(d.Sent)), Count(int(d.Lost)), Count(int(d.Repeated)), Count(int(d.Altered)))
	if sum.Unseen > 0 {
		fmt.Fprintf(b, ", of which %s unseen", Count(int(sum.Unseen)))
	}
	fmt.Fprintf(b, "        mean %.1f B a call\n", s.mean())
	fmt.Fprintf(b, "  time       %s, virtual\n", Seconds(sum.Virtual.Round(time.Millisecond)))
	if n := sum.Broken(); n > 0 {
		fmt.Fprintf(b, "\nviolated   %s not kept\n", Plural(n, "promise"))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// table of the calls; columns that are empty in every line are left out, but for those that say what went well.
func (s *Simulated) table(b *strings.Builder) {
	type column struct {
		name   string
		of     func(simulate.CallSummary) int
		always bool
	}
	columns := []column{
		{"made", func(c simulate.CallSummary) int { return c.Made }, true},
		{"answered", func(c simulate.CallSummary) int { return c.Answered }, true},
		{"from memo", func(c simulate.CallSummary) int { return c.Remembered }, false},
		{"refused", func(c simulate.CallSummary) int { return c.Refused }, false},
		{"timed out", func(c simulate.CallSummary) int { return c.TimedOut }, true},
		{"unknown", func(c simulate.CallSummary) int { return c.Unknown }, true},
		{"restarted", func(c simulate.CallSummary) int { return c.Restarted }, true},
		{"cut off", func(c simulate.CallSummary) int { return c.Cut }, false},
		{"ran", func(c simulate.CallSummary) int { return c.Ran }, true},
		{"ran twice", func(c simulate.CallSummary) int { return c.RanTwice }, true},
		{"ran late", func(c simulate.CallSummary) int { return c.RanLate }, true},
		{"ran unasked", func(c simulate.CallSummary) int { return c.Forged }, false},
		{"wrong answer", func(c simulate.CallSummary) int { return c.Wrong }, true},
	}
	wide := len("call")
	for _, c := range s.sum.Calls {
		wide = max(wide, len(c.Name))
	}
	lines := make([]string, len(s.sum.Calls)+1)
	lines[0] = fmt.Sprintf("  %-*s", wide, "call")
	for i, c := range s.sum.Calls {
		lines[i+1] = fmt.Sprintf("  %-*s", wide, c.Name)
	}
	for _, col := range columns {
		any := col.always
		cells := []string{col.name}
		for _, c := range s.sum.Calls {
			n := col.of(c)
			any = any || n > 0
			cell := Count(n)
			if col.name == "ran twice" && !strings.HasPrefix(c.Kind, "effect") || col.name == "ran late" && c.Kind == "pure" {
				cell = "-"
			}
			cells = append(cells, cell)
		}
		if !any {
			continue
		}
		n := len(col.name)
		for _, c := range cells {
			n = max(n, len(c))
		}
		for i, c := range cells {
			lines[i] += fmt.Sprintf("  %*s", n, c)
		}
	}
	b.WriteString(strings.Join(lines, "\n") + "\n")
}

// numbered adds the number of a datagram on its way; # is a call's identity, in the charts of verify.
func numbered(s simulate.Step) string {
	if s.Number > 0 {
		return s.Text + " (" + strconv.Itoa(s.Number) + ")"
	}
	return s.Text
}

const (
	leftWidth = 30 // of the caller's notes
	gapWidth  = 34 // between the peers
)

// drawCall draws the steps of one call as a sequence chart: what the caller does on the left, the callee on the right,
// the datagrams between.
func drawCall(b *strings.Builder, steps []simulate.Step, caller, callee string) {
	if len(steps) == 0 {
		b.WriteString("  the call was not made\n")
		return
	}
	start := steps[0].At
	fmt.Fprintf(b, "%10s  %*s%*s\n", "ms", leftWidth, caller, gapWidth+len(callee)/2+1, callee)
	for _, s := range steps {
		left, right, middle := "", "", strings.Repeat(" ", gapWidth)
		there := s.Actor == caller
		switch s.Kind {
		case simulate.Sent, simulate.Lost:
			middle = arrow(numbered(s), there, s.Kind == simulate.Lost, true)
		case simulate.Arrived:
			middle = arrow(numbered(s), !there, false, false)
		case simulate.Dropped:
			middle = arrow(numbered(s), !there, true, false)
		default:
			if there {
				left = s.Text
			} else {
				right = s.Text
			}
		}
		if n := len([]rune(left)); n > leftWidth-1 {
			left = string([]rune(left)[:leftWidth-2]) + "…"
		}
		fmt.Fprintf(b, "%s\n", strings.TrimRight(fmt.Sprintf("%10.3f  %*s │%s│ %s", float64((s.At-start).Microseconds())/1000, leftWidth-1, left, middle, right), " "))
	}
}

// arrow is a datagram between the peers: it leaves one side, or arrives at the other; a cross is its end.
func arrow(text string, rightwards, ends, leaves bool) string {
	text = " " + text + " "
	room := gapWidth - len([]rune(text))
	if room < 4 {
		text = string([]rune(text)[:gapWidth-5]) + " "
		room = 4
	}
	long := strings.Repeat("─", 2)
	rest := strings.Repeat(" ", room-3)
	head, back := "▶", "◀"
	if ends {
		head, back = "✗", "✗"
	}
	switch {
	case leaves && rightwards:
		return long + text + head + rest
	case leaves:
		return rest + back + text + long
	case rightwards:
		return rest + text + long + head
	}
	return back + long + text + rest
}
