package compile

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fatih/color"

	"sprocketc/schema"
)

// Build collects the programs of `build`, which are written together or not at all.
type Build struct {
	dir, depfile string
	names        []string
	list         []*Result // nil where the file could not be read
	errs         []error
	written      *Written
	failed       error // of writing
}

// NewBuild is a build into a directory, with a dependency file where one is named.
func NewBuild(dir, depfile string) *Build { return &Build{dir: dir, depfile: depfile} }

// Add adds what became of a file.
func (b *Build) Add(name string, r *Result, err error) {
	b.names, b.list, b.errs = append(b.names, name), append(b.list, r), append(b.errs, err)
}

// Write writes what all programs emit, or nothing where one of them failed. The error is a Usage.
func (b *Build) Write() error {
	if slices.ContainsFunc(b.errs, func(err error) bool { return err != nil }) {
		return nil // it is reported where it happened
	}
	b.written, b.failed = Write(b.dir, b.list, b.depfile)
	return b.failed
}

// BuildAnswer is the answer of `build` for programs. Names of files are below the output directory.
type BuildAnswer struct {
	Diagnostics
	Programs  []BuildProgram `json:"programs"`
	Output    string         `json:"output"`
	Written   []string       `json:"written"`
	Unchanged []string       `json:"unchanged"`
	Deleted   []string       `json:"deleted"`
	Left      []string       `json:"left"` // stale, but edited
	Error     *ErrorText     `json:"error,omitempty"`
}

// BuildProgram is the answer on one program.
type BuildProgram struct {
	File     string      `json:"file"`
	Protocol string      `json:"protocol"`
	Verified *Verdict    `json:"verify,omitempty"`
	Files    []string    `json:"files"`
	Measured []*Measured `json:"measured,omitempty"`
	Error    *ErrorText  `json:"error,omitempty"`
}

// JSON is the answer for programs; its protocol is that of the only program, "" where there are more.
func (b *Build) JSON() BuildAnswer {
	out := BuildAnswer{Diagnostics: gather(b.list), Programs: []BuildProgram{}, Output: b.dir,
		Written: []string{}, Unchanged: []string{}, Deleted: []string{}, Left: []string{}, Error: errorText(b.failed)}
	for i, r := range b.list {
		p := BuildProgram{File: b.names[i], Files: []string{}, Error: errorText(b.errs[i])}
		if r != nil {
			p.Protocol, p.Measured = r.Name(), r.Measured
			if r.Report != nil {
				p.Verified = VerdictJSON(r)
			}
			for _, f := range r.Files {
				p.Files = append(p.Files, f.Name)
			}
		}
		out.Programs = append(out.Programs, p)
	}
	if w := b.written; w != nil {
		out.Written, out.Unchanged = append(out.Written, w.Written...), append(out.Unchanged, w.Unchanged...)
		out.Deleted, out.Left = append(out.Deleted, w.Deleted...), append(out.Left, w.Edited...)
	}
	return out
}

// Print writes the verdict on each program that does not hold, a line for each that does, and what was written.
func (b *Build) Print(w io.Writer, style Style) error {
	out := &strings.Builder{}
	for i, r := range b.list {
		switch {
		case r == nil:
		case r.Report != nil && b.errs[i] != nil:
			if err := PrintVerdict(out, r, style); err != nil {
				return err
			}
		case r.Report != nil:
			field(out, paint(style.Colour, color.FgGreen), "holds", fmt.Sprintf("%s   %s, %s in %s", b.names[i],
				properties(len(r.Report.Properties)), Plural(r.Report.States, "state"), Seconds(r.Report.Elapsed)))
		case b.errs[i] == nil:
			field(out, paint(style.Colour, color.FgYellow), "unproven", b.names[i])
		}
		if r != nil && r.Report != nil && b.errs[i] == nil {
			printMissing(out, r, style)
		}
		if r != nil && b.errs[i] == nil {
			for _, m := range r.Measured {
				label, by := "measured", fmt.Sprintf("%s with -Os, %s", schema.Target(m.Target), m.Compiler)
				if m.Flash == 0 {
					label, by = "not measured", m.Compiler+" is not installed; the plan's figures keep it"
				}
				field(out, nil, label, fmt.Sprintf("%s   %s: %s   %s", b.names[i], m.Peer, m.Text(), by))
			}
		}
	}
	if b.written == nil {
		field(out, nil, "not written", b.dir)
	} else {
		counts := Plural(len(b.written.Written), "file")
		if n := len(b.written.Unchanged); n > 0 {
			counts += fmt.Sprintf(", %s unchanged", Count(n))
		}
		if n := len(b.written.Deleted); n > 0 {
			counts += fmt.Sprintf(", %s deleted", Count(n))
		}
		field(out, nil, "written", b.dir+"   "+counts)
		for i, r := range b.list {
			if len(r.Files) == 0 {
				field(out, nil, "", b.names[i]+" asks for nothing: no peer says `emit go` or `emit c`, and no --emit stands for it")
			}
		}
		for _, name := range b.written.Edited {
			field(out, nil, "left", name+" is not emitted any more, and its first line was changed")
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}
