package conform

import (
	"fmt"
	"path"
	"strings"

	"sprocketc/codegen"
	"sprocketc/fsm"
	"sprocketc/ir"
)

// Files gives everything that a replay needs, to be run where no compiler of programs is: for each peer its vectors
// (PEER/vectors.txt) and the lines that are expected (PEER/expected.txt); what is emitted (PEER/emitted), and the
// harnesses, which contain the same cores (PEER/go, PEER/c); and a Makefile whose first target builds and runs them all and compares. The order is fixed, and the
// same plan gives the same bytes.
func Files(p *ir.Plan, sys *fsm.System) ([]codegen.File, error) {
	var out []codegen.File
	var peers []string
	var rules strings.Builder
	for _, in := range requests(p, sys) {
		set, err := Of(in)
		if err != nil {
			return nil, err
		}
		dir := codegen.CName(in.Peer.Name)
		peers = append(peers, dir)
		var lines, expected strings.Builder
		for _, v := range set.Vectors {
			lines.WriteString(v.In + "\n")
			expected.WriteString(v.Want + "\n")
		}
		out = append(out, codegen.File{Name: dir + "/vectors.txt", Data: []byte(lines.String())},
			codegen.File{Name: dir + "/expected.txt", Data: []byte(expected.String())},
			codegen.File{Name: dir + "/go/go.mod", Data: goModule.Data})
		for _, language := range Languages {
			sources, err := emit(in, language)
			if err != nil {
				return nil, fmt.Errorf("%s in %s: %w", in.Peer.Name, language, err)
			}
			for _, f := range sources {
				f.Name = path.Join(dir, "emitted", language, f.Name)
				out = append(out, f)
			}
			files, err := harness(in, language)
			if err != nil {
				return nil, fmt.Errorf("%s in %s: %w", in.Peer.Name, language, err)
			}
			var names []string
			for _, f := range files {
				f.Name = path.Join(dir, language, f.Name)
				names = append(names, f.Name)
				out = append(out, f)
			}
			rules.WriteString(rule(dir, language, files, names))
		}
	}
	out = append(out, codegen.File{Name: "Makefile", Data: []byte(makefile(peers, rules.String()))})
	return out, nil
}

// rule builds and runs one harness.
func rule(dir, language string, files []codegen.File, names []string) string {
	program := fmt.Sprintf("%s/replay-%s", dir, language)
	build := fmt.Sprintf("$(CC) $(CFLAGS) -o $@ %s/c/%s", dir, cSource(files))
	if language == "go" {
		build = fmt.Sprintf("cd %s/go && GOWORK=off $(GO) build -o ../replay-go ./%s", dir, goPackage(files))
	}
	return fmt.Sprintf("\n%[1]s: %[2]s\n\t%[3]s\n\n%[4]s-%[5]s: %[1]s\n\t%[1]s < %[4]s/vectors.txt > %[4]s/answers-%[5]s.txt\n\tcmp %[4]s/expected.txt %[4]s/answers-%[5]s.txt\n",
		program, strings.Join(names, " "), build, dir, language)
}

func makefile(peers []string, rules string) string {
	var targets, rubbish []string
	for _, p := range peers {
		for _, l := range Languages {
			targets = append(targets, p+"-"+l)
			rubbish = append(rubbish, p+"/replay-"+l, p+"/answers-"+l+".txt")
		}
	}
	return `# Builds the emitted peers and holds them against the machines: each answers a line for each line of vectors.txt,
# and every answer must be that of expected.txt.
CC = cc
CFLAGS = ` + strings.Join(cFlags, " ") + `
GO = go

all: ` + strings.Join(targets, " ") + `
	@echo "all lines agree"
` + rules + `
clean:
	rm -f ` + strings.Join(rubbish, " ") + `

.PHONY: all clean ` + strings.Join(targets, " ") + "\n"
}

// Write puts Files below a directory, which is made where it is missing.
func Write(dir string, p *ir.Plan, sys *fsm.System) error {
	files, err := Files(p, sys)
	if err != nil {
		return err
	}
	return writeFiles(dir, files)
}
