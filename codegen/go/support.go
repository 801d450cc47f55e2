package gogen

import (
	"bytes"
	"embed"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"regexp"
	"strings"

	"sprocketc/codegen"
)

//go:embed support/*.go
var supportFiles embed.FS

// withoutSerial are the lines that only a program over a serial line has.
var withoutSerial = regexp.MustCompile(`(?m)^.*// serial: .*\n`)

// support copies a file of the support package into the emitted one.
func (g *gen) support(name string) {
	if g.err != nil {
		return
	}
	b, err := supportFiles.ReadFile("support/" + name)
	if err != nil {
		g.fail("%w", err)
		return
	}
	if !g.serial() {
		var err error
		if b, err = format.Source(withoutSerial.ReplaceAll(b, nil)); err != nil {
			g.fail("%s: %w", name, err)
		}
	}
	b = bytes.Replace(b, []byte("package support"), []byte("package "+g.pkg), 1)
	b = append([]byte("// "+g.header()+"\n\n"), b...) // above a build constraint too
	g.files = append(g.files, codegen.File{Name: g.dir + name, Data: b})
}

// supportNames are the names that the support files declare at top level.
func supportNames() map[string]bool {
	names := map[string]bool{}
	entries, _ := supportFiles.ReadDir("support")
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		b, err := supportFiles.ReadFile("support/" + e.Name())
		if err != nil {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), e.Name(), b, parser.SkipObjectResolution)
		if err != nil {
			continue
		}
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil {
					names[d.Name.Name] = true
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					switch s := s.(type) {
					case *ast.TypeSpec:
						names[s.Name.Name] = true
					case *ast.ValueSpec:
						for _, n := range s.Names {
							names[n.Name] = true
						}
					}
				}
			}
		}
	}
	return names
}
