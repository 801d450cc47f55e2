package compile

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/fatih/color"

	"sprocketc/diag"
	"sprocketc/verify"
)

// Answers of subcommands, as values for programs and as text for people. Every answer for programs is one object.

// Diagnostics is the answer on a program that is not accepted.
type Diagnostics struct {
	Version     int                   `json:"version"`
	Protocol    string                `json:"protocol"`
	Diagnostics []diag.JSONDiagnostic `json:"diagnostics"`
}

// DiagnosticsJSON is the answer on a result that has nothing but diagnostics.
func DiagnosticsJSON(r *Result) Diagnostics {
	return Diagnostics{1, r.Name(), diag.JSON(r.Diagnostics)}
}

// ErrorAnswer is the answer where a mistake in the call, or a defect, leaves no other.
type ErrorAnswer struct {
	Diagnostics
	Error ErrorText `json:"error"`
}

// ErrorText is an error without a place in a program. Phase and File are of a defect.
type ErrorText struct {
	Status  int    `json:"status"`
	Phase   string `json:"phase"`
	File    string `json:"file"`
	Message string `json:"message"`
}

// ErrorJSON is the answer where a mistake in the call, or a defect, leaves no other.
func ErrorJSON(err error) ErrorAnswer {
	return ErrorAnswer{Diagnostics{1, "", diag.JSON(nil)}, *errorText(err)}
}

func errorText(err error) *ErrorText {
	text := &ErrorText{Status: Status(err)}
	switch text.Status {
	case StatusUsage:
		text.Message = err.Error()
		return text
	case StatusDefect:
		text.Message = err.Error()
		var d *Defect
		if errors.As(err, &d) {
			text.Phase, text.File, text.Message = d.Phase, d.File, d.Cause
		}
		return text
	}
	return nil
}

// SearchOptions are the options of a verification from what a command line says. The error is a Usage.
func SearchOptions(timeout time.Duration, states int, memory, channels string, unreduced bool) (Options, error) {
	o := Options{Timeout: timeout, Search: verify.Options{MaxStates: states, Channels: channels, NoReduction: unreduced}}
	bytes, err := ReadBytes(memory)
	if err != nil {
		return o, usagef("--max-memory: %v", err)
	}
	o.Search.MaxMemory = bytes
	if timeout < 0 || states < 0 {
		return o, usagef("a limit is negative")
	}
	if channels != "" {
		c := 0
		if n, err := fmt.Sscanf(channels, "fifo:%d", &c); n != 1 || err != nil || c < 1 || c > 16 || channels != fmt.Sprintf("fifo:%d", c) {
			return o, usagef("--channels is fifo: and a capacity of 1 to 16, not %q", channels)
		}
	}
	return o, nil
}

// ProgressLine tells how far a search is: "12.4 M states   6.1 M/s   frontier 310 k   1.2 GiB   level 41".
func ProgressLine(s verify.Progress) string {
	if s.Nodes > 0 && s.States == 0 {
		return fmt.Sprintf("%s nodes of a diagram   %s", large(float64(s.Nodes)), Bytes(s.Memory))
	}
	rate := float64(s.States) / max(s.Elapsed.Seconds(), 1e-3)
	return fmt.Sprintf("%s states   %s/s   frontier %s   %s   level %d", large(float64(s.States)), large(rate), large(float64(s.Frontier)), Bytes(s.Memory), s.Depth)
}

func large(x float64) string {
	switch {
	case x >= 1e6:
		return trim(fmt.Sprintf("%.1f", x/1e6)) + " M"
	case x >= 1e4:
		return trim(fmt.Sprintf("%.0f", x/1e3)) + " k"
	}
	return trim(fmt.Sprintf("%.0f", x))
}

// Checked collects the answers of `check`.
type Checked struct {
	names []string
	list  []*Result // nil where the file could not be read
	errs  []error
}

// NewCheck is an answer without programs.
func NewCheck() *Checked { return &Checked{} }

// Add adds what became of a file.
func (c *Checked) Add(name string, r *Result, err error) {
	c.names, c.list, c.errs = append(c.names, name), append(c.list, r), append(c.errs, err)
}

// CheckAnswer is the answer of `check` for programs.
type CheckAnswer struct {
	Diagnostics
	Programs []CheckProgram `json:"programs"`
}

// CheckProgram is the answer on one program.
type CheckProgram struct {
	File     string     `json:"file"`
	Protocol string     `json:"protocol"`
	Accepted bool       `json:"accepted"`
	Error    *ErrorText `json:"error,omitempty"`
}

// JSON is the answer for programs; its protocol is that of the only program, "" where there are more.
func (c *Checked) JSON() CheckAnswer {
	out := CheckAnswer{gather(c.list), []CheckProgram{}}
	for i, r := range c.list {
		p := CheckProgram{File: c.names[i], Accepted: c.errs[i] == nil, Error: errorText(c.errs[i])}
		if r != nil {
			p.Protocol = r.Name()
		}
		out.Programs = append(out.Programs, p)
	}
	return out
}

// gather puts the diagnostics of several programs together.
func gather(results []*Result) Diagnostics {
	var list []diag.Diagnostic
	name := ""
	for _, r := range results {
		if r != nil {
			list = append(list, r.Diagnostics...)
			name = r.Name()
		}
	}
	if len(results) > 1 {
		name = ""
	}
	return Diagnostics{1, name, diag.JSON(list)}
}

// Print writes a line for every program that is accepted.
func (c *Checked) Print(w io.Writer, colour bool) error {
	b := &strings.Builder{}
	for i, r := range c.list {
		if c.errs[i] != nil {
			continue
		}
		what := r.Name()
		if r.Plan != nil {
			in := r.Plan.Interface
			what += fmt.Sprintf(": %s, %s calls %s over %s", in.Name, in.From.Name, in.To.Name, in.Channel.Name)
		}
		field(b, paint(colour, color.FgGreen), "accepted", c.names[i]+"   "+what)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Shows reports, as a Usage, that a result does not have what is to be shown: machines in text form have no plan.
func Shows(r *Result, d Dump) error {
	if r.Program == nil && Machine(r.File) && d.Name != "fsm" {
		return usagef("%s holds machines and no program: it has no %s", r.File.Name, d.Name)
	}
	return nil
}

// Accepted is ErrRejected where a result's diagnostics are errors: a tree can be shown all the same.
func Accepted(r *Result) error { return rejected(r) }
