package compile

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sprocketc/codegen"
	cgen "sprocketc/codegen/c"
	gogen "sprocketc/codegen/go"
	"sprocketc/diag"
	"sprocketc/ir"
)

// emitters by language, and the directory below the output directory in which their files stand.
var emitters = map[string]struct {
	emit func(codegen.Input) ([]codegen.File, error)
	dir  func(protocol string) string
}{
	"go": {gogen.Emit, func(protocol string) string { return "go/" + codegen.GoPackage(protocol) + "/" }},
	"c":  {cgen.Emit, func(string) string { return "c/" }},
}

// Languages that files can be emitted in.
func Languages() []string { return []string{"c", "go"} }

// Ports that a driver is written for, beside the POSIX one that stands beside all C code.
func Ports() []string { return []string{"baremetal"} }

// chosenLanguages are those that a command line names: "both" is all of them. The error is a Usage.
func chosenLanguages(names []string) ([]string, error) {
	var out []string
	for _, name := range names {
		list := []string{name}
		if name == "both" {
			list = Languages()
		}
		for _, l := range list {
			if _, known := emitters[l]; !known {
				return nil, usagef("nothing is emitted in %q: the languages are %s, or both", l, strings.Join(Languages(), ", "))
			}
			if !slices.Contains(out, l) {
				out = append(out, l)
			}
		}
	}
	if len(out) == 0 {
		return nil, usagef("--emit names no language: the languages are %s, or both", strings.Join(Languages(), ", "))
	}
	return out, nil
}

// emit makes the files of the peers that are wanted. Both Go peers of a program share a package; a file that both have
// must be the same.
func emit(r *Result, o Options) ([]codegen.File, error) {
	all := map[string][]byte{}
	in := r.Plan.Interface
	peers := []*ir.Peer{in.From, in.To}
	if o.Peer != "" {
		peers = slices.DeleteFunc(peers, func(p *ir.Peer) bool { return p.Name != o.Peer })
	}
	for _, peer := range peers {
		for _, language := range languages(peer, o) {
			e := emitters[language]
			files, err := e.emit(codegen.Input{Plan: r.Plan, System: r.System, Source: r.Source(), Peer: peer})
			if clash := new(codegen.NameError); errors.As(err, &clash) {
				return nil, r.clash(clash)
			}
			if err != nil {
				return nil, fmt.Errorf("%s of %s: %w", language, peer.Name, err)
			}
			for _, f := range files {
				name := e.dir(r.Program.Name) + f.Name
				if old, twice := all[name]; twice && !bytes.Equal(old, f.Data) {
					return nil, r.clash(&codegen.NameError{What: "both peers would have a file " + name})
				}
				all[name] = f.Data
			}
		}
	}
	for _, b := range besides {
		if !b.wanted(o) {
			continue
		}
		files, err := b.files(r, peers, o)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			name := emitters["c"].dir(r.Program.Name) + f.Name
			if _, twice := all[name]; twice {
				return nil, r.clash(&codegen.NameError{What: "a peer and " + b.what + " would have a file " + name})
			}
			all[name] = f.Data
		}
	}
	if o.Tests {
		files, err := randomTests(r, func(p *ir.Peer) bool { return slices.Contains(peers, p) && slices.Contains(languages(p, o), "go") })
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			name := emitters["go"].dir(r.Program.Name) + f.Name
			if _, twice := all[name]; twice {
				return nil, r.clash(&codegen.NameError{What: "a peer and the tests would have a file " + name})
			}
			all[name] = f.Data
		}
	}
	var out []codegen.File
	for name, data := range all {
		out = append(out, codegen.File{Name: name, Data: data})
	}
	slices.SortFunc(out, func(a, b codegen.File) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// randomTests are the tests of random runs, which stand beside the Go code of the peers that have some. The error is a Usage where none has.
func randomTests(r *Result, inGo func(*ir.Peer) bool) ([]codegen.File, error) {
	in := codegen.Input{Plan: r.Plan, System: r.System, Source: r.Source(), Peer: r.Plan.Interface.From}
	to := in
	to.Peer = r.Plan.Interface.To
	if !inGo(in.Peer) && !inGo(to.Peer) {
		return nil, usagef("%s: --tests writes tests of the Go code, and no peer is emitted in Go: it needs `emit go` at a peer, or --emit go", r.File.Name)
	}
	return gogen.EmitRandom(in, to, inGo)
}

// beside is a kind of files that a flag asks for beside the C code of each peer.
type beside struct {
	flag, is, what string
	wanted         func(Options) bool
	emit           func(codegen.Input) ([]codegen.File, error)
}

var besides = []beside{
	{"--prove-harness", "is", "a harness", func(o Options) bool { return o.Prove }, cgen.EmitProof},
	{"--port", "writes a driver", "a port", func(o Options) bool { return o.Port == "baremetal" }, cgen.EmitBaremetal},
}

// files of the peers. The error is a Usage where none of them is emitted in C.
func (b *beside) files(r *Result, peers []*ir.Peer, o Options) ([]codegen.File, error) {
	var out []codegen.File
	for _, peer := range peers {
		if !slices.Contains(languages(peer, o), "c") {
			continue
		}
		files, err := b.emit(codegen.Input{Plan: r.Plan, System: r.System, Source: r.Source(), Peer: peer})
		if err != nil {
			return nil, fmt.Errorf("%s of %s: %w", b.what, peer.Name, err)
		}
		out = append(out, files...)
	}
	if len(out) == 0 {
		return nil, usagef("%s: %s %s for C code, and no peer is emitted in C: it needs `emit c` at a peer, or --emit c", r.File.Name, b.flag, b.is)
	}
	return out, nil
}

// clash rejects a program whose names are one in a language.
func (r *Result) clash(err *codegen.NameError) error {
	r.Diagnostics = append(r.Diagnostics, diag.Diagnostic{Code: "name-collision", Message: err.What, Labels: []diag.Label{{Span: r.Plan.Interface.Clause.Span}},
		Notes: []string{"emitted code needs names of its own beside those of the program: rename one of the two"}})
	return ErrRejected
}

func languages(peer *ir.Peer, o Options) []string {
	if o.Languages != nil {
		return o.Languages
	}
	var out []string
	for _, e := range peer.Emit {
		out = append(out, e.Language)
	}
	return out
}
