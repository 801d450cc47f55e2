package compile

import (
	"fmt"
	"slices"

	"sprocketc/codegen"
	cgen "sprocketc/codegen/c"
	"sprocketc/conform"
	"sprocketc/ir"
)

// A Fuzzed is a peer in C with what a fuzzer needs: its files, of which the last is the target, which says how it is compiled; and
// inputs to begin with.
type Fuzzed struct {
	Peer  string
	Name  string // of the files
	Files []codegen.File
	Seeds [][]byte
}

// InC are the peers of a result that say `emit c`, as emitters take them.
func InC(r *Result) []codegen.Input {
	var out []codegen.Input
	for _, peer := range []*ir.Peer{r.Plan.Interface.From, r.Plan.Interface.To} {
		if slices.ContainsFunc(peer.Emit, func(e ir.Emit) bool { return e.Language == "c" }) {
			out = append(out, codegen.Input{Plan: r.Plan, System: r.System, Source: r.Source(), Peer: peer})
		}
	}
	return out
}

// FuzzC gives the fuzz target of a peer in C.
func FuzzC(in codegen.Input) (*Fuzzed, error) {
	out := &Fuzzed{Peer: in.Peer.Name, Name: codegen.CName(in.Plan.Program.Name, in.Peer.Name)}
	set, err := conform.Of(in)
	if err != nil {
		return nil, err
	}
	if out.Seeds, err = conform.Seeds(in, set); err != nil {
		return nil, err
	}
	if out.Files, err = cgen.Emit(in); err != nil {
		return nil, err
	}
	target, err := cgen.EmitFuzz(in)
	if err != nil {
		return nil, fmt.Errorf("the fuzz target of %s: %w", in.Peer.Name, err)
	}
	out.Files = append(out.Files, target)
	return out, nil
}

// A Replayed is a peer in C with its vectors: the harness that replays them, whose source is the last file.
type Replayed struct {
	Name    string
	Files   []codegen.File
	Vectors []conform.Vector
	Every   int // of the events every so many-th is a vector, see conform.Set
}

// ReplayC gives the harness and the vectors of a peer in C.
func ReplayC(in codegen.Input) (*Replayed, error) {
	set, err := conform.Of(in)
	if err != nil {
		return nil, err
	}
	files, err := cgen.EmitReplay(in)
	if err != nil {
		return nil, err
	}
	return &Replayed{Name: codegen.CName(in.Plan.Program.Name, in.Peer.Name), Files: files, Vectors: set.Vectors, Every: set.Every}, nil
}
