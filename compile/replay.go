package compile

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"slices"

	"sprocketc/codegen"
	"sprocketc/conform"
)

// Conformity is the answer of `conform`: what was replayed, or what was written.
type Conformity struct {
	r       *Result
	report  *conform.Report
	dir     string
	written *Written
}

// Conform replays the vectors of both peers through their emitted code in some languages, or in all where none is named;
// with a directory it writes the vectors and the harness there instead. The result must have a plan and machines. Code
// that answers otherwise than the machines is a Defect, and there is an answer all the same.
func Conform(ctx context.Context, r *Result, dir string, languages []string) (*Conformity, error) {
	if r.Plan == nil {
		return nil, usagef("%s holds machines: nothing is emitted for them", r.File.Name)
	}
	var err error
	if languages == nil {
		languages = conform.Languages
	} else if languages, err = chosenLanguages(languages); err != nil {
		return nil, err
	}
	for _, l := range languages {
		if tool := conform.Compilers[l]; dir == "" {
			if _, err := exec.LookPath(tool); err != nil {
				return nil, usagef("%s is not on the path, and what is emitted is compiled with it; -o DIR writes the vectors and a harness without", tool)
			}
		}
	}
	out := &Conformity{r: r, dir: dir}
	err = Guard("conform", r.File.Name, func() (err error) {
		if dir != "" {
			var files []codegen.File
			if files, err = conform.Files(r.Plan, r.System); err == nil {
				out.written, err = writeAll(dir, files)
			}
			return err
		}
		out.report, err = conform.Run(ctx, r.Plan, r.System, languages)
		return err
	})
	if err != nil {
		return nil, err
	}
	if out.report != nil && !out.report.Holds() {
		return out, &Defect{Phase: "conform", File: r.File.Name, Cause: "the emitted code does not answer as the machines do"}
	}
	return out, nil
}

// ConformAnswer is the answer of `conform` for programs.
type ConformAnswer struct {
	Version  int           `json:"version"`
	Protocol string        `json:"protocol"`
	Verdict  string        `json:"verdict"` // "conforms", "differs", "written"
	Peers    []ConformPeer `json:"peers"`
	Written  []string      `json:"written"`
}

// ConformPeer is what was replayed of a peer.
type ConformPeer struct {
	Peer    string          `json:"peer"`
	States  int             `json:"local_states"`
	Vectors int             `json:"vectors"`
	Every   int             `json:"every"` // of the events in these states every so many-th is a vector; 1: all are
	Results []ConformResult `json:"results"`
}

// ConformResult is what one language answered.
type ConformResult struct {
	Language   string `json:"language"`
	Mismatches int    `json:"mismatches"`
}

// JSON is the answer for programs.
func (c *Conformity) JSON() ConformAnswer {
	out := ConformAnswer{Version: 1, Protocol: c.r.Name(), Verdict: "written", Peers: []ConformPeer{}, Written: []string{}}
	if c.written != nil {
		out.Written = append(append(out.Written, c.written.Written...), c.written.Unchanged...)
		slices.Sort(out.Written)
		return out
	}
	out.Verdict = "conforms"
	if !c.report.Holds() {
		out.Verdict = "differs"
	}
	for _, p := range c.report.Peers {
		x := ConformPeer{p.Peer, p.Locals, p.Vectors, p.Every, []ConformResult{}}
		for _, l := range p.Results {
			x.Results = append(x.Results, ConformResult{l.Language, l.Mismatches})
		}
		out.Peers = append(out.Peers, x)
	}
	return out
}

// Print writes the answer for people.
func (c *Conformity) Print(w io.Writer) error {
	if c.written != nil {
		_, err := fmt.Fprintf(w, "written      %s   %s, %s unchanged; `make` there replays them\n", c.dir, Plural(len(c.written.Written), "file"), Count(len(c.written.Unchanged)))
		return err
	}
	return c.report.Write(w)
}

// writeAll puts files into a directory, whole or not at all.
func writeAll(dir string, files []codegen.File) (*Written, error) {
	return writeOver(dir, files, nil)
}

// writeOver is writeAll where a file in the way that replaceable does not accept is an error.
func writeOver(dir string, files []codegen.File, replaceable func([]byte) bool) (*Written, error) {
	s := &staging{}
	defer s.abandon()
	out := &Written{}
	for _, f := range files {
		changed, err := s.add(place(dir, f.Name), f.Data, replaceable)
		if err != nil {
			return nil, usagef("%s cannot be written: %v", dir, err)
		}
		if changed {
			out.Written = append(out.Written, f.Name)
		} else {
			out.Unchanged = append(out.Unchanged, f.Name)
		}
	}
	if err := s.commit(); err != nil {
		return nil, usagef("%s cannot be written: %v", dir, err)
	}
	return out, nil
}
