package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/mattn/go-isatty"

	"sprocketc/compile"
	"sprocketc/diag"
	"sprocketc/verify"
)

// What every subcommand does with its answers.

func quoted(s string) string { return strconv.Quote(s) }

// output is the standard output; it remembers that it failed.
type output struct {
	w   io.Writer
	err error
}

func (o *output) Write(b []byte) (int, error) {
	n, err := o.w.Write(b)
	if err != nil {
		o.err = err
	}
	return n, err
}

func terminal(w any) bool {
	if o, ok := w.(*output); ok {
		w = o.w
	}
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// colours reports whether a stream is for eyes that want them.
func colours(w io.Writer) bool {
	return terminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// style of a stream: characters beyond ASCII go everywhere but to a terminal that is known not to have them.
func style(w io.Writer) compile.Style {
	plain := os.Getenv("TERM") == "dumb" || os.Getenv("LC_ALL") == "C" || os.Getenv("LC_ALL") == "POSIX"
	return compile.Style{Colour: colours(w), ASCII: terminal(w) && plain}
}

func (c *command) inJSON() bool { return c.format == "json" }

// asFindings reports whether the answer is for a server that reads findings.
func (c *command) asFindings() bool { return c.format == "sarif" || c.format == "junit" }

// findings writes them.
func (c *command) findings(of string, list []compile.Finding) error {
	f := compile.Findings{Command: of, List: list}
	if c.format == "sarif" {
		return f.WriteSARIF(c.stdout)
	}
	return f.WriteJUnit(c.stdout)
}

// print writes a value as JSON.
func (c *command) print(v any) error {
	e := json.NewEncoder(c.stdout)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// complain reports a mistake in the call, or an error of the compiler's own.
func (c *command) complain(err error) {
	fmt.Fprintf(c.stderr, "sprocketc: %v\n", err)
	var defect *compile.Defect
	if !errors.As(err, &defect) {
		return
	}
	fmt.Fprintf(c.stderr, "this is an error of the compiler's own; please report it with the program and the version, %s; -v shows where it happened\n", compile.Version)
	if defect.Stack != nil && c.verbose {
		fmt.Fprintf(c.stderr, "%s\n", defect.Stack)
	}
}

// pipeline takes a file as far as last, with progress on a terminal, and reports its diagnostics as text.
func (c *command) pipeline(ctx context.Context, name string, last compile.Phase, o compile.Options) (*compile.Result, error) {
	file, err := compile.ReadFile(name, c.stdin)
	if err != nil {
		return nil, err
	}
	if last > compile.Verify && compile.Machine(file) {
		return nil, &compile.Usage{Message: name + " holds machines: only programs can be built"}
	}
	progress := &progress{w: c.stderr, on: terminal(c.stderr)}
	o.Search.Progress = progress.show
	r, err := compile.Run(ctx, file, last, o)
	progress.clear()
	if !c.inJSON() && !c.asFindings() {
		c.report(r.Diagnostics)
	}
	if c.verbose {
		for _, t := range r.Took {
			fmt.Fprintf(c.stderr, "%-8s %10.3f ms   %s\n", t.Phase, float64(t.Time.Microseconds())/1000, name)
		}
	}
	return r, err
}

func (c *command) report(list []diag.Diagnostic) {
	if len(list) > 0 {
		diag.Render(c.stderr, list, diag.Options{Color: colours(c.stderr)})
	}
}

// refused answers with nothing but diagnostics.
func (c *command) refused(r *compile.Result, err error) error {
	if r != nil && c.asFindings() && (errors.Is(err, compile.ErrRejected) || errors.Is(err, compile.ErrUndecided)) {
		if e := c.findings("", compile.Rejected(r.Name(), r.Diagnostics)); e != nil {
			return e
		}
		return err
	}
	if r != nil && c.inJSON() && (errors.Is(err, compile.ErrRejected) || errors.Is(err, compile.ErrUndecided)) {
		if e := c.print(compile.DiagnosticsJSON(r)); e != nil {
			return e
		}
	}
	return err
}

// progress is a line on a terminal that is overwritten; it appears when work takes longer than a second.
type progress struct {
	w     io.Writer
	on    bool
	last  time.Duration
	width int
}

func (p *progress) show(s verify.Progress) { p.line(s.Elapsed, compile.ProgressLine(s)) }

// telling shows what is worked at from now on, if that takes longer than a second.
func (p *progress) telling() compile.Telling {
	begun := time.Now()
	return func(what string) { p.line(time.Since(begun), what) }
}

func (p *progress) line(elapsed time.Duration, line string) {
	if !p.on || elapsed < time.Second || elapsed-p.last < 200*time.Millisecond {
		return
	}
	p.last = elapsed
	fmt.Fprintf(p.w, "\r%-*s", p.width, line)
	p.width = max(p.width, len(line))
}

func (p *progress) clear() {
	if p.width > 0 {
		fmt.Fprintf(p.w, "\r%*s\r", p.width, "")
	}
}
