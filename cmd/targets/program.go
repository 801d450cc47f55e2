package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"sprocketc/codegen"
	"sprocketc/compile"
	"sprocketc/ir"
)

// program is one of the corpus, as compiled.
type program struct {
	name   string
	r      *compile.Result
	in     *ir.Interface
	callee string // prefix of all names of the callee in C: burn_fuse
}

// inExamples are the programs of corpus/accepted whose text is one of the examples.
var inExamples = []string{"soil"}

// load compiles a program up to its files. It is nil where its callee is not emitted in C, its caller not in Go, or a type
// of its calls is none of values.go.
func load(ctx context.Context, root, name string) (*program, error) {
	folder := "corpus/accepted"
	if slices.Contains(inExamples, name) {
		folder = "corpus/examples"
	}
	file, err := compile.ReadFile(filepath.Join(root, folder, name+".sprocket"), nil)
	if err != nil {
		return nil, err
	}
	// That they hold is what the tests of the corpus say.
	r, err := compile.Run(ctx, file, compile.Emit, compile.Options{Unproven: true, Port: "baremetal"})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	in := r.Plan.Interface
	emits := func(p *ir.Peer, language string) bool {
		return slices.ContainsFunc(p.Emit, func(e ir.Emit) bool { return e.Language == language })
	}
	if !emits(in.From, "go") || !emits(in.To, "c") {
		return nil, nil
	}
	for _, c := range in.Calls {
		if !answerable(c.Result) || slices.ContainsFunc(c.Params, func(f ir.Field) bool { return !number(f.Type) }) {
			return nil, nil
		}
	}
	return &program{name: r.Program.Name, r: r, in: in, callee: codegen.CName(r.Program.Name, in.To.Name)}, nil
}

func (p *program) serial() bool { return p.in.Channel.Over == "serial" }

// once reports whether a call of the program runs exactly once.
func (p *program) once() bool {
	return slices.ContainsFunc(p.in.Calls, func(c *ir.Call) bool { return c.Kind == ir.ExactlyOnce })
}

// has reports whether the callee's header asks for a function of the port.
func (p *program) has(function string) bool {
	return strings.Contains(p.text("c/"+p.callee+".h"), p.callee+"_"+function+"(")
}

func (p *program) text(file string) string {
	for _, f := range p.r.Files {
		if f.Name == file {
			return string(f.Data)
		}
	}
	return ""
}
