package compile

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"sprocketc/verify"
	"sprocketc/verify/export"
)

// Exported is the answer of `export`.
type Exported struct {
	Name, Target   string
	Capacity       int
	Dir            string
	Files, Written []string // names below Dir; those that were not there already
}

// ExportTargets are the languages of other checkers.
func ExportTargets() []string { return export.Targets() }

// Export writes the machines of a result for another checker into a directory. channels is "fifo:" and the capacity of
// the channels whose text states none. The error is a Usage.
func Export(r *Result, target, channels, dir string) (*Exported, error) {
	o, err := SearchOptions(0, 0, "1GiB", channels, true)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(export.Targets(), target) {
		return nil, usagef("--to is %s, not %q", strings.Join(export.Targets(), " or "), target)
	}
	a := &Exported{Name: r.Name(), Target: target, Dir: dir}
	fmt.Sscanf(o.Search.Channels, "fifo:%d", &a.Capacity)
	abstraction, err := verify.Abstract(r.System)
	if err != nil {
		return nil, usagef("%s cannot be exported: %v", r.File.Name, err)
	}
	if abstraction.Unranked != "" {
		return nil, usagef("%s cannot be exported: %s", r.File.Name, abstraction.Unranked)
	}
	files, err := export.Export(r.System, target, export.Options{
		Source: r.Source(), Capacity: a.Capacity, Functions: abstraction.Functions, OneOrder: abstraction.OneOrder, Epoch: (*export.Epoch)(abstraction.Epoch),
	})
	if err != nil {
		return nil, usagef("%s cannot be exported: %v", r.File.Name, err)
	}
	s := &staging{}
	defer s.abandon()
	for _, f := range files {
		changed, err := s.add(filepath.Join(dir, f.Name), f.Data, ours)
		if err != nil {
			return nil, usage(dir, err)
		}
		a.Files = append(a.Files, f.Name)
		if changed {
			a.Written = append(a.Written, f.Name)
		}
	}
	if err := s.commit(); err != nil {
		return nil, usage(dir, err)
	}
	return a, nil
}

// usage is the Usage of a directory that cannot be written to.
func usage(dir string, err error) error {
	if Status(err) == StatusUsage {
		return err
	}
	return usagef("%s cannot be written: %v", dir, err)
}

// ExportAnswer is the answer of `export` for programs.
type ExportAnswer struct {
	Version  int      `json:"version"`
	Protocol string   `json:"protocol"`
	To       string   `json:"to"`
	Capacity int      `json:"capacity"`
	Output   string   `json:"output"`
	Files    []string `json:"files"`
}

// JSON is the answer for programs.
func (a *Exported) JSON() ExportAnswer {
	return ExportAnswer{1, a.Name, a.Target, a.Capacity, a.Dir, a.Files}
}

// Print writes a line for every file.
func (a *Exported) Print(w io.Writer) error {
	b := &strings.Builder{}
	for _, f := range a.Files {
		what := "unchanged"
		if slices.Contains(a.Written, f) {
			what = "written"
		}
		fmt.Fprintf(b, "%-10s %s\n", what, filepath.Join(a.Dir, f))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
